/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/channel-worker-private.h"
#include "net/file-status.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

/* Whole pages: the receiver then never writes into half of one. */
#define PIECE_MAX (KH_FRAME_PIECE_MAX / 4096 * 4096)

static OutStream *
find_stream (KhChannelWorker *self, uint32_t id)
{
  for (unsigned i = 0; i < self->n_outgoing; i++)
    if (self->outgoing[i]->id == id)
      return self->outgoing[i];
  return NULL;
}

static void
free_item (gpointer data)
{
  kh_channel_item_clear (data);
  g_free (data);
}

static const KhChannelItem *
first_item (const OutStream *stream)
{
  return g_queue_peek_head ((GQueue *)&stream->items);
}

/* --- The file on its way ------------------------------------------------------- */

static void
write_mark (KhChannelWorker *self, const KhFrame *frame)
{
  kh_channel_seal (
      self, kh_frame_write (frame, kh_channel_frame_at (self), kh_channel_room (self)));
}

/* The file is over, whatever became of it. */
static void
write_end (KhChannelWorker *self, OutStream *stream, KhFrameStatus status)
{
  KhFrame frame = { .type = KH_FRAME_FILE_END };

  frame.file.stream = stream->id;
  frame.file.file = first_item (stream)->entry;
  frame.file.size = stream->begun ? stream->transfer.bytes : 0;
  frame.file.status = (uint8_t)status;
  write_mark (self, &frame);
  if (status == KH_FRAME_STATUS_COMPLETE)
    stream->past_bytes += stream->transfer.total;
  if (stream->hashes != NULL)
    g_hash_table_remove (stream->hashes, GUINT_TO_POINTER (frame.file.file));
  kh_outgoing_file_close (&stream->file);
  stream->next_entry = frame.file.file + 1;
  free_item (g_queue_pop_head (&stream->items));
  stream->begun = false;
  stream->comparing = false;
  stream->n_restarts = 0;
}

/* It goes from its beginning, as it is now. */
static void
write_begin (KhChannelWorker *self, OutStream *stream, bool has_changed)
{
  KhFrame frame = { .type = KH_FRAME_FILE_BEGIN };

  frame.file.stream = stream->id;
  frame.file.file = first_item (stream)->entry;
  frame.file.size = stream->file.size;
  frame.file.modified_ms = stream->file.modified_ms;
  write_mark (self, &frame);
  stream->comparing = false;
  kh_transfer_init (&stream->transfer, true, frame.file.file, stream->file.size);
  kh_transfer_accept (&stream->transfer, 0);
  if (!has_changed)
    return;
  kh_channel_events_push (self->events,
                          &(KhChannelEvent){ .kind = KH_CHANNEL_RESTARTED,
                                             .stream = stream->id,
                                             .outgoing = true,
                                             .entry = frame.file.file,
                                             .size = frame.file.size,
                                             .modified_ms = frame.file.modified_ms });
}

static KhFrameStatus
open_source (OutStream *stream)
{
  const KhChannelItem *item = first_item (stream);
  const char *name;

  if (stream->top == NULL || strcmp (stream->top, item->top) != 0)
    {
      kh_folder_cursor_close (&stream->cursor);
      g_clear_pointer (&stream->top, g_ref_string_release);
      if (!kh_folder_cursor_open (&stream->cursor, item->top))
        return kh_file_status_of_reading (errno);
      stream->top = g_ref_string_acquire (item->top);
    }
  name = kh_folder_cursor_enter (&stream->cursor, item->path, KH_FOLDER_CURSOR_EXACT);
  if (name == NULL)
    return kh_file_status_of_reading (errno);
  return kh_outgoing_file_open (&stream->file, stream->cursor.folder, name);
}

static void
begin_item (KhChannelWorker *self, OutStream *stream)
{
  const KhChannelItem *item = first_item (stream);
  KhFrameStatus status = open_source (stream);

  if (status != KH_FRAME_STATUS_COMPLETE)
    {
      write_end (self, stream, status);
      return;
    }
  stream->begun = true;
  if (stream->file.size != item->size || stream->file.modified_ms != item->modified_ms)
    stream->n_restarts = 1;
  if (stream->n_restarts > 0 || item->offset > stream->file.size)
    {
      write_begin (self, stream, true);
      return;
    }
  kh_transfer_init (&stream->transfer, true, item->entry, stream->file.size);
  stream->comparing = item->offset > 0;
  if (stream->comparing)
    kh_prefix_hash_begin (&stream->hash, stream->file.fd, item->offset,
                          stream->transfer_id);
  else
    kh_transfer_accept (&stream->transfer, 0);
}

static const uint8_t *
find_hash (const OutStream *stream)
{
  return stream->hashes == NULL
             ? NULL
             : g_hash_table_lookup (stream->hashes,
                                    GUINT_TO_POINTER (first_item (stream)->entry));
}

/* Both have hashed what the receiver has: it goes on there, or begins again. */
static void
end_comparing (KhChannelWorker *self, OutStream *stream)
{
  const KhChannelItem *item = first_item (stream);
  bool equal
      = stream->hash.result == KH_PREFIX_HASH_DONE
        && sodium_memcmp (stream->hash.hash, find_hash (stream), sizeof stream->hash.hash)
               == 0;

  if (!equal)
    {
      /* All of it: another file of that name, size and time. */
      write_begin (self, stream, item->offset < stream->file.size);
      return;
    }
  stream->comparing = false;
  kh_transfer_accept (&stream->transfer, item->offset);
}

/* The source is not what it was: from the beginning, but not for ever. */
static void
restart (KhChannelWorker *self, OutStream *stream, KhFrameStatus why)
{
  KhFrameStatus status;

  if (stream->n_restarts++ >= KH_CHANNEL_RESTARTS)
    {
      write_end (self, stream, why);
      return;
    }
  kh_outgoing_file_close (&stream->file);
  status = open_source (stream);
  if (status == KH_FRAME_STATUS_COMPLETE)
    write_begin (self, stream, true);
  else
    write_end (self, stream, status);
}

static void
finish_item (KhChannelWorker *self, OutStream *stream)
{
  KhFrameStatus status = kh_outgoing_file_check (&stream->file);

  if (status == KH_FRAME_STATUS_COMPLETE)
    write_end (self, stream, status);
  else
    restart (self, stream, status);
}

/* Reads the file behind its header, where it is sealed too. */
static void
write_piece (KhChannelWorker *self, OutStream *stream, size_t len)
{
  uint8_t *frame = kh_channel_frame_at (self);
  uint64_t offset = stream->transfer.bytes;
  KhFrameStatus status = kh_outgoing_file_read (&stream->file, offset,
                                                frame + KH_FRAME_PIECE_HEADER_LEN, len);

  if (status == KH_FRAME_STATUS_SHRANK)
    {
      restart (self, stream, status);
      return;
    }
  if (status != KH_FRAME_STATUS_COMPLETE)
    {
      write_end (self, stream, status);
      return;
    }
  kh_frame_write_piece_header (frame, stream->id, stream->transfer.file, offset);
  kh_channel_seal (self, KH_FRAME_PIECE_HEADER_LEN + len);
  kh_transfer_sent (&stream->transfer, len);
}

/* --- Streams ------------------------------------------------------------------- */

static bool
can_send (const OutStream *stream)
{
  if (stream->paused || stream->items.length == 0)
    return false;
  return !stream->comparing
         || (stream->hash.result != KH_PREFIX_HASH_RUNNING && find_hash (stream) != NULL);
}

/* The next one in turn that has something to send. */
static OutStream *
pick_stream (KhChannelWorker *self)
{
  for (unsigned i = 0; i < self->n_outgoing; i++)
    {
      unsigned at = (self->next_outgoing + i) % self->n_outgoing;

      if (can_send (self->outgoing[at]))
        {
          self->next_outgoing = at;
          return self->outgoing[at];
        }
    }
  return NULL;
}

/* Puts the next thing of the stream into the output. False: not in this turn. */
static bool
fill_from (KhChannelWorker *self, OutStream *stream, size_t most)
{
  const size_t overhead = RECORD_OVERHEAD + KH_FRAME_PIECE_HEADER_LEN;
  size_t max = MIN (PIECE_MAX, MIN (self->turn_len, kh_channel_room (self)) - overhead);
  size_t len;

  if (!stream->begun)
    {
      begin_item (self, stream);
      return true;
    }
  if (stream->comparing)
    {
      end_comparing (self, stream);
      return true;
    }
  len = kh_transfer_next_piece (&stream->transfer, MIN (max, most));
  if (len == 0)
    {
      finish_item (self, stream);
      return true;
    }
  /* Rather a full one in the next turn than a scrap in this. */
  if (len == max && len < PIECE_MAX && self->out_len > 0)
    return false;
  write_piece (self, stream, len);
  return true;
}

static void
tell_progress (KhChannelWorker *self, OutStream *stream)
{
  uint64_t now = stream->begun && !stream->comparing ? stream->transfer.bytes : 0;

  /* Where nobody takes events away, a later progress says it too. */
  if (stream->items.length == 0
      || self->now_us - stream->progress_at_us < KH_CHANNEL_PROGRESS_US
      || kh_channel_events_is_full (self->events))
    return;
  stream->progress_at_us = self->now_us;
  kh_channel_events_push (self->events,
                          &(KhChannelEvent){ .kind = KH_CHANNEL_PROGRESS,
                                             .stream = stream->id,
                                             .outgoing = true,
                                             .entry = first_item (stream)->entry,
                                             .file_bytes = now,
                                             .bytes = stream->past_bytes + now });
}

bool
kh_channel_has_pieces (KhChannelWorker *self)
{
  return pick_stream (self) != NULL;
}

size_t
kh_channel_fill_with_pieces (KhChannelWorker *self, size_t max)
{
  const size_t least = RECORD_OVERHEAD + KH_FRAME_PIECE_HEADER_LEN + MARK_LEN;
  size_t begun_at = self->out_len;
  OutStream *stream = NULL;
  OutStream *next;

  while (self->phase == PHASE_OPEN && self->out_len < self->turn_len
         && kh_channel_room (self) > least && self->out_len - begun_at < max
         && (next = pick_stream (self)) != NULL)
    {
      stream = next;
      if (!fill_from (self, stream, max) || kh_channel_is_late (self))
        break;
    }
  if (stream != NULL)
    tell_progress (self, stream);
  self->next_outgoing++;
  return self->out_len - begun_at;
}

bool
kh_channel_hash_outgoing (KhChannelWorker *self)
{
  bool more = false;

  for (unsigned i = 0; i < self->n_outgoing; i++)
    {
      OutStream *stream = self->outgoing[i];

      if (stream->comparing && stream->hash.result == KH_PREFIX_HASH_RUNNING)
        more |= kh_prefix_hash_step (&stream->hash) == KH_PREFIX_HASH_RUNNING;
    }
  return more;
}

void
kh_channel_open_outgoing (KhChannelWorker *self, const Command *command)
{
  OutStream *stream = g_aligned_alloc0 (1, sizeof *stream, _Alignof(OutStream));

  g_assert (self->n_outgoing < KH_CHANNEL_STREAMS);
  self->outgoing[self->n_outgoing++] = stream;
  stream->id = command->stream;
  memcpy (stream->transfer_id, command->transfer, KH_FRAME_ID_LEN);
  stream->cursor = KH_FOLDER_CURSOR_CLOSED;
  stream->file = KH_OUTGOING_FILE_CLOSED;
  g_queue_init (&stream->items);
  /* Ahead of all pieces: it tells how long the path is when it is empty. */
  if (self->pacing.shortest_us == 0)
    kh_channel_ping (self);
}

void
kh_channel_add_outgoing (KhChannelWorker *self, Command *command)
{
  OutStream *stream = find_stream (self, command->stream);

  if (stream == NULL)
    return;
  for (unsigned i = 0; i < command->n_items; i++)
    {
      g_queue_push_tail (&stream->items,
                         g_memdup2 (&command->items[i], sizeof command->items[i]));
      command->items[i] = (KhChannelItem){ 0 };
    }
}

void
kh_channel_pause_outgoing (KhChannelWorker *self, uint32_t id, bool paused)
{
  OutStream *stream = find_stream (self, id);

  if (stream != NULL)
    stream->paused = paused;
}

/* Hashed in vain: the file was gone, or another, and ended before this came. */
static gboolean
is_over (gpointer entry, gpointer hash, gpointer next_entry)
{
  return GPOINTER_TO_UINT (entry) < *(const uint32_t *)next_entry;
}

/* What the peer says of a file may be here before the file's turn, and even before the
 * main context has added it. */
void
kh_channel_take_hash (KhChannelWorker *self, const KhFrame *frame)
{
  OutStream *stream = find_stream (self, frame->hash.stream);

  if (stream == NULL)
    {
      self->n_dropped++;
      return;
    }
  if (stream->hashes == NULL)
    stream->hashes = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  if (g_hash_table_size (stream->hashes) >= KH_CHANNEL_ITEMS_MAX)
    g_hash_table_foreach_remove (stream->hashes, is_over, &stream->next_entry);
  if (g_hash_table_size (stream->hashes) >= KH_CHANNEL_ITEMS_MAX)
    {
      kh_channel_end (self, KH_CHANNEL_END_BAD, 0);
      return;
    }
  g_hash_table_insert (stream->hashes, GUINT_TO_POINTER (frame->hash.file),
                       g_memdup2 (frame->hash.hash, sizeof frame->hash.hash));
}

static void
release_stream (KhChannelWorker *self, OutStream *stream)
{
  kh_outgoing_file_close (&stream->file);
  kh_folder_cursor_close (&stream->cursor);
  g_clear_pointer (&stream->top, g_ref_string_release);
  g_clear_pointer (&stream->hashes, g_hash_table_unref);
  g_queue_clear_full (&stream->items, free_item);
  for (unsigned i = 0; i < self->n_outgoing; i++)
    if (self->outgoing[i] == stream)
      self->outgoing[i] = self->outgoing[--self->n_outgoing];
  g_aligned_free (stream);
}

void
kh_channel_stop_outgoing (KhChannelWorker *self, uint32_t id)
{
  OutStream *stream = find_stream (self, id);

  if (stream == NULL)
    return;
  release_stream (self, stream);
  kh_channel_forget_stream (self, true, id);
}

void
kh_channel_drop_outgoing (KhChannelWorker *self)
{
  while (self->n_outgoing > 0)
    release_stream (self, self->outgoing[0]);
}
