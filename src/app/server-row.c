/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/server-row.h"

#include "app/server-text.h"

#include <glib/gi18n.h>

/* Longer than a restart of the server or a change of network mostly takes. */
#define PATIENCE_MS 3000

struct _KhServerRow
{
  GtkWidget parent_instance;

  /* Owned */
  KhClient *client;

  /* Template */
  GtkRevealer *revealer;
  GtkLabel *title;
  GtkLabel *body;
  GtkButton *button;

  /* State */
  guint patience;
};

G_DEFINE_FINAL_TYPE (KhServerRow, kh_server_row, GTK_TYPE_WIDGET)

static void
hide (KhServerRow *self)
{
  g_clear_handle_id (&self->patience, g_source_remove);
  gtk_revealer_set_reveal_child (self->revealer, FALSE);
}

static void
show (KhServerRow *self)
{
  g_clear_handle_id (&self->patience, g_source_remove);
  gtk_revealer_set_reveal_child (self->revealer, TRUE);
}

static gboolean
on_patience_over (gpointer data)
{
  KhServerRow *self = data;

  self->patience = 0;
  show (self);
  return G_SOURCE_REMOVE;
}

static void
fill (KhServerRow *self, const char *title, const char *body, const char *button,
      const char *action)
{
  gtk_label_set_label (self->title, title);
  gtk_label_set_label (self->body, body != NULL ? body : "");
  gtk_widget_set_visible (GTK_WIDGET (self->body), body != NULL && *body != '\0');
  gtk_button_set_label (self->button, button);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->button), action);
}

static void
show_offline (KhServerRow *self, const KhEvent *event)
{
  gboolean elsewhere = event->code == KH_MAIN_ERROR_REPLACED;

  fill (self, kh_server_text_offline ((KhMainError)event->code),
        kh_server_text_offline_advice ((KhMainError)event->code),
        elsewhere ? _ ("Use It _Here") : _ ("_Try Again"), "app.go-online");
  if (event->final || event->code != KH_MAIN_ERROR_LOST
      || gtk_revealer_get_reveal_child (self->revealer))
    show (self);
  else if (self->patience == 0)
    self->patience = g_timeout_add (PATIENCE_MS, on_patience_over, self);
}

static void
on_event (KhServerRow *self, const KhEvent *event)
{
  switch (event->kind)
    {
    case KH_EVENT_ONLINE:
      hide (self);
      break;
    case KH_EVENT_OFFLINE:
      /* Who left by choice is told nothing. */
      if (kh_client_get_server_state (self->client) != KH_SERVER_LEFT)
        show_offline (self, event);
      break;
    case KH_EVENT_ROOM_REFUSED:
      fill (self, _ ("The room can’t be entered"),
            kh_server_text_room_refused (kh_client_get_room (self->client)),
            _ ("_Preferences"), "app.preferences");
      show (self);
      break;
    default:
      break;
    }
}

static void
kh_server_row_dispose (GObject *object)
{
  KhServerRow *self = KH_SERVER_ROW (object);
  GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self));

  g_clear_handle_id (&self->patience, g_source_remove);
  g_clear_pointer (&child, gtk_widget_unparent);
  g_clear_object (&self->client);
  G_OBJECT_CLASS (kh_server_row_parent_class)->dispose (object);
}

static void
kh_server_row_class_init (KhServerRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = kh_server_row_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/knothole/Knothole/ui/server-row.ui");
  gtk_widget_class_bind_template_child (widget_class, KhServerRow, revealer);
  gtk_widget_class_bind_template_child (widget_class, KhServerRow, title);
  gtk_widget_class_bind_template_child (widget_class, KhServerRow, body);
  gtk_widget_class_bind_template_child (widget_class, KhServerRow, button);
}

static void
kh_server_row_init (KhServerRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
kh_server_row_new (KhClient *client)
{
  KhServerRow *self = g_object_new (KH_TYPE_SERVER_ROW, NULL);

  self->client = g_object_ref (client);
  g_signal_connect_object (client, "event", G_CALLBACK (on_event), self,
                           G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
