/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/channel-worker-private.h"
#include "net/file-status.h"
#include "net/present-file.h"

#include <errno.h>
#include <string.h>

InStream *
kh_channel_find_incoming (KhChannelWorker *self, uint32_t id)
{
  for (unsigned i = 0; i < self->n_incoming; i++)
    if (self->incoming[i]->id == id)
      return self->incoming[i];
  return NULL;
}

void
kh_channel_free_in_item (gpointer data)
{
  InItem *in = data;

  kh_channel_item_clear (&in->item);
  g_free (in->same_path);
  g_free (in);
}

bool
kh_channel_find_partial (InStream *stream, const InItem *in, KhFolderCursorWay way,
                         char partial[KH_INCOMING_FILE_NAME_MAX + 1])
{
  const char *name = kh_folder_cursor_enter (&stream->cursor, in->item.path, way);

  if (name == NULL)
    return false;
  kh_incoming_file_partial_name (name, in->item.entry, stream->transfer_id, partial);
  return true;
}

const char *
kh_channel_elsewhere (const InItem *in)
{
  return in->same && strcmp (in->same_path, in->item.path) != 0 ? in->same_path : NULL;
}

/* --- What is asked for --------------------------------------------------------- */

static void
make_folder (KhChannelWorker *self, InStream *stream, const KhChannelItem *item)
{
  g_autofree char *inside = g_strconcat (item->path, "/", NULL);
  KhFrameStatus status = KH_FRAME_STATUS_COMPLETE;
  const char *place = NULL;

  if (kh_folder_cursor_enter (&stream->cursor, inside, KH_FOLDER_CURSOR_MAKE) == NULL)
    status = kh_file_status_of_writing (errno);
  else if (strcmp (stream->cursor.place, item->path) != 0)
    place = stream->cursor.place;
  kh_incoming_batch_add_other (&stream->batch, item->entry, status,
                               status == KH_FRAME_STATUS_COMPLETE && !stream->cursor.made,
                               place, self->now_us);
}

/* All of a file that an earlier channel of this transfer brought, or that the caller
 * knows; else NULL. */
static char *
find_whole (InStream *stream, const KhChannelItem *item)
{
  char *place = NULL;
  const char *name;

  if (stream->resumed)
    {
      name = kh_folder_cursor_enter (&stream->cursor, item->path,
                                     KH_FOLDER_CURSOR_NUMBERED);
      if (name != NULL)
        place = kh_present_file_find (&stream->cursor, name, item->size,
                                      item->modified_ms, stream->since_ms);
    }
  if (place != NULL || item->known_place == NULL)
    return place;
  name = kh_folder_cursor_enter (&stream->cursor, item->known_place,
                                 KH_FOLDER_CURSOR_EXACT);
  if (name != NULL
      && kh_present_file_is (stream->cursor.folder, name, item->size, item->modified_ms))
    place = g_strdup (item->known_place);
  return place;
}

/* What is there of a file already: a partial one, or all of it in its place. */
static void
look_for_it (InStream *stream, InItem *in)
{
  char partial[KH_INCOMING_FILE_NAME_MAX + 1];

  if (stream->resumed
      && kh_channel_find_partial (stream, in, KH_FOLDER_CURSOR_NUMBERED, partial))
    in->offset = kh_incoming_file_there (stream->cursor.folder, partial);
  if (in->offset > in->item.size)
    in->offset = 0;
  if (in->offset > 0)
    return;
  in->same_path = find_whole (stream, &in->item);
  in->same = in->same_path != NULL;
  if (in->same)
    in->offset = in->item.size;
}

static void
want (KhChannelWorker *self, const InStream *stream, uint32_t first, uint32_t n,
      uint64_t offset)
{
  KhFrame frame = { .type = KH_FRAME_WANT };

  if (n == 0)
    return;
  frame.run.stream = stream->id;
  frame.run.first = first;
  frame.run.n = n;
  frame.run.offset = offset;
  kh_channel_say (self, &frame);
}

/* Queues a file. False: there is nothing to ask for. */
static bool
queue_file (KhChannelWorker *self, InStream *stream, KhChannelItem *item)
{
  InItem *in = g_new0 (InItem, 1);

  in->item = *item;
  *item = (KhChannelItem){ 0 };
  look_for_it (stream, in);
  g_queue_push_tail (&stream->items, in);
  stream->n_to_hash += in->offset > 0;
  if (!in->same || in->item.size > 0)
    return true;
  /* Two empty files are the same. */
  g_queue_pop_tail (&stream->items);
  kh_incoming_batch_add_other (&stream->batch, in->item.entry, KH_FRAME_STATUS_COMPLETE,
                               true, kh_channel_elsewhere (in), self->now_us);
  kh_channel_free_in_item (in);
  return false;
}

void
kh_channel_add_incoming (KhChannelWorker *self, Command *command)
{
  InStream *stream = kh_channel_find_incoming (self, command->stream);
  uint32_t first = 0;
  uint32_t n = 0;

  if (stream == NULL)
    return;
  for (unsigned i = 0; i < command->n_items; i++)
    {
      const InItem *in;

      if (command->items[i].kind == KH_TREE_FOLDER)
        {
          make_folder (self, stream, &command->items[i]);
          continue;
        }
      if (!queue_file (self, stream, &command->items[i]))
        continue;
      in = g_queue_peek_tail (&stream->items);
      if (in->offset > 0 || first + n != in->item.entry || n == KH_FRAME_RUN_MAX)
        {
          want (self, stream, first, n, 0);
          first = in->item.entry;
          n = 0;
        }
      if (in->offset > 0)
        want (self, stream, first, 1, in->offset);
      else
        n++;
    }
  want (self, stream, first, n, 0);
}

/* --- Comparing ----------------------------------------------------------------- */

void
kh_channel_stop_hashing (InStream *stream)
{
  if (stream->hashing != NULL)
    kh_present_file_close (stream->hash_fd);
  stream->hashing = NULL;
}

void
kh_channel_end_hashing (InStream *stream, InItem *in)
{
  if (in->offset == 0 || in->hash_sent)
    return;
  in->hash_sent = true;
  stream->n_to_hash--;
  if (stream->hashing == in)
    kh_channel_stop_hashing (stream);
}

static int
open_present (InStream *stream, const InItem *in)
{
  char partial[KH_INCOMING_FILE_NAME_MAX + 1];
  const char *path = in->same ? in->same_path : in->item.path;
  const char *name = kh_folder_cursor_enter (&stream->cursor, path,
                                             in->same ? KH_FOLDER_CURSOR_EXACT
                                                      : KH_FOLDER_CURSOR_NUMBERED);

  if (name == NULL)
    return -1;
  if (in->same)
    return kh_present_file_open (stream->cursor.folder, name);
  kh_incoming_file_partial_name (name, in->item.entry, stream->transfer_id, partial);
  return kh_present_file_open (stream->cursor.folder, partial);
}

/* The next item of which something is here that the peer has not heard the hash of. */
static void
begin_hashing (InStream *stream)
{
  for (GList *link = stream->items.head; link != NULL; link = link->next)
    {
      InItem *in = link->data;

      if (in->offset == 0 || in->hash_sent)
        continue;
      stream->hashing = in;
      stream->hash_fd = open_present (stream, in);
      kh_prefix_hash_begin (&stream->hash, stream->hash_fd, in->offset,
                            stream->transfer_id);
      return;
    }
}

/* A file that can't be read any more has a hash that fits nothing. */
static void
say_hash (KhChannelWorker *self, InStream *stream)
{
  KhFrame frame = { .type = KH_FRAME_HASH };

  frame.hash.stream = stream->id;
  frame.hash.file = stream->hashing->item.entry;
  if (stream->hash.result == KH_PREFIX_HASH_DONE)
    memcpy (frame.hash.hash, stream->hash.hash, sizeof frame.hash.hash);
  kh_channel_say (self, &frame);
  kh_channel_end_hashing (stream, stream->hashing);
}

bool
kh_channel_hash_incoming (KhChannelWorker *self)
{
  bool more = false;

  for (unsigned i = 0; i < self->n_incoming; i++)
    {
      InStream *stream = self->incoming[i];

      if (stream->n_to_hash == 0)
        continue;
      if (stream->hashing == NULL)
        begin_hashing (stream);
      if (kh_prefix_hash_step (&stream->hash) != KH_PREFIX_HASH_RUNNING)
        say_hash (self, stream);
      more |= stream->n_to_hash > 0;
    }
  return more;
}
