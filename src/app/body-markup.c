/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/body-markup.h"

#define ANSWER_MS 2000

static void
on_capabilities (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  g_autofree const char **names = NULL;

  if (reply != NULL)
    g_variant_get (reply, "(^a&s)", &names);
  g_task_return_boolean (
      task, names != NULL && g_strv_contains ((const char *const *)names, "body-markup"));
}

static void
on_gnome (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GDBusConnection *bus = G_DBUS_CONNECTION (source);
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (bus, result, NULL);
  gboolean is_there = FALSE;

  if (reply != NULL)
    g_variant_get (reply, "(b)", &is_there);
  if (reply == NULL || is_there)
    {
      g_task_return_boolean (task, FALSE);
      return;
    }
  g_dbus_connection_call (
      bus, "org.freedesktop.Notifications", "/org/freedesktop/Notifications",
      "org.freedesktop.Notifications", "GetCapabilities", NULL, G_VARIANT_TYPE ("(as)"),
      G_DBUS_CALL_FLAGS_NONE, ANSWER_MS, g_task_get_cancellable (task), on_capabilities,
      g_object_ref (task));
}

void
kh_body_markup_ask (GDBusConnection *bus, GCancellable *cancellable,
                    GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (bus, cancellable, callback, data);

  /* In a sandbox GLib speaks to a portal. */
  if (bus == NULL || g_file_test ("/.flatpak-info", G_FILE_TEST_EXISTS))
    {
      g_task_return_boolean (task, FALSE);
      return;
    }
  g_dbus_connection_call (bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                          "org.freedesktop.DBus", "NameHasOwner",
                          g_variant_new ("(s)", "org.gtk.Notifications"),
                          G_VARIANT_TYPE ("(b)"), G_DBUS_CALL_FLAGS_NONE, ANSWER_MS,
                          cancellable, on_gnome, g_object_ref (task));
}

gboolean
kh_body_markup_ask_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
