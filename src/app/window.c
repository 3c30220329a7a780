/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/window-private.h"

#include "app/memory.h"
#include "app/present.h"
#include "app/trouble-text.h"
#include "app/window-text.h"

#include <glib/gi18n.h>

#define DEFAULT_WIDTH 1000
#define DEFAULT_HEIGHT 700

G_DEFINE_FINAL_TYPE (KhWindow, kh_window, ADW_TYPE_APPLICATION_WINDOW)

/* --- What a person sees ------------------------------------------------------------- */

static KhPerson *
get_person (gpointer data)
{
  return kh_window_get_person (data);
}

static void
update_title (KhWindow *self)
{
  guint unread = self->people != NULL ? kh_people_get_unread (self->people) : 0;
  g_autofree char *title = kh_window_text_title (unread);

  if (g_strcmp0 (gtk_window_get_title (GTK_WINDOW (self)), title) != 0)
    gtk_window_set_title (GTK_WINDOW (self), title);
}

/* GTK keeps a window active that was hidden while it was. */
static gboolean
is_looked_at (KhWindow *self)
{
  return gtk_widget_get_mapped (GTK_WIDGET (self))
         && gtk_window_is_active (GTK_WINDOW (self))
         && kh_main_page_is_conversation_visible (self->main);
}

/* What is on the screen of an active window need not be told by the desktop. */
static void
update_seen (KhWindow *self)
{
  KhPerson *person = kh_window_get_person (self);

  if (person != NULL && kh_window_is_watching (self, kh_person_get_id (person)))
    kh_application_seen (self->application, kh_person_get_id (person));
}

static void
on_person_changed (KhWindow *self)
{
  kh_person_actions_update (self->actions);
  kh_window_update_actions (self);
}

static void
leave_person (KhWindow *self)
{
  if (self->shown != NULL)
    g_signal_handlers_disconnect_by_data (self->shown, self);
  g_clear_object (&self->shown);
}

static void
on_person_shown (KhWindow *self)
{
  KhPerson *person = kh_window_get_person (self);

  leave_person (self);
  g_set_object (&self->shown, person);
  if (person != NULL)
    g_signal_connect_object (person, "changed", G_CALLBACK (on_person_changed), self,
                             G_CONNECT_SWAPPED);
  on_person_changed (self);
  update_seen (self);
  kh_memory_give_back_soon ();
}

gboolean
kh_window_is_watching (KhWindow *self, const KhPeerId *id)
{
  KhPerson *person = kh_window_get_person (self);

  return person != NULL && kh_peer_id_equal (kh_person_get_id (person), id)
         && is_looked_at (self);
}

/* --- Size -----------------------------------------------------------------------------
 */

static void
restore_size (KhWindow *self)
{
  int width, height;
  gboolean maximized;

  if (!kh_window_parse_size (kh_client_get_setting (self->client, "app-window"), &width,
                             &height, &maximized))
    return;
  gtk_window_set_default_size (GTK_WINDOW (self), width, height);
  if (maximized)
    gtk_window_maximize (GTK_WINDOW (self));
}

void
kh_window_keep_state (KhWindow *self)
{
  g_autofree char *size = NULL;
  int width, height;

  if (self->client == NULL)
    return;
  gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
  size = kh_window_text_size (width, height, gtk_window_is_maximized (GTK_WINDOW (self)));
  if (g_strcmp0 (size, kh_client_get_setting (self->client, "app-window")) != 0)
    kh_client_set_setting (self->client, "app-window", size);
}

/* --- Pages ----------------------------------------------------------------------------
 */

static void
put_page (KhWindow *self, const char *name, GtkWidget *page)
{
  gtk_stack_add_named (self->stack, page, name);
  gtk_stack_set_visible_child_name (self->stack, name);
}

static void
drop_page (KhWindow *self, const char *name)
{
  GtkWidget *page = gtk_stack_get_child_by_name (self->stack, name);

  if (page != NULL)
    gtk_stack_remove (self->stack, page);
}

static void
show_main (KhWindow *self)
{
  if (self->main == NULL)
    {
      self->main = KH_MAIN_PAGE (kh_main_page_new (self->client, self->people));
      g_signal_connect_object (self->main, "notify::person", G_CALLBACK (on_person_shown),
                               self, G_CONNECT_SWAPPED);
      put_page (self, "main", GTK_WIDGET (self->main));
    }
  else
    gtk_stack_set_visible_child_name (self->stack, "main");
  drop_page (self, "welcome");
  self->welcome = NULL;
  drop_page (self, "trouble");
  kh_window_update_actions (self);
}

static void
show_welcome (KhWindow *self)
{
  KhMeetingPoint *point = kh_application_get_meeting_point (self->application);

  self->welcome = KH_WELCOME_PAGE (kh_welcome_page_new (self->client, point));
  g_signal_connect_object (self->welcome, "done", G_CALLBACK (show_main), self,
                           G_CONNECT_SWAPPED);
  put_page (self, "welcome", GTK_WIDGET (self->welcome));
  drop_page (self, "trouble");
}

/* The disk is full, or worse: said once as long as it is on the screen. */
static void
on_event (KhWindow *self, const KhEvent *event)
{
  const char *text;

  if (event->kind != KH_EVENT_TROUBLE)
    return;
  text = kh_trouble_text_keeping (event->code);
  g_debug ("trouble: %s", event->text);
  if (g_strcmp0 (self->trouble, text) == 0)
    return;
  self->trouble = text;
  kh_window_add_toast (self, text);
}

void
kh_window_ready (KhWindow *self)
{
  g_set_object (&self->client, kh_application_get_client (self->application));
  g_set_object (&self->people, kh_application_get_people (self->application));
  g_signal_connect_object (self->client, "event", G_CALLBACK (on_event), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->people, "changed", G_CALLBACK (update_title), self,
                           G_CONNECT_SWAPPED);
  self->actions = kh_person_actions_new (self->client, G_ACTION_MAP (self),
                                         GTK_WIDGET (self), get_person, self);
  restore_size (self);
  if (kh_client_get_server_state (self->client) == KH_SERVER_NONE)
    show_welcome (self);
  else
    show_main (self);
  update_title (self);
  self->has_content = TRUE;
  if (self->wants_to_show)
    gtk_window_present (GTK_WINDOW (self));
  kh_memory_give_back_soon ();
}

void
kh_window_clear (KhWindow *self)
{
  kh_window_keep_state (self);
  if (self->client != NULL)
    g_signal_handlers_disconnect_by_data (self->client, self);
  if (self->people != NULL)
    g_signal_handlers_disconnect_by_data (self->people, self);
  kh_window_show_opening (self);
  drop_page (self, "main");
  drop_page (self, "welcome");
  self->main = NULL;
  self->welcome = NULL;
  kh_window_update_actions (self);
  leave_person (self);
  g_clear_object (&self->actions);
  g_clear_object (&self->people);
  g_clear_object (&self->client);
}

static void
show_status (KhWindow *self, const char *icon, const char *title, const char *text,
             gboolean with_buttons)
{
  GtkWidget *page = adw_status_page_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *header = adw_header_bar_new ();
  g_autofree char *escaped = text != NULL ? g_markup_escape_text (text, -1) : NULL;

  gtk_widget_add_css_class (header, "flat");
  gtk_box_append (GTK_BOX (box), header);
  gtk_box_append (GTK_BOX (box), page);
  gtk_widget_set_vexpand (page, TRUE);
  adw_status_page_set_icon_name (ADW_STATUS_PAGE (page), icon);
  adw_status_page_set_title (ADW_STATUS_PAGE (page), title);
  adw_status_page_set_description (ADW_STATUS_PAGE (page), escaped);
  if (with_buttons)
    {
      GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
      GtkWidget *again = gtk_button_new_with_mnemonic (_ ("_Try Again"));
      GtkWidget *quit = gtk_button_new_with_mnemonic (_ ("_Quit"));

      gtk_widget_set_halign (buttons, GTK_ALIGN_CENTER);
      gtk_widget_add_css_class (again, "pill");
      gtk_widget_add_css_class (again, "suggested-action");
      gtk_widget_add_css_class (quit, "pill");
      gtk_actionable_set_action_name (GTK_ACTIONABLE (again), "app.try-again");
      gtk_actionable_set_action_name (GTK_ACTIONABLE (quit), "app.quit");
      gtk_box_append (GTK_BOX (buttons), again);
      gtk_box_append (GTK_BOX (buttons), quit);
      adw_status_page_set_child (ADW_STATUS_PAGE (page), buttons);
    }
  drop_page (self, "trouble");
  put_page (self, "trouble", box);
  self->has_content = TRUE;
  if (self->wants_to_show)
    gtk_window_present (GTK_WINDOW (self));
}

void
kh_window_show_opening (KhWindow *self)
{
  show_status (self, NULL, _ ("Opening…"), NULL, FALSE);
}

void
kh_window_show_failure (KhWindow *self, const GError *error, const char *folder)
{
  g_autofree char *text = kh_trouble_text_opening (error, folder);

  show_status (self, "dialog-warning-symbolic", _ ("The Data Folder Can’t Be Used"), text,
               TRUE);
}

void
kh_window_show (KhWindow *self)
{
  self->wants_to_show = TRUE;
  if (self->has_content)
    kh_present_now (GTK_WINDOW (self));
}

/* --- What others ask for --------------------------------------------------------------
 */

gboolean
kh_window_take_link (KhWindow *self, const char *uri)
{
  if (self->welcome == NULL)
    return FALSE;
  kh_welcome_page_take_link (self->welcome, uri);
  return TRUE;
}

void
kh_window_open_person (KhWindow *self, KhPerson *person)
{
  if (self->client == NULL)
    return;
  show_main (self);
  kh_main_page_show (self->main, person);
  update_seen (self);
  kh_person_connect (self->client, person);
  kh_conversation_page_focus_composer (kh_main_page_get_conversation (self->main));
}

KhPerson *
kh_window_get_person (KhWindow *self)
{
  return self->main != NULL ? kh_main_page_get_person (self->main) : NULL;
}

void
kh_window_add_toast (KhWindow *self, const char *text)
{
  g_autofree char *escaped = g_markup_escape_text (text, -1);

  adw_toast_overlay_add_toast (self->toasts, adw_toast_new (escaped));
}

/* --- The object -----------------------------------------------------------------------
 */

/* The window is one for the whole life of the program: closing it hides it, or ends all.
 */
static gboolean
kh_window_close_request (GtkWindow *window)
{
  KhWindow *self = KH_WINDOW (window);
  const char *stays = self->client != NULL
                          ? kh_client_get_setting (self->client, "app-background")
                          : NULL;

  kh_window_keep_state (self);
  if (g_strcmp0 (stays, "yes") == 0 && self->welcome == NULL)
    {
      self->wants_to_show = FALSE;
      gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
    }
  else
    g_action_group_activate_action (G_ACTION_GROUP (self->application), "quit", NULL);
  return TRUE;
}

static void
kh_window_dispose (GObject *object)
{
  KhWindow *self = KH_WINDOW (object);

  if (self->client != NULL)
    g_signal_handlers_disconnect_by_data (self->client, self);
  self->main = NULL;
  self->welcome = NULL;
  leave_person (self);
  g_clear_object (&self->actions);
  g_clear_object (&self->people);
  g_clear_object (&self->client);
  G_OBJECT_CLASS (kh_window_parent_class)->dispose (object);
}

static void
kh_window_class_init (KhWindowClass *class)
{
  G_OBJECT_CLASS (class)->dispose = kh_window_dispose;
  GTK_WINDOW_CLASS (class)->close_request = kh_window_close_request;
}

static void
kh_window_init (KhWindow *self)
{
  GtkWindow *window = GTK_WINDOW (self);

  self->toasts = ADW_TOAST_OVERLAY (adw_toast_overlay_new ());
  gtk_widget_add_css_class (GTK_WIDGET (self->toasts), "over-composer");
  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_stack_set_transition_type (self->stack, GTK_STACK_TRANSITION_TYPE_CROSSFADE);
  adw_toast_overlay_set_child (self->toasts, GTK_WIDGET (self->stack));
  adw_application_window_set_content (ADW_APPLICATION_WINDOW (self),
                                      GTK_WIDGET (self->toasts));
  gtk_window_set_title (window, _ ("Knothole"));
  gtk_window_set_default_size (window, DEFAULT_WIDTH, DEFAULT_HEIGHT);
  gtk_widget_set_size_request (GTK_WIDGET (self), 360, 294);
  g_signal_connect (self, "notify::is-active", G_CALLBACK (update_seen), NULL);
  g_signal_connect (self, "map", G_CALLBACK (update_seen), NULL);
}

KhWindow *
kh_window_new (KhApplication *application)
{
  KhWindow *self = g_object_new (KH_TYPE_WINDOW, "application", application, NULL);

  self->application = application;
  kh_window_add_actions (self);
  return self;
}
