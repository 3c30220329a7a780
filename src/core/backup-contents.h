/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * backup-contents.h - what a backup holds, out of a store and into one.
 *
 * gather() makes the contents that proto/backup-file.h seals; put_back() takes what that
 * has opened. Both run where the store does. Contents hold the secret key: wipe them.
 */
#pragma once

#include "store/store.h"

/* @contents has room for KH_BACKUP_FILE_MAX bytes. FALSE and KH_STORE_ERROR_INVALID where
 * it does not all fit. */
gboolean kh_backup_contents_gather (KhStore *store, guint8 *contents, gsize *len,
                                    GError **error);

/* All of it or nothing. KH_STORE_ERROR_INVALID for contents that can't be read,
 * KH_STORE_ERROR_EXISTS for a store that is in use. */
gboolean kh_backup_contents_put_back (KhStore *store, const guint8 *contents, gsize len,
                                      GError **error);
