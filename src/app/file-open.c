/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/file-open.h"

#include "app/launch.h"
#include "app/name-isolate.h"
#include "app/parent-window.h"
#include "app/toast.h"
#include "app/transfer-look.h"

#include <adwaita.h>
#include <glib/gi18n.h>

/* What is to be opened, and from where. */
typedef struct
{
  GtkWidget *widget; /* Owned: it may leave its window meanwhile */
  char *path;
  char **uris; /* to be shown; NULL: @path is to be opened */
} Opening;

static Opening *
opening_new (GtkWidget *widget, const char *path)
{
  Opening *self = g_new0 (Opening, 1);

  self->widget = g_object_ref (widget);
  self->path = g_strdup (path);
  return self;
}

static void
opening_free (Opening *self)
{
  g_object_unref (self->widget);
  g_free (self->path);
  g_strfreev (self->uris);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Opening, opening_free)

static void
on_launched (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Opening) opening = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *shown = g_filename_display_basename (opening->path);
  g_autofree char *name = kh_name_isolate (shown);
  g_autofree char *text = NULL;

  /* Cancelled: asked which program is to open it, the person wanted none. */
  if (kh_launch_finish (result, &error)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    text = g_strdup_printf (_ ("“%s” is not there any more"), name);
  else
    text = g_strdup_printf (_ ("No program opens “%s”"), name);
  kh_toast_show (opening->widget, text);
}

static void
launch (GtkWidget *widget, const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autofree char *uri = g_file_get_uri (file);

  kh_launch_async (widget, uri, on_launched, opening_new (widget, path));
}

/* --- Programs -------------------------------------------------------------------- */

static void
on_answer (AdwMessageDialog *dialog, const char *response, gpointer data)
{
  Opening *opening = data;
  const char *paths[] = { opening->path, NULL };

  if (g_str_equal (response, "open"))
    launch (opening->widget, opening->path);
  else if (g_str_equal (response, "folder"))
    kh_file_show_in_folder (opening->widget, paths);
}

static void
free_opening (gpointer data, GClosure *closure)
{
  opening_free (data);
}

static void
ask (GtkWidget *widget, const char *path)
{
  g_autofree char *shown = g_filename_display_basename (path);
  g_autofree char *name = kh_name_isolate (shown);
  GtkWidget *dialog = adw_message_dialog_new (kh_parent_window_of (widget),
                                              _ ("Open This Program?"), NULL);
  AdwMessageDialog *question = ADW_MESSAGE_DIALOG (dialog);

  adw_message_dialog_format_body (
      question,
      _ ("“%s” may do anything on this computer once it is opened. Open it only if you "
         "know what it is and trust who made it."),
      name);
  adw_message_dialog_add_responses (question, "cancel", _ ("_Cancel"), "folder",
                                    _ ("_Show in Folder"), "open", _ ("_Open Anyway"),
                                    NULL);
  adw_message_dialog_set_response_appearance (question, "open", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (question, "cancel");
  adw_message_dialog_set_close_response (question, "cancel");
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_answer),
                         opening_new (widget, path), free_opening, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

typedef struct
{
  gboolean there;
  gboolean program;
} Looked;

#define LOOKED_FOR                                                                       \
  G_FILE_ATTRIBUTE_STANDARD_TYPE "," G_FILE_ATTRIBUTE_STANDARD_CONTENT_TYPE              \
                                 "," G_FILE_ATTRIBUTE_ACCESS_CAN_EXECUTE

/* On some disks every file has the right to run: its type counts, too. */
static gboolean
is_program (const char *path, GFileInfo *info)
{
  const char *type = g_file_info_get_content_type (info);

  if (g_file_info_get_file_type (info) == G_FILE_TYPE_DIRECTORY)
    return FALSE;
  return kh_transfer_look_is_program (path)
         || (g_file_info_get_attribute_boolean (info, G_FILE_ATTRIBUTE_ACCESS_CAN_EXECUTE)
             && (type == NULL || g_content_type_can_be_executable (type)));
}

static void
look_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Opening *opening = data;
  g_autoptr (GFile) file = g_file_new_for_path (opening->path);
  g_autoptr (GFileInfo) info
      = g_file_query_info (file, LOOKED_FOR, G_FILE_QUERY_INFO_NONE, cancellable, NULL);
  Looked *looked = g_new0 (Looked, 1);

  looked->there = info != NULL;
  looked->program = info != NULL && is_program (opening->path, info);
  g_task_return_pointer (task, looked, g_free);
}

static void
on_looked (GObject *source, GAsyncResult *result, gpointer data)
{
  const Opening *opening = g_task_get_task_data (G_TASK (result));
  g_autofree Looked *looked = g_task_propagate_pointer (G_TASK (result), NULL);
  g_autofree char *shown = g_filename_display_basename (opening->path);
  g_autofree char *name = kh_name_isolate (shown);
  g_autofree char *text = g_strdup_printf (_ ("“%s” is not there any more"), name);

  if (looked == NULL || !looked->there)
    kh_toast_show (opening->widget, text);
  else if (looked->program)
    ask (opening->widget, opening->path);
  else
    launch (opening->widget, opening->path);
}

void
kh_file_open (GtkWidget *widget, const char *path)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, on_looked, NULL);

  g_task_set_task_data (task, opening_new (widget, path), (GDestroyNotify)opening_free);
  g_task_run_in_thread (task, look_in_thread);
}

/* --- In their folder ------------------------------------------------------------- */

static void
on_shown (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Opening) opening = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_path_get_dirname (opening->path);
  g_autofree char *shown = g_filename_display_basename (opening->path);
  g_autofree char *name = kh_name_isolate (shown);
  g_autofree char *text = NULL;

  if (kh_launch_show_finish (result, &error))
    return;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED))
    {
      launch (opening->widget, folder);
      return;
    }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    text = g_strdup_printf (_ ("“%s” is not there any more"), name);
  else
    text = g_strdup_printf (_ ("The folder of “%s” can't be shown from here"), name);
  kh_toast_show (opening->widget, text);
}

void
kh_file_show_in_folder (GtkWidget *widget, const char *const *paths)
{
  g_autoptr (GStrvBuilder) uris = g_strv_builder_new ();
  Opening *opening = opening_new (widget, paths[0]);

  for (guint i = 0; paths[i] != NULL; i++)
    {
      g_autoptr (GFile) file = g_file_new_for_path (paths[i]);
      g_autofree char *uri = g_file_get_uri (file);

      g_strv_builder_add (uris, uri);
    }
  opening->uris = g_strv_builder_end (uris);
  kh_launch_show_async ((const char *const *)opening->uris, on_shown, opening);
}
