/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/message-row.h"

#include "app/bubble.h"
#include "app/message-text.h"
#include "app/open-link.h"
#include "app/row-menu.h"
#include "app/show.h"
#include "app/time-text.h"

#include <glib/gi18n.h>
#include <string.h>

/* About as long as lines are in a book. */
#define LINE_CHARS 62

/* Left free at the side of the other person, in pixels. */
#define OTHER_SIDE 44

struct _KhMessageRow
{
  GtkWidget parent_instance;

  /* Borrowed */
  GtkWidget *bubble;
  GtkLabel *text;
  GtkLabel *time;
  GtkImage *mark;
  GtkWidget *waiting;    /* NULL until there is something to say */
  GtkWidget *send_again; /* NULL unless it failed */
  GtkWidget *show_all;   /* NULL unless the message is folded */

  /* State */
  gboolean outgoing;
};

G_DEFINE_FINAL_TYPE (KhMessageRow, kh_message_row, GTK_TYPE_WIDGET)

static char *
folded_markup (const char *text, gsize len)
{
  g_autofree char *part = g_strndup (text, len);
  g_autofree char *markup = kh_message_text_to_markup (part);

  return g_strconcat (markup, "…", NULL);
}

static GtkWidget *
make_show_all (void)
{
  GtkWidget *button = gtk_button_new_with_label (_ ("Show All"));

  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "message.unfold");
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "show-all");
  gtk_widget_set_halign (button, GTK_ALIGN_START);
  return button;
}

static void
show_text (KhMessageRow *self, const char *text, gboolean unfolded)
{
  gsize len = unfolded ? strlen (text) : kh_message_text_fold (text);
  gboolean folded = text[len] != '\0';
  gboolean emoji = !folded && kh_message_text_is_emoji (text);
  g_autofree char *markup
      = folded ? folded_markup (text, len) : kh_message_text_to_markup (text);

  kh_show_class (self->bubble, "emoji", emoji);
  gtk_label_set_markup (self->text, markup);
  if (folded != (self->show_all != NULL))
    {
      self->show_all = folded ? make_show_all () : NULL;
      kh_bubble_set_middle (KH_BUBBLE (self->bubble), self->show_all);
    }
  kh_bubble_text_changed (KH_BUBBLE (self->bubble));
}

static void
show_waiting (KhMessageRow *self, const char *text)
{
  if (text == NULL)
    {
      g_clear_pointer (&self->waiting, gtk_widget_unparent);
      return;
    }
  if (self->waiting == NULL)
    {
      self->waiting = gtk_label_new (NULL);
      gtk_label_set_wrap (GTK_LABEL (self->waiting), TRUE);
      gtk_label_set_wrap_mode (GTK_LABEL (self->waiting), PANGO_WRAP_WORD_CHAR);
      gtk_label_set_xalign (GTK_LABEL (self->waiting), 1);
      gtk_widget_add_css_class (self->waiting, "caption");
      gtk_widget_add_css_class (self->waiting, "dim-label");
      gtk_widget_insert_before (self->waiting, GTK_WIDGET (self), NULL);
    }
  gtk_label_set_text (GTK_LABEL (self->waiting), text);
}

static void
show_send_again (KhMessageRow *self, gboolean on)
{
  if (!on)
    g_clear_pointer (&self->send_again, gtk_widget_unparent);
  else if (self->send_again == NULL)
    {
      self->send_again = gtk_button_new_with_label (_ ("Send Again"));
      gtk_actionable_set_action_name (GTK_ACTIONABLE (self->send_again),
                                      "message.send-again");
      gtk_widget_insert_before (self->send_again, GTK_WIDGET (self), NULL);
    }
}

static void
show_mark (KhMessageRow *self, KhTimelineItem *item, const KhMessageRowLook *look)
{
  KhMessageState state = kh_timeline_item_get_message_state (item);
  const char *icon = kh_message_look_icon (state);
  g_autofree char *words = kh_message_look_mark (state, look->reach, look->name);

  gtk_widget_set_visible (GTK_WIDGET (self->mark), icon != NULL);
  if (icon != NULL)
    {
      gtk_image_set_from_icon_name (self->mark, icon);
      gtk_widget_set_tooltip_text (GTK_WIDGET (self->mark), words);
      gtk_accessible_update_property (GTK_ACCESSIBLE (self->mark),
                                      GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
    }
  kh_show_class (GTK_WIDGET (self->mark), "delivered", state == KH_MESSAGE_DELIVERED);
  show_waiting (self, look->tells_waiting ? words : NULL);
}

void
kh_message_row_show (KhMessageRow *self, KhTimelineItem *item,
                     const KhMessageRowLook *look)
{
  gboolean outgoing = kh_timeline_item_is_outgoing (item);
  gint64 at_ms = kh_timeline_item_get_at_ms (item);
  g_autofree char *clock = kh_time_text_clock (at_ms);
  const char *text = kh_timeline_item_get_text (item);
  KhMessageState state = kh_timeline_item_get_message_state (item);

  kh_show_class (self->bubble, "outgoing", outgoing);
  kh_show_class (GTK_WIDGET (self), "joins-before", look->joins_before);
  kh_show_class (GTK_WIDGET (self), "joins-after", look->joins_after);
  self->outgoing = outgoing;
  gtk_label_set_extra_menu (self->text, kh_row_menu_get (state));
  show_text (self, text != NULL ? text : "", look->unfolded);
  show_send_again (self, state == KH_MESSAGE_FAILED);
  gtk_label_set_text (self->time, clock);
  show_mark (self, item, look);
}

static gboolean
on_activate_link (KhMessageRow *self, const char *uri)
{
  kh_open_link (GTK_WIDGET (self), uri);
  return TRUE;
}

static GtkWidget *
make_foot (KhMessageRow *self)
{
  GtkWidget *foot = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);

  self->time = GTK_LABEL (gtk_label_new (NULL));
  self->mark = GTK_IMAGE (gtk_image_new ());
  gtk_widget_add_css_class (foot, "foot");
  gtk_widget_add_css_class (GTK_WIDGET (self->time), "caption");
  gtk_widget_add_css_class (GTK_WIDGET (self->time), "numeric");
  gtk_box_append (GTK_BOX (foot), GTK_WIDGET (self->time));
  gtk_box_append (GTK_BOX (foot), GTK_WIDGET (self->mark));
  return foot;
}

static void
make_text (KhMessageRow *self)
{
  PangoAttrList *attributes = pango_attr_list_new ();

  self->text = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->text, TRUE);
  gtk_label_set_wrap_mode (self->text, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (self->text, 0);
  gtk_widget_set_valign (GTK_WIDGET (self->text), GTK_ALIGN_START);
  gtk_label_set_max_width_chars (self->text, LINE_CHARS);
  gtk_label_set_selectable (self->text, TRUE);
  /* A hyphen that nobody wrote would be taken for a part of an address. */
  pango_attr_list_insert (attributes, pango_attr_insert_hyphens_new (FALSE));
  gtk_label_set_attributes (self->text, attributes);
  pango_attr_list_unref (attributes);
  g_signal_connect_object (self->text, "activate-link", G_CALLBACK (on_activate_link),
                           self, G_CONNECT_SWAPPED);
}

/* --- Places: the bubble is no wider than its text ---------------------------------- */

static int
bubble_width (KhMessageRow *self, int width)
{
  int minimum;
  int natural;

  gtk_widget_measure (self->bubble, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, &natural,
                      NULL, NULL);
  return MAX (minimum, MIN (natural, width - OTHER_SIDE));
}

static int
child_height (GtkWidget *child, int width)
{
  int height = 0;

  if (child != NULL)
    gtk_widget_measure (child, GTK_ORIENTATION_VERTICAL, width, &height, NULL, NULL,
                        NULL);
  return height;
}

static void
measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
         int *natural, int *minimum_baseline, int *natural_baseline)
{
  KhMessageRow *self = KH_MESSAGE_ROW (widget);

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      gtk_widget_measure (self->bubble, orientation, -1, minimum, natural, NULL, NULL);
      *minimum += OTHER_SIDE;
      *natural += OTHER_SIDE;
      return;
    }
  if (for_size < 0)
    gtk_widget_measure (widget, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &for_size, NULL,
                        NULL);
  *minimum = child_height (self->bubble, bubble_width (self, for_size))
             + child_height (self->waiting, for_size)
             + child_height (self->send_again, for_size);
  *natural = *minimum;
}

/* Below @above; a button is at the side of its bubble and no wider than it needs. */
static void
place_below (GtkWidget *child, GtkAllocation *above, int width, gboolean rtl)
{
  int natural;

  if (child == NULL)
    return;
  above->y += above->height;
  above->height = child_height (child, width);
  above->x = 0;
  above->width = width;
  if (GTK_IS_BUTTON (child))
    {
      gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &natural, NULL,
                          NULL);
      above->width = MIN (natural, width);
      above->x = rtl ? 0 : width - above->width;
    }
  gtk_widget_size_allocate (child, above, -1);
}

static void
size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  KhMessageRow *self = KH_MESSAGE_ROW (widget);
  gboolean rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  int bubble = bubble_width (self, width);
  GtkAllocation place
      = { .width = bubble, .height = child_height (self->bubble, bubble) };

  place.x = self->outgoing != rtl ? width - bubble : 0;
  gtk_widget_size_allocate (self->bubble, &place, -1);
  place_below (self->waiting, &place, width, FALSE);
  place_below (self->send_again, &place, width, rtl);
}

static GtkSizeRequestMode
get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
dispose (GObject *object)
{
  KhMessageRow *self = KH_MESSAGE_ROW (object);

  g_clear_pointer (&self->waiting, gtk_widget_unparent);
  g_clear_pointer (&self->send_again, gtk_widget_unparent);
  g_clear_pointer (&self->bubble, gtk_widget_unparent);
  G_OBJECT_CLASS (kh_message_row_parent_class)->dispose (object);
}

static void
kh_message_row_class_init (KhMessageRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = dispose;
  widget_class->measure = measure;
  widget_class->size_allocate = size_allocate;
  widget_class->get_request_mode = get_request_mode;
  gtk_widget_class_set_css_name (widget_class, "message");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
kh_message_row_init (KhMessageRow *self)
{
}

GtkWidget *
kh_message_row_new (void)
{
  KhMessageRow *self = g_object_new (KH_TYPE_MESSAGE_ROW, NULL);
  GtkWidget *foot = make_foot (self);

  make_text (self);
  self->bubble = kh_bubble_new (self->text, foot);
  gtk_widget_set_parent (self->bubble, GTK_WIDGET (self));
  return GTK_WIDGET (self);
}
