/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/conversations.h"
#include "proto/utf8.h"
#include "store/statement.h"

#include <string.h>

/* A thing that is not a note is seldom far from the end. */
static const char list[]
    = "SELECT peers.peer, coalesce (conversations.draft, ''),"
      " (SELECT at_ms FROM timeline WHERE peer = peers.peer AND kind < 2"
      "  ORDER BY seq DESC LIMIT 1),"
      " (SELECT count (*) FROM timeline WHERE peer = peers.peer"
      "  AND seq > coalesce (conversations.read_seq, 0) AND direction = 0),"
      " (SELECT count (*) FROM messages WHERE peer = peers.peer AND state = 0)"
      " FROM (SELECT peer FROM conversations"
      "  UNION SELECT peer FROM messages WHERE state = 0) AS peers"
      " LEFT JOIN conversations ON conversations.peer = peers.peer";

void
kh_stored_conversation_free (KhStoredConversation *conversation)
{
  if (conversation == NULL)
    return;
  g_free (conversation->draft);
  g_free (conversation);
}

static KhStoredConversation *
read_conversation (KhStatement *query)
{
  KhStoredConversation *conversation = g_new0 (KhStoredConversation, 1);

  kh_statement_bytes (query, 0, conversation->peer, KH_ID_LEN);
  conversation->draft = kh_statement_text (query, 1);
  conversation->active_at_ms = kh_statement_int (query, 2);
  conversation->n_unread = (guint)kh_statement_int (query, 3);
  conversation->n_queued = (guint)kh_statement_int (query, 4);
  return conversation;
}

GPtrArray *
kh_conversations_list (KhStore *store, GError **error)
{
  g_autoptr (GPtrArray) conversations
      = g_ptr_array_new_with_free_func ((GDestroyNotify)kh_stored_conversation_free);
  KhStatement query = kh_statement_begin (store, list);

  while (kh_statement_next (&query))
    g_ptr_array_add (conversations, read_conversation (&query));
  return kh_statement_end (&query, error) ? g_steal_pointer (&conversations) : NULL;
}

gboolean
kh_conversations_get_read (KhStore *store, const guint8 peer[KH_ID_LEN], gint64 *read_seq,
                           GError **error)
{
  KhStatement query
      = kh_statement_begin (store, "SELECT read_seq FROM conversations WHERE peer = ?");

  kh_statement_bind_bytes (&query, peer, KH_ID_LEN);
  *read_seq = kh_statement_next (&query) ? kh_statement_int (&query, 0) : 0;
  return kh_statement_end (&query, error);
}

gboolean
kh_conversations_set_draft (KhStore *store, const guint8 peer[KH_ID_LEN],
                            const char *draft, GError **error)
{
  const char *text = draft != NULL ? draft : "";
  KhStatement change;

  if (!kh_utf8_valid (text, strlen (text)))
    {
      g_set_error (error, KH_STORE_ERROR, KH_STORE_ERROR_INVALID, "A draft is not UTF-8");
      return FALSE;
    }
  change = kh_statement_begin (
      store, "INSERT INTO conversations (peer, draft) VALUES (?, ?)"
             " ON CONFLICT (peer) DO UPDATE SET draft = excluded.draft");
  kh_statement_bind_bytes (&change, peer, KH_ID_LEN);
  kh_statement_bind_text (&change, text);
  return kh_statement_run (&change, NULL, error);
}

gboolean
kh_conversations_mark_read (KhStore *store, const guint8 peer[KH_ID_LEN], gint64 seq,
                            GError **error)
{
  KhStatement change = kh_statement_begin (
      store,
      "UPDATE conversations SET read_seq = max (read_seq, min (coalesce ("
      "(SELECT max (seq) FROM timeline WHERE peer = ?1), 0), ?2)) WHERE peer = ?1");

  kh_statement_bind_bytes (&change, peer, KH_ID_LEN);
  kh_statement_bind_int (&change, seq == 0 ? G_MAXINT64 : seq);
  return kh_statement_run (&change, NULL, error);
}
