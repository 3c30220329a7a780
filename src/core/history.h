/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * history.h - looking for what was said, forgetting it, and what was not sent yet.
 *
 * Main loop only; the store is asked on its own thread.
 */
#pragma once

#include "core/client.h"

/* A message that holds what was looked for. */
typedef struct
{
  KhPeerId peer;
  gint64 position; /* as in KhTimelineItem */
  gint64 at_ms;
  gboolean outgoing;
  char *text;
} KhSearchHit;

void kh_search_hit_free (KhSearchHit *hit);

/* Messages that hold every word of @text (parts of words too, whatever their case; also
 * a text of one character, and scripts without spaces), newest first: at most @limit
 * KhSearchHit, in an array that frees them. @peer NULL: of all. A message with files:
 * names of transfers count as text. */
void kh_client_search_async (KhClient *self, const KhPeerId *peer, const char *text,
                             guint limit, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer data);
GPtrArray *kh_client_search_finish (KhClient *self, GAsyncResult *result, GError **error);

/* Forgets what was said with @peer, or NULL: with everybody, and the transfers that have
 * ended; nothing of it can be read in the data folder afterwards. What waits to be sent
 * goes too. Open timelines lose their items. */
void kh_client_delete_history_async (KhClient *self, const KhPeerId *peer,
                                     GAsyncReadyCallback callback, gpointer data);
gboolean kh_client_delete_history_finish (KhClient *self, GAsyncResult *result,
                                          GError **error);

/* Sends a message of this run that could not be stored: KH_MESSAGE_FAILED. FALSE where it
 * is not one of these. */
gboolean kh_client_send_again (KhClient *self, const KhItemId *message);

/* Takes back a message that waits and has not gone out, or could not be stored. FALSE
 * where it has. */
gboolean kh_client_delete_message (KhClient *self, const KhPeerId *peer,
                                   const KhItemId *message);

/* Whether what is said from now on is kept. TRUE at first. */
gboolean kh_client_get_keeps_history (KhClient *self);
void kh_client_set_keeps_history (KhClient *self, gboolean keeps);

/* What was written to @peer and not sent; "" or NULL where there is nothing. All drafts
 * are in memory. */
const char *kh_client_get_draft (KhClient *self, const KhPeerId *peer);
void kh_client_set_draft (KhClient *self, const KhPeerId *peer, const char *text);
