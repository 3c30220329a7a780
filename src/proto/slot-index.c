/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/slot-index.h"

static uint32_t *
link_of (const KhSlots *slots, uint32_t number)
{
  return kh_slots_at (slots, number);
}

uint32_t
kh_slot_index_size (uint32_t n)
{
  uint32_t size = 16;

  while (size < n)
    size *= 2;
  return size;
}

void
kh_slot_index_init (KhSlotIndex *self, uint32_t *buckets, uint32_t n_buckets)
{
  *self = (KhSlotIndex){ .buckets = buckets, .mask = n_buckets - 1 };
}

void
kh_slot_index_add (KhSlotIndex *self, const KhSlots *slots, uint32_t hash,
                   uint32_t number)
{
  *link_of (slots, number) = self->buckets[hash & self->mask];
  self->buckets[hash & self->mask] = number;
}

void
kh_slot_index_remove (KhSlotIndex *self, const KhSlots *slots, uint32_t hash,
                      uint32_t number)
{
  uint32_t *at = &self->buckets[hash & self->mask];

  while (*at != number)
    at = link_of (slots, *at);
  *at = *link_of (slots, number);
  *link_of (slots, number) = 0;
}

uint32_t
kh_slot_index_first (const KhSlotIndex *self, uint32_t hash)
{
  return self->buckets[hash & self->mask];
}

uint32_t
kh_slot_index_next (const KhSlots *slots, uint32_t number)
{
  return *link_of (slots, number);
}
