/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/channel-worker-private.h"
#include "net/file-status.h"

#include <errno.h>
#include <string.h>

static InItem *
first_item (const InStream *stream)
{
  return g_queue_peek_head ((GQueue *)&stream->items);
}

static void
discard_partial (InStream *stream, const InItem *in)
{
  char partial[KH_INCOMING_FILE_NAME_MAX + 1];

  kh_incoming_file_close (&stream->file);
  if (kh_channel_find_partial (stream, in, KH_FOLDER_CURSOR_NUMBERED, partial))
    kh_incoming_file_discard (&stream->file, stream->cursor.folder, partial);
}

/* --- What has become of items -------------------------------------------------- */

static void
flush_stream (KhChannelWorker *self, InStream *stream)
{
  KhChannelEvent event = { .kind = KH_CHANNEL_RESULTS, .stream = stream->id };

  if (stream->batch.n == 0)
    return;
  event.results
      = kh_incoming_batch_flush (&stream->batch, &stream->cursor, stream->transfer_id);
  kh_channel_events_push (self->events, &event);
  g_array_unref (event.results);
}

/* The first item is over; takes it off the queue. */
static void
end_item (KhChannelWorker *self, InStream *stream, KhFrameStatus status, bool there)
{
  InItem *in = g_queue_pop_head (&stream->items);

  kh_channel_end_hashing (stream, in);
  if (status == KH_FRAME_STATUS_COMPLETE)
    stream->past_bytes += in->item.size;
  if (status == KH_FRAME_STATUS_COMPLETE && !there)
    kh_incoming_batch_add_file (&stream->batch, &stream->file, in->item.entry,
                                in->item.path, self->now_us);
  else
    kh_incoming_batch_add_other (&stream->batch, in->item.entry, status, there,
                                 kh_channel_elsewhere (in), self->now_us);
  kh_channel_free_in_item (in);
  stream->begun = false;
  stream->drop = KH_FRAME_STATUS_COMPLETE;
  /* Thousands of empty files come in one turn: not all can be open. */
  if (kh_incoming_batch_is_full (&stream->batch))
    flush_stream (self, stream);
}

static void
release_stream (KhChannelWorker *self, InStream *stream)
{
  flush_stream (self, stream);
  kh_channel_stop_hashing (stream);
  kh_incoming_file_close (&stream->file);
  kh_folder_cursor_close (&stream->cursor);
  g_queue_clear_full (&stream->items, kh_channel_free_in_item);
  for (unsigned i = 0; i < self->n_incoming; i++)
    if (self->incoming[i] == stream)
      self->incoming[i] = self->incoming[--self->n_incoming];
  g_aligned_free (stream);
}

/* Nothing of the stream can be taken any more. Partial files stay, for a retry. */
static void
fail_stream (KhChannelWorker *self, InStream *stream, KhFrameStatus status)
{
  uint32_t id = stream->id;

  release_stream (self, stream);
  kh_channel_forget_stream (self, false, id);
  kh_channel_events_push (self->events,
                          &(KhChannelEvent){ .kind = KH_CHANNEL_STREAM_FAILED,
                                             .stream = id,
                                             .status = (uint8_t)status });
}

/* The first item can't be received: what still comes of it is dropped. Returns whether
 * the stream goes on. */
static bool
drop_item (KhChannelWorker *self, InStream *stream, KhFrameStatus status)
{
  if (status == KH_FRAME_STATUS_DISK_FULL)
    {
      fail_stream (self, stream, status);
      return false;
    }
  stream->drop = (uint8_t)status;
  discard_partial (stream, first_item (stream));
  return true;
}

/* --- What comes ---------------------------------------------------------------- */

static KhFrameStatus
open_partial (InStream *stream, const InItem *in)
{
  char partial[KH_INCOMING_FILE_NAME_MAX + 1];

  if (!kh_channel_find_partial (stream, in, KH_FOLDER_CURSOR_MAKE, partial))
    return kh_file_status_of_writing (errno);
  return kh_incoming_file_begin (&stream->file, stream->cursor.folder, partial,
                                 in->item.executable, in->offset);
}

/* The first that comes of a file. Returns whether the stream goes on. */
static bool
begin_item (KhChannelWorker *self, InStream *stream)
{
  InItem *in = first_item (stream);
  KhFrameStatus status = KH_FRAME_STATUS_COMPLETE;

  if (stream->begun)
    return true;
  if (in->offset > 0 && !in->hash_sent)
    {
      /* It can't know yet that what is here is the same. */
      fail_stream (self, stream, KH_FRAME_STATUS_SIZE_DIFFERS);
      return false;
    }
  if (!in->same)
    status = open_partial (stream, in);
  stream->begun = true;
  kh_transfer_init (&stream->transfer, false, in->item.entry, in->item.size);
  kh_transfer_accept (&stream->transfer, in->offset);
  return status == KH_FRAME_STATUS_COMPLETE || drop_item (self, stream, status);
}

/* Whether there is still room on the disk; looked at now and then, and for each piece
 * where there is little. */
static bool
has_room (InStream *stream, size_t len)
{
  if (stream->room_left >= len)
    {
      stream->room_left -= len;
      return true;
    }
  stream->room_left = 0;
  if (kh_incoming_file_has_room (stream->cursor.top, len + KH_CHANNEL_ROOM_STEP,
                                 KH_CHANNEL_ROOM_SPARE))
    stream->room_left = KH_CHANNEL_ROOM_STEP;
  return stream->room_left > 0
         || kh_incoming_file_has_room (stream->cursor.top, len, KH_CHANNEL_ROOM_SPARE);
}

static void
tell_progress (KhChannelWorker *self, InStream *stream)
{
  if (self->now_us - stream->progress_at_us < KH_CHANNEL_PROGRESS_US
      || kh_channel_events_is_full (self->events))
    return;
  stream->progress_at_us = self->now_us;
  kh_channel_events_push (
      self->events,
      &(KhChannelEvent){ .kind = KH_CHANNEL_PROGRESS,
                         .stream = stream->id,
                         .entry = stream->transfer.file,
                         .file_bytes = stream->transfer.bytes,
                         .bytes = stream->past_bytes + stream->transfer.bytes });
}

static void
take_piece (KhChannelWorker *self, InStream *stream, const KhFrame *frame)
{
  KhFrameStatus status;

  if (!begin_item (self, stream) || stream->drop != KH_FRAME_STATUS_COMPLETE)
    return;
  if (first_item (stream)->same
      || !kh_transfer_take_piece (&stream->transfer, frame->piece.file,
                                  frame->piece.offset, frame->piece.len))
    {
      fail_stream (self, stream, KH_FRAME_STATUS_SIZE_DIFFERS);
      return;
    }
  status = has_room (stream, frame->piece.len) ? kh_incoming_file_write (
               &stream->file, frame->piece.offset, frame->piece.bytes, frame->piece.len)
                                               : KH_FRAME_STATUS_DISK_FULL;
  if (status == KH_FRAME_STATUS_COMPLETE)
    tell_progress (self, stream);
  else
    drop_item (self, stream, status);
}

/* Whether a source that changed may be so large. */
static bool
may_grow (InStream *stream, InItem *in, uint64_t size)
{
  uint64_t growth = size > in->item.size ? size - in->item.size : 0;

  if (growth > stream->growth_left)
    return false;
  stream->growth_left -= growth;
  return true;
}

static void
tell_restarted (KhChannelWorker *self, const InStream *stream, const KhFrame *frame)
{
  kh_channel_events_push (self->events,
                          &(KhChannelEvent){ .kind = KH_CHANNEL_RESTARTED,
                                             .stream = stream->id,
                                             .entry = frame->file.file,
                                             .size = frame->file.size,
                                             .modified_ms = frame->file.modified_ms });
}

/* FILE_BEGIN: the source is another than was offered, or than what is here. */
static void
take_begin (KhChannelWorker *self, InStream *stream, const KhFrame *frame)
{
  InItem *in = first_item (stream);
  bool differs = frame->file.size != in->item.size
                 || frame->file.modified_ms != in->item.modified_ms;
  KhFrameStatus status = KH_FRAME_STATUS_COMPLETE;

  if (stream->drop != KH_FRAME_STATUS_COMPLETE)
    return;
  kh_channel_end_hashing (stream, in);
  if (differs || !in->same)
    tell_restarted (self, stream, frame);
  in->same = false;
  in->offset = 0;
  if (!may_grow (stream, in, frame->file.size))
    {
      stream->begun = true;
      drop_item (self, stream, KH_FRAME_STATUS_GREW);
      return;
    }
  in->item.size = frame->file.size;
  in->item.modified_ms = frame->file.modified_ms;
  if (stream->begun && stream->file.fd >= 0)
    status = kh_incoming_file_restart (&stream->file);
  else
    status = open_partial (stream, in);
  stream->begun = true;
  kh_transfer_init (&stream->transfer, false, in->item.entry, in->item.size);
  kh_transfer_accept (&stream->transfer, 0);
  if (status != KH_FRAME_STATUS_COMPLETE)
    drop_item (self, stream, status);
}

static void
take_end (KhChannelWorker *self, InStream *stream, const KhFrame *frame)
{
  InItem *in = first_item (stream);
  KhFrameStatus status = (KhFrameStatus)frame->file.status;

  if (status != KH_FRAME_STATUS_COMPLETE)
    {
      if (stream->drop == KH_FRAME_STATUS_COMPLETE)
        discard_partial (stream, in);
      end_item (self, stream, status, false);
      return;
    }
  if (!begin_item (self, stream))
    return;
  if (stream->drop != KH_FRAME_STATUS_COMPLETE)
    {
      end_item (self, stream, (KhFrameStatus)stream->drop, false);
      return;
    }
  if (!kh_transfer_take_end (&stream->transfer, frame->file.file, frame->file.size))
    {
      fail_stream (self, stream, KH_FRAME_STATUS_SIZE_DIFFERS);
      return;
    }
  if (!in->same)
    kh_incoming_file_settle (&stream->file, in->item.modified_ms);
  end_item (self, stream, KH_FRAME_STATUS_COMPLETE, in->same);
}

void
kh_channel_take_file_frame (KhChannelWorker *self, const KhFrame *frame)
{
  bool is_piece = frame->type == KH_FRAME_PIECE;
  InStream *stream = kh_channel_find_incoming (self, is_piece ? frame->piece.stream
                                                              : frame->file.stream);
  uint32_t entry = is_piece ? frame->piece.file : frame->file.file;

  if (stream == NULL)
    {
      /* A sender does not know at once that its transfer was stopped. */
      self->n_dropped++;
      return;
    }
  if (stream->items.length == 0 || first_item (stream)->item.entry != entry)
    fail_stream (self, stream, KH_FRAME_STATUS_SIZE_DIFFERS);
  else if (is_piece)
    take_piece (self, stream, frame);
  else if (frame->type == KH_FRAME_FILE_BEGIN)
    take_begin (self, stream, frame);
  else
    take_end (self, stream, frame);
}

/* --- Streams ------------------------------------------------------------------- */

void
kh_channel_open_incoming (KhChannelWorker *self, const Command *command)
{
  InStream *stream = g_aligned_alloc0 (1, sizeof *stream, _Alignof(InStream));

  g_assert (self->n_incoming < KH_CHANNEL_STREAMS);
  self->incoming[self->n_incoming++] = stream;
  stream->id = command->stream;
  memcpy (stream->transfer_id, command->transfer, KH_FRAME_ID_LEN);
  stream->resumed = command->flag;
  stream->since_ms = command->since_ms;
  stream->growth_left = command->number;
  stream->file = KH_INCOMING_FILE_NONE;
  g_queue_init (&stream->items);
  if (!kh_folder_cursor_open (&stream->cursor, command->folder))
    fail_stream (self, stream, kh_file_status_of_writing (errno));
}

void
kh_channel_stop_incoming (KhChannelWorker *self, uint32_t id, bool discard)
{
  InStream *stream = kh_channel_find_incoming (self, id);

  if (stream == NULL)
    return;
  for (GList *link = stream->items.head; discard && link != NULL; link = link->next)
    {
      const InItem *in = link->data;

      if (!in->same && (in->offset > 0 || (link == stream->items.head && stream->begun)))
        discard_partial (stream, in);
    }
  release_stream (self, stream);
  kh_channel_forget_stream (self, false, id);
}

static bool
is_time_to_flush (const KhChannelWorker *self, const InStream *stream)
{
  return stream->batch.n > 0
         && (stream->items.length == 0 || kh_incoming_batch_is_full (&stream->batch)
             || self->now_us >= stream->batch.since_us + KH_CHANNEL_BATCH_US);
}

void
kh_channel_flush_incoming (KhChannelWorker *self)
{
  for (unsigned i = 0; i < self->n_incoming; i++)
    if (is_time_to_flush (self, self->incoming[i]))
      flush_stream (self, self->incoming[i]);
}

int64_t
kh_channel_flush_deadline (const KhChannelWorker *self)
{
  int64_t deadline = INT64_MAX;

  for (unsigned i = 0; i < self->n_incoming; i++)
    if (is_time_to_flush (self, self->incoming[i]))
      return self->now_us;
    else if (self->incoming[i]->batch.n > 0)
      deadline = MIN (deadline, self->incoming[i]->batch.since_us + KH_CHANNEL_BATCH_US);
  return deadline;
}

void
kh_channel_drop_incoming (KhChannelWorker *self)
{
  while (self->n_incoming > 0)
    release_stream (self, self->incoming[0]);
}
