/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/file-card-private.h"

#include "app/dialogs.h"
#include "app/file-open.h"
#include "app/offer-answer.h"
#include "app/parent-window.h"
#include "app/toast.h"

#include <glib/gi18n.h>

static const KhTransferInfo *
get_info (KhFileCard *self)
{
  return self->item != NULL ? kh_timeline_item_get_transfer (self->item) : NULL;
}

/* What a verb could not do is the transfer's business: it has ended meanwhile. */
static void
say (KhFileCard *self, gboolean good, const GError *error)
{
  if (!good)
    kh_toast_show (GTK_WIDGET (self), error != NULL ? _ ("This is not possible any more")
                                                    : _ ("This is not possible now"));
}

/* --- Answers --------------------------------------------------------------------- */

static gboolean
take_always (KhFileCard *self)
{
  return gtk_widget_get_visible (self->always)
         && gtk_check_button_get_active (GTK_CHECK_BUTTON (self->always));
}

static void
on_accept (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KhFileCard *self = KH_FILE_CARD (widget);
  const KhTransferInfo *info = get_info (self);

  if (info != NULL)
    kh_offer_answer_accept (widget, self->client, &info->peer, &info->item,
                            take_always (self));
}

static void
on_save_to (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KhFileCard *self = KH_FILE_CARD (widget);
  const KhTransferInfo *info = get_info (self);

  if (info != NULL)
    kh_offer_answer_choose (widget, self->client, &info->peer, &info->item,
                            take_always (self));
}

static void
on_decline (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KhFileCard *self = KH_FILE_CARD (widget);
  const KhTransferInfo *info = get_info (self);

  if (info != NULL)
    kh_client_answer_offer (self->client, &info->peer, &info->item, FALSE, NULL, NULL);
}

/* --- While it runs --------------------------------------------------------------- */

static void
set_paused (KhFileCard *self, gboolean paused)
{
  const KhTransferInfo *info = get_info (self);
  g_autoptr (GError) error = NULL;

  if (info != NULL)
    say (
        self,
        kh_client_pause_transfer (self->client, &info->peer, &info->item, paused, &error),
        error);
}

static void
on_pause (GtkWidget *widget, const char *name, GVariant *parameter)
{
  set_paused (KH_FILE_CARD (widget), TRUE);
}

static void
on_resume (GtkWidget *widget, const char *name, GVariant *parameter)
{
  set_paused (KH_FILE_CARD (widget), FALSE);
}

static void
on_first (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KhFileCard *self = KH_FILE_CARD (widget);
  const KhTransferInfo *info = get_info (self);
  g_autoptr (GError) error = NULL;

  if (info != NULL)
    say (self, kh_client_put_first (self->client, &info->peer, &info->item, &error),
         error);
}

static void
on_cancel (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KhFileCard *self = KH_FILE_CARD (widget);
  const KhTransferInfo *info = get_info (self);

  if (info != NULL)
    kh_offer_answer_cancel (widget, self->client, info);
}

static void
on_retry (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KhFileCard *self = KH_FILE_CARD (widget);
  const KhTransferInfo *info = get_info (self);
  g_autoptr (GError) error = NULL;

  if (info != NULL)
    say (self, kh_client_retry_transfer (self->client, &info->peer, &info->item, &error),
         error);
}

/* --- What is there --------------------------------------------------------------- */

static void
on_open (GtkWidget *widget, const char *name, GVariant *parameter)
{
  const KhEntryInfo *only = kh_file_card_get_only (KH_FILE_CARD (widget));

  if (only != NULL && only->place != NULL)
    kh_file_open (widget, only->place);
}

static void
on_show (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_auto (GStrv) places = kh_file_card_get_places (KH_FILE_CARD (widget));

  if (places != NULL)
    kh_file_show_in_folder (widget, (const char *const *)places);
}

static void
on_details (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KhFileCard *self = KH_FILE_CARD (widget);
  const KhTransferInfo *info = get_info (self);

  if (info != NULL)
    kh_transfer_dialog_present (kh_parent_window_of (widget), self->client, &info->peer,
                                &info->item);
}

/* --- The menu -------------------------------------------------------------------- */

static const struct
{
  const char *name;
  KhTransferActions action;
  const char *label;
  GtkWidgetActionActivateFunc function;
} verbs[] = {
  { "card.accept", KH_TRANSFER_ACCEPT, N_ ("Accept"), on_accept },
  { "card.save-to", KH_TRANSFER_SAVE_TO, N_ ("Save to…"), on_save_to },
  { "card.decline", KH_TRANSFER_DECLINE, N_ ("Decline"), on_decline },
  { "card.open", KH_TRANSFER_OPEN, N_ ("Open"), on_open },
  { "card.show", KH_TRANSFER_SHOW, N_ ("Show in folder"), on_show },
  { "card.first", KH_TRANSFER_FIRST, N_ ("Send first"), on_first },
  { "card.pause", KH_TRANSFER_PAUSE, N_ ("Pause"), on_pause },
  { "card.resume", KH_TRANSFER_RESUME, N_ ("Resume"), on_resume },
  { "card.retry", KH_TRANSFER_RETRY, N_ ("Retry"), on_retry },
  { "card.details", KH_TRANSFER_DETAILS, N_ ("Details"), on_details },
  { "card.cancel", KH_TRANSFER_CANCEL, N_ ("Cancel"), on_cancel },
};

void
kh_file_card_enable_actions (KhFileCard *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    gtk_widget_action_set_enabled (GTK_WIDGET (self), verbs[i].name,
                                   (self->actions & verbs[i].action) != 0);
}

static GMenuModel *
make_menu (KhTransferActions actions)
{
  GMenu *menu = g_menu_new ();

  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    if ((actions & verbs[i].action) != 0)
      g_menu_append (menu, _ (verbs[i].label), verbs[i].name);
  return G_MENU_MODEL (menu);
}

static void
pop_up (KhFileCard *self, const GdkRectangle *place)
{
  g_autoptr (GMenuModel) menu = make_menu (self->actions);

  if (self->actions == 0)
    return;
  if (self->menu == NULL)
    {
      self->menu = gtk_popover_menu_new_from_model (NULL);
      gtk_popover_set_has_arrow (GTK_POPOVER (self->menu), FALSE);
      gtk_widget_set_parent (self->menu, GTK_WIDGET (self));
    }
  gtk_popover_menu_set_menu_model (GTK_POPOVER_MENU (self->menu), menu);
  gtk_popover_set_pointing_to (GTK_POPOVER (self->menu), place);
  gtk_popover_popup (GTK_POPOVER (self->menu));
}

static void
on_secondary_click (GtkGestureClick *gesture, int n_press, double x, double y,
                    KhFileCard *self)
{
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  pop_up (self, &(GdkRectangle){ (int)x, (int)y, 1, 1 });
}

static void
on_long_press (GtkGestureLongPress *gesture, double x, double y, KhFileCard *self)
{
  pop_up (self, &(GdkRectangle){ (int)x, (int)y, 1, 1 });
}

static void
on_menu_key (GtkWidget *widget, const char *name, GVariant *parameter)
{
  pop_up (KH_FILE_CARD (widget),
          &(GdkRectangle){ gtk_widget_get_width (widget) / 2,
                           gtk_widget_get_height (widget) / 2, 1, 1 });
}

void
kh_file_card_install_actions (GtkWidgetClass *class)
{
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    gtk_widget_class_install_action (class, verbs[i].name, NULL, verbs[i].function);
  gtk_widget_class_install_action (class, "card.menu", NULL, on_menu_key);
  gtk_widget_class_add_binding_action (class, GDK_KEY_Menu, 0, "card.menu", NULL);
  gtk_widget_class_add_binding_action (class, GDK_KEY_F10, GDK_SHIFT_MASK, "card.menu",
                                       NULL);
}

void
kh_file_card_install_menu (KhFileCard *self)
{
  GtkGesture *click = gtk_gesture_click_new ();
  GtkGesture *press = gtk_gesture_long_press_new ();

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), GDK_BUTTON_SECONDARY);
  g_signal_connect_object (click, "pressed", G_CALLBACK (on_secondary_click), self, 0);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  gtk_gesture_single_set_touch_only (GTK_GESTURE_SINGLE (press), TRUE);
  g_signal_connect_object (press, "pressed", G_CALLBACK (on_long_press), self, 0);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (press));
}
