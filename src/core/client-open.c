/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/client-private.h"

#include "net/descriptor-limit.h"

#include <sodium.h>

/* What came of the work on the other thread. */
typedef struct
{
  KhClient *client; /* Owned */
  KhStore *store;   /* Owned */
  KhClientOptions options;
  char **texts; /* that @options borrows */
} OpenJob;

static void
free_job (gpointer data)
{
  OpenJob *job = data;

  g_clear_object (&job->client);
  g_clear_pointer (&job->store, kh_store_close);
  g_strfreev ((char **)job->options.only);
  g_strfreev (job->texts);
  g_free (job);
}

static const char *
keep_text (GPtrArray *texts, const char *text)
{
  char *copy = g_strdup (text);

  if (copy != NULL)
    g_ptr_array_add (texts, copy);
  return copy;
}

static OpenJob *
new_job (const KhClientOptions *options)
{
  OpenJob *job = g_new0 (OpenJob, 1);
  GPtrArray *texts = g_ptr_array_new ();

  job->options = *options;
  job->options.data_dir = keep_text (texts, options->data_dir);
  job->options.holder = keep_text (texts, options->holder);
  job->options.server = keep_text (texts, options->server);
  job->options.name = keep_text (texts, options->name);
  job->options.room = keep_text (texts, options->room);
  job->options.save_to = keep_text (texts, options->save_to);
  job->options.only = (const char *const *)g_strdupv ((char **)options->only);
  g_ptr_array_add (texts, NULL);
  job->texts = (char **)g_ptr_array_free (texts, FALSE);
  return job;
}

/* May wait for the disk; nobody else knows the client yet. */
static bool
load (OpenJob *job, GError **error)
{
  KhClient *self = job->client = g_object_new (KH_TYPE_CLIENT, NULL);
  const KhClientOptions *options = &job->options;

  self->consent = options->consent;
  self->only = g_strdupv ((char **)options->only);
  self->quota = options->quota != 0 ? options->quota : KH_CLIENT_QUOTA;
  self->reach = options->reach;
  self->resume = options->resume;
  self->has_window = options->has_window;
  self->asks_folder = options->asks_folder;
  return kh_client_load (self, options, &job->store, error);
}

/* On the main loop: what runs from now on. */
static KhClient *
begin (OpenJob *job)
{
  KhClient *self = g_steal_pointer (&job->client);

  self->store = kh_store_thread_start (g_steal_pointer (&job->store));
  self->wish_box = kh_wish_box_start (self, job->options.data_dir);
  self->network_watch = kh_network_watch_new (kh_client_network_changed, self);
  return self;
}

static void
prepare_process (void)
{
  kh_descriptor_limit_raise ();
  if (sodium_init () < 0)
    g_error ("libsodium can't be used on this computer");
}

KhClient *
kh_client_new (const KhClientOptions *options, GError **error)
{
  OpenJob *job = new_job (options);
  KhClient *self;

  prepare_process ();
  self = load (job, error) ? begin (job) : NULL;
  free_job (job);
  return self;
}

static void
run_load (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;

  if (load (data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    g_task_return_pointer (task, begin (g_task_get_task_data (G_TASK (result))),
                           g_object_unref);
  else
    g_task_return_error (task, error);
}

void
kh_client_open_async (const KhClientOptions *options, GCancellable *cancellable,
                      GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, data);
  g_autoptr (GTask) work = g_task_new (NULL, cancellable, on_loaded, task);

  prepare_process ();
  g_task_set_task_data (work, new_job (options), free_job);
  g_task_run_in_thread (work, run_load);
}

KhClient *
kh_client_open_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}
