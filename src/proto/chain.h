/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * chain.h - slots in an order: a doubly linked list through a KhLinks inside them.
 *
 * A zeroed KhChain is empty. All slots of a chain are in one KhSlots; @links is the
 * offset of the KhLinks that this chain uses in them, so that a slot can be in
 * several chains. Slot number 0 is none: the end.
 */
#pragma once

#include "proto/slots.h"

typedef struct
{
  uint32_t prev;
  uint32_t next;
} KhLinks;

/* Read any field; change them only through the functions below. */
typedef struct
{
  uint32_t first;
  uint32_t last;
} KhChain;

void kh_chain_append (KhChain *self, const KhSlots *slots, size_t links, uint32_t number);
/* At the end where @next is 0. */
void kh_chain_insert_before (KhChain *self, const KhSlots *slots, size_t links,
                             uint32_t number, uint32_t next);
/* @number is in the chain. */
void kh_chain_remove (KhChain *self, const KhSlots *slots, size_t links, uint32_t number);
