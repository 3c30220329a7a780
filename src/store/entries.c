/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/entries.h"
#include "store/statement.h"

#include <string.h>

/* What select() reads at a time. */
#define SELECT_ENTRIES 1024
#define SELECT_PATH_BYTES 65536

static const char no_pending[] = "There is no such entry that is pending";

void
kh_stored_entry_free (KhStoredEntry *entry)
{
  if (entry == NULL)
    return;
  g_free (entry->name);
  g_free (entry->place);
  g_free (entry->root_place);
  g_free (entry->path);
  g_free (entry);
}

static gboolean
check_listing (KhStore *store, gint64 transfer, GError **error)
{
  KhStatement query = kh_statement_begin (
      store, "SELECT count (*) FROM transfers WHERE seq = ? AND state = 6");
  gint64 n_found = 0;

  kh_statement_bind_int (&query, transfer);
  if (kh_statement_next (&query))
    n_found = kh_statement_int (&query, 0);
  return kh_statement_end (&query, error)
         && kh_store_check_found (
             n_found, "There is no such transfer that is being listed", error);
}

static gboolean
check_entry (const KhNewEntry *entry, GError **error)
{
  if (!kh_store_check_size (entry->size, error))
    return FALSE;
  if (entry->name_len > 0 && entry->name_len <= KH_TREE_NAME_MAX
      && memchr (entry->name, '\0', entry->name_len) == NULL
      && memchr (entry->name, '/', entry->name_len) == NULL
      && entry->depth <= KH_TREE_DEPTH_MAX
      && (entry->depth == 0 ? entry->parent == KH_TREE_NONE
                            : entry->parent < entry->entry))
    return TRUE;
  g_set_error (error, KH_STORE_ERROR, KH_STORE_ERROR_INVALID,
               "Entry %u of a transfer can't be in a tree", entry->entry);
  return FALSE;
}

static gboolean
add_one (KhStore *store, gint64 transfer, const KhNewEntry *entry, GError **error)
{
  KhStatement change;
  gint64 n_changed = 0;

  if (!check_entry (entry, error))
    return FALSE;
  change = kh_statement_begin (
      store, "INSERT INTO entries (transfer, entry, parent, kind, depth, mode, size,"
             " modified_ms, name, place)"
             " VALUES (?1, ?2, iif (?5 = 0, NULL, ?3), ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
             " ON CONFLICT (transfer, entry) DO NOTHING");
  kh_statement_bind_int (&change, transfer);
  kh_statement_bind_int (&change, entry->entry);
  kh_statement_bind_int (&change, entry->parent);
  kh_statement_bind_int (&change, entry->kind);
  kh_statement_bind_int (&change, entry->depth);
  kh_statement_bind_int (&change, entry->mode);
  kh_statement_bind_int (&change, (gint64)entry->size);
  kh_statement_bind_int (&change, (gint64)entry->modified_ms);
  kh_statement_bind_bytes (&change, entry->name, entry->name_len);
  kh_statement_bind_text (&change, entry->place);
  if (!kh_statement_run (&change, &n_changed, error))
    return FALSE;
  if (n_changed == 0)
    g_set_error (error, KH_STORE_ERROR, KH_STORE_ERROR_EXISTS,
                 "Entry %u of a transfer was stored before", entry->entry);
  return n_changed == 1;
}

gboolean
kh_entries_add (KhStore *store, gint64 transfer, const KhNewEntry *entries, guint n,
                GError **error)
{
  gboolean own;
  gboolean good;

  if (!kh_store_change_begin (store, &own, error))
    return FALSE;
  good = check_listing (store, transfer, error);
  for (guint i = 0; good && i < n; i++)
    good = add_one (store, transfer, &entries[i], error);
  return kh_store_change_end (store, own, good, error);
}

gboolean
kh_entries_clear (KhStore *store, gint64 transfer, GError **error)
{
  gboolean own;
  gboolean good;

  if (!kh_store_change_begin (store, &own, error))
    return FALSE;
  good = check_listing (store, transfer, error);
  if (good)
    {
      KhStatement change
          = kh_statement_begin (store, "DELETE FROM entries WHERE transfer = ?");

      kh_statement_bind_int (&change, transfer);
      good = kh_statement_run (&change, NULL, error);
    }
  return kh_store_change_end (store, own, good, error);
}

/* Counts what set_state() is about to make done. */
static gboolean
count_done (KhStore *store, gint64 transfer, guint32 first, guint32 n, KhEntryState state,
            GError **error)
{
  KhStatement change = kh_statement_begin (
      store,
      "UPDATE transfers SET done_files = done_files + iif (?4 = 1, found.n, 0),"
      " there_files = there_files + iif (?4 = 2, found.n, 0),"
      " done_bytes = done_bytes + found.bytes,"
      " part_bytes = iif (found.n > 0, 0, part_bytes)"
      " FROM (SELECT count (*) AS n, coalesce (sum (size), 0) AS bytes FROM entries"
      "  WHERE transfer = ?1 AND entry >= ?2 AND entry < ?3 AND state = 0"
      "  AND kind = 1) AS found"
      " WHERE seq = ?1 AND " KH_STORE_TRANSFER_OPEN);
  gint64 n_changed = 0;

  kh_statement_bind_int (&change, transfer);
  kh_statement_bind_int (&change, first);
  kh_statement_bind_int (&change, (gint64)first + n);
  kh_statement_bind_int (&change, state);
  return kh_statement_run (&change, &n_changed, error)
         && kh_store_check_found (n_changed,
                                  "There is no such transfer that has not ended", error);
}

/* Of those that are pending. */
static gboolean
set_state (KhStore *store, gint64 transfer, guint32 first, guint32 n, KhEntryState state,
           GError **error)
{
  KhStatement change = kh_statement_begin (
      store, "UPDATE entries SET state = ?4 WHERE transfer = ?1 AND entry >= ?2"
             " AND entry < ?3 AND state = 0");

  kh_statement_bind_int (&change, transfer);
  kh_statement_bind_int (&change, first);
  kh_statement_bind_int (&change, (gint64)first + n);
  kh_statement_bind_int (&change, state);
  return kh_statement_run (&change, NULL, error);
}

gboolean
kh_entries_set_done (KhStore *store, gint64 transfer, guint32 first, guint32 n,
                     KhEntryState state, GError **error)
{
  gboolean own;
  gboolean good;

  g_return_val_if_fail (state == KH_ENTRY_DONE || state == KH_ENTRY_THERE, FALSE);
  if (!kh_store_change_begin (store, &own, error))
    return FALSE;
  good = count_done (store, transfer, first, n, state, error)
         && set_state (store, transfer, first, n, state, error);
  return kh_store_change_end (store, own, good, error);
}

static gboolean
count_failed (KhStore *store, gint64 transfer, guint32 entry, GError **error)
{
  KhStatement change = kh_statement_begin (
      store, "UPDATE transfers SET failed_files = failed_files + (found.kind = 1),"
             " part_bytes = iif (found.kind = 1, 0, part_bytes)"
             " FROM (SELECT kind FROM entries WHERE transfer = ?1 AND entry = ?2"
             "  AND state = 0) AS found"
             " WHERE seq = ?1 AND " KH_STORE_TRANSFER_OPEN);
  gint64 n_changed = 0;

  kh_statement_bind_int (&change, transfer);
  kh_statement_bind_int (&change, entry);
  return kh_statement_run (&change, &n_changed, error)
         && kh_store_check_found (n_changed, no_pending, error);
}

gboolean
kh_entries_set_failed (KhStore *store, gint64 transfer, guint32 entry, guint8 status,
                       GError **error)
{
  gboolean own;
  gboolean good;

  if (!kh_store_change_begin (store, &own, error))
    return FALSE;
  good = count_failed (store, transfer, entry, error);
  if (good)
    {
      KhStatement change
          = kh_statement_begin (store, "UPDATE entries SET state = 3, status = ?3"
                                       " WHERE transfer = ?1 AND entry = ?2");

      kh_statement_bind_int (&change, transfer);
      kh_statement_bind_int (&change, entry);
      kh_statement_bind_int (&change, status);
      good = kh_statement_run (&change, NULL, error);
    }
  return kh_store_change_end (store, own, good, error);
}

gboolean
kh_entries_set_place (KhStore *store, gint64 transfer, guint32 entry, const char *place,
                      GError **error)
{
  KhStatement change = kh_statement_begin (
      store, "UPDATE entries SET place = ?3 WHERE transfer = ?1 AND entry = ?2");
  gint64 n_changed = 0;

  kh_statement_bind_int (&change, transfer);
  kh_statement_bind_int (&change, entry);
  kh_statement_bind_text (&change, place);
  return kh_statement_run (&change, &n_changed, error)
         && kh_store_check_found (n_changed, "There is no such entry", error);
}

/* Before the entry has the size. Of a transfer that is being listed nothing is summed
 * up yet. */
static gboolean
count_size (KhStore *store, gint64 transfer, guint32 entry, guint64 size, GError **error)
{
  KhStatement change = kh_statement_begin (
      store, "UPDATE transfers SET wanted_bytes = wanted_bytes - found.size + ?3"
             " FROM (SELECT size FROM entries WHERE transfer = ?1 AND entry = ?2"
             "  AND state = 0 AND kind = 1) AS found"
             " WHERE seq = ?1 AND state IN (0, 1)");
  gint64 n_changed = 0;

  kh_statement_bind_int (&change, transfer);
  kh_statement_bind_int (&change, entry);
  kh_statement_bind_int (&change, (gint64)size);
  return kh_statement_run (&change, &n_changed, error)
         && kh_store_check_found (n_changed, no_pending, error);
}

gboolean
kh_entries_set_size (KhStore *store, gint64 transfer, guint32 entry, guint64 size,
                     guint64 modified_ms, GError **error)
{
  gboolean own;
  gboolean good;

  if (!kh_store_check_size (size, error) || !kh_store_change_begin (store, &own, error))
    return FALSE;
  good = count_size (store, transfer, entry, size, error);
  if (good)
    {
      KhStatement change
          = kh_statement_begin (store, "UPDATE entries SET size = ?3, modified_ms = ?4"
                                       " WHERE transfer = ?1 AND entry = ?2");

      kh_statement_bind_int (&change, transfer);
      kh_statement_bind_int (&change, entry);
      kh_statement_bind_int (&change, (gint64)size);
      kh_statement_bind_int (&change, (gint64)modified_ms);
      good = kh_statement_run (&change, NULL, error);
    }
  return kh_store_change_end (store, own, good, error);
}

/* What a selection has found, and a run of entries that it left out and not written. */
typedef struct
{
  /* Borrowed */
  KhStore *store;
  KhEntryFilter wanted;
  gpointer data;

  /* State */
  gint64 transfer;
  guint32 n_files;
  guint64 n_bytes;
  guint32 run_first;
  guint32 run_n;
} Selection;

static gboolean
end_run (Selection *self, GError **error)
{
  guint32 n = self->run_n;

  self->run_n = 0;
  return n == 0
         || set_state (self->store, self->transfer, self->run_first, n, KH_ENTRY_LEFT_OUT,
                       error);
}

static gboolean
select_one (Selection *self, const KhStoredEntry *entry, GError **error)
{
  gboolean out = entry->state == KH_ENTRY_LEFT_OUT;

  if (entry->state == KH_ENTRY_PENDING
      && !self->wanted (entry->path, entry->kind, self->data))
    {
      if (self->run_n == 0)
        self->run_first = entry->entry;
      self->run_n++;
      return TRUE;
    }
  if (!out && entry->kind == KH_TREE_FILE)
    {
      self->n_files++;
      self->n_bytes += entry->size;
    }
  return end_run (self, error);
}

static gboolean
select_all (Selection *self, GError **error)
{
  guint32 first = 0;

  for (;;)
    {
      g_autoptr (GPtrArray) entries = kh_entries_range (
          self->store, self->transfer, first, SELECT_ENTRIES, SELECT_PATH_BYTES, error);

      if (entries == NULL)
        return FALSE;
      if (entries->len == 0)
        return end_run (self, error);
      for (guint i = 0; i < entries->len; i++)
        {
          const KhStoredEntry *entry = entries->pdata[i];

          if (!select_one (self, entry, error))
            return FALSE;
          first = entry->entry + 1;
        }
    }
}

gboolean
kh_entries_select (KhStore *store, gint64 transfer, KhEntryFilter wanted, gpointer data,
                   GError **error)
{
  Selection selection
      = { .store = store, .wanted = wanted, .data = data, .transfer = transfer };
  gboolean own;
  gboolean good;

  if (!kh_store_change_begin (store, &own, error))
    return FALSE;
  good = select_all (&selection, error)
         && kh_transfers_set_wanted (store, transfer, selection.n_files,
                                     selection.n_bytes, error);
  return kh_store_change_end (store, own, good, error);
}
