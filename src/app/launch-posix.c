/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/launch.h"

#include "app/portal.h"

static void
on_launched (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;

  if (g_app_info_launch_default_for_uri_finish (result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
kh_launch_async (GtkWidget *widget, const char *uri, GAsyncReadyCallback callback,
                 gpointer data)
{
  GTask *task = g_task_new (NULL, NULL, callback, data);
  g_autoptr (GdkAppLaunchContext) context
      = gdk_display_get_app_launch_context (gtk_widget_get_display (widget));

  g_task_set_source_tag (task, kh_launch_async);
  g_app_info_launch_default_for_uri_async (uri, G_APP_LAUNCH_CONTEXT (context), NULL,
                                           on_launched, task);
}

gboolean
kh_launch_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- In their folder ------------------------------------------------------------- */

static void
refuse (GTask *task)
{
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                           "no file manager was there to ask");
}

static void
on_shown (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  g_autoptr (GVariant) answer
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);

  if (answer != NULL)
    g_task_return_boolean (task, TRUE);
  else
    refuse (task);
}

static void
on_bus (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  g_autoptr (GDBusConnection) bus = g_bus_get_finish (result, NULL);

  if (bus == NULL)
    {
      refuse (task);
      return;
    }
  g_dbus_connection_call (
      bus, "org.freedesktop.FileManager1", "/org/freedesktop/FileManager1",
      "org.freedesktop.FileManager1", "ShowItems",
      g_variant_new ("(^ass)", g_task_get_task_data (task), ""), NULL,
      G_DBUS_CALL_FLAGS_NONE, -1, NULL, on_shown, g_object_ref (task));
}

/* A sandbox has no name of the folder's that means anything outside: the portal does it.
 * It shows one file. */
static void
on_shown_by_portal (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;

  if (kh_portal_show_file_finish (result, &error))
    g_task_return_boolean (task, TRUE);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    g_task_return_error (task, error);
  else
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED, "%s", error->message);
      g_error_free (error);
    }
}

void
kh_launch_show_async (const char *const *uris, GAsyncReadyCallback callback,
                      gpointer data)
{
  GTask *task = g_task_new (NULL, NULL, callback, data);
  g_autofree char *first = NULL;

  g_task_set_source_tag (task, kh_launch_show_async);
  if (kh_portal_is_sandboxed ())
    {
      first = g_filename_from_uri (uris[0], NULL, NULL);
      kh_portal_show_file_async (first, on_shown_by_portal, task);
      return;
    }
  g_task_set_task_data (task, g_strdupv ((char **)uris), (GDestroyNotify)g_strfreev);
  g_bus_get (G_BUS_TYPE_SESSION, NULL, on_bus, task);
}

gboolean
kh_launch_show_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
