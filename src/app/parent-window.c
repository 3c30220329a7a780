/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/parent-window.h"

GtkWindow *
kh_parent_window_of (GtkWidget *widget)
{
  GtkRoot *root = gtk_widget_get_root (widget);

  return GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL;
}
