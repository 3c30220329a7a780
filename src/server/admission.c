/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/admission.h"
#include "proto/rate-limit.h"

#include <stddef.h>

typedef struct
{
  guint32 link;
  KhLinks order;
  guint64 network;
  gint64 deadline_us;
  void *owner;
} Ticket;

static Ticket *
ticket_at (const KhAdmission *self, guint32 number)
{
  return kh_slots_at (&self->slots, number);
}

void
kh_admission_init (KhAdmission *self, guint max, guint per_network_max,
                   gint64 patience_us)
{
  *self = (KhAdmission){ .memory = g_malloc0_n (max, sizeof (Ticket)),
                         .per_network_max = per_network_max,
                         .patience_us = patience_us };
  kh_slots_init (&self->slots, self->memory, sizeof (Ticket), max);
}

void
kh_admission_clear (KhAdmission *self)
{
  g_clear_pointer (&self->memory, g_free);
}

/* A walk over at most half_open_max tickets: some microseconds an accept, and no
 * second table that could disagree with the first. */
static guint32
find_oldest_of (const KhAdmission *self, guint64 network, guint *n)
{
  guint32 oldest = 0;

  *n = 0;
  for (guint32 at = self->order.last; at != 0; at = ticket_at (self, at)->order.prev)
    if (ticket_at (self, at)->network == network)
      {
        oldest = at;
        (*n)++;
      }
  return oldest;
}

guint32
kh_admission_add (KhAdmission *self, void *owner, const KhEndpoint *remote, gint64 now_us,
                  void **evicted)
{
  guint64 network = kh_rate_limit_network (remote);
  guint n;
  guint32 oldest = find_oldest_of (self, network, &n);
  guint32 number;
  Ticket *ticket;

  *evicted = NULL;
  if (n < self->per_network_max)
    oldest = self->slots.n_used == self->slots.n_slots ? self->order.first : 0;
  if (oldest != 0)
    {
      *evicted = ticket_at (self, oldest)->owner;
      kh_admission_remove (self, oldest);
    }

  number = kh_slots_take (&self->slots);
  ticket = ticket_at (self, number);
  ticket->network = network;
  ticket->deadline_us = now_us + self->patience_us;
  ticket->owner = owner;
  kh_chain_append (&self->order, &self->slots, offsetof (Ticket, order), number);
  return number;
}

void
kh_admission_remove (KhAdmission *self, guint32 ticket)
{
  kh_chain_remove (&self->order, &self->slots, offsetof (Ticket, order), ticket);
  kh_slots_put (&self->slots, ticket);
}

void *
kh_admission_expired (KhAdmission *self, gint64 now_us)
{
  guint32 first = self->order.first;
  void *owner;

  if (first == 0 || ticket_at (self, first)->deadline_us > now_us)
    return NULL;
  owner = ticket_at (self, first)->owner;
  kh_admission_remove (self, first);
  return owner;
}

gint64
kh_admission_deadline (const KhAdmission *self)
{
  return self->order.first != 0 ? ticket_at (self, self->order.first)->deadline_us
                                : G_MAXINT64;
}
