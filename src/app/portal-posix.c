/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/portal.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <unistd.h>

#define BUS_NAME "org.freedesktop.portal.Desktop"
#define OBJECT "/org/freedesktop/portal/desktop"

/* What a Response begins with. */
#define RESPONSE_GOOD 0

gboolean
kh_portal_is_sandboxed (void)
{
  static gsize known;

  if (g_once_init_enter (&known))
    g_once_init_leave (&known, access ("/.flatpak-info", F_OK) == 0 ? 2 : 1);
  return known == 2;
}

/* --- Requests ------------------------------------------------------------------------
 */

/* One that was made, until its Response. */
typedef struct
{
  /* Owned */
  GDBusConnection *bus;
  const char *interface; /* a literal */
  const char *method;    /* the same */
  char *token;
  char *reason;
  char **command;
  GUnixFDList *files;

  /* State */
  guint subscription;
} Request;

static void
free_request (gpointer data)
{
  Request *self = data;

  g_clear_object (&self->bus);
  g_clear_object (&self->files);
  g_free (self->token);
  g_free (self->reason);
  g_strfreev (self->command);
  g_free (self);
}

/* Holds the task no longer: the signal's closure is what held it last. */
static void
forget_response (Request *self)
{
  guint subscription = self->subscription;

  self->subscription = 0;
  if (subscription != 0)
    g_dbus_connection_signal_unsubscribe (self->bus, subscription);
}

/* A portal may say yes, and then not to all of it. */
static gboolean
is_granted (const Request *self, guint32 response, GVariant *results)
{
  gboolean granted = TRUE;

  if (response != RESPONSE_GOOD)
    return FALSE;
  if (g_variant_lookup (results, "background", "b", &granted) && !granted)
    return FALSE;
  return self->command == NULL || !g_variant_lookup (results, "autostart", "b", &granted)
         || granted;
}

static void
on_response (GDBusConnection *bus, const char *sender, const char *object,
             const char *interface, const char *signal, GVariant *parameters,
             gpointer data)
{
  g_autoptr (GTask) task = g_object_ref (data);
  Request *self = g_task_get_task_data (task);
  g_autoptr (GVariant) results = NULL;
  guint32 response;

  if (self->subscription == 0
      || !g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(ua{sv})")))
    return;
  g_variant_get (parameters, "(u@a{sv})", &response, &results);
  forget_response (self);
  if (is_granted (self, response, results))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                             "%s was refused", self->method);
}

static void
on_called (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Request *self = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GVariant) handle = g_dbus_connection_call_with_unix_fd_list_finish (
      G_DBUS_CONNECTION (source), NULL, result, &error);

  /* The Response may have come before. */
  if (handle != NULL || self->subscription == 0)
    {
      g_clear_error (&error);
      return;
    }
  forget_response (self);
  if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN)
      || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_INTERFACE)
      || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD))
    {
      g_error_free (error);
      error = g_error_new (G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "no portal for %s",
                           self->method);
    }
  g_task_return_error (task, error);
}

static GVariant *
make_parameters (const Request *self)
{
  GVariantDict options;

  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "handle_token", "s", self->token);
  if (self->files != NULL)
    return g_variant_new ("(sh@a{sv})", "", 0, g_variant_dict_end (&options));
  g_variant_dict_insert (&options, "reason", "s", self->reason);
  g_variant_dict_insert (&options, "autostart", "b", self->command != NULL);
  if (self->command != NULL)
    g_variant_dict_insert_value (
        &options, "commandline",
        g_variant_new_strv ((const char *const *)self->command, -1));
  return g_variant_new ("(s@a{sv})", "", g_variant_dict_end (&options));
}

/* Listens before it asks: the answer could be faster than the handle. */
static void
on_bus (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Request *self = g_task_get_task_data (task);
  g_autofree char *sender = NULL;
  g_autofree char *path = NULL;
  GError *error = NULL;

  self->bus = g_bus_get_finish (result, &error);
  if (self->bus == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  sender = g_strdup (g_dbus_connection_get_unique_name (self->bus) + 1);
  path = g_strdup_printf (OBJECT "/request/%s/%s", g_strdelimit (sender, ".", '_'),
                          self->token);
  self->subscription = g_dbus_connection_signal_subscribe (
      self->bus, BUS_NAME, "org.freedesktop.portal.Request", "Response", path, NULL,
      G_DBUS_SIGNAL_FLAGS_NONE, on_response, g_object_ref (task), g_object_unref);
  g_dbus_connection_call_with_unix_fd_list (
      self->bus, BUS_NAME, OBJECT, self->interface, self->method, make_parameters (self),
      G_VARIANT_TYPE ("(o)"), G_DBUS_CALL_FLAGS_NONE, G_MAXINT, self->files, NULL,
      on_called, g_object_ref (task));
}

/* Takes @self. */
static void
begin (Request *self, GTask *task)
{
  self->token = g_strdup_printf ("knothole%u", g_random_int ());
  g_task_set_task_data (task, self, free_request);
  g_bus_get (G_BUS_TYPE_SESSION, NULL, on_bus, g_object_ref (task));
}

/* --- Files ---------------------------------------------------------------------------
 */

void
kh_portal_show_file_async (const char *path, GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, data);
  /* Only to be read: the portal refuses what could be written, as O_PATH could. */
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  Request *request;

  g_task_set_source_tag (task, kh_portal_show_file_async);
  if (fd < 0)
    {
      g_task_return_new_error (task, G_IO_ERROR, g_io_error_from_errno (errno), "%s",
                               g_strerror (errno));
      return;
    }
  request = g_new0 (Request, 1);
  request->interface = "org.freedesktop.portal.OpenURI";
  request->method = "OpenDirectory";
  request->files = g_unix_fd_list_new_from_array (&fd, 1);
  begin (request, task);
}

gboolean
kh_portal_show_file_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- Running without a window --------------------------------------------------------
 */

void
kh_portal_ask_background_async (const char *reason, const char *const *command,
                                GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, data);
  Request *request = g_new0 (Request, 1);

  g_task_set_source_tag (task, kh_portal_ask_background_async);
  request->interface = "org.freedesktop.portal.Background";
  request->method = "RequestBackground";
  request->reason = g_strdup (reason);
  request->command = g_strdupv ((char **)command);
  begin (request, task);
}

gboolean
kh_portal_ask_background_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
