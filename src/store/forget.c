/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/forget.h"
#include "store/messages.h"
#include "store/statement.h"
#include "store/transfers.h"

/* Runs the statements of @changes, which have a peer as the first parameter and a time as
 * the second, in a change of their own. @wipe: what they delete was somebody's words. */
static gboolean
run_all (KhStore *store, const char *const *changes, guint n, const guint8 *peer,
         gint64 before_ms, gboolean wipe, GError **error)
{
  gboolean changed = store->remains;
  gboolean own;
  gboolean good = TRUE;
  gint64 n_changed = 0;

  if (!kh_store_change_begin (store, &own, error))
    return FALSE;
  for (guint i = 0; good && i < n; i++)
    {
      KhStatement change = kh_statement_begin (store, changes[i]);

      if (peer != NULL)
        kh_statement_bind_bytes (&change, peer, KH_ID_LEN);
      else
        kh_statement_bind_text (&change, NULL);
      if (sqlite3_bind_parameter_count (change.stmt) > 1)
        kh_statement_bind_int (&change, before_ms);
      good = kh_statement_run (&change, &n_changed, error);
      changed = changed || n_changed > 0;
    }
  if (good && wipe && changed)
    kh_store_wipe (store);
  return kh_store_change_end (store, own, good, error);
}

/* ?1 is a peer, or NULL for all. */
#define OF_PEER "(?1 IS NULL OR peer = ?1)"
/* Without entries nobody can try it again; that they were many still counts in
 * kh_transfers_sum_incoming(). */
#define ENTRY_BYTES G_STRINGIFY (KH_TRANSFERS_ENTRY_BYTES)
#define FORGET_ENDED                                                                     \
  "DELETE FROM entries WHERE transfer IN (SELECT seq FROM transfers WHERE " OF_PEER      \
  "  AND state BETWEEN 2 AND 5 AND forgotten = 0)",                                      \
      "UPDATE transfers SET forgotten = 1, name = '', path = NULL, n_entries = 0,"       \
      "  wanted_bytes = n_entries * " ENTRY_BYTES                                        \
      "    + min (wanted_bytes, 0x7fffffffffffffff - n_entries * " ENTRY_BYTES ")"       \
      "  WHERE " OF_PEER " AND state BETWEEN 2 AND 5 AND forgotten = 0"

gboolean
kh_forget_ended_transfers (KhStore *store, const guint8 *peer, gint64 now_ms,
                           GError **error)
{
  static const char *const changes[] = { FORGET_ENDED };

  (void)now_ms;
  return run_all (store, changes, G_N_ELEMENTS (changes), peer, 0, TRUE, error);
}

gboolean
kh_forget_history (KhStore *store, const guint8 *peer, gint64 now_ms, GError **error)
{
  static const char *const changes[] = {
    "DELETE FROM messages WHERE " OF_PEER " AND (direction = 1 OR stored_at_ms < ?2)",
    "UPDATE messages SET keep = 0, text = NULL WHERE " OF_PEER " AND keep = 1",
    FORGET_ENDED,
    "DELETE FROM notes WHERE " OF_PEER,
    "DELETE FROM attempts WHERE " OF_PEER,
    "DELETE FROM conversations WHERE " OF_PEER,
    "INSERT INTO conversations (peer, read_seq) SELECT peer, max (seq) FROM timeline"
    "  WHERE " OF_PEER " GROUP BY peer",
    /* Who searches next makes the index of what remains. */
    "INSERT INTO search (search) SELECT 'delete-all' WHERE ?1 IS ?1",
    "INSERT INTO unindexed (seq) SELECT seq FROM timeline WHERE kind = 0 AND ?1 IS ?1"
    "  ON CONFLICT DO NOTHING",
  };

  return run_all (store, changes, G_N_ELEMENTS (changes), peer,
                  now_ms - KH_MESSAGES_IDS_MS, TRUE, error);
}

gboolean
kh_forget_queued_message (KhStore *store, const guint8 peer[KH_ID_LEN],
                          const guint8 id[KH_FRAME_ID_LEN], gboolean *was_queued,
                          GError **error)
{
  KhStatement change
      = kh_statement_begin (store, "DELETE FROM messages WHERE peer = ? AND direction = 1"
                                   " AND id = ? AND state = 0");
  gint64 n_changed = 0;
  gboolean own;
  gboolean good;

  if (!kh_store_change_begin (store, &own, error))
    return FALSE;
  kh_statement_bind_bytes (&change, peer, KH_ID_LEN);
  kh_statement_bind_bytes (&change, id, KH_FRAME_ID_LEN);
  good = kh_statement_run (&change, &n_changed, error);
  if (was_queued != NULL)
    *was_queued = n_changed == 1;
  if (n_changed > 0)
    kh_store_wipe (store);
  return kh_store_change_end (store, own, good, error);
}

gboolean
kh_forget_older_ids (KhStore *store, gint64 now_ms, GError **error)
{
  static const char *const changes[] = {
    "DELETE FROM messages WHERE ?1 IS NULL AND text IS NULL AND stored_at_ms < ?2",
    "DELETE FROM transfers WHERE ?1 IS NULL AND forgotten = 1 AND ended_at_ms < ?2",
  };

  return run_all (store, changes, G_N_ELEMENTS (changes), NULL,
                  now_ms - KH_MESSAGES_IDS_MS, FALSE, error);
}
