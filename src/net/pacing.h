/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * pacing.h - how fast a channel may send, so that no message waits in a router's queue.
 *
 * A file sent as fast as TCP likes fills the queue before the slowest link of the path,
 * and then loses packets there: whatever comes behind waits for both. So the bytes in
 * flight are kept near what the path itself holds: the rate at which they arrive, times
 * the shortest round trip and a little. With that little, the target, the line is never
 * idle, and the rate finds its way up when the path gets faster.
 *
 * init(); heard() with each round trip that was measured, the first before a file fills
 * the path; from time to time, at due_at_us or later, update() with what the system
 * knows. When that returns true, rate is what to tell the system.
 *
 * The system's own shortest round trip is of no use: a channel begins with a simultaneous
 * open, where the system takes the time from its SYN to the peer's for one, and that can
 * be any time at all. So is its smoothed one at first.
 *
 * Nothing is limited before a queue is seen, nor where limiting does not empty it: then
 * it is others who fill it, and who steps back would get nothing. Such a pause ends
 * after a while.
 *
 * Nothing here reads a clock or a socket. Times are microseconds on the caller's
 * monotonic clock, rates bytes a second.
 *
 * Source: src/PROTOCOL.md section 5. Cardwell and others, "BBR: congestion-based
 * congestion control" (the product and its measures); Arun and Balakrishnan, "Copa"
 * (when to step back no more).
 */
#pragma once

#include "net/socket.h"

#include <stdbool.h>
#include <stdint.h>

/* Of the shortest round trip: what may wait in a queue, within these bounds. Below the
 * first is what a busy computer or a radio link does by itself. */
#define KH_PACING_TARGET_SHARE 4
#define KH_PACING_TARGET_MIN_US INT64_C (5000)
#define KH_PACING_TARGET_MAX_US INT64_C (25000)

/* The rate is the highest of so many round trips: one that is disturbed does not count.
 */
#define KH_PACING_WINDOWS 4
#define KH_PACING_WINDOW_MIN_US INT64_C (10000)

/* Bytes: never less in flight than two packets, or the peer's system waits for the second
 * one before it acknowledges (RFC 1122 section 4.2.3.2). */
#define KH_PACING_FLIGHT_MIN UINT64_C (2896)

/* On a faster line a router's queue is short in time, and pacing has its cost. */
#define KH_PACING_RATE_MAX UINT64_C (125000000)

/* A queue of twice the target that stays for so many round trips is not ours: limiting
 * would have emptied it in three. Nor is a smaller one beyond the target by which the
 * rate has come down to this share of what it was: the way has become longer, and each
 * round trip would take the rate down again. A pause is long beside them, because who
 * looks whether the others have gone steps back meanwhile: beside another's cubic, a file
 * had two thirds of its share with 12 and 20 s, and all of it with these. */
#define KH_PACING_CROWDED_WINDOWS 8
#define KH_PACING_CROWDED_SHARE 2
#define KH_PACING_PAUSE_US INT64_C (30000000)

/* After so long without an update nothing is known any more. */
#define KH_PACING_FORGET_US INT64_C (2000000)

/* Read any field; change them only through the functions below. */
typedef struct
{
  uint64_t rate;     /* 0: as fast as the system likes */
  int64_t due_at_us; /* an update before it is not worth its cost */

  /* State */
  int64_t shortest_us; /* round trip; 0 while unknown */
  int64_t updated_at_us;
  int64_t pause_until_us;
  uint64_t best;      /* the highest rate since limiting began */
  unsigned n_crowded; /* windows in a row at whose end the queue was too long */
  int64_t window_at_us;
  KhSocketPath window; /* at its beginning */
  uint64_t rates[KH_PACING_WINDOWS];
  unsigned next_rate;
} KhPacing;

void kh_pacing_init (KhPacing *self);

void kh_pacing_heard (KhPacing *self, int64_t rtt_us);

/* Whether @rate is another one now. */
bool kh_pacing_update (KhPacing *self, int64_t now_us, const KhSocketPath *path);
