/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/copy-row.h"
#include "app/dialogs.h"
#include "app/hosting-text.h"
#include "app/hosting.h"
#include "app/preferences-pages.h"
#include "app/server-text.h"
#include "app/show.h"
#include "core/profile.h"

#include <glib/gi18n.h>
#include <string.h>

struct _KhServerPage
{
  AdwPreferencesPage parent_instance;

  /* Owned */
  KhClient *client;
  KhMeetingPoint *meeting_point;

  /* Template children */
  GtkEditable *name_row;
  GtkLabel *name_note; /* each under its row */
  KhCopyRow *id_row;
  GtkEditable *server_row;
  GtkLabel *server_note;
  GtkEditable *room_row;
  GtkLabel *room_note;
  KhCopyRow *invite_row;
  AdwActionRow *hosting_row;
  GtkLabel *hosting_note;
  GtkSwitch *hosting_switch;
  GtkWidget *join_button;

  /* State */
  gboolean updating;
};

G_DEFINE_FINAL_TYPE (KhServerPage, kh_server_page, ADW_TYPE_PREFERENCES_PAGE)

/* --- What is said --------------------------------------------------------------------
 */

static void
show_note (GtkLabel *note, const char *text, const char *style)
{
  gtk_label_set_text (note, text);
  gtk_widget_remove_css_class (GTK_WIDGET (note), "error");
  gtk_widget_remove_css_class (GTK_WIDGET (note), "warning");
  if (style != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (note), style);
  gtk_widget_set_visible (GTK_WIDGET (note), *text != '\0');
}

/* Of a row that is written in, under it. */
static void
say (KhServerPage *self, GtkEditable *row, const char *text, const char *style)
{
  gboolean wrong = g_strcmp0 (style, "error") == 0;
  GtkLabel *note = row == self->name_row     ? self->name_note
                   : row == self->server_row ? self->server_note
                                             : self->room_note;

  show_note (note, text, style);
  kh_show_class (GTK_WIDGET (row), "error", wrong);
  gtk_accessible_update_state (
      GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_STATE_INVALID,
      wrong ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
}

static void
say_of_room (KhServerPage *self)
{
  g_autofree char *room
      = kh_profile_check_room (gtk_editable_get_text (self->room_row), NULL);

  if (room == NULL)
    return;
  if (*room == '\0')
    say (self, self->room_row,
         _ ("Without a word you are in the room for everybody on this server."), NULL);
  else if (kh_room_word_weak (room, strlen (room)))
    say (self, self->room_row,
         _ ("A short word can be guessed by whoever runs the server. Better are at least "
            "twelve characters, or the link of an invite."),
         "warning");
  else
    say (self, self->room_row, "", NULL);
}

/* While somebody types: nothing is applied yet. */
static void
on_changed (KhServerPage *self, GtkEditable *row)
{
  KhAddress address;
  KhAddressError problem;

  if (self->updating)
    return;
  say (self, row, "", NULL);
  if (row == self->name_row)
    return;
  if (row == self->room_row)
    {
      say_of_room (self);
      return;
    }
  problem = kh_address_parse (gtk_editable_get_text (row), &address);
  if (problem == KH_ADDRESS_OK)
    {
      g_autofree char *leads_to = kh_server_text_leads_to (&address);

      say (self, row, leads_to, NULL);
    }
  else
    say (self, row, kh_server_text_address_problem (problem), "error");
}

/* --- Server, room, name --------------------------------------------------------------
 */

/* Whoever types has the row for themselves. */
static void
set_text (GtkEditable *row, const char *text)
{
  if (!g_str_equal (gtk_editable_get_text (row), text)
      && gtk_widget_get_focus_child (GTK_WIDGET (row)) == NULL)
    gtk_editable_set_text (row, text);
}

static void
update_server (KhServerPage *self)
{
  g_autofree char *server = kh_client_get_server (self->client);
  g_autofree char *invite = kh_hosting_make_invite (self->meeting_point, self->client);

  self->updating = TRUE;
  set_text (self->name_row, kh_client_get_name (self->client));
  set_text (self->server_row, server != NULL ? server : "");
  set_text (self->room_row, kh_client_get_room (self->client));
  kh_copy_row_set_text (self->invite_row, invite);
  self->updating = FALSE;
}

static void
apply (KhServerPage *self, GtkEditable *row, const char *server, const char *room,
       const char *name)
{
  g_autoptr (GError) error = NULL;

  if (!kh_client_set_server (self->client, server, room, name, &error))
    {
      say (self, row, kh_server_text_error (error), "error");
      return;
    }
  say (self, row, "", NULL);
  update_server (self);
}

static void
on_name_applied (KhServerPage *self)
{
  apply (self, self->name_row, NULL, NULL, gtk_editable_get_text (self->name_row));
}

static void
on_server_applied (KhServerPage *self)
{
  apply (self, self->server_row, gtk_editable_get_text (self->server_row), NULL, NULL);
}

static void
on_room_applied (KhServerPage *self)
{
  apply (self, self->room_row, NULL, gtk_editable_get_text (self->room_row), NULL);
  say_of_room (self);
}

/* --- The meeting point ---------------------------------------------------------------
 */

/* Of one that is open. */
static char *
describe_open (KhServerPage *self)
{
  const char *outside
      = kh_hosting_text_outside (kh_client_get_meeting_ports (self->client));

  if (kh_hosting_is_joined (self->meeting_point, self->client))
    /* Translators: %s is a sentence or two: who can reach the meeting point. */
    return g_strdup_printf (_ ("It is open, and you use it. %s"), outside);
  /* Translators: %s is a sentence or two: who can reach the meeting point. */
  return g_strdup_printf (_ ("It is open. You use another server. %s"), outside);
}

static char *
describe_meeting_point (KhServerPage *self)
{
  switch (kh_meeting_point_get_state (self->meeting_point))
    {
    case KH_MEETING_POINT_STARTING:
      return g_strdup (_ ("It is being opened…"));
    case KH_MEETING_POINT_ON:
      return describe_open (self);
    case KH_MEETING_POINT_FAILED:
      return g_strdup (kh_meeting_point_get_problem (self->meeting_point));
    case KH_MEETING_POINT_OFF:
    default:
      return g_strdup (
          _ ("Friends find each other through this computer while it is on."));
    }
}

static void
update_meeting_point (KhServerPage *self)
{
  KhMeetingPointState state = kh_meeting_point_get_state (self->meeting_point);
  g_autofree char *description = describe_meeting_point (self);
  g_autofree char *subtitle = g_markup_escape_text (description, -1);

  self->updating = TRUE;
  gtk_switch_set_active (self->hosting_switch, state == KH_MEETING_POINT_STARTING
                                                   || state == KH_MEETING_POINT_ON);
  self->updating = FALSE;
  adw_action_row_set_subtitle (self->hosting_row, subtitle);
  gtk_widget_set_visible (self->join_button, state == KH_MEETING_POINT_ON
                                                 && !kh_hosting_is_joined (
                                                     self->meeting_point, self->client));
  update_server (self);
}

static void
on_event (KhClient *client, const KhEvent *event, KhServerPage *self)
{
  if (event->kind == KH_EVENT_ONLINE || event->kind == KH_EVENT_OFFLINE
      || event->kind == KH_EVENT_NETWORK)
    update_meeting_point (self);
}

static void
on_hosting_switched (KhServerPage *self)
{
  if (!self->updating)
    kh_hosting_set_wanted (self->meeting_point, self->client,
                           gtk_switch_get_active (self->hosting_switch));
}

static void
on_join (KhServerPage *self)
{
  g_autoptr (GError) error = NULL;
  gboolean joined = kh_hosting_join (self->meeting_point, self->client, NULL, &error);

  show_note (self->hosting_note, joined ? "" : kh_server_text_error (error), "error");
  update_meeting_point (self);
}

static void
on_back_up (KhServerPage *self)
{
  kh_backup_dialog_present (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
                            self->client);
}

/* --- The page ------------------------------------------------------------------------
 */

static void
kh_server_page_dispose (GObject *object)
{
  KhServerPage *self = KH_SERVER_PAGE (object);

  g_clear_object (&self->client);
  g_clear_object (&self->meeting_point);
  G_OBJECT_CLASS (kh_server_page_parent_class)->dispose (object);
}

static void
kh_server_page_class_init (KhServerPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = kh_server_page_dispose;
  g_type_ensure (KH_TYPE_COPY_ROW);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/knothole/Knothole/ui/server-page.ui");
#define BIND(name) gtk_widget_class_bind_template_child (widget_class, KhServerPage, name)
  BIND (name_row);
  BIND (name_note);
  BIND (id_row);
  BIND (server_row);
  BIND (server_note);
  BIND (room_row);
  BIND (room_note);
  BIND (invite_row);
  BIND (hosting_note);
  BIND (hosting_row);
  BIND (hosting_switch);
  BIND (join_button);
#undef BIND
  gtk_widget_class_bind_template_callback (widget_class, on_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_name_applied);
  gtk_widget_class_bind_template_callback (widget_class, on_server_applied);
  gtk_widget_class_bind_template_callback (widget_class, on_room_applied);
  gtk_widget_class_bind_template_callback (widget_class, on_hosting_switched);
  gtk_widget_class_bind_template_callback (widget_class, on_join);
  gtk_widget_class_bind_template_callback (widget_class, on_back_up);
}

static void
kh_server_page_init (KhServerPage *self)
{
  self->updating = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  self->updating = FALSE;
}

GtkWidget *
kh_server_page_new (KhApplication *application)
{
  KhServerPage *self = g_object_new (KH_TYPE_SERVER_PAGE, NULL);
  g_autofree char *id = NULL;

  self->client = g_object_ref (kh_application_get_client (application));
  self->meeting_point = g_object_ref (kh_application_get_meeting_point (application));
  id = kh_peer_id_to_text (kh_client_get_id (self->client));
  kh_copy_row_set_text (self->id_row, id);
  g_signal_connect_object (self->client, "event", G_CALLBACK (on_event), self, 0);
  g_signal_connect_object (self->meeting_point, "notify",
                           G_CALLBACK (update_meeting_point), self, G_CONNECT_SWAPPED);
  say (self, self->name_row, "", NULL);
  say (self, self->server_row, "", NULL);
  say (self, self->room_row, "", NULL);
  show_note (self->hosting_note, "", NULL);
  update_meeting_point (self);
  return GTK_WIDGET (self);
}
