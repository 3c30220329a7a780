/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/nat-badge.h"

#include "app/nat-text.h"
#include "app/parent-window.h"

#include <glib/gi18n.h>

struct _KhNatBadge
{
  GtkWidget parent_instance;

  /* Owned */
  KhClient *client;

  /* Template */
  GtkWidget *button;
  GtkWidget *dot;
  GtkWidget *words;
  GtkLabel *label;
  GtkLabel *server;

  /* State */
  const char *style; /* of the dot; NULL: none yet */
};

G_DEFINE_FINAL_TYPE (KhNatBadge, kh_nat_badge, GTK_TYPE_WIDGET)

static void
update (KhNatBadge *self)
{
  const KhNetworkInfo *network = kh_client_get_network (self->client);
  const char *type = kh_nat_text_type (network);
  const char *style = kh_nat_text_class (network);
  /* Translators: %s is a kind of router in a few words */
  g_autofree char *words = g_strdup_printf (_ ("Your network: %s"), type);

  if (g_strcmp0 (self->style, style) != 0)
    {
      if (self->style != NULL)
        gtk_widget_remove_css_class (self->dot, self->style);
      gtk_widget_add_css_class (self->dot, style);
      self->style = style;
    }
  gtk_label_set_label (self->label, type);
  gtk_widget_set_tooltip_text (self->button, words);
  gtk_accessible_update_property (
      GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL, words,
      GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, kh_nat_text_meaning (network), -1);
}

static void
on_event (KhNatBadge *self, const KhEvent *event)
{
  if (event->kind == KH_EVENT_NETWORK || event->kind == KH_EVENT_ONLINE
      || event->kind == KH_EVENT_OFFLINE)
    update (self);
}

static void
on_clicked (KhNatBadge *self)
{
  kh_nat_dialog_present (kh_parent_window_of (GTK_WIDGET (self)), self->client);
}

static void
kh_nat_badge_dispose (GObject *object)
{
  KhNatBadge *self = KH_NAT_BADGE (object);
  GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self));

  if (self->client != NULL)
    g_signal_handlers_disconnect_by_data (self->client, self);
  g_clear_object (&self->client);
  if (child != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (kh_nat_badge_parent_class)->dispose (object);
}

static void
kh_nat_badge_class_init (KhNatBadgeClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = kh_nat_badge_dispose;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/knothole/Knothole/ui/nat-badge.ui");
  gtk_widget_class_set_css_name (widget_class, "natbadge");
  gtk_widget_class_bind_template_child (widget_class, KhNatBadge, button);
  gtk_widget_class_bind_template_child (widget_class, KhNatBadge, dot);
  gtk_widget_class_bind_template_child (widget_class, KhNatBadge, words);
  gtk_widget_class_bind_template_child (widget_class, KhNatBadge, label);
  gtk_widget_class_bind_template_child (widget_class, KhNatBadge, server);
  gtk_widget_class_bind_template_callback (widget_class, on_clicked);
}

static void
kh_nat_badge_init (KhNatBadge *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
kh_nat_badge_set_client (KhNatBadge *self, KhClient *client)
{
  g_return_if_fail (self->client == NULL);
  self->client = g_object_ref (client);
  g_signal_connect_object (client, "event", G_CALLBACK (on_event), self,
                           G_CONNECT_SWAPPED);
  update (self);
}

void
kh_nat_badge_set_server (KhNatBadge *self, const char *state)
{
  gtk_label_set_label (self->server, state);
}

void
kh_nat_badge_be_compact (KhNatBadge *self)
{
  gtk_widget_set_visible (self->words, FALSE);
  gtk_widget_add_css_class (GTK_WIDGET (self), "compact");
}
