/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/entries.h"
#include "store/statement.h"

#include <sodium.h>
#include <string.h>

/* So much of the hash is the key: among a million files two share one with a chance of
 * 1 in 37 million, and then one of them is sent again. */
#define KEY_LEN 8

static gint64
make_key (const guint8 peer[KH_ID_LEN], const char *path)
{
  crypto_generichash_state state;
  guint8 hash[crypto_generichash_BYTES];
  guint64 key = 0;

  crypto_generichash_init (&state, NULL, 0, sizeof hash);
  crypto_generichash_update (&state, peer, KH_ID_LEN);
  crypto_generichash_update (&state, (const guint8 *)path, strlen (path));
  crypto_generichash_final (&state, hash, sizeof hash);
  for (guint i = 0; i < KEY_LEN; i++)
    key = key << 8 | hash[i];
  return (gint64)key;
}

gboolean
kh_received_add (KhStore *store, const guint8 peer[KH_ID_LEN], const char *path,
                 guint64 size, guint64 modified_ms, GError **error)
{
  KhStatement change = kh_statement_begin (
      store, "INSERT INTO received (key, size, modified_ms) VALUES (?, ?, ?)"
             " ON CONFLICT (key) DO UPDATE SET size = excluded.size,"
             " modified_ms = excluded.modified_ms");

  kh_statement_bind_int (&change, make_key (peer, path));
  kh_statement_bind_int (&change, (gint64)size);
  kh_statement_bind_int (&change, (gint64)modified_ms);
  return kh_statement_run (&change, NULL, error);
}

gboolean
kh_received_has (KhStore *store, const guint8 peer[KH_ID_LEN], const char *path,
                 guint64 size, guint64 modified_ms, gboolean *known, GError **error)
{
  KhStatement query = kh_statement_begin (
      store, "SELECT 1 FROM received WHERE key = ? AND size = ? AND modified_ms = ?");

  kh_statement_bind_int (&query, make_key (peer, path));
  kh_statement_bind_int (&query, (gint64)size);
  kh_statement_bind_int (&query, (gint64)modified_ms);
  *known = kh_statement_next (&query);
  return kh_statement_end (&query, error);
}

/* No path that is noted has two slashes. */
static char *
make_mark (const char *path, guint64 size, guint64 modified_ms)
{
  return g_strdup_printf ("%s//%" G_GUINT64_FORMAT ".%" G_GUINT64_FORMAT, path, size,
                          modified_ms);
}

gboolean
kh_received_add_elsewhere (KhStore *store, const guint8 peer[KH_ID_LEN], const char *path,
                           guint64 size, guint64 modified_ms, GError **error)
{
  g_autofree char *mark = make_mark (path, size, modified_ms);

  return kh_received_add (store, peer, mark, size, modified_ms, error);
}

gboolean
kh_received_has_elsewhere (KhStore *store, const guint8 peer[KH_ID_LEN], const char *path,
                           guint64 size, guint64 modified_ms, gboolean *known,
                           GError **error)
{
  g_autofree char *mark = make_mark (path, size, modified_ms);

  return kh_received_has (store, peer, mark, size, modified_ms, known, error);
}
