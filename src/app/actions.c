/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/application-private.h"

#include "app/dialogs.h"
#include "app/offer-answer.h"

#include <string.h>

/* The window that is in front: dialogs stand over it. */
static GtkWindow *
front_window (KhApplication *self)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));

  return window != NULL ? window : GTK_WINDOW (self->window);
}

static void
preferences (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  KhApplication *self = data;

  if (self->client != NULL)
    kh_preferences_present (front_window (self), self);
}

static void
about (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  kh_about_present (front_window (data));
}

static void
shortcuts (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  kh_shortcuts_present (front_window (data));
}

static void
invite (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  KhApplication *self = data;

  if (self->client != NULL)
    kh_invite_dialog_present (front_window (self), self);
}

static void
backup (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  KhApplication *self = data;

  if (self->client != NULL)
    kh_backup_dialog_present (front_window (self), self->client);
}

static void
restore (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  kh_restore_dialog_present (front_window (data), data);
}

static void
quit (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  kh_application_ask_to_quit (data);
}

static void
try_again (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  kh_application_reopen (data);
}

static void
go_online (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  kh_application_set_appear_offline (data, FALSE);
}

static void
set_appear_offline (GSimpleAction *action, GVariant *state, gpointer data)
{
  kh_application_set_appear_offline (data, g_variant_get_boolean (state));
}

void
kh_application_set_appear_offline (KhApplication *self, gboolean offline)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), "appear-offline");

  if (self->client == NULL)
    return;
  g_simple_action_set_state (G_SIMPLE_ACTION (action), g_variant_new_boolean (offline));
  kh_client_set_setting (self->client, "app-appear-offline", offline ? "yes" : "no");
  if (offline)
    kh_client_go_offline (self->client);
  else
    kh_client_go_online (self->client);
}

/* --- Of notifications ----------------------------------------------------------------
 */

/* The person whose id's text this is; NULL: it is none that is listed. */
static KhPerson *
find_person (KhApplication *self, const char *text)
{
  guint n
      = self->people != NULL ? g_list_model_get_n_items (G_LIST_MODEL (self->people)) : 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (KhPerson) person
          = g_list_model_get_item (G_LIST_MODEL (self->people), i);
      g_autofree char *id = kh_peer_id_to_text (kh_person_get_id (person));

      if (strcmp (id, text) == 0)
        return person; /* the list keeps it */
    }
  return NULL;
}

static void
show_person (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  KhApplication *self = data;
  KhPerson *person = find_person (self, g_variant_get_string (parameter, NULL));

  g_application_activate (G_APPLICATION (self));
  if (person != NULL && self->window != NULL)
    kh_window_open_person (self->window, person);
}

static void
accept_call (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  KhApplication *self = data;
  KhPerson *person = find_person (self, g_variant_get_string (parameter, NULL));

  if (person == NULL || kh_person_get_namesake (person) != NULL)
    return;
  kh_client_set_contact (self->client, kh_person_get_id (person),
                         KH_CONTACT_ACCEPTS_CALLS, TRUE);
  kh_client_answer_call (self->client, kh_person_get_id (person), TRUE);
}

static void
decline_call (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  KhApplication *self = data;
  KhPerson *person = find_person (self, g_variant_get_string (parameter, NULL));

  if (person != NULL)
    kh_client_answer_call (self->client, kh_person_get_id (person), FALSE);
}

static gboolean
read_item_id (const char *text, KhItemId *item)
{
  if (strlen (text) != 2 * sizeof item->bytes)
    return FALSE;
  for (gsize i = 0; i < sizeof item->bytes; i++)
    {
      int high = g_ascii_xdigit_value (text[2 * i]);
      int low = g_ascii_xdigit_value (text[2 * i + 1]);

      if (high < 0 || low < 0)
        return FALSE;
      item->bytes[i] = (guint8)(high << 4 | low);
    }
  return TRUE;
}

static void
accept_offer (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  KhApplication *self = data;
  const char *peer, *transfer;
  KhPerson *person;
  KhItemId item;

  g_variant_get (parameter, "(&s&s)", &peer, &transfer);
  person = find_person (self, peer);
  if (person == NULL || self->window == NULL || !read_item_id (transfer, &item))
    return;
  if (kh_offer_answer_lacks_folder (self->client))
    {
      g_application_activate (G_APPLICATION (self));
      kh_window_open_person (self->window, person);
    }
  kh_offer_answer_accept (GTK_WIDGET (self->window), self->client,
                          kh_person_get_id (person), &item, FALSE);
}

/* --- The table -----------------------------------------------------------------------
 */

static const GActionEntry entries[] = {
  { "preferences", preferences },
  { "about", about },
  { "shortcuts", shortcuts },
  { "invite", invite },
  { "backup", backup },
  { "restore", restore },
  { "quit", quit },
  { "try-again", try_again },
  { "go-online", go_online },
  { "appear-offline", NULL, NULL, "false", set_appear_offline },
  { "show-person", show_person, "s" },
  { "accept-call", accept_call, "s" },
  { "decline-call", decline_call, "s" },
  { "accept-offer", accept_offer, "(ss)" },
};

/* The shortcuts window says the same (ui/shortcuts.ui). */
static const struct
{
  const char *action;
  const char *keys[3];
} keys[] = {
  { "app.preferences", { "<Primary>comma" } },
  { "app.shortcuts", { "<Primary>question", "F1" } },
  { "app.quit", { "<Primary>q" } },
  { "app.invite", { "<Primary>i" } },
  { "win.close", { "<Primary>w" } },
  { "win.search", { "<Primary>f" } },
  { "win.search-people", { "<Primary>k" } },
  { "win.attach", { "<Primary>o" } },
  { "win.attach-folder", { "<Primary><Shift>o" } },
  { "win.next-region", { "F6" } },
  { "win.previous-region", { "<Shift>F6" } },
  { "win.next-person", { "<Alt>Down" } },
  { "win.previous-person", { "<Alt>Up" } },
};

void
kh_application_add_actions (KhApplication *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries),
                                   self);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (self), keys[i].action,
                                           keys[i].keys);
}
