/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/open-link.h"

#include "app/toast.h"

#include <glib/gi18n.h>

static void
launch_done (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GtkWidget) widget = data;
  g_autoptr (GError) error = NULL;

  if (!g_app_info_launch_default_for_uri_finish (result, &error))
    kh_toast_show (widget, _ ("Nothing on this computer opens this link"));
}

static gboolean
open_here (const char *uri)
{
  GApplication *application = g_application_get_default ();
  g_autoptr (GFile) file = g_file_new_for_uri (uri);

  if (application == NULL
      || (g_application_get_flags (application) & G_APPLICATION_HANDLES_OPEN) == 0)
    return FALSE;
  g_application_open (application, &file, 1, "");
  return TRUE;
}

void
kh_open_link (GtkWidget *widget, const char *uri)
{
  g_autofree char *scheme = g_uri_parse_scheme (uri);
  GdkAppLaunchContext *context;

  if (scheme == NULL
      || !g_strv_contains (
          (const char *[]){ "http", "https", "mailto", "knothole", NULL }, scheme))
    return;
  if (g_str_equal (scheme, "knothole") && open_here (uri))
    return;
  context = gdk_display_get_app_launch_context (gtk_widget_get_display (widget));
  g_app_info_launch_default_for_uri_async (uri, G_APP_LAUNCH_CONTEXT (context), NULL,
                                           launch_done, g_object_ref (widget));
  g_object_unref (context);
}
