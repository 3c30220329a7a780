/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/channel-worker-private.h"
#include "net/socket.h"

#include <sodium.h>
#include <string.h>

void
kh_channel_item_clear (KhChannelItem *item)
{
  g_clear_pointer (&item->top, g_ref_string_release);
  g_clear_pointer (&item->path, g_free);
  g_clear_pointer (&item->known_place, g_free);
}

static Command *
make_command (CommandKind kind)
{
  Command *command = g_new0 (Command, 1);

  command->kind = kind;
  return command;
}

static bool
add_id (StreamIds *ids, uint32_t id)
{
  if (ids->n == KH_CHANNEL_STREAMS)
    return false;
  for (unsigned i = 0; i < ids->n; i++)
    if (ids->ids[i] == id)
      return false;
  ids->ids[ids->n++] = id;
  return true;
}

/* With @lock held. */
static void
post (KhChannelWorker *self, Command *command)
{
  g_queue_push_tail (&self->commands, command);
  if (self->commands.length == 1)
    kh_waker_wake (&self->waker);
}

static void
wipe_and_free (KhChannelWorker *self)
{
  g_queue_clear_full (&self->commands, (GDestroyNotify)kh_channel_free_command);
  g_queue_clear_full (&self->control, g_free);
  kh_noise_cipher_state_clear (&self->seal);
  kh_noise_cipher_state_clear (&self->open);
  kh_noise_fast_key_clear (&self->seal_key);
  kh_noise_fast_key_clear (&self->open_key);
  g_mutex_clear (&self->lock);
  kh_waker_clear (&self->waker);
  kh_socket_close (self->fd);
  g_free (self);
}

static KhChannelWorker *
make_worker (const KhChannelSetup *setup)
{
  KhChannelWorker *self = g_new0 (KhChannelWorker, 1);

  g_assert (setup->early_len <= KH_CHANNEL_EARLY_MAX);
  g_mutex_init (&self->lock);
  g_queue_init (&self->commands);
  g_queue_init (&self->control);
  self->fd = setup->fd;
  self->seal = *setup->send;
  self->open = *setup->receive;
  kh_noise_fast_key_init (&self->seal_key, &self->seal);
  kh_noise_fast_key_init (&self->open_key, &self->open);
  self->background = setup->background;
  self->ping_after_us
      = setup->ping_after_us != 0 ? setup->ping_after_us : KH_FRAME_PING_AFTER_US;
  self->lost_after_us
      = setup->lost_after_us != 0 ? setup->lost_after_us : KH_FRAME_LOST_AFTER_US;
  randombytes_buf (&self->cookie_salt, sizeof self->cookie_salt);
  self->cookie_salt = self->cookie_salt >> 2 | KH_CHANNEL_HEARTBEAT;
  self->now_us = g_get_monotonic_time ();
  self->heard_at_us = self->now_us;
  self->turn_len = RECORD_MAX;
  if (setup->early_len > 0)
    memcpy (self->in, setup->early, setup->early_len);
  self->in_len = setup->early_len;

  kh_socket_set_no_delay (self->fd);
  kh_socket_set_unsent_max (self->fd, UNSENT_MAX);
  kh_socket_set_user_timeout (
      self->fd, (unsigned)((self->ping_after_us + self->lost_after_us) / 1000));
  return self;
}

KhChannelWorker *
kh_channel_worker_new (const KhChannelSetup *setup, GMainContext *context,
                       KhChannelCallback callback, gpointer data)
{
  KhChannelWorker *self = make_worker (setup);

  if (!kh_waker_init (&self->waker))
    {
      wipe_and_free (self);
      return NULL;
    }
  self->events = kh_channel_events_new (context, &self->waker, callback, data);
  self->thread = g_thread_try_new ("channel", kh_channel_run, self, NULL);
  if (self->thread == NULL)
    {
      kh_channel_events_destroy (self->events);
      wipe_and_free (self);
      return NULL;
    }
  return self;
}

void
kh_channel_worker_free (KhChannelWorker *self)
{
  if (self == NULL)
    return;
  g_mutex_lock (&self->lock);
  self->abandoned = true;
  kh_waker_wake (&self->waker);
  g_mutex_unlock (&self->lock);
  g_thread_join (self->thread);
  kh_channel_events_destroy (self->events);
  wipe_and_free (self);
}

static bool
post_frame (KhChannelWorker *self, Command *command, size_t len)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (self->n_frames >= KH_CHANNEL_FRAMES_MAX
      || self->frame_bytes + len > KH_CHANNEL_FRAME_BYTES_MAX)
    {
      kh_channel_free_command (command);
      return false;
    }
  self->n_frames++;
  self->frame_bytes += len;
  post (self, command);
  return true;
}

bool
kh_channel_worker_send (KhChannelWorker *self, const uint8_t *frame, size_t len)
{
  Command *command = make_command (COMMAND_FRAME);

  g_assert (len > 0 && len <= KH_FRAME_MAX);
  command->frame = g_malloc (sizeof *command->frame + len);
  *command->frame = (Frame){ .len = len };
  memcpy (command->frame->bytes, frame, len);
  return post_frame (self, command, len);
}

void
kh_channel_worker_ping (KhChannelWorker *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  post (self, make_command (COMMAND_PING));
}

void
kh_channel_worker_check (KhChannelWorker *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  post (self, make_command (COMMAND_CHECK));
}

void
kh_channel_worker_lose (KhChannelWorker *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  post (self, make_command (COMMAND_LOSE));
}

static bool
open_stream (KhChannelWorker *self, uint32_t stream, bool outgoing,
             const uint8_t transfer[KH_FRAME_ID_LEN], Command *command)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (!add_id (outgoing ? &self->outgoing_ids : &self->incoming_ids, stream))
    {
      kh_channel_free_command (command);
      return false;
    }
  command->stream = stream;
  command->outgoing = outgoing;
  memcpy (command->transfer, transfer, KH_FRAME_ID_LEN);
  post (self, command);
  return true;
}

bool
kh_channel_worker_open_outgoing (KhChannelWorker *self, uint32_t stream,
                                 const uint8_t transfer[KH_FRAME_ID_LEN])
{
  return open_stream (self, stream, true, transfer, make_command (COMMAND_OPEN));
}

bool
kh_channel_worker_open_incoming (KhChannelWorker *self, uint32_t stream,
                                 const uint8_t transfer[KH_FRAME_ID_LEN],
                                 const KhChannelIncoming *incoming)
{
  Command *command = make_command (COMMAND_OPEN);

  command->folder = g_strdup (incoming->folder);
  command->number = incoming->growth;
  command->flag = incoming->resumed;
  command->since_ms = incoming->since_ms;
  return open_stream (self, stream, false, transfer, command);
}

void
kh_channel_worker_add_items (KhChannelWorker *self, uint32_t stream, bool outgoing,
                             const KhChannelItem *items, unsigned n)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  Command *command = make_command (COMMAND_ITEMS);

  command->stream = stream;
  command->outgoing = outgoing;
  command->items = g_memdup2 (items, n * sizeof items[0]);
  command->n_items = n;
  post (self, command);
}

void
kh_channel_worker_pause (KhChannelWorker *self, uint32_t stream, bool paused)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  Command *command = make_command (COMMAND_PAUSE);

  command->stream = stream;
  command->flag = paused;
  post (self, command);
}

void
kh_channel_worker_stop (KhChannelWorker *self, uint32_t stream, bool outgoing,
                        bool discard)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  Command *command = make_command (COMMAND_STOP);

  command->stream = stream;
  command->outgoing = outgoing;
  command->flag = discard;
  post (self, command);
}

void
kh_channel_worker_set_rate (KhChannelWorker *self, uint64_t rate)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  Command *command = make_command (COMMAND_RATE);

  command->number = rate;
  post (self, command);
}

void
kh_channel_worker_close (KhChannelWorker *self, KhFrameBye reason)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  Command *command = make_command (COMMAND_CLOSE);

  command->reason = (uint8_t)reason;
  post (self, command);
}
