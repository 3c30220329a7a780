/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/dialogs.h"
#include "app/passphrase-text.h"
#include "app/server-text.h"
#include "app/show.h"
#include "app/window.h"
#include "core/backup.h"

#include <glib/gi18n.h>

#define KH_TYPE_BACKUP_DIALOG (kh_backup_dialog_get_type ())
G_DECLARE_FINAL_TYPE (KhBackupDialog, kh_backup_dialog, KH, BACKUP_DIALOG, AdwWindow)

struct _KhBackupDialog
{
  AdwWindow parent_instance;

  /* Owned */
  KhClient *client;
  GtkFileChooserNative *chooser;
  GCancellable *cancellable;

  /* Template children */
  GtkWidget *save_button;
  GtkSpinner *spinner;
  GtkWidget *form;
  GtkEditable *passphrase_row;
  GtkEditable *again_row;
  GtkLabel *note;
};

G_DEFINE_FINAL_TYPE (KhBackupDialog, kh_backup_dialog, ADW_TYPE_WINDOW)

static void
say (KhBackupDialog *self, const char *text, gboolean wrong)
{
  gtk_label_set_text (self->note, text);
  kh_show_class (GTK_WIDGET (self->note), "error", wrong);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->passphrase_row),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
}

static void
on_changed (KhBackupDialog *self)
{
  const char *text;
  gboolean wrong;
  gboolean good
      = kh_passphrase_text_check (gtk_editable_get_text (self->passphrase_row),
                                  gtk_editable_get_text (self->again_row), &text, &wrong);

  gtk_widget_set_sensitive (self->save_button, good);
  say (self, text, wrong);
}

static void
on_first_activated (KhBackupDialog *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->again_row));
}

static void
set_busy (KhBackupDialog *self, gboolean busy)
{
  gtk_window_set_focus (GTK_WINDOW (self), NULL); /* no cursor in what is off */
  gtk_widget_set_sensitive (self->form, !busy);
  gtk_widget_set_sensitive (self->save_button, !busy);
  if (busy)
    {
      gtk_spinner_start (self->spinner);
      say (self, _ ("Sealing the file…"), FALSE);
    }
  else
    gtk_spinner_stop (self->spinner);
}

static void
on_saved (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (KhBackupDialog) self = data;
  g_autoptr (GError) error = NULL;
  gboolean saved = kh_backup_save_finish (KH_CLIENT (source), result, &error);
  GtkWindow *parent;

  if (self->client == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  set_busy (self, FALSE);
  if (!saved)
    {
      say (self, kh_server_text_error (error), TRUE);
      return;
    }
  parent = gtk_window_get_transient_for (GTK_WINDOW (self));
  if (ADW_IS_PREFERENCES_WINDOW (parent))
    adw_preferences_window_add_toast (ADW_PREFERENCES_WINDOW (parent),
                                      adw_toast_new (_ ("The backup is saved")));
  else if (KH_IS_WINDOW (parent))
    kh_window_add_toast (KH_WINDOW (parent), _ ("The backup is saved"));
  gtk_window_close (GTK_WINDOW (self));
}

static void
on_chosen (KhBackupDialog *self, int response)
{
  g_autoptr (GFile) file = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (self->chooser));
  g_clear_object (&self->chooser);
  if (file == NULL)
    return;
  set_busy (self, TRUE);
  kh_backup_save_async (self->client, file, gtk_editable_get_text (self->passphrase_row),
                        self->cancellable, on_saved, g_object_ref (self));
}

static void
on_choose (KhBackupDialog *self)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *date = g_date_time_format (now, "%Y-%m-%d");
  /* Translators: the name of a file; %s is a date like 2025-12-31. */
  g_autofree char *name = g_strdup_printf (_ ("Knothole backup %s.knothole"), date);

  if (self->chooser != NULL)
    return;
  self->chooser = gtk_file_chooser_native_new (_ ("Save the Backup"), GTK_WINDOW (self),
                                               GTK_FILE_CHOOSER_ACTION_SAVE, NULL, NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (self->chooser), name);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (on_chosen), self,
                           G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
kh_backup_dialog_dispose (GObject *object)
{
  KhBackupDialog *self = KH_BACKUP_DIALOG (object);

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->chooser);
  g_clear_object (&self->client);
  G_OBJECT_CLASS (kh_backup_dialog_parent_class)->dispose (object);
}

static void
kh_backup_dialog_class_init (KhBackupDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = kh_backup_dialog_dispose;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/knothole/Knothole/ui/backup-dialog.ui");
#define BIND(name)                                                                       \
  gtk_widget_class_bind_template_child (widget_class, KhBackupDialog, name)
  BIND (save_button);
  BIND (spinner);
  BIND (form);
  BIND (passphrase_row);
  BIND (again_row);
  BIND (note);
#undef BIND
  gtk_widget_class_bind_template_callback (widget_class, on_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_first_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_choose);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close",
                                       NULL);
}

static void
kh_backup_dialog_init (KhBackupDialog *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
kh_backup_dialog_present (GtkWindow *parent, KhClient *client)
{
  KhBackupDialog *self
      = g_object_new (KH_TYPE_BACKUP_DIALOG, "transient-for", parent, NULL);

  self->client = g_object_ref (client);
  on_changed (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->passphrase_row));
  gtk_window_present (GTK_WINDOW (self));
}
