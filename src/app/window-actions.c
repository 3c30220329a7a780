/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/window-private.h"

/* Of what is done on the page of the panes. */
static const char *const of_main[] = {
  "search-people", "next-region", "previous-region", "previous-person", "next-person",
  "show-blocked",  "back"
};

/* Of what is done with the open conversation; the rest only where something may be sent.
 */
static const char *const of_person[] = { "search" };
static const char *const of_sending[] = { "attach", "attach-folder" };

static void
search_people (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  KhWindow *self = data;

  /* Narrow, the list is behind the conversation. */
  if (!gtk_widget_get_mapped (GTK_WIDGET (kh_main_page_get_list (self->main))))
    kh_main_page_go_back (self->main);
  kh_people_list_start_search (kh_main_page_get_list (self->main));
}

static void
search (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  KhWindow *self = data;

  kh_conversation_page_start_search (kh_main_page_get_conversation (self->main));
}

static void
next_region (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  kh_main_page_step_region (KH_WINDOW (data)->main, 1);
}

static void
previous_region (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  kh_main_page_step_region (KH_WINDOW (data)->main, -1);
}

static void
next_person (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  kh_people_list_step (kh_main_page_get_list (KH_WINDOW (data)->main), 1);
}

static void
previous_person (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  kh_people_list_step (kh_main_page_get_list (KH_WINDOW (data)->main), -1);
}

static void
back (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  kh_main_page_go_back (KH_WINDOW (data)->main);
}

static void
close_window (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gtk_window_close (GTK_WINDOW (data));
}

static void
attach (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  KhWindow *self = data;

  kh_conversation_page_attach (kh_main_page_get_conversation (self->main), FALSE);
}

static void
attach_folder (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  KhWindow *self = data;

  kh_conversation_page_attach (kh_main_page_get_conversation (self->main), TRUE);
}

static void
set_show_blocked (GSimpleAction *action, GVariant *state, gpointer data)
{
  KhWindow *self = data;

  g_simple_action_set_state (action, state);
  g_object_set (kh_main_page_get_list (self->main), "show-blocked",
                g_variant_get_boolean (state), NULL);
}

static const GActionEntry entries[] = {
  { "search-people", search_people },
  { "search", search },
  { "next-region", next_region },
  { "previous-region", previous_region },
  { "next-person", next_person },
  { "previous-person", previous_person },
  { "back", back },
  { "close", close_window },
  { "attach", attach },
  { "attach-folder", attach_folder },
  { "show-blocked", NULL, NULL, "false", set_show_blocked },
};

static void
enable (KhWindow *self, const char *const *names, guint n, gboolean enabled)
{
  for (guint i = 0; i < n; i++)
    g_simple_action_set_enabled (
        G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self), names[i])),
        enabled);
}

void
kh_window_update_actions (KhWindow *self)
{
  KhPerson *person = kh_window_get_person (self);

  enable (self, of_main, G_N_ELEMENTS (of_main), self->main != NULL);
  enable (self, of_person, G_N_ELEMENTS (of_person), person != NULL);
  enable (self, of_sending, G_N_ELEMENTS (of_sending),
          person != NULL && kh_person_may_write (person));
}

/* Behind whatever has a use for Escape itself. */
static void
add_escape (KhWindow *self)
{
  GtkEventController *keys = gtk_shortcut_controller_new ();

  gtk_shortcut_controller_add_shortcut (
      GTK_SHORTCUT_CONTROLLER (keys),
      gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_Escape, 0),
                        gtk_named_action_new ("win.back")));
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
}

void
kh_window_add_actions (KhWindow *self)
{
  add_escape (self);
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries),
                                   self);
  kh_window_update_actions (self);
}
