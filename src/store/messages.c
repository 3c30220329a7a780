/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/messages.h"
#include "proto/utf8.h"
#include "store/statement.h"

#include <string.h>

#define COLUMNS                                                                          \
  "SELECT seq, peer, id, direction, state, keep, sent_at_ms, stored_at_ms, text"         \
  " FROM messages "

void
kh_stored_message_free (KhStoredMessage *message)
{
  if (message == NULL)
    return;
  g_free (message->text);
  g_free (message);
}

static KhStoredMessage *
read_message (KhStatement *query)
{
  KhStoredMessage *message = g_new0 (KhStoredMessage, 1);

  message->seq = kh_statement_int (query, 0);
  kh_statement_bytes (query, 1, message->peer, sizeof message->peer);
  kh_statement_bytes (query, 2, message->id, sizeof message->id);
  message->direction = (KhStoreDirection)kh_statement_int (query, 3);
  message->state = (KhStoredMessageState)kh_statement_int (query, 4);
  message->keep = kh_statement_int (query, 5) != 0;
  message->sent_at_ms = kh_statement_int (query, 6);
  message->stored_at_ms = kh_statement_int (query, 7);
  message->text = kh_statement_text (query, 8);
  return message;
}

/* The one message of @query, or NULL. */
static gboolean
read_one (KhStatement *query, KhStoredMessage **message, GError **error)
{
  *message = kh_statement_next (query) ? read_message (query) : NULL;
  if (kh_statement_end (query, error))
    return TRUE;
  g_clear_pointer (message, kh_stored_message_free);
  return FALSE;
}

static gboolean
check_text (const char *text, GError **error)
{
  gsize len = strlen (text);

  if (len > 0 && len <= KH_FRAME_TEXT_MAX && kh_utf8_valid (text, len))
    return TRUE;
  g_set_error (error, KH_STORE_ERROR, KH_STORE_ERROR_INVALID,
               "A message has 1 to %d bytes of text, this one has %" G_GSIZE_FORMAT,
               KH_FRAME_TEXT_MAX, len);
  return FALSE;
}

static gboolean
add (KhStore *store, const KhNewMessage *message, KhStoreDirection direction,
     gboolean *is_new, GError **error)
{
  gboolean incoming = direction == KH_STORE_INCOMING;
  gint64 n_changed = 0;
  KhStatement change;

  if (!check_text (message->text, error))
    return FALSE;
  change = kh_statement_begin (
      store, "INSERT INTO messages (peer, direction, id, state, keep, sent_at_ms,"
             " stored_at_ms, text, seq) VALUES (?, ?, ?, ?, ?, ?, ?, ?,"
             " (SELECT max (coalesce (max (seq), 0), ?) + 1 FROM messages))"
             " ON CONFLICT (peer, direction, id) DO NOTHING");
  kh_statement_bind_bytes (&change, message->peer, KH_ID_LEN);
  kh_statement_bind_int (&change, direction);
  kh_statement_bind_bytes (&change, message->id, KH_FRAME_ID_LEN);
  kh_statement_bind_int (&change, incoming ? KH_STORED_MESSAGE_DELIVERED
                                           : KH_STORED_MESSAGE_QUEUED);
  kh_statement_bind_int (&change, message->keep != 0);
  kh_statement_bind_int (&change, message->sent_at_ms);
  kh_statement_bind_int (&change, message->stored_at_ms);
  kh_statement_bind_text (&change, message->keep || !incoming ? message->text : NULL);
  kh_statement_bind_int (&change, store->last_message);
  if (!kh_statement_run (&change, &n_changed, error))
    return FALSE;
  *is_new = n_changed == 1;
  if (*is_new)
    store->last_message = sqlite3_last_insert_rowid (store->db);
  return TRUE;
}

gboolean
kh_messages_add_outgoing (KhStore *store, const KhNewMessage *message, GError **error)
{
  gboolean is_new = FALSE;

  if (!add (store, message, KH_STORE_OUTGOING, &is_new, error))
    return FALSE;
  if (!is_new)
    g_set_error (error, KH_STORE_ERROR, KH_STORE_ERROR_EXISTS,
                 "A message with this id was stored before");
  return is_new;
}

gboolean
kh_messages_add_incoming (KhStore *store, const KhNewMessage *message, gboolean *is_new,
                          GError **error)
{
  *is_new = FALSE;
  return add (store, message, KH_STORE_INCOMING, is_new, error);
}

gboolean
kh_messages_mark_delivered (KhStore *store, const guint8 peer[KH_ID_LEN],
                            const guint8 id[KH_FRAME_ID_LEN], gboolean *was_queued,
                            GError **error)
{
  KhStatement change = kh_statement_begin (
      store, "UPDATE messages SET state = 1, text = CASE keep WHEN 1 THEN text END"
             " WHERE peer = ? AND direction = 1 AND id = ? AND state = 0");
  gint64 n_changed = 0;
  gboolean good;

  kh_statement_bind_bytes (&change, peer, KH_ID_LEN);
  kh_statement_bind_bytes (&change, id, KH_FRAME_ID_LEN);
  good = kh_statement_run (&change, &n_changed, error);
  if (was_queued != NULL)
    *was_queued = n_changed == 1;
  store->remains = store->remains || n_changed > 0;
  return good;
}

gboolean
kh_messages_find (KhStore *store, const guint8 peer[KH_ID_LEN],
                  KhStoreDirection direction, const guint8 id[KH_FRAME_ID_LEN],
                  KhStoredMessage **message, GError **error)
{
  KhStatement query
      = kh_statement_begin (store, COLUMNS "WHERE peer = ? AND direction = ? AND id = ?");

  kh_statement_bind_bytes (&query, peer, KH_ID_LEN);
  kh_statement_bind_int (&query, direction);
  kh_statement_bind_bytes (&query, id, KH_FRAME_ID_LEN);
  return read_one (&query, message, error);
}

gboolean
kh_messages_get (KhStore *store, gint64 seq, KhStoredMessage **message, GError **error)
{
  KhStatement query = kh_statement_begin (store, COLUMNS "WHERE seq = ?");

  kh_statement_bind_int (&query, seq);
  return read_one (&query, message, error);
}

GPtrArray *
kh_messages_pending (KhStore *store, const guint8 peer[KH_ID_LEN], gint64 after,
                     guint limit, GError **error)
{
  g_autoptr (GPtrArray) messages
      = g_ptr_array_new_with_free_func ((GDestroyNotify)kh_stored_message_free);
  KhStatement query = kh_statement_begin (
      store, COLUMNS "WHERE peer = ? AND state = 0 AND seq > ? ORDER BY seq LIMIT ?");

  kh_statement_bind_bytes (&query, peer, KH_ID_LEN);
  kh_statement_bind_int (&query, after);
  kh_statement_bind_int (&query, limit);
  while (kh_statement_next (&query))
    g_ptr_array_add (messages, read_message (&query));
  return kh_statement_end (&query, error) ? g_steal_pointer (&messages) : NULL;
}
