/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/history-private.h"
#include "core/news.h"
#include "core/unsaved.h"
#include "store/conversations.h"

#include <string.h>

bool
kh_client_load_conversations (KhClient *self, KhStore *store, GError **error)
{
  g_autoptr (GPtrArray) stored = kh_conversations_list (store, error);

  for (guint i = 0; stored != NULL && i < stored->len; i++)
    {
      const KhStoredConversation *from = g_ptr_array_index (stored, i);
      KhConversation *conversation = g_new0 (KhConversation, 1);
      KhPeerId peer;

      memcpy (peer.bytes, from->peer, sizeof peer.bytes);
      conversation->n_unread = from->n_unread;
      conversation->n_queued = from->n_queued;
      conversation->active_at_ms = from->active_at_ms;
      g_hash_table_insert (self->conversations, g_memdup2 (&peer, sizeof peer),
                           conversation);
      kh_history_take_draft (self, &peer, from->draft);
    }
  return stored != NULL;
}

const KhConversation *
kh_client_get_conversation (KhClient *self, const KhPeerId *id)
{
  return g_hash_table_lookup (self->conversations, id);
}

static KhConversation *
require (KhClient *self, const KhPeerId *id)
{
  KhConversation *conversation = g_hash_table_lookup (self->conversations, id);

  if (conversation == NULL)
    {
      conversation = g_new0 (KhConversation, 1);
      g_hash_table_insert (self->conversations, g_memdup2 (id, sizeof *id), conversation);
    }
  return conversation;
}

static void
stop_waiting (KhClient *self, const KhPeerId *id)
{
  KhConversation *conversation = require (self, id);

  if (conversation->n_queued > 0)
    conversation->n_queued--;
}

static gint64
now_ms (void)
{
  return g_get_real_time () / 1000;
}

void
kh_client_count_event (KhClient *self, const KhEvent *event)
{
  KhConversation *conversation;

  switch ((gint)event->kind)
    {
    case KH_EVENT_MESSAGE:
    case KH_EVENT_OFFER:
      if (event->repeated)
        break;
      conversation = require (self, &event->peer);
      conversation->n_unread++;
      conversation->active_at_ms = now_ms ();
      break;
    case KH_EVENT_TRANSFER:
      if (event->outgoing && event->phase <= KH_PHASE_OFFERED)
        require (self, &event->peer)->active_at_ms = now_ms ();
      break;
    case KH_EVENT_DELIVERED:
      stop_waiting (self, &event->peer);
      break;
    default:
      break;
    }
}

/* What waits goes too. */
static void
forget (KhClient *self, const KhNews *news)
{
  const KhPeerId *peer = news->everybody ? NULL : &news->peer;

  kh_unsaved_forget (self, peer);
  kh_client_forget_attempts (self, peer);
  if (news->everybody)
    g_hash_table_remove_all (self->conversations);
  else
    g_hash_table_remove (self->conversations, &news->peer);
}

void
kh_client_count_news (KhClient *self, const KhNews *news)
{
  KhConversation *conversation;

  switch ((gint)news->kind)
    {
    case KH_NEWS_WRITTEN:
      conversation = require (self, &news->peer);
      conversation->n_queued++;
      conversation->active_at_ms = now_ms ();
      break;
    case KH_NEWS_FAILED:
      stop_waiting (self, &news->peer);
      break;
    case KH_NEWS_GONE:
      if (kh_unsaved_find (self, &news->item) == NULL)
        stop_waiting (self, &news->peer);
      break;
    case KH_NEWS_FORGOTTEN:
      forget (self, news);
      break;
    default:
      break;
    }
}

/* --- What was read -------------------------------------------------------------------
 */

static gboolean
run_mark_read (KhStore *store, gpointer data, GError **error)
{
  return kh_conversations_mark_read (store, ((const KhPeerId *)data)->bytes, 0, error);
}

void
kh_client_mark_read (KhClient *self, const KhPeerId *id)
{
  KhConversation *conversation = g_hash_table_lookup (self->conversations, id);

  if (conversation == NULL || conversation->n_unread == 0)
    return;
  conversation->n_unread = 0;
  /* What can't be stored is unread once more at the next start, and that is all. */
  kh_store_thread_push (self->store, run_mark_read, NULL, g_memdup2 (id, sizeof *id),
                        g_free);
}
