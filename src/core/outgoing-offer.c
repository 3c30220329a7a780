/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/transfer-job.h"

#include <string.h>

/* --- The tree, in pages -------------------------------------------------------- */

/* Puts what fits of the entries from @first on into a page, and how many into @n. */
static gboolean
run_page (KhStore *store, gpointer data, GError **error)
{
  KhTransferJob *job = data;
  g_autoptr (GPtrArray) entries = kh_entries_range (
      store, job->seq, job->first, KH_TREE_PAGE_MAX / KH_TREE_ENTRY_MAX * 8,
      KH_TREE_PAGE_MAX, error);
  g_autofree uint8_t *page = g_malloc (KH_TREE_PAGE_MAX);
  size_t len = 0;

  if (entries == NULL)
    return FALSE;
  job->n = 0;
  for (guint i = 0; i < entries->len; i++)
    {
      const KhStoredEntry *entry = g_ptr_array_index (entries, i);
      char wire[KH_TREE_NAME_MAX + 1];
      size_t longer;

      kh_tree_lister_wire_name (entry->name, wire);
      longer = kh_tree_write (
          &(KhTreeEntry){
              .kind = entry->kind,
              .depth = entry->depth,
              .mode = entry->mode,
              .size = entry->size,
              .modified_ms = entry->modified_ms,
              .name = { wire, strlen (wire) },
          },
          page, len);
      if (longer == 0)
        break;
      len = longer;
      job->n++;
    }
  g_clear_pointer (&job->page, g_bytes_unref);
  job->page = g_bytes_new (page, len);
  return TRUE;
}

static KhTreePage
page_of (const KhTransferJob *job)
{
  KhTreePage page;

  page.bytes = g_bytes_get_data (job->page, &page.len);
  return page;
}

static void
on_offer_ready (gpointer data, const GError *error)
{
  KhTransferJob *job = data;
  KhLiveTransfer *transfer = kh_transfer_job_go_on (job, error);
  KhFrame frame = { .type = KH_FRAME_OFFER };

  if (transfer == NULL || job->n == 0)
    return;
  memcpy (frame.offer.transfer, transfer->id.bytes, sizeof frame.offer.transfer);
  frame.offer.stream = transfer->stream;
  /* What failed there may have failed with the channel. */
  if (transfer->phase == KH_PHASE_RUNNING)
    frame.offer.flags |= KH_FRAME_OFFER_RETRY;
  if (transfer->paused_here)
    frame.offer.flags |= KH_FRAME_OFFER_PAUSED;
  frame.offer.n_entries = transfer->n_entries;
  frame.offer.n_files = transfer->n_files;
  frame.offer.total = transfer->n_bytes;
  frame.offer.page = page_of (job);
  kh_link_send_frame (transfer->link, &frame);
}

void
kh_outgoing_offer (KhClient *client, KhLiveTransfer *transfer)
{
  KhLink *link = g_hash_table_lookup (client->links, &transfer->peer);
  uint32_t stream;

  if (link == NULL || link->closing || transfer->link != NULL
      || (transfer->phase != KH_PHASE_OFFERED && transfer->phase != KH_PHASE_RUNNING))
    return;
  stream = link->last_stream + 1;
  if (!kh_channel_worker_open_outgoing (link->worker, stream, transfer->id.bytes))
    return; /* as soon as another one has ended */
  link->last_stream = stream;
  transfer->link = link;
  transfer->stream = stream;
  transfer->stream_open = true;
  transfer->base_bytes = transfer->done_bytes;
  transfer->shown_bytes = transfer->done_bytes;
  kh_channel_worker_pause (link->worker, stream, true);
  kh_transfer_job_push (kh_transfer_job_new (client, transfer), run_page, on_offer_ready);
}

void
kh_outgoing_offer_all (KhClient *client, const KhPeerId *peer)
{
  kh_live_transfers_sort (client);
  for (guint i = 0; i < client->transfers->len; i++)
    {
      KhLiveTransfer *transfer = g_ptr_array_index (client->transfers, i);

      if (transfer->outgoing && kh_peer_id_equal (&transfer->peer, peer))
        kh_outgoing_offer (client, transfer);
    }
}

static void send_pages (KhLiveTransfer *transfer);

static void
on_page_ready (gpointer data, const GError *error)
{
  KhTransferJob *job = data;
  KhLiveTransfer *transfer = kh_transfer_job_go_on (job, error);
  KhFrame frame = { .type = KH_FRAME_TREE };

  if (transfer == NULL)
    return;
  transfer->loading = false;
  if (job->n == 0)
    return;
  memcpy (frame.tree.transfer, transfer->id.bytes, sizeof frame.tree.transfer);
  frame.tree.first = job->first;
  frame.tree.page = page_of (job);
  if (!kh_link_send_frame (transfer->link, &frame))
    return;
  transfer->tree_at = job->first + job->n;
  transfer->n_pages--;
  send_pages (transfer);
}

static void
send_pages (KhLiveTransfer *transfer)
{
  KhTransferJob *job;

  if (transfer->loading || transfer->n_pages == 0
      || transfer->tree_at >= transfer->n_entries)
    return;
  transfer->loading = true;
  job = kh_transfer_job_new (transfer->link->client, transfer);
  job->first = transfer->tree_at;
  kh_transfer_job_push (job, run_page, on_page_ready);
}

/* The receiver speaks of one that has ended here. It was cancelled before the receiver
 * had taken in the offer: CANCEL came too early for it. */
void
kh_outgoing_say_ended (KhLink *link, const guint8 id[KH_FRAME_ID_LEN])
{
  KhItemId item;

  memcpy (item.bytes, id, sizeof item.bytes);
  kh_link_send_cancel (link, &item, KH_FRAME_STATUS_CANCELLED);
}

void
kh_outgoing_receive_tree_want (KhLink *link, const KhFrame *frame)
{
  KhLiveTransfer *transfer
      = kh_live_transfer_find (link->client, &link->peer, frame->tree.transfer, true);

  if (transfer == NULL)
    kh_outgoing_say_ended (link, frame->tree.transfer);
  if (transfer == NULL || transfer->link != link || transfer->phase != KH_PHASE_OFFERED
      || frame->tree.first >= transfer->n_entries)
    return;
  transfer->tree_at = frame->tree.first;
  transfer->n_pages = KH_LIVE_TREE_PAGES;
  send_pages (transfer);
}

/* --- Once more --------------------------------------------------------------------- */

static gboolean
run_retry (KhStore *store, gpointer data, GError **error)
{
  KhTransferJob *job = data;

  if (!kh_transfers_find (store, job->peer.bytes, KH_STORE_OUTGOING, job->id.bytes,
                          &job->stored, error))
    return FALSE;
  if (job->stored == NULL)
    return TRUE;
  job->seq = job->stored->seq;
  /* Unfinished in the store alone: that could not be written when it failed. */
  job->flag = job->stored->state == KH_STORED_TRANSFER_RUNNING
              || job->stored->state == KH_STORED_TRANSFER_OFFERED;
  if (!kh_live_transfer_can_retry (job->stored))
    return TRUE;
  job->flag = true;
  return kh_transfers_reopen (store, job->seq, error)
         && kh_transfer_job_reload (job, store, error);
}

static void
on_retry (gpointer data, const GError *error)
{
  KhTransferJob *job = data;
  KhLink *link = g_hash_table_lookup (job->client->links, &job->peer);

  /* It may have come to life since it was asked for. */
  if (error != NULL
      || kh_live_transfer_find (job->client, &job->peer, job->id.bytes, true) != NULL)
    return;
  if (job->flag)
    {
      KhLiveTransfer *transfer = kh_live_transfer_add_stored (job->client, job->stored);

      kh_outgoing_offer (job->client, transfer);
      kh_live_transfer_emit_state (job->client, transfer);
      kh_resume_check (job->client);
      return;
    }
  if (link != NULL)
    kh_link_send_cancel (link, &job->id, KH_FRAME_STATUS_CANCELLED);
}

/* The receiver asks for a transfer that it knows as unfinished, or that failed. */
void
kh_outgoing_receive_retry (KhLink *link, const KhFrame *frame)
{
  KhLiveTransfer *transfer
      = kh_live_transfer_find (link->client, &link->peer, frame->retry, true);
  KhTransferJob *job;
  KhLiveTransfer sought = { .peer = link->peer, .link = link };

  if (transfer != NULL)
    {
      kh_outgoing_offer (link->client, transfer);
      return;
    }
  memcpy (sought.id.bytes, frame->retry, sizeof sought.id.bytes);
  job = kh_transfer_job_new (link->client, &sought);
  kh_transfer_job_push (job, run_retry, on_retry);
}
