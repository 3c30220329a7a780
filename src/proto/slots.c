/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/slots.h"

#include <assert.h>
#include <sodium.h>

void
kh_slots_init (KhSlots *self, void *slots, size_t slot_size, uint32_t n_slots)
{
  *self = (KhSlots){ .slots = slots, .slot_size = slot_size, .n_slots = n_slots };
}

void *
kh_slots_at (const KhSlots *self, uint32_t number)
{
  assert (number > 0 && number <= self->n_touched);
  return self->slots + (size_t)(number - 1) * self->slot_size;
}

static uint32_t *
link_of (const KhSlots *self, uint32_t number)
{
  return kh_slots_at (self, number);
}

uint32_t
kh_slots_take (KhSlots *self)
{
  uint32_t number = self->free;

  if (number != 0)
    {
      self->free = *link_of (self, number);
      *link_of (self, number) = 0;
    }
  else if (self->n_touched < self->n_slots)
    number = ++self->n_touched;
  else
    return 0;
  self->n_used++;
  return number;
}

void
kh_slots_put (KhSlots *self, uint32_t number)
{
  sodium_memzero (kh_slots_at (self, number), self->slot_size);
  *link_of (self, number) = self->free;
  self->free = number;
  self->n_used--;
}
