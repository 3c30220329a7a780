/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * punch.h - the plan of one punch: what to dial from where, and when.
 *
 * One side of a call. start() when the call is made (caller) or accepted
 * (callee), accepted() at the caller once the callee has agreed; then feed in
 * what the server and the peer say (observed, endpoint, lan, go, peer_round) and
 * what became of each socket, and after every call carry out next_action() until it
 * says KH_PUNCH_NOTHING. Call tick() at deadline(). Local ports are fresh in every
 * round, and all sockets of one share it. A pair is one of these ports and one endpoint
 * of the peer; where routers give every connection another port, a spray of many dials
 * comes to the pairs (spray.h).
 *
 * A connection that comes up proves nothing until its handshake is done: say up(), then
 * down() or, at the caller, authenticated(): the plan says when to nominate, so that a
 * better kind of path has a moment to come up. Both sides say confirmed() in the end. The
 * relay is dialled when the plan says so and stands beside all rounds.
 *
 * No sockets here, no keys, no clock. Times are microseconds on the caller's
 * monotonic clock.
 *
 * Source: src/PROTOCOL.md sections 2.3 and 4; Ford, Srisuresh, Kegel,
 * "Peer-to-Peer Communication Across Network Address Translators" (2005),
 * section 4; RFC 5382 section 4.3 (simultaneous open).
 */
#pragma once

#include "proto/endpoint.h"
#include "proto/messages.h"
#include "proto/path-kind.h"
#include "proto/spray.h"

#include <stdbool.h>
#include <stdint.h>

#ifndef KH_NEVER
#define KH_NEVER INT64_MAX
#endif

/* Local ports of a round. Under loss the second or third wins where the first waits a
 * second for the kernel's retransmission. */
#define KH_PUNCH_PORTS_V4 3
#define KH_PUNCH_PORT_V6 3
#define KH_PUNCH_PORTS 4
#define KH_PUNCH_STAGGER_US INT64_C (100000)

/* What the server calls the endpoints of a side: those of its ports, the first port once
 * more as another place sees it, and one that is open from outside. */
#define KH_PUNCH_SEEN_AGAIN KH_CALL_INDEX_AGAIN
#define KH_PUNCH_SEEN_MAPPED KH_CALL_INDEX_MAPPED

/* Pairs: port i and the peer's port i as the server sees it, of IPv4 and of IPv6; and
 * the first port with the peer's mapped port and with addresses of its own network. */
#define KH_PUNCH_PAIR_MAPPED 4
#define KH_PUNCH_PAIR_LAN 5
#define KH_PUNCH_LAN_MAX 4
#define KH_PUNCH_PAIRS (KH_PUNCH_PAIR_LAN + KH_PUNCH_LAN_MAX)

/* Dials of a spray, and connections of others, belong to none of these. */
#define KH_PUNCH_NO_PAIR KH_PUNCH_PAIRS
#define KH_PUNCH_NO_KIND (-1)

/* First tries decide; many rounds add little. */
#define KH_PUNCH_ROUNDS 3
#define KH_PUNCH_FIRST_ROUND_US INT64_C (3000000)
#define KH_PUNCH_LATER_ROUND_US INT64_C (2500000)
#define KH_PUNCH_TOTAL_US INT64_C (10000000)

/* With a spray of random ports, by round. */
#define KH_PUNCH_SPRAY_ROUNDS_US                                                         \
  {                                                                                      \
    INT64_C (5000000), INT64_C (4000000), INT64_C (3000000)                              \
  }
#define KH_PUNCH_SPRAY_TOTAL_US INT64_C (15000000)

/* Foretold ports are right at once or never: then they are better asked for anew. */
#define KH_PUNCH_FORETOLD_ROUND_US INT64_C (1200000)

/* Where the own ports may step, pairs wait so long for both forecasts: each dial would
 * take a port that the peer expects of the spray. */
#define KH_PUNCH_HOLD_US INT64_C (1500000)

/* So long the caller waits for a better kind of path that may be about to come up. */
#define KH_PUNCH_BETTER_US INT64_C (50000)

/* From the acceptance, where a direct path is possible. */
#define KH_PUNCH_RELAY_US INT64_C (2000000)

/* A longer round trip is somebody's delay; waiting for it would eat the round. */
#define KH_PUNCH_MAX_RTT_US INT64_C (1000000)

/* How long a round waits for the server's answers before the next one begins. */
#define KH_PUNCH_GATHER_US INT64_C (2000000)

/* A refusal has closed the hole, so the repeat is immediate; after so many on
 * one pair it waits a little, which bounds the work where the round trip is
 * shorter than a millisecond. */
#define KH_PUNCH_QUICK_REFUSALS 40
#define KH_PUNCH_REFUSAL_PAUSE_US INT64_C (20000)

/* The port pair is taken: an accept on it is on its way, or it is lost. */
#define KH_PUNCH_TAKEN_PAUSE_US INT64_C (50000)
#define KH_PUNCH_TAKEN_LIMIT_US INT64_C (1000000)

/* Strangers on one pair before it is given up for the round. */
#define KH_PUNCH_STRANGERS 3

/* A punch must never look like a flood. */
#define KH_PUNCH_MAX_SYNS 3000

/* How long one connection may take to authenticate. A round, and the whole, wait that
 * much longer while one does. */
#define KH_PUNCH_HANDSHAKE_US INT64_C (2000000)

typedef enum
{
  KH_PUNCH_NOTHING,
  KH_PUNCH_OPEN,       /* port: bind a fresh one, listen, dial assist from it; the first
                          one dials a second place of the server too, right after */
  KH_PUNCH_SEND_GO,    /* round */
  KH_PUNCH_SEND_ROUND, /* round */
  KH_PUNCH_CONNECT,    /* pair, port: a new socket on it, to endpoint; report dialled() */
  KH_PUNCH_SPRAY,      /* spray: one dial of it; report sprayed() */
  KH_PUNCH_RELAY,      /* dial the relay of the server */
  KH_PUNCH_NOMINATE,   /* the best connection that has authenticated; nominee_lost()
                          where there is none any more */
  KH_PUNCH_CLOSE,      /* every socket of the round before; after a failure, of all */
} KhPunchActionKind;

typedef struct
{
  KhPunchActionKind kind;
  unsigned port;
  unsigned pair;
  unsigned round;
  KhEndpoint endpoint;
  KhSprayDial spray;
} KhPunchAction;

/* What became of a connect(), at once or later. */
typedef enum
{
  KH_DIAL_PENDING,  /* SYN sent */
  KH_DIAL_UP,       /* the TCP connection stands */
  KH_DIAL_REFUSED,  /* RST or an ICMP error: try again */
  KH_DIAL_TAKEN,    /* the 4-tuple is in use */
  KH_DIAL_NO_ROUTE, /* this host has no way there */
} KhDialResult;

typedef enum
{
  KH_PUNCH_RUNNING,
  KH_PUNCH_WON,
  KH_PUNCH_FAILED,
} KhPunchState;

/* Why it failed, the most telling first. */
typedef enum
{
  KH_PUNCH_FAILURE_NONE,
  KH_PUNCH_STRANGER,          /* someone else answered at the peer's address */
  KH_PUNCH_NOT_OBSERVED,      /* our dials to the assist port did not arrive */
  KH_PUNCH_PEER_NOT_OBSERVED, /* the peer's did not */
  KH_PUNCH_NO_ROUTE,          /* this computer can't reach that kind of address */
  KH_PUNCH_REFUSED,           /* all dials were answered with a refusal */
  KH_PUNCH_SILENT,            /* nothing came back */
  KH_PUNCH_BOTH_SYMMETRIC,    /* neither router's ports can be known before */
} KhPunchFailure;

typedef enum
{
  KH_PAIR_WAITING, /* for endpoints, the start, or retry_at_us */
  KH_PAIR_DIALLING,
  KH_PAIR_UP,
  KH_PAIR_LOST, /* given up in this round */
} KhPairState;

typedef struct
{
  unsigned port;
  KhEndpoint peer; /* family 0: not known, or there is none */
  bool on_link;    /* of LAN: inside a network that this computer is in */
  KhPairState state;
  int64_t retry_at_us;
  int64_t taken_since_us; /* KH_NEVER while it is not */
  unsigned n_refused;
  unsigned n_strangers;
} KhPunchPair;

/* Where a side is seen; family 0: not known yet. */
typedef struct
{
  KhEndpoint ports[KH_PUNCH_PORTS];
  KhEndpoint again; /* the first port, from another place */
} KhPunchSeen;

/* What this side can do. */
typedef struct
{
  bool caller;
  bool ipv6;         /* there is an address, and an assist port to ask */
  bool many;         /* random ports may be sprayed */
  uint64_t seed;     /* random */
  KhEndpoint server; /* a mapped port may be at its address: a host of a meeting point */
} KhPunchSetup;

/* Read any field; change them only through the functions below. */
typedef struct
{
  KhPunchSetup setup;
  KhPunchState state;
  KhPunchFailure failure;
  unsigned round; /* from 1 */
  bool to_open[KH_PUNCH_PORTS];
  bool is_lost[KH_PUNCH_PORTS]; /* could not be opened */
  KhPunchSeen own;
  KhPunchSeen peer;
  KhPunchPair pairs[KH_PUNCH_PAIRS];
  KhSpray spray;
  bool has_sprayed;    /* in this round: it was decided on */
  int64_t rtt_us;      /* relayed, to the peer and back */
  int64_t began_at_us; /* KH_NEVER until accepted */
  int64_t total_at_us; /* KH_NEVER until accepted */
  int64_t gather_at_us;
  int64_t start_at_us; /* KH_NEVER until GO */
  int64_t round_at_us; /* end of the round */
  int64_t relay_at_us; /* KH_NEVER: not any more, or not at all */
  int64_t nominate_at_us;
  bool may_relay;
  bool is_hopeless; /* neither router's ports can be known before */
  int best;         /* KhPathKind of the connections that have authenticated */
  bool has_relay;   /* one of them is the relay, unless it ended meanwhile */
  bool nominated;
  unsigned n_up; /* connections that are authenticating or nominated, but the relay's */
  unsigned n_syns;
  bool to_close;
  bool to_send_round;
  bool to_send_go;
  /* What the whole attempt has seen, for the reason of a failure. */
  bool seen_own;
  bool seen_peer;
  bool seen_silence;
  bool seen_refusal;
  bool seen_stranger;
  bool seen_no_route;
} KhPunch;

void kh_punch_start (KhPunch *self, int64_t now_us, const KhPunchSetup *setup);

/* Both have agreed: the ten seconds begin. The callee calls it right after
 * start(). @rtt_us is the relayed round trip; only the caller uses it. @may_relay: both
 * people and the server allow it. */
void kh_punch_accepted (KhPunch *self, int64_t now_us, int64_t rtt_us, bool may_relay);

/* @index is one of the server's: below KH_PUNCH_PORTS, KH_PUNCH_SEEN_AGAIN or
 * KH_PUNCH_SEEN_MAPPED. */
void kh_punch_observed (KhPunch *self, int64_t now_us, unsigned round, unsigned index,
                        const KhEndpoint *own);
void kh_punch_endpoint (KhPunch *self, int64_t now_us, unsigned round, unsigned index,
                        const KhEndpoint *peer);

/* An address of the peer's own network, as the peer says. @on_link: it is in a private
 * network of this computer too. Others are dialled only if both are seen at one
 * address. At most KH_PUNCH_LAN_MAX count. */
void kh_punch_lan (KhPunch *self, unsigned round, const KhEndpoint *peer, bool on_link);
void kh_punch_go (KhPunch *self, int64_t now_us, unsigned round);
void kh_punch_peer_round (KhPunch *self, int64_t now_us, unsigned round);

/* The port could not be opened at all (no descriptor, no free port). */
void kh_punch_not_opened (KhPunch *self, unsigned port);

/* The outcome of the pair's one current dial, of this round. */
void kh_punch_dialled (KhPunch *self, int64_t now_us, unsigned pair, KhDialResult result);

/* The same of a dial of the spray. */
void kh_punch_sprayed (KhPunch *self, int64_t now_us, unsigned number,
                       KhDialResult result);

/* Which pair a connection is of that somebody made to one of the ports. */
unsigned kh_punch_find_pair (const KhPunch *self, unsigned port,
                             const KhEndpoint *remote);

/* What kind of path a connection of that pair is; of none: one that came to a port, or
 * of the spray. */
KhPathKind kh_punch_path_kind (const KhPunch *self, unsigned pair,
                               const KhEndpoint *remote);

/* A connection of this round began to authenticate, whoever dialled. */
void kh_punch_up (KhPunch *self, unsigned pair);

/* It ended before it was confirmed. @stranger: it failed to authenticate. */
void kh_punch_down (KhPunch *self, int64_t now_us, unsigned pair, bool stranger);

/* The caller: the peer has proved itself on a connection of that kind. */
void kh_punch_authenticated (KhPunch *self, int64_t now_us, KhPathKind kind);

/* The nominated connection ended before the peer confirmed it: also say down(), and
 * authenticated() for others that stand. */
void kh_punch_nominee_lost (KhPunch *self);

/* The one connection that counts stands. Final. */
void kh_punch_confirmed (KhPunch *self);

/* Whether the peer's endpoint of that pair, as the server tells it, may be dialled: a
 * server that lies must not make this computer dial its own network, a live service of a
 * host, or at a mapped port anybody but the peer or the server itself. */
bool kh_punch_is_credible (const KhPunch *self, unsigned pair);

/* What an attempt that ended now would have failed of. */
KhPunchFailure kh_punch_reason (const KhPunch *self);

/* How the routers were seen to give ports, in this round. */
KhForecast kh_punch_own_forecast (const KhPunch *self);
KhForecast kh_punch_peer_forecast (const KhPunch *self);

void kh_punch_tick (KhPunch *self, int64_t now_us);
int64_t kh_punch_deadline (const KhPunch *self);

/* False and KH_PUNCH_NOTHING when there is nothing to do now. */
bool kh_punch_next_action (KhPunch *self, int64_t now_us, KhPunchAction *action);
