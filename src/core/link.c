/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/link.h"

#include "core/history-private.h"
#include "core/link-private.h"
#include "core/name-clean.h"
#include "net/interfaces.h"
#include "net/socket.h"

#include <sodium.h>
#include <string.h>

bool
kh_link_send_frame (KhLink *self, const KhFrame *frame)
{
  g_autofree uint8_t *bytes = NULL;
  uint8_t small[512];
  size_t capacity = sizeof small;
  uint8_t *at = small;
  size_t len;

  if (self->closing)
    return false;
  if (frame->type == KH_FRAME_MESSAGE || frame->type == KH_FRAME_OFFER
      || frame->type == KH_FRAME_TREE)
    {
      capacity = KH_FRAME_MAX;
      at = bytes = g_malloc (capacity);
    }
  len = kh_frame_write (frame, at, capacity);
  g_return_val_if_fail (len > 0, false);
  if (kh_channel_worker_send (self->worker, at, len))
    return true;
  /* An honest peer never lets that much wait. */
  kh_link_end_bad (self);
  return false;
}

void
kh_link_send_cancel (KhLink *self, const KhItemId *transfer, KhFrameStatus status)
{
  KhFrame frame = { .type = KH_FRAME_CANCEL, .cancel.status = (uint8_t)status };

  memcpy (frame.cancel.transfer, transfer->bytes, sizeof frame.cancel.transfer);
  kh_link_send_frame (self, &frame);
}

void
kh_link_end_bad (KhLink *self)
{
  if (self->closing)
    return;
  self->close_reason = KH_LINK_END_BAD;
  self->closing = true;
  kh_channel_worker_close (self->worker, KH_FRAME_BYE_CLOSING);
}

static void
receive_hello (KhLink *self, const KhFrame *frame)
{
  g_autofree char *name = NULL;

  /* Once, as the first frame: each is work for the disk. */
  if (frame->hello.version < KH_FRAME_VERSION || self->greeted)
    {
      kh_link_end_bad (self);
      return;
    }
  self->greeted = true;
  name = kh_name_clean (frame->hello.name.bytes, (gssize)frame->hello.name.len);
  kh_client_saw (self->client, &self->peer, name);
}

static void
receive_frame (KhLink *self, const uint8_t *bytes, size_t len)
{
  KhFrame frame;

  if (self->closing || kh_frame_read (&frame, bytes, len) != KH_FRAME_GOOD)
    return;
  switch (frame.type)
    {
    case KH_FRAME_HELLO:
      receive_hello (self, &frame);
      break;
    case KH_FRAME_MESSAGE:
      kh_link_receive_message (self, &frame);
      break;
    case KH_FRAME_DELIVERED:
      kh_link_receive_delivered (self, &frame);
      break;
    default:
      kh_link_receive_file_frame (self, &frame, bytes, len);
    }
}

static void
on_closed (KhLink *self, const KhChannelEvent *event)
{
  static const KhLinkEnd ends[] = {
    [KH_CHANNEL_END_BYE] = KH_LINK_END_PEER_LEFT,
    [KH_CHANNEL_END_LOST] = KH_LINK_END_LOST,
    [KH_CHANNEL_END_SILENT] = KH_LINK_END_SILENT,
    [KH_CHANNEL_END_BAD] = KH_LINK_END_BAD,
    [KH_CHANNEL_END_OURS] = KH_LINK_END_LEFT,
  };

  if (!self->closing)
    {
      self->close_reason = ends[event->end];
      if (event->end == KH_CHANNEL_END_BYE && event->reason == KH_FRAME_BYE_REPLACED)
        self->close_reason = KH_LINK_END_REPLACED;
      if (event->end == KH_CHANNEL_END_BYE && event->reason == KH_FRAME_BYE_HUNG_UP)
        kh_resume_hung_up (self->client, &self->peer);
      /* By one that is not known here yet, and may die before it is. */
      if (self->close_reason == KH_LINK_END_REPLACED
          && g_hash_table_lookup (self->client->links, &self->peer) == self)
        kh_resume_lost (self->client, &self->peer, self->caller);
    }
  self->closing = true;
  if (self->close_reason == KH_LINK_END_LOST || self->close_reason == KH_LINK_END_SILENT)
    kh_client_link_lost (self->client, self);
  kh_link_end_files (self);
  kh_client_emit (self->client,
                  &(KhEvent){ .kind = KH_EVENT_DISCONNECTED,
                              .peer = self->peer,
                              .name = kh_client_name_of (self->client, &self->peer),
                              .link_end = self->close_reason });
  kh_client_link_ended (self->client, self);
}

static void
on_channel_event (const KhChannelEvent *event, gpointer data)
{
  KhLink *self = data;

  switch (event->kind)
    {
    case KH_CHANNEL_FRAME:
      receive_frame (self, event->frame, event->frame_len);
      break;
    case KH_CHANNEL_PROGRESS:
    case KH_CHANNEL_RESTARTED:
    case KH_CHANNEL_RESULTS:
    case KH_CHANNEL_STREAM_FAILED:
      kh_link_file_event (self, event);
      break;
    case KH_CHANNEL_ROUND_TRIP:
      /* The worker measures by itself too. */
      if (self->n_pings == 0)
        break;
      self->n_pings--;
      kh_client_emit (self->client, &(KhEvent){ .kind = KH_EVENT_PONG,
                                                .peer = self->peer,
                                                .round_trip_us = event->rtt_us });
      break;
    case KH_CHANNEL_CLOSED:
      on_closed (self, event);
      break;
    }
}

static guint
hash_message_id (gconstpointer id)
{
  guint hash;

  memcpy (&hash, ((const KhMessageId *)id)->bytes, sizeof hash);
  return hash;
}

static gboolean
equal_message_ids (gconstpointer one, gconstpointer other)
{
  return memcmp (one, other, KH_MESSAGE_ID_LEN) == 0;
}

KhLink *
kh_link_new (KhClient *client, const KhPeerId *peer, KhPunchWin *win, bool caller)
{
  KhLink *self = g_new0 (KhLink, 1);
  size_t early_len;
  const uint8_t *early = g_bytes_get_data (win->rest, &early_len);
  const char *congestion = g_getenv ("KNOTHOLE_CONGESTION"); /* tests and benchmarks */
  KhChannelSetup setup = {
    .fd = win->fd,
    .send = &win->sending,
    .receive = &win->receiving,
    .early = early,
    .early_len = early_len,
    .background = client->has_window,
  };

  self->client = client;
  self->peer = *peer;
  self->path = win->path;
  self->local = win->local;
  self->caller = caller;
  self->texts = g_hash_table_new_full (hash_message_id, equal_message_ids, g_free,
                                       (GDestroyNotify)kh_stored_message_free);
  self->number = ++client->n_links;
  kh_session_init (&self->session);
  kh_session_channel_up (&self->session);
  if (congestion != NULL && !kh_socket_set_congestion (win->fd, congestion))
    g_warning ("no congestion control %s", congestion);
  win->fd = -1;
  self->worker = kh_channel_worker_new (&setup, NULL, on_channel_event, self);
  if (self->worker == NULL)
    {
      kh_punch_win_clear (win);
      kh_link_free (self);
      return NULL;
    }
  if (win->first != NULL)
    {
      size_t len;
      const uint8_t *first = g_bytes_get_data (win->first, &len);

      receive_frame (self, first, len);
    }
  kh_punch_win_clear (win);
  kh_link_new_message (self);
  return self;
}

void
kh_link_free (KhLink *self)
{
  g_clear_pointer (&self->worker, kh_channel_worker_free);
  g_hash_table_unref (self->texts);
  g_clear_handle_id (&self->ask_source, g_source_remove);
  g_free (self);
}

void
kh_link_close (KhLink *self, KhFrameBye reason)
{
  if (self->closing)
    return;
  self->close_reason
      = reason == KH_FRAME_BYE_REPLACED ? KH_LINK_END_REPLACED : KH_LINK_END_LEFT;
  self->closing = true;
  kh_channel_worker_close (self->worker, reason);
}

const KhPeerId *
kh_link_peer (const KhLink *self)
{
  return &self->peer;
}

KhPathKind
kh_link_path (const KhLink *self)
{
  return self->path;
}

bool
kh_link_was_called_here (const KhLink *self)
{
  return self->caller;
}

void
kh_link_network_changed (KhLink *self)
{
  if (self->closing)
    return;
  if (kh_interfaces_have (&self->local))
    kh_channel_worker_check (self->worker);
  else
    kh_channel_worker_lose (self->worker);
}

bool
kh_link_ping (KhLink *self)
{
  if (self->closing)
    return false;
  kh_channel_worker_ping (self->worker);
  self->n_pings++;
  return true;
}
