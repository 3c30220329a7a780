/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/store-thread.h"

typedef struct
{
  KhStoreWork work;
  KhStoreDone done;
  gpointer job;
  GDestroyNotify free_job;
  GError *error;
} Item;

struct _KhStoreThread
{
  /* Owned */
  KhStore *store;
  GThread *thread;
  GAsyncQueue *queue;
  GAsyncQueue *finished;
  GMainContext *context;
  GSource *source; /* on the main loop: hands out what is finished */
};

static const Item stop_item;

static void
free_item (gpointer data)
{
  Item *item = data;

  if (item->free_job != NULL)
    item->free_job (item->job);
  g_clear_error (&item->error);
  g_free (item);
}

/* Runs the items one by one, each with its own commit: one that fails does not take
 * the others with it. */
static void
run_alone (KhStoreThread *self, GPtrArray *batch)
{
  for (guint i = 0; i < batch->len; i++)
    {
      Item *item = g_ptr_array_index (batch, i);

      g_clear_error (&item->error);
      if (!kh_store_batch_begin (self->store, &item->error)
          || !item->work (self->store, item->job, &item->error)
          || !kh_store_batch_commit (self->store, &item->error))
        kh_store_batch_rollback (self->store);
    }
}

static bool
run_one (KhStoreThread *self, GPtrArray *batch, Item *item)
{
  g_ptr_array_add (batch, item);
  return item->work (self->store, item->job, &item->error);
}

/* Runs @first and what else is waiting in one commit. False: stop. */
static bool
run_batch (KhStoreThread *self, Item *first)
{
  g_autoptr (GPtrArray) batch = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  gint64 until_us = g_get_monotonic_time () + KH_STORE_THREAD_BATCH_US;
  Item *item = first;
  bool good = kh_store_batch_begin (self->store, &error);

  while (item != NULL && item != &stop_item)
    {
      if (good)
        good = run_one (self, batch, item);
      else
        g_ptr_array_add (batch, item);
      item = good && g_get_monotonic_time () < until_us
                 ? g_async_queue_try_pop (self->queue)
                 : NULL;
    }
  if (!good || !kh_store_batch_commit (self->store, &error))
    {
      kh_store_batch_rollback (self->store);
      run_alone (self, batch);
    }
  for (guint i = 0; i < batch->len; i++)
    g_async_queue_push (self->finished, g_ptr_array_index (batch, i));
  g_source_set_ready_time (self->source, 0);
  return item != &stop_item;
}

static gpointer
run (gpointer data)
{
  KhStoreThread *self = data;
  Item *item;

  do
    item = g_async_queue_pop (self->queue);
  while (item != &stop_item && run_batch (self, item));
  return NULL;
}

static gboolean
hand_out (gpointer data)
{
  KhStoreThread *self = data;
  GSource *source = self->source;
  Item *item;

  g_source_set_ready_time (source, -1);
  /* done() may stop the thread, which destroys the source. */
  g_source_ref (source);
  while (!g_source_is_destroyed (source)
         && (item = g_async_queue_try_pop (self->finished)) != NULL)
    {
      if (item->done != NULL)
        item->done (item->job, item->error);
      free_item (item);
    }
  g_source_unref (source);
  return G_SOURCE_CONTINUE;
}

static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer data)
{
  (void)source;
  return callback (data);
}

static GSourceFuncs source_functions = { .dispatch = dispatch };

KhStoreThread *
kh_store_thread_start (KhStore *store)
{
  KhStoreThread *self = g_new0 (KhStoreThread, 1);

  self->store = store;
  self->queue = g_async_queue_new ();
  self->finished = g_async_queue_new_full (free_item);
  self->context = g_main_context_ref_thread_default ();
  self->source = g_source_new (&source_functions, sizeof (GSource));
  g_source_set_callback (self->source, hand_out, self, NULL);
  g_source_attach (self->source, self->context);
  self->thread = g_thread_new ("store", run, self);
  return self;
}

void
kh_store_thread_stop (KhStoreThread *self)
{
  g_async_queue_push (self->queue, (gpointer)&stop_item);
  g_thread_join (self->thread);
  g_source_destroy (self->source);
  g_source_unref (self->source);
  kh_store_close (self->store);
  g_async_queue_unref (self->queue);
  g_async_queue_unref (self->finished);
  g_main_context_unref (self->context);
  g_free (self);
}

void
kh_store_thread_push (KhStoreThread *self, KhStoreWork work, KhStoreDone done,
                      gpointer job, GDestroyNotify free_job)
{
  Item *item = g_new0 (Item, 1);

  item->work = work;
  item->done = done;
  item->job = job;
  item->free_job = free_job;
  if (self == NULL)
    {
      free_item (item);
      return;
    }
  g_async_queue_push (self->queue, item);
}
