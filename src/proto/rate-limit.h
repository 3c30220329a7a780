/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * rate-limit.h - how often something may happen: for one thing, and for every
 * network that strangers come from.
 *
 * A KhRateLimit says "this many in that time, so many at once". A KhRateBucket,
 * all zero at first, remembers what was taken; take() says whether one more may
 * happen now, wait() when it may. A KhRateTable keeps a bucket for each network (an IPv4
 * address or an IPv6 /64) in a fixed number of slots; where a slot is needed the least
 * loaded of a small set is reused, so forgetting someone forgives the least.
 *
 * Times are microseconds on the caller's monotonic clock.
 * Source: the generic cell rate algorithm, ITU-T I.371: one number a bucket.
 */
#pragma once

#include "proto/endpoint.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KH_RATE_LIMIT_KEY_LEN 16
/* Slots in which one network may sit. */
#define KH_RATE_LIMIT_WAYS 4
/* What a network asked for of late and may ask for again: the few rooms that the
 * people behind one address are in. */
#define KH_RATE_LIMIT_TOPICS 4

typedef struct
{
  int64_t interval_us; /* one is given back */
  uint32_t burst;      /* at once, after a rest; 0: never */
} KhRateLimit;

/* Read any field; change them only through the functions below. */
typedef struct
{
  int64_t full_at_us; /* when all that was taken will have been given back */
} KhRateBucket;

typedef struct
{
  uint64_t network;
  KhRateBucket bucket;
  uint64_t topics[KH_RATE_LIMIT_TOPICS]; /* keyed hashes; 0: none */
  uint8_t next_topic;
} KhRateSlot;

typedef struct
{
  KhRateSlot *slots; /* the caller's */
  size_t n_sets;
  KhRateLimit limit;
  uint8_t key[KH_RATE_LIMIT_KEY_LEN];
} KhRateTable;

/* @count in @period_us, and up to @burst of them at once. */
KhRateLimit kh_rate_limit_new (uint32_t count, int64_t period_us, uint32_t burst);

/* Whether one more may happen now; if so it is counted. */
bool kh_rate_limit_take (KhRateBucket *bucket, const KhRateLimit *limit, int64_t now_us);

/* How long until take() says yes again: 0 now, INT64_MAX never. */
int64_t kh_rate_limit_wait (const KhRateBucket *bucket, const KhRateLimit *limit,
                            int64_t now_us);

/* What of an address makes it "the same place": an IPv4 address, an IPv6 /64. */
uint64_t kh_rate_limit_network (const KhEndpoint *endpoint);

/* @slots are zeroed, and @n_slots of them, a multiple of KH_RATE_LIMIT_WAYS. @key
 * is random, so that nobody can choose networks that share a set. */
void kh_rate_limit_table_init (KhRateTable *self, KhRateSlot *slots, size_t n_slots,
                               const KhRateLimit *limit,
                               const uint8_t key[KH_RATE_LIMIT_KEY_LEN]);

/* @topic of @topic_len bytes is what is asked for, or NULL: a network that was given
 * it of late gets it again without being counted. */
bool kh_rate_limit_table_take (KhRateTable *self, const KhEndpoint *endpoint,
                               const uint8_t *topic, size_t topic_len, int64_t now_us);

/* How long until take() without a topic says yes again. */
int64_t kh_rate_limit_table_wait (const KhRateTable *self, const KhEndpoint *endpoint,
                                  int64_t now_us);
