/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * slots.h - an array of slots that are taken and put back, in memory that is given
 * once.
 *
 * Call init(), then take() and put() slots and look at them with at(). Slot numbers
 * begin at 1 and 0 is none, so zeroed memory is empty and pages that were never used
 * cost nothing. Every slot begins with a uint32_t that belongs to these functions
 * and to slot-index.h.
 *
 * Nothing here allocates. Sizes are bytes.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Read any field; change them only through the functions below. */
typedef struct
{
  uint8_t *slots; /* the caller's */
  size_t slot_size;
  uint32_t n_slots;
  uint32_t n_touched; /* that were ever taken */
  uint32_t n_used;
  uint32_t free;
} KhSlots;

/* @slots: @n_slots times @slot_size bytes, zeroed. */
void kh_slots_init (KhSlots *self, void *slots, size_t slot_size, uint32_t n_slots);
/* The number of a zeroed slot, or 0 when all are taken. */
uint32_t kh_slots_take (KhSlots *self);
/* Wipes the slot. */
void kh_slots_put (KhSlots *self, uint32_t number);
/* @number was taken at some time; what was put back is zero but for its beginning. */
void *kh_slots_at (const KhSlots *self, uint32_t number);
