/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/application-private.h"

#include "app/server-text.h"

#include <glib/gi18n.h>
#include <string.h>

typedef struct
{
  KhApplication *application; /* holds it */
  char *uri;
} Move;

static void
free_move (Move *move)
{
  g_object_unref (move->application);
  g_free (move->uri);
  g_free (move);
}

/* Whoever sent the invite is why somebody opened it. */
static void
show_inviter (KhApplication *self, const KhPeerId *id)
{
  KhPerson *person = kh_people_require (self->people, id);

  if (person != NULL && self->window != NULL)
    kh_window_open_person (self->window, person);
}

static void
move_there (KhApplication *self, const char *uri)
{
  g_autoptr (GError) error = NULL;
  KhPeerId inviter;

  if (!kh_client_set_server (self->client, uri, NULL, NULL, &error))
    {
      kh_window_add_toast (self->window, kh_server_text_error (error));
      return;
    }
  kh_application_set_appear_offline (self, FALSE);
  if (kh_client_get_invited_by (self->client, &inviter)
      && !kh_peer_id_equal (&inviter, kh_client_get_id (self->client)))
    show_inviter (self, &inviter);
}

static void
on_move_answered (AdwMessageDialog *dialog, const char *response, gpointer data)
{
  Move *move = data;

  if (strcmp (response, "move") == 0 && move->application->client != NULL)
    move_there (move->application, move->uri);
  free_move (move);
}

static void
ask_to_move (KhApplication *self, const KhAddress *address, const char *uri)
{
  g_autofree char *place = kh_server_text_leads_to (address);
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self->window), NULL, NULL);
  AdwMessageDialog *message = ADW_MESSAGE_DIALOG (dialog);
  Move *move = g_new0 (Move, 1);

  move->application = g_object_ref (self);
  move->uri = g_strdup (uri);
  adw_message_dialog_set_heading (message, address->has_peer || *address->room != '\0'
                                               ? _ ("Move to the Room of This Invite?")
                                               : _ ("Move to This Server?"));
  /* Two paragraphs. */
  adw_message_dialog_format_body (
      message, "%s\n\n%s", place,
      _ ("You leave the room where you are now. Connections that stand go on, but people "
         "who are only there no longer see you."));
  adw_message_dialog_add_responses (message, "cancel", _ ("_Cancel"), "move", _ ("_Move"),
                                    NULL);
  adw_message_dialog_set_response_appearance (message, "move", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (message, "move");
  g_signal_connect (dialog, "response", G_CALLBACK (on_move_answered), move);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* The client is there already. */
static gboolean
leads_here (KhApplication *self, const KhAddress *address)
{
  g_autofree char *text = kh_client_make_invite (self->client, NULL, 0);
  KhAddress own;

  return text != NULL && kh_address_parse (text, &own) == KH_ADDRESS_OK
         && strcmp (address->host, own.host) == 0 && address->port == own.port
         && (!address->has_key || !own.has_key
             || memcmp (address->key, own.key, sizeof own.key) == 0)
         && strcmp (address->room, own.room) == 0;
}

static void
open_now (KhApplication *self, const char *uri)
{
  KhAddress address;
  KhAddressError problem = kh_address_parse (uri, &address);

  /* Which says itself what is wrong with it. */
  if (kh_window_take_link (self->window, uri))
    return;
  if (problem != KH_ADDRESS_OK)
    {
      kh_window_add_toast (self->window, kh_server_text_address_problem (problem));
      return;
    }
  if (!leads_here (self, &address))
    {
      ask_to_move (self, &address, uri);
      return;
    }
  if (address.has_peer)
    {
      KhPeerId id;

      memcpy (id.bytes, address.peer, sizeof id.bytes);
      if (!kh_peer_id_equal (&id, kh_client_get_id (self->client)))
        show_inviter (self, &id);
    }
}

void
kh_application_open_link (KhApplication *self, const char *uri)
{
  if (self->client == NULL || self->window == NULL)
    g_ptr_array_add (self->links, g_strdup (uri));
  else
    open_now (self, uri);
}

void
kh_application_open_waiting_links (KhApplication *self)
{
  g_autoptr (GPtrArray) links = g_steal_pointer (&self->links);

  self->links = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < links->len; i++)
    kh_application_open_link (self, g_ptr_array_index (links, i));
}
