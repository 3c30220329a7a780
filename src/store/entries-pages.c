/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/entries.h"
#include "store/statement.h"

#define COLUMNS                                                                          \
  "SELECT entry, parent, kind, depth, mode, state, status, size, modified_ms, name,"     \
  " place FROM entries WHERE transfer = ? AND entry >= ? "
#define ORDER " ORDER BY entry LIMIT ?"

/* On the way through a tree: the entry that was read last and the folders around it,
 * by depth, so that the path of the next one takes no query while it is in one of them.
 */
typedef struct
{
  /* Owned */
  GString *path; /* of the entry that was read last */
  char *root_place;

  /* Borrowed */
  KhStore *store;

  /* State */
  gint64 transfer;
  guint n_levels;
  struct
  {
    guint32 entry;
    gsize path_len; /* so much of @path is its own */
  } levels[KH_TREE_DEPTH_MAX + 1];
} Walk;

static gboolean
is_inside (const Walk *self, guint32 folder, guint8 depth)
{
  return depth == 0
         || (self->n_levels >= depth && self->levels[depth - 1].entry == folder);
}

/* To an entry of the folder that is on the level above. */
static void
step_to (Walk *self, guint32 entry, guint8 depth, const char *name, const char *place)
{
  g_string_truncate (self->path, depth == 0 ? 0 : self->levels[depth - 1].path_len);
  if (depth > 0)
    g_string_append_c (self->path, '/');
  g_string_append (self->path, name);
  if (depth == 0)
    {
      g_free (self->root_place);
      self->root_place = g_strdup (place);
    }
  self->levels[depth].entry = entry;
  self->levels[depth].path_len = self->path->len;
  self->n_levels = depth + 1u;
}

/* To a folder that is in none of those around: its own are looked up first. */
static gboolean
look_up (Walk *self, guint32 folder, guint8 depth, GError **error)
{
  KhStatement query = kh_statement_begin (
      self->store, "SELECT parent, name, place FROM entries"
                   " WHERE transfer = ? AND entry = ? AND depth = ?");
  g_autofree char *name = NULL;
  g_autofree char *place = NULL;
  guint32 parent;

  kh_statement_bind_int (&query, self->transfer);
  kh_statement_bind_int (&query, folder);
  kh_statement_bind_int (&query, depth);
  if (!kh_statement_next (&query) && query.result == SQLITE_DONE)
    query.result = SQLITE_CORRUPT;
  parent = (guint32)kh_statement_int (&query, 0);
  name = kh_statement_text (&query, 1);
  place = kh_statement_text (&query, 2);
  if (!kh_statement_end (&query, error))
    return FALSE;
  if (!is_inside (self, parent, depth)
      && !look_up (self, parent, (guint8)(depth - 1), error))
    return FALSE;
  step_to (self, folder, depth, name, place);
  return TRUE;
}

static KhStoredEntry *
read_entry (KhStatement *query)
{
  KhStoredEntry *entry = g_new0 (KhStoredEntry, 1);

  entry->entry = (guint32)kh_statement_int (query, 0);
  entry->parent = (guint32)kh_statement_int (query, 1);
  entry->kind = (guint8)kh_statement_int (query, 2);
  entry->depth = (guint8)kh_statement_int (query, 3);
  entry->mode = (guint16)kh_statement_int (query, 4);
  entry->state = (KhEntryState)kh_statement_int (query, 5);
  entry->status = (guint8)kh_statement_int (query, 6);
  entry->size = (guint64)kh_statement_int (query, 7);
  entry->modified_ms = (guint64)kh_statement_int (query, 8);
  entry->name = kh_statement_text (query, 9);
  entry->place = kh_statement_text (query, 10);
  if (entry->depth == 0)
    entry->parent = KH_TREE_NONE;
  if (entry->depth > KH_TREE_DEPTH_MAX || entry->name == NULL)
    query->result = SQLITE_CORRUPT;
  return entry;
}

/* The next entry of @query; NULL at the end, and after an error, which is set unless
 * @query has it. */
static KhStoredEntry *
next_entry (Walk *self, KhStatement *query, GError **error)
{
  KhStoredEntry *entry;

  if (!kh_statement_next (query))
    return NULL;
  entry = read_entry (query);
  if (query->result != SQLITE_ROW
      || (!is_inside (self, entry->parent, entry->depth)
          && !look_up (self, entry->parent, (guint8)(entry->depth - 1), error)))
    {
      kh_stored_entry_free (entry);
      return NULL;
    }
  step_to (self, entry->entry, entry->depth, entry->name, entry->place);
  entry->path = g_strndup (self->path->str, self->path->len);
  entry->root_place = g_strdup (self->root_place);
  return entry;
}

static GPtrArray *
read_page (KhStore *store, const char *sql, gint64 transfer, guint32 first, guint limit,
           gsize path_bytes, GError **error)
{
  g_autoptr (GPtrArray) entries
      = g_ptr_array_new_with_free_func ((GDestroyNotify)kh_stored_entry_free);
  Walk walk = { .store = store, .transfer = transfer, .path = g_string_new (NULL) };
  KhStatement query = kh_statement_begin (store, sql);
  GError *problem = NULL;
  gsize n_bytes = 0;
  KhStoredEntry *entry;

  kh_statement_bind_int (&query, transfer);
  kh_statement_bind_int (&query, first);
  kh_statement_bind_int (&query, limit);
  while ((entries->len == 0 || n_bytes < path_bytes)
         && (entry = next_entry (&walk, &query, &problem)) != NULL)
    {
      g_ptr_array_add (entries, entry);
      n_bytes += walk.path->len;
    }
  g_string_free (walk.path, TRUE);
  g_free (walk.root_place);
  if (!kh_statement_end (&query, problem == NULL ? &problem : NULL) || problem != NULL)
    {
      g_propagate_error (error, problem);
      return NULL;
    }
  return g_steal_pointer (&entries);
}

GPtrArray *
kh_entries_pending (KhStore *store, gint64 transfer, guint32 first, guint limit,
                    gsize path_bytes, GError **error)
{
  return read_page (store, COLUMNS "AND state = 0" ORDER, transfer, first, limit,
                    path_bytes, error);
}

GPtrArray *
kh_entries_range (KhStore *store, gint64 transfer, guint32 first, guint limit,
                  gsize path_bytes, GError **error)
{
  return read_page (store, COLUMNS ORDER, transfer, first, limit, path_bytes, error);
}

GPtrArray *
kh_entries_roots (KhStore *store, gint64 transfer, guint32 first, guint limit,
                  GError **error)
{
  return read_page (store, COLUMNS "AND depth = 0" ORDER, transfer, first, limit,
                    G_MAXSIZE, error);
}
