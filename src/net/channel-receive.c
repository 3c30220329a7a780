/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/channel-worker-private.h"
#include "net/socket.h"

#include <string.h>

static InStream *
find_stream (KhChannelWorker *self, uint32_t id)
{
  for (unsigned i = 0; i < KH_CHANNEL_STREAMS; i++)
    if (self->incoming[i].active && self->incoming[i].id == id)
      return &self->incoming[i];
  return NULL;
}

static void
release_stream (InStream *stream)
{
  kh_incoming_file_discard (&stream->file);
  g_clear_pointer (&stream->folder, g_free);
  g_clear_pointer (&stream->name, g_free);
  stream->active = false;
}

/* The peer hears of everything but what it has said itself. */
static void
finish_stream (KhChannelWorker *self, InStream *stream, const char *path, bool peer_knows)
{
  KhFrame frame = { .type = KH_FRAME_FILE_DONE };

  frame.file.stream = stream->id;
  frame.file.status = stream->transfer.status;
  if (stream->transfer.state != KH_TRANSFER_DONE)
    frame.type = KH_FRAME_FILE_FAILED;
  if (!peer_knows)
    kh_channel_answer (self, &frame);
  kh_incoming_file_discard (&stream->file);
  kh_channel_tell_file_over (self, false, stream->id, &stream->transfer, path);
  release_stream (stream);
}

static void
take_piece (KhChannelWorker *self, const KhFrame *frame)
{
  InStream *stream = find_stream (self, frame->piece.stream);
  KhFrameStatus status;

  if (stream == NULL)
    {
      /* A sender does not know at once that its file was stopped. */
      self->n_dropped++;
      return;
    }
  if (!kh_transfer_take_piece (&stream->transfer, frame->piece.file, frame->piece.offset,
                               frame->piece.len))
    {
      finish_stream (self, stream, NULL, false);
      return;
    }
  status = kh_incoming_file_write (&stream->file, frame->piece.offset, frame->piece.bytes,
                                   frame->piece.len);
  if (status != KH_FRAME_STATUS_COMPLETE)
    {
      kh_transfer_fail (&stream->transfer, (uint8_t)status);
      finish_stream (self, stream, NULL, false);
      return;
    }
  kh_channel_tell_progress (self, false, stream->id, &stream->transfer,
                            &stream->progress_at_us);
}

static void
place_file (KhChannelWorker *self, InStream *stream)
{
  char final_name[KH_INCOMING_FILE_NAME_MAX + 1];
  g_autofree char *path = NULL;
  KhFrameStatus status = kh_incoming_file_finish (&stream->file, stream->name,
                                                  stream->modified_ms, final_name);

  if (status == KH_FRAME_STATUS_COMPLETE)
    {
      path = g_build_filename (stream->folder, final_name, NULL);
      kh_transfer_placed (&stream->transfer);
    }
  else
    kh_transfer_fail (&stream->transfer, (uint8_t)status);
  finish_stream (self, stream, path, false);
}

static void
take_end (KhChannelWorker *self, const KhFrame *frame)
{
  InStream *stream = find_stream (self, frame->file.stream);

  if (stream == NULL)
    self->n_dropped++;
  else if (kh_transfer_take_end (&stream->transfer, frame->file.file, frame->file.size,
                                 frame->file.status))
    place_file (self, stream);
  else
    finish_stream (self, stream, NULL, frame->file.status != KH_FRAME_STATUS_COMPLETE);
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
      take_piece (self, &frame);
      break;
    case KH_FRAME_FILE_END:
      take_end (self, &frame);
      break;
    case KH_FRAME_FILE_DONE:
    case KH_FRAME_FILE_FAILED:
      kh_channel_take_result (self, &frame);
      break;
    case KH_FRAME_PING:
      frame.type = KH_FRAME_PONG;
      kh_channel_answer (self, &frame);
      break;
    case KH_FRAME_PONG:
      take_pong (self, frame.cookie);
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
    }
  else if (result != KH_SOCKET_PENDING)
    kh_channel_end (self, KH_CHANNEL_END_LOST, 0);
}

/* Answers the offer: the sender may begin, or there is no place for its file. */
static void
answer_offer (KhChannelWorker *self, const uint8_t transfer[KH_FRAME_ID_LEN],
              KhFrameStatus status)
{
  KhFrame frame = { .type = KH_FRAME_REPLY };

  if (status == KH_FRAME_STATUS_COMPLETE)
    {
      memcpy (frame.reply.transfer, transfer, KH_FRAME_ID_LEN);
      frame.reply.verdict = KH_FRAME_ACCEPT;
    }
  else
    {
      frame.type = KH_FRAME_CANCEL;
      memcpy (frame.cancel.transfer, transfer, KH_FRAME_ID_LEN);
      frame.cancel.status = (uint8_t)status;
    }
  kh_channel_answer (self, &frame);
}

/* So that whoever starts after a crash knows what was left behind. */
static void
tell_begun (KhChannelWorker *self, const InStream *stream)
{
  g_autofree char *path = g_build_filename (stream->folder, stream->file.partial, NULL);

  kh_channel_events_push (self->events, &(KhChannelEvent){ .kind = KH_CHANNEL_FILE_BEGUN,
                                                           .stream = stream->id,
                                                           .path = path });
}

void
kh_channel_begin_receiving (KhChannelWorker *self, Command *command)
{
  KhFrameStatus status;

  for (unsigned i = 0; i < KH_CHANNEL_STREAMS; i++)
    {
      InStream *stream = &self->incoming[i];

      if (stream->active)
        continue;
      *stream = (InStream){ .active = true, .id = command->stream };
      stream->folder = g_steal_pointer (&command->folder);
      stream->name = g_steal_pointer (&command->name);
      stream->modified_ms = command->modified_ms;
      stream->progress_at_us = self->now_us;
      kh_transfer_init (&stream->transfer, false, command->size);
      kh_transfer_accept (&stream->transfer, 0);
      status = kh_incoming_file_begin (&stream->file, stream->folder, stream->name,
                                       command->size);
      answer_offer (self, command->transfer, status);
      if (status == KH_FRAME_STATUS_COMPLETE)
        {
          tell_begun (self, stream);
          return;
        }
      kh_transfer_fail (&stream->transfer, (uint8_t)status);
      finish_stream (self, stream, NULL, true);
      return;
    }
  g_assert_not_reached ();
}

void
kh_channel_stop_receiving (KhChannelWorker *self, uint32_t id)
{
  InStream *stream = find_stream (self, id);

  if (stream != NULL && kh_transfer_cancel (&stream->transfer))
    finish_stream (self, stream, NULL, false);
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
  if (!readable || kh_channel_is_held_up (self) || self->phase == PHASE_ENDED)
    return;
  read_socket (self);
  take_records (self);
}

void
kh_channel_drop_input (KhChannelWorker *self)
{
  for (unsigned i = 0; i < KH_CHANNEL_STREAMS; i++)
    if (self->incoming[i].active)
      release_stream (&self->incoming[i]);
}
