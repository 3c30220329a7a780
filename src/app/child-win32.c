/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Not by GSubprocess: a console would open for the child, and its input can't be written
 * to without waiting.
 *
 * Source: "Creating a Child Process with Redirected Input and Output" and
 * "UpdateProcThreadAttribute function" of the Windows API.
 */
#include "app/child.h"

#include "app/command-line-win32.h"

#include <gio/gwin32inputstream.h>
#include <windows.h>

#include <string.h>

/* Many lines; more than one waits only where nobody reads. */
#define INPUT_LEN 65536

struct _KhChild
{
  GObject parent_instance;

  /* Owned */
  GInputStream *output;
  GInputStream *errors;
  HANDLE input;
  HANDLE process;
};

G_DEFINE_FINAL_TYPE (KhChild, kh_child, G_TYPE_OBJECT)

static void
close_handle (HANDLE *handle)
{
  if (*handle != NULL)
    CloseHandle (*handle);
  *handle = NULL;
}

static void
kh_child_finalize (GObject *object)
{
  KhChild *self = KH_CHILD (object);

  g_clear_object (&self->output);
  g_clear_object (&self->errors);
  close_handle (&self->input);
  close_handle (&self->process);
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

/* --- Starting ------------------------------------------------------------------------
 */

/* The ends that the child gets: its standard input, output and error. */
typedef struct
{
  HANDLE theirs[3];
  HANDLE ours[3];
} Pipes;

static void
pipes_clear (Pipes *self)
{
  for (guint i = 0; i < 3; i++)
    {
      close_handle (&self->theirs[i]);
      close_handle (&self->ours[i]);
    }
}

static gboolean
open_pipes (Pipes *self)
{
  for (guint i = 0; i < 3; i++)
    {
      HANDLE *reads = i == 0 ? &self->theirs[i] : &self->ours[i];
      HANDLE *writes = i == 0 ? &self->ours[i] : &self->theirs[i];

      if (!CreatePipe (reads, writes, NULL, INPUT_LEN)
          || !SetHandleInformation (self->theirs[i], HANDLE_FLAG_INHERIT,
                                    HANDLE_FLAG_INHERIT))
        return FALSE;
    }
  return TRUE;
}

static WCHAR *
make_command_line (const char *const *words)
{
  GString *line = g_string_new (NULL);
  WCHAR *wide;

  for (guint i = 0; words[i] != NULL; i++)
    {
      g_autofree char *quoted = kh_command_line_quote (words[i]);

      g_string_append_printf (line, i > 0 ? " %s" : "%s", quoted);
    }
  wide = g_utf8_to_utf16 (line->str, -1, NULL, NULL, NULL);
  g_string_free (line, TRUE);
  return wide;
}

/* The child gets those three handles, and none that another thread makes meanwhile. */
static gboolean
create_process (const char *const *words, Pipes *pipes, PROCESS_INFORMATION *made)
{
  g_autofree WCHAR *program = g_utf8_to_utf16 (words[0], -1, NULL, NULL, NULL);
  g_autofree WCHAR *line = make_command_line (words);
  STARTUPINFOEXW how = { .StartupInfo = { .cb = sizeof how,
                                          .dwFlags = STARTF_USESTDHANDLES,
                                          .hStdInput = pipes->theirs[0],
                                          .hStdOutput = pipes->theirs[1],
                                          .hStdError = pipes->theirs[2] } };
  SIZE_T size = 0;
  g_autofree void *list = NULL;
  gboolean good;

  InitializeProcThreadAttributeList (NULL, 1, 0, &size);
  list = g_malloc0 (size);
  how.lpAttributeList = list;
  if (!InitializeProcThreadAttributeList (list, 1, 0, &size))
    return FALSE;
  good = UpdateProcThreadAttribute (list, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST,
                                    pipes->theirs, sizeof pipes->theirs, NULL, NULL)
         && CreateProcessW (program, line, NULL, NULL, TRUE,
                            CREATE_NO_WINDOW | EXTENDED_STARTUPINFO_PRESENT, NULL, NULL,
                            &how.StartupInfo, made);
  DeleteProcThreadAttributeList (list);
  return good;
}

KhChild *
kh_child_start (const char *const *words, GError **error)
{
  Pipes pipes = { 0 };
  PROCESS_INFORMATION made = { 0 };
  DWORD mode = PIPE_READMODE_BYTE | PIPE_NOWAIT;
  KhChild *self = NULL;

  if (open_pipes (&pipes) && create_process (words, &pipes, &made))
    {
      self = g_object_new (KH_TYPE_CHILD, NULL);
      self->process = made.hProcess;
      self->input = g_steal_pointer (&pipes.ours[0]);
      self->output = g_win32_input_stream_new (g_steal_pointer (&pipes.ours[1]), TRUE);
      self->errors = g_win32_input_stream_new (g_steal_pointer (&pipes.ours[2]), TRUE);
      SetNamedPipeHandleState (self->input, &mode, NULL, NULL);
      CloseHandle (made.hThread);
    }
  else
    {
      g_autofree char *text = g_win32_error_message ((gint)GetLastError ());

      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s", text);
    }
  pipes_clear (&pipes);
  return self;
}

/* --- Afterwards ----------------------------------------------------------------------
 */

GInputStream *
kh_child_get_output (KhChild *self)
{
  return self->output;
}

GInputStream *
kh_child_get_errors (KhChild *self)
{
  return self->errors;
}

gboolean
kh_child_tell (KhChild *self, const char *line, GError **error)
{
  DWORD len = (DWORD)strlen (line);
  DWORD n = 0;

  if (self->input != NULL && WriteFile (self->input, line, len, &n, NULL) && n == len)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "it does not read");
  return FALSE;
}

void
kh_child_end (KhChild *self)
{
  close_handle (&self->input);
}

static void
on_ended (G_GNUC_UNUSED GPid process, G_GNUC_UNUSED gint status, gpointer data)
{
  g_autoptr (GTask) task = data;

  g_task_return_boolean (task, TRUE);
}

void
kh_child_wait_async (KhChild *self, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (self, NULL, callback, data);

  g_task_set_source_tag (task, kh_child_wait_async);
  g_child_watch_add (self->process, on_ended, task);
}

void
kh_child_wait_finish (G_GNUC_UNUSED KhChild *self, GAsyncResult *result)
{
  g_task_propagate_boolean (G_TASK (result), NULL);
}
