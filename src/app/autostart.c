/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/autostart.h"
#include "app/own-program.h"
#include "app/portal.h"

#include <glib/gi18n.h>
#include <string.h>

/* As application.h, which needs GTK. */
#define APP_ID "io.github.knothole.Knothole"

/* Enough that two data folders of one user do not meet. */
#define HASH_LEN 8

/* In double quotes for the Exec key, and then as any string of the file, where a
 * backslash is two. */
static char *
quote (const char *argument)
{
  GString *text = g_string_new ("\"");

  for (const char *c = argument; *c != '\0'; c++)
    if (*c == '\\')
      g_string_append (text, "\\\\\\\\");
    else if (strchr ("\"`$", *c) != NULL)
      g_string_append_printf (text, "\\\\%c", *c);
    else if (*c == '%')
      g_string_append (text, "%%");
    else
      g_string_append_c (text, *c);
  g_string_append_c (text, '"');
  return g_string_free (text, FALSE);
}

char *
kh_autostart_text (const char *program, const char *data_dir)
{
  g_autofree char *quoted_program = quote (program);
  g_autofree char *quoted_dir = quote (data_dir);

  return g_strdup_printf ("[Desktop Entry]\nType=Application\nName=Knothole\nIcon=%s\n"
                          "Exec=%s --background --data-dir %s\nTerminal=false\n"
                          "X-GNOME-UsesNotifications=true\n",
                          APP_ID, quoted_program, quoted_dir);
}

static GFile *
get_file (const char *data_dir)
{
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, data_dir, -1);
  g_autofree char *name = g_strdup_printf (APP_ID "-%.*s.desktop", HASH_LEN, hash);
  g_autofree char *path
      = g_build_filename (g_get_user_config_dir (), "autostart", name, NULL);

  return g_file_new_for_path (path);
}

static void
run_query (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_task_return_boolean (task, g_file_query_exists (data, NULL));
}

void
kh_autostart_query_async (const char *data_dir, GAsyncReadyCallback callback,
                          gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, data);

  g_task_set_source_tag (task, kh_autostart_query_async);
  g_task_set_task_data (task, get_file (data_dir), g_object_unref);
  g_task_run_in_thread (task, run_query);
}

gboolean
kh_autostart_query_finish (GAsyncResult *result)
{
  return g_task_propagate_boolean (G_TASK (result), NULL);
}

/* --- Asking --------------------------------------------------------------------------
 */

static void
ask_portal (const char *data_dir, gboolean autostart, GAsyncReadyCallback callback,
            gpointer data)
{
  g_autofree char *absolute = g_canonicalize_filename (data_dir, NULL);
  const char *const command[]
      = { "knothole", "--background", "--data-dir", absolute, NULL };

  kh_portal_ask_background_async (
      _ ("Friends reach you while the window of Knothole is closed."),
      autostart ? command : NULL, callback, data);
}

static void
on_background_asked (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;

  if (kh_portal_ask_background_finish (result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
kh_autostart_ask_background_async (const char *data_dir, gboolean autostart,
                                   GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, data);

  g_task_set_source_tag (task, kh_autostart_ask_background_async);
  if (kh_portal_is_sandboxed ())
    ask_portal (data_dir, autostart, on_background_asked, g_object_ref (task));
  else
    g_task_return_boolean (task, TRUE);
}

gboolean
kh_autostart_ask_background_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- Setting -------------------------------------------------------------------------
 */

typedef struct
{
  GFile *file;
  char *text; /* NULL: remove it */
} SetJob;

static void
free_set_job (gpointer data)
{
  SetJob *job = data;

  g_object_unref (job->file);
  g_free (job->text);
  g_free (job);
}

static void
run_set (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  SetJob *job = data;
  g_autofree char *path = g_file_get_path (job->file);
  g_autofree char *folder = g_path_get_dirname (path);
  GError *error = NULL;
  gboolean good;

  if (job->text == NULL)
    good = g_file_delete (job->file, NULL, &error);
  else
    {
      g_mkdir_with_parents (folder, 0700);
      good = g_file_set_contents (path, job->text, -1, &error);
    }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    {
      g_clear_error (&error);
      good = TRUE;
    }
  if (good)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* What was granted is noted. Who wants it off gets that, whatever the portal says. */
static void
on_asked (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  const SetJob *job = g_task_get_task_data (task);
  GError *error = NULL;

  if (kh_portal_ask_background_finish (result, &error)
      || (job->text == NULL
          && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED)))
    {
      g_clear_error (&error);
      g_task_run_in_thread (task, run_set);
      return;
    }
  g_task_return_error (task, error);
}

void
kh_autostart_set_async (const char *data_dir, gboolean on, GAsyncReadyCallback callback,
                        gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, data);
  g_autofree char *program = kh_own_program_path ();
  g_autofree char *absolute = g_canonicalize_filename (data_dir, NULL);
  SetJob *job = g_new0 (SetJob, 1);

  g_task_set_source_tag (task, kh_autostart_set_async);
  job->file = get_file (data_dir);
  if (on)
    job->text = kh_autostart_text (program != NULL ? program : "knothole", absolute);
  g_task_set_task_data (task, job, free_set_job);
  if (kh_portal_is_sandboxed ())
    ask_portal (data_dir, on, on_asked, g_object_ref (task));
  else
    g_task_run_in_thread (task, run_set);
}

gboolean
kh_autostart_set_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
