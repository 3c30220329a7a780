/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/link-private.h"

#include <sodium.h>
#include <string.h>

/* Everything that a message's way through the store needs: one struct for all jobs. */
typedef struct
{
  KhClient *client; /* Owned: a reference */
  KhPeerId peer;
  KhItemId id;
  char *text;
  gint64 sent_at_ms;
  gint64 after;
  guint limit;
  gboolean is_new;
  GPtrArray *messages;
} MessageJob;

static MessageJob *
new_job (KhClient *client, const KhPeerId *peer)
{
  MessageJob *job = g_new0 (MessageJob, 1);

  job->client = g_object_ref (client);
  job->peer = *peer;
  return job;
}

static void
free_job (gpointer data)
{
  MessageJob *job = data;

  g_clear_pointer (&job->messages, g_ptr_array_unref);
  g_free (job->text);
  g_object_unref (job->client);
  g_free (job);
}

static KhLink *
find_link (const MessageJob *job)
{
  return g_hash_table_lookup (job->client->links, &job->peer);
}

static void
tell_trouble (KhClient *client, const GError *error)
{
  kh_client_emit (client, &(KhEvent){ .kind = KH_EVENT_TROUBLE, .text = error->message });
}

/* --- Sending ------------------------------------------------------------------- */

static void
send_text (KhLink *self, const KhMessageId *id)
{
  const KhStoredMessage *message = g_hash_table_lookup (self->texts, id);
  KhFrame frame = { .type = KH_FRAME_MESSAGE };

  memcpy (frame.message.id, id->bytes, sizeof frame.message.id);
  frame.message.sent_at_ms = (uint64_t)message->sent_at_ms;
  frame.message.text = (KhText){ message->text, strlen (message->text) };
  kh_link_send_frame (self, &frame);
}

/* Sends what the session has: acknowledgements first, they end the peer's wait. */
static void
send_waiting (KhLink *self)
{
  KhMessageId id;

  while (!self->closing && kh_session_next_ack (&self->session, &id))
    {
      KhFrame frame = { .type = KH_FRAME_DELIVERED };

      memcpy (frame.delivered, id.bytes, sizeof frame.delivered);
      kh_link_send_frame (self, &frame);
    }
  while (!self->closing && kh_session_next_send (&self->session, &id))
    send_text (self, &id);
}

static gboolean
run_load (KhStore *store, gpointer data, GError **error)
{
  MessageJob *job = data;

  g_clear_pointer (&job->messages, g_ptr_array_unref);
  job->messages
      = kh_messages_pending (store, job->peer.bytes, job->after, job->limit, error);
  return job->messages != NULL;
}

static void
on_loaded (gpointer data, const GError *error)
{
  MessageJob *job = data;
  KhLink *self = find_link (job);

  if (self != NULL && self->loaded_seq == job->after)
    self->loading = false;
  if (error != NULL)
    tell_trouble (job->client, error);
  if (error != NULL || self == NULL || self->loaded_seq != job->after)
    return;
  for (guint i = 0; i < job->messages->len; i++)
    {
      KhStoredMessage *message = g_ptr_array_index (job->messages, i);
      KhMessageId id;

      memcpy (id.bytes, message->id, sizeof id.bytes);
      self->loaded_seq = message->seq;
      if (kh_session_add (&self->session, &id))
        g_hash_table_insert (self->texts, g_memdup2 (&id, sizeof id),
                             g_steal_pointer (&g_ptr_array_index (job->messages, i)));
    }
  send_waiting (self);
  if (self->load_again)
    kh_link_new_message (self);
}

void
kh_link_new_message (KhLink *self)
{
  MessageJob *job;

  self->load_again = self->loading;
  if (self->loading || self->closing || self->session.n_waiting == KH_SESSION_WINDOW)
    return;
  self->loading = true;
  job = new_job (self->client, &self->peer);
  job->after = self->loaded_seq;
  job->limit = KH_SESSION_WINDOW - (guint)self->session.n_waiting;
  kh_store_thread_push (self->client->store, run_load, on_loaded, job, free_job);
}

static gboolean
run_add_outgoing (KhStore *store, gpointer data, GError **error)
{
  MessageJob *job = data;

  return kh_messages_add_outgoing (store,
                                   &(KhNewMessage){ .peer = job->peer.bytes,
                                                    .id = job->id.bytes,
                                                    .text = job->text,
                                                    .sent_at_ms = job->sent_at_ms,
                                                    .stored_at_ms = job->sent_at_ms,
                                                    .keep = TRUE },
                                   error);
}

static void
on_added_outgoing (gpointer data, const GError *error)
{
  MessageJob *job = data;
  KhLink *self = find_link (job);

  if (error != NULL)
    tell_trouble (job->client, error);
  else if (self != NULL)
    kh_link_new_message (self);
}

void
kh_link_store_message (KhClient *client, const KhPeerId *peer, const char *text,
                       KhItemId *id)
{
  MessageJob *job = new_job (client, peer);

  randombytes_buf (id->bytes, sizeof id->bytes);
  job->id = *id;
  job->text = g_strdup (text);
  job->sent_at_ms = g_get_real_time () / 1000;
  kh_store_thread_push (client->store, run_add_outgoing, on_added_outgoing, job,
                        free_job);
}

static gboolean
run_delivered (KhStore *store, gpointer data, GError **error)
{
  MessageJob *job = data;

  return kh_messages_mark_delivered (store, job->peer.bytes, job->id.bytes, NULL, error);
}

static void
on_delivered (gpointer data, const GError *error)
{
  MessageJob *job = data;
  KhLink *self = find_link (job);

  if (error != NULL)
    tell_trouble (job->client, error);
  else
    kh_client_emit (
        job->client,
        &(KhEvent){ .kind = KH_EVENT_DELIVERED, .peer = job->peer, .item = job->id });
  if (self != NULL)
    kh_link_new_message (self);
}

void
kh_link_receive_delivered (KhLink *self, const KhFrame *frame)
{
  MessageJob *job;
  KhMessageId id;

  memcpy (id.bytes, frame->delivered, sizeof id.bytes);
  if (!kh_session_delivered (&self->session, &id))
    return;
  g_hash_table_remove (self->texts, &id);
  job = new_job (self->client, &self->peer);
  memcpy (job->id.bytes, id.bytes, sizeof job->id.bytes);
  kh_store_thread_push (self->client->store, run_delivered, on_delivered, job, free_job);
}

/* --- Receiving ----------------------------------------------------------------- */

static gboolean
run_add_incoming (KhStore *store, gpointer data, GError **error)
{
  MessageJob *job = data;

  return kh_messages_add_incoming (
      store,
      &(KhNewMessage){ .peer = job->peer.bytes,
                       .id = job->id.bytes,
                       .text = job->text,
                       .sent_at_ms = job->sent_at_ms,
                       .stored_at_ms = g_get_real_time () / 1000,
                       .keep = TRUE },
      &job->is_new, error);
}

static void
on_added_incoming (gpointer data, const GError *error)
{
  MessageJob *job = data;
  KhLink *self = find_link (job);
  KhMessageId id;

  if (self != NULL && self->n_storing > 0)
    self->n_storing--;
  if (error != NULL)
    {
      /* No acknowledgement: the peer keeps it. */
      tell_trouble (job->client, error);
      return;
    }
  if (job->is_new)
    kh_client_emit (job->client,
                    &(KhEvent){ .kind = KH_EVENT_MESSAGE,
                                .peer = job->peer,
                                .name = kh_client_name_of (job->client, &job->peer),
                                .item = job->id,
                                .text = job->text,
                                .at_ms = job->sent_at_ms });
  self = find_link (job);
  if (self == NULL)
    return;
  memcpy (id.bytes, job->id.bytes, sizeof id.bytes);
  kh_session_stored (&self->session, &id);
  send_waiting (self);
}

void
kh_link_receive_message (KhLink *self, const KhFrame *frame)
{
  MessageJob *job;

  /* More at a time than the window allows: memory is not the peer's to fill. */
  if (self->n_storing >= KH_SESSION_ACKS)
    {
      kh_link_end_bad (self);
      return;
    }
  self->n_storing++;
  job = new_job (self->client, &self->peer);
  memcpy (job->id.bytes, frame->message.id, sizeof job->id.bytes);
  job->text = g_strndup (frame->message.text.bytes, frame->message.text.len);
  job->sent_at_ms = (gint64)MIN (frame->message.sent_at_ms, (uint64_t)INT64_MAX);
  kh_store_thread_push (self->client->store, run_add_incoming, on_added_incoming, job,
                        free_job);
}
