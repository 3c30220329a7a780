/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/wishes.h"
#include "store/statement.h"

gboolean
kh_wishes_add (KhStore *store, KhWishKind kind, gint64 transfer, gint64 *seq,
               GError **error)
{
  KhStatement change
      = kh_statement_begin (store, "INSERT INTO wishes (kind, transfer) VALUES (?, ?)");

  kh_statement_bind_int (&change, kind);
  kh_statement_bind_int (&change, transfer);
  if (!kh_statement_run (&change, NULL, error))
    return FALSE;
  *seq = sqlite3_last_insert_rowid (store->db);
  return TRUE;
}

gboolean
kh_wishes_has (KhStore *store, gint64 seq, gboolean *waiting, GError **error)
{
  KhStatement query = kh_statement_begin (store, "SELECT 1 FROM wishes WHERE seq = ?");

  kh_statement_bind_int (&query, seq);
  *waiting = kh_statement_next (&query);
  return kh_statement_end (&query, error);
}

static gint
compare_seq (gconstpointer a, gconstpointer b)
{
  const KhWish *first = a;
  const KhWish *second = b;

  return (first->seq > second->seq) - (first->seq < second->seq);
}

GArray *
kh_wishes_take (KhStore *store, GError **error)
{
  g_autoptr (GArray) wishes = g_array_new (FALSE, FALSE, sizeof (KhWish));
  KhStatement change
      = kh_statement_begin (store, "DELETE FROM wishes RETURNING seq, kind, transfer");

  while (kh_statement_next (&change))
    {
      KhWish wish = { .seq = kh_statement_int (&change, 0),
                      .kind = (KhWishKind)kh_statement_int (&change, 1),
                      .transfer = kh_statement_int (&change, 2) };

      g_array_append_val (wishes, wish);
    }
  /* SQLite promises no order of what it returns. */
  g_array_sort (wishes, compare_seq);
  return kh_statement_end (&change, error) ? g_steal_pointer (&wishes) : NULL;
}
