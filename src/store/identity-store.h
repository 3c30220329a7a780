/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * identity-store.h - the key pair by which others know this user.
 *
 * load() it; or load_or_make() it, which makes it the first time. wipe() it when
 * it is no longer used. It is never replaced where it has been used: who wants another
 * identity uses another data folder. restore() is for a backup.
 *
 * The secret key lies in the database as it is; the file is private to the user.
 */
#pragma once

#include "store/store.h"

typedef struct
{
  guint8 public_key[KH_ID_LEN];
  guint8 secret_key[KH_ID_LEN];
} KhIdentityKeys;

/* @found is FALSE, and @keys are zero, where none was made yet. Keys that don't
 * belong together are damage. */
gboolean kh_identity_store_load (KhStore *store, KhIdentityKeys *keys, gboolean *found,
                                 GError **error);

/* KH_STORE_ERROR_EXISTS when there is one. */
gboolean kh_identity_store_save (KhStore *store, const KhIdentityKeys *keys,
                                 gint64 now_ms, GError **error);

gboolean kh_identity_store_load_or_make (KhStore *store, gint64 now_ms,
                                         KhIdentityKeys *keys, GError **error);

/* In the place of one with which nothing has been done. KH_STORE_ERROR_EXISTS when there
 * are contacts, messages, transfers or notes. */
gboolean kh_identity_store_restore (KhStore *store, const KhIdentityKeys *keys,
                                    gint64 now_ms, GError **error);

void kh_identity_store_wipe (KhIdentityKeys *keys);
