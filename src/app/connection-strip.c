/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/connection-strip.h"

#include "app/dialogs.h"
#include "app/nat-badge.h"
#include "app/parent-window.h"
#include "app/path-picture.h"
#include "app/path-text.h"
#include "app/person-text.h"
#include "app/show.h"
#include "app/side-by-side.h"
#include "app/step-row.h"
#include "app/strip-look.h"

#include <glib/gi18n.h>

/* How long the picture of a success is seen before it shrinks to the badge. */
#define SUCCESS_MS 1500
/* As much of an id as names somebody who has no name. */
#define ID_BEGINNING 16
/* Of one name; then another one is wanted. */
#define NAMESAKES_MAX 99

struct _KhConnectionStrip
{
  GtkWidget parent_instance;

  /* Owned */
  KhClient *client;
  KhPerson *person;
  char *id;   /* of the person */
  char *name; /* as shown: never "" */

  /* Template */
  GtkWidget *row;
  AdwAvatar *avatar;
  GtkImage *icon;
  GtkLabel *title;
  GtkLabel *detail;
  GtkWidget *buttons;
  GtkButton *first;
  GtkButton *second;
  GtkButton *third;
  GtkToggleButton *badge;
  GtkImage *badge_icon;
  GtkLabel *badge_title;
  GtkLabel *badge_detail;
  GtkImage *badge_arrow;
  GtkRevealer *revealer;
  KhPathPicture *picture;
  KhStepRow *steps;
  GtkWidget *path_row;
  GtkLabel *path_text;
  GtkWidget *report;

  /* State */
  gulong changed_handler;
  gulong attempt_handler;
  KhAttempt *attempt; /* owned: the one that attempt_handler is on */
  KhStripState state;
  gboolean waited; /* the attempt was seen before it ended */
  KhStripVerb verbs[KH_STRIP_VERBS];
  gint64 clicked_at_us; /* one of their buttons */
  const char *icon_style;
  gboolean has_picture;
  guint success_timeout;
  guint wait_timeout;
};

G_DEFINE_FINAL_TYPE (KhConnectionStrip, kh_connection_strip, GTK_TYPE_WIDGET)

static void update (KhConnectionStrip *self);

/* --- What its buttons do -------------------------------------------------------------
 */

/* Whom one has called may call back without a question. */
static void
connect_person (KhConnectionStrip *self)
{
  const KhPeerId *id = kh_person_get_id (self->person);

  kh_client_set_contact (self->client, id, KH_CONTACT_ACCEPTS_CALLS, TRUE);
  kh_client_call (self->client, id);
}

static void
accept (KhConnectionStrip *self)
{
  const KhPeerId *id = kh_person_get_id (self->person);

  kh_client_set_contact (self->client, id, KH_CONTACT_ACCEPTS_CALLS, TRUE);
  kh_client_answer_call (self->client, id, TRUE);
}

/* Under the first numbered name that no contact has. */
static void
keep_namesake (KhConnectionStrip *self)
{
  const KhPeerId *id = kh_person_get_id (self->person);

  for (int number = 2; number <= NAMESAKES_MAX; number++)
    {
      /* Translators: the name of a second person of one name, such as "Anna (2)" */
      g_autofree char *petname = g_strdup_printf (_ ("%1$s (%2$d)"), self->name, number);

      if (kh_client_rename_contact (self->client, id, petname, NULL))
        return;
    }
  kh_rename_dialog_present (kh_parent_window_of (GTK_WIDGET (self)), self->client,
                            self->person);
}

static void
show_report (KhConnectionStrip *self)
{
  KhAttempt *attempt = kh_person_get_attempt (self->person);

  if (attempt != NULL)
    kh_report_dialog_present (kh_parent_window_of (GTK_WIDGET (self)), attempt);
}

static void
do_next (KhConnectionStrip *self)
{
  KhAttempt *attempt = kh_person_get_attempt (self->person);

  if (attempt == NULL)
    return;
  switch (kh_strip_look_next (attempt))
    {
    case KH_NEXT_SERVER:
      gtk_widget_activate_action (GTK_WIDGET (self), "app.preferences", NULL);
      break;
    case KH_NEXT_NETWORK:
      kh_nat_dialog_present (kh_parent_window_of (GTK_WIDGET (self)), self->client);
      break;
    case KH_NEXT_REPORT:
      show_report (self);
      break;
    case KH_NEXT_WAYS:
      gtk_widget_activate_action (GTK_WIDGET (self), "app.preferences", NULL);
      break;
    case KH_NEXT_VERSION:
      gtk_widget_activate_action (GTK_WIDGET (self), "app.about", NULL);
      break;
    case KH_NEXT_CALL:
    case KH_NEXT_WAIT:
    default:
      connect_person (self);
      break;
    }
}

static void
do_verb (KhConnectionStrip *self, KhStripVerb verb)
{
  const KhPeerId *id = kh_person_get_id (self->person);

  switch (verb)
    {
    case KH_STRIP_CONNECT:
    case KH_STRIP_RECONNECT:
      connect_person (self);
      break;
    case KH_STRIP_CANCEL:
      kh_client_hang_up (self->client, id);
      break;
    case KH_STRIP_ACCEPT:
      accept (self);
      break;
    case KH_STRIP_DECLINE:
      kh_client_answer_call (self->client, id, FALSE);
      break;
    case KH_STRIP_BLOCK:
    case KH_STRIP_UNBLOCK:
      kh_client_set_contact (self->client, id, KH_CONTACT_BLOCKED,
                             verb == KH_STRIP_BLOCK);
      break;
    case KH_STRIP_SOMEBODY_ELSE:
      keep_namesake (self);
      break;
    case KH_STRIP_NEXT:
      do_next (self);
      break;
    case KH_STRIP_DETAILS:
      show_report (self);
      break;
    case KH_STRIP_NOTHING:
    default:
      break;
    }
}

/* Of a double click, of which the first has begun what this would end: "Cancel" comes to
 * stand where "Accept" and "Connect" were. */
static gboolean
is_second_click (KhConnectionStrip *self, KhStripVerb verb)
{
  gint64 before_us = self->clicked_at_us;
  int double_click_ms = 0;

  g_object_get (gtk_widget_get_settings (GTK_WIDGET (self)), "gtk-double-click-time",
                &double_click_ms, NULL);
  self->clicked_at_us = g_get_monotonic_time ();
  return verb == KH_STRIP_CANCEL
         && self->clicked_at_us - before_us < double_click_ms * G_GINT64_CONSTANT (1000);
}

static void
on_verb_clicked (KhConnectionStrip *self, GtkButton *button)
{
  GtkButton *buttons[KH_STRIP_VERBS] = { self->first, self->second, self->third };

  if (self->person == NULL)
    return;
  for (guint i = 0; i < KH_STRIP_VERBS; i++)
    if (buttons[i] == button)
      {
        if (!is_second_click (self, self->verbs[i]))
          do_verb (self, self->verbs[i]);
        return;
      }
}

static void
on_report_clicked (KhConnectionStrip *self)
{
  if (self->person != NULL)
    show_report (self);
}

static void
on_hang_up_clicked (KhConnectionStrip *self)
{
  if (self->person != NULL)
    kh_client_hang_up (self->client, kh_person_get_id (self->person));
}

/* --- What it shows -------------------------------------------------------------------
 */

static void
set_icon (KhConnectionStrip *self, GtkImage *image, const KhStripLook *look)
{
  if (self->icon_style != NULL && *self->icon_style != '\0')
    gtk_widget_remove_css_class (GTK_WIDGET (image), self->icon_style);
  if (look->icon != NULL)
    gtk_image_set_from_icon_name (image, look->icon);
  if (*look->style != '\0')
    gtk_widget_add_css_class (GTK_WIDGET (image), look->style);
}

static void
set_button (GtkButton *button, const KhStripFacts *facts, const KhStripLook *look,
            KhStripVerb verb)
{
  g_autofree char *label = kh_strip_look_verb_label (facts, look, verb);
  const char *style = kh_strip_look_verb_class (look, verb);
  const char *description = kh_strip_look_verb_description (facts, verb);

  gtk_widget_set_visible (GTK_WIDGET (button), verb != KH_STRIP_NOTHING);
  if (description != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (button),
                                    GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, description, -1);
  else
    gtk_accessible_reset_property (GTK_ACCESSIBLE (button),
                                   GTK_ACCESSIBLE_PROPERTY_DESCRIPTION);
  gtk_button_set_label (button, label);
  gtk_widget_set_sensitive (GTK_WIDGET (button),
                            verb != KH_STRIP_NEXT || look->wait_s == 0);
  gtk_widget_remove_css_class (GTK_WIDGET (button), "suggested-action");
  gtk_widget_remove_css_class (GTK_WIDGET (button), "destructive-action");
  if (*style != '\0')
    gtk_widget_add_css_class (GTK_WIDGET (button), style);
}

static void
show_row (KhConnectionStrip *self, const KhStripFacts *facts, const KhStripLook *look)
{
  gboolean request = look->state == KH_STRIP_REQUEST;
  g_autofree char *initials = kh_person_text_initials (facts->name);

  gtk_widget_set_visible (self->row, look->state != KH_STRIP_CONNECTED);
  gtk_widget_set_visible (GTK_WIDGET (self->avatar), request);
  gtk_widget_set_visible (GTK_WIDGET (self->icon), !request);
  adw_avatar_set_text (self->avatar, initials);
  gtk_label_set_label (self->title, look->title);
  gtk_label_set_label (self->detail, look->detail);
  gtk_widget_set_visible (GTK_WIDGET (self->detail), *look->detail != '\0');
  set_icon (self, self->icon, look);
  set_button (self->first, facts, look, look->verbs[0]);
  set_button (self->second, facts, look, look->verbs[1]);
  set_button (self->third, facts, look, look->verbs[2]);
  gtk_widget_set_visible (self->buttons, look->verbs[0] != KH_STRIP_NOTHING);
}

static void
show_path (KhConnectionStrip *self, const KhPathInfo *path)
{
  g_autofree char *text = kh_path_text_sentences (path);

  /* A selection in it lasts until it says something else. */
  if (g_strcmp0 (gtk_label_get_label (self->path_text), text) != 0)
    gtk_label_set_label (self->path_text, text);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->badge),
                               kh_path_text_promise (path->kind));
}

static void
show_badge (KhConnectionStrip *self, const KhStripFacts *facts, const KhStripLook *look)
{
  gboolean connected = look->state == KH_STRIP_CONNECTED;

  gtk_widget_set_visible (GTK_WIDGET (self->badge), connected);
  gtk_widget_set_visible (self->path_row, connected);
  if (!connected)
    return;
  /* A tooltip also becomes the description, until that is another. */
  if (facts->path != NULL)
    show_path (self, facts->path);
  gtk_label_set_label (self->badge_title, look->title);
  gtk_label_set_label (self->badge_detail, look->detail);
  set_icon (self, self->badge_icon, look);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->badge),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, look->title,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, look->detail, -1);
  gtk_widget_set_visible (self->report, facts->attempt != NULL);
}

static void
reveal (KhConnectionStrip *self)
{
  gboolean connected = self->state == KH_STRIP_CONNECTED;
  gboolean revealed
      = connected ? gtk_toggle_button_get_active (self->badge) : self->has_picture;

  gtk_widget_set_visible (GTK_WIDGET (self->picture), self->has_picture);
  gtk_revealer_set_reveal_child (self->revealer, revealed);
  gtk_image_set_from_icon_name (self->badge_arrow,
                                revealed ? "pan-up-symbolic" : "pan-down-symbolic");
}

static void
on_badge_toggled (KhConnectionStrip *self)
{
  g_clear_handle_id (&self->success_timeout, g_source_remove);
  reveal (self);
}

static gboolean
on_success_seen (gpointer data)
{
  KhConnectionStrip *self = data;

  self->success_timeout = 0;
  gtk_toggle_button_set_active (self->badge, FALSE);
  return G_SOURCE_REMOVE;
}

/* A success that was waited for is seen for a moment. */
static void
enter_state (KhConnectionStrip *self, KhStripState state)
{
  gboolean waited = self->waited;

  if (self->attempt != NULL
      && kh_attempt_get_state (self->attempt) < KH_ATTEMPT_CONNECTED)
    self->waited = TRUE;
  if (self->state == state)
    return;
  self->state = state;
  g_clear_handle_id (&self->success_timeout, g_source_remove);
  if (state != KH_STRIP_CONNECTED)
    return;
  self->waited = FALSE;
  gtk_toggle_button_set_active (self->badge, waited);
  if (waited)
    self->success_timeout = g_timeout_add (SUCCESS_MS, on_success_seen, self);
}

static gboolean
on_second_waited (gpointer data)
{
  KhConnectionStrip *self = data;

  self->wait_timeout = 0;
  update (self);
  return G_SOURCE_REMOVE;
}

static void
follow_attempt (KhConnectionStrip *self, KhAttempt *attempt)
{
  if (self->attempt == attempt)
    return;
  if (self->attempt != NULL)
    g_clear_signal_handler (&self->attempt_handler, self->attempt);
  g_set_object (&self->attempt, attempt);
  self->waited = FALSE;
  if (attempt != NULL)
    self->attempt_handler = g_signal_connect_object (
        attempt, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  kh_path_picture_set_attempt (self->picture, attempt);
  kh_step_row_set_attempt (self->steps, attempt);
}

static void
collect_facts (KhConnectionStrip *self, KhStripFacts *facts)
{
  KhPerson *namesake = kh_person_get_namesake (self->person);
  const char *name = kh_person_get_name (self->person);

  g_free (self->name);
  self->name = *name != '\0' ? g_strdup (name) : g_strndup (self->id, ID_BEGINNING);
  *facts = (KhStripFacts){
    .name = self->name,
    .id = self->id,
    .namesake = namesake != NULL ? kh_person_get_name (namesake) : NULL,
    .has_server = kh_client_get_server_state (self->client) == KH_SERVER_ONLINE,
    .online = kh_person_is_online (self->person),
    .blocked = kh_person_is_blocked (self->person),
    .state = kh_person_get_state (self->person),
    .attempt = kh_person_get_attempt (self->person),
    .path = kh_person_get_path (self->person),
    .outlook = kh_person_get_outlook (self->person),
    .now_ms = g_get_real_time () / 1000,
  };
  facts->has_link_end = kh_person_get_link_end (self->person, &facts->link_end);
}

static void
update (KhConnectionStrip *self)
{
  KhStripFacts facts;
  KhStripLook look;

  gtk_widget_set_visible (GTK_WIDGET (self), self->person != NULL);
  if (self->person == NULL)
    return;
  collect_facts (self, &facts);
  follow_attempt (self, facts.attempt);
  kh_strip_look (&facts, &look);
  enter_state (self, look.state);
  for (guint i = 0; i < KH_STRIP_VERBS; i++)
    self->verbs[i] = look.verbs[i];
  show_row (self, &facts, &look);
  show_badge (self, &facts, &look);
  self->icon_style = look.style;
  self->has_picture = kh_strip_look_has_picture (&facts, &look);
  gtk_widget_set_visible (GTK_WIDGET (self->steps),
                          self->has_picture && kh_strip_look_has_steps (&look));
  kh_show_class (GTK_WIDGET (self), "stop", look.state == KH_STRIP_NAMESAKE);
  reveal (self);
  if (look.wait_s > 0 && self->wait_timeout == 0)
    self->wait_timeout = g_timeout_add_seconds (1, on_second_waited, self);
  kh_strip_look_clear (&look);
}

static void
on_event (KhConnectionStrip *self, const KhEvent *event)
{
  if (event->kind == KH_EVENT_NETWORK)
    kh_path_picture_set_network (self->picture, kh_client_get_network (self->client));
  if (event->kind == KH_EVENT_ONLINE || event->kind == KH_EVENT_OFFLINE)
    update (self);
}

static void
kh_connection_strip_dispose (GObject *object)
{
  KhConnectionStrip *self = KH_CONNECTION_STRIP (object);
  GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self));

  g_clear_handle_id (&self->success_timeout, g_source_remove);
  g_clear_handle_id (&self->wait_timeout, g_source_remove);
  if (self->attempt != NULL)
    g_clear_signal_handler (&self->attempt_handler, self->attempt);
  if (self->person != NULL)
    g_clear_signal_handler (&self->changed_handler, self->person);
  if (self->client != NULL)
    g_signal_handlers_disconnect_by_data (self->client, self);
  g_clear_object (&self->attempt);
  g_clear_object (&self->person);
  if (child != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (kh_connection_strip_parent_class)->dispose (object);
}

static void
kh_connection_strip_finalize (GObject *object)
{
  KhConnectionStrip *self = KH_CONNECTION_STRIP (object);

  g_clear_object (&self->client);
  g_free (self->id);
  g_free (self->name);
  G_OBJECT_CLASS (kh_connection_strip_parent_class)->finalize (object);
}

#define BIND(name)                                                                       \
  gtk_widget_class_bind_template_child (widget_class, KhConnectionStrip, name)

static void
kh_connection_strip_class_init (KhConnectionStripClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = kh_connection_strip_dispose;
  G_OBJECT_CLASS (class)->finalize = kh_connection_strip_finalize;
  g_type_ensure (KH_TYPE_PATH_PICTURE);
  g_type_ensure (KH_TYPE_SIDE_BY_SIDE);
  g_type_ensure (KH_TYPE_STEP_ROW);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/knothole/Knothole/ui/connection-strip.ui");
  gtk_widget_class_set_css_name (widget_class, "connectionstrip");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  BIND (row);
  BIND (avatar);
  BIND (icon);
  BIND (title);
  BIND (detail);
  BIND (buttons);
  BIND (first);
  BIND (second);
  BIND (third);
  BIND (badge);
  BIND (badge_icon);
  BIND (badge_title);
  BIND (badge_detail);
  BIND (badge_arrow);
  BIND (revealer);
  BIND (picture);
  BIND (steps);
  BIND (path_row);
  BIND (path_text);
  BIND (report);
  gtk_widget_class_bind_template_callback (widget_class, on_verb_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_report_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_hang_up_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_badge_toggled);
}

static void
kh_connection_strip_init (KhConnectionStrip *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Connection"), -1);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

GtkWidget *
kh_connection_strip_new (KhClient *client)
{
  KhConnectionStrip *self = g_object_new (KH_TYPE_CONNECTION_STRIP, NULL);

  self->client = g_object_ref (client);
  kh_path_picture_set_network (self->picture, kh_client_get_network (client));
  g_signal_connect_object (client, "event", G_CALLBACK (on_event), self,
                           G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}

void
kh_connection_strip_set_person (KhConnectionStrip *self, KhPerson *person)
{
  if (self->person == person)
    return;
  if (self->person != NULL)
    g_clear_signal_handler (&self->changed_handler, self->person);
  g_set_object (&self->person, person);
  g_clear_pointer (&self->id, g_free);
  if (person != NULL)
    {
      self->id = kh_peer_id_to_text (kh_person_get_id (person));
      self->changed_handler = g_signal_connect_object (
          person, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
    }
  /* Not a success of this moment, if it is one. */
  self->state = KH_STRIP_IDLE;
  self->waited = FALSE;
  g_clear_handle_id (&self->success_timeout, g_source_remove);
  gtk_toggle_button_set_active (self->badge, FALSE);
  update (self);
}

gboolean
kh_connection_strip_focus (KhConnectionStrip *self)
{
  GtkWidget *suggested = gtk_widget_get_mapped (GTK_WIDGET (self->first))
                             ? GTK_WIDGET (self->first)
                             : GTK_WIDGET (self->badge);

  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    return FALSE;
  return (gtk_widget_get_mapped (suggested) && gtk_widget_grab_focus (suggested))
         || gtk_widget_child_focus (GTK_WIDGET (self), GTK_DIR_TAB_FORWARD);
}
