/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * admission.h - connections of strangers who have not shown who they are: how many,
 * from where, and for how long.
 *
 * add() each accepted connection and end the one that it says must make room; take
 * it out with remove() once it has shown what it should or is gone. Ask expired()
 * until it returns NULL at deadline_us().
 *
 * A full table or a full network does not lock anyone out: the oldest connection
 * makes room, which is the one that had the most time.
 *
 * Times are microseconds on the caller's monotonic clock.
 * Source: src/PROTOCOL.md, section 2.5.
 */
#pragma once

#include "proto/chain.h"
#include "proto/endpoint.h"

#include <glib.h>

typedef struct
{
  /* Owned */
  void *memory;

  /* State */
  KhSlots slots;
  KhChain order; /* by deadline */
  guint per_network_max;
  gint64 patience_us;
} KhAdmission;

void kh_admission_init (KhAdmission *self, guint max, guint per_network_max,
                        gint64 patience_us);
void kh_admission_clear (KhAdmission *self);

/* @owner is kept for the caller. Returns a ticket; sets @evicted to the owner of the
 * connection that must be ended and was taken out already, or NULL. */
guint32 kh_admission_add (KhAdmission *self, void *owner, const KhEndpoint *remote,
                          gint64 now_us, void **evicted);
void kh_admission_remove (KhAdmission *self, guint32 ticket);

/* The owner of a connection whose time is over, taken out; or NULL. */
void *kh_admission_expired (KhAdmission *self, gint64 now_us);
gint64 kh_admission_deadline (const KhAdmission *self);
