/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/bubble.h"

/* Between the last word and what stands beside it, in pixels. */
#define GAP 10

/* A width that no label has. */
#define UNKNOWN -2

struct _KhBubble
{
  GtkWidget parent_instance;

  /* Owned */
  PangoLayout *probe; /* the label's text, to be laid out at any width */

  /* Borrowed */
  GtkWidget *text;
  GtkWidget *middle; /* or NULL */
  GtkWidget *foot;

  /* State */
  int probe_width; /* of what follows */
  int last_line;   /* its width */
  gboolean one_line;
  gboolean with_us; /* the last line ends where the foot stands */
};

G_DEFINE_FINAL_TYPE (KhBubble, kh_bubble, GTK_TYPE_WIDGET)

static void
forget_probe (KhBubble *self)
{
  g_clear_object (&self->probe);
  self->probe_width = UNKNOWN;
}

/* Lays the text out at @width, -1: without a limit. */
static void
probe (KhBubble *self, int width)
{
  PangoDirection direction = gtk_widget_get_direction (self->text) == GTK_TEXT_DIR_RTL
                                 ? PANGO_DIRECTION_RTL
                                 : PANGO_DIRECTION_LTR;
  PangoLayoutLine *line;
  PangoRectangle place;
  int n;

  if (self->probe_width == width)
    return;
  if (self->probe == NULL)
    self->probe = pango_layout_copy (gtk_label_get_layout (GTK_LABEL (self->text)));
  pango_layout_set_width (self->probe, width < 0 ? -1 : width * PANGO_SCALE);
  n = pango_layout_get_line_count (self->probe);
  line = pango_layout_get_line_readonly (self->probe, n - 1);
  pango_layout_line_get_pixel_extents (line, NULL, &place);
  self->one_line = n == 1;
  self->last_line = place.width;
  self->with_us = pango_layout_line_get_resolved_direction (line) == direction;
  self->probe_width = width;
}

static void
measure_child (GtkWidget *child, GtkOrientation orientation, int for_size, int *minimum,
               int *natural)
{
  *minimum = *natural = 0;
  if (child != NULL && gtk_widget_should_layout (child))
    gtk_widget_measure (child, orientation, for_size, minimum, natural, NULL, NULL);
}

static int
foot_width (KhBubble *self)
{
  int minimum;
  int natural;

  measure_child (self->foot, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, &natural);
  return natural;
}

static gboolean
has_room (KhBubble *self, int width)
{
  return self->last_line + GAP + foot_width (self) <= width;
}

/* All of the text and the foot in one line: then the text ends before the foot, whichever
 * way it runs. */
static gboolean
is_one_line (KhBubble *self, int width)
{
  probe (self, -1);
  return self->one_line && has_room (self, width);
}

static gboolean
stands_beside (KhBubble *self, int width)
{
  if (self->middle != NULL && gtk_widget_should_layout (self->middle))
    return FALSE;
  if (is_one_line (self, width))
    return TRUE;
  probe (self, width);
  return self->with_us && has_room (self, width);
}

static void
measure_width (KhBubble *self, int *minimum, int *natural)
{
  int text_minimum;
  int text_natural;
  int middle_minimum;
  int middle_natural;
  int foot = foot_width (self);

  measure_child (self->text, GTK_ORIENTATION_HORIZONTAL, -1, &text_minimum,
                 &text_natural);
  measure_child (self->middle, GTK_ORIENTATION_HORIZONTAL, -1, &middle_minimum,
                 &middle_natural);
  probe (self, -1);
  if (self->one_line && self->last_line <= text_natural)
    text_natural += GAP + foot;
  *minimum = MAX (MAX (text_minimum, middle_minimum), foot);
  *natural = MAX (MAX (text_natural, middle_natural), *minimum);
}

static int
child_height (GtkWidget *child, int width)
{
  int minimum;
  int natural;

  measure_child (child, GTK_ORIENTATION_VERTICAL, width, &minimum, &natural);
  return minimum;
}

static void
measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
         int *natural, int *minimum_baseline, int *natural_baseline)
{
  KhBubble *self = KH_BUBBLE (widget);
  int foot;

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      measure_width (self, minimum, natural);
      return;
    }
  if (for_size < 0)
    measure_width (self, minimum, &for_size);
  foot = child_height (self->foot, -1);
  *minimum = child_height (self->text, for_size);
  if (stands_beside (self, for_size))
    *minimum = MAX (*minimum, foot);
  else
    *minimum += child_height (self->middle, for_size) + foot;
  *natural = *minimum;
}

static void
allocate (GtkWidget *child, int x, int y, int width, int height)
{
  GtkAllocation place = { x, y, width, height };

  if (child != NULL && gtk_widget_should_layout (child))
    gtk_widget_size_allocate (child, &place, -1);
}

static void
size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  KhBubble *self = KH_BUBBLE (widget);
  gboolean rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  int foot = child_height (self->foot, -1);
  int foot_at = MIN (foot_width (self), width);
  int text_width = is_one_line (self, width) ? width - foot_at - GAP : width;
  int text = child_height (self->text, text_width);

  allocate (self->text, rtl ? width - text_width : 0, 0, text_width, text);
  allocate (self->middle, 0, text, width, child_height (self->middle, width));
  allocate (self->foot, rtl ? 0 : width - foot_at, height - foot, foot_at, foot);
}

static GtkSizeRequestMode
get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (kh_bubble_parent_class)->css_changed (widget, change);
  forget_probe (KH_BUBBLE (widget));
}

static void
system_setting_changed (GtkWidget *widget, GtkSystemSetting setting)
{
  GTK_WIDGET_CLASS (kh_bubble_parent_class)->system_setting_changed (widget, setting);
  forget_probe (KH_BUBBLE (widget));
}

static void
direction_changed (GtkWidget *widget, GtkTextDirection before)
{
  GTK_WIDGET_CLASS (kh_bubble_parent_class)->direction_changed (widget, before);
  forget_probe (KH_BUBBLE (widget));
}

static void
dispose (GObject *object)
{
  KhBubble *self = KH_BUBBLE (object);

  g_clear_object (&self->probe);
  g_clear_pointer (&self->text, gtk_widget_unparent);
  g_clear_pointer (&self->middle, gtk_widget_unparent);
  g_clear_pointer (&self->foot, gtk_widget_unparent);
  G_OBJECT_CLASS (kh_bubble_parent_class)->dispose (object);
}

static void
kh_bubble_class_init (KhBubbleClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = dispose;
  widget_class->measure = measure;
  widget_class->size_allocate = size_allocate;
  widget_class->get_request_mode = get_request_mode;
  widget_class->css_changed = css_changed;
  widget_class->system_setting_changed = system_setting_changed;
  widget_class->direction_changed = direction_changed;
  gtk_widget_class_set_css_name (widget_class, "bubble");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
kh_bubble_init (KhBubble *self)
{
  self->probe_width = UNKNOWN;
}

GtkWidget *
kh_bubble_new (GtkLabel *text, GtkWidget *foot)
{
  KhBubble *self = g_object_new (KH_TYPE_BUBBLE, NULL);

  self->text = GTK_WIDGET (text);
  self->foot = foot;
  gtk_widget_set_parent (self->text, GTK_WIDGET (self));
  gtk_widget_set_parent (foot, GTK_WIDGET (self));
  return GTK_WIDGET (self);
}

void
kh_bubble_text_changed (KhBubble *self)
{
  forget_probe (self);
}

void
kh_bubble_set_middle (KhBubble *self, GtkWidget *middle)
{
  if (self->middle == middle)
    return;
  g_clear_pointer (&self->middle, gtk_widget_unparent);
  self->middle = middle;
  if (middle != NULL)
    gtk_widget_insert_after (middle, GTK_WIDGET (self), self->text);
}
