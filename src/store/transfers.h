/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * transfers.h - what is sent and received, how far it is, and what became of it.
 *
 * add() one; its files and folders are entries (entries.h), which also count what has
 * arrived. list_open() after opening the store: a transfer lives on until it ends,
 * whatever happens to channels and programs. The set_ functions change one fact
 * each; finish() ends it, and reopen() is for one that failed and is tried again.
 *
 * Sizes are bytes. Source: src/PROTOCOL.md, section 6.1.
 */
#pragma once

#include "store/store.h"

typedef enum
{
  KH_STORED_TRANSFER_OFFERED = 0, /* outgoing: listed and offered, or to be */
  KH_STORED_TRANSFER_RUNNING = 1, /* accepted */
  KH_STORED_TRANSFER_DONE = 2,    /* this and the following three are final */
  KH_STORED_TRANSFER_DECLINED = 3,
  KH_STORED_TRANSFER_CANCELLED = 4,
  KH_STORED_TRANSFER_FAILED = 5,  /* some or all of it: see status and the counts */
  KH_STORED_TRANSFER_LISTING = 6, /* its entries are not complete yet */
} KhStoredTransferState;

/* What add() takes. Borrowed pointers. */
typedef struct
{
  const guint8 *peer; /* KH_ID_LEN */
  const guint8 *id;   /* KH_FRAME_ID_LEN, chosen by the sender */
  KhStoreDirection direction;
  const char *name;  /* UTF-8, of its first entry */
  guint32 n_entries; /* as offered; 0 while it is not known */
  guint32 n_files;
  guint64 n_bytes;
  gint64 started_at_ms;
} KhNewTransfer;

/* What is read back. Files are counted, not folders and links; every file that is
 * wanted ends in one of done, there and failed. */
typedef struct
{
  gint64 seq; /* what the other functions know a transfer by; grows */
  guint8 peer[KH_ID_LEN];
  guint8 id[KH_FRAME_ID_LEN];
  KhStoreDirection direction;
  KhStoredTransferState state;
  char *name;
  char *path; /* incoming: the folder it is saved to, in the file system's own
                 encoding; NULL until it is accepted */
  guint32 n_entries;
  guint32 n_files;
  guint64 n_bytes;      /* as offered, whatever its sources have become */
  guint32 wanted_files; /* what was not left out; all until set_wanted() */
  guint64 wanted_bytes;
  guint32 done_files;
  guint32 there_files; /* were there before and are the same */
  guint32 failed_files;
  guint64 done_bytes; /* of done and there */
  guint64 part_bytes; /* that have come of one that is under way: see set_part() */
  guint8 status;      /* KhFrameStatus of a transfer that failed as a whole */
  gboolean paused_here;
  gboolean paused_there;
  gint64 position; /* in the queue of what is sent to this peer: lower goes first */
  gint64 started_at_ms;
  gint64 ended_at_ms; /* 0 until it ends */
  gboolean forgotten; /* only numbers are left; the name is "" */
} KhStoredTransfer;

void kh_stored_transfer_free (KhStoredTransfer *transfer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KhStoredTransfer, kh_stored_transfer_free)

/* It is LISTING, and last in the queue. KH_STORE_ERROR_EXISTS when this peer offered
 * (was offered) this id before; KH_STORE_ERROR_INVALID for a size above 2^63 - 1 or a
 * name that is not UTF-8. */
gboolean kh_transfers_add (KhStore *store, const KhNewTransfer *transfer, gint64 *seq,
                           GError **error);

/* Each of these is KH_STORE_ERROR_NOT_FOUND unless the transfer is there and not
 * final. */

/* LISTING becomes OFFERED, with these counts; all of it is wanted. NOT_FOUND in any other
 * state, too. */
gboolean kh_transfers_set_listed (KhStore *store, gint64 seq, guint32 n_entries,
                                  guint32 n_files, guint64 n_bytes, GError **error);

/* Becomes RUNNING. @path is the folder, NULL for an outgoing one. */
gboolean kh_transfers_accept (KhStore *store, gint64 seq, const char *path,
                              GError **error);
gboolean kh_transfers_set_wanted (KhStore *store, gint64 seq, guint32 n_files,
                                  guint64 n_bytes, GError **error);
gboolean kh_transfers_set_paused (KhStore *store, gint64 seq, gboolean here,
                                  gboolean there, GError **error);

/* What has come of the file that is under way, now and then: for people to see. It is 0
 * again when a file is done or has failed, and when all of it ends but for a retry. */
gboolean kh_transfers_set_part (KhStore *store, gint64 seq, guint64 n_bytes,
                                GError **error);
gboolean kh_transfers_set_position (KhStore *store, gint64 seq, gint64 position,
                                    GError **error);

/* The receiver's last word on what was sent: so many files arrived, were there already,
 * and failed. Where none failed, all bytes have arrived. */
gboolean kh_transfers_set_outcome (KhStore *store, gint64 seq, guint32 n_done,
                                   guint32 n_there, guint32 n_failed, GError **error);

/* Of an ended transfer: what a person sees of it later. */
#define KH_TRANSFERS_ROOTS_KEPT 256

/* Of the failed ones that came from one peer, together: as many as one may have. Who
 * sends what fails again and again does not fill the disk. */
#define KH_TRANSFERS_FAILED_KEPT KH_TREE_ENTRIES_MAX

/* @state is a final one. Of its entries only the first of depth 0 are kept; where it is
 * FAILED also those that failed or are pending, and the folders that these are in. Older
 * incoming ones from the same peer that failed may lose these, and have n_entries 0 then:
 * they can't be reopened. */
gboolean kh_transfers_finish (KhStore *store, gint64 seq, KhStoredTransferState state,
                              guint8 status, gint64 now_ms, GError **error);

/* As if it had never been. Of one that has ended forget.h keeps the id: these functions
 * know it by that and by its seq, but list it nowhere. */
gboolean kh_transfers_forget (KhStore *store, gint64 seq, GError **error);

/* What FAILED is RUNNING again, at its place in the queue, and its failed entries are
 * pending.
 * KH_STORE_ERROR_NOT_FOUND unless it is there and FAILED, and has its entries. */
gboolean kh_transfers_reopen (KhStore *store, gint64 seq, GError **error);

/* @transfer is NULL where there is none. */
gboolean kh_transfers_get (KhStore *store, gint64 seq, KhStoredTransfer **transfer,
                           GError **error);
gboolean kh_transfers_find (KhStore *store, const guint8 peer[KH_ID_LEN],
                            KhStoreDirection direction, const guint8 id[KH_FRAME_ID_LEN],
                            KhStoredTransfer **transfer, GError **error);

/* All whose id begins with these @len bytes, of either direction and any peer, oldest
 * first: an array that frees its elements, NULL is an error. */
GPtrArray *kh_transfers_find_prefix (KhStore *store, const guint8 *bytes, guint len,
                                     GError **error);

/* An array of at most @limit KhStoredTransfer that frees its elements, newest first,
 * with a seq below @before (0 begins). NULL is an error. @peer NULL: of all. */
GPtrArray *kh_transfers_list (KhStore *store, const guint8 *peer, gint64 before,
                              guint limit, GError **error);

/* All that are not final, in the order of their positions. */
GPtrArray *kh_transfers_list_open (KhStore *store, GError **error);

/* What an empty file takes of a disk, more or less. */
#define KH_TRANSFERS_ENTRY_BYTES 4096

/* Bytes wanted of incoming transfers from @peer that were started since @since_ms and
 * not declined, and KH_TRANSFERS_ENTRY_BYTES for each entry; at most 2^64 - 1. */
gboolean kh_transfers_sum_incoming (KhStore *store, const guint8 peer[KH_ID_LEN],
                                    gint64 since_ms, guint64 *bytes, GError **error);
