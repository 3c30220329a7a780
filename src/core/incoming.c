/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/transfer-job.h"

#include "proto/safe-name.h"

#include <string.h>

/* What changed sources may add to an offer: a log that grows, or a tenth of it. */
#define GROWTH_LEAST (UINT64_C (64) << 20)
#define GROWTH_SHARE 10

/* --- Asking ---------------------------------------------------------------------- */

static gboolean
run_next (KhStore *store, gpointer data, GError **error)
{
  KhTransferJob *job = data;

  if (!kh_transfer_job_reload (job, store, error))
    return FALSE;
  g_clear_pointer (&job->entries, g_ptr_array_unref);
  job->items = kh_transfer_disk_next_items (store, job->stored, job->first, job->flag,
                                            &job->entries, error);
  return job->items != NULL;
}

static void ask_for_more (KhLiveTransfer *transfer);

static void
on_next (gpointer data, const GError *error)
{
  KhTransferJob *job = data;
  KhLiveTransfer *transfer = kh_transfer_job_go_on (job, error);

  if (transfer == NULL)
    return;
  transfer->loading = false;
  transfer->exhausted = job->items->len == 0;
  if (job->items->len > 0)
    {
      KhStoredEntry *last = g_ptr_array_index (job->entries, job->entries->len - 1);

      transfer->next_entry = last->entry + 1;
      for (guint i = 0; i < job->entries->len; i++)
        {
          KhStoredEntry *entry = g_steal_pointer (&g_ptr_array_index (job->entries, i));

          g_hash_table_insert (transfer->items, GUINT_TO_POINTER (entry->entry), entry);
        }
      kh_channel_worker_add_items (transfer->link->worker, transfer->stream, false,
                                   (const KhChannelItem *)(void *)job->items->data,
                                   job->items->len);
      g_array_set_size (job->items, 0);
    }
  ask_for_more (transfer);
}

static bool
may_execute (KhClient *client, const KhPeerId *peer)
{
  const KhStoredContact *contact = kh_client_get_contact (client, peer);

  return contact != NULL && contact->verified_at_ms != 0;
}

static gboolean
run_finish (KhStore *store, gpointer data, GError **error)
{
  return kh_transfer_job_reload (data, store, error);
}

/* Nothing is left to ask for, and all that was has ended. */
static void
on_finish (gpointer data, const GError *error)
{
  KhTransferJob *job = data;
  KhLiveTransfer *transfer = kh_transfer_job_go_on (job, error);

  if (transfer == NULL)
    return;
  kh_live_transfer_update (transfer, job->stored);
  kh_incoming_say_finished (transfer->link, job->stored);
  kh_live_transfer_conclude (job->client, transfer,
                             transfer->failed_files > 0 ? KH_PHASE_FAILED : KH_PHASE_DONE,
                             KH_FRAME_STATUS_COMPLETE);
}

static void
ask_for_more (KhLiveTransfer *transfer)
{
  KhTransferJob *job;
  guint n_under_way = g_hash_table_size (transfer->items);

  if (transfer->loading || transfer->finishing || transfer->link->closing)
    return;
  if (transfer->exhausted)
    {
      if (n_under_way > 0 || transfer->n_storing > 0)
        return;
      transfer->finishing = true;
      kh_transfer_job_push (kh_transfer_job_new (transfer->link->client, transfer),
                            run_finish, on_finish);
      return;
    }
  if (transfer->paused_here || n_under_way > KH_LIVE_PAGE)
    return;
  transfer->loading = true;
  job = kh_transfer_job_new (transfer->link->client, transfer);
  job->first = transfer->next_entry;
  job->flag = may_execute (job->client, &job->peer);
  kh_transfer_job_push (job, run_next, on_next);
}

/* What was wanted grows with each source that did, whatever the channel. */
static uint64_t
growth_left (const KhLiveTransfer *transfer)
{
  uint64_t growth = MAX (GROWTH_LEAST, transfer->n_bytes / GROWTH_SHARE);
  uint64_t grown = transfer->wanted_bytes > transfer->n_bytes
                       ? transfer->wanted_bytes - transfer->n_bytes
                       : 0;

  return growth > grown ? growth - grown : 0;
}

void
kh_incoming_go_on (KhLiveTransfer *transfer)
{
  KhLink *link = transfer->link;
  KhChannelIncoming incoming = {
    .folder = transfer->folder,
    .growth = growth_left (transfer),
    .resumed = !transfer->fresh,
    .since_ms = transfer->started_at_ms,
  };

  if (!transfer->stream_open)
    {
      transfer->stream_open = kh_channel_worker_open_incoming (
          link->worker, transfer->stream, transfer->id.bytes, &incoming);
      if (!transfer->stream_open)
        {
          kh_link_end_bad (link);
          return;
        }
      transfer->base_bytes = transfer->done_bytes;
      transfer->shown_bytes = transfer->done_bytes;
    }
  ask_for_more (transfer);
}

/* --- What has come --------------------------------------------------------------- */

static bool
is_of (const KhStoredEntry *entry, const KhChannelResult *result)
{
  return entry->entry >= result->first && entry->entry - result->first < result->n;
}

/* @at: the first entry that is not of a result before; the entries of a job are in the
 * order of its results. */
static gboolean
store_result (KhStore *store, KhTransferJob *job, const KhChannelResult *result,
              guint *at, GError **error)
{
  if (result->status != KH_FRAME_STATUS_COMPLETE)
    {
      if (*at < job->entries->len
          && is_of (g_ptr_array_index (job->entries, *at), result))
        (*at)++;
      return kh_entries_set_failed (store, job->seq, result->first, result->status,
                                    error);
    }
  if (!kh_entries_set_done (store, job->seq, result->first, result->n,
                            result->there ? KH_ENTRY_THERE : KH_ENTRY_DONE, error))
    return FALSE;
  for (; *at < job->entries->len; (*at)++)
    {
      const KhStoredEntry *entry = g_ptr_array_index (job->entries, *at);

      if (!is_of (entry, result))
        break;
      if (!kh_transfer_disk_note (store, job->stored, entry, result->place, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
run_results (KhStore *store, gpointer data, GError **error)
{
  KhTransferJob *job = data;
  guint at = 0;

  if (!kh_transfer_job_reload (job, store, error))
    return FALSE;
  for (guint i = 0; i < job->results->len; i++)
    if (!store_result (store, job, &g_array_index (job->results, KhChannelResult, i), &at,
                       error))
      return FALSE;
  return kh_transfer_job_reload (job, store, error);
}

static void
say_result (const KhLiveTransfer *transfer, const KhChannelResult *result)
{
  KhFrame frame = { .type = KH_FRAME_FILE_DONE };

  if (result->status == KH_FRAME_STATUS_COMPLETE)
    {
      frame.run.stream = transfer->stream;
      frame.run.first = result->first;
      frame.run.n = result->n;
    }
  else
    {
      frame.type = KH_FRAME_FILE_FAILED;
      frame.file.stream = transfer->stream;
      frame.file.file = result->first;
      frame.file.status = result->status;
    }
  kh_link_send_frame (transfer->link, &frame);
}

static char *
place_of (const KhLiveTransfer *transfer, const KhChannelResult *result,
          const KhStoredEntry *entry)
{
  g_autofree char *below = result->place != NULL ? g_strdup (result->place)
                                                 : kh_transfer_disk_safe_path (entry);

  return g_build_filename (transfer->folder, below, NULL);
}

static void
tell_entry (KhTransferJob *job, KhLiveTransfer *transfer, const KhChannelResult *result,
            const KhStoredEntry *entry)
{
  bool done = result->status == KH_FRAME_STATUS_COMPLETE;
  KhEvent event = kh_live_transfer_event (job->client, transfer,
                                          done ? KH_EVENT_FILE : KH_EVENT_FILE_FAILED);
  g_autofree char *path = NULL;

  if (done && entry->kind != KH_TREE_FILE)
    return;
  path = done ? place_of (transfer, result, entry) : g_strdup (entry->path);
  event.text = path;
  event.bytes = entry->size;
  event.there = result->there;
  event.status = (KhFrameStatus)result->status;
  kh_client_emit (job->client, &event);
}

static void
on_results (gpointer data, const GError *error)
{
  KhTransferJob *job = data;
  KhLiveTransfer *transfer = kh_live_transfer_find_seq (job->client, job->seq);
  guint at = 0;

  if (transfer == NULL)
    return; /* cancelled meanwhile */
  transfer->n_storing--;
  if (error != NULL)
    {
      kh_transfer_job_fail (job, transfer, error);
      return;
    }
  kh_live_transfer_update (transfer, job->stored);
  for (guint i = 0; i < job->results->len; i++)
    {
      const KhChannelResult *result = &g_array_index (job->results, KhChannelResult, i);

      if (transfer->generation == job->generation && transfer->link != NULL)
        say_result (transfer, result);
      for (;
           at < job->entries->len && is_of (g_ptr_array_index (job->entries, at), result);
           at++)
        {
          tell_entry (job, transfer, result, g_ptr_array_index (job->entries, at));
          if (kh_live_transfer_find_seq (job->client, job->seq) != transfer)
            return; /* whoever was told has ended it */
        }
    }
  if (transfer->generation == job->generation && transfer->link != NULL)
    ask_for_more (transfer);
}

void
kh_incoming_take_results (KhLiveTransfer *transfer, const KhChannelEvent *event)
{
  KhTransferJob *job = kh_transfer_job_new (transfer->link->client, transfer);

  job->results = g_array_ref (event->results);
  job->entries = g_ptr_array_new_with_free_func ((GDestroyNotify)kh_stored_entry_free);
  for (guint i = 0; i < job->results->len; i++)
    {
      const KhChannelResult *result = &g_array_index (job->results, KhChannelResult, i);

      for (guint32 n = 0; n < result->n; n++)
        {
          gpointer number = GUINT_TO_POINTER (result->first + n);
          gpointer entry;

          if (g_hash_table_steal_extended (transfer->items, number, NULL, &entry))
            g_ptr_array_add (job->entries, entry);
        }
    }
  transfer->n_storing++;
  kh_transfer_job_push (job, run_results, on_results);
  if (transfer->link != NULL && !transfer->link->closing)
    ask_for_more (transfer);
}

static gboolean
run_restarted (KhStore *store, gpointer data, GError **error)
{
  KhTransferJob *job = data;

  return kh_entries_set_size (store, job->seq, job->first, job->offset,
                              (guint64)MIN (job->modified_ms, (guint64)G_MAXINT64),
                              error);
}

/* Either direction: from now on the file is known as it is. */
void
kh_link_file_restarted (KhLiveTransfer *transfer, const KhChannelEvent *event)
{
  KhStoredEntry *entry
      = g_hash_table_lookup (transfer->items, GUINT_TO_POINTER (event->entry));
  KhTransferJob *job = kh_transfer_job_new (transfer->link->client, transfer);
  KhEvent told = kh_live_transfer_event (job->client, transfer, KH_EVENT_FILE_RESTARTED);

  job->first = event->entry;
  job->offset = event->size;
  job->modified_ms = event->modified_ms;
  kh_transfer_job_push (job, run_restarted, NULL);
  if (entry == NULL)
    return;
  entry->size = event->size;
  entry->modified_ms = event->modified_ms;
  told.text = entry->path;
  kh_client_emit (transfer->link->client, &told);
}

/* --- The end --------------------------------------------------------------------- */

void
kh_incoming_say_finished (KhLink *link, const KhStoredTransfer *stored)
{
  KhFrame frame = { .type = KH_FRAME_FINISHED };

  memcpy (frame.finished.transfer, stored->id, sizeof frame.finished.transfer);
  frame.finished.n_done = stored->done_files;
  frame.finished.n_there = stored->there_files;
  frame.finished.n_failed = stored->failed_files;
  frame.finished.n_left_out = stored->n_files - stored->wanted_files;
  kh_link_send_frame (link, &frame);
}

/* The worker can't take any more of it. */
void
kh_incoming_stream_failed (KhLiveTransfer *transfer, KhFrameStatus status)
{
  transfer->stream_open = false;
  kh_link_send_cancel (transfer->link, &transfer->id, status);
  kh_live_transfer_conclude (transfer->link->client, transfer, KH_PHASE_FAILED, status);
}
