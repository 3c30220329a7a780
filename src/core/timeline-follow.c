/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/timeline-private.h"

/* How often a rate is looked at that nothing adds to. */
#define TICK_MS 500

static KhTimelineItem *
new_item (KhTimeline *self, KhTimelineKind kind, gboolean outgoing, const KhItemId *id)
{
  KhTimelineKey key = { .kind = kind, .outgoing = outgoing, .id = *id };

  return kh_timeline_item_new (&self->peer, &key);
}

/* --- Messages -------------------------------------------------------------------- */

static KhTimelineItem *
require_written (KhTimeline *self, const KhNews *news)
{
  KhTimelineItem *item = kh_timeline_find (self, KH_ITEM_MESSAGE, TRUE, &news->item);

  if (item != NULL)
    return item;
  item = new_item (self, KH_ITEM_MESSAGE, TRUE, &news->item);
  item->text = g_strdup (news->text);
  item->unstored = true;
  kh_timeline_add (self, item);
  return item;
}

static void
on_written (KhTimeline *self, const KhNews *news, KhMessageState state)
{
  KhTimelineItem *item = require_written (self, news);

  item->at_ms = news->at_ms;
  if (item->message_state != state)
    kh_timeline_mark (self, item, true);
  item->message_state = state;
  kh_timeline_flush (self);
}

static void
on_stored (KhTimeline *self, const KhNews *news)
{
  KhTimelineItem *item = kh_timeline_find (self, KH_ITEM_MESSAGE, TRUE, &news->item);

  if (item == NULL)
    return;
  item->unstored = false;
  item->position = news->position;
}

static void
on_received (KhTimeline *self, const KhNews *news)
{
  KhTimelineItem *item;

  if (kh_timeline_find (self, KH_ITEM_MESSAGE, FALSE, &news->item) != NULL)
    return;
  item = new_item (self, KH_ITEM_MESSAGE, FALSE, &news->item);
  item->text = g_strdup (news->text);
  item->position = news->position;
  item->at_ms = news->at_ms;
  kh_timeline_add (self, item);
}

static void
on_gone (KhTimeline *self, const KhNews *news)
{
  KhTimelineItem *item = kh_timeline_find (self, KH_ITEM_MESSAGE, TRUE, &news->item);

  if (item != NULL)
    kh_timeline_remove (self, item);
}

static void
on_note (KhTimeline *self, const KhNews *news)
{
  KhTimelineKey key = kh_timeline_note_key (news->position);
  KhTimelineItem *item;

  if (g_hash_table_contains (self->known, &key))
    return;
  item = kh_timeline_item_new (&self->peer, &key);
  item->text = g_strdup (news->text);
  item->position = news->position;
  item->at_ms = news->at_ms;
  item->note_kind = news->note;
  kh_timeline_add (self, item);
}

static void
on_note_gone (KhTimeline *self, const KhNews *news)
{
  KhTimelineKey key = kh_timeline_note_key (news->position);
  KhTimelineItem *item = g_hash_table_lookup (self->known, &key);

  if (item != NULL)
    kh_timeline_remove (self, item);
}

static void
set_state (KhTimeline *self, const KhItemId *id, KhMessageState state)
{
  KhTimelineItem *item = kh_timeline_find (self, KH_ITEM_MESSAGE, TRUE, id);

  if (item == NULL || item->message_state == KH_MESSAGE_DELIVERED
      || item->message_state == state)
    return;
  item->message_state = state;
  kh_timeline_mark (self, item, true);
}

/* --- Transfers ------------------------------------------------------------------- */

static gboolean
on_tick (gpointer data)
{
  KhTimeline *self = data;
  gint64 now_us = g_get_monotonic_time ();
  bool moves = false;

  for (guint i = 0; i < self->client->transfers->len; i++)
    {
      const KhLiveTransfer *transfer = g_ptr_array_index (self->client->transfers, i);
      KhTimelineItem *item
          = kh_timeline_find (self, KH_ITEM_TRANSFER, transfer->outgoing, &transfer->id);

      if (item == NULL || item->meter.n_steps == 0)
        continue;
      if (kh_rate_meter_is_still (&item->meter, now_us))
        kh_timeline_item_stop (item);
      moves = moves || item->meter.n_steps > 0;
      kh_timeline_mark (self, item, false);
    }
  if (moves)
    return G_SOURCE_CONTINUE;
  self->tick_source = 0;
  return G_SOURCE_REMOVE;
}

static bool
goes_on (const KhLiveTransfer *transfer)
{
  return transfer->phase == KH_PHASE_RUNNING && transfer->link != NULL
         && !transfer->paused_here && !transfer->paused_there;
}

static bool
is_connected (KhTimeline *self)
{
  const KhLink *link = g_hash_table_lookup (self->client->links, &self->peer);

  return link != NULL && !link->closing;
}

void
kh_timeline_refresh (KhTimeline *self, KhTimelineItem *item,
                     const KhLiveTransfer *transfer)
{
  kh_timeline_item_take_info (item, kh_live_transfer_info (self->client, transfer));
  item->at_ms = transfer->started_at_ms;
  item->waits = kh_live_transfer_waits (transfer);
  item->over_quota = transfer->over_quota;
  item->connected = is_connected (self);
  if (!goes_on (transfer))
    kh_timeline_item_stop (item);
}

/* An incoming one is nobody's business before all its tree is here. */
static bool
is_shown (const KhLiveTransfer *transfer)
{
  return transfer->outgoing || transfer->phase != KH_PHASE_LISTING;
}

static KhTimelineItem *
require (KhTimeline *self, const KhLiveTransfer *transfer)
{
  KhTimelineItem *item
      = kh_timeline_find (self, KH_ITEM_TRANSFER, transfer->outgoing, &transfer->id);

  if (item != NULL || !is_shown (transfer))
    return item;
  item = new_item (self, KH_ITEM_TRANSFER, transfer->outgoing, &transfer->id);
  item->position = transfer->place;
  item->unstored = transfer->place == 0;
  kh_timeline_refresh (self, item, transfer);
  kh_timeline_add (self, item);
  return item;
}

static void
on_transfer (KhTimeline *self, const KhLiveTransfer *transfer, bool soon)
{
  KhTimelineItem *item = require (self, transfer);

  if (item == NULL)
    return;
  if (item->unstored && transfer->place != 0)
    {
      item->unstored = false;
      item->position = transfer->place;
    }
  kh_timeline_refresh (self, item, transfer);
  kh_timeline_mark (self, item, soon);
}

static void
on_ended (KhTimeline *self, const KhNews *news)
{
  KhTimelineItem *item = require (self, news->transfer);
  KhTransferInfo *info;

  if (item == NULL)
    return;
  kh_timeline_refresh (self, item, news->transfer);
  kh_timeline_item_stop (item);
  item->waits = false;
  info = kh_timeline_item_latest (item);
  info->phase = news->phase;
  info->status = news->status;
  info->ended_at_ms = g_get_real_time () / 1000;
  item->cancelled_by
      = news->transfer->cancelled_here ? KH_CANCELLED_HERE : KH_CANCELLED_THERE;
  kh_timeline_mark (self, item, true);
  kh_timeline_reread (self, item);
}

static void
on_progress (KhTimeline *self, const KhEvent *event)
{
  const KhLiveTransfer *transfer = kh_live_transfer_find (
      self->client, &event->peer, event->item.bytes, event->outgoing);
  KhTimelineItem *item
      = kh_timeline_find (self, KH_ITEM_TRANSFER, event->outgoing, &event->item);

  if (transfer == NULL || item == NULL || item->info == NULL || !goes_on (transfer))
    return;
  kh_timeline_item_latest (item)->done_bytes = event->bytes;
  kh_rate_meter_add (&item->meter, g_get_monotonic_time (), event->bytes);
  kh_timeline_item_set_file (item, event->text);
  kh_timeline_mark (self, item, false);
  if (self->tick_source == 0)
    self->tick_source = g_timeout_add (TICK_MS, on_tick, self);
}

/* --- All ------------------------------------------------------------------------- */

static bool
stays (KhTimeline *self, const KhTimelineItem *item)
{
  return (item->unstored && item->message_state != KH_MESSAGE_FAILED)
         || (item->key.kind == KH_ITEM_TRANSFER
             && kh_live_transfer_find (self->client, &self->peer, item->key.id.bytes,
                                       item->key.outgoing)
                    != NULL);
}

static void
on_news (G_GNUC_UNUSED KhClient *client, const KhNews *news, KhTimeline *self)
{
  if (!news->everybody && !kh_peer_id_equal (&news->peer, &self->peer))
    return;
  switch (news->kind)
    {
    case KH_NEWS_WRITTEN:
      on_written (self, news, KH_MESSAGE_WAITING);
      break;
    case KH_NEWS_FAILED:
      on_written (self, news, KH_MESSAGE_FAILED);
      break;
    case KH_NEWS_STORED:
      on_stored (self, news);
      break;
    case KH_NEWS_GONE:
      on_gone (self, news);
      break;
    case KH_NEWS_RECEIVED:
      on_received (self, news);
      break;
    case KH_NEWS_NOTE:
      on_note (self, news);
      break;
    case KH_NEWS_NOTE_GONE:
      on_note_gone (self, news);
      break;
    case KH_NEWS_TRANSFER:
      on_transfer (self, news->transfer, true);
      break;
    case KH_NEWS_ENDED:
      on_ended (self, news);
      break;
    case KH_NEWS_FORGOTTEN:
      kh_timeline_filter (self, stays);
      kh_timeline_load_older (self); /* of what lives something may be left */
      break;
    }
}

/* The channel stands, or does not any more. */
static void
on_channel (KhTimeline *self)
{
  bool connected = is_connected (self);

  for (guint i = 0; i < self->items->len + self->arrived->len; i++)
    {
      KhTimelineItem *item
          = i < self->items->len
                ? g_ptr_array_index (self->items, i)
                : g_ptr_array_index (self->arrived, i - self->items->len);
      bool waits = !connected && item->message_state == KH_MESSAGE_SENT;

      if (!waits
          && (item->key.kind != KH_ITEM_TRANSFER || item->connected == connected
              || kh_timeline_item_has_ended (item)))
        continue;
      if (waits)
        item->message_state = KH_MESSAGE_WAITING;
      item->connected = connected;
      kh_timeline_mark (self, item, true);
    }
}

static void
on_file (KhTimeline *self, const KhEvent *event)
{
  const KhLiveTransfer *transfer = kh_live_transfer_find (
      self->client, &event->peer, event->item.bytes, event->outgoing);

  if (transfer != NULL)
    on_transfer (self, transfer,
                 event->kind == KH_EVENT_TRANSFER || event->kind == KH_EVENT_OFFER);
}

static void
on_event (G_GNUC_UNUSED KhClient *client, const KhEvent *event, KhTimeline *self)
{
  if (!kh_peer_id_equal (&event->peer, &self->peer))
    return;
  switch (event->kind)
    {
    case KH_EVENT_SENT:
      set_state (self, &event->item, KH_MESSAGE_SENT);
      break;
    case KH_EVENT_DELIVERED:
      set_state (self, &event->item, KH_MESSAGE_DELIVERED);
      break;
    case KH_EVENT_PROGRESS:
      on_progress (self, event);
      break;
    case KH_EVENT_OFFER:
    case KH_EVENT_FILE:
    case KH_EVENT_FILE_RESTARTED:
    case KH_EVENT_FILE_FAILED:
    case KH_EVENT_TRANSFER:
    case KH_EVENT_INTERRUPTED:
      on_file (self, event);
      break;
    case KH_EVENT_CONNECTED:
    case KH_EVENT_DISCONNECTED:
      on_channel (self);
      break;
    default:
      break;
    }
}

void
kh_timeline_follow (KhTimeline *self)
{
  g_signal_connect_object (self->client, "news", G_CALLBACK (on_news), self, 0);
  g_signal_connect_object (self->client, "event", G_CALLBACK (on_event), self, 0);
}
