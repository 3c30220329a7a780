/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/dialogs.h"

void
kh_shortcuts_present (GtkWindow *parent)
{
  GtkApplicationWindow *main_window = GTK_APPLICATION_WINDOW (parent);

  /* As its help overlay it finds the keys of actions by itself, and stays for next time.
   */
  if (gtk_application_window_get_help_overlay (main_window) == NULL)
    {
      g_autoptr (GtkBuilder) builder = gtk_builder_new_from_resource (
          "/io/github/knothole/Knothole/ui/shortcuts.ui");

      gtk_application_window_set_help_overlay (
          main_window,
          GTK_SHORTCUTS_WINDOW (gtk_builder_get_object (builder, "shortcuts")));
    }
  gtk_window_present (GTK_WINDOW (gtk_application_window_get_help_overlay (main_window)));
}
