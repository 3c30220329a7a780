/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * messages.h - what was said, and the outbox.
 *
 * Outgoing: add_outgoing() before anything is sent; pending() is what waits, in
 * order; mark_delivered() when the peer says that it has it. Incoming:
 * add_incoming() tells whether the message is new; acknowledge it after that, or
 * after the commit of the batch it was in. things.h pages through a conversation.
 *
 * A message that is not kept (history off) is no thing of it. Of an incoming one only
 * the id is stored, for which later copies are known; the text of an outgoing one goes
 * once it is delivered. kh_forget_older_ids() drops such ids.
 *
 * A message is known by peer, direction and id together: no peer can acknowledge
 * or hide another's.
 *
 * Source: src/PROTOCOL.md, section 6.
 */
#pragma once

#include "store/store.h"

/* How long the id of a message that is not kept stays, to know a copy by. */
#define KH_MESSAGES_IDS_MS (INT64_C (30) * 24 * 60 * 60 * 1000)

typedef enum
{
  KH_STORED_MESSAGE_QUEUED = 0, /* outgoing and not acknowledged */
  KH_STORED_MESSAGE_DELIVERED = 1,
} KhStoredMessageState;

/* What add_ takes. Borrowed pointers. */
typedef struct
{
  const guint8 *peer; /* KH_ID_LEN */
  const guint8 *id;   /* KH_FRAME_ID_LEN */
  const char *text;   /* UTF-8 */
  gint64 sent_at_ms;  /* the sender's clock */
  gint64 stored_at_ms;
  gboolean keep; /* FALSE: history is off */
} KhNewMessage;

/* What is read back. */
typedef struct
{
  gint64 seq; /* grows in the order in which messages were stored, over all peers; that of
                 a deleted one is not given again while the store is open */
  guint8 peer[KH_ID_LEN];
  guint8 id[KH_FRAME_ID_LEN];
  KhStoreDirection direction;
  KhStoredMessageState state;
  gboolean keep;
  gint64 sent_at_ms;
  gint64 stored_at_ms;
  char *text; /* NULL when only the id is left */
} KhStoredMessage;

void kh_stored_message_free (KhStoredMessage *message);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KhStoredMessage, kh_stored_message_free)

/* KH_STORE_ERROR_INVALID for a text that is empty, longer than
 * KH_FRAME_TEXT_MAX or not UTF-8; KH_STORE_ERROR_EXISTS for an id used before. */
gboolean kh_messages_add_outgoing (KhStore *store, const KhNewMessage *message,
                                   GError **error);

/* @is_new is FALSE for a copy of one that is there; the first one stays. */
gboolean kh_messages_add_incoming (KhStore *store, const KhNewMessage *message,
                                   gboolean *is_new, GError **error);

/* @was_queued is FALSE when no such message waited; may be NULL. */
gboolean kh_messages_mark_delivered (KhStore *store, const guint8 peer[KH_ID_LEN],
                                     const guint8 id[KH_FRAME_ID_LEN],
                                     gboolean *was_queued, GError **error);

/* @message is NULL where there is none. */
gboolean kh_messages_find (KhStore *store, const guint8 peer[KH_ID_LEN],
                           KhStoreDirection direction, const guint8 id[KH_FRAME_ID_LEN],
                           KhStoredMessage **message, GError **error);

gboolean kh_messages_get (KhStore *store, gint64 seq, KhStoredMessage **message,
                          GError **error);

/* At most @limit queued ones with a seq above @after, oldest first; 0 begins. An array of
 * KhStoredMessage that frees its elements; NULL is an error. */
GPtrArray *kh_messages_pending (KhStore *store, const guint8 peer[KH_ID_LEN],
                                gint64 after, guint limit, GError **error);
