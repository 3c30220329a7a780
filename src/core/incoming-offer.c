/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/news.h"
#include "core/transfer-job.h"

#include "proto/safe-name.h"
#include "store/things.h"

#include <string.h>

/* Offers of one peer that nobody has answered: a person could not answer more. */
#define MAX_OFFERS 64

/* And that have not ended: an honest peer has no more under way at a time, and as many
 * may be here still that it gave up between two channels. */
#define MAX_OPEN (2 * KH_CHANNEL_STREAMS)

/* Entries of all these: some of the largest trees, and what a hostile peer may put into
 * the store. */
#define MAX_ENTRIES (4 * KH_TREE_ENTRIES_MAX)

#define DAY_MS (INT64_C (24) * 60 * 60 * 1000)

/* --- Answers --------------------------------------------------------------------- */

static void
decline (KhLink *link, const guint8 id[KH_FRAME_ID_LEN])
{
  KhFrame frame = { .type = KH_FRAME_REPLY, .reply.verdict = KH_FRAME_DECLINE };

  memcpy (frame.reply.transfer, id, KH_FRAME_ID_LEN);
  kh_link_send_frame (link, &frame);
}

static void
say_accepted (const KhLiveTransfer *transfer)
{
  KhFrame frame = { .type = KH_FRAME_REPLY, .reply.verdict = KH_FRAME_ACCEPT };

  memcpy (frame.reply.transfer, transfer->id.bytes, KH_FRAME_ID_LEN);
  frame.reply.flags = transfer->paused_here ? KH_FRAME_OFFER_PAUSED : 0;
  frame.reply.n_files = transfer->wanted_files;
  frame.reply.total = transfer->wanted_bytes;
  kh_link_send_frame (transfer->link, &frame);
}

/* --- Accepting ------------------------------------------------------------------- */

static gboolean
run_accept (KhStore *store, gpointer data, GError **error)
{
  KhTransferJob *job = data;

  return kh_transfer_disk_accept (store, job->seq, job->folder,
                                  (const char *const *)job->only, &job->status, error)
         && kh_transfer_job_reload (job, store, error);
}

static void
on_accepted (gpointer data, const GError *error)
{
  KhTransferJob *job = data;
  KhLiveTransfer *transfer = kh_live_transfer_find_seq (job->client, job->seq);

  if (transfer == NULL)
    return;
  if (error != NULL)
    {
      kh_transfer_job_tell (job, error);
      job->status = KH_FRAME_STATUS_WRITE_ERROR;
    }
  if (job->status != KH_FRAME_STATUS_COMPLETE)
    {
      if (job->stored != NULL)
        kh_live_transfer_update (transfer, job->stored);
      if (transfer->link != NULL)
        kh_link_send_cancel (transfer->link, &transfer->id, job->status);
      kh_live_transfer_conclude (job->client, transfer, KH_PHASE_FAILED, job->status);
      return;
    }
  kh_live_transfer_update (transfer, job->stored);
  transfer->began_us = g_get_monotonic_time ();
  transfer->fresh = transfer->generation == job->generation && !transfer->reaccept;
  transfer->reaccept = false;
  if (transfer->link != NULL)
    {
      say_accepted (transfer);
      kh_incoming_go_on (transfer);
    }
  kh_live_transfer_emit_state (job->client, transfer);
}

static void
accept_offer (KhClient *client, KhLiveTransfer *transfer, const char *folder,
              const char *const *only)
{
  KhTransferJob *job = kh_transfer_job_new (client, transfer);

  transfer->answered = true;
  kh_client_tell_transfer (client, transfer);
  job->folder = g_canonicalize_filename (folder, NULL);
  job->only = g_strdupv ((char **)only);
  kh_transfer_job_push (job, run_accept, on_accepted);
}

void
kh_incoming_answer (KhClient *client, KhLiveTransfer *transfer, bool accept,
                    const char *folder, const char *const *only)
{
  if (transfer->phase != KH_PHASE_OFFERED || transfer->answered)
    return;
  /* Without any folder it waits for an answer that has one. */
  if (accept && folder == NULL && client->save_to == NULL)
    return;
  if (accept)
    {
      accept_offer (client, transfer, folder != NULL ? folder : client->save_to,
                    only != NULL ? only : (const char *const *)client->only);
      return;
    }
  if (transfer->link != NULL)
    decline (transfer->link, transfer->id.bytes);
  kh_live_transfer_end (client, transfer, KH_PHASE_DECLINED, KH_FRAME_STATUS_COMPLETE,
                        true);
}

/* --- Consent --------------------------------------------------------------------- */

static bool
takes_without_question (KhClient *client, const KhPeerId *peer)
{
  const KhStoredContact *contact = kh_client_get_contact (client, peer);

  if (contact != NULL && contact->blocked)
    return false;
  switch (client->consent)
    {
    case KH_CONSENT_ALL:
      return true;
    case KH_CONSENT_CONTACTS:
      return contact != NULL;
    case KH_CONSENT_ASK:
      return contact != NULL && contact->accepts_offers;
    case KH_CONSENT_NONE:
      break;
    }
  return false;
}

static bool
is_verified (KhClient *client, const KhPeerId *peer)
{
  const KhStoredContact *contact = kh_client_get_contact (client, peer);

  return contact != NULL && contact->verified_at_ms != 0;
}

/* @offset: what this peer has sent since a day ago, this one included. @flag: there is
 * no folder for it. */
static gboolean
run_sum (KhStore *store, gpointer data, GError **error)
{
  KhTransferJob *job = data;

  job->flag = job->folder == NULL || !g_file_test (job->folder, G_FILE_TEST_IS_DIR);
  return kh_transfers_sum_incoming (
      store, job->peer.bytes, g_get_real_time () / 1000 - DAY_MS, &job->offset, error);
}

static void
on_summed (gpointer data, const GError *error)
{
  KhTransferJob *job = data;
  KhClient *client = job->client;
  KhLiveTransfer *transfer = kh_transfer_job_find (job);
  bool over = error != NULL
              || (job->offset > client->quota && !is_verified (client, &job->peer));
  KhEvent event;

  if (transfer == NULL || transfer->phase != KH_PHASE_OFFERED || transfer->answered)
    return;
  event = kh_live_transfer_event (client, transfer, KH_EVENT_OFFER);
  event.waiting = over || !takes_without_question (client, &job->peer)
                  || (client->asks_folder && job->flag);
  event.status = over ? KH_FRAME_STATUS_OVER_QUOTA : KH_FRAME_STATUS_COMPLETE;
  event.repeated = transfer->repeated;
  transfer->over_quota = over;
  if (!event.waiting)
    accept_offer (client, transfer, client->save_to, (const char *const *)client->only);
  kh_client_emit (client, &event);
}

static bool
refuses_all (KhClient *client, const KhPeerId *peer)
{
  return client->consent == KH_CONSENT_NONE
         || (client->consent == KH_CONSENT_CONTACTS
             && kh_client_get_contact (client, peer) == NULL);
}

/* The whole tree is here: a person, or a standing choice, answers. */
static void
ask (KhClient *client, KhLiveTransfer *transfer)
{
  KhTransferJob *job;

  if (refuses_all (client, &transfer->peer))
    {
      kh_incoming_answer (client, transfer, false, NULL, NULL);
      return;
    }
  job = kh_transfer_job_new (client, transfer);
  job->folder = g_strdup (client->save_to);
  kh_transfer_job_push (job, run_sum, on_summed);
}

/* --- The tree -------------------------------------------------------------------- */

/* Reads the entries of a page for the store. False: they break a rule. */
static bool
take_page (KhTransferJob *job, KhTree *tree, guint32 n_entries, KhTreePage page)
{
  KhTreeEntry entry;

  job->new_entries = g_array_new (FALSE, FALSE, sizeof (KhNewEntry));
  job->names = g_string_chunk_new (KH_TREE_PAGE_MAX / 4);
  while (kh_tree_read (&page, &entry))
    {
      KhNewEntry added = {
        .entry = tree->n_entries,
        .kind = entry.kind,
        .depth = entry.depth,
        .mode = entry.mode,
        .size = entry.size,
        .modified_ms = MIN (entry.modified_ms, (guint64)G_MAXINT64),
        .name = g_string_chunk_insert_len (job->names, entry.name.bytes,
                                           (gssize)entry.name.len),
        .name_len = entry.name.len,
      };

      if (tree->n_entries == n_entries || entry.depth > KH_TREE_DEPTH_MAX)
        return false;
      added.parent = kh_tree_parent (tree, entry.depth);
      if (kh_tree_add (tree, &entry) != KH_TREE_GOOD)
        return false;
      g_array_append_val (job->new_entries, added);
    }
  return page.len == 0;
}

static gboolean
run_entries (KhStore *store, gpointer data, GError **error)
{
  KhTransferJob *job = data;

  if (!kh_entries_add (store, job->seq,
                       (const KhNewEntry *)(void *)job->new_entries->data,
                       job->new_entries->len, error))
    return FALSE;
  return !job->flag
         || (kh_transfers_set_listed (store, job->seq, job->first, job->n, job->offset,
                                      error)
             && kh_transfer_job_reload (job, store, error));
}

static void
want_tree (KhLiveTransfer *transfer)
{
  KhFrame frame = { .type = KH_FRAME_TREE_WANT };

  transfer->n_pages = 0;
  memcpy (frame.tree.transfer, transfer->id.bytes, sizeof frame.tree.transfer);
  frame.tree.first = transfer->tree->n_entries;
  kh_link_send_frame (transfer->link, &frame);
}

static void
on_entries (gpointer data, const GError *error)
{
  KhTransferJob *job = data;
  KhLiveTransfer *transfer = kh_transfer_job_go_on (job, error);

  if (transfer == NULL)
    return;
  if (!job->flag)
    {
      /* The last page of those that were asked for. */
      if (job->first == KH_LIVE_TREE_PAGES)
        want_tree (transfer);
      return;
    }
  transfer->n_folders = transfer->tree->n_folders;
  g_clear_pointer (&transfer->tree, g_free);
  kh_live_transfer_update (transfer, job->stored);
  ask (job->client, transfer);
}

/* Stores the entries that @job has read; the last ones complete the tree. */
static void
store_entries (KhLink *link, KhLiveTransfer *transfer, KhTransferJob *job)
{
  const KhTree *tree = transfer->tree;

  transfer->n_pages++;
  job->first = transfer->n_pages;
  job->flag = tree->n_entries == transfer->n_entries;
  if (job->flag
      && (tree->n_files != transfer->n_files || tree->total != transfer->n_bytes))
    {
      kh_transfer_job_free (job);
      kh_live_transfer_give_up (link->client, transfer, KH_FRAME_STATUS_SIZE_DIFFERS);
      return;
    }
  if (job->flag)
    {
      job->first = tree->n_entries;
      job->n = tree->n_files;
      job->offset = tree->total;
    }
  kh_transfer_job_push (job, run_entries, on_entries);
}

/* There can't be a tree any more. */
static void
break_off (KhLink *link, KhLiveTransfer *transfer)
{
  if (transfer->phase == KH_PHASE_LISTING)
    kh_live_transfer_give_up (link->client, transfer, KH_FRAME_STATUS_SIZE_DIFFERS);
  kh_link_end_bad (link);
}

void
kh_incoming_receive_tree (KhLink *link, const KhFrame *frame)
{
  KhLiveTransfer *transfer
      = kh_live_transfer_find (link->client, &link->peer, frame->tree.transfer, false);
  KhTransferJob *job;

  if (transfer == NULL || transfer->link != link)
    return;
  job = kh_transfer_job_new (link->client, transfer);
  if (transfer->tree == NULL || transfer->n_pages >= KH_LIVE_TREE_PAGES
      || frame->tree.first != transfer->tree->n_entries
      || !take_page (job, transfer->tree, transfer->n_entries, frame->tree.page))
    {
      kh_transfer_job_free (job);
      break_off (link, transfer);
      return;
    }
  store_entries (link, transfer, job);
}

/* --- Offers ---------------------------------------------------------------------- */

/* What the store knows of it already; adds a row where it knows nothing. @flag: retry. */
static gboolean
run_offered (KhStore *store, gpointer data, GError **error)
{
  KhTransferJob *job = data;
  KhFrame frame;
  gsize len;
  const guint8 *bytes = g_bytes_get_data (job->page, &len);

  g_clear_pointer (&job->stored, kh_stored_transfer_free);
  if (!kh_transfers_find (store, job->peer.bytes, KH_STORE_INCOMING, job->id.bytes,
                          &job->stored, error))
    return FALSE;
  if (job->stored != NULL)
    {
      job->seq = job->stored->seq;
      if (!kh_things_find (store, KH_STORED_THING_TRANSFER, job->seq, &job->place, error))
        return FALSE;
      if (job->stored->state == KH_STORED_TRANSFER_FAILED && job->flag
          && job->stored->path != NULL && job->stored->n_entries > 0)
        return kh_transfers_reopen (store, job->seq, error)
               && kh_transfer_job_reload (job, store, error);
      if (job->stored->state == KH_STORED_TRANSFER_LISTING)
        return kh_entries_clear (store, job->seq, error);
      return TRUE;
    }
  if (job->refuse || kh_frame_read (&frame, bytes, len) != KH_FRAME_GOOD)
    return TRUE;
  return kh_transfers_add (store,
                           &(KhNewTransfer){
                               .peer = job->peer.bytes,
                               .id = job->id.bytes,
                               .direction = KH_STORE_INCOMING,
                               .name = job->folder,
                               .n_entries = frame.offer.n_entries,
                               .n_files = frame.offer.n_files,
                               .n_bytes = frame.offer.total,
                               .started_at_ms = g_get_real_time () / 1000,
                           },
                           &job->seq, error)
         && kh_transfer_job_reload (job, store, error);
}

/* It has ended here; the other side does not know yet. */
static void
repeat_last_word (KhLink *link, const KhTransferJob *job)
{
  const KhStoredTransfer *stored = job->stored;

  switch (stored->state)
    {
    case KH_STORED_TRANSFER_DECLINED:
      decline (link, stored->id);
      break;
    case KH_STORED_TRANSFER_DONE:
    case KH_STORED_TRANSFER_FAILED:
      if (stored->status == KH_FRAME_STATUS_COMPLETE)
        {
          kh_incoming_say_finished (link, stored);
          break;
        }
      kh_link_send_cancel (link, &job->id, (KhFrameStatus)stored->status);
      break;
    default:
      kh_link_send_cancel (link, &job->id, KH_FRAME_STATUS_CANCELLED);
      break;
    }
}

static guint64
count_entries (KhClient *client, const KhPeerId *peer)
{
  guint64 n = 0;

  for (guint i = 0; i < client->transfers->len; i++)
    {
      const KhLiveTransfer *transfer = g_ptr_array_index (client->transfers, i);

      if (!transfer->outgoing && kh_peer_id_equal (&transfer->peer, peer))
        n += transfer->n_entries;
    }
  return n;
}

/* The frame that offered it, whose first page counts now. */
static void
begin_tree (KhLink *link, KhLiveTransfer *transfer, const KhFrame *frame)
{
  KhTransferJob *job;

  g_free (transfer->tree);
  transfer->tree = g_new0 (KhTree, 1);
  transfer->n_entries = frame->offer.n_entries;
  transfer->n_files = frame->offer.n_files;
  transfer->n_bytes = frame->offer.total;
  if (count_entries (link->client, &link->peer) > MAX_ENTRIES)
    {
      kh_live_transfer_give_up (link->client, transfer, KH_FRAME_STATUS_OVER_QUOTA);
      return;
    }
  job = kh_transfer_job_new (link->client, transfer);
  if (!take_page (job, transfer->tree, transfer->n_entries, frame->offer.page))
    {
      kh_transfer_job_free (job);
      break_off (link, transfer);
      return;
    }
  transfer->n_pages = KH_LIVE_TREE_PAGES - 1; /* the rest is asked for at once */
  store_entries (link, transfer, job);
}

/* Where it is on the channel, and what comes next. */
static void
attach (KhLink *link, KhLiveTransfer *transfer, const KhFrame *frame)
{
  bool paused_there = (frame->offer.flags & KH_FRAME_OFFER_PAUSED) != 0;

  kh_live_transfer_detach (transfer);
  transfer->link = link;
  transfer->stream = frame->offer.stream;
  if (transfer->paused_there != paused_there)
    {
      transfer->paused_there = paused_there;
      kh_client_store_pauses (link->client, transfer);
    }
  switch (transfer->phase)
    {
    case KH_PHASE_LISTING:
      begin_tree (link, transfer, frame);
      break;
    case KH_PHASE_OFFERED:
      transfer->repeated = true;
      ask (link->client, transfer);
      break;
    default:
      if (transfer->reaccept)
        {
          accept_offer (link->client, transfer, transfer->folder, NULL);
          break;
        }
      say_accepted (transfer);
      kh_incoming_go_on (transfer);
      kh_live_transfer_emit_state (link->client, transfer);
    }
}

static void
on_offered (gpointer data, const GError *error)
{
  KhTransferJob *job = data;
  KhLink *link = g_hash_table_lookup (job->client->links, &job->peer);
  KhLiveTransfer *transfer
      = kh_live_transfer_find (job->client, &job->peer, job->id.bytes, false);
  KhFrame frame;
  gsize len;
  const guint8 *bytes = g_bytes_get_data (job->page, &len);

  if (error != NULL)
    kh_transfer_job_tell (job, error);
  if (link == NULL || link->number != job->generation)
    return;
  link->n_offers--;
  if (error != NULL)
    kh_link_send_cancel (link, &job->id, KH_FRAME_STATUS_WRITE_ERROR);
  if (error != NULL || (transfer != NULL && transfer->link == link)
      || kh_frame_read (&frame, bytes, len) != KH_FRAME_GOOD)
    return;
  if (transfer == NULL && job->stored == NULL)
    {
      decline (link, job->id.bytes);
      return;
    }
  if (transfer == NULL && kh_live_transfer_phase_of (job->stored->state) >= KH_PHASE_DONE)
    {
      repeat_last_word (link, job);
      return;
    }
  if (transfer == NULL)
    {
      transfer = kh_live_transfer_add_stored (job->client, job->stored);
      transfer->place = job->place;
      transfer->reaccept = transfer->phase == KH_PHASE_RUNNING;
    }
  attach (link, transfer, &frame);
}

/* Of the peer, that are not as far as @phase. */
static guint
count_before (const KhLink *link, KhTransferPhase phase)
{
  guint n = 0;

  for (guint i = 0; i < link->client->transfers->len; i++)
    {
      const KhLiveTransfer *transfer = g_ptr_array_index (link->client->transfers, i);

      n += !transfer->outgoing && kh_peer_id_equal (&transfer->peer, &link->peer)
           && transfer->phase < phase;
    }
  return n;
}

void
kh_incoming_receive_offer (KhLink *link, const KhFrame *frame, const uint8_t *bytes,
                           size_t len)
{
  KhLiveTransfer sought = { .peer = link->peer };
  KhLiveTransfer *known
      = kh_live_transfer_find (link->client, &link->peer, frame->offer.transfer, false);
  KhTreePage page = frame->offer.page;
  char name[KH_SAFE_NAME_LEN];
  KhTreeEntry first;
  KhTransferJob *job;

  /* A number that was used before could get what belongs to the transfer before. */
  if (frame->offer.stream <= link->peer_stream
      || kh_live_transfer_find (link->client, &link->peer, frame->offer.transfer, true)
             != NULL
      || (known != NULL && known->link == link) || !kh_tree_read (&page, &first))
    {
      kh_link_end_bad (link);
      return;
    }
  link->peer_stream = frame->offer.stream;
  if (known == NULL
      && (link->n_offers >= MAX_OFFERS
          || count_before (link, KH_PHASE_RUNNING) >= MAX_OFFERS
          || count_before (link, KH_PHASE_DONE) >= MAX_OPEN))
    {
      decline (link, frame->offer.transfer);
      return;
    }
  link->n_offers++;
  memcpy (sought.id.bytes, frame->offer.transfer, sizeof sought.id.bytes);
  sought.generation = link->number;
  job = kh_transfer_job_new (link->client, &sought);
  kh_safe_name (first.name.bytes, first.name.len, name);
  job->folder = g_strdup (name);
  job->refuse = refuses_all (link->client, &link->peer);
  job->flag = (frame->offer.flags & KH_FRAME_OFFER_RETRY) != 0;
  job->page = g_bytes_new (bytes, len);
  kh_transfer_job_push (job, run_offered, on_offered);
}
