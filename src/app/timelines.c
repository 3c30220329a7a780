/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/timelines.h"

#include "core/history.h"

struct _KhTimelines
{
  /* Owned */
  KhClient *client;
  GHashTable *all; /* KhPeerId -> KhTimeline */

  /* State */
  gulong event_handler;
  gboolean kept_less; /* history was off at some time of this run */
};

static KhTimeline *
require (KhTimelines *self, const KhPeerId *peer)
{
  KhTimeline *timeline = g_hash_table_lookup (self->all, peer);

  if (timeline == NULL)
    {
      timeline = kh_timeline_new (self->client, peer);
      g_hash_table_insert (self->all, g_memdup2 (peer, sizeof *peer), timeline);
    }
  return timeline;
}

static gboolean
keeps_all (KhTimelines *self)
{
  if (!kh_client_get_keeps_history (self->client))
    self->kept_less = TRUE;
  return self->kept_less;
}

/* Messages come over a channel: whoever has one may say something. */
static void
on_event (KhTimelines *self, const KhEvent *event)
{
  if (event->kind == KH_EVENT_CONNECTED && keeps_all (self))
    require (self, &event->peer);
}

KhTimelines *
kh_timelines_new (KhClient *client)
{
  KhTimelines *self = g_new0 (KhTimelines, 1);

  self->client = g_object_ref (client);
  self->all = g_hash_table_new_full (kh_peer_id_hash, kh_peer_id_equal_func, g_free,
                                     g_object_unref);
  self->event_handler
      = g_signal_connect_swapped (client, "event", G_CALLBACK (on_event), self);
  return self;
}

void
kh_timelines_free (KhTimelines *self)
{
  g_signal_handler_disconnect (self->client, self->event_handler);
  g_hash_table_unref (self->all);
  g_object_unref (self->client);
  g_free (self);
}

KhTimeline *
kh_timelines_show (KhTimelines *self, const KhPeerId *peer)
{
  g_autoptr (KhTimeline) shown = NULL;
  KhPeerId id;

  if (peer != NULL)
    {
      id = *peer;
      shown = g_object_ref (require (self, peer));
    }
  if (!keeps_all (self))
    g_hash_table_remove_all (self->all);
  if (shown == NULL)
    return NULL;
  if (!g_hash_table_contains (self->all, &id))
    g_hash_table_insert (self->all, g_memdup2 (&id, sizeof id), g_object_ref (shown));
  return shown;
}
