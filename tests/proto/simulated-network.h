/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * simulated-network.h - two sides that punch, with a network between them.
 *
 * Fill in a SimulatedScenario, run() it, read what became of it, clear() it. Side 0
 * calls side 1. Each side is a KhPunch, sockets that behave like Linux's, and a router
 * (simulated-nat.h). The server observes and relays; it never blocks and loses nothing,
 * but a lost segment on the way there costs time.
 *
 * Same scenario and seed, same result. Times are microseconds from the call.
 */
#pragma once

#include "proto/punch.h"
#include "simulated-nat.h"

typedef struct
{
  SimulatedNatKind nat[2];
  gboolean rejects[2];
  gint64 delay_us;       /* one way, peer to peer, by the server too */
  gint64 skew_us;        /* GO arrives so much later than the caller thinks */
  guint loss_percent;    /* on each access link and way */
  gboolean no_assist[2]; /* the assist port is out of this side's reach */
  gboolean no_path;      /* nothing goes from peer to peer */
  gboolean many;         /* random ports may be sprayed */
} SimulatedScenario;

typedef enum
{
  SIMULATED_SYN_SENT,
  SIMULATED_SYN_RECEIVED,
  SIMULATED_UP,
} SimulatedSocketState;

/* A connection; listeners are the ports of a side. */
typedef struct
{
  guint serial; /* 0: not in use */
  guint pair;   /* or KH_PUNCH_NO_PAIR: of the spray, or whoever came */
  guint number; /* of the spray */
  SimulatedSocketState state;
  gboolean dialled; /* by connect(), not by accept() */
  KhEndpoint local;
  KhEndpoint remote;
  guint32 isn;
  guint32 peer_isn;
  gboolean authenticated;
  gboolean nominated;
} SimulatedSocket;

/* All dials of a spray, and some. */
#define SIMULATED_SOCKETS (KH_SPRAY_MAX_DIALS + 100)

typedef struct
{
  gboolean started;
  KhPunch punch;
  SimulatedNat nat;
  guint16 ports[KH_PUNCH_PORTS_V4]; /* 0: closed */
  SimulatedSocket sockets[SIMULATED_SOCKETS];
  guint round_at_server;
  gint64 up_arrived_us; /* the main connection keeps its order */
  gint64 down_arrived_us;
  gint64 up_us; /* first connection that stood; KH_NEVER for none */
  gint64 over_us;
} SimulatedSide;

typedef struct
{
  SimulatedScenario scenario;
  SimulatedSide sides[2];
  GRand *random;
  GSequence *events;
  gint64 now_us;
  gint64 go_us;       /* the caller's first; KH_NEVER for none */
  gint64 accepted_us; /* at the server */
  guint n_events;
  guint n_serials;
  guint16 n_ports;
} SimulatedNetwork;

void simulated_network_run (SimulatedNetwork *self, const SimulatedScenario *scenario,
                            guint32 seed);
void simulated_network_clear (SimulatedNetwork *self);

gboolean simulated_network_met (const SimulatedNetwork *self);
