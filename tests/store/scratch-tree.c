/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scratch-tree.h"
#include "store/store-private.h"

#include <string.h>

gint64
scratch_transfer (Scratch *self, guint id, KhStoreDirection direction)
{
  KhNewTransfer transfer = { .peer = scratch_peer (1),
                             .id = scratch_id (id),
                             .direction = direction,
                             .name = "it's \U0001F600",
                             .started_at_ms = 100 + id };
  g_autoptr (GError) error = NULL;
  gint64 seq = 0;

  g_assert_true (kh_transfers_add (self->store, &transfer, &seq, &error));
  g_assert_no_error (error);
  return seq;
}

/* @line without its depth. */
static void
parse (const char *line, KhNewEntry *entry)
{
  gsize len = strlen (line);

  entry->name = line;
  entry->name_len = len - 1;
  if (line[len - 1] == '/')
    entry->kind = KH_TREE_FOLDER;
  else if (line[len - 1] == '@')
    entry->kind = KH_TREE_LINK;
  else
    {
      const char *size = strrchr (line, ' ');

      entry->kind = KH_TREE_FILE;
      entry->name_len = (gsize)(size - line);
      entry->size = g_ascii_strtoull (size + 1, NULL, 10);
    }
}

void
scratch_tree (Scratch *self, gint64 transfer, const char *const *lines, guint n)
{
  guint32 folders[KH_TREE_DEPTH_MAX + 1];
  g_autoptr (GError) error = NULL;
  guint32 n_files = 0;
  guint64 n_bytes = 0;

  for (guint32 i = 0; i < n; i++)
    {
      gsize depth = strspn (lines[i], " ");
      KhNewEntry entry = { .entry = i, .depth = (guint8)depth, .mode = 1 };
      g_autofree char *place = NULL;

      parse (lines[i] + depth, &entry);
      place = g_strdup_printf ("/from/%.*s", (int)entry.name_len, entry.name);
      entry.place = depth == 0 ? place : NULL;
      entry.parent = depth == 0 ? KH_TREE_NONE : folders[depth - 1];
      entry.modified_ms = 1000 + i;
      folders[depth] = i;
      n_files += entry.kind == KH_TREE_FILE;
      n_bytes += entry.size;
      g_assert_true (kh_entries_add (self->store, transfer, &entry, 1, &error));
      g_assert_no_error (error);
    }
  g_assert_true (
      kh_transfers_set_listed (self->store, transfer, n, n_files, n_bytes, &error));
  g_assert_no_error (error);
}

KhStoredTransfer *
scratch_get_transfer (Scratch *self, gint64 transfer)
{
  g_autoptr (GError) error = NULL;
  KhStoredTransfer *stored = NULL;

  g_assert_true (kh_transfers_get (self->store, transfer, &stored, &error));
  g_assert_no_error (error);
  return stored;
}

void
scratch_assert_counts (Scratch *self, gint64 transfer)
{
  g_autoptr (KhStoredTransfer) stored = scratch_get_transfer (self, transfer);
  sqlite3_stmt *stmt;

  g_assert_cmpint (sqlite3_prepare_v2 (
                       self->store->db,
                       "SELECT count (*), sum (kind = 1),"
                       " sum (kind = 1 AND state <> 4), sum (iif (state <> 4, size, 0)),"
                       " sum (kind = 1 AND state = 1), sum (kind = 1 AND state = 2),"
                       " sum (kind = 1 AND state = 3),"
                       " sum (iif (state IN (1, 2), size, 0))"
                       " FROM entries WHERE transfer = ?",
                       -1, &stmt, NULL),
                   ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_bind_int64 (stmt, 1, transfer), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_step (stmt), ==, SQLITE_ROW);
  g_assert_cmpint (sqlite3_column_int64 (stmt, 0), ==, stored->n_entries);
  g_assert_cmpint (sqlite3_column_int64 (stmt, 1), ==, stored->n_files);
  g_assert_cmpint (sqlite3_column_int64 (stmt, 2), ==, stored->wanted_files);
  g_assert_cmpint (sqlite3_column_int64 (stmt, 3), ==, (gint64)stored->wanted_bytes);
  g_assert_cmpint (sqlite3_column_int64 (stmt, 4), ==, stored->done_files);
  g_assert_cmpint (sqlite3_column_int64 (stmt, 5), ==, stored->there_files);
  g_assert_cmpint (sqlite3_column_int64 (stmt, 6), ==, stored->failed_files);
  g_assert_cmpint (sqlite3_column_int64 (stmt, 7), ==, (gint64)stored->done_bytes);
  g_assert_cmpint (sqlite3_finalize (stmt), ==, SQLITE_OK);
}

GPtrArray *
scratch_failed (Scratch *self, gint64 transfer)
{
  GPtrArray *entries = kh_entries_range (self->store, transfer, 0, 9999, G_MAXSIZE, NULL);

  g_assert_nonnull (entries);
  for (guint i = entries->len; i > 0; i--)
    if (((KhStoredEntry *)entries->pdata[i - 1])->state != KH_ENTRY_FAILED)
      g_ptr_array_remove_index (entries, i - 1);
  return entries;
}

void
scratch_assert_page (GPtrArray *page, const char *expected)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_assert_nonnull (page);
  for (guint i = 0; i < page->len; i++)
    {
      const KhStoredEntry *entry = page->pdata[i];

      g_string_append_printf (text, "%s%u:%s", i > 0 ? " " : "", entry->entry,
                              entry->path);
    }
  g_assert_cmpstr (text->str, ==, expected);
  g_ptr_array_unref (page);
}
