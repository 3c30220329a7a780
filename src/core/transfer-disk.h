/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * transfer-disk.h - where the files of an incoming transfer go.
 *
 * safe_path() is what an entry is called here. accept() chooses what is wanted of an
 * offer, makes a place for each folder that was sent as such, and says whether there is
 * room; remove_partials() and discard() are for a transfer that ends early.
 *
 * These belong to the thread of the store and wait for the disk. Paths are in the file
 * system's own encoding.
 *
 * Source: src/PROTOCOL.md section 6.1.
 */
#pragma once

#include "net/channel-worker.h"
#include "store/entries.h"

/* The path of an entry below the folder: safe names, and the place of the folder of depth
 * 0 it is in, where that has one. */
char *kh_transfer_disk_safe_path (const KhStoredEntry *entry);

/* What a person may choose: patterns, or NULL for all. COMPLETE, or DISK_FULL,
 * NOT_WRITABLE and the like; it may be called again then. FALSE is an error of the store.
 */
gboolean kh_transfer_disk_accept (KhStore *store, gint64 seq, const char *folder,
                                  const char *const *only, KhFrameStatus *status,
                                  GError **error);

/* The next pending entries from @first on, as items for the worker; @n_items 0 is the
 * end. Free with kh_channel_item_clear() each. */
GArray *kh_transfer_disk_next_items (KhStore *store, const KhStoredTransfer *transfer,
                                     guint32 first, bool executable, GPtrArray **entries,
                                     GError **error);

/* Notes that an entry is in place, at @place below the folder where that is not where it
 * was to be. */
gboolean kh_transfer_disk_note (KhStore *store, const KhStoredTransfer *transfer,
                                const KhStoredEntry *entry, const char *place,
                                GError **error);

void kh_transfer_disk_remove_partials (KhStore *store, gint64 seq);

/* Deletes what has been put in place and was not changed since, and of the folders that
 * this transfer made those that are empty then. */
void kh_transfer_disk_discard (KhStore *store, gint64 seq);
