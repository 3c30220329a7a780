/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * punch.h - the plan of one punch: what to dial from where, and when.
 *
 * One side of a call. start() when the call is made (caller) or accepted
 * (callee), accepted() at the caller once the callee has agreed; then feed in
 * what the server says (observed, endpoint, go, peer_round) and what became of
 * each socket, and after every call carry out next_action() until it says
 * KH_PUNCH_NOTHING. Call tick() at deadline(). All sockets of one pair share
 * one local port, fresh in every round.
 *
 * A connection that comes up proves nothing until its handshake is done: say
 * up(), then either down() or, at the caller, nominate() and confirmed(). The
 * callee says confirmed() when it has read the nomination.
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

#include <stdbool.h>
#include <stdint.h>

#ifndef KH_NEVER
#define KH_NEVER INT64_MAX
#endif

/* Port pairs tried side by side: under loss the second or third wins where the
 * first waits a second for the kernel's retransmission. */
#define KH_PUNCH_PAIRS 3
#define KH_PUNCH_STAGGER_US INT64_C (100000)

/* First tries decide; many rounds add little. */
#define KH_PUNCH_ROUNDS 3
#define KH_PUNCH_FIRST_ROUND_US INT64_C (3000000)
#define KH_PUNCH_LATER_ROUND_US INT64_C (2500000)
#define KH_PUNCH_TOTAL_US INT64_C (10000000)

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
  KH_PUNCH_OPEN,       /* pair: bind a fresh port, listen, dial assist from it */
  KH_PUNCH_SEND_GO,    /* round */
  KH_PUNCH_SEND_ROUND, /* round */
  KH_PUNCH_CONNECT,    /* pair: a new socket on its port, to endpoint; report dialled() */
  KH_PUNCH_CLOSE,      /* every socket of the round before; after a failure, of all */
} KhPunchActionKind;

typedef struct
{
  KhPunchActionKind kind;
  unsigned pair;
  unsigned round;
  KhEndpoint endpoint;
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
  KhEndpoint own; /* family 0 until the server has told it */
  KhEndpoint peer;
  KhPairState state;
  bool to_open;
  int64_t retry_at_us;
  int64_t taken_since_us; /* KH_NEVER while it is not */
  unsigned n_refused;
  unsigned n_strangers;
} KhPunchPair;

/* Read any field; change them only through the functions below. */
typedef struct
{
  bool caller;
  KhPunchState state;
  KhPunchFailure failure;
  unsigned round; /* from 1 */
  KhPunchPair pairs[KH_PUNCH_PAIRS];
  int64_t rtt_us;      /* relayed, to the peer and back */
  int64_t total_at_us; /* KH_NEVER until accepted */
  int64_t gather_at_us;
  int64_t start_at_us; /* KH_NEVER until GO */
  int64_t round_at_us; /* end of the round */
  bool nominated;
  unsigned n_up; /* connections that are authenticating or nominated */
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

void kh_punch_start (KhPunch *self, int64_t now_us, bool caller);

/* Both have agreed: the ten seconds begin. The callee calls it right after
 * start(). @rtt_us is the relayed round trip; only the caller uses it. */
void kh_punch_accepted (KhPunch *self, int64_t now_us, int64_t rtt_us);

void kh_punch_observed (KhPunch *self, int64_t now_us, unsigned round, unsigned pair,
                        const KhEndpoint *own);
void kh_punch_endpoint (KhPunch *self, int64_t now_us, unsigned round, unsigned pair,
                        const KhEndpoint *peer);
void kh_punch_go (KhPunch *self, int64_t now_us, unsigned round);
void kh_punch_peer_round (KhPunch *self, int64_t now_us, unsigned round);

/* The pair's port could not be opened at all (no descriptor, no free port). */
void kh_punch_not_opened (KhPunch *self, unsigned pair);

/* The outcome of the pair's one current dial, of this round. */
void kh_punch_dialled (KhPunch *self, int64_t now_us, unsigned pair, KhDialResult result);

/* A connection of this round began to authenticate, whoever dialled. */
void kh_punch_up (KhPunch *self, unsigned pair);

/* It ended before it was confirmed. @stranger: it failed to authenticate. */
void kh_punch_down (KhPunch *self, int64_t now_us, unsigned pair, bool stranger);

/* The caller asks for each authenticated connection; true for the one to nominate. */
bool kh_punch_nominate (KhPunch *self);

/* The nominated connection ended before the peer confirmed it: also say down(). */
void kh_punch_nominee_lost (KhPunch *self);

/* The one connection that counts stands. Final. */
void kh_punch_confirmed (KhPunch *self);

/* What an attempt that ended now would have failed of. */
KhPunchFailure kh_punch_reason (const KhPunch *self);

void kh_punch_tick (KhPunch *self, int64_t now_us);
int64_t kh_punch_deadline (const KhPunch *self);

/* False and KH_PUNCH_NOTHING when there is nothing to do now. */
bool kh_punch_next_action (KhPunch *self, int64_t now_us, KhPunchAction *action);
