/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/copy-row.h"

#include <glib/gi18n.h>

/* As long as a toast stays. */
#define COPIED_S 3

struct _KhCopyRow
{
  AdwPreferencesRow parent_instance;

  /* Template children */
  GtkLabel *text;
  GtkButton *copy;

  /* State */
  guint copied_source;
};

G_DEFINE_FINAL_TYPE (KhCopyRow, kh_copy_row, ADW_TYPE_PREFERENCES_ROW)

static gboolean
end_copied (gpointer data)
{
  KhCopyRow *self = data;

  self->copied_source = 0;
  gtk_button_set_label (self->copy, _ ("Copy"));
  return G_SOURCE_REMOVE;
}

static void
on_copy (KhCopyRow *self)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)),
                          gtk_label_get_text (self->text));
  gtk_button_set_label (self->copy, _ ("Copied"));
  g_clear_handle_id (&self->copied_source, g_source_remove);
  self->copied_source = g_timeout_add_seconds (COPIED_S, end_copied, self);
}

static void
kh_copy_row_dispose (GObject *object)
{
  KhCopyRow *self = KH_COPY_ROW (object);

  g_clear_handle_id (&self->copied_source, g_source_remove);
  G_OBJECT_CLASS (kh_copy_row_parent_class)->dispose (object);
}

static void
kh_copy_row_class_init (KhCopyRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = kh_copy_row_dispose;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/knothole/Knothole/ui/copy-row.ui");
  gtk_widget_class_bind_template_child (widget_class, KhCopyRow, text);
  gtk_widget_class_bind_template_child (widget_class, KhCopyRow, copy);
  gtk_widget_class_bind_template_callback (widget_class, on_copy);
}

static void
kh_copy_row_init (KhCopyRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
kh_copy_row_set_text (KhCopyRow *self, const char *text)
{
  text = text != NULL ? text : "";
  if (g_str_equal (text, gtk_label_get_text (self->text)))
    return; /* what is selected stays so */
  gtk_label_set_text (self->text, text);
  gtk_widget_set_sensitive (GTK_WIDGET (self->copy), *text != '\0');
}

void
kh_copy_row_focus (KhCopyRow *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->copy));
  gtk_label_select_region (self->text, 0, 0); /* it was marked when it had the cursor */
}
