/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * store.h - the database of one data folder.
 *
 * Take the lock of the folder, open(), use the files named for their topic
 * (identity-store.h, settings.h, server-keys.h, contacts.h, messages.h,
 * transfers.h, entries.h), close(), release the lock. Who only reads while another
 * process holds the folder uses open_for_reading() and needs no lock; who wants
 * something of the transfers there uses wishes.h.
 *
 * Each call that changes something is on disk when it returns, synced, unless a
 * batch is open; then it is when batch_commit() returns. A process that is killed
 * loses nothing but the open batch.
 *
 * A handle may be used from one thread at a time, and any function may wait for
 * the disk. Nothing here knows of networks, windows or a main loop, and nothing is
 * ever deleted to repair a database.
 *
 * Times are Unix milliseconds and come from the caller; 0 is never.
 */
#pragma once

#include "proto/frame.h"    /* KH_FRAME_ID_LEN: ids of messages and transfers */
#include "proto/messages.h" /* KH_ID_LEN: ids of peers */
#include "store/folder-lock.h"
#include "store/store-error.h"

/* File in the data folder; two more beside it carry -wal and -shm. */
#define KH_STORE_FILE "knothole.db"

typedef enum
{
  KH_STORE_INCOMING = 0, /* numbers as in the database */
  KH_STORE_OUTGOING = 1,
} KhStoreDirection;

typedef struct _KhStore KhStore;

/* Makes the database where there is none, for the user alone (0600), and brings an
 * older one to the newest schema. @lock must stay until close(). */
KhStore *kh_store_open (const KhFolderLock *lock, GError **error);

/* For a folder that another process holds: everything that changes something fails
 * with KH_STORE_ERROR_READ_ONLY. Waits up to two seconds for a holder that is just
 * making the database or bringing it to the newest schema. */
KhStore *kh_store_open_for_reading (const char *folder, GError **error);

/* An open batch is lost. NULL is ignored. */
void kh_store_close (KhStore *self);

/* Changes between begin and commit reach the disk together with one sync; reads
 * see them at once. Batches don't nest. After an error inside a batch, roll back:
 * part of it may be gone already. */
gboolean kh_store_batch_begin (KhStore *self, GError **error);
gboolean kh_store_batch_commit (KhStore *self, GError **error);
/* Without an open batch this does nothing. */
void kh_store_batch_rollback (KhStore *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KhStore, kh_store_close)
