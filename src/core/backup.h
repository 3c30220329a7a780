/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * backup.h - the identity and the contacts in one file, to be restored elsewhere.
 *
 * The file is sealed with a key made from a passphrase by Argon2id, which takes about a
 * second and 256 MiB, on a thread of its own. Messages and files are not in it.
 *
 * Errors: KH_CLIENT_ERROR_BACKUP, a sentence each; G_IO_ERROR or G_FILE_ERROR of the
 * file; KH_STORE_ERROR of the data folder.
 *
 * Source: src/PROTOCOL.md, section "Backup of an identity".
 */
#pragma once

#include "core/client.h"

#define KH_BACKUP_PASSPHRASE_MIN 8 /* characters */

/* Never overwrites half: the file is whole or as it was. */
void kh_backup_save_async (KhClient *client, GFile *file, const char *passphrase,
                           GCancellable *cancellable, GAsyncReadyCallback callback,
                           gpointer data);
gboolean kh_backup_save_finish (KhClient *client, GAsyncResult *result, GError **error);

/* Into a data folder whose identity has no contacts and no messages yet, before a client
 * has opened it; a wrong passphrase says so. */
void kh_backup_restore_async (GFile *file, const char *passphrase, const char *data_dir,
                              GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer data);
gboolean kh_backup_restore_finish (GAsyncResult *result, GError **error);
