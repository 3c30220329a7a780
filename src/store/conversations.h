/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * conversations.h - what a person has read of each conversation, and not yet sent.
 *
 * list() once after opening the store; then keep what it said up to date and tell the
 * store with set_draft() and mark_read(). They belong to an id, whether it is a contact
 * or not.
 */
#pragma once

#include "store/store.h"

typedef struct
{
  guint8 peer[KH_ID_LEN];
  char *draft;         /* "" for none */
  gint64 active_at_ms; /* of the newest message or transfer; 0: none is kept */
  guint n_unread;      /* messages and transfers from the peer after what was read */
  guint n_queued;      /* messages that wait for the peer, kept or not */
} KhStoredConversation;

void kh_stored_conversation_free (KhStoredConversation *conversation);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KhStoredConversation, kh_stored_conversation_free)

/* Everybody with whom something is kept, waiting or begun to be written, in no order: an
 * array of KhStoredConversation that frees its elements; NULL is an error. */
GPtrArray *kh_conversations_list (KhStore *store, GError **error);

/* The thing (things.h) up to which it was read; 0: nothing was. */
gboolean kh_conversations_get_read (KhStore *store, const guint8 peer[KH_ID_LEN],
                                    gint64 *read_seq, GError **error);

/* NULL or "": there is none any more. KH_STORE_ERROR_INVALID for what is not UTF-8. */
gboolean kh_conversations_set_draft (KhStore *store, const guint8 peer[KH_ID_LEN],
                                     const char *draft, GError **error);

/* Up to the thing @seq, or 0: all that is there. It never goes back. */
gboolean kh_conversations_mark_read (KhStore *store, const guint8 peer[KH_ID_LEN],
                                     gint64 seq, GError **error);
