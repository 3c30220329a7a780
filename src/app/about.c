/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/about-text.h"
#include "app/dialogs.h"

#include <glib/gi18n.h>

static char *
make_debug_info (GtkWindow *parent)
{
  GtkApplication *application
      = parent != NULL ? gtk_window_get_application (parent) : NULL;
  KhClient *client = KH_IS_APPLICATION (application)
                         ? kh_application_get_client (KH_APPLICATION (application))
                         : NULL;

  if (client == NULL)
    return kh_about_text_debug_info (KH_VERSION, KH_SERVER_NONE, NULL);
  return kh_about_text_debug_info (KH_VERSION, kh_client_get_server_state (client),
                                   kh_client_get_network (client));
}

void
kh_about_present (GtkWindow *parent)
{
  g_autofree char *debug_info = make_debug_info (parent);
  GtkWidget *window = g_object_new (
      ADW_TYPE_ABOUT_WINDOW, "application-name", _ ("Knothole"), "application-icon",
      KH_APP_ID, "version", KH_VERSION, "developer-name", _ ("The Knothole developers"),
      "comments", _ ("Direct connections between friends"), "license-type",
      GTK_LICENSE_GPL_3_0, "debug-info", debug_info, "debug-info-filename",
      "knothole-debug-info.txt",
      /* Translators: your names, one a line. */
      "translator-credits", _ ("translator-credits"), "transient-for", parent, "modal",
      TRUE, NULL);

  gtk_window_present (GTK_WINDOW (window));
}
