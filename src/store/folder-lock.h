/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * folder-lock.h - one process at a time owns a data folder.
 *
 * take() makes the folder where needed and locks it, kh_store_open() opens the
 * database in it, release() comes after the store is closed. The lock ends with
 * the process however that ends, so no stale one is ever left.
 *
 * The file "lock" in the folder says who holds it; it is never removed. The lock
 * counts inside one process too: a second take() there fails like any other.
 *
 * A child that is forked without exec keeps the lock as well.
 */
#pragma once

#include "store/store-error.h"

typedef struct _KhFolderLock KhFolderLock;

/* @holder says who asks, "knothole-cli listen"; the process id is added to it.
 * Missing folders are made for the user alone (0700). KH_STORE_ERROR_FOLDER_IN_USE
 * names the holder. */
KhFolderLock *kh_folder_lock_take (const char *folder, const char *holder,
                                   GError **error);

const char *kh_folder_lock_folder (const KhFolderLock *self);

/* NULL is ignored. */
void kh_folder_lock_release (KhFolderLock *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KhFolderLock, kh_folder_lock_release)
