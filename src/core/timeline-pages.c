/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/timeline-private.h"

#include "core/unsaved.h"
#include "store/conversations.h"
#include "store/things.h"

#include <string.h>

typedef struct
{
  KhTimeline *timeline; /* Owned: a reference */
  KhPeerId peer;
  gint64 before; /* 0: the newest */
  guint limit;
  GPtrArray *things;  /* Owned */
  GPtrArray *waiting; /* Owned: KhStoredMessage, with the newest page */
  gint64 read_seq;
  gboolean has_older;
  gboolean done;
} PageJob;

static void
clear_page_job (PageJob *job)
{
  g_clear_pointer (&job->things, g_ptr_array_unref);
  g_clear_pointer (&job->waiting, g_ptr_array_unref);
}

static void
free_page_job (gpointer data)
{
  PageJob *job = data;
  g_autoptr (GError) error = NULL;

  if (!job->done)
    {
      job->timeline->loading = false;
      g_set_error (&error, G_IO_ERROR, G_IO_ERROR_CLOSED, "The client has been closed");
      kh_timeline_fail_tasks (job->timeline, error);
    }
  clear_page_job (job);
  g_object_unref (job->timeline);
  g_free (job);
}

static gboolean
read_newest (PageJob *job, KhStore *store, GError **error)
{
  if (!kh_conversations_get_read (store, job->peer.bytes, &job->read_seq, error))
    return FALSE;
  job->waiting = kh_messages_pending (store, job->peer.bytes, 0, job->limit, error);
  return job->waiting != NULL;
}

static gboolean
run_page (KhStore *store, gpointer data, GError **error)
{
  PageJob *job = data;
  const KhStoredThing *oldest;

  clear_page_job (job);
  job->has_older = FALSE;
  job->things = kh_things_page (store, job->peer.bytes, job->before, job->limit, error);
  if (job->things == NULL || (job->before == 0 && !read_newest (job, store, error)))
    return FALSE;
  if (job->things->len < job->limit)
    return TRUE;
  oldest = g_ptr_array_index (job->things, job->things->len - 1);
  return kh_things_has_older (store, job->peer.bytes, oldest->seq, &job->has_older,
                              error);
}

/* --- Items ----------------------------------------------------------------------- */

static bool
is_on_the_way (KhTimeline *self, const KhItemId *id)
{
  const KhLink *link = g_hash_table_lookup (self->client->links, &self->peer);

  return link != NULL && !link->closing && g_hash_table_contains (link->texts, id);
}

static KhTimelineItem *
new_message (KhTimeline *self, const KhStoredMessage *stored)
{
  KhTimelineKey key
      = { .kind = KH_ITEM_MESSAGE, .outgoing = stored->direction == KH_STORE_OUTGOING };
  KhTimelineItem *item;

  memcpy (key.id.bytes, stored->id, sizeof key.id.bytes);
  item = kh_timeline_item_new (&self->peer, &key);
  item->text = g_strdup (stored->text);
  if (!key.outgoing)
    return item;
  if (stored->state == KH_STORED_MESSAGE_DELIVERED)
    item->message_state = KH_MESSAGE_DELIVERED;
  else if (is_on_the_way (self, &key.id))
    item->message_state = KH_MESSAGE_SENT;
  return item;
}

static void
take_stored (KhTimeline *self, KhTimelineItem *item, const KhStoredTransfer *stored)
{
  KhTransferInfo *info = kh_live_transfer_info_of (stored);

  info->peer_name = g_strdup (kh_client_name_of (self->client, &self->peer));
  kh_timeline_item_take_info (item, info);
}

/* NULL: an incoming one whose tree is not here yet. */
static KhTimelineItem *
new_transfer (KhTimeline *self, const KhStoredTransfer *stored)
{
  KhTimelineKey key
      = { .kind = KH_ITEM_TRANSFER, .outgoing = stored->direction == KH_STORE_OUTGOING };
  const KhLiveTransfer *live;
  KhTimelineItem *item;

  if (!key.outgoing && stored->state == KH_STORED_TRANSFER_LISTING)
    return NULL;
  memcpy (key.id.bytes, stored->id, sizeof key.id.bytes);
  item = kh_timeline_item_new (&self->peer, &key);
  live = kh_live_transfer_find (self->client, &self->peer, stored->id, key.outgoing);
  if (live != NULL)
    {
      kh_timeline_refresh (self, item, live);
      return item;
    }
  take_stored (self, item, stored);
  if (!kh_timeline_item_has_ended (item))
    kh_timeline_reread (self, item); /* it has ended since it was read */
  return item;
}

static KhTimelineItem *
new_note (KhTimeline *self, const KhStoredNote *stored, gint64 position)
{
  static const KhNoteKind kinds[] = {
    [KH_STORED_NOTE_RENAMED] = KH_NOTE_RENAMED,
    [KH_STORED_NOTE_VERIFIED] = KH_NOTE_VERIFIED,
    [KH_STORED_NOTE_UNVERIFIED] = KH_NOTE_UNVERIFIED,
  };
  KhTimelineKey key = kh_timeline_note_key (position);
  KhTimelineItem *item = kh_timeline_item_new (&self->peer, &key);

  item->note_kind = kinds[stored->kind];
  item->text = g_strdup (stored->text);
  return item;
}

static KhTimelineItem *
new_item (KhTimeline *self, const KhStoredThing *thing)
{
  KhTimelineItem *item;

  if (thing->message != NULL)
    item = new_message (self, thing->message);
  else if (thing->transfer != NULL)
    item = new_transfer (self, thing->transfer);
  else
    item = new_note (self, thing->note, thing->seq);
  if (item == NULL)
    return NULL;
  item->position = thing->seq;
  item->at_ms = thing->at_ms;
  return item;
}

/* --- Pages ----------------------------------------------------------------------- */

/* What happened while the page was on its way is known already. */
static GPtrArray *
new_items (KhTimeline *self, GPtrArray *things)
{
  GPtrArray *items = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = things->len; i > 0; i--)
    {
      const KhStoredThing *thing = g_ptr_array_index (things, i - 1);
      g_autoptr (KhTimelineItem) item = new_item (self, thing);

      self->oldest = MIN (self->oldest, thing->seq);
      if (item != NULL && !g_hash_table_contains (self->known, &item->key))
        g_ptr_array_add (items, g_steal_pointer (&item));
    }
  return items;
}

/* Without history: they show until they are delivered. */
static void
add_waiting (KhTimeline *self, GPtrArray *waiting, GPtrArray *items)
{
  for (guint i = 0; i < waiting->len; i++)
    {
      const KhStoredMessage *stored = g_ptr_array_index (waiting, i);
      g_autoptr (KhTimelineItem) item = stored->keep ? NULL : new_message (self, stored);

      if (item == NULL || g_hash_table_contains (self->known, &item->key))
        continue;
      item->at_ms = stored->stored_at_ms;
      g_ptr_array_add (items, g_steal_pointer (&item));
    }
}

/* What could not be stored. */
static void
add_unsaved (KhTimeline *self, GPtrArray *items)
{
  for (guint i = 0; i < self->client->unsaved->len; i++)
    {
      const KhUnsaved *unsaved = g_ptr_array_index (self->client->unsaved, i);
      KhTimelineKey key
          = { .kind = KH_ITEM_MESSAGE, .outgoing = TRUE, .id = unsaved->id };
      KhTimelineItem *item;

      if (!kh_peer_id_equal (&unsaved->peer, &self->peer)
          || g_hash_table_contains (self->known, &key))
        continue;
      item = kh_timeline_item_new (&self->peer, &key);
      item->text = g_strdup (unsaved->text);
      item->at_ms = unsaved->at_ms;
      item->unstored = true;
      item->message_state = KH_MESSAGE_FAILED;
      g_ptr_array_add (items, item);
    }
}

static void
take_page (KhTimeline *self, const PageJob *job)
{
  GPtrArray *items = new_items (self, job->things);

  self->n_read += job->things->len;
  if (!self->loaded && job->things->len > 0)
    {
      self->read_position = job->read_seq;
      self->newest = ((const KhStoredThing *)g_ptr_array_index (job->things, 0))->seq;
    }
  if (job->waiting != NULL)
    {
      add_waiting (self, job->waiting, items);
      add_unsaved (self, items);
    }
  kh_timeline_prepend (self, items);
  kh_timeline_set_has_older (self, job->has_older);
}

static void
on_page (gpointer data, const GError *error)
{
  PageJob *job = data;
  KhTimeline *self = job->timeline;

  job->done = TRUE;
  self->loading = false;
  if (error == NULL)
    take_page (self, job);
  else
    {
      kh_client_emit_trouble (self->client, error);
      kh_timeline_fail_tasks (self, error);
    }
  kh_timeline_set_loaded (self);
  kh_timeline_answer_tasks (self);
}

void
kh_timeline_read (KhTimeline *self, guint limit)
{
  PageJob *job;

  if (self->loading)
    return;
  self->loading = true;
  job = g_new0 (PageJob, 1);
  job->timeline = g_object_ref (self);
  job->peer = self->peer;
  job->before = self->oldest == G_MAXINT64 ? 0 : self->oldest;
  job->limit = limit;
  if (self->client->store == NULL)
    {
      free_page_job (job);
      return;
    }
  kh_store_thread_push (self->client->store, run_page, on_page, job, free_page_job);
}

/* --- One transfer ---------------------------------------------------------------- */

typedef struct
{
  KhTimeline *timeline; /* Owned: a reference */
  KhPeerId peer;
  KhItemId id;
  gboolean outgoing;
  KhStoredTransfer *stored; /* Owned */
  gint64 position;
} RereadJob;

static void
free_reread_job (gpointer data)
{
  RereadJob *job = data;

  g_clear_pointer (&job->stored, kh_stored_transfer_free);
  g_object_unref (job->timeline);
  g_free (job);
}

static gboolean
run_reread (KhStore *store, gpointer data, GError **error)
{
  RereadJob *job = data;

  g_clear_pointer (&job->stored, kh_stored_transfer_free);
  if (!kh_transfers_find (store, job->peer.bytes,
                          job->outgoing ? KH_STORE_OUTGOING : KH_STORE_INCOMING,
                          job->id.bytes, &job->stored, error))
    return FALSE;
  return job->stored == NULL
         || kh_things_find (store, KH_STORED_THING_TRANSFER, job->stored->seq,
                            &job->position, error);
}

static void
on_reread (gpointer data, const GError *error)
{
  RereadJob *job = data;
  KhTimeline *self = job->timeline;
  KhTimelineItem *item
      = kh_timeline_find (self, KH_ITEM_TRANSFER, job->outgoing, &job->id);

  if (error != NULL || item == NULL || job->stored == NULL || job->stored->forgotten
      || kh_live_transfer_find (self->client, &job->peer, job->id.bytes, job->outgoing)
             != NULL)
    return;
  item->unstored = false;
  item->position = job->position;
  take_stored (self, item, job->stored);
  kh_timeline_mark (self, item, true);
}

void
kh_timeline_reread (KhTimeline *self, const KhTimelineItem *item)
{
  RereadJob *job;

  if (self->client->store == NULL)
    return;
  job = g_new0 (RereadJob, 1);
  job->timeline = g_object_ref (self);
  job->peer = self->peer;
  job->id = item->key.id;
  job->outgoing = item->key.outgoing;
  kh_store_thread_push (self->client->store, run_reread, on_reread, job, free_reread_job);
}
