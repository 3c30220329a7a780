/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/portal.h"

#include <gio/gunixfdlist.h>
#include <glib/gstdio.h>

/* A desktop on a bus of its own, which answers as it is told. */
typedef struct
{
  GTestDBus *bus;
  GDBusConnection *desktop;
  guint registered;
  guint named;
  GVariant *asked; /* the options of the last request */
  char *shown;     /* the file of the last OpenDirectory */
  guint32 response;
  gboolean background;
  gboolean autostart;
} Fixture;

static const char xml[]
    = "<node><interface name='org.freedesktop.portal.Background'>"
      "<method name='RequestBackground'><arg type='s' direction='in'/>"
      "<arg type='a{sv}' direction='in'/><arg type='o' direction='out'/></method>"
      "</interface><interface name='org.freedesktop.portal.OpenURI'>"
      "<method name='OpenDirectory'><arg type='s' direction='in'/>"
      "<arg type='h' direction='in'/><arg type='a{sv}' direction='in'/>"
      "<arg type='o' direction='out'/></method></interface></node>";

static void
answer (Fixture *f, const char *sender, GDBusMethodInvocation *invocation)
{
  g_autofree char *name = g_strdelimit (g_strdup (sender + 1), ".", '_');
  const char *token = NULL;
  g_autofree char *path = NULL;
  GVariantDict results;

  g_assert_true (g_variant_lookup (f->asked, "handle_token", "&s", &token));
  path = g_strdup_printf ("/org/freedesktop/portal/desktop/request/%s/%s", name, token);
  g_variant_dict_init (&results, NULL);
  if (f->shown == NULL)
    {
      g_variant_dict_insert (&results, "background", "b", f->background);
      g_variant_dict_insert (&results, "autostart", "b", f->autostart);
    }
  /* Ahead of the handle, as a portal may do. */
  g_dbus_connection_emit_signal (
      f->desktop, NULL, path, "org.freedesktop.portal.Request", "Response",
      g_variant_new ("(u@a{sv})", f->response, g_variant_dict_end (&results)), NULL);
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(o)", path));
}

static void
on_method (GDBusConnection *bus, const char *sender, const char *object,
           const char *interface, const char *method, GVariant *parameters,
           GDBusMethodInvocation *invocation, gpointer data)
{
  Fixture *f = data;

  g_clear_pointer (&f->asked, g_variant_unref);
  if (g_str_equal (method, "OpenDirectory"))
    {
      GUnixFDList *files = g_dbus_message_get_unix_fd_list (
          g_dbus_method_invocation_get_message (invocation));
      int fd = g_unix_fd_list_get (files, 0, NULL);
      g_autofree char *link = g_strdup_printf ("/proc/self/fd/%d", fd);

      f->shown = g_file_read_link (link, NULL);
      g_close (fd, NULL);
      g_variant_get (parameters, "(&sh@a{sv})", NULL, NULL, &f->asked);
    }
  else
    g_variant_get (parameters, "(&s@a{sv})", NULL, &f->asked);
  answer (f, sender, invocation);
}

static void
on_name (GDBusConnection *bus, const char *name, gpointer data)
{
  *(gboolean *)data = TRUE;
}

static const GDBusInterfaceVTable vtable = { .method_call = on_method };

static void export(Fixture *f, const char *interface)
{
  g_autoptr (GDBusNodeInfo) info = g_dbus_node_info_new_for_xml (xml, NULL);
  GError *error = NULL;

  f->registered = g_dbus_connection_register_object (
      f->desktop, "/org/freedesktop/portal/desktop",
      g_dbus_node_info_lookup_interface (info, interface), &vtable, f, NULL, &error);
  g_assert_no_error (error);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  gboolean owned = FALSE;
  GError *error = NULL;

  f->bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (f->bus);
  f->desktop = g_dbus_connection_new_for_address_sync (
      g_test_dbus_get_bus_address (f->bus),
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
          | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, NULL, &error);
  g_assert_no_error (error);
  if (data != NULL)
    export(f, data);
  f->named = g_bus_own_name_on_connection (f->desktop, "org.freedesktop.portal.Desktop",
                                           0, on_name, NULL, &owned, NULL);
  while (!owned)
    g_main_context_iteration (NULL, TRUE);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_bus_unown_name (f->named);
  if (f->registered != 0)
    g_dbus_connection_unregister_object (f->desktop, f->registered);
  g_clear_pointer (&f->asked, g_variant_unref);
  g_free (f->shown);
  g_dbus_connection_close_sync (f->desktop, NULL, NULL);
  g_object_unref (f->desktop);
  g_test_dbus_down (f->bus);
  g_object_unref (f->bus);
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **)data = g_object_ref (result);
}

static gboolean
ask (const char *const *command, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  kh_portal_ask_background_async ("To be reached.", command, on_done, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return kh_portal_ask_background_finish (result, error);
}

static const char *const command[] = { "knothole", "--background", NULL };

static void
test_what_was_granted_is_told (Fixture *f, gconstpointer data)
{
  GError *error = NULL;
  gboolean autostart = FALSE;
  g_autofree const char **words = NULL;

  f->background = f->autostart = TRUE;
  g_assert_true (ask (command, &error));
  g_assert_no_error (error);
  g_assert_true (g_variant_lookup (f->asked, "autostart", "b", &autostart) && autostart);
  g_assert_true (g_variant_lookup (f->asked, "commandline", "^a&s", &words));
  g_assert_true (g_strv_equal ((const char *const *)words, command));

  f->autostart = FALSE;
  g_assert_true (ask (NULL, &error));
  g_assert_no_error (error);
  g_assert_true (g_variant_lookup (f->asked, "autostart", "b", &autostart));
  g_assert_false (autostart);
}

static void
test_a_refusal_is_told (Fixture *f, gconstpointer data)
{
  static const struct
  {
    guint32 response;
    gboolean background, autostart;
  } refusals[] = { { 1, TRUE, TRUE }, { 0, FALSE, FALSE }, { 0, TRUE, FALSE } };

  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autoptr (GError) error = NULL;

      f->response = refusals[i].response;
      f->background = refusals[i].background;
      f->autostart = refusals[i].autostart;
      g_assert_false (ask (command, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
    }
}

static void
test_a_desktop_without_the_portal_is_told (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (ask (command, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
}

static gboolean
show (const char *path, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  kh_portal_show_file_async (path, on_done, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return kh_portal_show_file_finish (result, error);
}

static void
test_a_file_is_shown_by_what_it_is (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (g_get_user_data_dir (), "a b.txt", NULL);
  GError *error = NULL;

  g_assert_false (show (path, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_mkdir_with_parents (g_get_user_data_dir (), 0700);
  g_assert_true (g_file_set_contents (path, "x", 1, NULL));
  g_assert_true (show (path, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (f->shown, ==, path);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
#define BACKGROUND "org.freedesktop.portal.Background"
#define OPEN_URI "org.freedesktop.portal.OpenURI"
#define TEST(path, interface, function)                                                  \
  g_test_add ("/portal/" path, Fixture, interface, set_up, function, tear_down)
  TEST ("what-was-granted-is-told", BACKGROUND, test_what_was_granted_is_told);
  TEST ("a-refusal-is-told", BACKGROUND, test_a_refusal_is_told);
  TEST ("a-desktop-without-the-portal-is-told", OPEN_URI,
        test_a_desktop_without_the_portal_is_told);
  TEST ("a-file-is-shown-by-what-it-is", OPEN_URI, test_a_file_is_shown_by_what_it_is);
  return g_test_run ();
}
