/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/history.h"
#include "core/link-private.h"
#include "core/news.h"
#include "core/resume.h"
#include "core/unsaved.h"
#include "store/forget.h"
#include "store/things.h"

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
  gint64 stored_at_ms;
  gint64 position; /* in the conversation; 0: it is not kept */
  gboolean keep;
  gboolean is_new;
  gboolean was_queued;
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

/* Where the message of @job is in the conversation, now that it is stored. */
static gboolean
find_position (KhStore *store, MessageJob *job, KhStoreDirection direction,
               GError **error)
{
  g_autoptr (KhStoredMessage) message = NULL;

  job->position = 0;
  if (!job->keep)
    return TRUE;
  return kh_messages_find (store, job->peer.bytes, direction, job->id.bytes, &message,
                           error)
         && (message == NULL
             || kh_things_find (store, KH_STORED_THING_MESSAGE, message->seq,
                                &job->position, error));
}

/* --- Sending ------------------------------------------------------------------- */

static void
send_text (KhLink *self, const KhMessageId *id)
{
  const KhStoredMessage *message = g_hash_table_lookup (self->texts, id);
  KhFrame frame = { .type = KH_FRAME_MESSAGE };
  KhItemId item;

  memcpy (frame.message.id, id->bytes, sizeof frame.message.id);
  frame.message.sent_at_ms = (uint64_t)message->sent_at_ms;
  frame.message.text = (KhText){ message->text, strlen (message->text) };
  if (!kh_link_send_frame (self, &frame))
    return;
  memcpy (item.bytes, id->bytes, sizeof item.bytes);
  g_hash_table_add (self->client->gone_out, g_memdup2 (&item, sizeof item));
  kh_client_emit (self->client,
                  &(KhEvent){ .kind = KH_EVENT_SENT, .peer = self->peer, .item = item });
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
    kh_client_emit_trouble (job->client, error);
  if (error != NULL || self == NULL || self->loaded_seq != job->after)
    return;
  for (guint i = 0; i < job->messages->len; i++)
    {
      KhStoredMessage *message = g_ptr_array_index (job->messages, i);
      KhMessageId id;

      memcpy (id.bytes, message->id, sizeof id.bytes);
      self->loaded_seq = message->seq;
      if (g_hash_table_contains (self->client->taken_back, &id))
        continue;
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
                                                    .keep = job->keep },
                                   error)
         && find_position (store, job, KH_STORE_OUTGOING, error);
}

/* What was typed is not lost; the person decides. */
static void
not_added (const MessageJob *job, const GError *error)
{
  KhNews news = { .kind = KH_NEWS_GONE,
                  .peer = job->peer,
                  .item = job->id,
                  .text = job->text,
                  .at_ms = job->sent_at_ms };

  if (!g_hash_table_contains (job->client->taken_back, &job->id))
    {
      news.kind = KH_NEWS_FAILED;
      kh_unsaved_add (job->client, &job->peer, &job->id, job->text, job->sent_at_ms);
    }
  kh_client_tell (job->client, &news);
  kh_client_emit_trouble (job->client, error);
}

static void
on_added_outgoing (gpointer data, const GError *error)
{
  MessageJob *job = data;
  KhLink *self;

  if (error != NULL)
    {
      not_added (job, error);
      return;
    }
  kh_client_tell (job->client, &(KhNews){ .kind = KH_NEWS_STORED,
                                          .peer = job->peer,
                                          .item = job->id,
                                          .position = job->position });
  self = find_link (job);
  if (self != NULL)
    kh_link_new_message (self);
}

static void
store_text (KhClient *client, const KhPeerId *peer, const char *text, const KhItemId *id)
{
  MessageJob *job = new_job (client, peer);

  job->id = *id;
  job->text = g_strdup (text);
  job->sent_at_ms = g_get_real_time () / 1000;
  job->keep = kh_client_get_keeps_history (client);
  kh_client_tell (client, &(KhNews){ .kind = KH_NEWS_WRITTEN,
                                     .peer = *peer,
                                     .item = *id,
                                     .text = text,
                                     .at_ms = job->sent_at_ms });
  kh_store_thread_push (client->store, run_add_outgoing, on_added_outgoing, job,
                        free_job);
}

void
kh_link_store_message (KhClient *client, const KhPeerId *peer, const char *text,
                       KhItemId *id)
{
  randombytes_buf (id->bytes, sizeof id->bytes);
  store_text (client, peer, text, id);
}

gboolean
kh_client_send_again (KhClient *self, const KhItemId *message)
{
  const KhUnsaved *unsaved = kh_unsaved_find (self, message);
  g_autofree char *text = NULL;
  KhPeerId peer;
  KhItemId id;

  if (unsaved == NULL || self->store == NULL)
    return FALSE;
  peer = unsaved->peer;
  id = unsaved->id;
  text = g_strdup (unsaved->text);
  kh_unsaved_remove (self, &id);
  store_text (self, &peer, text, &id);
  kh_resume_wanted (self, &peer);
  return TRUE;
}

/* --- Taking back --------------------------------------------------------------- */

static gboolean
run_take_back (KhStore *store, gpointer data, GError **error)
{
  MessageJob *job = data;

  return kh_forget_queued_message (store, job->peer.bytes, job->id.bytes,
                                   &job->was_queued, error);
}

static void
on_taken_back (gpointer data, const GError *error)
{
  MessageJob *job = data;

  g_hash_table_remove (job->client->taken_back, &job->id);
  if (error != NULL)
    kh_client_emit_trouble (job->client, error);
  else if (job->was_queued)
    kh_client_tell (
        job->client,
        &(KhNews){ .kind = KH_NEWS_GONE, .peer = job->peer, .item = job->id });
}

static void
discard_unsaved (KhClient *self, const KhUnsaved *unsaved)
{
  KhNews news = { .kind = KH_NEWS_GONE, .peer = unsaved->peer, .item = unsaved->id };

  kh_client_tell (self, &news);
  kh_unsaved_remove (self, &news.item);
}

gboolean
kh_client_delete_message (KhClient *self, const KhPeerId *peer, const KhItemId *message)
{
  const KhUnsaved *unsaved = kh_unsaved_find (self, message);
  MessageJob *job;

  if (unsaved != NULL)
    {
      discard_unsaved (self, unsaved);
      return TRUE;
    }
  if (self->store == NULL || g_hash_table_contains (self->gone_out, message))
    return FALSE;
  g_hash_table_add (self->taken_back, g_memdup2 (message, sizeof *message));
  job = new_job (self, peer);
  job->id = *message;
  kh_store_thread_push (self->store, run_take_back, on_taken_back, job, free_job);
  return TRUE;
}

/* --- Delivered ----------------------------------------------------------------- */

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
  KhLink *self;

  g_hash_table_remove (job->client->gone_out, &job->id);
  if (error != NULL)
    kh_client_emit_trouble (job->client, error);
  else
    kh_client_emit (
        job->client,
        &(KhEvent){ .kind = KH_EVENT_DELIVERED, .peer = job->peer, .item = job->id });
  self = find_link (job);
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

  job->stored_at_ms = g_get_real_time () / 1000;
  return kh_messages_add_incoming (store,
                                   &(KhNewMessage){ .peer = job->peer.bytes,
                                                    .id = job->id.bytes,
                                                    .text = job->text,
                                                    .sent_at_ms = job->sent_at_ms,
                                                    .stored_at_ms = job->stored_at_ms,
                                                    .keep = job->keep },
                                   &job->is_new, error)
         && (!job->is_new || find_position (store, job, KH_STORE_INCOMING, error));
}

static void
tell_received (const MessageJob *job)
{
  kh_client_tell (job->client, &(KhNews){ .kind = KH_NEWS_RECEIVED,
                                          .peer = job->peer,
                                          .item = job->id,
                                          .text = job->text,
                                          .position = job->position,
                                          .at_ms = job->stored_at_ms });
  kh_client_emit (job->client,
                  &(KhEvent){ .kind = KH_EVENT_MESSAGE,
                              .peer = job->peer,
                              .name = kh_client_name_of (job->client, &job->peer),
                              .item = job->id,
                              .text = job->text,
                              .at_ms = job->sent_at_ms });
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
      kh_client_emit_trouble (job->client, error);
      return;
    }
  if (job->is_new)
    tell_received (job);
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
  job->keep = kh_client_get_keeps_history (self->client);
  kh_store_thread_push (self->client->store, run_add_incoming, on_added_incoming, job,
                        free_job);
}
