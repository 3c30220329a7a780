/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/incoming-batch.h"

#include "net/file-status.h"

#include <errno.h>
#include <string.h>

typedef struct
{
  KhIncomingFile file;
  uint32_t entry;
  uint8_t status;
  bool there;
  char *path; /* of a file where it is to be, else where it is */
} Waiting;

static void
clear_waiting (gpointer data)
{
  Waiting *waiting = data;

  kh_incoming_file_close (&waiting->file);
  g_free (waiting->path);
}

static void
clear_result (gpointer data)
{
  g_free (((KhChannelResult *)data)->place);
}

static void
add (KhIncomingBatch *self, const Waiting *waiting, int64_t now_us)
{
  if (self->waiting == NULL)
    {
      self->waiting = g_array_new (FALSE, FALSE, sizeof (Waiting));
      g_array_set_clear_func (self->waiting, clear_waiting);
      self->since_us = now_us;
    }
  g_array_append_val (self->waiting, *waiting);
  self->n++;
  self->bytes += waiting->file.end;
}

void
kh_incoming_batch_add_file (KhIncomingBatch *self, KhIncomingFile *file, uint32_t entry,
                            const char *path, int64_t now_us)
{
  Waiting waiting = { .file = *file, .entry = entry, .path = g_strdup (path) };

  *file = KH_INCOMING_FILE_NONE;
  add (self, &waiting, now_us);
}

void
kh_incoming_batch_add_other (KhIncomingBatch *self, uint32_t entry, KhFrameStatus status,
                             bool there, const char *place, int64_t now_us)
{
  Waiting waiting = {
    .file = KH_INCOMING_FILE_NONE,
    .entry = entry,
    .status = (uint8_t)status,
    .there = there,
    .path = g_strdup (place),
  };

  add (self, &waiting, now_us);
}

bool
kh_incoming_batch_is_full (const KhIncomingBatch *self)
{
  return self->n >= KH_INCOMING_BATCH_MAX || self->bytes >= KH_INCOMING_BATCH_BYTES;
}

/* Where it is now, when that is not where it was to be. */
static char *
find_place (const KhFolderCursor *cursor, const char *path, const char *name)
{
  g_autofree char *place = *cursor->place != '\0'
                               ? g_strconcat (cursor->place, "/", name, NULL)
                               : g_strdup (name);

  return strcmp (place, path) == 0 ? NULL : g_steal_pointer (&place);
}

/* What can't get its name is not kept: nobody would look for it again. Only a full disk
 * may have room later. */
static char *
give_name (Waiting *waiting, KhFolderCursor *cursor,
           const uint8_t transfer[KH_FRAME_ID_LEN])
{
  const char *name
      = kh_folder_cursor_enter (cursor, waiting->path, KH_FOLDER_CURSOR_MAKE);
  char partial[KH_INCOMING_FILE_NAME_MAX + 1];
  char final_name[KH_INCOMING_FILE_NAME_MAX + 1];

  if (name == NULL && waiting->status == KH_FRAME_STATUS_COMPLETE)
    waiting->status = (uint8_t)kh_file_status_of_writing (errno);
  kh_incoming_file_close (&waiting->file);
  if (name == NULL)
    return NULL;
  kh_incoming_file_partial_name (name, waiting->entry, transfer, partial);
  if (waiting->status == KH_FRAME_STATUS_COMPLETE)
    waiting->status
        = (uint8_t)kh_incoming_file_give_name (cursor->folder, partial, name, final_name);
  if (waiting->status == KH_FRAME_STATUS_COMPLETE)
    {
      cursor->dirty = true;
      return find_place (cursor, waiting->path, final_name);
    }
  if (waiting->status != KH_FRAME_STATUS_DISK_FULL)
    kh_incoming_file_discard (&waiting->file, cursor->folder, partial);
  return NULL;
}

static void
add_result (GArray *results, const Waiting *waiting, char *place)
{
  KhChannelResult result = {
    .first = waiting->entry,
    .n = 1,
    .status = waiting->status,
    .there = waiting->there,
    .place = place,
  };
  KhChannelResult *last
      = results->len > 0 ? &g_array_index (results, KhChannelResult, results->len - 1)
                         : NULL;

  if (last != NULL && last->status == KH_FRAME_STATUS_COMPLETE
      && result.status == KH_FRAME_STATUS_COMPLETE && last->there == result.there
      && last->first + last->n == result.first && last->n < KH_FRAME_RUN_MAX
      && last->place == NULL && place == NULL)
    last->n++;
  else
    g_array_append_val (results, result);
}

GArray *
kh_incoming_batch_flush (KhIncomingBatch *self, KhFolderCursor *cursor,
                         const uint8_t transfer[KH_FRAME_ID_LEN])
{
  GArray *results = g_array_new (FALSE, FALSE, sizeof (KhChannelResult));
  Waiting *waiting
      = self->waiting != NULL ? (Waiting *)(void *)self->waiting->data : NULL;

  g_array_set_clear_func (results, clear_result);
  for (unsigned i = 0; i < self->n; i++)
    if (waiting[i].file.fd >= 0)
      waiting[i].status = (uint8_t)kh_incoming_file_sync (&waiting[i].file);
  for (unsigned i = 0; i < self->n; i++)
    {
      char *place = NULL;

      if (waiting[i].file.fd < 0)
        place = g_steal_pointer (&waiting[i].path);
      else
        place = give_name (&waiting[i], cursor, transfer);
      add_result (results, &waiting[i], place);
    }
  kh_folder_cursor_sync (cursor);
  g_clear_pointer (&self->waiting, g_array_unref);
  *self = (KhIncomingBatch){ 0 };
  return results;
}
