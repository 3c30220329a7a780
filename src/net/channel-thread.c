/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/background.h"
#include "net/channel-worker-private.h"
#include "net/socket.h"

void
kh_channel_free_command (Command *command)
{
  g_free (command->folder);
  for (unsigned i = 0; i < command->n_items; i++)
    kh_channel_item_clear (&command->items[i]);
  g_free (command->items);
  g_free (command->frame);
  g_free (command);
}

void
kh_channel_forget_stream (KhChannelWorker *self, bool outgoing, uint32_t stream)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  StreamIds *ids = outgoing ? &self->outgoing_ids : &self->incoming_ids;

  for (unsigned i = 0; i < ids->n; i++)
    if (ids->ids[i] == stream)
      {
        ids->ids[i] = ids->ids[--ids->n];
        return;
      }
}

bool
kh_channel_is_late (const KhChannelWorker *self)
{
  return g_get_monotonic_time () - self->now_us >= TURN_WORK_US;
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

static void
drop_streams (KhChannelWorker *self)
{
  kh_channel_drop_outgoing (self);
  kh_channel_drop_incoming (self);
}

static void
say_farewell (KhChannelWorker *self, uint8_t reason)
{
  if (self->phase != PHASE_OPEN)
    return;
  drop_streams (self);
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
    case COMMAND_CHECK:
      kh_channel_ping (self);
      self->pinged_at_us = self->now_us;
      self->is_checked = true;
      break;
    case COMMAND_LOSE:
      kh_channel_end (self, KH_CHANNEL_END_LOST, 0);
      break;
    case COMMAND_OPEN:
      if (command->outgoing)
        kh_channel_open_outgoing (self, command);
      else
        kh_channel_open_incoming (self, command);
      break;
    case COMMAND_ITEMS:
      if (command->outgoing)
        kh_channel_add_outgoing (self, command);
      else
        kh_channel_add_incoming (self, command);
      break;
    case COMMAND_PAUSE:
      kh_channel_pause_outgoing (self, command->stream, command->flag);
      break;
    case COMMAND_STOP:
      if (command->outgoing)
        kh_channel_stop_outgoing (self, command->stream);
      else
        kh_channel_stop_incoming (self, command->stream, command->flag);
      break;
    case COMMAND_RATE:
      kh_channel_set_rate (self, command->number);
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
      /* What is to be discarded is, also at the end. */
      if (self->phase == PHASE_OPEN || command->kind == COMMAND_STOP)
        carry_out (self, command);
      kh_channel_free_command (command);
    }
}

/* Whether the peer's system has taken anything since this was last asked: on a
 * slow path full of file pieces, an answer to PING can be long in coming. */
static bool
has_taken_more (KhChannelWorker *self)
{
  uint64_t before = self->n_taken;

  return kh_socket_acknowledged (self->fd, self->n_sent, &self->n_taken)
         && self->n_taken > before;
}

static int64_t
heartbeat_deadline (const KhChannelWorker *self)
{
  if (self->phase != PHASE_OPEN)
    return self->farewell_until_us;
  if (self->pinged_at_us != 0)
    return self->pinged_at_us
           + (self->is_checked ? KH_CHANNEL_CHECK_US : self->lost_after_us);
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

/* Steps of comparing that can be done between other things. True: there is more. */
static bool
hash_turn (KhChannelWorker *self)
{
  bool outgoing = kh_channel_hash_outgoing (self);

  return kh_channel_hash_incoming (self) || outgoing;
}

static int64_t
next_deadline (KhChannelWorker *self)
{
  int64_t deadline = heartbeat_deadline (self);

  if (self->phase != PHASE_OPEN)
    return deadline;
  deadline = MIN (deadline, kh_channel_rate_deadline (self));
  return MIN (deadline, kh_channel_flush_deadline (self));
}

/* Waits until there is something to do. Returns what the socket is ready for. */
static unsigned
wait_for_work (KhChannelWorker *self, bool held_up, bool busy)
{
  bool ready
      = busy || (!held_up && self->phase == PHASE_OPEN && kh_channel_has_record (self));
  unsigned watch = (held_up ? 0 : KH_WAKER_READ)
                   | (kh_channel_has_output (self) ? KH_WAKER_WRITE : 0);
  int64_t timeout_us = ready ? 0 : next_deadline (self) - g_get_monotonic_time ();

  /* A broken socket is always ready, so it is not watched for nothing. */
  return kh_waker_wait (&self->waker, watch != 0 ? self->fd : KH_SOCKET_NONE, watch,
                        timeout_us);
}

static void
turn (KhChannelWorker *self)
{
  bool busy = self->phase == PHASE_OPEN && hash_turn (self);
  bool held_up = self->phase == PHASE_OPEN && kh_channel_is_held_up (self);
  unsigned holds = wait_for_work (self, held_up, busy);

  self->now_us = g_get_monotonic_time ();
  if (held_up)
    {
      /* It is we who don't listen. */
      self->heard_at_us = self->now_us;
      self->pinged_at_us = 0;
      self->is_checked = false;
    }
  if (self->phase == PHASE_OPEN)
    kh_channel_receive_turn (self, (holds & (KH_WAKER_READ | KH_WAKER_BROKEN)) != 0);
  if (self->phase == PHASE_OPEN)
    kh_channel_flush_incoming (self);
  if (self->phase != PHASE_ENDED && (holds & (KH_WAKER_WRITE | KH_WAKER_BROKEN)))
    kh_channel_send_turn (self);
  if (self->phase == PHASE_FAREWELL || self->phase == PHASE_LINGER)
    linger (self);
  if (self->phase != PHASE_ENDED)
    beat (self);
}

gpointer
kh_channel_run (gpointer worker)
{
  KhChannelWorker *self = worker;

  if (self->background)
    kh_background_enter ();
  take_commands (self);
  while (self->phase != PHASE_ENDED)
    {
      turn (self);
      take_commands (self);
    }

  drop_streams (self);
  kh_socket_close (self->fd);
  self->fd = KH_SOCKET_NONE;
  kh_channel_events_push (self->events, &(KhChannelEvent){ .kind = KH_CHANNEL_CLOSED,
                                                           .end = self->end,
                                                           .reason = self->end_reason });
  return NULL;
}
