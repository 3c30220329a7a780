/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/link-private.h"
#include "proto/safe-name.h"
#include "store/transfers.h"

#include <sodium.h>
#include <string.h>

/* Offers of one peer that nobody has answered: a person could not answer more. */
#define MAX_INCOMING_OFFERS 64

typedef enum
{
  QUEUED,  /* outgoing: the channel has no stream free */
  OFFERED, /* waits for the other person, or for ours */
  RUNNING,
} FileState;

/* One file on its way over this link. */
typedef struct
{
  KhItemId id;
  uint32_t stream;
  bool outgoing;
  FileState state;
  char *name; /* UTF-8; of an incoming file the safe one */
  char *path; /* of this computer; NULL while an incoming one has none */
  KhOutgoingFile source;
  uint64_t size;
  uint64_t done; /* as of the last progress */
  uint64_t modified_ms;
  gint64 began_us;
} KhLinkFile;

void
kh_link_file_free (gpointer data)
{
  KhLinkFile *file = data;

  kh_outgoing_file_close (&file->source);
  g_free (file->name);
  g_free (file->path);
  g_free (file);
}

static KhLinkFile *
find_item (KhLink *self, const guint8 id[KH_FRAME_ID_LEN], bool outgoing)
{
  for (guint i = 0; i < self->files->len; i++)
    {
      KhLinkFile *file = g_ptr_array_index (self->files, i);

      if (file->outgoing == outgoing
          && memcmp (file->id.bytes, id, sizeof file->id.bytes) == 0)
        return file;
    }
  return NULL;
}

static KhLinkFile *
find_stream (KhLink *self, uint32_t stream, bool outgoing)
{
  for (guint i = 0; i < self->files->len; i++)
    {
      KhLinkFile *file = g_ptr_array_index (self->files, i);

      if (file->outgoing == outgoing && file->stream == stream && file->state == RUNNING)
        return file;
    }
  return NULL;
}

/* --- The store ------------------------------------------------------------------ */

typedef struct
{
  KhPeerId peer;
  KhItemId id;
  KhStoreDirection direction;
  KhStoredTransferState state;
  char *name;
  char *path;
  char *failure;
  guint64 size;
} FileJob;

static void
free_job (gpointer data)
{
  FileJob *job = data;

  g_free (job->name);
  g_free (job->path);
  g_free (job->failure);
  g_free (job);
}

/* Finds the row by peer, direction and id; adds it where it is new. */
static gboolean
run_file_job (KhStore *store, gpointer data, GError **error)
{
  FileJob *job = data;
  gint64 now_ms = g_get_real_time () / 1000;
  g_autoptr (KhStoredTransfer) stored = NULL;
  gint64 seq;

  if (job->state == KH_STORED_TRANSFER_OFFERED)
    return kh_transfers_add (store,
                             &(KhNewTransfer){ .peer = job->peer.bytes,
                                               .id = job->id.bytes,
                                               .direction = job->direction,
                                               .name = job->name,
                                               .n_bytes = job->size,
                                               .path = job->path,
                                               .started_at_ms = now_ms },
                             &seq, error);
  if (!kh_transfers_find (store, job->peer.bytes, job->direction, job->id.bytes, &stored,
                          error))
    return FALSE;
  if (stored == NULL)
    return TRUE;
  if (job->state == KH_STORED_TRANSFER_RUNNING)
    return kh_transfers_begin (store, stored->seq, job->path, error);
  return kh_transfers_finish (store, stored->seq, job->state, job->path, job->failure,
                              now_ms, error);
}

static void
store_state (KhLink *self, const KhLinkFile *file, KhStoredTransferState state,
             const char *path, const char *failure)
{
  FileJob *job = g_new0 (FileJob, 1);

  job->peer = self->peer;
  job->id = file->id;
  job->direction = file->outgoing ? KH_STORE_OUTGOING : KH_STORE_INCOMING;
  job->state = state;
  job->name = g_strdup (file->name);
  job->path = path != NULL ? g_canonicalize_filename (path, NULL) : NULL;
  job->failure = g_strdup (failure);
  job->size = file->size;
  kh_store_thread_push (self->client->store, run_file_job, NULL, job, free_job);
}

/* --- Events ----------------------------------------------------------------------- */

static KhEvent
file_event (KhLink *self, const KhLinkFile *file, KhEventKind kind)
{
  return (KhEvent){
    .kind = kind,
    .peer = self->peer,
    .name = kh_client_name_of (self->client, &self->peer),
    .item = file->id,
    .outgoing = file->outgoing,
    .text = file->name,
    .n_files = 1,
    .total = file->size,
  };
}

static void send_queued (KhLink *self);

/* The file is over without being whole; frees it. */
static void
end_file (KhLink *self, KhLinkFile *file, KhTransferEnd end, KhFrameStatus status,
          guint64 bytes)
{
  KhEvent event = file_event (self, file, KH_EVENT_TRANSFER_ENDED);
  g_autofree char *name = g_strdup (file->name);
  KhStoredTransferState state = KH_STORED_TRANSFER_FAILED;

  event.text = name;
  event.transfer_end = end;
  event.status = status;
  event.bytes = bytes;
  if (end == KH_TRANSFER_END_DECLINED)
    state = KH_STORED_TRANSFER_DECLINED;
  else if (end == KH_TRANSFER_END_FAILED && status == KH_FRAME_STATUS_CANCELLED)
    state = KH_STORED_TRANSFER_CANCELLED;
  store_state (self, file, state, NULL,
               end == KH_TRANSFER_END_LOST ? "the connection ended" : NULL);
  g_ptr_array_remove (self->files, file);
  kh_client_emit (self->client, &event);
  send_queued (self);
}

static void
on_file_done (KhLink *self, KhLinkFile *file, const KhChannelEvent *channel_event)
{
  KhEvent event = file_event (self, file, KH_EVENT_FILE);
  g_autofree char *name = g_strdup (file->name);
  g_autofree char *path
      = g_strdup (channel_event->path != NULL ? channel_event->path : file->path);

  event.text = path;
  event.bytes = file->size;
  event.ms = (g_get_monotonic_time () - file->began_us) / 1000;
  store_state (self, file, KH_STORED_TRANSFER_DONE, path, NULL);
  g_ptr_array_remove (self->files, file);
  kh_client_emit (self->client, &event);
  event.kind = KH_EVENT_DONE;
  event.text = name;
  kh_client_emit (self->client, &event);
  send_queued (self);
}

void
kh_link_file_event (KhLink *self, const KhChannelEvent *event)
{
  KhLinkFile *file = find_stream (self, event->stream, event->outgoing);
  KhEvent progress;

  if (file == NULL)
    return;
  switch (event->kind)
    {
    case KH_CHANNEL_FILE_BEGUN:
      store_state (self, file, KH_STORED_TRANSFER_RUNNING, event->path, NULL);
      break;
    case KH_CHANNEL_PROGRESS:
      file->done = event->bytes;
      progress = file_event (self, file, KH_EVENT_PROGRESS);
      progress.bytes = event->bytes;
      kh_client_emit (self->client, &progress);
      break;
    case KH_CHANNEL_FILE_DONE:
      on_file_done (self, file, event);
      break;
    case KH_CHANNEL_FILE_FAILED:
      end_file (self, file, KH_TRANSFER_END_FAILED, event->status, event->bytes);
      break;
    default:
      break;
    }
}

void
kh_link_lose_files (KhLink *self)
{
  while (self->files->len > 0)
    {
      KhLinkFile *file = g_ptr_array_index (self->files, 0);

      end_file (self, file, KH_TRANSFER_END_LOST, KH_FRAME_STATUS_COMPLETE, file->done);
    }
}

/* --- Sending ------------------------------------------------------------------------ */

static guint
count_outgoing (KhLink *self)
{
  guint n = 0;

  for (guint i = 0; i < self->files->len; i++)
    {
      const KhLinkFile *file = g_ptr_array_index (self->files, i);

      n += file->outgoing && file->state != QUEUED;
    }
  return n;
}

static void
offer (KhLink *self, KhLinkFile *file)
{
  KhFrame frame = { .type = KH_FRAME_OFFER };

  file->state = OFFERED;
  memcpy (frame.offer.transfer, file->id.bytes, sizeof frame.offer.transfer);
  frame.offer.stream = file->stream;
  frame.offer.n_files = 1;
  frame.offer.total = file->size;
  frame.offer.file = (KhFrameFile){
    .kind = KH_FRAME_KIND_FILE,
    .size = file->size,
    .modified_ms = file->modified_ms,
    .mode = file->source.executable ? KH_FRAME_MODE_EXECUTABLE : 0,
    .path = { file->name, strlen (file->name) },
  };
  kh_link_send_frame (self, &frame);
}

static void
send_queued (KhLink *self)
{
  for (guint i = 0; i < self->files->len && count_outgoing (self) < KH_CHANNEL_STREAMS;
       i++)
    {
      KhLinkFile *file = g_ptr_array_index (self->files, i);

      if (!self->closing && file->outgoing && file->state == QUEUED)
        offer (self, file);
    }
}

gboolean
kh_link_send_file (KhLink *self, const char *path, KhItemId *transfer, GError **error)
{
  KhOutgoingFile source = KH_OUTGOING_FILE_CLOSED;
  g_autofree char *base = g_path_get_basename (path);
  KhLinkFile *file;

  if (!kh_outgoing_file_open (&source, path, error))
    return FALSE;
  file = g_new0 (KhLinkFile, 1);
  randombytes_buf (file->id.bytes, sizeof file->id.bytes);
  file->stream = ++self->last_stream;
  file->outgoing = true;
  file->state = QUEUED;
  file->name = g_filename_display_name (base);
  file->path = g_strdup (path);
  file->source = source;
  file->size = source.size;
  file->modified_ms = source.modified_ms;
  *transfer = file->id;
  g_ptr_array_add (self->files, file);
  store_state (self, file, KH_STORED_TRANSFER_OFFERED, path, NULL);
  send_queued (self);
  return TRUE;
}

void
kh_link_receive_reply (KhLink *self, const KhFrame *frame)
{
  KhLinkFile *file = find_item (self, frame->reply.transfer, true);

  if (file == NULL || file->state != OFFERED)
    return;
  if (frame->reply.verdict != KH_FRAME_ACCEPT)
    {
      end_file (self, file, KH_TRANSFER_END_DECLINED, KH_FRAME_STATUS_COMPLETE, 0);
      return;
    }
  file->state = RUNNING;
  file->began_us = g_get_monotonic_time ();
  store_state (self, file, KH_STORED_TRANSFER_RUNNING, NULL, NULL);
  /* This version never offers to begin anywhere but at the start. */
  if (frame->reply.offset != 0
      || !kh_channel_worker_send_file (self->worker, file->stream, &file->source, 0))
    {
      kh_link_end_bad (self);
      return;
    }
  file->source = KH_OUTGOING_FILE_CLOSED;
}

/* --- Receiving ---------------------------------------------------------------------- */

static void
reply (KhLink *self, const guint8 transfer[KH_FRAME_ID_LEN], KhFrameReply verdict)
{
  KhFrame frame = { .type = KH_FRAME_REPLY, .reply = { .verdict = (uint8_t)verdict } };

  memcpy (frame.reply.transfer, transfer, sizeof frame.reply.transfer);
  kh_link_send_frame (self, &frame);
}

static void
accept_offer (KhLink *self, KhLinkFile *file, const char *folder)
{
  file->state = RUNNING;
  file->began_us = g_get_monotonic_time ();
  /* The worker answers, once it has a place to write to. */
  if (!kh_channel_worker_receive_file (self->worker, file->id.bytes, file->stream, folder,
                                       file->name, file->size, file->modified_ms))
    kh_link_end_bad (self);
}

static bool
takes_without_question (KhLink *self)
{
  const KhStoredContact *contact = kh_client_get_contact (self->client, &self->peer);

  switch (self->client->consent)
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

static KhLinkFile *
add_incoming (KhLink *self, const KhFrame *frame)
{
  KhLinkFile *file = g_new0 (KhLinkFile, 1);
  char name[KH_SAFE_NAME_LEN];

  kh_safe_name (frame->offer.file.path.bytes, frame->offer.file.path.len, name);
  memcpy (file->id.bytes, frame->offer.transfer, sizeof file->id.bytes);
  file->stream = frame->offer.stream;
  file->state = OFFERED;
  file->name = g_strdup (name);
  file->source = KH_OUTGOING_FILE_CLOSED;
  file->size = frame->offer.file.size;
  file->modified_ms = frame->offer.file.modified_ms;
  g_ptr_array_add (self->files, file);
  store_state (self, file, KH_STORED_TRANSFER_OFFERED, NULL, NULL);
  return file;
}

static guint
count_incoming (KhLink *self, const KhFrame *frame, bool *taken)
{
  guint n = 0;

  *taken = false;
  for (guint i = 0; i < self->files->len; i++)
    {
      const KhLinkFile *file = g_ptr_array_index (self->files, i);

      n += !file->outgoing;
      *taken |= !file->outgoing && file->stream == frame->offer.stream;
    }
  return n;
}

void
kh_link_receive_offer (KhLink *self, const KhFrame *frame)
{
  bool taken;
  guint n = count_incoming (self, frame, &taken);
  KhLinkFile *file;
  KhEvent event;

  if (taken || find_item (self, frame->offer.transfer, false) != NULL)
    {
      kh_link_end_bad (self);
      return;
    }
  /* Folders and trees are a later version's. */
  if (n >= MAX_INCOMING_OFFERS || self->client->consent == KH_CONSENT_NONE
      || frame->offer.n_files != 1 || frame->offer.file.kind != KH_FRAME_KIND_FILE)
    {
      reply (self, frame->offer.transfer, KH_FRAME_DECLINE);
      return;
    }
  file = add_incoming (self, frame);
  event = file_event (self, file, KH_EVENT_OFFER);
  event.waiting = !takes_without_question (self);
  if (event.waiting && self->client->consent == KH_CONSENT_CONTACTS)
    {
      KhItemId id = file->id;

      kh_link_answer_offer (self, &id, false, NULL);
      return;
    }
  if (!event.waiting)
    accept_offer (self, file, self->client->save_to);
  kh_client_emit (self->client, &event);
}

void
kh_link_answer_offer (KhLink *self, const KhItemId *transfer, bool accept,
                      const char *folder)
{
  KhLinkFile *file = find_item (self, transfer->bytes, false);

  if (file == NULL || file->state != OFFERED)
    return;
  if (accept)
    {
      accept_offer (self, file, folder != NULL ? folder : self->client->save_to);
      return;
    }
  reply (self, file->id.bytes, KH_FRAME_DECLINE);
  store_state (self, file, KH_STORED_TRANSFER_DECLINED, NULL, NULL);
  g_ptr_array_remove (self->files, file);
}

/* --- Either way --------------------------------------------------------------------- */

void
kh_link_receive_cancel (KhLink *self, const KhFrame *frame)
{
  KhLinkFile *file = find_item (self, frame->cancel.transfer, true);

  if (file == NULL)
    file = find_item (self, frame->cancel.transfer, false);
  if (file == NULL)
    return;
  if (file->state == RUNNING)
    kh_channel_worker_stop (self->worker, file->stream, file->outgoing);
  else
    end_file (self, file, KH_TRANSFER_END_FAILED, frame->cancel.status, 0);
}

void
kh_link_cancel (KhLink *self, const KhItemId *transfer)
{
  KhFrame frame
      = { .type = KH_FRAME_CANCEL, .cancel = { .status = KH_FRAME_STATUS_CANCELLED } };

  memcpy (frame.cancel.transfer, transfer->bytes, sizeof frame.cancel.transfer);
  kh_link_send_frame (self, &frame);
  kh_link_receive_cancel (self, &frame);
}
