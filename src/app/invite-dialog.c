/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/copy-row.h"
#include "app/dialogs.h"
#include "app/hosting-text.h"
#include "app/hosting.h"
#include "app/server-text.h"

#include <glib/gi18n.h>
#include <string.h>

/* Of the window at first; it scrolls. */
#define WIDTH 520
#define HEIGHT 360
#define HEIGHT_HOSTING 560

#define KH_TYPE_INVITE_DIALOG (kh_invite_dialog_get_type ())
G_DECLARE_FINAL_TYPE (KhInviteDialog, kh_invite_dialog, KH, INVITE_DIALOG, AdwWindow)

struct _KhInviteDialog
{
  AdwWindow parent_instance;

  /* Owned */
  KhClient *client;
  KhMeetingPoint *meeting_point;

  /* Template children */
  GtkLabel *explanation;
  KhCopyRow *invite_row;
  KhCopyRow *room_row;
  GtkWidget *hosting;
  GtkLabel *outside_label;
  GtkEditable *host_row;
  GtkLabel *host_note;
};

G_DEFINE_FINAL_TYPE (KhInviteDialog, kh_invite_dialog, ADW_TYPE_WINDOW)

static const char *
explain (const char *invite, const char *room)
{
  if (invite == NULL)
    return _ ("There is no server yet, so there is nowhere to invite friends to.");
  if (*room == '\0')
    return _ ("Whoever opens this link in Knothole meets you on this server. You are in "
              "the room for everybody there, so others see both of you.");
  return _ ("Whoever has this link can meet you here and see who else is in the room. "
            "Send it only to friends, over a way that you trust.");
}

static void
update (KhInviteDialog *self)
{
  g_autofree char *invite = kh_hosting_make_invite (self->meeting_point, self->client);
  const char *room = kh_client_get_room (self->client);

  gtk_label_set_text (self->explanation, explain (invite, room));
  kh_copy_row_set_text (self->invite_row, invite);
  kh_copy_row_set_text (self->room_row, room);
  gtk_widget_set_visible (GTK_WIDGET (self->room_row), *room != '\0');
  gtk_widget_set_visible (self->hosting,
                          kh_hosting_is_joined (self->meeting_point, self->client));
  gtk_label_set_text (
      self->outside_label,
      kh_hosting_text_outside (kh_client_get_meeting_ports (self->client)));
}

/* A host alone: neither link nor port. */
static KhAddressError
check_host (const char *text)
{
  KhAddress address;
  KhAddressError problem = kh_address_parse (text, &address);

  if (problem == KH_ADDRESS_EMPTY)
    return KH_ADDRESS_OK;
  if (problem == KH_ADDRESS_OK && strpbrk (text, "/#") != NULL)
    return KH_ADDRESS_WRONG_HOST;
  return problem;
}

static void
on_host_changed (KhInviteDialog *self)
{
  gtk_widget_remove_css_class (GTK_WIDGET (self->host_row), "error");
  gtk_widget_set_visible (GTK_WIDGET (self->host_note), FALSE);
}

static void
on_host_applied (KhInviteDialog *self)
{
  g_autofree char *text = g_strdup (gtk_editable_get_text (self->host_row));
  KhAddressError problem = check_host (g_strstrip (text));
  KhAddress address;

  if (problem != KH_ADDRESS_OK)
    {
      gtk_widget_add_css_class (GTK_WIDGET (self->host_row), "error");
      gtk_label_set_text (self->host_note, kh_server_text_address_problem (problem));
      gtk_widget_set_visible (GTK_WIDGET (self->host_note), TRUE);
      return;
    }
  kh_address_parse (text, &address);
  kh_client_set_setting (self->client, KH_SETTING_MEETING_POINT_HOST, address.host);
  update (self);
}

static void
kh_invite_dialog_dispose (GObject *object)
{
  KhInviteDialog *self = KH_INVITE_DIALOG (object);

  g_clear_object (&self->client);
  g_clear_object (&self->meeting_point);
  G_OBJECT_CLASS (kh_invite_dialog_parent_class)->dispose (object);
}

static void
kh_invite_dialog_class_init (KhInviteDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = kh_invite_dialog_dispose;
  g_type_ensure (KH_TYPE_COPY_ROW);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/knothole/Knothole/ui/invite-dialog.ui");
#define BIND(name)                                                                       \
  gtk_widget_class_bind_template_child (widget_class, KhInviteDialog, name)
  BIND (explanation);
  BIND (invite_row);
  BIND (room_row);
  BIND (hosting);
  BIND (outside_label);
  BIND (host_row);
  BIND (host_note);
#undef BIND
  gtk_widget_class_bind_template_callback (widget_class, on_host_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_host_applied);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close",
                                       NULL);
}

static void
kh_invite_dialog_init (KhInviteDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
kh_invite_dialog_present (GtkWindow *parent, KhApplication *application)
{
  KhInviteDialog *self
      = g_object_new (KH_TYPE_INVITE_DIALOG, "transient-for", parent, NULL);
  const char *host;

  self->client = g_object_ref (kh_application_get_client (application));
  self->meeting_point = g_object_ref (kh_application_get_meeting_point (application));
  host = kh_client_get_setting (self->client, KH_SETTING_MEETING_POINT_HOST);
  gtk_editable_set_text (self->host_row, host != NULL ? host : "");
  g_signal_connect_object (self->client, "event", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->meeting_point, "notify::address", G_CALLBACK (update),
                           self, G_CONNECT_SWAPPED);
  update (self);
  gtk_window_set_default_size (GTK_WINDOW (self), WIDTH,
                               gtk_widget_get_visible (self->hosting) ? HEIGHT_HOSTING
                                                                      : HEIGHT);
  kh_copy_row_focus (self->invite_row);
  gtk_window_present (GTK_WINDOW (self));
}
