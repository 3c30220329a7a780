/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/news.h"
#include "core/transfer-job.h"

#include <string.h>

/* How far a file is, is written no more often: each time waits for the disk. */
#define PART_US INT64_C (1000000)

KhLiveTransfer *
kh_live_transfer_add (KhClient *client, const KhPeerId *peer, const KhItemId *id,
                      bool outgoing, const char *name)
{
  KhLiveTransfer *self = g_new0 (KhLiveTransfer, 1);

  self->peer = *peer;
  self->id = *id;
  self->outgoing = outgoing;
  self->name = g_strdup (name);
  self->started_at_ms = g_get_real_time () / 1000;
  self->began_us = g_get_monotonic_time ();
  self->items
      = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify)kh_stored_entry_free);
  g_queue_init (&self->wanted);
  g_ptr_array_add (client->transfers, self);
  return self;
}

void
kh_live_transfer_free (gpointer transfer)
{
  KhLiveTransfer *self = transfer;

  g_hash_table_unref (self->items);
  g_queue_clear_full (&self->wanted, g_free);
  g_clear_pointer (&self->lister, kh_tree_lister_free);
  g_free (self->tree);
  g_free (self->name);
  g_free (self->folder);
  g_free (self);
}

KhTransferPhase
kh_live_transfer_phase_of (KhStoredTransferState state)
{
  static const KhTransferPhase phases[] = {
    [KH_STORED_TRANSFER_OFFERED] = KH_PHASE_OFFERED,
    [KH_STORED_TRANSFER_RUNNING] = KH_PHASE_RUNNING,
    [KH_STORED_TRANSFER_DONE] = KH_PHASE_DONE,
    [KH_STORED_TRANSFER_DECLINED] = KH_PHASE_DECLINED,
    [KH_STORED_TRANSFER_CANCELLED] = KH_PHASE_CANCELLED,
    [KH_STORED_TRANSFER_FAILED] = KH_PHASE_FAILED,
    [KH_STORED_TRANSFER_LISTING] = KH_PHASE_LISTING,
  };

  return phases[state];
}

static KhStoredTransferState
state_of (KhTransferPhase phase)
{
  switch (phase)
    {
    case KH_PHASE_DONE:
      return KH_STORED_TRANSFER_DONE;
    case KH_PHASE_DECLINED:
      return KH_STORED_TRANSFER_DECLINED;
    case KH_PHASE_CANCELLED:
      return KH_STORED_TRANSFER_CANCELLED;
    default:
      return KH_STORED_TRANSFER_FAILED;
    }
}

void
kh_live_transfer_update (KhLiveTransfer *self, const KhStoredTransfer *stored)
{
  self->seq = stored->seq;
  self->phase = kh_live_transfer_phase_of (stored->state);
  g_free (self->folder);
  self->folder = g_strdup (stored->path);
  self->n_entries = stored->n_entries;
  self->n_files = stored->n_files;
  self->n_bytes = stored->n_bytes;
  self->wanted_files = stored->wanted_files;
  self->wanted_bytes = stored->wanted_bytes;
  self->done_files = stored->done_files;
  self->there_files = stored->there_files;
  self->failed_files = stored->failed_files;
  self->done_bytes = stored->done_bytes;
  self->position = stored->position;
  self->started_at_ms = stored->started_at_ms;
}

/* Whole files, and of one a part. */
static guint64
count_come (const KhStoredTransfer *stored)
{
  guint64 come = stored->done_bytes + stored->part_bytes;

  return MAX (MIN (come, stored->wanted_bytes), stored->done_bytes);
}

KhLiveTransfer *
kh_live_transfer_add_stored (KhClient *client, const KhStoredTransfer *stored)
{
  KhPeerId peer;
  KhItemId id;
  KhLiveTransfer *self;

  memcpy (peer.bytes, stored->peer, sizeof peer.bytes);
  memcpy (id.bytes, stored->id, sizeof id.bytes);
  self = kh_live_transfer_add (client, &peer, &id, stored->direction == KH_STORE_OUTGOING,
                               stored->name);
  kh_live_transfer_update (self, stored);
  self->n_folders = stored->n_entries - stored->n_files; /* or links: not known here */
  self->paused_here = stored->paused_here;
  self->paused_there = stored->paused_there;
  self->shown_bytes = count_come (stored);
  return self;
}

static gint
compare_positions (gconstpointer one, gconstpointer other)
{
  const KhLiveTransfer *a = *(const KhLiveTransfer *const *)one;
  const KhLiveTransfer *b = *(const KhLiveTransfer *const *)other;

  return a->position < b->position ? -1 : a->position > b->position;
}

void
kh_live_transfers_sort (KhClient *client)
{
  g_ptr_array_sort (client->transfers, compare_positions);
}

KhLiveTransfer *
kh_live_transfer_find (KhClient *client, const KhPeerId *peer,
                       const guint8 id[KH_FRAME_ID_LEN], bool outgoing)
{
  for (guint i = 0; i < client->transfers->len; i++)
    {
      KhLiveTransfer *self = g_ptr_array_index (client->transfers, i);

      if (self->outgoing == outgoing && kh_peer_id_equal (&self->peer, peer)
          && memcmp (self->id.bytes, id, KH_FRAME_ID_LEN) == 0)
        return self;
    }
  return NULL;
}

KhLiveTransfer *
kh_live_transfer_find_seq (KhClient *client, gint64 seq)
{
  for (guint i = 0; i < client->transfers->len; i++)
    {
      KhLiveTransfer *self = g_ptr_array_index (client->transfers, i);

      if (self->seq == seq)
        return self;
    }
  return NULL;
}

KhLiveTransfer *
kh_live_transfer_find_stream (KhLink *link, uint32_t stream, bool outgoing)
{
  for (guint i = 0; i < link->client->transfers->len; i++)
    {
      KhLiveTransfer *self = g_ptr_array_index (link->client->transfers, i);

      if (self->link == link && self->outgoing == outgoing && self->stream == stream)
        return self;
    }
  return NULL;
}

/* --- How far a file is ---------------------------------------------------------- */

static gboolean
run_part (KhStore *store, gpointer data, GError **error)
{
  const KhTransferJob *job = data;

  return kh_transfers_set_part (store, job->seq, job->offset, error);
}

static void
store_part (KhLiveTransfer *self)
{
  KhTransferJob *job = kh_transfer_job_new (self->link->client, self);

  self->part_at_us = g_get_monotonic_time ();
  job->offset = self->part_bytes;
  kh_transfer_job_push (job, run_part, NULL);
}

static void
take_part (KhLiveTransfer *self, const KhChannelEvent *event)
{
  self->part_entry = event->entry;
  self->part_bytes = event->file_bytes;
  if (self->part_at_us == 0 || g_get_monotonic_time () - self->part_at_us >= PART_US)
    store_part (self);
}

void
kh_live_transfer_detach (KhLiveTransfer *self)
{
  if (self->link != NULL && self->part_bytes > 0
      && g_hash_table_contains (self->items, GUINT_TO_POINTER (self->part_entry)))
    store_part (self);
  self->part_bytes = 0;
  self->part_at_us = 0;
  self->link = NULL;
  self->stream_open = false;
  self->loading = false;
  self->exhausted = false;
  self->finishing = false;
  self->fresh = false;
  self->next_entry = 0;
  self->n_pages = 0;
  self->generation++;
  g_hash_table_remove_all (self->items);
  g_queue_clear_full (&self->wanted, g_free);
}

/* --- The end -------------------------------------------------------------------- */

typedef struct
{
  gint64 seq; /* 0: it was just being stored */
  KhPeerId peer;
  KhItemId id;
  KhStoredTransferState state;
  KhFrameStatus status;
  bool discard_partial;
  bool forget; /* nobody here has ever wanted it */
} EndJob;

static gboolean
run_end (KhStore *store, gpointer data, GError **error)
{
  EndJob *job = data;
  g_autoptr (KhStoredTransfer) stored = NULL;

  if (job->seq == 0
      && !kh_transfers_find (store, job->peer.bytes, KH_STORE_OUTGOING, job->id.bytes,
                             &stored, error))
    return FALSE;
  if (stored != NULL)
    job->seq = stored->seq;
  if (job->seq == 0)
    return TRUE;
  if (job->forget)
    return kh_transfers_forget (store, job->seq, error);
  if (job->discard_partial)
    kh_transfer_disk_remove_partials (store, job->seq);
  return kh_transfers_finish (store, job->seq, job->state, (guint8)job->status,
                              g_get_real_time () / 1000, error);
}

void
kh_live_transfer_end (KhClient *client, KhLiveTransfer *self, KhTransferPhase phase,
                      KhFrameStatus status, bool discard_partial)
{
  EndJob *job = g_new0 (EndJob, 1);

  job->seq = self->seq;
  job->peer = self->peer;
  job->id = self->id;
  job->state = state_of (phase);
  job->status = status;
  job->forget = !self->outgoing && self->phase < KH_PHASE_RUNNING && !self->cancelled_here
                && (phase == KH_PHASE_CANCELLED || phase == KH_PHASE_FAILED);
  job->discard_partial = discard_partial && !self->outgoing;
  if (self->link != NULL && self->stream_open)
    kh_channel_worker_stop (self->link->worker, self->stream, self->outgoing,
                            job->discard_partial);
  kh_store_thread_push (client->store, run_end, NULL, job, g_free);
  kh_client_tell (client, &(KhNews){ .kind = KH_NEWS_ENDED,
                                     .peer = self->peer,
                                     .transfer = self,
                                     .phase = phase,
                                     .status = status });
  g_ptr_array_remove (client->transfers, self);
}

static void
tell_end (KhClient *client, const KhLiveTransfer *self, KhTransferPhase phase,
          KhFrameStatus status, const char *name)
{
  KhEvent event = kh_live_transfer_event (
      client, self, phase == KH_PHASE_DONE ? KH_EVENT_DONE : KH_EVENT_TRANSFER_ENDED);

  event.text = name;
  event.phase = phase;
  event.status = status;
  event.transfer_end = phase == KH_PHASE_DECLINED    ? KH_TRANSFER_END_DECLINED
                       : phase == KH_PHASE_CANCELLED ? KH_TRANSFER_END_CANCELLED
                                                     : KH_TRANSFER_END_FAILED;
  event.n_files = self->wanted_files - MIN (self->wanted_files, self->failed_files);
  if (phase != KH_PHASE_DONE)
    event.n_files = self->done_files + self->there_files;
  event.n_there = self->there_files;
  event.n_failed = self->failed_files;
  event.here = self->cancelled_here;
  event.n_left_out = self->n_files - self->wanted_files;
  event.ms = (g_get_monotonic_time () - self->began_us) / 1000;
  kh_client_emit (client, &event);
}

void
kh_live_transfer_conclude (KhClient *client, KhLiveTransfer *self, KhTransferPhase phase,
                           KhFrameStatus status)
{
  KhLiveTransfer ended = *self;
  KhPeerId peer = self->peer;
  KhLink *link = self->link;
  bool outgoing = self->outgoing;
  g_autofree char *name = g_strdup (self->name);

  if (phase == KH_PHASE_FAILED && (outgoing || self->folder != NULL))
    g_hash_table_add (client->failed, g_memdup2 (&peer, sizeof peer));
  /* The name and the counts are all that is used of the copy. */
  kh_live_transfer_end (client, self, phase, status, phase != KH_PHASE_FAILED);
  tell_end (client, &ended, phase, status, name);
  link = g_hash_table_lookup (client->links, &peer) == link ? link : NULL;
  if (link == NULL || !outgoing || link->closing)
    return;
  kh_outgoing_offer_all (client, &peer);
  kh_outgoing_update_queue (link);
}

void
kh_live_transfer_give_up (KhClient *client, KhLiveTransfer *self, KhFrameStatus status)
{
  if (self->link != NULL)
    kh_link_send_cancel (self->link, &self->id, status);
  kh_live_transfer_conclude (client, self, KH_PHASE_FAILED, status);
}

void
kh_client_tell_transfer (KhClient *self, const KhLiveTransfer *transfer)
{
  kh_client_tell (self, &(KhNews){ .kind = KH_NEWS_TRANSFER,
                                   .peer = transfer->peer,
                                   .transfer = transfer });
}

/* --- What is told --------------------------------------------------------------- */

KhEvent
kh_live_transfer_event (KhClient *client, const KhLiveTransfer *self, KhEventKind kind)
{
  return (KhEvent){
    .kind = kind,
    .peer = self->peer,
    .name = kh_client_name_of (client, &self->peer),
    .item = self->id,
    .outgoing = self->outgoing,
    .text = self->name,
    .phase = self->phase,
    .paused_here = self->paused_here,
    .paused_there = self->paused_there,
    .n_files = self->phase < KH_PHASE_RUNNING ? self->n_files : self->wanted_files,
    .n_folders = self->n_folders,
    .n_done = self->done_files + self->there_files,
    .total = self->phase < KH_PHASE_RUNNING ? self->n_bytes : self->wanted_bytes,
    .bytes = self->done_bytes,
  };
}

void
kh_live_transfer_emit_state (KhClient *client, const KhLiveTransfer *self)
{
  KhEvent event = kh_live_transfer_event (client, self, KH_EVENT_TRANSFER);

  kh_client_emit (client, &event);
}

void
kh_live_transfer_progress (KhLiveTransfer *self, const KhChannelEvent *event,
                           const char *path)
{
  KhClient *client = self->link->client;
  KhEvent progress = kh_live_transfer_event (client, self, KH_EVENT_PROGRESS);
  const KhStoredEntry *entry
      = g_hash_table_lookup (self->items, GUINT_TO_POINTER (event->entry));

  take_part (self, event);
  self->shown_bytes = MAX (self->shown_bytes, self->base_bytes + event->bytes);
  progress.text = path;
  progress.bytes = MIN (self->shown_bytes, self->wanted_bytes);
  progress.file_bytes = event->file_bytes;
  progress.file_total = entry != NULL ? entry->size : event->file_bytes;
  kh_client_emit (client, &progress);
}

bool
kh_live_transfer_can_retry (const KhStoredTransfer *stored)
{
  return stored->state == KH_STORED_TRANSFER_FAILED && stored->n_entries > 0
         && (stored->direction == KH_STORE_OUTGOING || stored->path != NULL);
}

KhTransferInfo *
kh_live_transfer_info_of (const KhStoredTransfer *stored)
{
  KhTransferInfo *info = g_new0 (KhTransferInfo, 1);

  info->seq = stored->seq;
  memcpy (info->peer.bytes, stored->peer, sizeof info->peer.bytes);
  memcpy (info->item.bytes, stored->id, sizeof info->item.bytes);
  info->outgoing = stored->direction == KH_STORE_OUTGOING;
  info->phase = kh_live_transfer_phase_of (stored->state);
  info->name = g_strdup (stored->name);
  info->folder = g_strdup (stored->path);
  info->n_files = stored->n_files;
  info->wanted_files = stored->wanted_files;
  info->done_files = stored->done_files;
  info->there_files = stored->there_files;
  info->failed_files = stored->failed_files;
  info->wanted_bytes = stored->wanted_bytes;
  info->done_bytes = count_come (stored);
  info->status = (KhFrameStatus)stored->status;
  info->can_retry = kh_live_transfer_can_retry (stored);
  info->paused_here = stored->paused_here;
  info->paused_there = stored->paused_there;
  info->started_at_ms = stored->started_at_ms;
  info->ended_at_ms = stored->ended_at_ms;
  return info;
}

KhTransferInfo *
kh_live_transfer_info (KhClient *client, const KhLiveTransfer *self)
{
  KhTransferInfo *info = g_new0 (KhTransferInfo, 1);

  info->seq = self->seq;
  info->peer = self->peer;
  info->item = self->id;
  info->outgoing = self->outgoing;
  info->phase = self->phase;
  info->peer_name = g_strdup (kh_client_name_of (client, &self->peer));
  info->name = g_strdup (self->name);
  info->folder = g_strdup (self->folder);
  info->n_files = self->n_files;
  info->wanted_files = self->wanted_files;
  info->done_files = self->done_files;
  info->there_files = self->there_files;
  info->failed_files = self->failed_files;
  info->wanted_bytes = self->wanted_bytes;
  info->done_bytes = MAX (self->done_bytes, self->shown_bytes);
  info->paused_here = self->paused_here;
  info->paused_there = self->paused_there;
  info->started_at_ms = self->started_at_ms;
  return info;
}

bool
kh_live_transfer_waits (const KhLiveTransfer *self)
{
  return !self->outgoing && self->phase == KH_PHASE_OFFERED && !self->answered;
}
