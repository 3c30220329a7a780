/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/transfer-disk.h"

#include "net/present-file.h"
#include "proto/safe-name.h"

#include <glib/gstdio.h>
#include <string.h>

#define PAGE 512
#define PAGE_BYTES (64u << 10)

/* Numbers tried for a folder whose name is taken. */
#define MOST_NUMBERS 1000

/* Names looked at for a file that came before. */
#define MOST_COPIES 100

/* In the list of what came from whom: no file is of this size. */
#define FOLDER_SIZE ((guint64)G_MAXINT64)

/* Partial files can only be there of entries that were under way. */
#define MOST_PARTIALS KH_CHANNEL_ITEMS_MAX
#define PARTIAL_BYTES (1u << 20)

char *
kh_transfer_disk_safe_path (const KhStoredEntry *entry)
{
  GString *path = g_string_new (NULL);
  const char *at = entry->path;
  bool first = true;

  while (at != NULL)
    {
      const char *slash = strchr (at, '/');
      size_t len = slash != NULL ? (size_t)(slash - at) : strlen (at);
      char safe[KH_SAFE_NAME_LEN];

      kh_safe_name (at, len, safe);
      if (!first)
        g_string_append_c (path, '/');
      g_string_append (path,
                       first && entry->root_place != NULL ? entry->root_place : safe);
      first = false;
      at = slash != NULL ? slash + 1 : NULL;
    }
  return g_string_free (path, FALSE);
}

/* Where an entry is now. */
static char *
place_of (const KhStoredEntry *entry)
{
  return entry->place != NULL ? g_strdup (entry->place)
                              : kh_transfer_disk_safe_path (entry);
}

/* --- Partial files --------------------------------------------------------------- */

typedef void (*PartialFunc) (KhFolderCursor *cursor, const char *partial, gpointer data);

/* The cursor is in the folder where @partial may be. */
static void
for_each_partial (KhStore *store, const KhStoredTransfer *transfer, PartialFunc function,
                  gpointer data)
{
  g_autoptr (GPtrArray) pending = NULL;
  KhFolderCursor cursor;

  if (transfer->path == NULL || !kh_folder_cursor_open (&cursor, transfer->path))
    return;
  pending
      = kh_entries_pending (store, transfer->seq, 0, MOST_PARTIALS, PARTIAL_BYTES, NULL);
  for (guint i = 0; pending != NULL && i < pending->len; i++)
    {
      const KhStoredEntry *entry = g_ptr_array_index (pending, i);
      g_autofree char *path = kh_transfer_disk_safe_path (entry);
      char partial[KH_INCOMING_FILE_NAME_MAX + 1];
      const char *name
          = kh_folder_cursor_enter (&cursor, path, KH_FOLDER_CURSOR_NUMBERED);

      if (name == NULL || entry->kind != KH_TREE_FILE)
        continue;
      kh_incoming_file_partial_name (name, entry->entry, transfer->id, partial);
      function (&cursor, partial, data);
    }
  kh_folder_cursor_close (&cursor);
}

static void
add_partial (KhFolderCursor *cursor, const char *partial, gpointer data)
{
  guint64 *bytes = data;

  *bytes += kh_incoming_file_there (cursor->folder, partial);
}

/* What is still to be written: also partial files take room already. */
static guint64
count_missing (KhStore *store, const KhStoredTransfer *transfer)
{
  guint64 there = transfer->done_bytes;

  for_each_partial (store, transfer, add_partial, &there);
  return transfer->wanted_bytes - MIN (there, transfer->wanted_bytes);
}

/* --- Accepting ------------------------------------------------------------------ */

static bool
matches (const char *const *patterns, const char *text)
{
  for (; *patterns != NULL; patterns++)
    if (g_pattern_match_simple (*patterns, text))
      return true;
  return false;
}

/* The path, or a name in it: so a pattern may name a folder with all that is in it. */
static gboolean
is_wanted (const char *path, guint8 kind, gpointer data)
{
  const char *const *only = data;
  g_auto (GStrv) names = NULL;

  if (kind == KH_TREE_LINK)
    return FALSE;
  if (only == NULL || matches (only, path))
    return TRUE;
  names = g_strsplit (path, "/", -1);
  for (guint i = 0; names[i] != NULL; i++)
    if (matches (only, names[i]))
      return TRUE;
  return FALSE;
}

static bool
has_room (const char *folder, guint64 size)
{
  KhFolderCursor cursor;
  bool room;

  if (!kh_folder_cursor_open (&cursor, folder))
    return true; /* the worker says what is wrong with it */
  room = kh_incoming_file_has_room (cursor.top, size, KH_CHANNEL_ROOM_SPARE);
  kh_folder_cursor_close (&cursor);
  return room;
}

/* A folder of its own, or the one that an earlier transfer of this peer's made. */
static gboolean
place_folder (KhStore *store, const KhStoredTransfer *transfer, const char *folder,
              const KhStoredEntry *root, bool *placed, GError **error)
{
  char safe[KH_SAFE_NAME_LEN];

  kh_safe_name (root->name, strlen (root->name), safe);
  *placed = false;
  for (guint number = 1; number <= MOST_NUMBERS && !*placed; number++)
    {
      char name[KH_SAFE_NAME_LEN];
      g_autofree char *path = NULL;
      gboolean known = FALSE;
      bool there;

      kh_safe_name_numbered (safe, number, name);
      path = g_build_filename (folder, name, NULL);
      if (!kh_received_has (store, transfer->peer, path, FOLDER_SIZE, 0, &known, error))
        return FALSE;
      there = known && g_file_test (path, G_FILE_TEST_IS_DIR)
              && !g_file_test (path, G_FILE_TEST_IS_SYMLINK);
      *placed = there || g_mkdir (path, 0777) == 0;
      if (!*placed && !g_file_test (path, G_FILE_TEST_EXISTS | G_FILE_TEST_IS_SYMLINK))
        return TRUE; /* it can't be made at all */
      if (*placed
          && (!kh_entries_set_done (store, transfer->seq, root->entry, 1,
                                    there ? KH_ENTRY_THERE : KH_ENTRY_DONE, error)
              || !kh_entries_set_place (store, transfer->seq, root->entry, name, error)
              || !kh_received_add (store, transfer->peer, path, FOLDER_SIZE, 0, error)))
        return FALSE;
    }
  return TRUE;
}

/* Whether anything of the tree below @root is wanted. */
static gboolean
has_wanted (KhStore *store, gint64 seq, const KhStoredEntry *root, bool *wanted,
            GError **error)
{
  g_autoptr (GPtrArray) next
      = kh_entries_pending (store, seq, root->entry, 1, PAGE_BYTES, error);
  g_autoptr (GPtrArray) roots = NULL;

  if (next == NULL)
    return FALSE;
  *wanted = false;
  if (next->len == 0)
    return TRUE;
  roots = kh_entries_roots (store, seq, root->entry + 1, 1, error);
  if (roots == NULL)
    return FALSE;
  *wanted = roots->len == 0
            || ((KhStoredEntry *)g_ptr_array_index (next, 0))->entry
                   < ((KhStoredEntry *)g_ptr_array_index (roots, 0))->entry;
  return TRUE;
}

static gboolean
place_folders (KhStore *store, const KhStoredTransfer *transfer, const char *folder,
               KhFrameStatus *status, GError **error)
{
  guint32 first = 0;

  for (;;)
    {
      g_autoptr (GPtrArray) roots
          = kh_entries_roots (store, transfer->seq, first, PAGE, error);

      if (roots == NULL)
        return FALSE;
      if (roots->len == 0)
        return TRUE;
      for (guint i = 0; i < roots->len; i++)
        {
          const KhStoredEntry *root = g_ptr_array_index (roots, i);
          bool wanted = false;
          bool placed = true;

          first = root->entry + 1;
          if (root->kind != KH_TREE_FOLDER)
            continue;
          if (!has_wanted (store, transfer->seq, root, &wanted, error)
              || (wanted && root->place == NULL
                  && !place_folder (store, transfer, folder, root, &placed, error)))
            return FALSE;
          if (!placed)
            {
              *status = KH_FRAME_STATUS_NOT_WRITABLE;
              return TRUE;
            }
        }
    }
}

gboolean
kh_transfer_disk_accept (KhStore *store, gint64 seq, const char *folder,
                         const char *const *only, KhFrameStatus *status, GError **error)
{
  g_autoptr (KhStoredTransfer) transfer = NULL;

  /* Accepted in any case: what the disk can't take now may be tried again. */
  *status = KH_FRAME_STATUS_COMPLETE;
  if (!kh_entries_select (store, seq, is_wanted, (gpointer)only, error)
      || !kh_transfers_get (store, seq, &transfer, error))
    return FALSE;
  if (transfer == NULL || !g_file_test (folder, G_FILE_TEST_IS_DIR))
    *status = KH_FRAME_STATUS_NOT_WRITABLE;
  else if (!has_room (folder, count_missing (store, transfer)))
    *status = KH_FRAME_STATUS_DISK_FULL;
  else if (!place_folders (store, transfer, folder, status, error))
    return FALSE;
  return kh_transfers_accept (store, seq, folder, error);
}

/* --- On the way ------------------------------------------------------------------ */

/* Where a file that came from this peer may be the one that @item is: of its size and
 * time, under its name or a numbered one. Places that are @taken are another item's. */
static gboolean
find_known (KhStore *store, const KhStoredTransfer *transfer, KhFolderCursor *cursor,
            GHashTable *taken, KhChannelItem *item, GError **error)
{
  const char *name
      = kh_folder_cursor_enter (cursor, item->path, KH_FOLDER_CURSOR_NUMBERED);

  for (guint number = 1; name != NULL && number <= MOST_COPIES; number++)
    {
      char numbered[KH_SAFE_NAME_LEN];
      g_autofree char *place = NULL;
      g_autofree char *path = NULL;
      gboolean known = FALSE;

      kh_safe_name_numbered (name, number, numbered);
      place = *cursor->place != '\0' ? g_strconcat (cursor->place, "/", numbered, NULL)
                                     : g_strdup (numbered);
      path = g_build_filename (transfer->path, place, NULL);
      if (!g_file_test (path, G_FILE_TEST_EXISTS | G_FILE_TEST_IS_SYMLINK))
        return TRUE;
      if (g_hash_table_contains (taken, place)
          || !kh_present_file_is (cursor->folder, numbered, item->size,
                                  item->modified_ms))
        continue;
      if (!kh_received_has (store, transfer->peer, path, item->size, item->modified_ms,
                            &known, error))
        return FALSE;
      if (known)
        {
          item->known_place = g_strdup (place);
          g_hash_table_add (taken, g_steal_pointer (&place));
          return TRUE;
        }
    }
  return TRUE;
}

/* Looks at the disk only where the store says that there is something to be found. */
static gboolean
look_for_known (KhStore *store, const KhStoredTransfer *transfer, KhFolderCursor *cursor,
                GHashTable *taken, KhChannelItem *item, GError **error)
{
  g_autofree char *wanted = g_build_filename (transfer->path, item->path, NULL);
  gboolean here = FALSE;
  gboolean elsewhere = FALSE;

  if (!kh_received_has (store, transfer->peer, wanted, item->size, item->modified_ms,
                        &here, error)
      || !kh_received_has_elsewhere (store, transfer->peer, wanted, item->size,
                                     item->modified_ms, &elsewhere, error))
    return FALSE;
  return (!here && !elsewhere)
         || find_known (store, transfer, cursor, taken, item, error);
}

/* Whether the folder that an item goes into is there yet; @missing is the last that was
 * not, so that a new folder of many files is looked for once. */
static bool
has_folder (KhFolderCursor *cursor, const char *path, char **missing)
{
  const char *slash = strrchr (path, '/');
  g_autofree char *folder
      = slash != NULL ? g_strndup (path, (gsize)(slash - path)) : g_strdup ("");

  if (g_strcmp0 (folder, *missing) == 0)
    return false;
  if (kh_folder_cursor_enter (cursor, path, KH_FOLDER_CURSOR_NUMBERED) != NULL)
    return true;
  g_free (*missing);
  *missing = g_steal_pointer (&folder);
  return false;
}

/* An error frees the items. */
static gboolean
find_all_known (KhStore *store, const KhStoredTransfer *transfer, GArray *items,
                GError **error)
{
  g_autoptr (GHashTable) taken
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *missing = NULL;
  KhFolderCursor cursor;
  gboolean good = TRUE;

  if (!kh_folder_cursor_open (&cursor, transfer->path))
    return TRUE; /* the worker says what is wrong with it */
  for (guint i = 0; good && i < items->len; i++)
    {
      KhChannelItem *item = &g_array_index (items, KhChannelItem, i);

      if (item->kind == KH_TREE_FILE && has_folder (&cursor, item->path, &missing))
        good = look_for_known (store, transfer, &cursor, taken, item, error);
    }
  kh_folder_cursor_close (&cursor);
  for (guint i = 0; !good && i < items->len; i++)
    kh_channel_item_clear (&g_array_index (items, KhChannelItem, i));
  return good;
}

GArray *
kh_transfer_disk_next_items (KhStore *store, const KhStoredTransfer *transfer,
                             guint32 first, bool executable, GPtrArray **entries,
                             GError **error)
{
  g_autoptr (GPtrArray) page
      = kh_entries_pending (store, transfer->seq, first, PAGE, PAGE_BYTES, error);
  g_autoptr (GArray) items = g_array_new (FALSE, FALSE, sizeof (KhChannelItem));

  if (page == NULL)
    return NULL;
  for (guint i = 0; i < page->len; i++)
    {
      const KhStoredEntry *entry = g_ptr_array_index (page, i);
      KhChannelItem item = {
        .entry = entry->entry,
        .kind = entry->kind,
        .executable = executable && (entry->mode & KH_TREE_EXECUTABLE) != 0,
        .size = entry->size,
        .modified_ms = entry->modified_ms,
        .path = kh_transfer_disk_safe_path (entry),
      };

      g_array_append_val (items, item);
    }
  if (!find_all_known (store, transfer, items, error))
    return NULL;
  *entries = g_steal_pointer (&page);
  return g_steal_pointer (&items);
}

gboolean
kh_transfer_disk_note (KhStore *store, const KhStoredTransfer *transfer,
                       const KhStoredEntry *entry, const char *place, GError **error)
{
  g_autofree char *below = kh_transfer_disk_safe_path (entry);
  g_autofree char *wanted = g_build_filename (transfer->path, below, NULL);
  g_autofree char *path = place != NULL ? g_build_filename (transfer->path, place, NULL)
                                        : g_strdup (wanted);
  bool is_file = entry->kind == KH_TREE_FILE;

  if (place != NULL
      && !kh_entries_set_place (store, transfer->seq, entry->entry, place, error))
    return FALSE;
  if (place != NULL && is_file
      && !kh_received_add_elsewhere (store, transfer->peer, wanted, entry->size,
                                     entry->modified_ms, error))
    return FALSE;
  return kh_received_add (store, transfer->peer, path,
                          is_file ? entry->size : FOLDER_SIZE,
                          is_file ? entry->modified_ms : 0, error);
}

/* --- An early end ---------------------------------------------------------------- */

static void
remove_partial (KhFolderCursor *cursor, const char *partial, G_GNUC_UNUSED gpointer data)
{
  KhIncomingFile none = KH_INCOMING_FILE_NONE;

  kh_incoming_file_discard (&none, cursor->folder, partial);
}

void
kh_transfer_disk_remove_partials (KhStore *store, gint64 seq)
{
  g_autoptr (KhStoredTransfer) transfer = NULL;

  if (kh_transfers_get (store, seq, &transfer, NULL) && transfer != NULL)
    for_each_partial (store, transfer, remove_partial, NULL);
}

/* The folders around an entry, of which those that it is not in are left. */
typedef struct
{
  KhFolderCursor cursor;
  char *folders[KH_TREE_DEPTH_MAX + 1]; /* NULL: not made by this transfer */
  guint n_folders;
} Discard;

/* Those with something in them stay, and what this transfer did not make. */
static void
leave_folders (Discard *self, guint depth)
{
  while (self->n_folders > depth)
    {
      g_autofree char *path = self->folders[--self->n_folders];

      if (path != NULL)
        kh_folder_cursor_remove (&self->cursor, path);
    }
}

static void
discard_entry (Discard *self, const KhStoredEntry *entry)
{
  g_autofree char *path = place_of (entry);
  KhIncomingFile none = KH_INCOMING_FILE_NONE;
  const char *name;

  leave_folders (self, entry->depth);
  if (entry->kind == KH_TREE_FOLDER)
    {
      self->folders[self->n_folders++]
          = entry->state == KH_ENTRY_DONE ? g_steal_pointer (&path) : NULL;
      return;
    }
  if (entry->state != KH_ENTRY_DONE || entry->kind != KH_TREE_FILE)
    return;
  name = kh_folder_cursor_enter (&self->cursor, path, KH_FOLDER_CURSOR_EXACT);
  if (name != NULL
      && kh_present_file_is (self->cursor.folder, name, entry->size, entry->modified_ms))
    kh_incoming_file_discard (&none, self->cursor.folder, name);
}

void
kh_transfer_disk_discard (KhStore *store, gint64 seq)
{
  g_autoptr (KhStoredTransfer) transfer = NULL;
  Discard discard = { .n_folders = 0 };
  guint32 first = 0;

  if (!kh_transfers_get (store, seq, &transfer, NULL) || transfer == NULL
      || transfer->path == NULL
      || !kh_folder_cursor_open (&discard.cursor, transfer->path))
    return;
  for (;;)
    {
      g_autoptr (GPtrArray) page
          = kh_entries_range (store, seq, first, PAGE, PAGE_BYTES, NULL);

      if (page == NULL || page->len == 0)
        break;
      for (guint i = 0; i < page->len; i++)
        {
          const KhStoredEntry *entry = g_ptr_array_index (page, i);

          discard_entry (&discard, entry);
          first = entry->entry + 1;
        }
    }
  leave_folders (&discard, 0);
  kh_folder_cursor_close (&discard.cursor);
}
