/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/volume-limit.h"

#include <sodium.h>
#include <string.h>

void
kh_volume_limit_init (KhVolumeTable *self, KhVolumeSlot *slots, size_t n_slots,
                      uint64_t n_bytes_max, int64_t period_us,
                      const uint8_t key[KH_VOLUME_LIMIT_KEY_LEN])
{
  *self = (KhVolumeTable){ .slots = slots,
                           .n_sets = n_slots / KH_VOLUME_LIMIT_WAYS,
                           .n_bytes_max = n_bytes_max,
                           .period_us = period_us };
  memcpy (self->key, key, sizeof self->key);
}

static uint64_t
hash_who (const KhVolumeTable *self, const uint8_t *who, size_t who_len)
{
  uint8_t hash[crypto_shorthash_BYTES];
  uint64_t number;

  crypto_shorthash (hash, who, who_len, self->key);
  memcpy (&number, hash, sizeof number);
  return number;
}

/* What counts of a slot today. */
static uint64_t
count (const KhVolumeTable *self, const KhVolumeSlot *slot, int64_t now_us)
{
  return now_us - slot->began_at_us < self->period_us ? slot->n_bytes : 0;
}

void
kh_volume_limit_add (KhVolumeTable *self, const uint8_t *who, size_t who_len,
                     uint64_t n_bytes, int64_t now_us)
{
  uint64_t hash = hash_who (self, who, who_len);
  KhVolumeSlot *set = self->slots + hash % self->n_sets * KH_VOLUME_LIMIT_WAYS;
  KhVolumeSlot *slot = set;

  for (size_t i = 0; i < KH_VOLUME_LIMIT_WAYS; i++)
    {
      if (set[i].who == hash && count (self, &set[i], now_us) > 0)
        {
          set[i].n_bytes += n_bytes;
          return;
        }
      if (count (self, &set[i], now_us) < count (self, slot, now_us))
        slot = &set[i];
    }
  *slot = (KhVolumeSlot){ .who = hash, .n_bytes = n_bytes, .began_at_us = now_us };
}

bool
kh_volume_limit_is_used_up (const KhVolumeTable *self, const uint8_t *who, size_t who_len,
                            int64_t now_us)
{
  uint64_t hash = hash_who (self, who, who_len);
  const KhVolumeSlot *set = self->slots + hash % self->n_sets * KH_VOLUME_LIMIT_WAYS;

  for (size_t i = 0; i < KH_VOLUME_LIMIT_WAYS; i++)
    if (set[i].who == hash && count (self, &set[i], now_us) >= self->n_bytes_max)
      return true;
  return false;
}
