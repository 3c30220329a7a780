/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/server-keys.h"
#include "store/statement.h"

#include <string.h>

static char *
normalise (const char *host)
{
  char *normal = g_ascii_strdown (host, -1);
  gsize len = strlen (normal);

  if (len > 0 && normal[len - 1] == '.')
    normal[len - 1] = '\0';
  return normal;
}

gboolean
kh_server_keys_find (KhStore *store, const char *host, guint16 port,
                     guint8 key[KH_ID_LEN], gboolean *found, GError **error)
{
  g_autofree char *normal = normalise (host);
  KhStatement query = kh_statement_begin (
      store, "SELECT public_key FROM server_keys WHERE host = ? AND port = ?");

  memset (key, 0, KH_ID_LEN);
  kh_statement_bind_text (&query, normal);
  kh_statement_bind_int (&query, port);
  *found = kh_statement_next (&query);
  if (*found)
    kh_statement_bytes (&query, 0, key, KH_ID_LEN);
  if (kh_statement_end (&query, error))
    return TRUE;
  *found = FALSE;
  return FALSE;
}

gboolean
kh_server_keys_remember (KhStore *store, const char *host, guint16 port,
                         const guint8 key[KH_ID_LEN], gint64 now_ms, GError **error)
{
  guint8 known[KH_ID_LEN];
  gboolean found = FALSE;

  if (!kh_server_keys_find (store, host, port, known, &found, error))
    return FALSE;
  if (!found)
    return kh_server_keys_replace (store, host, port, key, now_ms, error);
  if (memcmp (known, key, sizeof known) == 0)
    return TRUE;
  g_set_error (error, KH_STORE_ERROR, KH_STORE_ERROR_EXISTS,
               "Another key is known for the server %s, port %u", host, port);
  return FALSE;
}

gboolean
kh_server_keys_replace (KhStore *store, const char *host, guint16 port,
                        const guint8 key[KH_ID_LEN], gint64 now_ms, GError **error)
{
  g_autofree char *normal = normalise (host);
  KhStatement change = kh_statement_begin (
      store, "INSERT INTO server_keys (host, port, public_key, seen_at_ms)"
             " VALUES (?, ?, ?, ?) ON CONFLICT (host, port) DO UPDATE"
             " SET public_key = excluded.public_key, seen_at_ms = excluded.seen_at_ms");

  kh_statement_bind_text (&change, normal);
  kh_statement_bind_int (&change, port);
  kh_statement_bind_bytes (&change, key, KH_ID_LEN);
  kh_statement_bind_int (&change, now_ms);
  return kh_statement_run (&change, NULL, error);
}
