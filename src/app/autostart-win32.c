/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Source: "Run and RunOnce Registry Keys" and "CommandLineToArgvW function" of the
 * Windows API.
 */
#include "app/autostart.h"
#include "app/command-line-win32.h"
#include "app/own-program.h"

#include <windows.h>

#define RUN_KEY L"Software\\Microsoft\\Windows\\CurrentVersion\\Run"

/* Windows starts nothing whose value is longer. Source: "Run and RunOnce Registry Keys".
 */
#define TEXT_LEN_MAX 260

/* Enough that two data folders of one user do not meet. */
#define HASH_LEN 8

char *
kh_autostart_text (const char *program, const char *data_dir)
{
  g_autofree char *quoted_program = kh_command_line_quote (program);
  g_autofree char *quoted_dir = kh_command_line_quote (data_dir);

  return g_strdup_printf ("%s --background --data-dir %s", quoted_program, quoted_dir);
}

typedef struct
{
  WCHAR *name; /* of the value in the registry */
  WCHAR *text; /* NULL: remove it */
} Job;

static void
free_job (gpointer data)
{
  Job *job = data;

  g_free (job->name);
  g_free (job->text);
  g_free (job);
}

static Job *
make_job (const char *data_dir)
{
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, data_dir, -1);
  g_autofree char *name = g_strdup_printf ("Knothole %.*s", HASH_LEN, hash);
  Job *job = g_new0 (Job, 1);

  job->name = g_utf8_to_utf16 (name, -1, NULL, NULL, NULL);
  return job;
}

static void
run_query (GTask *task, G_GNUC_UNUSED gpointer source, gpointer data,
           G_GNUC_UNUSED GCancellable *cancellable)
{
  const Job *job = data;
  LSTATUS status = RegGetValueW (HKEY_CURRENT_USER, RUN_KEY, job->name, RRF_RT_REG_SZ,
                                 NULL, NULL, NULL);

  g_task_return_boolean (task, status == ERROR_SUCCESS);
}

void
kh_autostart_query_async (const char *data_dir, GAsyncReadyCallback callback,
                          gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, data);

  g_task_set_source_tag (task, kh_autostart_query_async);
  g_task_set_task_data (task, make_job (data_dir), free_job);
  g_task_run_in_thread (task, run_query);
}

gboolean
kh_autostart_query_finish (GAsyncResult *result)
{
  return g_task_propagate_boolean (G_TASK (result), NULL);
}

static LSTATUS
set_value (const Job *job)
{
  gsize size = (wcslen (job->text) + 1) * sizeof *job->text;

  return RegSetKeyValueW (HKEY_CURRENT_USER, RUN_KEY, job->name, REG_SZ, job->text,
                          (DWORD)size);
}

static LSTATUS
remove_value (const Job *job)
{
  LSTATUS status = RegDeleteKeyValueW (HKEY_CURRENT_USER, RUN_KEY, job->name);

  return status == ERROR_FILE_NOT_FOUND ? ERROR_SUCCESS : status;
}

static void
run_set (GTask *task, G_GNUC_UNUSED gpointer source, gpointer data,
         G_GNUC_UNUSED GCancellable *cancellable)
{
  const Job *job = data;
  LSTATUS status;
  g_autofree char *text = NULL;

  if (job->text != NULL && wcslen (job->text) > TEXT_LEN_MAX)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FILENAME_TOO_LONG,
                               "The name of the data folder is too long for Windows to "
                               "start the program with it");
      return;
    }
  status = job->text != NULL ? set_value (job) : remove_value (job);
  if (status == ERROR_SUCCESS)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  text = g_win32_error_message ((gint)status);
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED,
                           "The programs started with Windows can't be changed: %s",
                           text);
}

void
kh_autostart_set_async (const char *data_dir, gboolean on, GAsyncReadyCallback callback,
                        gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, data);
  g_autofree char *program = kh_own_program_path ();
  g_autofree char *absolute = g_canonicalize_filename (data_dir, NULL);
  g_autofree char *text
      = kh_autostart_text (program != NULL ? program : "knothole.exe", absolute);
  Job *job = make_job (data_dir);

  g_task_set_source_tag (task, kh_autostart_set_async);
  if (on)
    job->text = g_utf8_to_utf16 (text, -1, NULL, NULL, NULL);
  g_task_set_task_data (task, job, free_job);
  g_task_run_in_thread (task, run_set);
}

gboolean
kh_autostart_set_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- Asking ---------------------------------------------------------------------- */

void
kh_autostart_ask_background_async (G_GNUC_UNUSED const char *data_dir,
                                   G_GNUC_UNUSED gboolean autostart,
                                   GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, data);

  g_task_set_source_tag (task, kh_autostart_ask_background_async);
  g_task_return_boolean (task, TRUE);
}

gboolean
kh_autostart_ask_background_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
