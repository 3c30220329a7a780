/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/person-actions.h"

#include "app/dialogs.h"

#include <glib/gi18n.h>
#include <string.h>

struct _KhPersonActions
{
  GObject parent_instance;

  /* Owned */
  KhClient *client;

  /* Borrowed */
  GActionMap *map; /* weak */
  GtkWidget *widget;
  KhPersonSubject subject;
  gpointer data;
};

G_DEFINE_FINAL_TYPE (KhPersonActions, kh_person_actions, G_TYPE_OBJECT)

/* What one action does, and when it can be done. */
typedef struct
{
  const char *name;
  void (*run) (KhPersonActions *self, KhPerson *person);
  gboolean (*can) (KhPersonActions *self, KhPerson *person); /* NULL: always */
  gboolean (*is_on) (KhPerson *person);                      /* NULL: it is no switch */
} Verb;

static GtkWindow *
window_of (KhPersonActions *self)
{
  return GTK_WINDOW (gtk_widget_get_root (self->widget));
}

/* --- What is done ------------------------------------------------------------------- */

gboolean
kh_person_may_write (KhPerson *person)
{
  return !kh_person_is_blocked (person) && kh_person_get_namesake (person) == NULL;
}

static gboolean
may_call (KhPerson *person)
{
  return kh_person_is_online (person) && kh_person_may_write (person)
         && kh_person_get_state (person) == KH_PERSON_IDLE;
}

void
kh_person_connect (KhClient *client, KhPerson *person)
{
  const KhPeerId *id = kh_person_get_id (person);

  if (!may_call (person) || kh_client_get_server_state (client) != KH_SERVER_ONLINE)
    return;
  if (!kh_person_accepts_calls (person))
    kh_client_set_contact (client, id, KH_CONTACT_ACCEPTS_CALLS, TRUE);
  kh_client_call (client, id);
}

static gboolean
can_connect (KhPersonActions *self, KhPerson *person)
{
  return may_call (person);
}

static void
connect_person (KhPersonActions *self, KhPerson *person)
{
  kh_person_connect (self->client, person);
}

static gboolean
can_hang_up (KhPersonActions *self, KhPerson *person)
{
  KhPersonState state = kh_person_get_state (person);

  return state != KH_PERSON_IDLE && state != KH_PERSON_REQUEST;
}

static void
hang_up (KhPersonActions *self, KhPerson *person)
{
  kh_client_hang_up (self->client, kh_person_get_id (person));
}

static void
rename_person (KhPersonActions *self, KhPerson *person)
{
  kh_rename_dialog_present (window_of (self), self->client, person);
}

static void
verify (KhPersonActions *self, KhPerson *person)
{
  kh_verify_dialog_present (window_of (self), self->client, person);
}

static void
mute (KhPersonActions *self, KhPerson *person)
{
  kh_client_set_contact (self->client, kh_person_get_id (person), KH_CONTACT_MUTED,
                         !kh_person_is_muted (person));
}

static void
accept_transfers (KhPersonActions *self, KhPerson *person)
{
  kh_client_set_contact (self->client, kh_person_get_id (person),
                         KH_CONTACT_ACCEPTS_OFFERS, !kh_person_accepts_offers (person));
}

static gboolean
can_block (KhPersonActions *self, KhPerson *person)
{
  return !kh_person_is_blocked (person);
}

static void
block (KhPersonActions *self, KhPerson *person)
{
  kh_block_dialog_present (window_of (self), self->client, person);
}

static gboolean
can_unblock (KhPersonActions *self, KhPerson *person)
{
  return kh_person_is_blocked (person);
}

static void
unblock (KhPersonActions *self, KhPerson *person)
{
  kh_client_set_contact (self->client, kh_person_get_id (person), KH_CONTACT_BLOCKED,
                         FALSE);
}

static void
show_reports (KhPersonActions *self, KhPerson *person)
{
  kh_reports_dialog_present (window_of (self), self->client, person);
}

static gboolean
can_forget (KhPersonActions *self, KhPerson *person)
{
  return kh_person_is_contact (person);
}

static void
forget (KhPersonActions *self, KhPerson *person)
{
  kh_forget_dialog_present (window_of (self), self->client, person);
}

static void
delete_history (KhPersonActions *self, KhPerson *person)
{
  kh_delete_dialog_present (window_of (self), self->client, person);
}

/* --- The table ---------------------------------------------------------------------- */

static const Verb verbs[] = {
  { "connect", connect_person, can_connect },
  { "hang-up", hang_up, can_hang_up },
  { "rename-person", rename_person },
  { "verify-person", verify },
  { "mute-person", mute, NULL, kh_person_is_muted },
  { "transfers-accept", accept_transfers, NULL, kh_person_accepts_offers },
  { "block-person", block, can_block },
  { "unblock-person", unblock, can_unblock },
  { "reports", show_reports },
  { "delete-history", delete_history },
  { "forget-person", forget, can_forget },
};

static const Verb *
find_verb (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (strcmp (verbs[i].name, name) == 0)
      return &verbs[i];
  g_assert_not_reached ();
}

static void
on_activate (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  KhPersonActions *self = data;
  KhPerson *subject = self->subject (self->data);
  g_autoptr (KhPerson) person = NULL;

  if (subject == NULL)
    return;
  person = g_object_ref (subject);
  find_verb (g_action_get_name (G_ACTION (action)))->run (self, person);
}

void
kh_person_actions_update (KhPersonActions *self)
{
  KhPerson *person = self->subject (self->data);

  for (guint i = 0; self->map != NULL && i < G_N_ELEMENTS (verbs); i++)
    {
      const Verb *verb = &verbs[i];
      GSimpleAction *action
          = G_SIMPLE_ACTION (g_action_map_lookup_action (self->map, verb->name));

      g_simple_action_set_enabled (
          action, person != NULL && (verb->can == NULL || verb->can (self, person)));
      if (verb->is_on != NULL)
        g_simple_action_set_state (
            action, g_variant_new_boolean (person != NULL && verb->is_on (person)));
    }
}

/* --- The object --------------------------------------------------------------------- */

static void
kh_person_actions_finalize (GObject *object)
{
  KhPersonActions *self = KH_PERSON_ACTIONS (object);

  g_clear_weak_pointer (&self->map);
  g_clear_object (&self->client);
  G_OBJECT_CLASS (kh_person_actions_parent_class)->finalize (object);
}

static void
kh_person_actions_class_init (KhPersonActionsClass *class)
{
  G_OBJECT_CLASS (class)->finalize = kh_person_actions_finalize;
}

static void
kh_person_actions_init (KhPersonActions *self)
{
}

KhPersonActions *
kh_person_actions_new (KhClient *client, GActionMap *map, GtkWidget *widget,
                       KhPersonSubject subject, gpointer data)
{
  KhPersonActions *self = g_object_new (KH_TYPE_PERSON_ACTIONS, NULL);

  self->client = g_object_ref (client);
  g_set_weak_pointer (&self->map, map);
  self->widget = widget;
  self->subject = subject;
  self->data = data;
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      g_autoptr (GSimpleAction) action
          = verbs[i].is_on != NULL ? g_simple_action_new_stateful (
                verbs[i].name, NULL, g_variant_new_boolean (FALSE))
                                   : g_simple_action_new (verbs[i].name, NULL);

      g_signal_connect_object (action, "activate", G_CALLBACK (on_activate), self, 0);
      g_action_map_add_action (map, G_ACTION (action));
    }
  kh_person_actions_update (self);
  return self;
}

/* --- The menu ----------------------------------------------------------------------- */

static void
append (GMenu *menu, const char *prefix, const char *name, const char *label)
{
  g_autofree char *action = g_strconcat (prefix, ".", name, NULL);

  g_menu_append (menu, label, action);
}

static void
append_section (GMenu *menu, GMenu *section)
{
  g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
  g_object_unref (section);
}

static GMenu *
connection_section (KhPerson *person, const char *prefix)
{
  GMenu *section = g_menu_new ();
  KhPersonState state = kh_person_get_state (person);

  if (state == KH_PERSON_CONNECTED)
    append (section, prefix, "hang-up", _ ("_Disconnect"));
  else if (state == KH_PERSON_CALLING || state == KH_PERSON_PUNCHING)
    append (section, prefix, "hang-up", _ ("_Stop Connecting"));
  else
    append (section, prefix, "connect", _ ("_Connect"));
  append (section, prefix, "reports", _ ("Connection _Reports"));
  return section;
}

GMenuModel *
kh_person_menu_new (KhPerson *person, const char *prefix)
{
  GMenu *menu = g_menu_new ();
  GMenu *identity = g_menu_new ();
  GMenu *choices = g_menu_new ();
  GMenu *ends = g_menu_new ();

  append_section (menu, connection_section (person, prefix));
  append (identity, prefix, "verify-person", _ ("_Verify…"));
  append (identity, prefix, "rename-person", _ ("Re_name…"));
  append_section (menu, identity);
  append (choices, prefix, "mute-person", _ ("_Mute"));
  append (choices, prefix, "transfers-accept", _ ("_Accept Files Without Asking"));
  append_section (menu, choices);
  append (ends, prefix, "delete-history", _ ("_Delete Conversation…"));
  if (kh_person_is_blocked (person))
    append (ends, prefix, "unblock-person", _ ("Un_block"));
  else
    append (ends, prefix, "block-person", _ ("_Block…"));
  append (ends, prefix, "forget-person", _ ("_Forget…"));
  append_section (menu, ends);
  return G_MENU_MODEL (menu);
}
