/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/welcome-page.h"
#include "app/copy-row.h"
#include "app/hosting-text.h"
#include "app/hosting.h"
#include "app/server-text.h"
#include "app/show.h"

#include <adwaita.h>
#include <glib/gi18n.h>

typedef enum
{
  STEP_FORM,
  STEP_JOINING,
  STEP_STARTING, /* the meeting point */
  STEP_ENTERING, /* it is on: the client dials it */
  STEP_HOSTED,
} Step;

struct _KhWelcomePage
{
  GtkWidget parent_instance;

  /* Owned */
  KhClient *client;
  KhMeetingPoint *meeting_point;

  /* Template children */
  GtkStack *stack;
  GtkEditable *name_row;
  GtkLabel *name_note;
  GtkEditable *server_row;
  GtkEditable *room_row;
  GtkLabel *join_note;
  GtkWidget *join_button;
  GtkWidget *host_row;
  GtkLabel *host_note;
  GtkLabel *outside_label;
  GtkSpinner *spinner;
  GtkLabel *busy_label;
  GtkWidget *cancel_button;
  KhCopyRow *invite_row;

  /* State */
  Step step;
  KhAddress address; /* what server_row says, where it is good */
  gboolean address_is_good;
};

G_DEFINE_FINAL_TYPE (KhWelcomePage, kh_welcome_page, GTK_TYPE_WIDGET)

static guint done_signal;

/* --- What is said under the rows -----------------------------------------------------
 */

static void
show_note (GtkLabel *label, const char *text, gboolean wrong)
{
  gtk_label_set_text (label, text);
  gtk_widget_set_visible (GTK_WIDGET (label), *text != '\0');
  kh_show_class (GTK_WIDGET (label), "error", wrong);
}

static void
mark (GtkEditable *row, gboolean wrong, const char *why)
{
  kh_show_class (GTK_WIDGET (row), "error", wrong);
  gtk_accessible_update_state (
      GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_STATE_INVALID,
      wrong ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, why, -1);
}

static void
say_of_server (KhWelcomePage *self, const char *text, gboolean wrong)
{
  show_note (self->join_note, text, wrong);
  mark (self->server_row, wrong, text);
}

static void
on_server_changed (KhWelcomePage *self)
{
  const char *text = gtk_editable_get_text (self->server_row);
  KhAddressError problem = kh_address_parse (text, &self->address);
  g_autofree char *leads_to = NULL;

  self->address_is_good = problem == KH_ADDRESS_OK;
  gtk_widget_set_sensitive (self->join_button, self->address_is_good);
  if (problem == KH_ADDRESS_EMPTY)
    {
      say_of_server (self, "", FALSE);
      return;
    }
  if (!self->address_is_good)
    {
      say_of_server (self, kh_server_text_address_problem (problem), TRUE);
      return;
    }
  leads_to = kh_server_text_leads_to (&self->address);
  say_of_server (self, leads_to, FALSE);
}

static void
say_of_name (KhWelcomePage *self, const char *text, gboolean wrong)
{
  show_note (self->name_note, text, wrong);
  mark (self->name_row, wrong, text);
}

static void
on_name_changed (KhWelcomePage *self)
{
  say_of_name (self, "", FALSE);
}

/* --- Steps ---------------------------------------------------------------------------
 */

static void
show_busy (KhWelcomePage *self, Step step, const char *text)
{
  self->step = step;
  gtk_label_set_text (self->busy_label, text);
  gtk_spinner_start (self->spinner);
  gtk_stack_set_visible_child_name (self->stack, "busy");
  gtk_widget_grab_focus (self->cancel_button);
}

static void
show_form (KhWelcomePage *self, GtkWidget *focus)
{
  self->step = STEP_FORM;
  gtk_spinner_stop (self->spinner);
  gtk_stack_set_visible_child_name (self->stack, "form");
  gtk_widget_grab_focus (focus);
}

/* Nobody is left online behind the back of who has come back to the form. */
static void
fail (KhWelcomePage *self, const char *text)
{
  gboolean hosting = self->step != STEP_JOINING;

  kh_client_go_offline (self->client);
  if (hosting)
    kh_hosting_set_wanted (self->meeting_point, self->client, FALSE);
  show_form (self, hosting ? self->host_row : GTK_WIDGET (self->server_row));
  if (hosting)
    show_note (self->host_note, text, TRUE);
  else
    say_of_server (self, text, TRUE);
}

static void
on_cancel (KhWelcomePage *self)
{
  fail (self, "");
  on_server_changed (self);
}

static void
finish (KhWelcomePage *self)
{
  g_signal_emit (self, done_signal, 0);
}

static void
on_continue (KhWelcomePage *self)
{
  finish (self);
}

/* The router may answer after the page is shown. */
static void
update_hosted (KhWelcomePage *self)
{
  g_autofree char *invite = kh_hosting_make_invite (self->meeting_point, self->client);

  kh_copy_row_set_text (self->invite_row, invite);
  gtk_label_set_text (
      self->outside_label,
      kh_hosting_text_outside (kh_client_get_meeting_ports (self->client)));
}

static void
show_hosted (KhWelcomePage *self)
{
  self->step = STEP_HOSTED;
  update_hosted (self);
  gtk_spinner_stop (self->spinner);
  /* Or the focus would pass by the link, and select it. */
  gtk_root_set_focus (gtk_widget_get_root (GTK_WIDGET (self)), NULL);
  gtk_stack_set_visible_child_name (self->stack, "hosted");
  kh_copy_row_focus (self->invite_row);
}

/* The name as typed; NULL where there is none, which is said. */
static char *
take_name (KhWelcomePage *self)
{
  g_autofree char *name = g_strdup (gtk_editable_get_text (self->name_row));

  g_strstrip (name);
  if (*name != '\0')
    return g_steal_pointer (&name);
  say_of_name (self, _ ("Enter the name that friends shall see."), TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (self->name_row));
  return NULL;
}

/* What was wrong with what was typed. */
static void
refuse (KhWelcomePage *self, const GError *error, GtkLabel *note)
{
  const char *text = kh_server_text_error (error);

  if (!g_error_matches (error, KH_CLIENT_ERROR, KH_CLIENT_ERROR_NAME)
      && !g_error_matches (error, KH_CLIENT_ERROR, KH_CLIENT_ERROR_NAME_LONG))
    {
      show_note (note, text, TRUE);
      return;
    }
  say_of_name (self, text, TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (self->name_row));
}

static void
on_join (KhWelcomePage *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *name = NULL;
  g_autofree char *host = NULL;
  g_autofree char *text = NULL;
  const char *room = NULL;

  if (!self->address_is_good)
    {
      if (*gtk_editable_get_text (self->server_row) == '\0')
        say_of_server (self, kh_server_text_address_problem (KH_ADDRESS_EMPTY), TRUE);
      gtk_widget_grab_focus (GTK_WIDGET (self->server_row));
      return;
    }
  name = take_name (self);
  if (name == NULL)
    return;
  if (*self->address.room == '\0' || gtk_widget_get_visible (GTK_WIDGET (self->room_row)))
    room = gtk_editable_get_text (self->room_row);
  if (!kh_client_set_server (self->client, gtk_editable_get_text (self->server_row), room,
                             name, &error))
    {
      refuse (self, error, self->join_note);
      return;
    }
  host = kh_server_text_host (&self->address);
  /* Translators: %s is the name or address of a server. */
  text = g_strdup_printf (_ ("Connecting to %s…"), host);
  show_busy (self, STEP_JOINING, text);
  kh_client_go_online (self->client);
}

static void on_meeting_point (KhWelcomePage *self);

static void
on_host (KhWelcomePage *self)
{
  g_autofree char *name = take_name (self);

  if (name == NULL)
    return;
  show_note (self->host_note, "", FALSE);
  show_busy (self, STEP_STARTING, _ ("Opening the meeting point…"));
  kh_hosting_set_wanted (self->meeting_point, self->client, TRUE);
  on_meeting_point (self); /* it may be on already */
}

static void
on_meeting_point (KhWelcomePage *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *name = NULL;
  KhMeetingPointState state = kh_meeting_point_get_state (self->meeting_point);

  if (self->step != STEP_STARTING && self->step != STEP_ENTERING)
    return;
  if (state == KH_MEETING_POINT_FAILED)
    {
      g_autofree char *problem
          = g_strdup (kh_meeting_point_get_problem (self->meeting_point));

      fail (self, problem);
      return;
    }
  if (state != KH_MEETING_POINT_ON || self->step != STEP_STARTING)
    return;
  self->step = STEP_ENTERING;
  name = take_name (self);
  if (!kh_hosting_join (self->meeting_point, self->client, name, &error))
    {
      fail (self, "");
      refuse (self, error, self->host_note);
    }
}

static void
on_room_refused (KhWelcomePage *self)
{
  g_autofree char *room = g_strdup (kh_client_get_room (self->client));

  fail (self, kh_server_text_room_refused (room));
  mark (self->server_row, FALSE, "");
  gtk_widget_set_visible (GTK_WIDGET (self->room_row), TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (self->room_row));
}

static void
on_offline (KhWelcomePage *self, KhMainError code)
{
  /* Translators: what has happened, and what to do about it; two sentences. */
  g_autofree char *text = g_strdup_printf (_ ("%s. %s"), kh_server_text_offline (code),
                                           kh_server_text_offline_advice (code));

  fail (self, text);
}

static void
on_event (KhClient *client, const KhEvent *event, KhWelcomePage *self)
{
  if (self->step == STEP_HOSTED && event->kind == KH_EVENT_NETWORK)
    update_hosted (self);
  if (self->step != STEP_JOINING && self->step != STEP_ENTERING)
    return;
  switch (event->kind)
    {
    case KH_EVENT_ONLINE:
      gtk_label_set_text (self->busy_label, _ ("Entering the room…"));
      break;
    case KH_EVENT_PEERS_READY:
      if (self->step == STEP_JOINING)
        finish (self);
      else
        show_hosted (self);
      break;
    case KH_EVENT_ROOM_REFUSED:
      on_room_refused (self);
      break;
    case KH_EVENT_OFFLINE:
      on_offline (self, (KhMainError)event->code);
      break;
    default:
      break;
    }
}

/* --- The rest of the form ------------------------------------------------------------
 */

static void
on_name_activated (KhWelcomePage *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->server_row));
}

static void
on_pasted (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (KhWelcomePage) self = data;
  g_autofree char *text
      = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (source), result, NULL);

  if (text == NULL || self->client == NULL)
    return;
  g_strstrip (text);
  kh_welcome_page_take_link (self, text);
}

static void
on_paste (KhWelcomePage *self)
{
  gdk_clipboard_read_text_async (gtk_widget_get_clipboard (GTK_WIDGET (self)), NULL,
                                 on_pasted, g_object_ref (self));
}

/* The user's own name rather than that of the account, which was only a guess. */
static const char *
suggest_name (KhClient *client)
{
  const char *name = kh_client_get_name (client);
  const char *real = g_get_real_name ();

  return g_strcmp0 (name, g_get_user_name ()) == 0 && g_strcmp0 (real, "Unknown") != 0
                 && *real != '\0'
             ? real
             : name;
}

/* --- The widget ----------------------------------------------------------------------
 */

/* Who has just installed it begins to type. */
static void
kh_welcome_page_map (GtkWidget *widget)
{
  KhWelcomePage *self = KH_WELCOME_PAGE (widget);

  GTK_WIDGET_CLASS (kh_welcome_page_parent_class)->map (widget);
  if (self->step == STEP_FORM)
    gtk_widget_grab_focus (GTK_WIDGET (self->name_row));
}

static void
kh_welcome_page_dispose (GObject *object)
{
  KhWelcomePage *self = KH_WELCOME_PAGE (object);
  GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self));

  self->step = STEP_FORM;
  g_clear_object (&self->client);
  g_clear_object (&self->meeting_point);
  g_clear_pointer (&child, gtk_widget_unparent);
  G_OBJECT_CLASS (kh_welcome_page_parent_class)->dispose (object);
}

static void
bind_template (GtkWidgetClass *class)
{
  gtk_widget_class_set_template_from_resource (
      class, "/io/github/knothole/Knothole/ui/welcome-page.ui");
#define BIND(name) gtk_widget_class_bind_template_child (class, KhWelcomePage, name)
  BIND (stack);
  BIND (name_row);
  BIND (name_note);
  BIND (server_row);
  BIND (room_row);
  BIND (join_note);
  BIND (join_button);
  BIND (host_row);
  BIND (host_note);
  BIND (outside_label);
  BIND (spinner);
  BIND (busy_label);
  BIND (cancel_button);
  BIND (invite_row);
#undef BIND
  gtk_widget_class_bind_template_callback (class, on_name_changed);
  gtk_widget_class_bind_template_callback (class, on_name_activated);
  gtk_widget_class_bind_template_callback (class, on_server_changed);
  gtk_widget_class_bind_template_callback (class, on_paste);
  gtk_widget_class_bind_template_callback (class, on_join);
  gtk_widget_class_bind_template_callback (class, on_host);
  gtk_widget_class_bind_template_callback (class, on_cancel);
  gtk_widget_class_bind_template_callback (class, on_continue);
}

static void
kh_welcome_page_class_init (KhWelcomePageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = kh_welcome_page_dispose;
  widget_class->map = kh_welcome_page_map;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  g_type_ensure (KH_TYPE_COPY_ROW);
  bind_template (widget_class);
  done_signal = g_signal_new ("done", KH_TYPE_WELCOME_PAGE, G_SIGNAL_RUN_LAST, 0, NULL,
                              NULL, NULL, G_TYPE_NONE, 0);
}

static void
kh_welcome_page_init (KhWelcomePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  on_server_changed (self);
}

GtkWidget *
kh_welcome_page_new (KhClient *client, KhMeetingPoint *meeting_point)
{
  KhWelcomePage *self = g_object_new (KH_TYPE_WELCOME_PAGE, NULL);

  self->client = g_object_ref (client);
  self->meeting_point = g_object_ref (meeting_point);
  gtk_editable_set_text (self->name_row, suggest_name (client));
  g_signal_connect_object (client, "event", G_CALLBACK (on_event), self, 0);
  g_signal_connect_object (meeting_point, "notify::state", G_CALLBACK (on_meeting_point),
                           self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}

void
kh_welcome_page_take_link (KhWelcomePage *self, const char *uri)
{
  if (self->step != STEP_FORM)
    return;
  gtk_editable_set_text (self->server_row, uri);
  gtk_editable_set_position (self->server_row, -1);
}
