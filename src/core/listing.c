/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/news.h"
#include "core/transfer-job.h"

#include <sodium.h>
#include <string.h>

/* Entries listed by one job: other work of the store's thread comes in between. */
#define ENTRIES_A_JOB 512
#define NAMES_CHUNK 4096

/* The next entry of the disk as one of the tree. False at the end, and where @verdict
 * says that it can't be sent. */
static bool
list_one (KhTransferJob *job)
{
  KhListedEntry listed;
  char wire[KH_TREE_NAME_MAX + 1];
  KhTreeEntry entry;
  KhNewEntry added;

  if (!kh_tree_lister_next (job->lister, &listed))
    {
      job->flag = true;
      return false;
    }
  if (listed.depth > KH_TREE_DEPTH_MAX)
    {
      job->verdict = KH_TREE_TOO_DEEP;
      return false;
    }
  kh_tree_lister_wire_name (listed.name, wire);
  entry = (KhTreeEntry){
    .kind = listed.kind,
    .depth = (uint8_t)listed.depth,
    .mode = listed.mode,
    .size = listed.size,
    .modified_ms = listed.modified_ms,
    .name = { wire, strlen (wire) },
  };
  added = (KhNewEntry){
    .entry = job->tree->n_entries,
    .parent = kh_tree_parent (job->tree, entry.depth),
    .kind = listed.kind,
    .depth = entry.depth,
    .mode = listed.mode,
    .size = listed.size,
    .modified_ms = listed.modified_ms,
    .name = g_string_chunk_insert (job->names, listed.name),
    .name_len = strlen (listed.name),
    .place
    = listed.place != NULL ? g_string_chunk_insert (job->names, listed.place) : NULL,
  };
  job->verdict = kh_tree_add (job->tree, &entry);
  if (job->verdict != KH_TREE_GOOD)
    return false;
  g_array_append_val (job->new_entries, added);
  return true;
}

/* May run twice, when the batch it was in fails: the disk is looked at once. */
static gboolean
run_list (KhStore *store, gpointer data, GError **error)
{
  KhTransferJob *job = data;
  const KhTree *tree = job->tree;

  if (job->new_entries == NULL)
    {
      job->new_entries = g_array_new (FALSE, FALSE, sizeof (KhNewEntry));
      job->names = g_string_chunk_new (NAMES_CHUNK);
      while (job->new_entries->len < ENTRIES_A_JOB && list_one (job))
        ;
    }
  if (job->verdict != KH_TREE_GOOD)
    return TRUE;
  if (!kh_entries_add (store, job->seq,
                       (const KhNewEntry *)(void *)job->new_entries->data,
                       job->new_entries->len, error))
    return FALSE;
  return !job->flag || tree->n_entries == 0
         || (kh_transfers_set_listed (store, job->seq, tree->n_entries, tree->n_files,
                                      tree->total, error)
             && kh_transfer_job_reload (job, store, error));
}

static void
fail (KhClient *client, KhLiveTransfer *transfer, KhFrameStatus status,
      KhTreeVerdict verdict)
{
  KhEvent event = kh_live_transfer_event (client, transfer, KH_EVENT_TRANSFER_ENDED);
  g_autofree char *name = g_strdup (transfer->name);

  event.text = name;
  event.transfer_end = KH_TRANSFER_END_FAILED;
  event.status = status;
  event.code = (int)verdict;
  kh_live_transfer_end (client, transfer, KH_PHASE_FAILED, status, false);
  kh_client_emit (client, &event);
}

static void
tell_listed (KhClient *client, const KhLiveTransfer *transfer, guint n_skipped)
{
  KhEvent event = kh_live_transfer_event (client, transfer, KH_EVENT_TRANSFER);

  event.n_left_out = n_skipped;
  kh_client_emit (client, &event);
}

static void list_more (KhClient *client, KhLiveTransfer *transfer);

static void
on_listed (gpointer data, const GError *error)
{
  KhTransferJob *job = data;
  KhLiveTransfer *transfer = kh_live_transfer_find_seq (job->client, job->seq);
  guint n_skipped;

  if (transfer == NULL)
    return; /* cancelled meanwhile */
  transfer->tree = g_steal_pointer (&job->tree);
  transfer->lister = g_steal_pointer (&job->lister);
  if (error != NULL)
    kh_transfer_job_tell (job, error);
  if (error != NULL || job->verdict != KH_TREE_GOOD)
    {
      fail (job->client, transfer,
            error != NULL ? KH_FRAME_STATUS_WRITE_ERROR : KH_FRAME_STATUS_NOT_LISTED,
            job->verdict);
      return;
    }
  if (!job->flag)
    {
      list_more (job->client, transfer);
      return;
    }
  if (transfer->tree->n_entries == 0 || kh_tree_lister_is_missing (transfer->lister))
    {
      fail (job->client, transfer, KH_FRAME_STATUS_GONE, KH_TREE_GOOD);
      return;
    }
  n_skipped = kh_tree_lister_skipped (transfer->lister);
  transfer->n_folders = transfer->tree->n_folders;
  kh_live_transfer_update (transfer, job->stored);
  g_clear_pointer (&transfer->tree, g_free);
  g_clear_pointer (&transfer->lister, kh_tree_lister_free);
  kh_outgoing_offer (job->client, transfer);
  tell_listed (job->client, transfer, n_skipped);
  kh_resume_check (job->client); /* where there is no channel, or none any more */
}

static void
list_more (KhClient *client, KhLiveTransfer *transfer)
{
  KhTransferJob *job = kh_transfer_job_new (client, transfer);

  job->tree = g_steal_pointer (&transfer->tree);
  job->lister = g_steal_pointer (&transfer->lister);
  kh_transfer_job_push (job, run_list, on_listed);
}

static gboolean
run_add (KhStore *store, gpointer data, GError **error)
{
  KhTransferJob *job = data;
  KhNewTransfer added = {
    .peer = job->peer.bytes,
    .id = job->id.bytes,
    .direction = KH_STORE_OUTGOING,
    .name = job->folder,
    .started_at_ms = g_get_real_time () / 1000,
  };

  return kh_transfers_add (store, &added, &job->seq, error)
         && kh_transfer_job_reload (job, store, error);
}

static void
on_added (gpointer data, const GError *error)
{
  KhTransferJob *job = data;
  KhLiveTransfer *transfer
      = kh_live_transfer_find (job->client, &job->peer, job->id.bytes, true);

  if (transfer == NULL)
    return;
  if (error != NULL)
    {
      kh_transfer_job_tell (job, error);
      fail (job->client, transfer, KH_FRAME_STATUS_WRITE_ERROR, KH_TREE_GOOD);
      return;
    }
  kh_live_transfer_update (transfer, job->stored);
  transfer->place = job->place;
  kh_client_tell_transfer (job->client, transfer);
  if (transfer->paused_here)
    kh_client_store_pauses (job->client, transfer);
  list_more (job->client, transfer);
}

void
kh_listing_begin (KhClient *client, const KhPeerId *peer, const char *const *paths,
                  KhItemId *id)
{
  g_autofree char *whole = g_canonicalize_filename (paths[0], NULL);
  g_autofree char *base = g_path_get_basename (whole);
  char name[KH_TREE_NAME_MAX + 1];
  KhLiveTransfer *transfer;
  KhTransferJob *job;

  kh_tree_lister_wire_name (base, name);
  randombytes_buf (id->bytes, sizeof id->bytes);
  transfer = kh_live_transfer_add (client, peer, id, true, name);
  transfer->phase = KH_PHASE_LISTING;
  transfer->tree = g_new0 (KhTree, 1);
  transfer->lister = kh_tree_lister_new (paths);
  kh_client_tell_transfer (client, transfer);
  job = kh_transfer_job_new (client, transfer);
  job->folder = g_strdup (name);
  kh_transfer_job_push (job, run_add, on_added);
  kh_resume_wanted (client, peer);
}
