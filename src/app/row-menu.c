/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/row-menu.h"

#include <glib/gi18n.h>

/* Messages of which the same can be done. */
typedef enum
{
  GONE_OUT,
  WAITS,
  FAILED,
  N_MENUS,
} Which;

static Which
which_of (KhMessageState state)
{
  switch (state)
    {
    case KH_MESSAGE_WAITING:
      return WAITS;
    case KH_MESSAGE_FAILED:
      return FAILED;
    default:
      return GONE_OUT;
    }
}

static GMenu *
new_menu (Which which)
{
  GMenu *menu = g_menu_new ();

  if (which == FAILED)
    g_menu_append (menu, _ ("Send Again"), "message.send-again");
  g_menu_append (menu, _ ("Reply"), "message.reply");
  g_menu_append (menu, _ ("Copy Message"), "message.copy");
  if (which == WAITS)
    /* Translators: of a message that has not gone out yet. */
    g_menu_append (menu, _ ("Take Back"), "message.take-back");
  if (which == FAILED)
    g_menu_append (menu, _ ("Discard Message"), "message.take-back");
  return menu;
}

GMenuModel *
kh_row_menu_get (KhMessageState state)
{
  static GMenu *menus[N_MENUS];
  Which which = which_of (state);

  if (menus[which] == NULL)
    menus[which] = new_menu (which);
  return G_MENU_MODEL (menus[which]);
}

static gboolean
drop (gpointer popover)
{
  gtk_widget_unparent (popover);
  return G_SOURCE_REMOVE;
}

/* Not at once: the action that was chosen is still to come. */
static void
on_closed (GtkWidget *popover)
{
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, drop, g_object_ref (popover), g_object_unref);
}

void
kh_row_menu_popup (GtkWidget *row, KhMessageState state, double x, double y)
{
  GtkWidget *popover = gtk_popover_menu_new_from_model (kh_row_menu_get (state));

  gtk_widget_set_parent (popover, row);
  gtk_popover_set_has_arrow (GTK_POPOVER (popover), x < 0);
  if (x >= 0)
    {
      gtk_widget_set_halign (popover, GTK_ALIGN_START);
      gtk_popover_set_pointing_to (GTK_POPOVER (popover),
                                   &(GdkRectangle){ (int)x, (int)y, 1, 1 });
    }
  g_signal_connect (popover, "closed", G_CALLBACK (on_closed), NULL);
  gtk_popover_popup (GTK_POPOVER (popover));
}
