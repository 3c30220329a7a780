/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/transfer-job.h"

#include "store/settings.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static KhLiveTransfer *
find (KhClient *self, const KhPeerId *id, const KhItemId *transfer, GError **error)
{
  KhLiveTransfer *found = kh_live_transfer_find (self, id, transfer->bytes, true);

  if (found == NULL)
    found = kh_live_transfer_find (self, id, transfer->bytes, false);
  if (found == NULL)
    g_set_error (error, KH_CLIENT_ERROR, KH_CLIENT_ERROR_TRANSFER,
                 "There is no such transfer, or it has ended");
  return found;
}

/* --- Sending --------------------------------------------------------------------- */

static gboolean
check_path (const char *path, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);
  GStatBuf info;

  if (g_stat (path, &info) < 0 || g_access (path, R_OK) < 0)
    {
      g_set_error (error, KH_CLIENT_ERROR, KH_CLIENT_ERROR_FILE, "Can't send “%s”: %s",
                   shown, g_strerror (errno));
      return FALSE;
    }
  if (!S_ISREG (info.st_mode) && !S_ISDIR (info.st_mode))
    {
      g_set_error (error, KH_CLIENT_ERROR, KH_CLIENT_ERROR_FILE,
                   "Can't send “%s”: it is neither a file nor a folder", shown);
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_paths (const char *const *paths, GError **error)
{
  if (paths[0] == NULL)
    {
      g_set_error (error, KH_CLIENT_ERROR, KH_CLIENT_ERROR_FILE,
                   "There is nothing to send");
      return FALSE;
    }
  for (guint i = 0; paths[i] != NULL; i++)
    if (!check_path (paths[i], error))
      return FALSE;
  return TRUE;
}

gboolean
kh_client_send (KhClient *self, const KhPeerId *id, const char *const *paths,
                KhItemId *transfer, GError **error)
{
  if (!check_paths (paths, error))
    return FALSE;
  kh_listing_begin (self, id, paths, transfer);
  return TRUE;
}

typedef struct
{
  KhPeerId peer;
  char **paths;
} SendJob;

static void
send_job_free (gpointer data)
{
  SendJob *job = data;

  g_strfreev (job->paths);
  g_free (job);
}

static void
check_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const SendJob *job = data;
  GError *error = NULL;

  if (check_paths ((const char *const *)job->paths, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
on_checked (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  KhClient *self = KH_CLIENT (source);
  const SendJob *job = g_task_get_task_data (G_TASK (result));
  GError *error = NULL;
  KhItemId *transfer;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      g_task_return_error (task, error);
      return;
    }
  if (self->closing)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CLOSED,
                               "The client was closed meanwhile");
      return;
    }
  transfer = g_new0 (KhItemId, 1);
  kh_listing_begin (self, &job->peer, (const char *const *)job->paths, transfer);
  g_task_return_pointer (task, transfer, g_free);
}

void
kh_client_send_async (KhClient *self, const KhPeerId *id, const char *const *paths,
                      GCancellable *cancellable, GAsyncReadyCallback callback,
                      gpointer data)
{
  GTask *task = g_task_new (self, cancellable, callback, data);
  g_autoptr (GTask) check = g_task_new (self, cancellable, on_checked, task);
  SendJob *job = g_new0 (SendJob, 1);

  job->peer = *id;
  job->paths = g_strdupv ((char **)paths);
  g_task_set_task_data (check, job, send_job_free);
  g_task_run_in_thread (check, check_in_thread);
}

gboolean
kh_client_send_finish (KhClient *self, GAsyncResult *result, KhItemId *transfer,
                       GError **error)
{
  g_autofree KhItemId *item = g_task_propagate_pointer (G_TASK (result), error);

  if (item != NULL && transfer != NULL)
    *transfer = *item;
  return item != NULL;
}

void
kh_client_answer_offer (KhClient *self, const KhPeerId *id, const KhItemId *transfer,
                        gboolean accept, const char *folder, const char *const *only)
{
  KhLiveTransfer *found = kh_live_transfer_find (self, id, transfer->bytes, false);

  if (found != NULL)
    kh_incoming_answer (self, found, accept, folder, only);
  if (found != NULL && accept)
    kh_resume_wanted (self, id);
}

/* --- Pausing --------------------------------------------------------------------- */

static gboolean
run_pauses (KhStore *store, gpointer data, GError **error)
{
  const KhTransferJob *job = data;

  return kh_transfers_set_paused (store, job->seq, job->first != 0, job->n != 0, error);
}

void
kh_client_store_pauses (KhClient *self, KhLiveTransfer *transfer)
{
  KhTransferJob *job = kh_transfer_job_new (self, transfer);

  job->first = transfer->paused_here;
  job->n = transfer->paused_there;
  kh_transfer_job_push (job, run_pauses, NULL);
}

static void
say_paused (const KhLiveTransfer *transfer)
{
  KhFrame frame = { .type = KH_FRAME_PAUSE, .pause.paused = transfer->paused_here };

  memcpy (frame.pause.transfer, transfer->id.bytes, sizeof frame.pause.transfer);
  kh_link_send_frame (transfer->link, &frame);
}

gboolean
kh_client_pause_transfer (KhClient *self, const KhPeerId *id, const KhItemId *transfer,
                          gboolean paused, GError **error)
{
  KhLiveTransfer *found = find (self, id, transfer, error);

  if (found == NULL)
    return FALSE;
  if (found->paused_here == (paused != FALSE))
    return TRUE;
  found->paused_here = paused != FALSE;
  kh_client_store_pauses (self, found);
  if (found->link != NULL)
    say_paused (found);
  if (found->link != NULL && found->outgoing)
    kh_outgoing_update_queue (found->link);
  else if (found->link != NULL && !paused && found->phase == KH_PHASE_RUNNING)
    kh_incoming_go_on (found);
  kh_live_transfer_emit_state (self, found);
  if (!paused)
    kh_resume_wanted (self, id);
  return TRUE;
}

/* --- Ending, and beginning again --------------------------------------------------- */

static gboolean
run_discard (KhStore *store, gpointer data, GError **error)
{
  const KhTransferJob *job = data;

  kh_transfer_disk_discard (store, job->seq);
  return TRUE;
}

gboolean
kh_client_cancel_transfer (KhClient *self, const KhPeerId *id, const KhItemId *transfer,
                           gboolean discard, GError **error)
{
  KhLiveTransfer *found = find (self, id, transfer, error);

  if (found == NULL)
    return FALSE;
  if (found->link != NULL)
    kh_link_send_cancel (found->link, &found->id, KH_FRAME_STATUS_CANCELLED);
  if (discard && !found->outgoing)
    kh_transfer_job_push (kh_transfer_job_new (self, found), run_discard, NULL);
  found->cancelled_here = true;
  kh_live_transfer_conclude (self, found, KH_PHASE_CANCELLED, KH_FRAME_STATUS_CANCELLED);
  return TRUE;
}

static gboolean
run_retry (KhStore *store, gpointer data, GError **error)
{
  KhTransferJob *job = data;

  for (guint way = 0; way < 2 && job->seq == 0; way++)
    {
      g_clear_pointer (&job->stored, kh_stored_transfer_free);
      if (!kh_transfers_find (store, job->peer.bytes,
                              way == 0 ? KH_STORE_OUTGOING : KH_STORE_INCOMING,
                              job->id.bytes, &job->stored, error))
        return FALSE;
      if (job->stored != NULL && kh_live_transfer_can_retry (job->stored))
        job->seq = job->stored->seq;
    }
  return job->seq == 0
         || (kh_transfers_reopen (store, job->seq, error)
             && kh_transfer_job_reload (job, store, error));
}

static void
on_retry (gpointer data, const GError *error)
{
  KhTransferJob *job = data;
  KhLink *link = g_hash_table_lookup (job->client->links, &job->peer);
  KhLiveTransfer *transfer;

  if (error != NULL)
    kh_transfer_job_tell (job, error);
  if (error != NULL || job->seq == 0
      || kh_live_transfer_find_seq (job->client, job->seq) != NULL)
    return;
  transfer = kh_live_transfer_add_stored (job->client, job->stored);
  transfer->place = job->place;
  transfer->reaccept = !transfer->outgoing;
  if (link != NULL && transfer->outgoing)
    kh_outgoing_offer (job->client, transfer);
  else if (link != NULL)
    kh_link_ask_for (link, transfer);
  kh_live_transfer_emit_state (job->client, transfer);
  kh_resume_check (job->client);
}

gboolean
kh_client_retry_transfer (KhClient *self, const KhPeerId *id, const KhItemId *transfer,
                          GError **error)
{
  KhLiveTransfer sought = { .peer = *id, .id = *transfer };

  if (kh_live_transfer_find (self, id, transfer->bytes, true) != NULL
      || kh_live_transfer_find (self, id, transfer->bytes, false) != NULL)
    {
      g_set_error (error, KH_CLIENT_ERROR, KH_CLIENT_ERROR_TRANSFER,
                   "The transfer has not ended yet");
      return FALSE;
    }
  kh_transfer_job_push (kh_transfer_job_new (self, &sought), run_retry, on_retry);
  kh_resume_wanted (self, id);
  return TRUE;
}

/* --- The queue ---------------------------------------------------------------------- */

static gboolean
run_position (KhStore *store, gpointer data, GError **error)
{
  const KhTransferJob *job = data;

  return kh_transfers_set_position (store, job->seq, (gint64)job->offset, error);
}

/* The sender orders the queue. */
static gboolean
ask_for_first (const KhLiveTransfer *transfer, GError **error)
{
  KhFrame frame = { .type = KH_FRAME_FIRST };

  memcpy (frame.first, transfer->id.bytes, sizeof frame.first);
  if (transfer->link != NULL && kh_link_send_frame (transfer->link, &frame))
    return TRUE;
  g_set_error (
      error, KH_CLIENT_ERROR, KH_CLIENT_ERROR_TRANSFER,
      "The sender orders what it sends: it can be asked while both are connected");
  return FALSE;
}

gboolean
kh_client_put_first (KhClient *self, const KhPeerId *id, const KhItemId *transfer,
                     GError **error)
{
  KhLiveTransfer *found = find (self, id, transfer, error);
  gint64 first = G_MAXINT64;
  KhTransferJob *job;

  if (found == NULL)
    return FALSE;
  if (!found->outgoing)
    return ask_for_first (found, error);
  for (guint i = 0; i < self->transfers->len; i++)
    {
      const KhLiveTransfer *other = g_ptr_array_index (self->transfers, i);

      if (other->outgoing && kh_peer_id_equal (&other->peer, id))
        first = MIN (first, other->position);
    }
  if (first == found->position)
    return TRUE;
  found->position = first - 1;
  job = kh_transfer_job_new (self, found);
  job->offset = (guint64)found->position;
  kh_transfer_job_push (job, run_position, NULL);
  if (found->link != NULL)
    kh_outgoing_update_queue (found->link);
  kh_live_transfer_emit_state (self, found);
  return TRUE;
}

GPtrArray *
kh_client_list_transfers (KhClient *self)
{
  GPtrArray *infos
      = g_ptr_array_new_with_free_func ((GDestroyNotify)kh_transfer_info_free);

  kh_live_transfers_sort (self);
  for (guint i = 0; i < self->transfers->len; i++)
    g_ptr_array_add (
        infos, kh_live_transfer_info (self, g_ptr_array_index (self->transfers, i)));
  return infos;
}

/* --- How fast ----------------------------------------------------------------------- */

void
kh_client_update_rates (KhClient *self)
{
  GHashTableIter iter;
  gpointer link;

  g_hash_table_iter_init (&iter, self->links);
  while (g_hash_table_iter_next (&iter, NULL, &link))
    kh_link_update_rates (link);
}

static gboolean
run_limits (KhStore *store, gpointer data, GError **error)
{
  const KhTransferJob *job = data;
  char up[24];
  char down[24];

  g_snprintf (up, sizeof up, "%" G_GUINT64_FORMAT, job->offset);
  g_snprintf (down, sizeof down, "%" G_GUINT64_FORMAT, job->modified_ms);
  return kh_settings_set (store, KH_SETTING_LIMIT_UP, job->offset > 0 ? up : NULL, error)
         && kh_settings_set (store, KH_SETTING_LIMIT_DOWN,
                             job->modified_ms > 0 ? down : NULL, error);
}

void
kh_client_set_limits (KhClient *self, guint64 up, guint64 down)
{
  KhLiveTransfer none = { 0 };
  KhTransferJob *job = kh_transfer_job_new (self, &none);

  self->limit_up = up;
  self->limit_down = down;
  job->offset = up;
  job->modified_ms = down;
  kh_transfer_job_push (job, run_limits, NULL);
  kh_client_update_rates (self);
}

void
kh_client_get_limits (KhClient *self, guint64 *up, guint64 *down)
{
  *up = self->limit_up;
  *down = self->limit_down;
}
