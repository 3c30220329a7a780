/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * forget.h - deleting, so that nothing of it can be read in the data folder.
 *
 * What these delete is overwritten, in the index of search.h as well, and leaves the
 * database and its log with the end of the change or of the batch that it is in: all that
 * is left is written anew, which takes 0.4 s for 100,000 messages, and as much room.
 * (Where there is no room it is tried again when the store is closed. While another
 * process reads, the log keeps it until that ends and something is stored.)
 *
 * Of what came from a peer within KH_MESSAGES_IDS_MS the id stays, and of transfers the
 * numbers: who sends a copy of a message, or offers a transfer once more, is answered as
 * before, and it does not reappear. forget_older_ids() drops these when they are old.
 */
#pragma once

#include "store/store.h"

/* With @peer, or NULL: with everybody. Messages, also those that wait; transfers that
 * have ended; notes; the draft; what was read; reports of attempts. Contacts stay, and
 * transfers that have not ended. */
gboolean kh_forget_history (KhStore *store, const guint8 *peer, gint64 now_ms,
                            GError **error);

/* Only the transfers with @peer, or NULL: all, that have ended: for when no history is
 * kept. */
gboolean kh_forget_ended_transfers (KhStore *store, const guint8 *peer, gint64 now_ms,
                                    GError **error);

/* A message that waits is taken back. @was_queued is FALSE when no such message waited;
 * may be NULL. */
gboolean kh_forget_queued_message (KhStore *store, const guint8 peer[KH_ID_LEN],
                                   const guint8 id[KH_FRAME_ID_LEN], gboolean *was_queued,
                                   GError **error);

/* Ids of messages and of transfers that were stored before now less KH_MESSAGES_IDS_MS
 * and of which nothing else is kept. Once a day is often enough. */
gboolean kh_forget_older_ids (KhStore *store, gint64 now_ms, GError **error);
