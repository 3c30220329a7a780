/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/link-private.h"

#include <string.h>

/* The sender offers first; what it has not offered by then, it is asked for. */
#define ASK_AFTER_MS 2000

/* Work on the store that a peer may cause faster than it is done: more than an honest one
 * does whose files, three pages of them, all change while they are sent and then fail. */
#define MOST_JOBS (8 * KH_FRAME_RUN_MAX)

static KhLiveTransfer *
find (KhLink *self, const guint8 id[KH_FRAME_ID_LEN])
{
  KhLiveTransfer *transfer = kh_live_transfer_find (self->client, &self->peer, id, true);

  return transfer != NULL ? transfer
                          : kh_live_transfer_find (self->client, &self->peer, id, false);
}

static bool
is_flood (KhLink *self)
{
  if (self->n_jobs <= MOST_JOBS)
    return false;
  kh_link_end_bad (self);
  return true;
}

static void
receive_pause (KhLink *self, const KhFrame *frame)
{
  KhLiveTransfer *transfer = find (self, frame->pause.transfer);

  if (transfer == NULL || transfer->link != self
      || transfer->paused_there == (frame->pause.paused != 0))
    return;
  transfer->paused_there = frame->pause.paused != 0;
  kh_client_store_pauses (self->client, transfer);
  if (transfer->outgoing)
    kh_outgoing_update_queue (self);
  kh_live_transfer_emit_state (self->client, transfer);
}

static void
receive_cancel (KhLink *self, const KhFrame *frame)
{
  KhLiveTransfer *transfer = find (self, frame->cancel.transfer);
  bool cancelled = frame->cancel.status == KH_FRAME_STATUS_CANCELLED;

  if (transfer != NULL && (transfer->link == self || !transfer->outgoing))
    kh_live_transfer_conclude (self->client, transfer,
                               cancelled ? KH_PHASE_CANCELLED : KH_PHASE_FAILED,
                               (KhFrameStatus)frame->cancel.status);
}

static void
receive_first (KhLink *self, const KhFrame *frame)
{
  KhItemId id;

  memcpy (id.bytes, frame->first, sizeof id.bytes);
  if (kh_live_transfer_find (self->client, &self->peer, frame->first, true) != NULL)
    kh_client_put_first (self->client, &self->peer, &id, NULL);
}

static void
receive_rate (KhLink *self, const KhFrame *frame)
{
  self->peer_rate = frame->rate;
  kh_link_update_rates (self);
}

bool
kh_link_receive_file_frame (KhLink *self, const KhFrame *frame, const uint8_t *bytes,
                            size_t len)
{
  if (is_flood (self))
    return true;
  switch (frame->type)
    {
    case KH_FRAME_OFFER:
      kh_incoming_receive_offer (self, frame, bytes, len);
      return true;
    case KH_FRAME_TREE:
      kh_incoming_receive_tree (self, frame);
      return true;
    case KH_FRAME_REPLY:
      kh_outgoing_receive_reply (self, frame);
      return true;
    case KH_FRAME_TREE_WANT:
      kh_outgoing_receive_tree_want (self, frame);
      return true;
    case KH_FRAME_WANT:
      kh_outgoing_receive_want (self, frame);
      return true;
    case KH_FRAME_FILE_DONE:
    case KH_FRAME_FILE_FAILED:
      kh_outgoing_receive_result (self, frame);
      return true;
    case KH_FRAME_FINISHED:
      kh_outgoing_receive_finished (self, frame);
      return true;
    case KH_FRAME_RETRY:
      kh_outgoing_receive_retry (self, frame);
      return true;
    case KH_FRAME_PAUSE:
      receive_pause (self, frame);
      return true;
    case KH_FRAME_CANCEL:
      receive_cancel (self, frame);
      return true;
    case KH_FRAME_RATE:
      receive_rate (self, frame);
      return true;
    case KH_FRAME_FIRST:
      receive_first (self, frame);
      return true;
    default:
      return false;
    }
}

static void
take_progress (KhLiveTransfer *transfer, const KhChannelEvent *event)
{
  const KhStoredEntry *entry
      = g_hash_table_lookup (transfer->items, GUINT_TO_POINTER (event->entry));

  if (entry != NULL)
    kh_live_transfer_progress (transfer, event, entry->path);
}

void
kh_link_file_event (KhLink *self, const KhChannelEvent *event)
{
  KhLiveTransfer *transfer
      = kh_live_transfer_find_stream (self, event->stream, event->outgoing);

  if (transfer == NULL || is_flood (self))
    return;
  switch (event->kind)
    {
    case KH_CHANNEL_PROGRESS:
      take_progress (transfer, event);
      break;
    case KH_CHANNEL_RESTARTED:
      kh_link_file_restarted (transfer, event);
      break;
    case KH_CHANNEL_RESULTS:
      kh_incoming_take_results (transfer, event);
      break;
    case KH_CHANNEL_STREAM_FAILED:
      kh_incoming_stream_failed (transfer, (KhFrameStatus)event->status);
      break;
    default:
      break;
    }
}

void
kh_link_ask_for (KhLink *self, const KhLiveTransfer *transfer)
{
  KhFrame frame = { .type = KH_FRAME_RETRY };

  memcpy (frame.retry, transfer->id.bytes, sizeof frame.retry);
  kh_link_send_frame (self, &frame);
}

/* Of this peer, accepted here, and not heard of on this channel. */
static gboolean
ask_for_missing (gpointer data)
{
  KhLink *self = data;

  self->ask_source = 0;
  for (guint i = 0; i < self->client->transfers->len; i++)
    {
      const KhLiveTransfer *transfer = g_ptr_array_index (self->client->transfers, i);

      if (!transfer->outgoing && transfer->link == NULL
          && kh_peer_id_equal (&transfer->peer, &self->peer))
        kh_link_ask_for (self, transfer);
    }
  return G_SOURCE_REMOVE;
}

void
kh_link_begin_files (KhLink *self)
{
  for (guint i = 0; i < self->client->transfers->len; i++)
    {
      KhLiveTransfer *transfer = g_ptr_array_index (self->client->transfers, i);

      /* A channel that this one takes the place of. */
      if (kh_peer_id_equal (&transfer->peer, &self->peer))
        kh_live_transfer_detach (transfer);
    }
  kh_client_update_rates (self->client);
  kh_outgoing_offer_all (self->client, &self->peer);
  self->ask_source = g_timeout_add (ASK_AFTER_MS, ask_for_missing, self);
}

void
kh_link_end_files (KhLink *self)
{
  for (guint i = 0; i < self->client->transfers->len; i++)
    {
      KhLiveTransfer *transfer = g_ptr_array_index (self->client->transfers, i);
      KhEvent event;

      if (transfer->link != self)
        continue;
      kh_live_transfer_detach (transfer);
      event = kh_live_transfer_event (self->client, transfer, KH_EVENT_INTERRUPTED);
      event.bytes = MAX (transfer->done_bytes, transfer->shown_bytes);
      if (transfer->phase == KH_PHASE_RUNNING)
        kh_client_emit (self->client, &event);
    }
}

void
kh_link_update_rates (KhLink *self)
{
  guint n = MAX (g_hash_table_size (self->client->links), 1);
  guint64 up = self->client->limit_up / n;
  KhFrame frame = { .type = KH_FRAME_RATE, .rate = self->client->limit_down / n };

  if (up == 0 || (self->peer_rate > 0 && self->peer_rate < up))
    up = self->peer_rate;
  kh_channel_worker_set_rate (self->worker, up);
  if (frame.rate == self->told_rate)
    return;
  self->told_rate = frame.rate;
  kh_link_send_frame (self, &frame);
}
