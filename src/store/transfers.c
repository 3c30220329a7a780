/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/transfers.h"
#include "proto/utf8.h"
#include "store/statement.h"

#include <string.h>

#define COLUMNS                                                                          \
  "SELECT seq, peer, id, direction, state, name, n_bytes, done_bytes, path, failure,"    \
  " started_at_ms, ended_at_ms FROM transfers "

void
kh_stored_transfer_free (KhStoredTransfer *transfer)
{
  if (transfer == NULL)
    return;
  g_free (transfer->name);
  g_free (transfer->path);
  g_free (transfer->failure);
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
  transfer->n_bytes = (guint64)kh_statement_int (query, 6);
  transfer->done_bytes = (guint64)kh_statement_int (query, 7);
  transfer->path = kh_statement_text (query, 8);
  transfer->failure = kh_statement_text (query, 9);
  transfer->started_at_ms = kh_statement_int (query, 10);
  transfer->ended_at_ms = kh_statement_int (query, 11);
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

static gboolean
check_size (guint64 n_bytes, GError **error)
{
  if (n_bytes <= G_MAXINT64)
    return TRUE;
  g_set_error (error, KH_STORE_ERROR, KH_STORE_ERROR_INVALID, "No file is that large");
  return FALSE;
}

gboolean
kh_transfers_add (KhStore *store, const KhNewTransfer *transfer, gint64 *seq,
                  GError **error)
{
  gint64 n_changed = 0;
  KhStatement change;

  if (!check_size (transfer->n_bytes, error))
    return FALSE;
  if (!kh_utf8_valid (transfer->name, strlen (transfer->name)))
    {
      g_set_error (error, KH_STORE_ERROR, KH_STORE_ERROR_INVALID,
                   "The name of a transfer is not UTF-8");
      return FALSE;
    }
  change = kh_statement_begin (
      store, "INSERT INTO transfers (peer, direction, id, state, name, n_bytes, path,"
             " started_at_ms) VALUES (?, ?, ?, 0, ?, ?, ?, ?)"
             " ON CONFLICT (peer, direction, id) DO NOTHING");
  kh_statement_bind_bytes (&change, transfer->peer, KH_ID_LEN);
  kh_statement_bind_int (&change, transfer->direction);
  kh_statement_bind_bytes (&change, transfer->id, KH_FRAME_ID_LEN);
  kh_statement_bind_text (&change, transfer->name);
  kh_statement_bind_int (&change, (gint64)transfer->n_bytes);
  kh_statement_bind_text (&change, transfer->path);
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

/* Runs a change of one transfer, which is to be there and not final. */
static gboolean
change_one (KhStatement *change, gint64 seq, GError **error)
{
  gint64 n_changed = 0;

  kh_statement_bind_int (change, seq);
  if (!kh_statement_run (change, &n_changed, error))
    return FALSE;
  if (n_changed == 0)
    g_set_error (error, KH_STORE_ERROR, KH_STORE_ERROR_NOT_FOUND,
                 "There is no such transfer that has not ended");
  return n_changed == 1;
}

gboolean
kh_transfers_begin (KhStore *store, gint64 seq, const char *path, GError **error)
{
  KhStatement change
      = kh_statement_begin (store, "UPDATE transfers SET state = 1,"
                                   " path = coalesce (?, path) WHERE seq = ?"
                                   " AND state < 2");

  kh_statement_bind_text (&change, path);
  return change_one (&change, seq, error);
}

gboolean
kh_transfers_set_done_bytes (KhStore *store, gint64 seq, guint64 done_bytes,
                             GError **error)
{
  KhStatement change;

  if (!check_size (done_bytes, error))
    return FALSE;
  change = kh_statement_begin (
      store, "UPDATE transfers SET done_bytes = ? WHERE seq = ? AND state < 2");
  kh_statement_bind_int (&change, (gint64)done_bytes);
  return change_one (&change, seq, error);
}

gboolean
kh_transfers_finish (KhStore *store, gint64 seq, KhStoredTransferState state,
                     const char *path, const char *failure, gint64 now_ms, GError **error)
{
  KhStatement change;

  g_return_val_if_fail (state >= KH_STORED_TRANSFER_DONE, FALSE);
  change = kh_statement_begin (
      store, "UPDATE transfers SET state = ?1, path = coalesce (?2, path), failure = ?3,"
             " ended_at_ms = ?4, done_bytes = iif (?1 = 2, n_bytes, done_bytes)"
             " WHERE seq = ?5 AND state < 2");
  kh_statement_bind_int (&change, state);
  kh_statement_bind_text (&change, path);
  kh_statement_bind_text (&change, failure);
  kh_statement_bind_int (&change, now_ms);
  return change_one (&change, seq, error);
}

gboolean
kh_transfers_interrupt_all (KhStore *store, const char *failure, gint64 now_ms,
                            guint *n_interrupted, GError **error)
{
  KhStatement change = kh_statement_begin (
      store, "UPDATE transfers SET state = 5, failure = ?, ended_at_ms = ?"
             " WHERE state < 2");
  gint64 n_changed = 0;

  kh_statement_bind_text (&change, failure);
  kh_statement_bind_int (&change, now_ms);
  if (!kh_statement_run (&change, &n_changed, error))
    return FALSE;
  if (n_interrupted != NULL)
    *n_interrupted = (guint)n_changed;
  return TRUE;
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
kh_transfers_list (KhStore *store, const guint8 *peer, gint64 before, guint limit,
                   GError **error)
{
  g_autoptr (GPtrArray) transfers
      = g_ptr_array_new_with_free_func ((GDestroyNotify)kh_stored_transfer_free);
  KhStatement query = kh_statement_begin (
      store, peer == NULL ? COLUMNS "WHERE seq < ? ORDER BY seq DESC LIMIT ?"
                          : COLUMNS "WHERE seq < ? AND peer = ? ORDER BY seq DESC"
                                    " LIMIT ?");

  kh_statement_bind_int (&query, before == 0 ? G_MAXINT64 : before);
  if (peer != NULL)
    kh_statement_bind_bytes (&query, peer, KH_ID_LEN);
  kh_statement_bind_int (&query, limit);
  while (kh_statement_next (&query))
    g_ptr_array_add (transfers, read_transfer (&query));
  return kh_statement_end (&query, error) ? g_steal_pointer (&transfers) : NULL;
}
