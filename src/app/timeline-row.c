/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/timeline-row.h"

#include "app/file-card.h"
#include "app/row-menu.h"
#include "core/history.h"

#include <glib/gi18n.h>

#define FLASH_MS 1600

struct _KhTimelineRow
{
  GtkWidget parent_instance;

  /* Owned */
  KhClient *client;
  KhTimelineItem *item; /* NULL: bound to none */

  /* Borrowed */
  GtkWidget *note; /* these three are NULL until needed */
  GtkWidget *day;
  GtkWidget *unread;
  GtkWidget *content;

  /* State */
  KhTimelineKind kind;
  guint flash_source;
};

enum
{
  UNFOLD,
  ITEM_CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (KhTimelineRow, kh_timeline_row, GTK_TYPE_WIDGET)

/* --- What stands above ------------------------------------------------------------- */

static void
show_label (KhTimelineRow *self, GtkWidget **label, const char *text, const char *class)
{
  if (text == NULL)
    {
      g_clear_pointer (label, gtk_widget_unparent);
      return;
    }
  if (*label == NULL)
    {
      *label = gtk_label_new (NULL);
      gtk_label_set_wrap (GTK_LABEL (*label), TRUE);
      gtk_label_set_wrap_mode (GTK_LABEL (*label), PANGO_WRAP_WORD_CHAR);
      gtk_label_set_justify (GTK_LABEL (*label), GTK_JUSTIFY_CENTER);
      gtk_widget_set_halign (*label, GTK_ALIGN_CENTER);
      gtk_widget_add_css_class (*label, class);
      gtk_widget_insert_before (*label, GTK_WIDGET (self), self->content);
    }
  gtk_label_set_text (GTK_LABEL (*label), text);
}

static GtkWidget *
make_unread (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  /* Translators: stands above the first message that was not read yet. */
  GtkWidget *label = gtk_label_new (C_ ("messages", "New"));

  for (guint i = 0; i < 2; i++)
    {
      GtkWidget *line = gtk_separator_new (GTK_ORIENTATION_HORIZONTAL);

      gtk_widget_set_hexpand (line, TRUE);
      gtk_widget_set_valign (line, GTK_ALIGN_CENTER);
      gtk_box_append (GTK_BOX (box), line);
      if (i == 0)
        gtk_box_append (GTK_BOX (box), label);
    }
  gtk_widget_add_css_class (box, "unread-mark");
  return box;
}

static void
show_unread (KhTimelineRow *self, gboolean on)
{
  if (!on)
    g_clear_pointer (&self->unread, gtk_widget_unparent);
  else if (self->unread == NULL)
    {
      self->unread = make_unread ();
      gtk_widget_insert_before (self->unread, GTK_WIDGET (self), self->content);
    }
}

/* Above each other in this order, whichever came first. */
static void
order_above (KhTimelineRow *self)
{
  GtkWidget *above[] = { self->unread, self->day, self->note };

  for (guint i = 0; i < G_N_ELEMENTS (above); i++)
    if (above[i] != NULL)
      gtk_widget_insert_after (above[i], GTK_WIDGET (self), NULL);
}

/* --- Actions ----------------------------------------------------------------------- */

/* Of what is no message: nothing can be done about it. */
static KhMessageState
state_of (KhTimelineRow *self)
{
  return self->item != NULL && self->kind == KH_ITEM_MESSAGE
             ? kh_timeline_item_get_message_state (self->item)
             : KH_MESSAGE_RECEIVED;
}

static gboolean
can_take_back (KhTimelineRow *self)
{
  return state_of (self) == KH_MESSAGE_WAITING || state_of (self) == KH_MESSAGE_FAILED;
}

static void
enable_actions (KhTimelineRow *self)
{
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "message.take-back",
                                 can_take_back (self));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "message.send-again",
                                 state_of (self) == KH_MESSAGE_FAILED);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "message.copy",
                                 self->kind == KH_ITEM_MESSAGE);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "message.reply",
                                 self->kind == KH_ITEM_MESSAGE);
}

static void
copy (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KhTimelineRow *self = KH_TIMELINE_ROW (widget);
  const char *text = self->item != NULL ? kh_timeline_item_get_text (self->item) : NULL;

  if (text != NULL)
    gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
}

static void
reply (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KhTimelineRow *self = KH_TIMELINE_ROW (widget);
  const char *text = self->item != NULL ? kh_timeline_item_get_text (self->item) : NULL;

  if (text != NULL)
    gtk_widget_activate_action (widget, "conversation.quote", "s", text);
}

static void
take_back (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KhTimelineRow *self = KH_TIMELINE_ROW (widget);

  if (can_take_back (self))
    kh_client_delete_message (self->client, kh_timeline_item_get_peer (self->item),
                              kh_timeline_item_get_id (self->item));
}

static void
send_again (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KhTimelineRow *self = KH_TIMELINE_ROW (widget);

  if (self->item != NULL)
    kh_client_send_again (self->client, kh_timeline_item_get_id (self->item));
}

static void
unfold (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_signal_emit (widget, signals[UNFOLD], 0);
}

static gboolean
show_menu (GtkWidget *widget, GVariant *arguments, gpointer data)
{
  if (KH_TIMELINE_ROW (widget)->kind != KH_ITEM_MESSAGE)
    return FALSE;
  kh_row_menu_popup (widget, state_of (KH_TIMELINE_ROW (widget)), -1, -1);
  return TRUE;
}

static void
on_secondary_click (KhTimelineRow *self, int n_press, double x, double y,
                    GtkGesture *gesture)
{
  gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_CLAIMED);
  kh_row_menu_popup (GTK_WIDGET (self), state_of (self), x, y);
}

static void
add_menu_gesture (KhTimelineRow *self)
{
  GtkGesture *gesture = gtk_gesture_click_new ();

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (gesture), GDK_BUTTON_SECONDARY);
  g_signal_connect_object (gesture, "pressed", G_CALLBACK (on_secondary_click), self,
                           G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (gesture));
}

/* --- The item ---------------------------------------------------------------------- */

static void
on_item_changed (KhTimelineRow *self)
{
  g_signal_emit (self, signals[ITEM_CHANGED], 0);
}

static void
set_item (KhTimelineRow *self, KhTimelineItem *item)
{
  if (self->item == item)
    return;
  if (self->item != NULL)
    g_signal_handlers_disconnect_by_func (self->item, on_item_changed, self);
  g_set_object (&self->item, item);
  if (item != NULL && self->kind == KH_ITEM_MESSAGE)
    g_signal_connect_object (item, "changed", G_CALLBACK (on_item_changed), self,
                             G_CONNECT_SWAPPED);
}

static void
show_content (KhTimelineRow *self, const KhTimelineRowLook *look)
{
  g_autofree char *note = NULL;

  switch (self->kind)
    {
    case KH_ITEM_MESSAGE:
      kh_message_row_show (KH_MESSAGE_ROW (self->content), self->item, &look->message);
      break;
    case KH_ITEM_TRANSFER:
      kh_file_card_set_item (KH_FILE_CARD (self->content), self->item);
      gtk_widget_set_halign (self->content, kh_timeline_item_is_outgoing (self->item)
                                                ? GTK_ALIGN_END
                                                : GTK_ALIGN_START);
      break;
    case KH_ITEM_NOTE:
    default:
      note = kh_message_look_note (kh_timeline_item_get_note_kind (self->item),
                                   kh_timeline_item_get_text (self->item),
                                   look->message.name);
      gtk_label_set_text (GTK_LABEL (self->content), note);
      break;
    }
}

static void
stop_flash (KhTimelineRow *self)
{
  g_clear_handle_id (&self->flash_source, g_source_remove);
  gtk_widget_remove_css_class (GTK_WIDGET (self), "found");
}

void
kh_timeline_row_bind (KhTimelineRow *self, KhTimelineItem *item,
                      const KhTimelineRowLook *look)
{
  if (item != self->item)
    stop_flash (self);
  set_item (self, item);
  show_label (self, &self->note, look->note, "log-note");
  show_label (self, &self->day, look->day, "day-mark");
  show_unread (self, look->begins_unread);
  order_above (self);
  show_content (self, look);
  enable_actions (self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  look->spoken, -1);
}

void
kh_timeline_row_unbind (KhTimelineRow *self)
{
  stop_flash (self);
  set_item (self, NULL);
  if (self->kind == KH_ITEM_TRANSFER)
    kh_file_card_set_item (KH_FILE_CARD (self->content), NULL);
}

KhTimelineItem *
kh_timeline_row_get_item (KhTimelineRow *self)
{
  return self->item;
}

static gboolean
flash_over (gpointer data)
{
  KhTimelineRow *self = data;

  self->flash_source = 0;
  gtk_widget_remove_css_class (GTK_WIDGET (self), "found");
  return G_SOURCE_REMOVE;
}

void
kh_timeline_row_flash (KhTimelineRow *self)
{
  stop_flash (self);
  gtk_widget_add_css_class (GTK_WIDGET (self), "found");
  self->flash_source = g_timeout_add (FLASH_MS, flash_over, self);
}

/* --- The widget -------------------------------------------------------------------- */

static GtkWidget *
make_content (KhTimelineRow *self)
{
  GtkWidget *note;

  if (self->kind == KH_ITEM_MESSAGE)
    return kh_message_row_new ();
  if (self->kind == KH_ITEM_TRANSFER)
    return kh_file_card_new (self->client);
  note = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (note), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (note), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_justify (GTK_LABEL (note), GTK_JUSTIFY_CENTER);
  gtk_widget_add_css_class (note, "log-note");
  return note;
}

static void
dispose (GObject *object)
{
  KhTimelineRow *self = KH_TIMELINE_ROW (object);
  GtkWidget *child;

  g_clear_handle_id (&self->flash_source, g_source_remove);
  set_item (self, NULL);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  self->note = self->day = self->unread = NULL;
  g_clear_object (&self->client);
  G_OBJECT_CLASS (kh_timeline_row_parent_class)->dispose (object);
}

static void
kh_timeline_row_class_init (KhTimelineRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = dispose;
  signals[UNFOLD] = g_signal_new ("unfold", KH_TYPE_TIMELINE_ROW, G_SIGNAL_RUN_LAST, 0,
                                  NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[ITEM_CHANGED]
      = g_signal_new ("item-changed", KH_TYPE_TIMELINE_ROW, G_SIGNAL_RUN_LAST, 0, NULL,
                      NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_css_name (widget_class, "logrow");
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_LIST_ITEM);
  gtk_widget_class_install_action (widget_class, "message.copy", NULL, copy);
  gtk_widget_class_install_action (widget_class, "message.reply", NULL, reply);
  gtk_widget_class_install_action (widget_class, "message.take-back", NULL, take_back);
  gtk_widget_class_install_action (widget_class, "message.send-again", NULL, send_again);
  gtk_widget_class_install_action (widget_class, "message.unfold", NULL, unfold);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Menu, 0, show_menu, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_F10, GDK_SHIFT_MASK, show_menu,
                                NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_c, GDK_CONTROL_MASK,
                                       "message.copy", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_r, GDK_CONTROL_MASK,
                                       "message.reply", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Return, 0, "message.unfold",
                                       NULL);
}

static void
kh_timeline_row_init (KhTimelineRow *self)
{
  gtk_orientable_set_orientation (
      GTK_ORIENTABLE (gtk_widget_get_layout_manager (GTK_WIDGET (self))),
      GTK_ORIENTATION_VERTICAL);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
}

GtkWidget *
kh_timeline_row_new (KhClient *client, KhTimelineKind kind)
{
  KhTimelineRow *self = g_object_new (KH_TYPE_TIMELINE_ROW, NULL);

  self->client = g_object_ref (client);
  self->kind = kind;
  self->content = make_content (self);
  gtk_widget_set_parent (self->content, GTK_WIDGET (self));
  if (kind == KH_ITEM_MESSAGE)
    add_menu_gesture (self);
  return GTK_WIDGET (self);
}
