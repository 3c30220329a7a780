/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/transfer-job.h"

#include <string.h>

/* --- What an entry is, for people -------------------------------------------------- */

/* The sender hears of files alone: its folders have arrived with the whole. */
static KhEntryStatus
status_of (const KhStoredTransfer *transfer, const KhStoredEntry *entry)
{
  if (entry->kind == KH_TREE_FOLDER && entry->state == KH_ENTRY_PENDING
      && transfer->state == KH_STORED_TRANSFER_DONE)
    return KH_ENTRY_IS_DONE;
  switch (entry->state)
    {
    case KH_ENTRY_DONE:
      return KH_ENTRY_IS_DONE;
    case KH_ENTRY_THERE:
      return KH_ENTRY_WAS_THERE;
    case KH_ENTRY_FAILED:
      return KH_ENTRY_HAS_FAILED;
    case KH_ENTRY_LEFT_OUT:
      return KH_ENTRY_WAS_LEFT_OUT;
    case KH_ENTRY_PENDING:
    default:
      return KH_ENTRY_IS_PENDING;
    }
}

/* What is sent: its top, and the rest of the path. */
static char *
source_of (const KhStoredEntry *entry)
{
  const char *rest = strchr (entry->path, '/');

  if (entry->root_place == NULL || rest == NULL)
    return g_strdup (entry->root_place);
  return g_strconcat (entry->root_place, rest, NULL);
}

/* A folder has a place as soon as it was made, a file once it is whole. */
static char *
target_of (const KhStoredTransfer *transfer, const KhStoredEntry *entry)
{
  gboolean there = entry->state == KH_ENTRY_DONE || entry->state == KH_ENTRY_THERE
                   || (entry->kind == KH_TREE_FOLDER && entry->place != NULL);
  g_autofree char *safe = NULL;

  if (transfer->path == NULL || !there || entry->kind == KH_TREE_LINK)
    return NULL;
  safe = kh_transfer_disk_safe_path (entry);
  return g_build_filename (transfer->path, entry->place != NULL ? entry->place : safe,
                           NULL);
}

static KhEntryInfo *
info_of (const KhStoredTransfer *transfer, const KhStoredEntry *entry)
{
  gboolean outgoing = transfer->direction == KH_STORE_OUTGOING;
  KhEntryInfo *info = g_new0 (KhEntryInfo, 1);

  info->number = entry->entry;
  info->kind = entry->kind;
  info->path = g_utf8_make_valid (entry->path, -1);
  info->safe_path = outgoing ? g_strdup (info->path) : kh_transfer_disk_safe_path (entry);
  info->size = entry->size;
  info->place = outgoing ? source_of (entry) : target_of (transfer, entry);
  info->depth = entry->depth;
  info->state = status_of (transfer, entry);
  info->status = entry->status;
  return info;
}

/* --- Reading them ------------------------------------------------------------------ */

/* The transfer, which may have ended. */
static gboolean
find_stored (KhTransferJob *job, KhStore *store, GError **error)
{
  g_clear_pointer (&job->stored, kh_stored_transfer_free);
  if (!kh_transfers_find (store, job->peer.bytes, KH_STORE_OUTGOING, job->id.bytes,
                          &job->stored, error))
    return FALSE;
  if (job->stored == NULL
      && !kh_transfers_find (store, job->peer.bytes, KH_STORE_INCOMING, job->id.bytes,
                             &job->stored, error))
    return FALSE;
  if (job->stored == NULL)
    g_set_error (error, KH_CLIENT_ERROR, KH_CLIENT_ERROR_TRANSFER,
                 "There is no such transfer");
  return job->stored != NULL;
}

static gboolean
run_entries (KhStore *store, gpointer data, GError **error)
{
  KhTransferJob *job = data;

  g_clear_pointer (&job->entries, g_ptr_array_unref);
  if (!find_stored (job, store, error))
    return FALSE;
  job->entries
      = job->flag ? kh_entries_roots (store, job->stored->seq, job->first, job->n, error)
                  : kh_entries_range (store, job->stored->seq, job->first, job->n,
                                      G_MAXUINT32, error);
  return job->entries != NULL;
}

static void
on_entries (gpointer data, const GError *error)
{
  KhTransferJob *job = data;
  GPtrArray *infos;

  if (error != NULL)
    {
      g_task_return_error (job->task, g_error_copy (error));
      return;
    }
  infos = g_ptr_array_new_with_free_func ((GDestroyNotify)kh_entry_info_free);
  for (guint i = 0; i < job->entries->len; i++)
    g_ptr_array_add (infos, info_of (job->stored, g_ptr_array_index (job->entries, i)));
  g_task_return_pointer (job->task, infos, (GDestroyNotify)g_ptr_array_unref);
}

static void
list (KhClient *self, const KhPeerId *id, const KhItemId *transfer, bool roots,
      guint first, guint limit, GTask *task)
{
  KhLiveTransfer sought = { .peer = *id, .id = *transfer };
  KhTransferJob *job = kh_transfer_job_new (self, &sought);

  job->flag = roots;
  job->first = first;
  job->n = limit;
  job->task = task;
  kh_transfer_job_push (job, run_entries, on_entries);
}

void
kh_client_list_entries_async (KhClient *self, const KhPeerId *id,
                              const KhItemId *transfer, guint first, guint limit,
                              GAsyncReadyCallback callback, gpointer data)
{
  list (self, id, transfer, false, first, limit, g_task_new (self, NULL, callback, data));
}

GPtrArray *
kh_client_list_entries_finish (KhClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
kh_client_list_roots_async (KhClient *self, const KhPeerId *id, const KhItemId *transfer,
                            guint limit, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer data)
{
  list (self, id, transfer, true, 0, limit,
        g_task_new (self, cancellable, callback, data));
}

GPtrArray *
kh_client_list_roots_finish (KhClient *self, GAsyncResult *result, GError **error)
{
  return kh_client_list_entries_finish (self, result, error);
}

/* --- The whole --------------------------------------------------------------------- */

static gboolean
run_transfer (KhStore *store, gpointer data, GError **error)
{
  return find_stored (data, store, error);
}

static void
on_transfer (gpointer data, const GError *error)
{
  KhTransferJob *job = data;

  if (error != NULL)
    g_task_return_error (job->task, g_error_copy (error));
  else
    g_task_return_pointer (job->task, kh_live_transfer_info_of (job->stored),
                           (GDestroyNotify)kh_transfer_info_free);
}

void
kh_client_get_transfer_async (KhClient *self, const KhPeerId *id,
                              const KhItemId *transfer, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer data)
{
  KhLiveTransfer sought = { .peer = *id, .id = *transfer };
  KhTransferJob *job = kh_transfer_job_new (self, &sought);

  job->task = g_task_new (self, cancellable, callback, data);
  kh_transfer_job_push (job, run_transfer, on_transfer);
}

KhTransferInfo *
kh_client_get_transfer_finish (KhClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}
