/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * simulated-nat.h - one router as Linux conntrack behaves, without packets or time.
 *
 * init(), then pass each segment through out() or in(), which rewrite its address.
 * Mapping is endpoint-independent, or every flow has an outside port of its own: the next
 * one, or any. A flow follows the first initial sequence number of each side once both
 * have spoken: that is the trap of a second socket on the same ports, which test routers
 * in user space usually lack.
 *
 * It knows no windows and forgets no flow; a punch is shorter than its timers.
 *
 * Source: Linux net/netfilter/nf_conntrack_proto_tcp.c, states SYN_SENT and SYN_SENT2;
 * RFC 5382 section 4.
 */
#pragma once

#include "proto/endpoint.h"

#include <glib.h>

typedef enum
{
  SIMULATED_OPEN,            /* no router */
  SIMULATED_FIREWALL,        /* no mapping; filters by address and port */
  SIMULATED_FULL_CONE,       /* mapping; filters nothing */
  SIMULATED_PORT_RESTRICTED, /* mapping; filters by address and port */
  SIMULATED_STEPPING,        /* every flow the next port; filters the same */
  SIMULATED_RANDOM,          /* every flow a random port; filters the same */
} SimulatedNatKind;

typedef enum
{
  SIMULATED_SYN,
  SIMULATED_SYN_ACK,
  SIMULATED_ACK, /* or data */
  SIMULATED_RST,
} SimulatedSegmentKind;

typedef struct
{
  SimulatedSegmentKind kind;
  KhEndpoint from;
  KhEndpoint to;
  guint32 isn;  /* initial sequence number of the sender */
  guint32 peer; /* that of the receiver, where the segment acknowledges one */
  guint data;   /* 0 for none */
} SimulatedSegment;

typedef enum
{
  SIMULATED_PASS,
  SIMULATED_DROP,
  SIMULATED_REJECT, /* drop, and answer with a RST */
} SimulatedVerdict;

typedef struct
{
  KhEndpoint inside;
  KhEndpoint outside; /* the remote end */
  guint16 port;       /* of the router, where every flow has its own */
  gboolean known[2];  /* has sent: the inside, the outside */
  guint32 isn[2];
} SimulatedFlow;

/* Read any field; change them only through the functions below. */
typedef struct
{
  SimulatedNatKind kind;
  gboolean rejects;  /* an uninvited SYN: RST in place of silence */
  KhEndpoint host;   /* the one computer behind it; port 0 */
  KhEndpoint wan;    /* port 0 */
  guint16 last_port; /* that was given to a flow */
  GRand *random;
  GArray *flows;
  guint n_invalid;
} SimulatedNat;

/* @seed chooses the ports of flows. */
void simulated_nat_init (SimulatedNat *self, SimulatedNatKind kind, gboolean rejects,
                         const KhEndpoint *host, const KhEndpoint *wan, guint32 seed);
void simulated_nat_clear (SimulatedNat *self);

/* Where @remote sees a port of the host; where every flow has a port of its own there
 * must be one. */
KhEndpoint simulated_nat_public (const SimulatedNat *self, guint16 port,
                                 const KhEndpoint *remote);

SimulatedVerdict simulated_nat_out (SimulatedNat *self, SimulatedSegment *segment);
SimulatedVerdict simulated_nat_in (SimulatedNat *self, SimulatedSegment *segment);
