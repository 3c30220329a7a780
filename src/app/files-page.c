/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/folder-text.h"
#include "app/preferences-pages.h"
#include "core/history.h"

#include <glib/gi18n.h>

/* What the rows of speed count in. */
#define BYTES 1000

struct _KhFilesPage
{
  AdwPreferencesPage parent_instance;

  /* Owned */
  KhClient *client;
  GtkFileChooserNative *chooser;

  /* Template children */
  AdwActionRow *folder_row;
  GtkSpinButton *up_spin;
  GtkSpinButton *down_spin;
  GtkSwitch *history_switch;
  GtkWidget *delete_button;

  /* State */
  gboolean updating;
};

G_DEFINE_FINAL_TYPE (KhFilesPage, kh_files_page, ADW_TYPE_PREFERENCES_PAGE)

static GtkWindow *
get_window (KhFilesPage *self)
{
  return GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self)));
}

/* --- The folder ----------------------------------------------------------------------
 */

static void
show_folder (KhFilesPage *self)
{
  const char *folder = kh_client_get_save_to (self->client);
  g_autofree char *text = kh_folder_text (folder);

  adw_action_row_set_subtitle (self->folder_row, text);
}

static void
on_chosen (KhFilesPage *self, int response)
{
  g_autoptr (GFile) file = NULL;
  g_autofree char *path = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (self->chooser));
  g_clear_object (&self->chooser);
  path = file != NULL ? g_file_get_path (file) : NULL;
  if (path == NULL)
    return;
  kh_client_set_save_to (self->client, path);
  show_folder (self);
}

static void
on_choose (KhFilesPage *self)
{
  const char *folder = kh_client_get_save_to (self->client);
  g_autoptr (GFile) file = folder != NULL && !kh_folder_text_is_document (folder)
                               ? g_file_new_for_path (folder)
                               : NULL;

  if (self->chooser != NULL)
    return;
  self->chooser = gtk_file_chooser_native_new (
      _ ("Choose the Download Folder"), get_window (self),
      GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _ ("_Choose"), NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  if (file != NULL)
    gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (self->chooser), file, NULL);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (on_chosen), self,
                           G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

/* --- Speed ---------------------------------------------------------------------------
 */

static void
show_limits (KhFilesPage *self)
{
  guint64 up, down;

  kh_client_get_limits (self->client, &up, &down);
  gtk_spin_button_set_value (self->up_spin, (double)(up / BYTES));
  gtk_spin_button_set_value (self->down_spin, (double)(down / BYTES));
}

static void
on_limits_changed (KhFilesPage *self)
{
  if (!self->updating)
    kh_client_set_limits (self->client,
                          (guint64)gtk_spin_button_get_value (self->up_spin) * BYTES,
                          (guint64)gtk_spin_button_get_value (self->down_spin) * BYTES);
}

/* --- History -------------------------------------------------------------------------
 */

static void
on_history_switched (KhFilesPage *self)
{
  if (!self->updating)
    kh_client_set_keeps_history (self->client,
                                 gtk_switch_get_active (self->history_switch));
}

static void
on_deleted (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (KhFilesPage) self = data;
  g_autoptr (GError) error = NULL;
  gboolean deleted = kh_client_delete_history_finish (KH_CLIENT (source), result, &error);

  if (self->client == NULL || !ADW_IS_PREFERENCES_WINDOW (get_window (self)))
    return;
  gtk_widget_set_sensitive (self->delete_button, TRUE);
  adw_preferences_window_add_toast (
      ADW_PREFERENCES_WINDOW (get_window (self)),
      adw_toast_new (deleted
                         ? _ ("The history is deleted")
                         : _ ("The history could not be deleted: is the disk full?")));
}

static void
on_delete_answered (KhFilesPage *self, const char *response)
{
  if (!g_str_equal (response, "delete") || self->client == NULL)
    return;
  gtk_widget_set_sensitive (self->delete_button, FALSE);
  kh_client_delete_history_async (self->client, NULL, on_deleted, g_object_ref (self));
}

static void
on_delete (KhFilesPage *self)
{
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (adw_message_dialog_new (
      get_window (self), _ ("Delete all that was said?"),
      _ ("The messages with everybody and the list of finished transfers are gone for "
         "good, and so are messages that wait to be sent. Files that you received "
         "stay.")));

  adw_message_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), "delete",
                                    _ ("_Delete"), NULL);
  adw_message_dialog_set_close_response (dialog, "cancel");
  adw_message_dialog_set_default_response (dialog, "cancel");
  adw_message_dialog_set_response_appearance (dialog, "delete", ADW_RESPONSE_DESTRUCTIVE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_delete_answered), self,
                           G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* --- The page ------------------------------------------------------------------------
 */

static void
kh_files_page_dispose (GObject *object)
{
  KhFilesPage *self = KH_FILES_PAGE (object);

  g_clear_object (&self->chooser);
  g_clear_object (&self->client);
  G_OBJECT_CLASS (kh_files_page_parent_class)->dispose (object);
}

static void
kh_files_page_class_init (KhFilesPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = kh_files_page_dispose;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/knothole/Knothole/ui/files-page.ui");
#define BIND(name) gtk_widget_class_bind_template_child (widget_class, KhFilesPage, name)
  BIND (folder_row);
  BIND (up_spin);
  BIND (down_spin);
  BIND (history_switch);
  BIND (delete_button);
#undef BIND
  gtk_widget_class_bind_template_callback (widget_class, on_choose);
  gtk_widget_class_bind_template_callback (widget_class, on_limits_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_history_switched);
  gtk_widget_class_bind_template_callback (widget_class, on_delete);
}

static void
kh_files_page_init (KhFilesPage *self)
{
  self->updating = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
kh_files_page_new (KhApplication *application)
{
  KhFilesPage *self = g_object_new (KH_TYPE_FILES_PAGE, NULL);

  self->client = g_object_ref (kh_application_get_client (application));
  show_folder (self);
  show_limits (self);
  gtk_switch_set_active (self->history_switch,
                         kh_client_get_keeps_history (self->client));
  self->updating = FALSE;
  return GTK_WIDGET (self);
}
