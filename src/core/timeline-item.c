/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/timeline-item-private.h"

#include <string.h>

G_DEFINE_FINAL_TYPE (KhTimelineItem, kh_timeline_item, G_TYPE_OBJECT)

enum
{
  CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

guint
kh_timeline_key_hash (gconstpointer key)
{
  guint hash;

  /* Ids are random, but for those of notes. */
  memcpy (&hash, ((const KhTimelineKey *)key)->id.bytes, sizeof hash);
  return hash;
}

gboolean
kh_timeline_key_equal (gconstpointer one, gconstpointer other)
{
  const KhTimelineKey *a = one;
  const KhTimelineKey *b = other;

  return a->kind == b->kind && a->outgoing == b->outgoing
         && memcmp (&a->id, &b->id, sizeof a->id) == 0;
}

KhTimelineKey
kh_timeline_note_key (gint64 position)
{
  KhTimelineKey key = { .kind = KH_ITEM_NOTE };

  memcpy (key.id.bytes, &position, sizeof position);
  return key;
}

static void
kh_timeline_item_finalize (GObject *object)
{
  KhTimelineItem *self = KH_TIMELINE_ITEM (object);

  g_free (self->text);
  g_clear_pointer (&self->info, kh_transfer_info_free);
  g_clear_pointer (&self->next, kh_transfer_info_free);
  g_free (self->file);
  G_OBJECT_CLASS (kh_timeline_item_parent_class)->finalize (object);
}

static void
kh_timeline_item_class_init (KhTimelineItemClass *class)
{
  G_OBJECT_CLASS (class)->finalize = kh_timeline_item_finalize;

  signals[CHANGED] = g_signal_new ("changed", KH_TYPE_TIMELINE_ITEM, G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
kh_timeline_item_init (KhTimelineItem *self)
{
  self->message_state = KH_MESSAGE_WAITING;
}

/* --- For the timeline ------------------------------------------------------------ */

KhTimelineItem *
kh_timeline_item_new (const KhPeerId *peer, const KhTimelineKey *key)
{
  KhTimelineItem *self = g_object_new (KH_TYPE_TIMELINE_ITEM, NULL);

  self->peer = *peer;
  self->key = *key;
  if (key->kind == KH_ITEM_MESSAGE && !key->outgoing)
    self->message_state = KH_MESSAGE_RECEIVED;
  return self;
}

void
kh_timeline_item_take_info (KhTimelineItem *self, KhTransferInfo *info)
{
  if (self->info == NULL)
    {
      self->info = info;
      return;
    }
  g_clear_pointer (&self->next, kh_transfer_info_free);
  self->next = info;
}

KhTransferInfo *
kh_timeline_item_latest (const KhTimelineItem *self)
{
  return self->next != NULL ? self->next : self->info;
}

void
kh_timeline_item_set_file (KhTimelineItem *self, const char *path)
{
  if (g_strcmp0 (self->file, path) == 0)
    return;
  g_free (self->file);
  self->file = path != NULL ? g_utf8_make_valid (path, -1) : NULL;
}

void
kh_timeline_item_stop (KhTimelineItem *self)
{
  kh_rate_meter_reset (&self->meter);
  kh_timeline_item_set_file (self, NULL);
}

void
kh_timeline_item_changed (KhTimelineItem *self)
{
  self->dirty = false;
  if (self->next != NULL)
    {
      kh_transfer_info_free (self->info);
      self->info = g_steal_pointer (&self->next);
    }
  g_signal_emit (self, signals[CHANGED], 0);
}

bool
kh_timeline_item_has_ended (const KhTimelineItem *self)
{
  const KhTransferInfo *info = kh_timeline_item_latest (self);

  return info == NULL || info->phase >= KH_PHASE_DONE;
}

/* --- For everybody --------------------------------------------------------------- */

KhTimelineKind
kh_timeline_item_get_kind (KhTimelineItem *self)
{
  return self->key.kind;
}

const KhPeerId *
kh_timeline_item_get_peer (KhTimelineItem *self)
{
  return &self->peer;
}

const KhItemId *
kh_timeline_item_get_id (KhTimelineItem *self)
{
  return &self->key.id;
}

gint64
kh_timeline_item_get_position (KhTimelineItem *self)
{
  return self->position;
}

gint64
kh_timeline_item_get_at_ms (KhTimelineItem *self)
{
  return self->at_ms;
}

gboolean
kh_timeline_item_is_outgoing (KhTimelineItem *self)
{
  return self->key.outgoing;
}

const char *
kh_timeline_item_get_text (KhTimelineItem *self)
{
  return self->text;
}

KhMessageState
kh_timeline_item_get_message_state (KhTimelineItem *self)
{
  return self->message_state;
}

KhNoteKind
kh_timeline_item_get_note_kind (KhTimelineItem *self)
{
  return self->note_kind;
}

const KhTransferInfo *
kh_timeline_item_get_transfer (KhTimelineItem *self)
{
  return self->info;
}

KhTransferSpeed
kh_timeline_item_get_speed (KhTimelineItem *self)
{
  KhTransferSpeed speed = { .left_ms = -1, .file = self->file };
  const KhTransferInfo *info = self->info;
  guint64 left;

  if (kh_timeline_item_has_ended (self))
    return speed;
  speed.rate = kh_rate_meter_rate (&self->meter, g_get_monotonic_time ());
  if (speed.rate == 0)
    return speed;
  left = info->wanted_bytes - MIN (info->done_bytes, info->wanted_bytes);
  speed.left_ms = (gint64)((double)left * 1000 / (double)speed.rate);
  return speed;
}

KhCancelledBy
kh_timeline_item_get_cancelled_by (KhTimelineItem *self)
{
  return self->cancelled_by;
}

gboolean
kh_timeline_item_waits_for_answer (KhTimelineItem *self, gboolean *over_quota)
{
  if (over_quota != NULL)
    *over_quota = self->waits && self->over_quota;
  return self->waits;
}

gboolean
kh_timeline_item_is_connected (KhTimelineItem *self)
{
  return self->connected;
}
