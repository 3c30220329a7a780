/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/transfers.h"
#include "proto/utf8.h"
#include "store/statement.h"

#include <string.h>

#define COLUMNS                                                                          \
  "SELECT seq, peer, id, direction, state, name, path, n_entries, n_files, n_bytes,"     \
  " wanted_files, wanted_bytes, done_files, there_files, failed_files, done_bytes,"      \
  " part_bytes, status, paused_here, paused_there, position, started_at_ms,"             \
  " ended_at_ms, forgotten FROM transfers "

void
kh_stored_transfer_free (KhStoredTransfer *transfer)
{
  if (transfer == NULL)
    return;
  g_free (transfer->name);
  g_free (transfer->path);
  g_free (transfer);
}

static KhStoredTransfer *
read_transfer (KhStatement *query)
{
  KhStoredTransfer *transfer = g_new0 (KhStoredTransfer, 1);

  transfer->seq = kh_statement_int (query, 0);
  kh_statement_bytes (query, 1, transfer->peer, sizeof transfer->peer);
  kh_statement_bytes (query, 2, transfer->id, sizeof transfer->id);
  transfer->direction = (KhStoreDirection)kh_statement_int (query, 3);
  transfer->state = (KhStoredTransferState)kh_statement_int (query, 4);
  transfer->name = kh_statement_text (query, 5);
  transfer->path = kh_statement_text (query, 6);
  transfer->n_entries = (guint32)kh_statement_int (query, 7);
  transfer->n_files = (guint32)kh_statement_int (query, 8);
  transfer->n_bytes = (guint64)kh_statement_int (query, 9);
  transfer->wanted_files = (guint32)kh_statement_int (query, 10);
  transfer->wanted_bytes = (guint64)kh_statement_int (query, 11);
  transfer->done_files = (guint32)kh_statement_int (query, 12);
  transfer->there_files = (guint32)kh_statement_int (query, 13);
  transfer->failed_files = (guint32)kh_statement_int (query, 14);
  transfer->done_bytes = (guint64)kh_statement_int (query, 15);
  transfer->part_bytes = (guint64)kh_statement_int (query, 16);
  transfer->status = (guint8)kh_statement_int (query, 17);
  transfer->paused_here = kh_statement_int (query, 18) != 0;
  transfer->paused_there = kh_statement_int (query, 19) != 0;
  transfer->position = kh_statement_int (query, 20);
  transfer->started_at_ms = kh_statement_int (query, 21);
  transfer->ended_at_ms = kh_statement_int (query, 22);
  transfer->forgotten = kh_statement_int (query, 23) != 0;
  return transfer;
}

/* The one transfer of @query, or NULL. */
static gboolean
read_one (KhStatement *query, KhStoredTransfer **transfer, GError **error)
{
  *transfer = kh_statement_next (query) ? read_transfer (query) : NULL;
  if (kh_statement_end (query, error))
    return TRUE;
  g_clear_pointer (transfer, kh_stored_transfer_free);
  return FALSE;
}

static GPtrArray *
read_all (KhStatement *query, GError **error)
{
  g_autoptr (GPtrArray) transfers
      = g_ptr_array_new_with_free_func ((GDestroyNotify)kh_stored_transfer_free);

  while (kh_statement_next (query))
    g_ptr_array_add (transfers, read_transfer (query));
  return kh_statement_end (query, error) ? g_steal_pointer (&transfers) : NULL;
}

/* Behind what is open, and never before an older one that got no other position. */
#define LAST_POSITION                                                                    \
  "1 + max ((SELECT coalesce (max (seq), 0) FROM transfers),"                            \
  " (SELECT coalesce (max (position), 0) FROM transfers WHERE " KH_STORE_TRANSFER_OPEN   \
  "))"

gboolean
kh_transfers_add (KhStore *store, const KhNewTransfer *transfer, gint64 *seq,
                  GError **error)
{
  gint64 n_changed = 0;
  KhStatement change;

  if (!kh_store_check_size (transfer->n_bytes, error))
    return FALSE;
  if (!kh_utf8_valid (transfer->name, strlen (transfer->name)))
    {
      g_set_error (error, KH_STORE_ERROR, KH_STORE_ERROR_INVALID,
                   "The name of a transfer is not UTF-8");
      return FALSE;
    }
  change = kh_statement_begin (
      store, "INSERT INTO transfers (peer, direction, id, state, name, n_entries,"
             " n_files, n_bytes, wanted_files, wanted_bytes, started_at_ms, position)"
             " VALUES (?1, ?2, ?3, 6, ?4, ?5, ?6, ?7, ?6, ?7, ?8, " LAST_POSITION ")"
             " ON CONFLICT (peer, direction, id) DO NOTHING");
  kh_statement_bind_bytes (&change, transfer->peer, KH_ID_LEN);
  kh_statement_bind_int (&change, transfer->direction);
  kh_statement_bind_bytes (&change, transfer->id, KH_FRAME_ID_LEN);
  kh_statement_bind_text (&change, transfer->name);
  kh_statement_bind_int (&change, transfer->n_entries);
  kh_statement_bind_int (&change, transfer->n_files);
  kh_statement_bind_int (&change, (gint64)transfer->n_bytes);
  kh_statement_bind_int (&change, transfer->started_at_ms);
  if (!kh_statement_run (&change, &n_changed, error))
    return FALSE;
  if (n_changed == 0)
    g_set_error (error, KH_STORE_ERROR, KH_STORE_ERROR_EXISTS,
                 "A transfer with this id was stored before");
  else
    *seq = sqlite3_last_insert_rowid (store->db);
  return n_changed == 1;
}

/* Runs a change of one transfer, which is to be there and not final. Its seq is the
 * first parameter. */
static gboolean
change_one (KhStatement *change, GError **error)
{
  gint64 n_changed = 0;

  return kh_statement_run (change, &n_changed, error)
         && kh_store_check_found (n_changed,
                                  "There is no such transfer that has not ended", error);
}

gboolean
kh_transfers_set_listed (KhStore *store, gint64 seq, guint32 n_entries, guint32 n_files,
                         guint64 n_bytes, GError **error)
{
  KhStatement change;

  if (!kh_store_check_size (n_bytes, error))
    return FALSE;
  change = kh_statement_begin (
      store, "UPDATE transfers SET state = 0, n_entries = ?2, n_files = ?3, n_bytes = ?4,"
             " wanted_files = ?3, wanted_bytes = ?4 WHERE seq = ?1 AND state = 6");
  kh_statement_bind_int (&change, seq);
  kh_statement_bind_int (&change, n_entries);
  kh_statement_bind_int (&change, n_files);
  kh_statement_bind_int (&change, (gint64)n_bytes);
  return change_one (&change, error);
}

gboolean
kh_transfers_accept (KhStore *store, gint64 seq, const char *path, GError **error)
{
  KhStatement change
      = kh_statement_begin (store, "UPDATE transfers SET state = 1, path = ?2"
                                   " WHERE seq = ?1 AND " KH_STORE_TRANSFER_OPEN);

  kh_statement_bind_int (&change, seq);
  kh_statement_bind_text (&change, path);
  return change_one (&change, error);
}

gboolean
kh_transfers_set_wanted (KhStore *store, gint64 seq, guint32 n_files, guint64 n_bytes,
                         GError **error)
{
  KhStatement change;

  if (!kh_store_check_size (n_bytes, error))
    return FALSE;
  change = kh_statement_begin (store,
                               "UPDATE transfers SET wanted_files = ?2, wanted_bytes = ?3"
                               " WHERE seq = ?1 AND " KH_STORE_TRANSFER_OPEN);
  kh_statement_bind_int (&change, seq);
  kh_statement_bind_int (&change, n_files);
  kh_statement_bind_int (&change, (gint64)n_bytes);
  return change_one (&change, error);
}

gboolean
kh_transfers_set_paused (KhStore *store, gint64 seq, gboolean here, gboolean there,
                         GError **error)
{
  KhStatement change = kh_statement_begin (
      store, "UPDATE transfers SET paused_here = ?2, paused_there = ?3"
             " WHERE seq = ?1 AND " KH_STORE_TRANSFER_OPEN);

  kh_statement_bind_int (&change, seq);
  kh_statement_bind_int (&change, here != FALSE);
  kh_statement_bind_int (&change, there != FALSE);
  return change_one (&change, error);
}

gboolean
kh_transfers_set_part (KhStore *store, gint64 seq, guint64 n_bytes, GError **error)
{
  KhStatement change;

  if (!kh_store_check_size (n_bytes, error))
    return FALSE;
  change = kh_statement_begin (store, "UPDATE transfers SET part_bytes = ?2"
                                      " WHERE seq = ?1 AND " KH_STORE_TRANSFER_OPEN);
  kh_statement_bind_int (&change, seq);
  kh_statement_bind_int (&change, (gint64)n_bytes);
  return change_one (&change, error);
}

gboolean
kh_transfers_set_position (KhStore *store, gint64 seq, gint64 position, GError **error)
{
  KhStatement change
      = kh_statement_begin (store, "UPDATE transfers SET position = ?2"
                                   " WHERE seq = ?1 AND " KH_STORE_TRANSFER_OPEN);

  kh_statement_bind_int (&change, seq);
  kh_statement_bind_int (&change, position);
  return change_one (&change, error);
}

gboolean
kh_transfers_set_outcome (KhStore *store, gint64 seq, guint32 n_done, guint32 n_there,
                          guint32 n_failed, GError **error)
{
  KhStatement change = kh_statement_begin (
      store, "UPDATE transfers SET done_files = ?2, there_files = ?3, failed_files = ?4,"
             " done_bytes = CASE ?4 WHEN 0 THEN wanted_bytes ELSE done_bytes END,"
             " part_bytes = 0"
             " WHERE seq = ?1 AND " KH_STORE_TRANSFER_OPEN);

  kh_statement_bind_int (&change, seq);
  kh_statement_bind_int (&change, n_done);
  kh_statement_bind_int (&change, n_there);
  kh_statement_bind_int (&change, n_failed);
  return change_one (&change, error);
}

static gboolean
set_final (KhStore *store, gint64 seq, KhStoredTransferState state, guint8 status,
           gint64 now_ms, GError **error)
{
  KhStatement change = kh_statement_begin (
      store, "UPDATE transfers SET state = ?2, status = ?3, ended_at_ms = ?4,"
             " part_bytes = iif (?2 = 5, part_bytes, 0)"
             " WHERE seq = ?1 AND " KH_STORE_TRANSFER_OPEN);

  kh_statement_bind_int (&change, seq);
  kh_statement_bind_int (&change, state);
  kh_statement_bind_int (&change, status);
  kh_statement_bind_int (&change, now_ms);
  return change_one (&change, error);
}

#define BEYOND_ROOTS                                                                     \
  "(depth > 0 OR entry >= (SELECT entry FROM entries WHERE transfer = ?1"                \
  " AND depth = 0 ORDER BY entry LIMIT 1 OFFSET ?2))"

/* What a retry needs, and the folders in the paths of that, stay where @for_retry. */
static gboolean
forget_entries (KhStore *store, gint64 seq, gboolean for_retry, GError **error)
{
  KhStatement change = kh_statement_begin (
      store, for_retry
                 ? "WITH RECURSIVE around (entry) AS ("
                   "  SELECT parent FROM entries WHERE transfer = ?1 AND state IN (0, 3)"
                   "  UNION SELECT entries.parent FROM around CROSS JOIN entries"
                   "    ON entries.transfer = ?1 AND entries.entry = around.entry)"
                   " DELETE FROM entries WHERE transfer = ?1 AND " BEYOND_ROOTS
                   "  AND state NOT IN (0, 3)"
                   "  AND entry NOT IN (SELECT entry FROM around WHERE entry IS NOT NULL)"
                 : "DELETE FROM entries WHERE transfer = ?1 AND " BEYOND_ROOTS);

  kh_statement_bind_int (&change, seq);
  kh_statement_bind_int (&change, KH_TRANSFERS_ROOTS_KEPT);
  return kh_statement_run (&change, NULL, error);
}

/* Of the same peer as @seq, incoming: the newest before @at that failed and could be
 * tried again; 0 where there is none. @n: how many entries it has. */
static gboolean
find_failed (KhStore *store, gint64 seq, gint64 *at, gint64 *n, GError **error)
{
  KhStatement query = kh_statement_begin (
      store, "SELECT other.seq,"
             " (SELECT count (*) FROM entries WHERE transfer = other.seq)"
             " FROM transfers AS this JOIN transfers AS other ON other.peer = this.peer"
             " WHERE this.seq = ?1 AND this.direction = 0 AND other.direction = 0"
             "  AND other.seq < ?2 AND other.state = 5 AND other.n_entries > 0"
             " ORDER BY other.seq DESC LIMIT 1");

  kh_statement_bind_int (&query, seq);
  kh_statement_bind_int (&query, *at);
  *at = 0;
  if (kh_statement_next (&query))
    {
      *at = kh_statement_int (&query, 0);
      *n = kh_statement_int (&query, 1);
    }
  return kh_statement_end (&query, error);
}

static gboolean
make_final (KhStore *store, gint64 seq, GError **error)
{
  KhStatement change
      = kh_statement_begin (store, "UPDATE transfers SET n_entries = 0 WHERE seq = ?");

  kh_statement_bind_int (&change, seq);
  return kh_statement_run (&change, NULL, error)
         && forget_entries (store, seq, FALSE, error);
}

/* The oldest ones lose what a retry needs where all of the peer have too much. */
static gboolean
trim_failed (KhStore *store, gint64 seq, GError **error)
{
  gint64 at = G_MAXINT64;
  gint64 n_kept = 0;
  gint64 n = 0;

  while (find_failed (store, seq, &at, &n, error))
    {
      if (at == 0)
        return TRUE;
      n_kept += n;
      if (n_kept > KH_TRANSFERS_FAILED_KEPT && !make_final (store, at, error))
        return FALSE;
    }
  return FALSE;
}

gboolean
kh_transfers_finish (KhStore *store, gint64 seq, KhStoredTransferState state,
                     guint8 status, gint64 now_ms, GError **error)
{
  gboolean own;
  gboolean good;

  g_return_val_if_fail (
      state >= KH_STORED_TRANSFER_DONE && state <= KH_STORED_TRANSFER_FAILED, FALSE);
  if (!kh_store_change_begin (store, &own, error))
    return FALSE;
  good = set_final (store, seq, state, status, now_ms, error)
         && forget_entries (store, seq, state == KH_STORED_TRANSFER_FAILED, error)
         && (state != KH_STORED_TRANSFER_FAILED || trim_failed (store, seq, error));
  return kh_store_change_end (store, own, good, error);
}

gboolean
kh_transfers_forget (KhStore *store, gint64 seq, GError **error)
{
  static const char *const changes[] = { "DELETE FROM entries WHERE transfer = ?",
                                         "DELETE FROM transfers WHERE seq = ?" };
  gboolean own;
  gboolean good = TRUE;

  if (!kh_store_change_begin (store, &own, error))
    return FALSE;
  for (guint i = 0; good && i < G_N_ELEMENTS (changes); i++)
    {
      KhStatement change = kh_statement_begin (store, changes[i]);

      kh_statement_bind_int (&change, seq);
      good = kh_statement_run (&change, NULL, error);
    }
  return kh_store_change_end (store, own, good, error);
}

static gboolean
set_running_again (KhStore *store, gint64 seq, GError **error)
{
  KhStatement change = kh_statement_begin (
      store, "UPDATE transfers SET state = 1, status = 0, ended_at_ms = 0,"
             " failed_files = 0 WHERE seq = ? AND state = 5 AND n_entries > 0"
             " AND forgotten = 0");
  gint64 n_changed = 0;

  kh_statement_bind_int (&change, seq);
  return kh_statement_run (&change, &n_changed, error)
         && kh_store_check_found (n_changed, "There is no such transfer that has failed",
                                  error);
}

gboolean
kh_transfers_reopen (KhStore *store, gint64 seq, GError **error)
{
  gboolean own;
  gboolean good;

  if (!kh_store_change_begin (store, &own, error))
    return FALSE;
  good = set_running_again (store, seq, error);
  if (good)
    {
      KhStatement change
          = kh_statement_begin (store, "UPDATE entries SET state = 0, status = 0"
                                       " WHERE transfer = ? AND state = 3");

      kh_statement_bind_int (&change, seq);
      good = kh_statement_run (&change, NULL, error);
    }
  return kh_store_change_end (store, own, good, error);
}

gboolean
kh_transfers_get (KhStore *store, gint64 seq, KhStoredTransfer **transfer, GError **error)
{
  KhStatement query = kh_statement_begin (store, COLUMNS "WHERE seq = ?");

  kh_statement_bind_int (&query, seq);
  return read_one (&query, transfer, error);
}

gboolean
kh_transfers_find (KhStore *store, const guint8 peer[KH_ID_LEN],
                   KhStoreDirection direction, const guint8 id[KH_FRAME_ID_LEN],
                   KhStoredTransfer **transfer, GError **error)
{
  KhStatement query
      = kh_statement_begin (store, COLUMNS "WHERE peer = ? AND direction = ? AND id = ?");

  kh_statement_bind_bytes (&query, peer, KH_ID_LEN);
  kh_statement_bind_int (&query, direction);
  kh_statement_bind_bytes (&query, id, KH_FRAME_ID_LEN);
  return read_one (&query, transfer, error);
}

GPtrArray *
kh_transfers_find_prefix (KhStore *store, const guint8 *bytes, guint len, GError **error)
{
  KhStatement query = kh_statement_begin (
      store, COLUMNS "WHERE substr (id, 1, ?1) = ?2 AND forgotten = 0"
                     " ORDER BY seq");

  kh_statement_bind_int (&query, len);
  /* The bytes of an empty prefix may be NULL, which SQL takes for no value. */
  kh_statement_bind_bytes (&query, len > 0 ? bytes : (const guint8 *)"", len);
  return read_all (&query, error);
}

GPtrArray *
kh_transfers_list (KhStore *store, const guint8 *peer, gint64 before, guint limit,
                   GError **error)
{
  KhStatement query = kh_statement_begin (
      store, peer == NULL ? COLUMNS
                 "WHERE seq < ? AND forgotten = 0 ORDER BY seq DESC LIMIT ?"
                          : COLUMNS "WHERE seq < ? AND peer = ? AND forgotten = 0"
                                    " ORDER BY seq DESC LIMIT ?");

  kh_statement_bind_int (&query, before == 0 ? G_MAXINT64 : before);
  if (peer != NULL)
    kh_statement_bind_bytes (&query, peer, KH_ID_LEN);
  kh_statement_bind_int (&query, limit);
  return read_all (&query, error);
}

GPtrArray *
kh_transfers_list_open (KhStore *store, GError **error)
{
  KhStatement query = kh_statement_begin (store, COLUMNS "WHERE " KH_STORE_TRANSFER_OPEN
                                                         " ORDER BY position, seq");

  return read_all (&query, error);
}

gboolean
kh_transfers_sum_incoming (KhStore *store, const guint8 peer[KH_ID_LEN], gint64 since_ms,
                           guint64 *bytes, GError **error)
{
  KhStatement query = kh_statement_begin (
      store,
      "SELECT wanted_bytes, n_entries FROM transfers WHERE peer = ? AND direction = 0"
      " AND started_at_ms >= ? AND state <> 3");

  *bytes = 0;
  kh_statement_bind_bytes (&query, peer, KH_ID_LEN);
  kh_statement_bind_int (&query, since_ms);
  /* Not with sum(): a peer may offer more than it can count, and it would fail. */
  while (kh_statement_next (&query))
    {
      guint64 wanted = (guint64)kh_statement_int (&query, 0)
                       + (guint64)kh_statement_int (&query, 1) * KH_TRANSFERS_ENTRY_BYTES;

      *bytes = *bytes > G_MAXUINT64 - wanted ? G_MAXUINT64 : *bytes + wanted;
    }
  return kh_statement_end (&query, error);
}
