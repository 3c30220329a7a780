/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/channel-worker-private.h"
#include "net/socket.h"

#include <string.h>

/* What is sealed at once begins small and doubles while it is gone at once. */
#define TURN_LEN_MIN (16u << 10)
#define TURN_LEN_MAX BUFFER_LEN
#define TURN_SHORT_US 5000
#define TURN_LONG_US 10000

/* File data that may wait in the kernel (PROTOCOL.md section 5). The system asks for
 * more when half of it is gone. */
#define UNSENT_MIN (2 * TURN_LEN_MIN)

/* A record around a frame. */
#define OVERHEAD (RECORD_HEADER_LEN + KH_NOISE_TAG_LEN)
#define FILE_END_LEN 18

/* Whole pages: the receiver then never writes into half of one. */
#define PIECE_MAX (KH_FRAME_PIECE_MAX / 4096 * 4096)

static size_t
room (const KhChannelWorker *self)
{
  return sizeof self->out - self->out_len;
}

/* Where the next frame is to be put, so that it is sealed where it lies. */
static uint8_t *
frame_at (KhChannelWorker *self)
{
  return self->out + self->out_len + RECORD_HEADER_LEN;
}

static void
seal (KhChannelWorker *self, size_t frame_len)
{
  uint8_t *header = self->out + self->out_len;
  size_t sealed_len = frame_len + KH_NOISE_TAG_LEN;

  if (!kh_noise_seal (&self->seal, &self->seal_key, frame_at (self), frame_at (self),
                      frame_len))
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
  if (frame->is_answer)
    {
      self->n_answers--;
      return;
    }
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
         && room (self) >= frame->len + OVERHEAD)
    {
      memcpy (frame_at (self), frame->bytes, frame->len);
      seal (self, frame->len);
      forget_frame (self, frame);
      g_free (g_queue_pop_head (&self->control));
    }
}

static OutStream *
find_stream (KhChannelWorker *self, uint32_t id)
{
  for (unsigned i = 0; i < KH_CHANNEL_STREAMS; i++)
    if (self->outgoing[i].active && self->outgoing[i].id == id)
      return &self->outgoing[i];
  return NULL;
}

/* The next one in turn that has something to send. */
static OutStream *
pick_stream (KhChannelWorker *self)
{
  for (unsigned i = 0; i < KH_CHANNEL_STREAMS; i++)
    {
      unsigned at = (self->next_outgoing + i) % KH_CHANNEL_STREAMS;
      OutStream *stream = &self->outgoing[at];

      if (stream->active && stream->transfer.state == KH_TRANSFER_RUNNING)
        {
          self->next_outgoing = at;
          return stream;
        }
    }
  return NULL;
}

static void
finish_stream (KhChannelWorker *self, OutStream *stream)
{
  kh_channel_tell_file_over (self, true, stream->id, &stream->transfer, NULL);
  kh_outgoing_file_close (&stream->file);
  stream->active = false;
}

static void
write_file_end (KhChannelWorker *self, OutStream *stream, KhFrameStatus status)
{
  KhFrame frame = { .type = KH_FRAME_FILE_END };

  if (status == KH_FRAME_STATUS_COMPLETE)
    status = kh_outgoing_file_check (&stream->file);
  frame.file.stream = stream->id;
  frame.file.size = stream->transfer.bytes;
  frame.file.status = (uint8_t)status;
  seal (self, kh_frame_write (&frame, frame_at (self), room (self)));

  kh_transfer_end (&stream->transfer, frame.file.status);
  if (kh_transfer_is_final (&stream->transfer))
    {
      finish_stream (self, stream);
      return;
    }
  kh_outgoing_file_close (&stream->file);
  kh_channel_events_push (self->events,
                          &(KhChannelEvent){ .kind = KH_CHANNEL_FILE_SENT,
                                             .stream = stream->id,
                                             .outgoing = true,
                                             .bytes = stream->transfer.bytes });
}

/* Reads the file behind its header, where it is sealed too. */
static void
write_piece (KhChannelWorker *self, OutStream *stream, size_t len)
{
  uint8_t *frame = frame_at (self);
  uint64_t offset = stream->transfer.bytes;
  KhFrameStatus status = kh_outgoing_file_read (&stream->file, offset,
                                                frame + KH_FRAME_PIECE_HEADER_LEN, len);

  if (status != KH_FRAME_STATUS_COMPLETE)
    {
      write_file_end (self, stream, status);
      return;
    }
  kh_frame_write_piece_header (frame, stream->id, 0, offset);
  seal (self, KH_FRAME_PIECE_HEADER_LEN + len);
  kh_transfer_sent (&stream->transfer, len);
}

static void
fill_with_pieces (KhChannelWorker *self)
{
  const size_t overhead = OVERHEAD + KH_FRAME_PIECE_HEADER_LEN;
  OutStream *stream = pick_stream (self);

  while (stream != NULL && stream->active && self->out_len < self->turn_len
         && room (self) > overhead + FILE_END_LEN)
    {
      size_t max = MIN (PIECE_MAX, MIN (self->turn_len, room (self)) - overhead);
      size_t len = kh_transfer_next_piece (&stream->transfer, max);

      /* Rather a full one in the next turn than a scrap in this. */
      if (len == max && len < PIECE_MAX && self->out_len > 0)
        break;
      if (len == 0)
        {
          write_file_end (self, stream, KH_FRAME_STATUS_COMPLETE);
          stream = pick_stream (self);
          continue;
        }
      write_piece (self, stream, len);
    }
  if (stream != NULL && stream->active)
    kh_channel_tell_progress (self, true, stream->id, &stream->transfer,
                              &stream->progress_at_us);
  self->next_outgoing++;
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
  if (self->turn_len != before)
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
  if (frame->is_answer)
    self->n_answers++;
  g_queue_push_tail (&self->control, frame);
}

void
kh_channel_answer (KhChannelWorker *self, const KhFrame *frame)
{
  uint8_t bytes[64]; /* none of the worker's own frames is longer */
  size_t len = kh_frame_write (frame, bytes, sizeof bytes);
  Frame *answer = g_malloc (sizeof *answer + len);

  g_assert (len > 0);
  answer->len = len;
  answer->is_answer = true;
  memcpy (answer->bytes, bytes, len);
  kh_channel_queue (self, answer);
}

void
kh_channel_ping (KhChannelWorker *self)
{
  uint64_t cookie = (uint64_t)g_get_monotonic_time () + self->cookie_salt;

  kh_channel_answer (self, &(KhFrame){ .type = KH_FRAME_PING, .cookie = cookie });
}

void
kh_channel_begin_sending (KhChannelWorker *self, Command *command)
{
  for (unsigned i = 0; i < KH_CHANNEL_STREAMS; i++)
    {
      OutStream *stream = &self->outgoing[i];

      if (stream->active)
        continue;
      *stream = (OutStream){ .active = true, .id = command->stream };
      stream->file = command->file;
      command->file = KH_OUTGOING_FILE_CLOSED;
      stream->progress_at_us = self->now_us;
      kh_transfer_init (&stream->transfer, true, stream->file.size);
      kh_transfer_accept (&stream->transfer, command->offset);
      if (kh_transfer_is_final (&stream->transfer))
        finish_stream (self, stream);
      /* Ahead of all pieces: it tells how long the path is when it is empty. */
      if (self->pacing.shortest_us == 0)
        kh_channel_ping (self);
      return;
    }
  g_assert_not_reached ();
}

void
kh_channel_stop_sending (KhChannelWorker *self, uint32_t id)
{
  OutStream *stream = find_stream (self, id);

  if (stream != NULL && kh_transfer_cancel (&stream->transfer))
    finish_stream (self, stream);
}

void
kh_channel_take_result (KhChannelWorker *self, const KhFrame *frame)
{
  OutStream *stream = find_stream (self, frame->file.stream);

  if (stream == NULL || frame->file.file != 0)
    {
      self->n_dropped++;
      return;
    }
  if (frame->type == KH_FRAME_FILE_DONE)
    kh_transfer_placed (&stream->transfer);
  else if (frame->file.status != KH_FRAME_STATUS_COMPLETE)
    kh_transfer_fail (&stream->transfer, frame->file.status);
  if (kh_transfer_is_final (&stream->transfer))
    finish_stream (self, stream);
  else
    self->n_dropped++;
}

bool
kh_channel_has_output (const KhChannelWorker *self)
{
  if (self->write_lost)
    return false;
  if (!is_flushed (self) || self->control.length > 0)
    return true;
  for (unsigned i = 0; i < KH_CHANNEL_STREAMS; i++)
    if (self->outgoing[i].active
        && self->outgoing[i].transfer.state == KH_TRANSFER_RUNNING)
      return true;
  return false;
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

void
kh_channel_drop_output (KhChannelWorker *self)
{
  for (unsigned i = 0; i < KH_CHANNEL_STREAMS; i++)
    if (self->outgoing[i].active)
      {
        kh_outgoing_file_close (&self->outgoing[i].file);
        self->outgoing[i].active = false;
      }
}
