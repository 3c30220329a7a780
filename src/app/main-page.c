/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/main-page.h"

#include "app/composer.h"
#include "app/connection-strip.h"
#include "app/nat-badge.h"
#include "app/person-actions.h"
#include "app/person-text.h"
#include "app/server-row.h"
#include "app/timeline-view.h"
#include "app/window-text.h"
#include "app/window.h"

#include <glib/gi18n.h>

struct _KhMainPage
{
  GtkWidget parent_instance;

  /* Owned */
  KhClient *client;
  KhPeople *people;
  KhPerson *person;

  /* Template, and what is put into it */
  KhSplit *split;
  AdwHeaderBar *sidebar_header;
  KhNatBadge *nat_badge;
  GtkBox *sidebar;
  AdwHeaderBar *content_header;
  GtkWidget *back;
  KhNatBadge *compact_badge; /* where the sidebar's is not seen */
  GtkWidget *title;
  GtkLabel *name;
  GtkWidget *verified;
  GtkLabel *status;
  GtkWidget *search;
  GtkMenuButton *menu;
  GtkStack *stack;
  AdwStatusPage *nobody;
  GtkWidget *invite;
  KhPeopleList *list;
  KhConversationPage *conversation;

  /* State */
  gboolean menu_is_old;
};

enum
{
  PROP_0,
  PROP_PERSON,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (KhMainPage, kh_main_page, GTK_TYPE_WIDGET)

/* --- Headers -------------------------------------------------------------------------
 */

static void
update_server (KhMainPage *self)
{
  KhServerState state = kh_client_get_server_state (self->client);
  const char *chosen = kh_client_get_setting (self->client, "app-appear-offline");

  kh_nat_badge_set_server (self->nat_badge,
                           kh_window_text_server (state, g_strcmp0 (chosen, "yes") == 0));
}

/* The buttons of the window stand at its outer ends, wherever the panes are. */
static void
update_narrow (KhMainPage *self)
{
  gboolean narrow = kh_split_is_narrow (self->split);

  adw_header_bar_set_show_end_title_buttons (self->sidebar_header, narrow);
  adw_header_bar_set_show_start_title_buttons (self->content_header, narrow);
  gtk_widget_set_visible (self->back, narrow);
  gtk_widget_set_visible (GTK_WIDGET (self->compact_badge), narrow);
  kh_people_list_set_narrow (self->list, narrow);
  /* Where there is no room for it, the menu and Ctrl+F have it. */
  gtk_widget_set_visible (self->search, self->person != NULL && !narrow);
  if (narrow && self->person == NULL)
    kh_split_set_show_content (self->split, FALSE);
}

static void
update_person (KhMainPage *self)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *name = NULL;
  g_autofree char *status = NULL;
  KhPersonFacts facts;

  if (self->person == NULL)
    return;
  kh_person_facts_read (&facts, self->person);
  name = kh_person_text_name (&facts);
  status = kh_person_text_status (&facts, now);
  gtk_label_set_label (self->name, name);
  gtk_label_set_label (self->status, status);
  gtk_widget_set_visible (self->verified, facts.verified);
  self->menu_is_old = TRUE;
}

/* Made when it is opened: what it offers depends on how it stands. */
static void
fill_menu (GtkMenuButton *button, gpointer data)
{
  KhMainPage *self = data;
  g_autoptr (GMenuModel) model = NULL;

  if (self->person == NULL || !self->menu_is_old)
    return;
  self->menu_is_old = FALSE;
  model = kh_person_menu_new (self->person, "win");
  gtk_menu_button_set_menu_model (button, model);
}

/* Nobody to choose: alone in the room, or not in it. */
static void
update_nobody (KhMainPage *self)
{
  gboolean alone = g_list_model_get_n_items (G_LIST_MODEL (self->people)) == 0;
  KhNobodyText text
      = kh_window_text_nobody (kh_client_get_server_state (self->client), alone);

  adw_status_page_set_title (self->nobody, text.title);
  adw_status_page_set_description (self->nobody, text.description);
  gtk_widget_set_visible (self->invite, text.button != NULL);
  if (text.button == NULL)
    return;
  gtk_button_set_label (GTK_BUTTON (self->invite), text.button);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->invite), text.action);
}

static void
update_page (KhMainPage *self)
{
  gboolean any = self->person != NULL;

  gtk_widget_set_visible (self->title, any);
  gtk_widget_set_visible (self->search, any && !kh_split_is_narrow (self->split));
  gtk_widget_set_visible (GTK_WIDGET (self->menu), any);
  gtk_stack_set_visible_child_name (self->stack, any ? "conversation" : "nobody");
  kh_split_set_show_content (self->split, any);
}

/* --- The conversation ----------------------------------------------------------------
 */

static void
make_conversation (KhMainPage *self)
{
  GtkWidget *page;

  if (self->conversation != NULL)
    return;
  page = kh_conversation_page_new (self->client, self->people);
  self->conversation = KH_CONVERSATION_PAGE (page);
  gtk_stack_add_named (self->stack, page, "conversation");
}

void
kh_main_page_show (KhMainPage *self, KhPerson *person)
{
  if (self->person == person)
    {
      if (person != NULL)
        kh_split_set_show_content (self->split, TRUE);
      return;
    }
  if (self->person != NULL)
    g_signal_handlers_disconnect_by_func (self->person, update_person, self);
  g_set_object (&self->person, person);
  if (person != NULL)
    {
      make_conversation (self);
      g_signal_connect_object (person, "changed", G_CALLBACK (update_person), self,
                               G_CONNECT_SWAPPED);
      update_person (self);
    }
  if (self->conversation != NULL)
    kh_conversation_page_set_person (self->conversation, person);
  kh_people_list_select (self->list, person);
  update_page (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PERSON]);
}

KhPerson *
kh_main_page_get_person (KhMainPage *self)
{
  return self->person;
}

gboolean
kh_main_page_is_conversation_visible (KhMainPage *self)
{
  return self->person != NULL
         && (!kh_split_is_narrow (self->split)
             || kh_split_get_show_content (self->split));
}

/* Narrow, the conversation is left; wide, the cursor goes to the list. */
gboolean
kh_main_page_go_back (KhMainPage *self)
{
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (GTK_WIDGET (self)));

  if (kh_split_is_narrow (self->split))
    {
      if (!kh_split_get_show_content (self->split))
        return FALSE;
      kh_main_page_show (self, NULL);
    }
  else if (focus != NULL && gtk_widget_is_ancestor (focus, GTK_WIDGET (self->list)))
    return FALSE;
  kh_people_list_focus (self->list);
  return TRUE;
}

KhPeopleList *
kh_main_page_get_list (KhMainPage *self)
{
  return self->list;
}

KhConversationPage *
kh_main_page_get_conversation (KhMainPage *self)
{
  return self->conversation;
}

/* --- Regions -------------------------------------------------------------------------
 */

static GtkWidget *
find_inside (GtkWidget *widget, GType type)
{
  GtkWidget *found = NULL;

  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget);
       child != NULL && found == NULL; child = gtk_widget_get_next_sibling (child))
    found = find_inside (child, type);
  return found;
}

static gboolean
focus_region (KhMainPage *self, GType type)
{
  GtkWidget *region;

  if (type == KH_TYPE_PEOPLE_LIST)
    {
      if (kh_split_is_narrow (self->split) && kh_split_get_show_content (self->split))
        return FALSE;
      kh_people_list_focus (self->list);
      return TRUE;
    }
  if (self->person == NULL || !kh_main_page_is_conversation_visible (self))
    return FALSE;
  if (type == KH_TYPE_TIMELINE_VIEW)
    return kh_conversation_page_focus_timeline (self->conversation);
  if (type == KH_TYPE_COMPOSER)
    {
      kh_conversation_page_focus_composer (self->conversation);
      return TRUE;
    }
  region = find_inside (GTK_WIDGET (self->conversation), KH_TYPE_CONNECTION_STRIP);
  return region != NULL && kh_connection_strip_focus (KH_CONNECTION_STRIP (region));
}

void
kh_main_page_step_region (KhMainPage *self, int step)
{
  const GType regions[] = { KH_TYPE_PEOPLE_LIST, KH_TYPE_CONNECTION_STRIP,
                            KH_TYPE_TIMELINE_VIEW, KH_TYPE_COMPOSER };
  const int n = G_N_ELEMENTS (regions);
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (GTK_WIDGET (self)));
  int at = step > 0 ? -1 : n;

  for (int i = 0; focus != NULL && i < n; i++)
    if (gtk_widget_get_ancestor (focus, regions[i]) != NULL)
      at = i;
  for (int tried = 0; tried < n; tried++)
    {
      at = (at + step + n) % n;
      if (focus_region (self, regions[at]))
        return;
    }
}

/* --- The object ----------------------------------------------------------------------
 */

static void
on_open (KhMainPage *self, KhPerson *person)
{
  kh_window_open_person (KH_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), person);
}

static void
on_visit (KhMainPage *self, KhPerson *person)
{
  kh_main_page_show (self, person);
  kh_conversation_page_focus_composer (self->conversation);
}

static void
on_event (KhMainPage *self, const KhEvent *event)
{
  if (event->kind != KH_EVENT_ONLINE && event->kind != KH_EVENT_OFFLINE)
    return;
  update_server (self);
  update_nobody (self);
}

static void
kh_main_page_dispose (GObject *object)
{
  KhMainPage *self = KH_MAIN_PAGE (object);
  GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self));

  if (self->person != NULL)
    g_signal_handlers_disconnect_by_func (self->person, update_person, self);
  g_clear_pointer (&child, gtk_widget_unparent);
  g_clear_object (&self->person);
  g_clear_object (&self->people);
  g_clear_object (&self->client);
  G_OBJECT_CLASS (kh_main_page_parent_class)->dispose (object);
}

static void
kh_main_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  if (id == PROP_PERSON)
    g_value_set_object (value, KH_MAIN_PAGE (object)->person);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
kh_main_page_class_init (KhMainPageClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  g_type_ensure (KH_TYPE_NAT_BADGE);

  object_class->dispose = kh_main_page_dispose;
  object_class->get_property = kh_main_page_get_property;
  properties[PROP_PERSON] = g_param_spec_object (
      "person", NULL, NULL, KH_TYPE_PERSON, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (KH_TYPE_SPLIT);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/knothole/Knothole/ui/main-page.ui");
  gtk_widget_class_bind_template_child (widget_class, KhMainPage, split);
  gtk_widget_class_bind_template_child (widget_class, KhMainPage, sidebar_header);
  gtk_widget_class_bind_template_child (widget_class, KhMainPage, nat_badge);
  gtk_widget_class_bind_template_child (widget_class, KhMainPage, sidebar);
  gtk_widget_class_bind_template_child (widget_class, KhMainPage, content_header);
  gtk_widget_class_bind_template_child (widget_class, KhMainPage, back);
  gtk_widget_class_bind_template_child (widget_class, KhMainPage, compact_badge);
  gtk_widget_class_bind_template_child (widget_class, KhMainPage, title);
  gtk_widget_class_bind_template_child (widget_class, KhMainPage, name);
  gtk_widget_class_bind_template_child (widget_class, KhMainPage, verified);
  gtk_widget_class_bind_template_child (widget_class, KhMainPage, status);
  gtk_widget_class_bind_template_child (widget_class, KhMainPage, search);
  gtk_widget_class_bind_template_child (widget_class, KhMainPage, menu);
  gtk_widget_class_bind_template_child (widget_class, KhMainPage, stack);
  gtk_widget_class_bind_template_child (widget_class, KhMainPage, nobody);
  gtk_widget_class_bind_template_child (widget_class, KhMainPage, invite);
  gtk_widget_class_bind_template_callback (widget_class, update_narrow);
}

static void
kh_main_page_init (KhMainPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_menu_button_set_create_popup_func (self->menu, fill_menu, self, NULL);
}

GtkWidget *
kh_main_page_new (KhClient *client, KhPeople *people)
{
  KhMainPage *self = g_object_new (KH_TYPE_MAIN_PAGE, NULL);

  self->client = g_object_ref (client);
  self->people = g_object_ref (people);
  self->list = KH_PEOPLE_LIST (kh_people_list_new (client, people));
  kh_nat_badge_set_client (self->nat_badge, client);
  kh_nat_badge_set_client (self->compact_badge, client);
  kh_nat_badge_be_compact (self->compact_badge);
  gtk_box_append (self->sidebar, kh_server_row_new (client));
  gtk_widget_set_vexpand (GTK_WIDGET (self->list), TRUE);
  gtk_box_append (self->sidebar, GTK_WIDGET (self->list));
  g_signal_connect_object (self->list, "open", G_CALLBACK (on_open), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->list, "visit", G_CALLBACK (on_visit), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (people, "items-changed", G_CALLBACK (update_nobody), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (client, "event", G_CALLBACK (on_event), self,
                           G_CONNECT_SWAPPED);
  update_server (self);
  update_nobody (self);
  update_page (self);
  update_narrow (self);
  return GTK_WIDGET (self);
}
