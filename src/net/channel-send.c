/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/channel-worker-private.h"
#include "net/socket.h"

#include <string.h>

/* What is sealed at once begins small and doubles while it is gone at once. */
#define TURN_LEN_MIN (16u << 10)
#define TURN_LEN_MAX BUFFER_LEN
#define TURN_SHORT_US 5000
#define TURN_LONG_US 10000
/* So often it is asked anew what may wait in the kernel. */
#define TURNS_PER_LOOK 32

/* File data that may wait in the kernel (PROTOCOL.md section 5). The system asks for
 * more when half of it is gone. */
#define UNSENT_MIN (2 * TURN_LEN_MIN)

/* A credit of so long may be saved up, so that a rate is kept in spite of pauses. */
#define CREDIT_S 0.1
#define CREDIT_LEAST 65536.0

size_t
kh_channel_room (const KhChannelWorker *self)
{
  return sizeof self->out - self->out_len;
}

uint8_t *
kh_channel_frame_at (KhChannelWorker *self)
{
  return self->out + self->out_len + RECORD_HEADER_LEN;
}

void
kh_channel_seal (KhChannelWorker *self, size_t frame_len)
{
  uint8_t *header = self->out + self->out_len;
  size_t sealed_len = frame_len + KH_NOISE_TAG_LEN;

  if (!kh_noise_seal (&self->seal, &self->seal_key, kh_channel_frame_at (self),
                      kh_channel_frame_at (self), frame_len))
    {
      kh_channel_end (self, KH_CHANNEL_END_BAD, 0);
      return;
    }
  header[0] = (uint8_t)(sealed_len >> 8);
  header[1] = (uint8_t)sealed_len;
  self->out_len += RECORD_HEADER_LEN + sealed_len;
}

static void
forget_frame (KhChannelWorker *self, const Frame *frame)
{
  if (frame->origin == ORIGIN_ANSWER)
    self->n_answers--;
  if (frame->origin != ORIGIN_MAIN)
    return;
  g_mutex_lock (&self->lock);
  self->n_frames--;
  self->frame_bytes -= frame->len;
  g_mutex_unlock (&self->lock);
}

static void
fill_with_control (KhChannelWorker *self)
{
  Frame *frame;

  while ((frame = g_queue_peek_head (&self->control)) != NULL
         && kh_channel_room (self) >= frame->len + RECORD_OVERHEAD)
    {
      memcpy (kh_channel_frame_at (self), frame->bytes, frame->len);
      kh_channel_seal (self, frame->len);
      forget_frame (self, frame);
      g_free (g_queue_pop_head (&self->control));
    }
}

static bool
is_flushed (const KhChannelWorker *self)
{
  return self->out_at == self->out_len;
}

/* A turn should be gone within a few milliseconds, and what waits in the kernel not
 * be much more: a message that comes after it waits for both. */
static void
adapt_turn (KhChannelWorker *self)
{
  int64_t took_us = g_get_monotonic_time () - self->turn_at_us;
  size_t before = self->turn_len;

  if (self->pacing.rate > 0)
    self->turn_len = CLAMP (self->pacing.rate * TURN_SHORT_US / G_USEC_PER_SEC,
                            TURN_LEN_MIN, TURN_LEN_MAX);
  else if (took_us < TURN_SHORT_US)
    self->turn_len = MIN (self->turn_len * 2, TURN_LEN_MAX);
  else if (took_us > TURN_LONG_US)
    self->turn_len = MAX (self->turn_len / 2, TURN_LEN_MIN);
  if (self->turn_len != before || ++self->n_turns % TURNS_PER_LOOK == 0)
    kh_socket_set_unsent_max (self->fd, CLAMP (self->turn_len, UNSENT_MIN, UNSENT_MAX));
}

/* What is in flight waits in front of a message too. */
static void
adapt_pacing (KhChannelWorker *self)
{
  KhSocketPath path;

  if (self->now_us >= self->pacing.due_at_us && kh_socket_path (self->fd, &path)
      && kh_pacing_update (&self->pacing, self->now_us, &path))
    kh_socket_set_pacing (self->fd, self->pacing.rate);
}

static void
flush (KhChannelWorker *self)
{
  size_t n;

  while (!is_flushed (self))
    {
      KhSocketResult result = kh_socket_write (self->fd, self->out + self->out_at,
                                               self->out_len - self->out_at, &n);

      if (result == KH_SOCKET_PENDING)
        return;
      if (result != KH_SOCKET_DONE)
        {
          /* What the peer has said before still lies in the socket: reading it
           * comes to the end by itself. */
          self->write_lost = true;
          return;
        }
      self->out_at += n;
      self->n_sent += n;
    }
  adapt_turn (self);
}

void
kh_channel_queue (KhChannelWorker *self, Frame *frame)
{
  if (frame->origin == ORIGIN_ANSWER)
    self->n_answers++;
  g_queue_push_tail (&self->control, frame);
}

static void
queue_own (KhChannelWorker *self, const KhFrame *frame, FrameOrigin origin)
{
  uint8_t bytes[MARK_LEN]; /* none of the worker's own frames is longer */
  size_t len = kh_frame_write (frame, bytes, sizeof bytes);
  Frame *own = g_malloc (sizeof *own + len);

  g_assert (len > 0);
  own->len = len;
  own->origin = origin;
  memcpy (own->bytes, bytes, len);
  kh_channel_queue (self, own);
}

void
kh_channel_answer (KhChannelWorker *self, const KhFrame *frame)
{
  queue_own (self, frame, ORIGIN_ANSWER);
}

void
kh_channel_say (KhChannelWorker *self, const KhFrame *frame)
{
  queue_own (self, frame, ORIGIN_OWN);
}

void
kh_channel_ping (KhChannelWorker *self)
{
  uint64_t cookie = (uint64_t)g_get_monotonic_time () + self->cookie_salt;

  kh_channel_answer (self, &(KhFrame){ .type = KH_FRAME_PING, .cookie = cookie });
}

static void
save_credit (KhChannelWorker *self)
{
  double most = MAX ((double)self->rate * CREDIT_S, CREDIT_LEAST);
  double earned
      = (double)self->rate * (double)(self->now_us - self->credit_at_us) / 1000000;

  self->credit = MIN (self->credit + earned, most);
  self->credit_at_us = self->now_us;
}

void
kh_channel_set_rate (KhChannelWorker *self, uint64_t rate)
{
  self->rate = rate;
  self->credit = 0;
  self->credit_at_us = self->now_us;
}

static bool
is_unread_full (const KhChannelWorker *self)
{
  return self->n_pieces - self->n_peer_read >= KH_CHANNEL_UNREAD_MAX;
}

/* Pieces that may go out now: as much as there is room for, or less by the rate. */
static size_t
allowed_pieces (KhChannelWorker *self)
{
  if (is_unread_full (self))
    return 0;
  if (self->rate == 0)
    return SIZE_MAX;
  save_credit (self);
  return self->credit < 1 ? 0 : (size_t)self->credit;
}

int64_t
kh_channel_rate_deadline (KhChannelWorker *self)
{
  double missing;

  if (self->rate == 0 || self->credit >= 1 || is_unread_full (self)
      || !kh_channel_has_pieces (self))
    return INT64_MAX;
  missing = (1 - self->credit) * 1000000 / (double)self->rate;
  return self->credit_at_us + (int64_t)missing + 1000;
}

static bool
has_pieces_now (KhChannelWorker *self)
{
  return self->phase == PHASE_OPEN && kh_channel_has_pieces (self)
         && allowed_pieces (self) > 0;
}

bool
kh_channel_has_output (KhChannelWorker *self)
{
  return !self->write_lost
         && (!is_flushed (self) || self->control.length > 0 || has_pieces_now (self));
}

/* Whether the pieces so far have been read: PONG says so. */
static void
ask_what_was_read (KhChannelWorker *self)
{
  if (self->n_pieces - self->n_asked < KH_CHANNEL_UNREAD_STEP)
    return;
  self->n_asked = self->n_pieces;
  kh_channel_say (self, &(KhFrame){ .type = KH_FRAME_PING, .cookie = self->n_pieces });
}

static void
fill_with_pieces (KhChannelWorker *self)
{
  size_t max = self->phase == PHASE_OPEN ? allowed_pieces (self) : 0;
  size_t n;

  if (max == 0)
    return;
  n = kh_channel_fill_with_pieces (self, max);
  self->credit -= (double)n;
  self->n_pieces += n;
  ask_what_was_read (self);
}

/* The socket is writable: seals no more than goes out now, so that a frame that
 * comes in a moment is not behind what could have waited. */
void
kh_channel_send_turn (KhChannelWorker *self)
{
  if (!kh_channel_has_output (self))
    return;
  if (is_flushed (self))
    {
      self->out_at = 0;
      self->out_len = 0;
      self->turn_at_us = self->now_us;
      fill_with_control (self);
      fill_with_pieces (self);
    }
  if (self->phase == PHASE_ENDED)
    return;
  flush (self);
  adapt_pacing (self);
}
