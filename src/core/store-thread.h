/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * store-thread.h - the one thread on which the store runs.
 *
 * start() with an open store; push() work; stop() runs what is queued, closes the
 * store and joins. Work runs in the order of push(). What is waiting together is
 * committed together, so a fast sender costs one sync of the disk for many
 * messages; nobody waits for a batch to fill.
 *
 * The work function runs on the thread and may use the store and its job only. Then
 * done() runs on the main loop, after the commit; the job is freed there. After
 * stop() no done() is called any more.
 */
#pragma once

#include "store/store.h"

#include <gio/gio.h>

/* Longest time that finished work waits for its batch. */
#define KH_STORE_THREAD_BATCH_US 50000

typedef gboolean (*KhStoreWork) (KhStore *store, gpointer job, GError **error);

/* @error: the work or the commit failed, and nothing of it is stored. */
typedef void (*KhStoreDone) (gpointer job, const GError *error);

typedef struct _KhStoreThread KhStoreThread;

/* Takes @store. */
KhStoreThread *kh_store_thread_start (KhStore *store);
void kh_store_thread_stop (KhStoreThread *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KhStoreThread, kh_store_thread_stop)

/* Takes @job, freed with @free_job on the main loop. @done may be NULL. Where @self is
 * NULL, as after stop(), nothing is done. */
void kh_store_thread_push (KhStoreThread *self, KhStoreWork work, KhStoreDone done,
                           gpointer job, GDestroyNotify free_job);
