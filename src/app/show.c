/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/show.h"

void
kh_show_class (GtkWidget *widget, const char *name, gboolean on)
{
  if (on)
    gtk_widget_add_css_class (widget, name);
  else
    gtk_widget_remove_css_class (widget, name);
}

void
kh_show_take_text (GtkWidget *label, char *text)
{
  gtk_label_set_text (GTK_LABEL (label), text != NULL ? text : "");
  gtk_widget_set_visible (label, text != NULL && *text != '\0');
  g_free (text);
}
