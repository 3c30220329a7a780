/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/chain.h"

static KhLinks *
links_of (const KhSlots *slots, size_t links, uint32_t number)
{
  return (KhLinks *)((uint8_t *)kh_slots_at (slots, number) + links);
}

void
kh_chain_append (KhChain *self, const KhSlots *slots, size_t links, uint32_t number)
{
  kh_chain_insert_before (self, slots, links, number, 0);
}

void
kh_chain_insert_before (KhChain *self, const KhSlots *slots, size_t links,
                        uint32_t number, uint32_t next)
{
  KhLinks *own = links_of (slots, links, number);

  own->next = next;
  own->prev = next != 0 ? links_of (slots, links, next)->prev : self->last;
  if (own->prev != 0)
    links_of (slots, links, own->prev)->next = number;
  else
    self->first = number;
  if (next != 0)
    links_of (slots, links, next)->prev = number;
  else
    self->last = number;
}

void
kh_chain_remove (KhChain *self, const KhSlots *slots, size_t links, uint32_t number)
{
  KhLinks *own = links_of (slots, links, number);

  if (own->prev != 0)
    links_of (slots, links, own->prev)->next = own->next;
  else
    self->first = own->next;
  if (own->next != 0)
    links_of (slots, links, own->next)->prev = own->prev;
  else
    self->last = own->prev;
  *own = (KhLinks){ 0 };
}
