/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * simulated-network-private.h - what the files of simulated-network share:
 * simulated-network.c (the server, time and what the plan asks for) and
 * simulated-sockets.c (TCP of both sides, and the way between them).
 */
#pragma once

#include "simulated-network.h"

typedef enum
{
  ACCEPTED,
  TOKEN_AT_SERVER,
  ROUND_AT_SERVER,
  GO_AT_SERVER,
  OBSERVED,
  ENDPOINT,
  GO,
  ROUND,
  SEGMENT,
  RESEND,
  TIMEOUT,
} SimulatedEventKind;

typedef struct
{
  gint64 at_us;
  guint order; /* of those at one time */
  SimulatedEventKind kind;
  guint side;
  guint round;
  guint index;  /* of an endpoint, as the server calls it */
  guint serial; /* of a socket */
  KhEndpoint endpoint;
  SimulatedSegment segment;
} SimulatedEvent;

/* simulated-network.c */
void simulated_post (SimulatedNetwork *self, gint64 at_us, SimulatedEvent event);
gboolean simulated_is_lost (SimulatedNetwork *self);
/* What losses cost a segment that is sent again until it arrives. */
gint64 simulated_stall_us (SimulatedNetwork *self, gint64 resend_us);
/* Local ports are never used twice. */
guint16 simulated_fresh_port (SimulatedNetwork *self);

/* simulated-sockets.c */
void simulated_dial_pair (SimulatedNetwork *self, guint who, const KhPunchAction *action);
void simulated_dial_spray (SimulatedNetwork *self, guint who,
                           const KhPunchAction *action);
void simulated_nominate (SimulatedNetwork *self, guint who);
void simulated_close_all (SimulatedNetwork *self, guint who,
                          const SimulatedSocket *except);
/* A segment has come to the router of that side. */
void simulated_arrive (SimulatedNetwork *self, const SimulatedEvent *event);
void simulated_resend (SimulatedNetwork *self, const SimulatedEvent *event);
void simulated_time_out (SimulatedNetwork *self, const SimulatedEvent *event);

/* What Linux does: one second between the first SYNs, 200 ms for data. */
#define SIMULATED_RESEND_SYN_US G_GINT64_CONSTANT (1000000)
#define SIMULATED_RESEND_DATA_US G_GINT64_CONSTANT (200000)

enum
{
  SIMULATED_CALLER,
  SIMULATED_CALLEE,
};
