/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/fact-row.h"

static GtkWidget *
new_label (const char *text, const char *style)
{
  GtkWidget *label = g_object_new (GTK_TYPE_LABEL, "label", text, "xalign", 0.0, "wrap",
                                   TRUE, "wrap-mode", PANGO_WRAP_WORD_CHAR, NULL);

  if (style != NULL)
    gtk_widget_add_css_class (label, style);
  return label;
}

GtkWidget *
kh_fact_row_new (const char *title, const char *value, const char *style,
                 const char *note)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);

  gtk_widget_add_css_class (box, "fact");
  gtk_box_append (GTK_BOX (box), new_label (title, "caption-heading"));
  if (value != NULL)
    {
      GtkWidget *label = new_label (value, style);

      gtk_label_set_selectable (GTK_LABEL (label), TRUE);
      /* Tab goes from row to row; the pointer selects. One that is merely not focusable
       * takes the focus and gives it to nobody. */
      gtk_widget_set_can_focus (label, FALSE);
      gtk_box_append (GTK_BOX (box), label);
    }
  if (note != NULL)
    {
      GtkWidget *label = new_label (note, "caption");

      gtk_widget_add_css_class (label, "dim-label");
      gtk_box_append (GTK_BOX (box), label);
    }
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  title, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  value != NULL ? value : "", -1);
  return row;
}

void
kh_fact_row_set_mark (GtkListBoxRow *row, const char *text, const char *style)
{
  GtkWidget *box = gtk_list_box_row_get_child (row);
  GtkWidget *title = g_object_ref (gtk_widget_get_first_child (box));
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *mark = new_label (text, "caption-heading");

  gtk_widget_add_css_class (mark, style);
  gtk_label_set_xalign (GTK_LABEL (mark), 1);
  gtk_widget_set_hexpand (title, TRUE);
  gtk_box_remove (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (line), title);
  gtk_box_append (GTK_BOX (line), mark);
  gtk_box_prepend (GTK_BOX (box), line);
  g_object_unref (title);
}

void
kh_fact_list_clear (GtkListBox *list)
{
  GtkListBoxRow *row;

  while ((row = gtk_list_box_get_row_at_index (list, 0)) != NULL)
    gtk_list_box_remove (list, GTK_WIDGET (row));
}
