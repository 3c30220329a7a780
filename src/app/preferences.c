/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/dialogs.h"
#include "app/preferences-pages.h"

#include <glib/gi18n.h>

/* Wide enough that the switcher of four pages stays in the header bar. */
#define WIDTH 720
#define HEIGHT 640

typedef GtkWidget *(*MakePage) (KhApplication *application);

void
kh_preferences_present (GtkWindow *parent, KhApplication *application)
{
  static const MakePage make_page[] = { kh_server_page_new, kh_files_page_new,
                                        kh_choices_page_new, kh_system_page_new };
  GtkWidget *window;

  if (kh_application_get_client (application) == NULL)
    return; /* the data folder is not open yet */
  window = g_object_new (ADW_TYPE_PREFERENCES_WINDOW, "title", _ ("Preferences"),
                         "transient-for", parent, "application", application, "modal",
                         TRUE, "default-width", WIDTH, "default-height", HEIGHT, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (make_page); i++)
    adw_preferences_window_add (ADW_PREFERENCES_WINDOW (window),
                                ADW_PREFERENCES_PAGE (make_page[i](application)));
  gtk_window_present (GTK_WINDOW (window));
}
