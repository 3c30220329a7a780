/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/channel-events.h"

/* Delivered before other sources of the context get their turn. */
#define BATCH 64

struct _KhChannelEvents
{
  GSource source;

  /* Borrowed */
  KhWaker *waker;
  KhChannelCallback callback;
  gpointer data;

  /* State, under @lock */
  GMutex lock;
  GQueue waiting; /* of KhChannelEvent */
  size_t n_bytes;
  bool was_full;
};

static void
free_event (gpointer data)
{
  KhChannelEvent *event = data;

  g_clear_pointer (&event->results, g_array_unref);
  g_free ((gpointer)event->frame);
  g_free (event);
}

static bool
is_over (const KhChannelEvents *self, unsigned share)
{
  return self->waiting.length >= KH_CHANNEL_EVENTS_MAX / share
         || self->n_bytes >= KH_CHANNEL_EVENT_BYTES_MAX / share;
}

static KhChannelEvent *
pop (KhChannelEvents *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  KhChannelEvent *event = g_queue_pop_head (&self->waiting);

  if (event == NULL)
    return NULL;
  self->n_bytes -= event->frame_len;
  if (self->was_full && !is_over (self, 2))
    {
      self->was_full = false;
      kh_waker_wake (self->waker);
    }
  return event;
}

static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer data)
{
  KhChannelEvents *self = (KhChannelEvents *)source;

  g_source_set_ready_time (source, -1);
  for (unsigned i = 0; i < BATCH && !g_source_is_destroyed (source); i++)
    {
      KhChannelEvent *event = pop (self);

      if (event == NULL)
        return G_SOURCE_CONTINUE;
      self->callback (event, self->data);
      free_event (event);
    }
  if (!g_source_is_destroyed (source))
    g_source_set_ready_time (source, 0);
  return G_SOURCE_CONTINUE;
}

static void
finalize (GSource *source)
{
  KhChannelEvents *self = (KhChannelEvents *)source;

  g_queue_clear_full (&self->waiting, free_event);
  g_mutex_clear (&self->lock);
}

static GSourceFuncs source_funcs = { .dispatch = dispatch, .finalize = finalize };

KhChannelEvents *
kh_channel_events_new (GMainContext *context, KhWaker *waker, KhChannelCallback callback,
                       gpointer data)
{
  GSource *source = g_source_new (&source_funcs, sizeof (KhChannelEvents));
  KhChannelEvents *self = (KhChannelEvents *)source;

  self->waker = waker;
  self->callback = callback;
  self->data = data;
  g_mutex_init (&self->lock);
  g_queue_init (&self->waiting);
  g_source_set_static_name (source, "channel events");
  g_source_attach (source, context);
  return self;
}

void
kh_channel_events_destroy (KhChannelEvents *self)
{
  g_source_destroy (&self->source);
  g_source_unref (&self->source);
}

void
kh_channel_events_push (KhChannelEvents *self, const KhChannelEvent *event)
{
  KhChannelEvent *copy = g_new (KhChannelEvent, 1);
  bool was_empty;

  *copy = *event;
  if (event->results != NULL)
    copy->results = g_array_ref (event->results);
  copy->frame = g_memdup2 (event->frame, event->frame_len);

  g_mutex_lock (&self->lock);
  was_empty = self->waiting.length == 0;
  g_queue_push_tail (&self->waiting, copy);
  self->n_bytes += event->frame_len;
  g_mutex_unlock (&self->lock);
  if (was_empty)
    g_source_set_ready_time (&self->source, 0);
}

bool
kh_channel_events_is_full (KhChannelEvents *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  /* Once full it stays so down to a half, so that it does not flutter. */
  if (self->was_full)
    return true;
  self->was_full = is_over (self, 1);
  return self->was_full;
}
