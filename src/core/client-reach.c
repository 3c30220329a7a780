/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/client-private.h"

/* Hundreds of dials at a time must stay rare, however many people call. */
#define SPRAYS_PER_HOUR 60

static void
begin_hour (KhClient *self)
{
  gint64 now_us = g_get_monotonic_time ();

  if (self->n_sprays > 0
      && now_us - self->sprays_since_us < G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC)
    return;
  self->n_sprays = 0;
  self->sprays_since_us = now_us;
}

bool
kh_client_may_spray (KhClient *self)
{
  begin_hour (self);
  return !self->reach.no_spray && self->n_sprays < SPRAYS_PER_HOUR;
}

void
kh_client_count_spray (KhClient *self)
{
  begin_hour (self);
  self->n_sprays++;
}

guint16
kh_client_mapped_port (KhClient *self)
{
  return self->reach.forwarded_port;
}

void
kh_client_set_reach (KhClient *self, const KhReach *reach)
{
  self->reach = *reach;
}
