/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/session.h"

#include <string.h>

static size_t
find (const KhMessageId *ids, size_t n, const KhMessageId *id)
{
  size_t i = 0;

  while (i < n && memcmp (ids[i].bytes, id->bytes, KH_MESSAGE_ID_LEN) != 0)
    i++;
  return i;
}

static void
remove_at (KhMessageId *ids, size_t *n, size_t at)
{
  (*n)--;
  memmove (ids + at, ids + at + 1, (*n - at) * sizeof ids[0]);
}

void
kh_session_init (KhSession *self)
{
  memset (self, 0, sizeof *self);
}

void
kh_session_channel_up (KhSession *self)
{
  self->has_channel = true;
  self->n_sent = 0;
}

void
kh_session_channel_down (KhSession *self)
{
  self->has_channel = false;
  self->n_sent = 0;
  /* The peer sends again what it has no acknowledgement for. */
  self->n_acks = 0;
}

bool
kh_session_add (KhSession *self, const KhMessageId *id)
{
  if (self->n_waiting == KH_SESSION_WINDOW
      || find (self->waiting, self->n_waiting, id) < self->n_waiting)
    return false;
  self->waiting[self->n_waiting++] = *id;
  return true;
}

bool
kh_session_delivered (KhSession *self, const KhMessageId *id)
{
  size_t at = find (self->waiting, self->n_waiting, id);

  if (at == self->n_waiting)
    return false;
  remove_at (self->waiting, &self->n_waiting, at);
  if (at < self->n_sent)
    self->n_sent--;
  return true;
}

bool
kh_session_stored (KhSession *self, const KhMessageId *id)
{
  if (!self->has_channel || find (self->acks, self->n_acks, id) < self->n_acks)
    return true;
  if (self->n_acks == KH_SESSION_ACKS)
    return false;
  self->acks[self->n_acks++] = *id;
  return true;
}

bool
kh_session_next_send (KhSession *self, KhMessageId *id)
{
  if (!self->has_channel || self->n_sent == self->n_waiting)
    return false;
  *id = self->waiting[self->n_sent++];
  return true;
}

bool
kh_session_next_ack (KhSession *self, KhMessageId *id)
{
  if (!self->has_channel || self->n_acks == 0)
    return false;
  *id = self->acks[0];
  remove_at (self->acks, &self->n_acks, 0);
  return true;
}
