/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/offer-answer.h"

#include "app/folder-text.h"
#include "app/parent-window.h"
#include "app/portal.h"
#include "app/toast.h"

#include <adwaita.h>
#include <glib/gi18n.h>

/* What is asked about. */
typedef struct
{
  GtkWidget *widget;
  KhClient *client;
  KhPeerId peer;
  KhItemId item;
  gboolean always;
  gboolean keep; /* the folder is for later ones, too */
} Question;

static Question *
question_new (GtkWidget *widget, KhClient *client, const KhPeerId *peer,
              const KhItemId *item)
{
  Question *self = g_new0 (Question, 1);

  self->widget = g_object_ref (widget);
  self->client = g_object_ref (client);
  self->peer = *peer;
  self->item = *item;
  return self;
}

static void
question_free (gpointer data, GClosure *closure)
{
  Question *self = data;

  g_object_unref (self->widget);
  g_object_unref (self->client);
  g_free (self);
}

/* --- Taking it ------------------------------------------------------------------- */

static void
take (KhClient *client, const KhPeerId *peer, const KhItemId *transfer,
      const char *folder, gboolean always)
{
  if (always)
    kh_client_set_contact (client, peer, KH_CONTACT_ACCEPTS_OFFERS, TRUE);
  kh_client_answer_offer (client, peer, transfer, TRUE, folder, NULL);
}

static void
on_chosen (GtkNativeDialog *dialog, int response, gpointer data)
{
  Question *question = data;
  g_autoptr (GFile) folder = NULL;
  g_autofree char *path = NULL;

  if (response != GTK_RESPONSE_ACCEPT)
    return;
  folder = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  path = folder != NULL ? g_file_get_path (folder) : NULL;
  if (path == NULL)
    {
      kh_toast_show (question->widget, _ ("Choose a folder on this computer"));
      return;
    }
  if (question->keep)
    kh_client_set_save_to (question->client, path);
  take (question->client, &question->peer, &question->item, path, question->always);
}

/* The chooser is its own owner until it is answered. */
static void
on_answered (GtkNativeDialog *dialog, int response, gpointer data)
{
  g_object_unref (dialog);
}

/* Takes @question. */
static void
choose (Question *question, const char *title, const char *accept)
{
  const char *usual = kh_client_get_save_to (question->client);
  GtkFileChooserNative *chooser
      = gtk_file_chooser_native_new (title, kh_parent_window_of (question->widget),
                                     GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, accept, NULL);
  g_autoptr (GFile) folder = NULL;

  if (usual != NULL && !kh_folder_text_is_document (usual))
    folder = g_file_new_for_path (usual);
  if (folder != NULL)
    gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (chooser), folder, NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (chooser), TRUE);
  g_signal_connect_data (chooser, "response", G_CALLBACK (on_chosen), question,
                         question_free, 0);
  g_signal_connect_after (chooser, "response", G_CALLBACK (on_answered), NULL);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

void
kh_offer_answer_choose (GtkWidget *widget, KhClient *client, const KhPeerId *peer,
                        const KhItemId *transfer, gboolean always)
{
  Question *question = question_new (widget, client, peer, transfer);

  question->always = always;
  choose (question, _ ("Save To"), _ ("_Save Here"));
}

gboolean
kh_offer_answer_lacks_folder (KhClient *client)
{
  const char *folder = kh_client_get_save_to (client);

  return kh_portal_is_sandboxed ()
         && (folder == NULL || !g_file_test (folder, G_FILE_TEST_IS_DIR));
}

void
kh_offer_answer_accept (GtkWidget *widget, KhClient *client, const KhPeerId *peer,
                        const KhItemId *transfer, gboolean always)
{
  Question *question;

  if (!kh_offer_answer_lacks_folder (client))
    {
      take (client, peer, transfer, NULL, always);
      return;
    }
  question = question_new (widget, client, peer, transfer);
  question->always = always;
  question->keep = TRUE;
  choose (question, _ ("Choose the Download Folder"), _ ("_Save Here"));
}

/* --- Cancelling it --------------------------------------------------------------- */

static void
cancel (const Question *question, gboolean discard)
{
  g_autoptr (GError) error = NULL;

  if (!kh_client_cancel_transfer (question->client, &question->peer, &question->item,
                                  discard, &error))
    /* Translators: a transfer of files that somebody wanted to stop */
    kh_toast_show (question->widget, _ ("It has ended already"));
}

static void
on_cancel_answer (AdwMessageDialog *dialog, const char *response, gpointer data)
{
  if (g_str_equal (response, "keep") || g_str_equal (response, "delete"))
    cancel (data, g_str_equal (response, "delete"));
}

static void
ask (GtkWidget *widget, Question *question, guint n_arrived)
{
  GtkWidget *dialog = adw_message_dialog_new (kh_parent_window_of (widget),
                                              _ ("Cancel and Delete?"), NULL);
  AdwMessageDialog *asked = ADW_MESSAGE_DIALOG (dialog);

  adw_message_dialog_format_body (
      asked,
      ngettext ("%'u file has arrived already. It can stay, or be deleted.",
                "%'u files have arrived already. They can stay, or be deleted.",
                n_arrived),
      n_arrived);
  adw_message_dialog_add_responses (asked, "back", _ ("_Go On Receiving"), "keep",
                                    _ ("Cancel, _Keep Files"), "delete",
                                    _ ("Cancel, _Delete Files"), NULL);
  adw_message_dialog_set_response_appearance (asked, "delete", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (asked, "keep");
  adw_message_dialog_set_close_response (asked, "back");
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_cancel_answer), question,
                         question_free, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

void
kh_offer_answer_cancel (GtkWidget *widget, KhClient *client, const KhTransferInfo *info)
{
  Question *question = question_new (widget, client, &info->peer, &info->item);

  if (!info->outgoing && info->done_files > 0)
    {
      ask (widget, question, info->done_files);
      return;
    }
  cancel (question, FALSE);
  question_free (question, NULL);
}
