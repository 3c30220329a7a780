/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/channel-worker-private.h"
#include "net/socket.h"

#include <string.h>

/* Who answers before it has read so much only harms itself. */
static void
take_read (KhChannelWorker *self, uint64_t n_pieces)
{
  if (n_pieces <= self->n_asked)
    self->n_peer_read = MAX (self->n_peer_read, n_pieces);
  else
    self->n_dropped++;
}

static void
take_pong (KhChannelWorker *self, uint64_t cookie)
{
  uint64_t sent_at_us = cookie - self->cookie_salt;
  uint64_t rtt_us = (uint64_t)g_get_monotonic_time () - sent_at_us;

  /* Not one of ours, or of a time when nobody can have waited for it any more. */
  if (rtt_us > (uint64_t)(self->ping_after_us + self->lost_after_us))
    {
      self->n_dropped++;
      return;
    }
  kh_pacing_heard (&self->pacing, (int64_t)rtt_us);
  kh_channel_events_push (self->events, &(KhChannelEvent){ .kind = KH_CHANNEL_ROUND_TRIP,
                                                           .rtt_us = (int64_t)rtt_us });
}

static void
take_frame (KhChannelWorker *self, const uint8_t *bytes, size_t len)
{
  KhFrame frame;
  KhFrameVerdict verdict = kh_frame_read (&frame, bytes, len);

  if (verdict == KH_FRAME_BAD)
    kh_channel_end (self, KH_CHANNEL_END_BAD, 0);
  if (verdict == KH_FRAME_UNKNOWN)
    self->n_dropped++;
  if (verdict != KH_FRAME_GOOD)
    return;

  switch (frame.type)
    {
    case KH_FRAME_PIECE:
    case KH_FRAME_FILE_BEGIN:
    case KH_FRAME_FILE_END:
      kh_channel_take_file_frame (self, &frame);
      break;
    case KH_FRAME_HASH:
      kh_channel_take_hash (self, &frame);
      break;
    case KH_FRAME_PING:
      frame.type = KH_FRAME_PONG;
      kh_channel_answer (self, &frame);
      break;
    case KH_FRAME_PONG:
      if ((frame.cookie & KH_CHANNEL_HEARTBEAT) != 0)
        take_pong (self, frame.cookie);
      else
        take_read (self, frame.cookie);
      break;
    case KH_FRAME_BYE:
      kh_channel_end (self, KH_CHANNEL_END_BYE, frame.reason);
      break;
    default:
      kh_channel_events_push (self->events, &(KhChannelEvent){ .kind = KH_CHANNEL_FRAME,
                                                               .frame = bytes,
                                                               .frame_len = len });
    }
}

/* Of the record at the front, without its header; only when that is there. */
static size_t
sealed_len (const KhChannelWorker *self)
{
  const uint8_t *header = self->in + self->in_at;

  return (size_t)header[0] << 8 | header[1];
}

static void
take_records (KhChannelWorker *self)
{
  while (self->phase == PHASE_OPEN && kh_channel_has_record (self)
         && !kh_channel_is_held_up (self))
    {
      uint8_t *sealed = self->in + self->in_at + RECORD_HEADER_LEN;
      size_t len = sealed_len (self);

      if (!kh_noise_open (&self->open, &self->open_key, sealed, sealed, len))
        {
          kh_channel_end (self, KH_CHANNEL_END_BAD, 0);
          return;
        }
      self->in_at += RECORD_HEADER_LEN + len;
      take_frame (self, sealed, len - KH_NOISE_TAG_LEN);
      if (kh_channel_is_late (self))
        return;
    }
}

/* Makes room for a whole record behind what is there. */
static void
move_to_front (KhChannelWorker *self)
{
  size_t left = self->in_len - self->in_at;

  memmove (self->in, self->in + self->in_at, left);
  self->in_at = 0;
  self->in_len = left;
}

static void
read_socket (KhChannelWorker *self)
{
  KhSocketResult result;
  size_t n;

  move_to_front (self);
  result = kh_socket_read (self->fd, self->in + self->in_len,
                           sizeof self->in - self->in_len, &n);
  if (result == KH_SOCKET_DONE)
    {
      self->in_len += n;
      self->heard_at_us = self->now_us;
      self->pinged_at_us = 0;
      self->is_checked = false;
    }
  else if (result != KH_SOCKET_PENDING)
    kh_channel_end (self, KH_CHANNEL_END_LOST, 0);
}

bool
kh_channel_is_held_up (KhChannelWorker *self)
{
  return self->n_answers >= ANSWERS_MAX || kh_channel_events_is_full (self->events);
}

bool
kh_channel_has_record (const KhChannelWorker *self)
{
  size_t left = self->in_len - self->in_at;

  return left >= RECORD_HEADER_LEN && left - RECORD_HEADER_LEN >= sealed_len (self);
}

void
kh_channel_receive_turn (KhChannelWorker *self, bool readable)
{
  take_records (self);
  if (!readable || kh_channel_is_held_up (self) || kh_channel_has_record (self)
      || self->phase == PHASE_ENDED)
    return;
  read_socket (self);
  take_records (self);
}
