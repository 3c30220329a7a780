/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/attempt-private.h"
#include "core/client-private.h"
#include "core/history.h"
#include "store/attempts.h"

/* So many reports of this run are in memory before those are looked for that nobody will
 * ask for: whoever calls may have another identity each time. */
#define MOST_ATTEMPTS 64

typedef struct
{
  KhPeerId peer;
  gint64 at_ms;
  GBytes *report;
  guint limit;
  GPtrArray *found; /* KhStoredAttempt */
  GTask *task;
} AttemptJob;

static void
free_job (gpointer data)
{
  AttemptJob *job = data;

  g_clear_pointer (&job->report, g_bytes_unref);
  g_clear_pointer (&job->found, g_ptr_array_unref);
  g_clear_object (&job->task);
  g_free (job);
}

KhAttempt *
kh_client_get_attempt (KhClient *self, const KhPeerId *id)
{
  return g_hash_table_lookup (self->attempts, id);
}

/* Somebody who called, is gone, and is nothing to this person. */
static gboolean
is_nobodys (gpointer id, gpointer attempt, gpointer data)
{
  KhClient *self = data;

  return kh_attempt_get_state (attempt) >= KH_ATTEMPT_CONNECTED
         && !kh_client_is_online (self, id) && !kh_client_is_connected (self, id)
         && kh_client_get_contact (self, id) == NULL
         && kh_client_get_conversation (self, id) == NULL;
}

void
kh_client_set_attempt (KhClient *self, KhAttempt *attempt)
{
  if (g_hash_table_size (self->attempts) >= self->most_attempts)
    {
      g_hash_table_foreach_remove (self->attempts, is_nobodys, self);
      self->most_attempts = MAX (2 * g_hash_table_size (self->attempts), MOST_ATTEMPTS);
    }
  g_hash_table_insert (self->attempts,
                       g_memdup2 (kh_attempt_get_peer (attempt), sizeof (KhPeerId)),
                       g_object_ref (attempt));
}

typedef struct
{
  KhClient *client;
  const KhPeerId *peer;
} Whose;

/* A channel that stands keeps what is known of how it came. */
static gboolean
is_to_be_forgotten (gpointer id, gpointer attempt, gpointer data)
{
  const Whose *whose = data;

  return (whose->peer == NULL || kh_peer_id_equal (whose->peer, id))
         && kh_attempt_get_state (attempt) >= KH_ATTEMPT_CONNECTED
         && !kh_client_is_connected (whose->client, id);
}

void
kh_client_forget_attempts (KhClient *self, const KhPeerId *peer)
{
  Whose whose = { self, peer };

  g_hash_table_foreach_remove (self->attempts, is_to_be_forgotten, &whose);
}

static gboolean
run_keep (KhStore *store, gpointer data, GError **error)
{
  const AttemptJob *job = data;

  return kh_attempts_add (store, job->peer.bytes, job->at_ms, job->report,
                          KH_ATTEMPTS_KEPT, error);
}

void
kh_client_keep_attempt (KhClient *self, KhAttempt *attempt)
{
  AttemptJob *job;

  /* A report says with whom one talked, and when. */
  if (!kh_client_get_keeps_history (self))
    return;
  job = g_new0 (AttemptJob, 1);
  job->peer = *kh_attempt_get_peer (attempt);
  job->at_ms = kh_attempt_get_began_at_ms (attempt);
  job->report = kh_attempt_write (attempt);
  /* A report that is lost is no trouble that a person should hear of. */
  kh_store_thread_push (self->store, run_keep, NULL, job, free_job);
}

static gboolean
run_list (KhStore *store, gpointer data, GError **error)
{
  AttemptJob *job = data;

  g_clear_pointer (&job->found, g_ptr_array_unref);
  job->found = kh_attempts_list (store, job->peer.bytes, job->limit, error);
  return job->found != NULL;
}

static void
on_listed (gpointer data, const GError *error)
{
  AttemptJob *job = data;
  GPtrArray *attempts;

  if (error != NULL)
    {
      g_task_return_error (job->task, g_error_copy (error));
      return;
    }
  attempts = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < job->found->len; i++)
    {
      const KhStoredAttempt *stored = g_ptr_array_index (job->found, i);
      KhAttempt *attempt = kh_attempt_read (&job->peer, stored->report);

      if (attempt != NULL)
        g_ptr_array_add (attempts, attempt);
    }
  g_task_return_pointer (job->task, attempts, (GDestroyNotify)g_ptr_array_unref);
}

void
kh_client_list_attempts_async (KhClient *self, const KhPeerId *peer, guint limit,
                               GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, data);
  AttemptJob *job;

  if (self->store == NULL)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CLOSED,
                               "The client has been closed");
      return;
    }
  job = g_new0 (AttemptJob, 1);
  job->peer = *peer;
  job->limit = limit;
  job->task = g_steal_pointer (&task);
  kh_store_thread_push (self->store, run_list, on_listed, job, free_job);
}

GPtrArray *
kh_client_list_attempts_finish (KhClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}
