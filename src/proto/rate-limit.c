/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/rate-limit.h"

#include <sodium.h>
#include <string.h>

KhRateLimit
kh_rate_limit_new (uint32_t count, int64_t period_us, uint32_t burst)
{
  KhRateLimit self = { .interval_us = period_us, .burst = burst };

  if (count > 0)
    self.interval_us = period_us / count;
  else
    self.burst = 0;
  return self;
}

int64_t
kh_rate_limit_wait (const KhRateBucket *bucket, const KhRateLimit *limit, int64_t now_us)
{
  int64_t at_us;

  if (limit->burst == 0)
    return INT64_MAX;
  at_us = bucket->full_at_us - ((int64_t)limit->burst - 1) * limit->interval_us;
  return at_us > now_us ? at_us - now_us : 0;
}

bool
kh_rate_limit_take (KhRateBucket *bucket, const KhRateLimit *limit, int64_t now_us)
{
  int64_t full_at_us = bucket->full_at_us > now_us ? bucket->full_at_us : now_us;

  if (kh_rate_limit_wait (bucket, limit, now_us) > 0)
    return false;
  bucket->full_at_us = full_at_us + limit->interval_us;
  return true;
}

uint64_t
kh_rate_limit_network (const KhEndpoint *endpoint)
{
  /* 0:ffff:: is in no /64 that anybody has, so IPv4 can't be mistaken for one. */
  uint64_t network = endpoint->family == 4 ? UINT64_C (0xffff) : 0;
  size_t len = endpoint->family == 4 ? 4 : 8;

  for (size_t i = 0; i < len; i++)
    network = network << 8 | endpoint->address[i];
  return network;
}

void
kh_rate_limit_table_init (KhRateTable *self, KhRateSlot *slots, size_t n_slots,
                          const KhRateLimit *limit,
                          const uint8_t key[KH_RATE_LIMIT_KEY_LEN])
{
  *self = (KhRateTable){ .slots = slots,
                         .n_sets = n_slots / KH_RATE_LIMIT_WAYS,
                         .limit = *limit };
  memcpy (self->key, key, sizeof self->key);
}

static KhRateSlot *
find_set (const KhRateTable *self, uint64_t network)
{
  uint8_t hash[crypto_shorthash_BYTES];
  uint64_t number;

  crypto_shorthash (hash, (const uint8_t *)&network, sizeof network, self->key);
  memcpy (&number, hash, sizeof number);
  return self->slots + number % self->n_sets * KH_RATE_LIMIT_WAYS;
}

static bool
is_of (const KhRateSlot *slot, uint64_t network)
{
  return slot->network == network && slot->bucket.full_at_us != 0;
}

static uint64_t
hash_topic (const KhRateTable *self, const uint8_t *topic, size_t len)
{
  uint8_t hash[crypto_shorthash_BYTES];
  uint64_t number;

  if (topic == NULL)
    return 0;
  crypto_shorthash (hash, topic, len, self->key);
  memcpy (&number, hash, sizeof number);
  return number;
}

static bool
take_of_slot (KhRateSlot *slot, const KhRateLimit *limit, uint64_t topic, int64_t now_us)
{
  for (size_t i = 0; topic != 0 && i < KH_RATE_LIMIT_TOPICS; i++)
    if (slot->topics[i] == topic)
      return true;
  if (!kh_rate_limit_take (&slot->bucket, limit, now_us))
    return false;
  slot->topics[slot->next_topic++ % KH_RATE_LIMIT_TOPICS] = topic;
  return true;
}

bool
kh_rate_limit_table_take (KhRateTable *self, const KhEndpoint *endpoint,
                          const uint8_t *topic, size_t topic_len, int64_t now_us)
{
  uint64_t network = kh_rate_limit_network (endpoint);
  uint64_t number = hash_topic (self, topic, topic_len);
  KhRateSlot *set = find_set (self, network);
  KhRateSlot *slot = set;

  for (size_t i = 0; i < KH_RATE_LIMIT_WAYS; i++)
    {
      if (is_of (&set[i], network))
        return take_of_slot (&set[i], &self->limit, number, now_us);
      if (set[i].bucket.full_at_us < slot->bucket.full_at_us)
        slot = &set[i];
    }
  *slot = (KhRateSlot){ .network = network };
  return take_of_slot (slot, &self->limit, number, now_us);
}

int64_t
kh_rate_limit_table_wait (const KhRateTable *self, const KhEndpoint *endpoint,
                          int64_t now_us)
{
  uint64_t network = kh_rate_limit_network (endpoint);
  const KhRateSlot *set = find_set (self, network);
  const KhRateBucket fresh = { 0 };

  for (size_t i = 0; i < KH_RATE_LIMIT_WAYS; i++)
    if (is_of (&set[i], network))
      return kh_rate_limit_wait (&set[i].bucket, &self->limit, now_us);
  return kh_rate_limit_wait (&fresh, &self->limit, now_us);
}
