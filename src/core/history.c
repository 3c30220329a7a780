/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/history.h"

#include "core/history-private.h"
#include "core/news.h"
#include "core/unsaved.h"
#include "store/conversations.h"
#include "store/forget.h"
#include "store/search.h"
#include "store/settings.h"

#include <string.h>

/* A draft is written no more often: each time waits for the disk. */
#define DRAFT_MS 1000

#define HISTORY_OFF "off"

struct _KhHistory
{
  GHashTable *drafts;  /* KhPeerId in char * */
  GHashTable *changed; /* KhPeerId: whose drafts are to be written */
  guint source;
  bool keeps;
};

/* One struct for all jobs, of which each uses what it names. */
typedef struct
{
  /* Owned */
  KhClient *client; /* NULL: nobody is told */
  GTask *task;
  char *text;
  GPtrArray *hits;

  /* State */
  KhPeerId peer;
  gboolean everybody;
  guint limit;
} HistoryJob;

static HistoryJob *
new_job (KhClient *client, const KhPeerId *peer)
{
  HistoryJob *job = g_new0 (HistoryJob, 1);

  if (client != NULL)
    job->client = g_object_ref (client);
  job->everybody = peer == NULL;
  if (peer != NULL)
    job->peer = *peer;
  return job;
}

static void
free_job (gpointer data)
{
  HistoryJob *job = data;

  g_clear_object (&job->task);
  g_clear_pointer (&job->hits, g_ptr_array_unref);
  g_free (job->text);
  g_clear_object (&job->client);
  g_free (job);
}

static const guint8 *
peer_of (const HistoryJob *job)
{
  return job->everybody ? NULL : job->peer.bytes;
}

static void
tell_trouble (gpointer data, const GError *error)
{
  const HistoryJob *job = data;

  if (error != NULL && job->client != NULL)
    kh_client_emit_trouble (job->client, error);
}

static gint64
now_ms (void)
{
  return g_get_real_time () / 1000;
}

/* --- Opening and closing --------------------------------------------------------- */

bool
kh_history_open (KhClient *client, KhStore *store, GError **error)
{
  KhHistory *self = client->history = g_new0 (KhHistory, 1);
  g_autofree char *keeps = NULL;

  self->drafts
      = g_hash_table_new_full (kh_peer_id_hash, kh_peer_id_equal_func, g_free, g_free);
  self->changed
      = g_hash_table_new_full (kh_peer_id_hash, kh_peer_id_equal_func, g_free, NULL);
  if (!kh_settings_get (store, KH_SETTING_HISTORY, &keeps, error))
    return false;
  self->keeps = g_strcmp0 (keeps, HISTORY_OFF) != 0;
  /* Where it was not closed as it should. */
  return self->keeps || kh_forget_ended_transfers (store, NULL, now_ms (), error);
}

void
kh_history_take_draft (KhClient *client, const KhPeerId *peer, const char *text)
{
  if (text != NULL && *text != '\0')
    g_hash_table_insert (client->history->drafts, g_memdup2 (peer, sizeof *peer),
                         g_strdup (text));
}

static gboolean
run_forget_ended (KhStore *store, G_GNUC_UNUSED gpointer data, GError **error)
{
  return kh_forget_ended_transfers (store, NULL, now_ms (), error);
}

static void push_drafts (KhHistory *self, KhStoreThread *store, KhClient *to_tell);

/* What could not be stored as a message is tried as what is being written. */
static void
save_unsaved (KhClient *client)
{
  for (guint i = client->unsaved->len; i > 0; i--)
    {
      const KhUnsaved *unsaved = g_ptr_array_index (client->unsaved, i - 1);
      const char *draft = kh_client_get_draft (client, &unsaved->peer);
      g_autofree char *both
          = g_strconcat (unsaved->text, draft != NULL ? "\n" : "", draft, NULL);

      kh_client_set_draft (client, &unsaved->peer, both);
    }
}

void
kh_history_close (KhClient *client)
{
  KhHistory *self = client->history;

  if (self == NULL)
    return;
  save_unsaved (client);
  g_clear_handle_id (&self->source, g_source_remove);
  if (client->store != NULL)
    {
      push_drafts (self, client->store, NULL);
      if (!self->keeps)
        kh_store_thread_push (client->store, run_forget_ended, NULL, NULL, NULL);
    }
  client->history = NULL;
  g_hash_table_unref (self->drafts);
  g_hash_table_unref (self->changed);
  g_free (self);
}

/* --- Looking for it -------------------------------------------------------------- */

void
kh_search_hit_free (KhSearchHit *hit)
{
  g_free (hit->text);
  g_free (hit);
}

static gboolean
is_cancelled (gpointer cancellable)
{
  return g_cancellable_is_cancelled (cancellable);
}

static gboolean
run_search (KhStore *store, gpointer data, GError **error)
{
  HistoryJob *job = data;

  g_clear_pointer (&job->hits, g_ptr_array_unref);
  job->hits = kh_search_find (store, peer_of (job), job->text, 0, job->limit,
                              is_cancelled, g_task_get_cancellable (job->task), error);
  return job->hits != NULL;
}

static KhSearchHit *
hit_of (KhStoredHit *stored)
{
  KhSearchHit *hit = g_new0 (KhSearchHit, 1);

  memcpy (hit->peer.bytes, stored->peer, sizeof hit->peer.bytes);
  hit->position = stored->seq;
  hit->at_ms = stored->at_ms;
  hit->outgoing = stored->direction == KH_STORE_OUTGOING;
  hit->text = g_steal_pointer (&stored->text);
  return hit;
}

static void
on_searched (gpointer data, const GError *error)
{
  HistoryJob *job = data;
  GPtrArray *hits;

  if (error != NULL)
    {
      g_task_return_error (job->task, g_error_copy (error));
      return;
    }
  hits = g_ptr_array_new_with_free_func ((GDestroyNotify)kh_search_hit_free);
  for (guint i = 0; i < job->hits->len; i++)
    g_ptr_array_add (hits, hit_of (g_ptr_array_index (job->hits, i)));
  g_task_return_pointer (job->task, hits, (GDestroyNotify)g_ptr_array_unref);
}

static bool
is_closed (KhClient *self, GTask *task)
{
  if (self->store == NULL)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CLOSED,
                             "The client has been closed");
  return self->store == NULL;
}

void
kh_client_search_async (KhClient *self, const KhPeerId *peer, const char *text,
                        guint limit, GCancellable *cancellable,
                        GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, data);
  HistoryJob *job;

  if (is_closed (self, task))
    return;
  job = new_job (self, peer);
  job->text = g_strdup (text);
  job->limit = limit;
  job->task = g_steal_pointer (&task);
  kh_store_thread_push (self->store, run_search, on_searched, job, free_job);
}

GPtrArray *
kh_client_search_finish (KhClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- Forgetting it --------------------------------------------------------------- */

static gboolean
run_forget (KhStore *store, gpointer data, GError **error)
{
  const HistoryJob *job = data;

  return kh_forget_history (store, peer_of (job), now_ms (), error);
}

static void
on_forgotten (gpointer data, const GError *error)
{
  const HistoryJob *job = data;

  if (error != NULL)
    {
      g_task_return_error (job->task, g_error_copy (error));
      return;
    }
  kh_client_tell (job->client, &(KhNews){ .kind = KH_NEWS_FORGOTTEN,
                                          .peer = job->peer,
                                          .everybody = job->everybody });
  g_task_return_boolean (job->task, TRUE);
}

static void
forget_drafts (KhHistory *self, const KhPeerId *peer)
{
  if (peer != NULL)
    {
      g_hash_table_remove (self->drafts, peer);
      g_hash_table_remove (self->changed, peer);
      return;
    }
  g_hash_table_remove_all (self->drafts);
  g_hash_table_remove_all (self->changed);
}

void
kh_client_delete_history_async (KhClient *self, const KhPeerId *peer,
                                GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, data);
  HistoryJob *job;

  if (is_closed (self, task))
    return;
  forget_drafts (self->history, peer);
  job = new_job (self, peer);
  job->task = g_steal_pointer (&task);
  kh_store_thread_push (self->store, run_forget, on_forgotten, job, free_job);
}

gboolean
kh_client_delete_history_finish (KhClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- Keeping it ------------------------------------------------------------------ */

gboolean
kh_client_get_keeps_history (KhClient *self)
{
  return self->history != NULL && self->history->keeps;
}

static gboolean
run_keeps (KhStore *store, gpointer data, GError **error)
{
  const HistoryJob *job = data;

  return kh_settings_set (store, KH_SETTING_HISTORY, job->text, error);
}

void
kh_client_set_keeps_history (KhClient *self, gboolean keeps)
{
  HistoryJob *job;

  if (self->history == NULL || self->history->keeps == (keeps != FALSE))
    return;
  self->history->keeps = keeps != FALSE;
  job = new_job (self, NULL);
  job->text = keeps ? NULL : g_strdup (HISTORY_OFF);
  kh_store_thread_push (self->store, run_keeps, tell_trouble, job, free_job);
}

/* --- Drafts ---------------------------------------------------------------------- */

static gboolean
run_draft (KhStore *store, gpointer data, GError **error)
{
  const HistoryJob *job = data;

  return kh_conversations_set_draft (store, job->peer.bytes, job->text, error);
}

/* @to_tell NULL: it may be gone before that is done. */
static void
push_drafts (KhHistory *self, KhStoreThread *store, KhClient *to_tell)
{
  GHashTableIter iter;
  gpointer peer;

  g_hash_table_iter_init (&iter, self->changed);
  while (g_hash_table_iter_next (&iter, &peer, NULL))
    {
      HistoryJob *job = new_job (to_tell, peer);

      job->text = g_strdup (g_hash_table_lookup (self->drafts, peer));
      kh_store_thread_push (store, run_draft, tell_trouble, job, free_job);
    }
  g_hash_table_remove_all (self->changed);
}

static gboolean
write_drafts (gpointer data)
{
  KhClient *client = data;

  client->history->source = 0;
  push_drafts (client->history, client->store, client);
  return G_SOURCE_REMOVE;
}

const char *
kh_client_get_draft (KhClient *self, const KhPeerId *peer)
{
  return self->history != NULL ? g_hash_table_lookup (self->history->drafts, peer) : NULL;
}

void
kh_client_set_draft (KhClient *self, const KhPeerId *peer, const char *text)
{
  KhHistory *history = self->history;

  if (text != NULL && *text == '\0')
    text = NULL;
  if (history == NULL || g_strcmp0 (kh_client_get_draft (self, peer), text) == 0)
    return;
  if (text == NULL)
    g_hash_table_remove (history->drafts, peer);
  else
    g_hash_table_insert (history->drafts, g_memdup2 (peer, sizeof *peer),
                         g_strdup (text));
  g_hash_table_add (history->changed, g_memdup2 (peer, sizeof *peer));
  if (history->source == 0)
    history->source = g_timeout_add (DRAFT_MS, write_drafts, self);
}
