/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/application-private.h"
#include "app/awake.h"

#include <glib/gi18n.h>
#include <string.h>

/* What somebody expects to arrive; what a person has paused may wait. @connected: only
 * what moves at this moment. */
static guint
count_under_way (KhClient *client, gboolean connected)
{
  g_autoptr (GPtrArray) transfers = kh_client_list_transfers (client);
  guint n = 0;

  for (guint i = 0; i < transfers->len; i++)
    {
      const KhTransferInfo *transfer = g_ptr_array_index (transfers, i);

      if (transfer->phase == KH_PHASE_RUNNING && !transfer->paused_here
          && !transfer->paused_there
          && (!connected || kh_client_is_connected (client, &transfer->peer)))
        n++;
    }
  return n;
}

static void
on_quit_answered (AdwMessageDialog *dialog, const char *response, gpointer data)
{
  if (strcmp (response, "quit") == 0)
    kh_application_end (data);
}

static void
ask (KhApplication *self, guint n)
{
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self->window),
                                              _ ("Files Are Still Under Way"), NULL);
  AdwMessageDialog *message = ADW_MESSAGE_DIALOG (dialog);

  adw_message_dialog_format_body (
      message,
      ngettext ("%u transfer is not finished. It stops when Knothole quits, and goes on "
                "from there the next time.",
                "%u transfers are not finished. They stop when Knothole quits, and go on "
                "from there the next time.",
                n),
      n);
  adw_message_dialog_add_responses (message, "cancel", _ ("_Cancel"), "quit", _ ("_Quit"),
                                    NULL);
  adw_message_dialog_set_response_appearance (message, "quit", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (message, "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_quit_answered), self, 0);
  g_set_weak_pointer (&self->question, dialog);
  kh_window_show (self->window);
  gtk_window_present (GTK_WINDOW (dialog));
}

void
kh_application_ask_to_quit (KhApplication *self)
{
  guint n = self->client != NULL ? count_under_way (self->client, FALSE) : 0;

  if (n == 0 || self->window == NULL)
    kh_application_end (self);
  else if (self->question != NULL)
    gtk_window_present (GTK_WINDOW (self->question));
  else
    ask (self, n);
}

/* --- Staying awake --------------------------------------------------------------------
 */

static void
update_inhibit (KhApplication *self)
{
  gboolean moving = self->client != NULL && count_under_way (self->client, TRUE) > 0;

  if (moving == (self->inhibited != 0))
    return;
  if (moving)
    self->inhibited = kh_awake_begin (GTK_APPLICATION (self), GTK_WINDOW (self->window),
                                      _ ("Files are under way"));
  else
    {
      kh_awake_end (GTK_APPLICATION (self), self->inhibited);
      self->inhibited = 0;
    }
}

static void
on_event (KhApplication *self, const KhEvent *event)
{
  switch (event->kind)
    {
    case KH_EVENT_TRANSFER:
    case KH_EVENT_INTERRUPTED:
    case KH_EVENT_DONE:
    case KH_EVENT_TRANSFER_ENDED:
    case KH_EVENT_CONNECTED:
    case KH_EVENT_DISCONNECTED:
      update_inhibit (self);
      break;
    default:
      break;
    }
}

void
kh_application_watch_transfers (KhApplication *self)
{
  g_signal_connect_object (self->client, "event", G_CALLBACK (on_event), self,
                           G_CONNECT_SWAPPED);
  update_inhibit (self);
}
