/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/child.h"

#include <string.h>

struct _KhChild
{
  GObject parent_instance;
  GSubprocess *process; /* Owned */
};

G_DEFINE_FINAL_TYPE (KhChild, kh_child, G_TYPE_OBJECT)

static void
kh_child_finalize (GObject *object)
{
  g_clear_object (&KH_CHILD (object)->process);
  G_OBJECT_CLASS (kh_child_parent_class)->finalize (object);
}

static void
kh_child_class_init (KhChildClass *class)
{
  G_OBJECT_CLASS (class)->finalize = kh_child_finalize;
}

static void
kh_child_init (KhChild *self)
{
}

KhChild *
kh_child_start (const char *const *words, GError **error)
{
  GSubprocess *process
      = g_subprocess_newv (words,
                           G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE
                               | G_SUBPROCESS_FLAGS_STDERR_PIPE,
                           error);
  KhChild *self;

  if (process == NULL)
    return NULL;
  self = g_object_new (KH_TYPE_CHILD, NULL);
  self->process = process;
  return self;
}

GInputStream *
kh_child_get_output (KhChild *self)
{
  return g_subprocess_get_stdout_pipe (self->process);
}

GInputStream *
kh_child_get_errors (KhChild *self)
{
  return g_subprocess_get_stderr_pipe (self->process);
}

gboolean
kh_child_tell (KhChild *self, const char *line, GError **error)
{
  GOutputStream *input = g_subprocess_get_stdin_pipe (self->process);
  gssize n = g_pollable_output_stream_write_nonblocking (
      G_POLLABLE_OUTPUT_STREAM (input), line, strlen (line), NULL, error);

  if (n >= 0 && n < (gssize)strlen (line))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "it does not read");
  return n == (gssize)strlen (line);
}

void
kh_child_end (KhChild *self)
{
  g_output_stream_close (g_subprocess_get_stdin_pipe (self->process), NULL, NULL);
}

static void
on_ended (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;

  g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL);
  g_task_return_boolean (task, TRUE);
}

void
kh_child_wait_async (KhChild *self, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (self, NULL, callback, data);

  g_task_set_source_tag (task, kh_child_wait_async);
  g_subprocess_wait_async (self->process, NULL, on_ended, task);
}

void
kh_child_wait_finish (G_GNUC_UNUSED KhChild *self, GAsyncResult *result)
{
  g_task_propagate_boolean (G_TASK (result), NULL);
}
