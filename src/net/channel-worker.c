/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/channel-worker-private.h"
#include "net/socket.h"

#include <sodium.h>
#include <string.h>

static void
free_command (gpointer data)
{
  Command *command = data;

  kh_outgoing_file_close (&command->file);
  g_free (command->folder);
  g_free (command->name);
  g_free (command->frame);
  g_free (command);
}

static Command *
make_command (CommandKind kind)
{
  Command *command = g_new0 (Command, 1);

  command->kind = kind;
  command->file = KH_OUTGOING_FILE_CLOSED;
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

static void
remove_id (StreamIds *ids, uint32_t id)
{
  for (unsigned i = 0; i < ids->n; i++)
    if (ids->ids[i] == id)
      {
        ids->ids[i] = ids->ids[--ids->n];
        return;
      }
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
say_farewell (KhChannelWorker *self, uint8_t reason)
{
  if (self->phase != PHASE_OPEN)
    return;
  kh_channel_drop_output (self);
  kh_channel_drop_input (self);
  kh_channel_answer (self, &(KhFrame){ .type = KH_FRAME_BYE, .reason = reason });
  self->phase = PHASE_FAREWELL;
  self->farewell_until_us = self->now_us + KH_CHANNEL_FAREWELL_US;
}

static void
carry_out (KhChannelWorker *self, Command *command)
{
  switch (command->kind)
    {
    case COMMAND_FRAME:
      kh_channel_queue (self, g_steal_pointer (&command->frame));
      break;
    case COMMAND_PING:
      kh_channel_ping (self);
      break;
    case COMMAND_SEND_FILE:
      kh_channel_begin_sending (self, command);
      break;
    case COMMAND_RECEIVE_FILE:
      kh_channel_begin_receiving (self, command);
      break;
    case COMMAND_STOP:
      if (command->outgoing)
        kh_channel_stop_sending (self, command->stream);
      else
        kh_channel_stop_receiving (self, command->stream);
      break;
    case COMMAND_CLOSE:
      say_farewell (self, command->reason);
      break;
    }
}

static void
take_commands (KhChannelWorker *self)
{
  GQueue taken;
  Command *command;

  g_mutex_lock (&self->lock);
  taken = self->commands;
  g_queue_init (&self->commands);
  if (self->abandoned)
    kh_channel_end (self, KH_CHANNEL_END_OURS, 0);
  g_mutex_unlock (&self->lock);

  while ((command = g_queue_pop_head (&taken)) != NULL)
    {
      if (self->phase == PHASE_OPEN)
        carry_out (self, command);
      free_command (command);
    }
}

/* Whether the peer's system has taken anything since this was last asked: on a
 * slow path full of file pieces, an answer to PING can be long in coming. */
static bool
has_taken_more (KhChannelWorker *self)
{
  uint64_t before = self->n_taken;
  size_t waiting;

  if (!kh_socket_unacknowledged (self->fd, &waiting))
    return false;
  self->n_taken = self->n_sent - MIN (self->n_sent, waiting);
  return self->n_taken > before;
}

static int64_t
heartbeat_deadline (const KhChannelWorker *self)
{
  if (self->phase != PHASE_OPEN)
    return self->farewell_until_us;
  if (self->pinged_at_us != 0)
    return self->pinged_at_us + self->lost_after_us;
  return self->heard_at_us + self->ping_after_us;
}

static void
beat (KhChannelWorker *self)
{
  if (self->now_us < heartbeat_deadline (self))
    return;
  if (self->phase != PHASE_OPEN)
    {
      kh_channel_end (self, KH_CHANNEL_END_OURS, 0);
      return;
    }
  if (self->pinged_at_us != 0 && !has_taken_more (self))
    {
      kh_channel_end (self, KH_CHANNEL_END_SILENT, 0);
      return;
    }
  if (self->pinged_at_us == 0)
    {
      has_taken_more (self);
      kh_channel_ping (self);
    }
  self->pinged_at_us = self->now_us;
}

/* Reads away what still comes, so that closing does not turn into a reset that
 * overtakes BYE. */
static void
linger (KhChannelWorker *self)
{
  KhSocketResult result;
  size_t n;

  if (self->phase == PHASE_FAREWELL && !kh_channel_has_output (self))
    {
      kh_socket_shut_down (self->fd);
      self->phase = PHASE_LINGER;
    }
  result = kh_socket_read (self->fd, self->in, sizeof self->in, &n);
  if (result != KH_SOCKET_DONE && result != KH_SOCKET_PENDING)
    kh_channel_end (self, KH_CHANNEL_END_OURS, 0);
}

static void
turn (KhChannelWorker *self)
{
  bool held_up = self->phase == PHASE_OPEN && kh_channel_is_held_up (self);
  bool ready = !held_up && self->phase == PHASE_OPEN && kh_channel_has_record (self);
  unsigned watch = (held_up ? 0 : KH_WAKER_READ)
                   | (kh_channel_has_output (self) ? KH_WAKER_WRITE : 0);
  int64_t timeout_us = ready ? 0 : heartbeat_deadline (self) - g_get_monotonic_time ();
  /* A broken socket is always ready, so it is not watched for nothing. */
  unsigned holds = kh_waker_wait (&self->waker, watch != 0 ? self->fd : KH_SOCKET_NONE,
                                  watch, timeout_us);

  self->now_us = g_get_monotonic_time ();
  if (held_up)
    {
      /* It is we who don't listen. */
      self->heard_at_us = self->now_us;
      self->pinged_at_us = 0;
    }
  if (self->phase == PHASE_OPEN)
    kh_channel_receive_turn (self, (holds & (KH_WAKER_READ | KH_WAKER_BROKEN)) != 0);
  if (self->phase != PHASE_ENDED && (holds & (KH_WAKER_WRITE | KH_WAKER_BROKEN)))
    kh_channel_send_turn (self);
  if (self->phase == PHASE_FAREWELL || self->phase == PHASE_LINGER)
    linger (self);
  if (self->phase != PHASE_ENDED)
    beat (self);
}

static gpointer
run (gpointer data)
{
  KhChannelWorker *self = data;

  take_commands (self);
  while (self->phase != PHASE_ENDED)
    {
      turn (self);
      take_commands (self);
    }

  kh_channel_drop_output (self);
  kh_channel_drop_input (self);
  kh_socket_close (self->fd);
  self->fd = KH_SOCKET_NONE;
  kh_channel_events_push (self->events, &(KhChannelEvent){ .kind = KH_CHANNEL_CLOSED,
                                                           .end = self->end,
                                                           .reason = self->end_reason });
  return NULL;
}

void
kh_channel_end (KhChannelWorker *self, KhChannelEnd end, uint8_t reason)
{
  if (self->phase == PHASE_ENDED)
    return;
  /* Whatever it was that cut the farewell short, we had closed it. */
  self->end = self->phase == PHASE_OPEN ? end : KH_CHANNEL_END_OURS;
  self->end_reason = self->phase == PHASE_OPEN ? reason : 0;
  self->phase = PHASE_ENDED;
}

void
kh_channel_tell_file_over (KhChannelWorker *self, bool outgoing, uint32_t stream,
                           const KhTransfer *transfer, const char *path)
{
  KhChannelEvent event = {
    .kind
    = transfer->state == KH_TRANSFER_DONE ? KH_CHANNEL_FILE_DONE : KH_CHANNEL_FILE_FAILED,
    .stream = stream,
    .outgoing = outgoing,
    .status = transfer->status,
    .bytes = transfer->bytes,
    .path = path,
  };

  g_mutex_lock (&self->lock);
  remove_id (outgoing ? &self->outgoing_ids : &self->incoming_ids, stream);
  g_mutex_unlock (&self->lock);
  kh_channel_events_push (self->events, &event);
}

void
kh_channel_tell_progress (KhChannelWorker *self, bool outgoing, uint32_t stream,
                          const KhTransfer *transfer, int64_t *progress_at_us)
{
  /* Where nobody takes events away, a later progress says it too. */
  if (self->now_us - *progress_at_us < KH_CHANNEL_PROGRESS_US
      || kh_channel_events_is_full (self->events))
    return;
  *progress_at_us = self->now_us;
  kh_channel_events_push (self->events, &(KhChannelEvent){ .kind = KH_CHANNEL_PROGRESS,
                                                           .stream = stream,
                                                           .outgoing = outgoing,
                                                           .bytes = transfer->bytes });
}

static void
wipe_and_free (KhChannelWorker *self)
{
  g_queue_clear_full (&self->commands, free_command);
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
  self->ping_after_us
      = setup->ping_after_us != 0 ? setup->ping_after_us : KH_FRAME_PING_AFTER_US;
  self->lost_after_us
      = setup->lost_after_us != 0 ? setup->lost_after_us : KH_FRAME_LOST_AFTER_US;
  randombytes_buf (&self->cookie_salt, sizeof self->cookie_salt);
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
  self->thread = g_thread_try_new ("channel", run, self, NULL);
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
      free_command (command);
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

bool
kh_channel_worker_send_file (KhChannelWorker *self, uint32_t stream, KhOutgoingFile *file,
                             uint64_t offset)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  Command *command;

  if (!add_id (&self->outgoing_ids, stream))
    return false;
  command = make_command (COMMAND_SEND_FILE);
  command->stream = stream;
  command->offset = offset;
  command->file = *file;
  *file = KH_OUTGOING_FILE_CLOSED;
  post (self, command);
  return true;
}

bool
kh_channel_worker_receive_file (KhChannelWorker *self,
                                const uint8_t transfer[KH_FRAME_ID_LEN], uint32_t stream,
                                const char *folder, const char *name, uint64_t size,
                                uint64_t modified_ms)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  Command *command;

  if (!add_id (&self->incoming_ids, stream))
    return false;
  command = make_command (COMMAND_RECEIVE_FILE);
  command->stream = stream;
  memcpy (command->transfer, transfer, KH_FRAME_ID_LEN);
  command->folder = g_strdup (folder);
  command->name = g_strdup (name);
  command->size = size;
  command->modified_ms = modified_ms;
  post (self, command);
  return true;
}

void
kh_channel_worker_stop (KhChannelWorker *self, uint32_t stream, bool outgoing)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  Command *command = make_command (COMMAND_STOP);

  command->stream = stream;
  command->outgoing = outgoing;
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
