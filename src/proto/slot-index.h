/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * slot-index.h - finds slots by a hash.
 *
 * Add a slot under the hash of its key; to find it, walk with first() and next()
 * over those that may be it and compare keys. The hash should be a keyed one where
 * strangers choose the keys. A slot is in one index at most.
 */
#pragma once

#include "proto/slots.h"

typedef struct
{
  uint32_t *buckets; /* the caller's */
  uint32_t mask;
} KhSlotIndex;

/* How many buckets suit @n entries: a power of two. */
uint32_t kh_slot_index_size (uint32_t n);
/* @buckets: @n_buckets numbers, zeroed. */
void kh_slot_index_init (KhSlotIndex *self, uint32_t *buckets, uint32_t n_buckets);
void kh_slot_index_add (KhSlotIndex *self, const KhSlots *slots, uint32_t hash,
                        uint32_t number);
/* @number was added under @hash. */
void kh_slot_index_remove (KhSlotIndex *self, const KhSlots *slots, uint32_t hash,
                           uint32_t number);
/* 0: none. */
uint32_t kh_slot_index_first (const KhSlotIndex *self, uint32_t hash);
uint32_t kh_slot_index_next (const KhSlots *slots, uint32_t number);
