/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * spray.h - many dials side by side, where one router gives every connection another
 * port.
 *
 * begin() decides from both forecasts what this side does: dial from its first port to
 * many ports of the peer's address, from many fresh ports to the peer's first one, or
 * both. Where ports count up, 16 are foretold; where they are random, 1,024 targets meet
 * 256 ports: with n targets and m ports the chance is 1 - exp (-n m / 64512), here 98 %.
 * Then take next() while at() has come, and say refused() for each dial that is.
 *
 * A refusal has closed the hole at the router: that dial is made anew, towards another
 * random port where they are random. Counts what it dials; the caller bounds the whole.
 *
 * No sockets, no clock, no randomness: @seed chooses the random ports. Times are
 * microseconds on the caller's monotonic clock.
 *
 * Source: src/PROTOCOL.md section 4.1; Ford, Srisuresh, Kegel (2005) section 5.1 (port
 * prediction); the birthday problem.
 */
#pragma once

#include "proto/forecast.h"

#include <stdbool.h>
#include <stdint.h>

#ifndef KH_NEVER
#define KH_NEVER INT64_MAX
#endif

/* Random ports: carriers allow a subscriber few ports, so the small number is there. */
#define KH_SPRAY_TARGETS 1024
#define KH_SPRAY_PORTS 256

/* Ports that count up. The side that has them dials fewer: others' connections, and
 * refusals, take up some of those foretold. */
#define KH_SPRAY_FORETOLD 16
#define KH_SPRAY_STEPPING 8

/* Plain dials, which are far cheaper, get so long before random ports are sprayed. */
#define KH_SPRAY_HEAD_START_US INT64_C (250000)
#define KH_SPRAY_LONGEST_US INT64_C (4000000)

/* All targets must stand while the ports are tried, as a router that resets closes each
 * within a round trip: so this is quick. */
#define KH_SPRAY_BATCH_US INT64_C (2000)
#define KH_SPRAY_BATCHES 8

/* Of a round: the next ones are to have some left of KH_PUNCH_MAX_SYNS. */
#define KH_SPRAY_MAX_DIALS 1500
/* Of one foretold port. */
#define KH_SPRAY_MAX_REFUSALS 5

typedef enum
{
  KH_SPRAY_OFF,
  KH_SPRAY_TO_MANY,   /* from the first port to many of the peer's */
  KH_SPRAY_FROM_MANY, /* from fresh ports to the peer's first */
  KH_SPRAY_DIAGONAL,  /* each from a fresh port to another of the peer's */
} KhSprayKind;

typedef struct
{
  KhEndpoint peer;
  bool fresh; /* from a port of its own, not the first one */
  unsigned number;
} KhSprayDial;

/* Read any field; change them only through the functions below. */
typedef struct
{
  KhSprayKind kind;
  bool random;
  KhForecast ahead; /* of the peer's ports */
  KhEndpoint peer;
  int64_t begin_at_us;
  int64_t next_at_us;
  unsigned n;       /* side by side */
  unsigned n_begun; /* of those */
  unsigned n_again; /* refused, to be made anew */
  uint32_t again;   /* which, of those that are foretold */
  unsigned n_in_batch;
  unsigned n_dials; /* in all */
  uint8_t n_refused[KH_SPRAY_FORETOLD];
  /* The k-th random port is 1024 + (offset + k stride) modulo 64512. */
  uint32_t offset;
  uint32_t stride;
} KhSpray;

/* Whether two such routers can't meet at all. */
bool kh_spray_is_hopeless (const KhForecast *own, const KhForecast *peer);

/* @peer_first is where the peer's first port is seen. @many: random ports are sprayed
 * only if this is true. */
void kh_spray_begin (KhSpray *self, int64_t now_us, const KhForecast *own,
                     const KhForecast *peer, const KhEndpoint *peer_first, bool many,
                     uint64_t seed);

/* When there is something to dial; KH_NEVER. */
int64_t kh_spray_at (const KhSpray *self);
bool kh_spray_next (KhSpray *self, int64_t now_us, KhSprayDial *dial);
void kh_spray_refused (KhSpray *self, int64_t now_us, unsigned number);
