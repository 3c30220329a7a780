/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/transfer-job.h"

#include "store/things.h"

KhTransferJob *
kh_transfer_job_new (KhClient *client, const KhLiveTransfer *transfer)
{
  KhTransferJob *job = g_new0 (KhTransferJob, 1);

  job->client = g_object_ref (client);
  job->peer = transfer->peer;
  job->id = transfer->id;
  job->seq = transfer->seq;
  job->place = transfer->place;
  job->generation = transfer->generation;
  if (transfer->link != NULL)
    {
      job->link = transfer->link->number;
      transfer->link->n_jobs++;
    }
  return job;
}

static void
leave_link (const KhTransferJob *job)
{
  KhLink *link = g_hash_table_lookup (job->client->links, &job->peer);

  if (link != NULL && link->number == job->link)
    link->n_jobs--;
}

static void
free_items (GArray *items)
{
  for (guint i = 0; i < items->len; i++)
    kh_channel_item_clear (&g_array_index (items, KhChannelItem, i));
  g_array_unref (items);
}

void
kh_transfer_job_free (KhTransferJob *job)
{
  leave_link (job);
  g_clear_pointer (&job->stored, kh_stored_transfer_free);
  g_clear_pointer (&job->entries, g_ptr_array_unref);
  g_clear_pointer (&job->items, free_items);
  g_clear_pointer (&job->results, g_array_unref);
  g_clear_pointer (&job->new_entries, g_array_unref);
  g_clear_pointer (&job->names, g_string_chunk_free);
  g_clear_pointer (&job->page, g_bytes_unref);
  g_clear_pointer (&job->lister, kh_tree_lister_free);
  g_free (job->tree);
  g_free (job->folder);
  g_strfreev (job->only);
  g_clear_object (&job->task);
  g_object_unref (job->client);
  g_free (job);
}

KhLiveTransfer *
kh_transfer_job_find (const KhTransferJob *job)
{
  KhLiveTransfer *transfer = kh_live_transfer_find_seq (job->client, job->seq);

  return transfer != NULL && transfer->generation == job->generation ? transfer : NULL;
}

gboolean
kh_transfer_job_reload (KhTransferJob *job, KhStore *store, GError **error)
{
  g_clear_pointer (&job->stored, kh_stored_transfer_free);
  if (!kh_transfers_get (store, job->seq, &job->stored, error))
    return FALSE;
  if (job->stored == NULL)
    g_set_error (error, KH_STORE_ERROR, KH_STORE_ERROR_NOT_FOUND,
                 "There is no such transfer any more");
  return job->stored != NULL
         && (job->place != 0
             || kh_things_find (store, KH_STORED_THING_TRANSFER, job->seq, &job->place,
                                error));
}

void
kh_transfer_job_push (KhTransferJob *job, KhStoreWork work, KhStoreDone done)
{
  kh_store_thread_push (job->client->store, work, done, job,
                        (GDestroyNotify)kh_transfer_job_free);
}

void
kh_transfer_job_tell (const KhTransferJob *job, const GError *error)
{
  kh_client_emit_trouble (job->client, error);
}

void
kh_transfer_job_fail (const KhTransferJob *job, KhLiveTransfer *transfer,
                      const GError *error)
{
  kh_transfer_job_tell (job, error);
  kh_live_transfer_give_up (
      job->client, transfer,
      g_error_matches (error, KH_STORE_ERROR, KH_STORE_ERROR_DISK_FULL)
          ? KH_FRAME_STATUS_DISK_FULL
          : KH_FRAME_STATUS_WRITE_ERROR);
}

KhLiveTransfer *
kh_transfer_job_go_on (const KhTransferJob *job, const GError *error)
{
  KhLiveTransfer *transfer = kh_transfer_job_find (job);

  if (transfer == NULL || transfer->link == NULL)
    return NULL;
  if (error == NULL)
    return transfer;
  kh_transfer_job_fail (job, transfer, error);
  return NULL;
}
