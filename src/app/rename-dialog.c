/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/dialogs.h"
#include "app/server-text.h"
#include "app/show.h"

#include <glib/gi18n.h>

#define KH_TYPE_RENAME_DIALOG (kh_rename_dialog_get_type ())
G_DECLARE_FINAL_TYPE (KhRenameDialog, kh_rename_dialog, KH, RENAME_DIALOG, AdwWindow)

struct _KhRenameDialog
{
  AdwWindow parent_instance;

  /* Owned */
  KhClient *client;
  KhPerson *person;

  /* Template children */
  GtkEditable *name_row;
  GtkLabel *note;
  GtkWidget *rename_button;
};

G_DEFINE_FINAL_TYPE (KhRenameDialog, kh_rename_dialog, ADW_TYPE_WINDOW)

static void
say (KhRenameDialog *self, const char *text, gboolean wrong)
{
  GtkWidget *const marked[] = { GTK_WIDGET (self->name_row), GTK_WIDGET (self->note) };

  gtk_label_set_text (self->note, text);
  for (gsize i = 0; i < G_N_ELEMENTS (marked); i++)
    kh_show_class (marked[i], "error", wrong);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->name_row),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
}

static void
on_changed (KhRenameDialog *self)
{
  g_autofree char *name = g_strdup (gtk_editable_get_text (self->name_row));

  gtk_widget_set_sensitive (self->rename_button, *g_strstrip (name) != '\0');
  say (self, _ ("Only you see this name. It stays with this person’s key."), FALSE);
}

static void
on_rename (KhRenameDialog *self)
{
  g_autofree char *name = g_strdup (gtk_editable_get_text (self->name_row));
  g_autoptr (GError) error = NULL;

  g_strstrip (name);
  if (kh_client_rename_contact (self->client, kh_person_get_id (self->person), name,
                                &error))
    gtk_window_close (GTK_WINDOW (self));
  else
    say (self, kh_server_text_error (error), TRUE);
}

static void
kh_rename_dialog_dispose (GObject *object)
{
  KhRenameDialog *self = KH_RENAME_DIALOG (object);

  g_clear_object (&self->client);
  g_clear_object (&self->person);
  G_OBJECT_CLASS (kh_rename_dialog_parent_class)->dispose (object);
}

static void
kh_rename_dialog_class_init (KhRenameDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = kh_rename_dialog_dispose;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/knothole/Knothole/ui/rename-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, KhRenameDialog, name_row);
  gtk_widget_class_bind_template_child (widget_class, KhRenameDialog, note);
  gtk_widget_class_bind_template_child (widget_class, KhRenameDialog, rename_button);
  gtk_widget_class_bind_template_callback (widget_class, on_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_rename);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close",
                                       NULL);
}

static void
kh_rename_dialog_init (KhRenameDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
kh_rename_dialog_present (GtkWindow *parent, KhClient *client, KhPerson *person)
{
  KhRenameDialog *self
      = g_object_new (KH_TYPE_RENAME_DIALOG, "transient-for", parent, NULL);

  self->client = g_object_ref (client);
  self->person = g_object_ref (person);
  gtk_editable_set_text (self->name_row, kh_person_get_name (person));
  on_changed (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->name_row));
  gtk_editable_select_region (self->name_row, 0, -1);
  gtk_window_present (GTK_WINDOW (self));
}
