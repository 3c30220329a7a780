/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * server-keys.h - which key a server had when it was first used.
 *
 * For an address without a key: find() before dialling; where there was none,
 * remember() what the server showed. A key that differs from the remembered one is
 * a stop; only replace(), because a person said so, changes it.
 *
 * A host is compared without case and without a dot at its end. Nothing is
 * resolved: two names of one server are two entries.
 *
 * Source: src/PROTOCOL.md, section 2.1.
 */
#pragma once

#include "store/store.h"

/* @key is zero and @found FALSE where none is remembered. */
gboolean kh_server_keys_find (KhStore *store, const char *host, guint16 port,
                              guint8 key[KH_ID_LEN], gboolean *found, GError **error);

/* The same key again is fine; another one is KH_STORE_ERROR_EXISTS. */
gboolean kh_server_keys_remember (KhStore *store, const char *host, guint16 port,
                                  const guint8 key[KH_ID_LEN], gint64 now_ms,
                                  GError **error);

gboolean kh_server_keys_replace (KhStore *store, const char *host, guint16 port,
                                 const guint8 key[KH_ID_LEN], gint64 now_ms,
                                 GError **error);
