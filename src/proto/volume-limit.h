/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * volume-limit.h - how many bytes somebody may have in a day.
 *
 * Call add() with what was carried for whom; is_used_up() says whether that was all. A
 * day begins with the first byte that counts for somebody and lasts for the period that
 * was given to init(), so nothing here needs to know what time it is. Whoever it is, is
 * a few bytes that the caller chooses, of which a keyed hash is kept, in a fixed number
 * of slots: where one is needed, the one of a small set with the least bytes in its day
 * is reused, so forgetting somebody forgives the least.
 *
 * Nothing here allocates. Times are microseconds on the caller's monotonic clock.
 * Source: src/PROTOCOL.md, section 2.7.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KH_VOLUME_LIMIT_KEY_LEN 16
/* Slots in which one may sit. */
#define KH_VOLUME_LIMIT_WAYS 4

typedef struct
{
  uint64_t who;     /* keyed hash */
  uint64_t n_bytes; /* 0: the slot is free */
  int64_t began_at_us;
} KhVolumeSlot;

/* Read any field; change them only through the functions below. */
typedef struct
{
  KhVolumeSlot *slots; /* the caller's */
  size_t n_sets;
  uint64_t n_bytes_max;
  int64_t period_us;
  uint8_t key[KH_VOLUME_LIMIT_KEY_LEN];
} KhVolumeTable;

/* @slots are zeroed, and @n_slots of them, a multiple of KH_VOLUME_LIMIT_WAYS. @key is
 * random, so that nobody can choose who shares a set. */
void kh_volume_limit_init (KhVolumeTable *self, KhVolumeSlot *slots, size_t n_slots,
                           uint64_t n_bytes_max, int64_t period_us,
                           const uint8_t key[KH_VOLUME_LIMIT_KEY_LEN]);

void kh_volume_limit_add (KhVolumeTable *self, const uint8_t *who, size_t who_len,
                          uint64_t n_bytes, int64_t now_us);

/* Whether @n_bytes_max or more were added in the present day. */
bool kh_volume_limit_is_used_up (const KhVolumeTable *self, const uint8_t *who,
                                 size_t who_len, int64_t now_us);
