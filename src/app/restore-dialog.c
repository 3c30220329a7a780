/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/dialogs.h"
#include "app/server-text.h"
#include "app/show.h"
#include "core/backup.h"

#include <glib/gi18n.h>

#define KH_TYPE_RESTORE_DIALOG (kh_restore_dialog_get_type ())
G_DECLARE_FINAL_TYPE (KhRestoreDialog, kh_restore_dialog, KH, RESTORE_DIALOG, AdwWindow)

struct _KhRestoreDialog
{
  AdwWindow parent_instance;

  /* Owned */
  KhApplication *application;
  GtkFileChooserNative *chooser;
  GFile *file;

  /* Template children */
  GtkWidget *cancel_button;
  GtkWidget *restore_button;
  GtkSpinner *spinner;
  GtkWidget *form;
  AdwActionRow *file_row;
  GtkWidget *choose_button;
  GtkEditable *passphrase_row;
  GtkLabel *note;

  /* State */
  gboolean busy;
};

G_DEFINE_FINAL_TYPE (KhRestoreDialog, kh_restore_dialog, ADW_TYPE_WINDOW)

static void
say (KhRestoreDialog *self, const char *text, gboolean wrong)
{
  gtk_label_set_text (self->note, text);
  kh_show_class (GTK_WIDGET (self->note), "error", wrong);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->passphrase_row),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
}

static void
on_changed (KhRestoreDialog *self)
{
  gtk_widget_set_sensitive (self->restore_button,
                            !self->busy && self->file != NULL
                                && *gtk_editable_get_text (self->passphrase_row) != '\0');
  if (!self->busy)
    say (self, "", FALSE);
}

/* Nobody leaves in the middle: the client is closed meanwhile. */
static void
set_busy (KhRestoreDialog *self, gboolean busy)
{
  self->busy = busy;
  gtk_window_set_focus (GTK_WINDOW (self), NULL); /* no cursor in what is off */
  gtk_widget_set_sensitive (self->form, !busy);
  gtk_widget_set_sensitive (self->cancel_button, !busy);
  if (busy)
    gtk_spinner_start (self->spinner);
  else
    gtk_spinner_stop (self->spinner);
  on_changed (self);
}

static void
on_restored (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (KhRestoreDialog) self = data;
  g_autoptr (GError) error = NULL;
  gboolean restored = kh_backup_restore_finish (result, &error);

  kh_application_reopen (self->application);
  set_busy (self, FALSE);
  if (restored)
    {
      gtk_window_close (GTK_WINDOW (self));
      return;
    }
  say (self, kh_server_text_error (error), TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (self->passphrase_row));
  gtk_editable_select_region (self->passphrase_row, 0, -1);
}

static void
on_closed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (KhRestoreDialog) self = data;

  kh_application_close_client_finish (KH_APPLICATION (source), result);
  kh_backup_restore_async (self->file, gtk_editable_get_text (self->passphrase_row),
                           kh_application_get_data_dir (self->application), NULL,
                           on_restored, g_object_ref (self));
}

static void
on_restore (KhRestoreDialog *self)
{
  set_busy (self, TRUE);
  say (self, _ ("Opening the backup…"), FALSE);
  kh_application_close_client_async (self->application, on_closed, g_object_ref (self));
}

static void
on_chosen (KhRestoreDialog *self, int response)
{
  g_autoptr (GFile) file = NULL;
  g_autofree char *name = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (self->chooser));
  g_clear_object (&self->chooser);
  if (file == NULL)
    return;
  g_set_object (&self->file, file);
  name = g_file_get_parse_name (file);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (self->file_row), FALSE);
  adw_action_row_set_subtitle (self->file_row, name);
  on_changed (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->passphrase_row));
}

static void
on_choose (KhRestoreDialog *self)
{
  if (self->chooser != NULL)
    return;
  self->chooser = gtk_file_chooser_native_new (_ ("Choose the Backup"), GTK_WINDOW (self),
                                               GTK_FILE_CHOOSER_ACTION_OPEN, NULL, NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (on_chosen), self,
                           G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static gboolean
kh_restore_dialog_close_request (GtkWindow *window)
{
  if (KH_RESTORE_DIALOG (window)->busy)
    return TRUE;
  return GTK_WINDOW_CLASS (kh_restore_dialog_parent_class)->close_request (window);
}

static void
kh_restore_dialog_dispose (GObject *object)
{
  KhRestoreDialog *self = KH_RESTORE_DIALOG (object);

  g_clear_object (&self->chooser);
  g_clear_object (&self->file);
  G_OBJECT_CLASS (kh_restore_dialog_parent_class)->dispose (object);
}

/* Not in dispose(): what is being restored ends with the application's client open. */
static void
kh_restore_dialog_finalize (GObject *object)
{
  g_clear_object (&KH_RESTORE_DIALOG (object)->application);
  G_OBJECT_CLASS (kh_restore_dialog_parent_class)->finalize (object);
}

static void
kh_restore_dialog_class_init (KhRestoreDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = kh_restore_dialog_dispose;
  G_OBJECT_CLASS (class)->finalize = kh_restore_dialog_finalize;
  GTK_WINDOW_CLASS (class)->close_request = kh_restore_dialog_close_request;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/knothole/Knothole/ui/restore-dialog.ui");
#define BIND(name)                                                                       \
  gtk_widget_class_bind_template_child (widget_class, KhRestoreDialog, name)
  BIND (cancel_button);
  BIND (restore_button);
  BIND (spinner);
  BIND (form);
  BIND (file_row);
  BIND (choose_button);
  BIND (passphrase_row);
  BIND (note);
#undef BIND
  gtk_widget_class_bind_template_callback (widget_class, on_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_choose);
  gtk_widget_class_bind_template_callback (widget_class, on_restore);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close",
                                       NULL);
}

static void
kh_restore_dialog_init (KhRestoreDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
kh_restore_dialog_present (GtkWindow *parent, KhApplication *application)
{
  KhRestoreDialog *self
      = g_object_new (KH_TYPE_RESTORE_DIALOG, "transient-for", parent, NULL);

  self->application = g_object_ref (application);
  on_changed (self);
  gtk_widget_grab_focus (self->choose_button);
  gtk_window_present (GTK_WINDOW (self));
}
