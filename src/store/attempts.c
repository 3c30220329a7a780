/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/attempts.h"
#include "store/statement.h"

void
kh_stored_attempt_free (KhStoredAttempt *attempt)
{
  if (attempt == NULL)
    return;
  g_bytes_unref (attempt->report);
  g_free (attempt);
}

static gboolean
insert (KhStore *store, const guint8 *peer, gint64 at_ms, GBytes *report, GError **error)
{
  KhStatement change = kh_statement_begin (
      store, "INSERT INTO attempts (peer, at_ms, report) VALUES (?, ?, ?)");
  gsize len;
  const void *bytes = g_bytes_get_data (report, &len);

  kh_statement_bind_bytes (&change, peer, KH_ID_LEN);
  kh_statement_bind_int (&change, at_ms);
  /* The bytes of an empty report may be NULL, which SQL takes for no value. */
  kh_statement_bind_bytes (&change, len > 0 ? bytes : "", len);
  return kh_statement_run (&change, NULL, error);
}

static gboolean
trim (KhStore *store, const guint8 *peer, guint n_kept, GError **error)
{
  KhStatement change = kh_statement_begin (
      store, "DELETE FROM attempts WHERE peer = ?1 AND seq <= (SELECT seq FROM attempts"
             " WHERE peer = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)");

  kh_statement_bind_bytes (&change, peer, KH_ID_LEN);
  kh_statement_bind_int (&change, n_kept);
  return kh_statement_run (&change, NULL, error);
}

gboolean
kh_attempts_add (KhStore *store, const guint8 peer[KH_ID_LEN], gint64 at_ms,
                 GBytes *report, guint n_kept, GError **error)
{
  gboolean own;
  gboolean good;

  if (g_bytes_get_size (report) > KH_ATTEMPTS_REPORT_MAX)
    {
      g_set_error (error, KH_STORE_ERROR, KH_STORE_ERROR_INVALID,
                   "A report has at most %d bytes", KH_ATTEMPTS_REPORT_MAX);
      return FALSE;
    }
  if (!kh_store_change_begin (store, &own, error))
    return FALSE;
  good = insert (store, peer, at_ms, report, error) && trim (store, peer, n_kept, error);
  return kh_store_change_end (store, own, good, error);
}

GPtrArray *
kh_attempts_list (KhStore *store, const guint8 peer[KH_ID_LEN], guint limit,
                  GError **error)
{
  g_autoptr (GPtrArray) attempts
      = g_ptr_array_new_with_free_func ((GDestroyNotify)kh_stored_attempt_free);
  KhStatement query
      = kh_statement_begin (store, "SELECT seq, at_ms, report FROM attempts"
                                   " WHERE peer = ? ORDER BY seq DESC LIMIT ?");

  kh_statement_bind_bytes (&query, peer, KH_ID_LEN);
  kh_statement_bind_int (&query, limit);
  while (kh_statement_next (&query))
    {
      KhStoredAttempt *attempt = g_new0 (KhStoredAttempt, 1);

      attempt->seq = kh_statement_int (&query, 0);
      attempt->at_ms = kh_statement_int (&query, 1);
      attempt->report = kh_statement_blob (&query, 2);
      g_ptr_array_add (attempts, attempt);
    }
  return kh_statement_end (&query, error) ? g_steal_pointer (&attempts) : NULL;
}
