/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/person-questions.h"
#include "app/dialogs.h"
#include "app/name-isolate.h"
#include "app/person-text.h"
#include "app/window.h"
#include "core/history.h"

#include <glib/gi18n.h>

/* What a question is about, until it is answered. */
typedef struct
{
  KhClient *client;
  KhPerson *person;
  GtkCheckButton *history; /* forget only; borrowed from the dialog */
  GtkWindow *window;       /* delete only; weak */
} Question;

static void
free_question (gpointer data, GClosure *closure)
{
  Question *question = data;

  g_clear_weak_pointer (&question->window);
  g_object_unref (question->client);
  g_object_unref (question->person);
  g_free (question);
}

static Question *
make_question (KhClient *client, KhPerson *person)
{
  Question *question = g_new0 (Question, 1);

  question->client = g_object_ref (client);
  question->person = g_object_ref (person);
  return question;
}

const char *
kh_person_question_name (KhPerson *person)
{
  const char *name = kh_person_get_name (person);

  return *name != '\0' ? name : _ ("this person");
}

AdwMessageDialog *
kh_person_question_new (GtkWindow *parent, const char *heading, const char *body)
{
  GtkWidget *dialog = adw_message_dialog_new (parent, heading, body);

  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"));
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  return ADW_MESSAGE_DIALOG (dialog);
}

void
kh_person_block (KhClient *client, KhPerson *person)
{
  kh_client_set_contact (client, kh_person_get_id (person), KH_CONTACT_BLOCKED, TRUE);
}

static void
on_block (AdwMessageDialog *dialog, const char *response, Question *question)
{
  if (g_str_equal (response, "block"))
    kh_person_block (question->client, question->person);
}

void
kh_block_dialog_present (GtkWindow *parent, KhClient *client, KhPerson *person)
{
  g_autofree char *name = kh_name_isolate (kh_person_question_name (person));
  /* Translators: %s is a person's name. */
  g_autofree char *heading = g_strdup_printf (_ ("Block %s?"), name);
  AdwMessageDialog *dialog
      = kh_person_question_new (parent, heading,
                                _ ("They can’t call you or send you anything any more, "
                                   "and are not told so. You can "
                                   "take it back in the preferences."));

  adw_message_dialog_add_response (dialog, "block", _ ("_Block"));
  adw_message_dialog_set_response_appearance (dialog, "block", ADW_RESPONSE_DESTRUCTIVE);
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_block),
                         make_question (client, person), free_question, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
on_forget (AdwMessageDialog *dialog, const char *response, Question *question)
{
  if (g_str_equal (response, "forget"))
    kh_client_forget_contact (question->client, kh_person_get_id (question->person),
                              gtk_check_button_get_active (question->history));
}

void
kh_forget_dialog_present (GtkWindow *parent, KhClient *client, KhPerson *person)
{
  g_autofree char *name = kh_name_isolate (kh_person_question_name (person));
  /* Translators: %s is a person's name. */
  g_autofree char *heading = g_strdup_printf (_ ("Forget %s?"), name);
  AdwMessageDialog *dialog
      = kh_person_question_new (parent, heading,
                                _ ("They are no contact of yours any more: name, "
                                   "verification and choices are lost, "
                                   "and a next call is one of a stranger."));
  Question *question = make_question (client, person);

  question->history = GTK_CHECK_BUTTON (
      gtk_check_button_new_with_mnemonic (_ ("Also _delete what was said")));
  gtk_widget_set_halign (GTK_WIDGET (question->history), GTK_ALIGN_CENTER);
  adw_message_dialog_set_extra_child (dialog, GTK_WIDGET (question->history));
  adw_message_dialog_add_response (dialog, "forget", _ ("_Forget"));
  adw_message_dialog_set_response_appearance (dialog, "forget", ADW_RESPONSE_DESTRUCTIVE);
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_forget), question,
                         free_question, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
on_deleted (GObject *client, GAsyncResult *result, gpointer data)
{
  Question *question = data;
  gboolean deleted = kh_client_delete_history_finish (KH_CLIENT (client), result, NULL);

  if (question->window != NULL)
    kh_window_add_toast (KH_WINDOW (question->window),
                         deleted
                             ? _ ("Conversation deleted")
                             : _ ("The conversation could not be deleted: is the disk "
                                  "full?"));
  free_question (question, NULL);
}

static Question *
make_delete_question (KhClient *client, KhPerson *person, GtkWindow *window)
{
  Question *question = make_question (client, person);

  g_set_weak_pointer (&question->window, window);
  return question;
}

static void
on_delete (AdwMessageDialog *dialog, const char *response, Question *question)
{
  if (g_str_equal (response, "delete"))
    kh_client_delete_history_async (
        question->client, kh_person_get_id (question->person), on_deleted,
        make_delete_question (question->client, question->person, question->window));
}

void
kh_delete_dialog_present (GtkWindow *parent, KhClient *client, KhPerson *person)
{
  g_autofree char *shown = kh_person_text_name_of (person);
  g_autofree char *name = kh_name_isolate (shown);
  g_autofree char *heading
      = g_strdup_printf (_ ("Delete the Conversation With %s?"), name);
  AdwMessageDialog *dialog
      = kh_person_question_new (parent, heading,
                                _ ("Its messages, and those that wait to be sent, are "
                                   "removed from this computer for "
                                   "good. Received files stay where they are."));

  adw_message_dialog_add_response (dialog, "delete", _ ("_Delete"));
  adw_message_dialog_set_response_appearance (dialog, "delete", ADW_RESPONSE_DESTRUCTIVE);
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_delete),
                         make_delete_question (client, person, parent), free_question, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}
