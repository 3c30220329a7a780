/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * transfers.h - what was sent and received, and what became of it.
 *
 * add() at the offer, begin() once it is accepted, set_done_bytes() now and then,
 * finish() once. Call interrupt_all() after opening the store: a transfer lives
 * while its channel does, so what is still open then was cut off.
 *
 * A finished transfer never changes again. How often the progress is written is up
 * to the caller; each call is a sync of the disk, and 1 MiB is often enough.
 *
 * Sizes are bytes. Source: src/PROTOCOL.md, section 6.
 */
#pragma once

#include "store/store.h"

typedef enum
{
  KH_STORED_TRANSFER_OFFERED = 0,
  KH_STORED_TRANSFER_RUNNING = 1,
  KH_STORED_TRANSFER_DONE = 2, /* this and the following are final */
  KH_STORED_TRANSFER_DECLINED = 3,
  KH_STORED_TRANSFER_CANCELLED = 4,
  KH_STORED_TRANSFER_FAILED = 5,
} KhStoredTransferState;

/* What add() takes. Borrowed pointers. */
typedef struct
{
  const guint8 *peer; /* KH_ID_LEN */
  const guint8 *id;   /* KH_FRAME_ID_LEN, chosen by the sender */
  KhStoreDirection direction;
  const char *name; /* UTF-8, as offered */
  guint64 n_bytes;
  const char *path; /* of this computer; NULL while it is not known */
  gint64 started_at_ms;
} KhNewTransfer;

/* What is read back. */
typedef struct
{
  gint64 seq; /* what the other functions know a transfer by; grows */
  guint8 peer[KH_ID_LEN];
  guint8 id[KH_FRAME_ID_LEN];
  KhStoreDirection direction;
  KhStoredTransferState state;
  char *name;
  guint64 n_bytes;
  guint64 done_bytes;
  char *path;    /* in the file system's own encoding; NULL while it is not known */
  char *failure; /* NULL unless there was one */
  gint64 started_at_ms;
  gint64 ended_at_ms; /* 0 until it ends */
} KhStoredTransfer;

void kh_stored_transfer_free (KhStoredTransfer *transfer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KhStoredTransfer, kh_stored_transfer_free)

/* KH_STORE_ERROR_EXISTS when this peer offered (was offered) this id before;
 * KH_STORE_ERROR_INVALID for a size above 2^63 - 1 or a name that is not UTF-8. */
gboolean kh_transfers_add (KhStore *store, const KhNewTransfer *transfer, gint64 *seq,
                           GError **error);

/* Each is KH_STORE_ERROR_NOT_FOUND unless the transfer is there and not final.
 * @path NULL leaves the path as it is. */
gboolean kh_transfers_begin (KhStore *store, gint64 seq, const char *path,
                             GError **error);
gboolean kh_transfers_set_done_bytes (KhStore *store, gint64 seq, guint64 done_bytes,
                                      GError **error);

/* @state is a final one. @failure says what went wrong, or is NULL. Where the state
 * is DONE, done_bytes become n_bytes. */
gboolean kh_transfers_finish (KhStore *store, gint64 seq, KhStoredTransferState state,
                              const char *path, const char *failure, gint64 now_ms,
                              GError **error);

/* All that are not final become FAILED with @failure. @n_interrupted may be NULL. */
gboolean kh_transfers_interrupt_all (KhStore *store, const char *failure, gint64 now_ms,
                                     guint *n_interrupted, GError **error);

/* @transfer is NULL where there is none. */
gboolean kh_transfers_get (KhStore *store, gint64 seq, KhStoredTransfer **transfer,
                           GError **error);
gboolean kh_transfers_find (KhStore *store, const guint8 peer[KH_ID_LEN],
                            KhStoreDirection direction, const guint8 id[KH_FRAME_ID_LEN],
                            KhStoredTransfer **transfer, GError **error);

/* An array of at most @limit KhStoredTransfer that frees its elements, newest first,
 * with a seq below @before (0 begins). NULL is an error. @peer NULL: of all. */
GPtrArray *kh_transfers_list (KhStore *store, const guint8 *peer, gint64 before,
                              guint limit, GError **error);
