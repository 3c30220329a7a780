/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/open-link.h"

#include "app/launch.h"
#include "app/toast.h"

#include <glib/gi18n.h>

static void
launch_done (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GtkWidget) widget = data;
  g_autoptr (GError) error = NULL;

  if (!kh_launch_finish (result, &error))
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

  if (scheme == NULL
      || !g_strv_contains (
          (const char *[]){ "http", "https", "mailto", "knothole", NULL }, scheme))
    return;
  if (g_str_equal (scheme, "knothole") && open_here (uri))
    return;
  kh_launch_async (widget, uri, launch_done, g_object_ref (widget));
}
