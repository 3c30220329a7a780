/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/transfer-job.h"

#include <string.h>

/* What an honest receiver has under way, twice. */
#define MOST_WANTED (4 * KH_FRAME_RUN_MAX)

/* --- What the receiver wants ----------------------------------------------------- */

/* Where a file is: the folder that the chosen entry is in, and the way from there. */
static void
fill_source (KhChannelItem *item, const KhStoredEntry *entry, KhChannelItem *previous)
{
  g_autofree char *top = g_path_get_dirname (entry->root_place);
  g_autofree char *base = g_path_get_basename (entry->root_place);
  const char *rest = strchr (entry->path, '/');

  if (previous != NULL && strcmp (previous->top, top) == 0)
    item->top = g_ref_string_acquire (previous->top);
  else
    item->top = g_ref_string_new (top);
  item->path = g_strconcat (base, rest != NULL ? rest : "", NULL);
}

static gboolean
run_wanted (KhStore *store, gpointer data, GError **error)
{
  KhTransferJob *job = data;
  KhChannelItem *previous = NULL;

  g_clear_pointer (&job->entries, g_ptr_array_unref);
  job->entries
      = kh_entries_range (store, job->seq, job->first, job->n, KH_LIVE_PAGE_BYTES, error);
  if (job->entries == NULL)
    return FALSE;
  job->items
      = g_array_sized_new (FALSE, FALSE, sizeof (KhChannelItem), job->entries->len);
  for (guint i = 0; i < job->entries->len; i++)
    {
      const KhStoredEntry *entry = g_ptr_array_index (job->entries, i);
      KhChannelItem item = {
        .entry = entry->entry,
        .kind = entry->kind,
        .size = entry->size,
        .modified_ms = entry->modified_ms,
        .offset = job->offset,
      };

      /* Only a liar wants a folder. */
      job->flag |= entry->kind != KH_TREE_FILE || entry->root_place == NULL;
      if (job->flag)
        return TRUE;
      fill_source (&item, entry, previous);
      g_array_append_val (job->items, item);
      previous = &g_array_index (job->items, KhChannelItem, i);
    }
  return TRUE;
}

/* Puts the entries of @job under way: their names are for what is told of them. */
static void
keep_entries (KhLiveTransfer *transfer, KhTransferJob *job)
{
  for (guint i = 0; i < job->entries->len; i++)
    {
      KhStoredEntry *entry = g_steal_pointer (&g_ptr_array_index (job->entries, i));

      g_hash_table_insert (transfer->items, GUINT_TO_POINTER (entry->entry), entry);
    }
}

/* Only a liar wants what it has not had yet once more. */
static bool
is_under_way (const KhLiveTransfer *transfer, const GPtrArray *entries)
{
  for (guint i = 0; i < entries->len; i++)
    {
      const KhStoredEntry *entry = g_ptr_array_index (entries, i);

      if (g_hash_table_contains (transfer->items, GUINT_TO_POINTER (entry->entry)))
        return true;
    }
  return false;
}

static void load_wanted (KhLiveTransfer *transfer);

static void
on_wanted_loaded (gpointer data, const GError *error)
{
  KhTransferJob *job = data;
  KhLiveTransfer *transfer = kh_transfer_job_go_on (job, error);
  guint n;

  if (transfer == NULL)
    return;
  transfer->loading = false;
  n = job->items->len;
  if (job->flag || n == 0 || is_under_way (transfer, job->entries))
    {
      kh_link_end_bad (transfer->link);
      return;
    }
  if (n < job->n)
    {
      KhWantedRun *rest = g_new (KhWantedRun, 1);

      *rest = (KhWantedRun){ .first = job->first + n, .n = job->n - n };
      g_queue_push_head (&transfer->wanted, rest);
    }
  kh_channel_worker_add_items (transfer->link->worker, transfer->stream, true,
                               (const KhChannelItem *)(void *)job->items->data, n);
  g_array_set_size (job->items, 0);
  keep_entries (transfer, job);
  load_wanted (transfer);
}

static void
load_wanted (KhLiveTransfer *transfer)
{
  g_autofree KhWantedRun *run = NULL;
  KhTransferJob *job;

  if (transfer->loading || transfer->wanted.length == 0
      || transfer != kh_outgoing_active (transfer->link))
    return;
  run = g_queue_pop_head (&transfer->wanted);
  transfer->loading = true;
  job = kh_transfer_job_new (transfer->link->client, transfer);
  job->first = run->first;
  job->n = run->n;
  job->offset = run->offset;
  kh_transfer_job_push (job, run_wanted, on_wanted_loaded);
}

static guint
count_wanted (const KhLiveTransfer *transfer)
{
  guint n = g_hash_table_size (transfer->items);

  for (const GList *link = transfer->wanted.head; link != NULL; link = link->next)
    n += ((const KhWantedRun *)link->data)->n;
  return n;
}

void
kh_outgoing_receive_want (KhLink *link, const KhFrame *frame)
{
  KhLiveTransfer *transfer = kh_live_transfer_find_stream (link, frame->run.stream, true);
  KhWantedRun *run;

  if (transfer == NULL)
    return;
  if (transfer->phase != KH_PHASE_RUNNING
      || count_wanted (transfer) + frame->run.n > MOST_WANTED)
    {
      kh_link_end_bad (link);
      return;
    }
  run = g_new (KhWantedRun, 1);
  *run = (KhWantedRun){ frame->run.first, frame->run.n, frame->run.offset };
  g_queue_push_tail (&transfer->wanted, run);
  load_wanted (transfer);
}

/* --- The queue ------------------------------------------------------------------- */

KhLiveTransfer *
kh_outgoing_active (KhLink *link)
{
  KhLiveTransfer *first = NULL;

  for (guint i = 0; i < link->client->transfers->len; i++)
    {
      KhLiveTransfer *transfer = g_ptr_array_index (link->client->transfers, i);

      if (transfer->outgoing && transfer->link == link
          && transfer->phase == KH_PHASE_RUNNING && !transfer->paused_here
          && !transfer->paused_there
          && (first == NULL || transfer->position < first->position))
        first = transfer;
    }
  return first;
}

void
kh_outgoing_update_queue (KhLink *link)
{
  KhLiveTransfer *active = kh_outgoing_active (link);

  for (guint i = 0; i < link->client->transfers->len; i++)
    {
      KhLiveTransfer *transfer = g_ptr_array_index (link->client->transfers, i);

      if (transfer->outgoing && transfer->link == link && transfer->stream_open)
        kh_channel_worker_pause (link->worker, transfer->stream, transfer != active);
    }
  if (active != NULL)
    load_wanted (active);
}

/* --- What the receiver says ------------------------------------------------------ */

static gboolean
run_accepted (KhStore *store, gpointer data, GError **error)
{
  KhTransferJob *job = data;

  return kh_transfers_accept (store, job->seq, NULL, error)
         && kh_transfers_set_wanted (store, job->seq, job->n, job->offset, error)
         && kh_transfers_set_paused (store, job->seq, job->first != 0, job->flag, error)
         && kh_transfer_job_reload (job, store, error);
}

static void
on_accepted (gpointer data, const GError *error)
{
  KhTransferJob *job = data;

  if (error != NULL)
    kh_transfer_job_tell (job, error);
}

static void
accept_reply (KhLink *link, KhLiveTransfer *transfer, const KhFrame *frame)
{
  KhTransferJob *job;

  if (transfer->phase == KH_PHASE_OFFERED)
    transfer->began_us = g_get_monotonic_time ();
  transfer->phase = KH_PHASE_RUNNING;
  transfer->wanted_files = MIN (frame->reply.n_files, transfer->n_files);
  transfer->wanted_bytes = MIN (frame->reply.total, transfer->n_bytes);
  transfer->paused_there = (frame->reply.flags & KH_FRAME_OFFER_PAUSED) != 0;
  job = kh_transfer_job_new (link->client, transfer);
  job->n = transfer->wanted_files;
  job->offset = transfer->wanted_bytes;
  job->first = transfer->paused_here;
  job->flag = transfer->paused_there;
  kh_transfer_job_push (job, run_accepted, on_accepted);
  kh_outgoing_update_queue (link);
  kh_live_transfer_emit_state (link->client, transfer);
}

void
kh_outgoing_receive_reply (KhLink *link, const KhFrame *frame)
{
  KhLiveTransfer *transfer
      = kh_live_transfer_find (link->client, &link->peer, frame->reply.transfer, true);

  if (transfer == NULL && frame->reply.verdict == KH_FRAME_ACCEPT)
    kh_outgoing_say_ended (link, frame->reply.transfer);
  if (transfer == NULL || transfer->link != link)
    return;
  if (frame->reply.verdict == KH_FRAME_ACCEPT)
    accept_reply (link, transfer, frame);
  else
    kh_live_transfer_conclude (link->client, transfer, KH_PHASE_DECLINED,
                               KH_FRAME_STATUS_COMPLETE);
}

static gboolean
run_result (KhStore *store, gpointer data, GError **error)
{
  KhTransferJob *job = data;
  gboolean good = job->status == KH_FRAME_STATUS_COMPLETE
                      ? kh_entries_set_done (store, job->seq, job->first, job->n,
                                             KH_ENTRY_DONE, error)
                      : kh_entries_set_failed (store, job->seq, job->first,
                                               (guint8)job->status, error);

  /* A liar says it of what is over; nothing else in the batch is to suffer. */
  if (!good && g_error_matches (*error, KH_STORE_ERROR, KH_STORE_ERROR_NOT_FOUND))
    {
      g_clear_error (error);
      good = TRUE;
    }
  return good && kh_transfer_job_reload (job, store, error);
}

static void
tell_result (KhTransferJob *job, KhLiveTransfer *transfer, guint32 number)
{
  gpointer stolen;
  KhStoredEntry *entry;
  bool done = job->status == KH_FRAME_STATUS_COMPLETE;
  KhEvent event = kh_live_transfer_event (job->client, transfer,
                                          done ? KH_EVENT_FILE : KH_EVENT_FILE_FAILED);

  if (!g_hash_table_steal_extended (transfer->items, GUINT_TO_POINTER (number), NULL,
                                    &stolen))
    return;
  entry = stolen;
  event.text = entry->path;
  event.bytes = entry->size;
  event.status = job->status;
  kh_client_emit (job->client, &event);
  kh_stored_entry_free (entry);
}

static void
on_result (gpointer data, const GError *error)
{
  KhTransferJob *job = data;
  KhLiveTransfer *transfer = kh_live_transfer_find_seq (job->client, job->seq);

  if (transfer == NULL)
    return; /* cancelled meanwhile */
  if (error != NULL)
    {
      kh_transfer_job_fail (job, transfer, error);
      return;
    }
  kh_live_transfer_update (transfer, job->stored);
  if (transfer->generation != job->generation)
    return;
  for (guint32 i = 0; i < job->n; i++)
    {
      tell_result (job, transfer, job->first + i);
      if (kh_live_transfer_find_seq (job->client, job->seq) != transfer)
        return; /* whoever was told has ended it */
    }
}

static void
store_result (KhLink *link, uint32_t stream, guint32 first, guint32 n,
              KhFrameStatus status)
{
  KhLiveTransfer *transfer = kh_live_transfer_find_stream (link, stream, true);
  KhTransferJob *job;

  if (transfer == NULL)
    return;
  if (transfer->phase != KH_PHASE_RUNNING)
    {
      kh_link_end_bad (link);
      return;
    }
  job = kh_transfer_job_new (link->client, transfer);
  job->first = first;
  job->n = n;
  job->status = status;
  kh_transfer_job_push (job, run_result, on_result);
}

void
kh_outgoing_receive_result (KhLink *link, const KhFrame *frame)
{
  if (frame->type == KH_FRAME_FILE_DONE)
    store_result (link, frame->run.stream, frame->run.first, frame->run.n,
                  KH_FRAME_STATUS_COMPLETE);
  else if (frame->file.status != KH_FRAME_STATUS_COMPLETE)
    store_result (link, frame->file.stream, frame->file.file, 1,
                  (KhFrameStatus)frame->file.status);
}

/* Of what the receiver said file by file, some may have been lost with a channel: its
 * numbers count. */
static gboolean
run_finished (KhStore *store, gpointer data, GError **error)
{
  KhTransferJob *job = data;

  return kh_transfers_set_outcome (store, job->seq, (guint32)job->offset, job->first,
                                   job->n, error)
         && kh_transfer_job_reload (job, store, error);
}

static void
on_finished (gpointer data, const GError *error)
{
  KhTransferJob *job = data;
  KhLiveTransfer *transfer = kh_live_transfer_find_seq (job->client, job->seq);

  if (error != NULL || transfer == NULL)
    return;
  kh_live_transfer_update (transfer, job->stored);
  kh_live_transfer_conclude (job->client, transfer,
                             job->n > 0 ? KH_PHASE_FAILED : KH_PHASE_DONE,
                             KH_FRAME_STATUS_COMPLETE);
}

void
kh_outgoing_receive_finished (KhLink *link, const KhFrame *frame)
{
  KhLiveTransfer *transfer
      = kh_live_transfer_find (link->client, &link->peer, frame->finished.transfer, true);
  KhTransferJob *job;

  if (transfer == NULL || transfer->link != link)
    return;
  job = kh_transfer_job_new (link->client, transfer);
  job->offset = MIN (frame->finished.n_done, transfer->wanted_files);
  job->first = MIN (frame->finished.n_there, transfer->wanted_files);
  job->n = MIN (frame->finished.n_failed, transfer->wanted_files);
  kh_transfer_job_push (job, run_finished, on_finished);
}
