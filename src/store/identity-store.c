/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/identity-store.h"
#include "store/statement.h"

#include <sodium.h>

G_STATIC_ASSERT (KH_ID_LEN == crypto_box_PUBLICKEYBYTES);
G_STATIC_ASSERT (KH_ID_LEN == crypto_box_SECRETKEYBYTES);

static gboolean
belong_together (const KhIdentityKeys *keys)
{
  guint8 public_key[KH_ID_LEN];

  return crypto_scalarmult_base (public_key, keys->secret_key) == 0
         && sodium_memcmp (public_key, keys->public_key, sizeof public_key) == 0;
}

gboolean
kh_identity_store_load (KhStore *store, KhIdentityKeys *keys, gboolean *found,
                        GError **error)
{
  KhStatement query
      = kh_statement_begin (store, "SELECT secret_key, public_key FROM identity");

  kh_identity_store_wipe (keys);
  *found = kh_statement_next (&query);
  if (*found)
    {
      kh_statement_bytes (&query, 0, keys->secret_key, sizeof keys->secret_key);
      kh_statement_bytes (&query, 1, keys->public_key, sizeof keys->public_key);
      if (!belong_together (keys))
        query.result = SQLITE_CORRUPT;
    }
  if (kh_statement_end (&query, error))
    return TRUE;
  kh_identity_store_wipe (keys);
  *found = FALSE;
  return FALSE;
}

gboolean
kh_identity_store_save (KhStore *store, const KhIdentityKeys *keys, gint64 now_ms,
                        GError **error)
{
  KhStatement change = kh_statement_begin (
      store, "INSERT INTO identity (one, secret_key, public_key, made_at_ms)"
             " VALUES (1, ?, ?, ?) ON CONFLICT (one) DO NOTHING");
  gint64 n_changed = 0;

  kh_statement_bind_bytes (&change, keys->secret_key, sizeof keys->secret_key);
  kh_statement_bind_bytes (&change, keys->public_key, sizeof keys->public_key);
  kh_statement_bind_int (&change, now_ms);
  if (!kh_statement_run (&change, &n_changed, error))
    return FALSE;
  if (n_changed == 0)
    g_set_error (error, KH_STORE_ERROR, KH_STORE_ERROR_EXISTS,
                 "%s has an identity already", store->path);
  return n_changed == 1;
}

gboolean
kh_identity_store_load_or_make (KhStore *store, gint64 now_ms, KhIdentityKeys *keys,
                                GError **error)
{
  gboolean found = FALSE;

  if (!kh_identity_store_load (store, keys, &found, error))
    return FALSE;
  if (found)
    return TRUE;
  if (sodium_init () < 0 || crypto_box_keypair (keys->public_key, keys->secret_key) != 0)
    {
      g_set_error (error, KH_STORE_ERROR, KH_STORE_ERROR_FAILED,
                   "Cannot make a key: no randomness");
      return FALSE;
    }
  if (kh_identity_store_save (store, keys, now_ms, error))
    return TRUE;
  kh_identity_store_wipe (keys);
  return FALSE;
}

static gboolean
is_in_use (KhStore *store, gboolean *used, GError **error)
{
  KhStatement query = kh_statement_begin (
      store, "SELECT 1 WHERE EXISTS (SELECT 1 FROM contacts)"
             " OR EXISTS (SELECT 1 FROM messages) OR EXISTS (SELECT 1 FROM transfers)"
             " OR EXISTS (SELECT 1 FROM timeline)");

  *used = kh_statement_next (&query);
  return kh_statement_end (&query, error);
}

static gboolean
replace (KhStore *store, const KhIdentityKeys *keys, gint64 now_ms, GError **error)
{
  KhStatement change = kh_statement_begin (store, "DELETE FROM identity");

  return kh_statement_run (&change, NULL, error)
         && kh_identity_store_save (store, keys, now_ms, error);
}

gboolean
kh_identity_store_restore (KhStore *store, const KhIdentityKeys *keys, gint64 now_ms,
                           GError **error)
{
  gboolean used = FALSE;
  gboolean own;
  gboolean good;

  if (!kh_store_change_begin (store, &own, error))
    return FALSE;
  good = is_in_use (store, &used, error);
  if (used)
    {
      g_set_error (error, KH_STORE_ERROR, KH_STORE_ERROR_EXISTS,
                   "%s has contacts or a history of its own", store->path);
      good = FALSE;
    }
  good = good && replace (store, keys, now_ms, error);
  if (good)
    kh_store_wipe (store);
  return kh_store_change_end (store, own, good, error);
}

void
kh_identity_store_wipe (KhIdentityKeys *keys)
{
  sodium_memzero (keys, sizeof *keys);
}
