/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/side-by-side.h"

/* Unless it is said. */
#define SPACING 12
/* A text narrower than this reads badly beside something else. */
#define TEXT_WIDTH 200

struct _KhSideBySide
{
  GtkWidget parent_instance;

  /* State */
  int spacing;
  int below_spacing;
};

enum
{
  PROP_SPACING = 1,
  PROP_BELOW_SPACING,
};

G_DEFINE_FINAL_TYPE (KhSideBySide, kh_side_by_side, GTK_TYPE_WIDGET)

typedef struct
{
  int minimum;
  int natural;
} Size;

/* Of the first and the last child; of one that is hidden nothing. */
static Size
measure_child (GtkWidget *child, GtkOrientation orientation, int for_size)
{
  Size size = { 0, 0 };

  if (child != NULL && gtk_widget_should_layout (child))
    gtk_widget_measure (child, orientation, for_size, &size.minimum, &size.natural, NULL,
                        NULL);
  return size;
}

static GtkWidget *
second (GtkWidget *widget)
{
  GtkWidget *last = gtk_widget_get_last_child (widget);

  if (last == gtk_widget_get_first_child (widget) || !gtk_widget_should_layout (last))
    return NULL;
  return last;
}

static gboolean
fits_beside (GtkWidget *widget, int width)
{
  Size text = measure_child (gtk_widget_get_first_child (widget),
                             GTK_ORIENTATION_HORIZONTAL, -1);
  Size other = measure_child (second (widget), GTK_ORIENTATION_HORIZONTAL, -1);
  int spacing = KH_SIDE_BY_SIDE (widget)->spacing;

  return MAX (text.minimum, MIN (text.natural, TEXT_WIDTH)) + spacing + other.natural
         <= width;
}

static void
measure_width (GtkWidget *widget, int *minimum, int *natural)
{
  Size text = measure_child (gtk_widget_get_first_child (widget),
                             GTK_ORIENTATION_HORIZONTAL, -1);
  Size other = measure_child (second (widget), GTK_ORIENTATION_HORIZONTAL, -1);

  *minimum = MAX (text.minimum, other.minimum);
  *natural = text.natural;
  if (other.natural > 0)
    *natural += KH_SIDE_BY_SIDE (widget)->spacing + other.natural;
}

static void
measure_height (GtkWidget *widget, int width, int *minimum, int *natural)
{
  KhSideBySide *self = KH_SIDE_BY_SIDE (widget);
  GtkWidget *first = gtk_widget_get_first_child (widget);
  GtkWidget *other = second (widget);
  int other_width = measure_child (other, GTK_ORIENTATION_HORIZONTAL, -1).natural;
  int below;

  if (other == NULL)
    {
      *minimum = *natural
          = measure_child (first, GTK_ORIENTATION_VERTICAL, width).natural;
      return;
    }
  if (width < 0 || fits_beside (widget, width))
    {
      int text_width = width < 0 ? -1 : width - self->spacing - other_width;

      *minimum = *natural
          = MAX (measure_child (first, GTK_ORIENTATION_VERTICAL, text_width).natural,
                 measure_child (other, GTK_ORIENTATION_VERTICAL, -1).natural);
      return;
    }
  below = measure_child (other, GTK_ORIENTATION_VERTICAL, width).natural;
  *minimum = *natural = measure_child (first, GTK_ORIENTATION_VERTICAL, width).natural
                        + self->below_spacing + below;
}

static void
kh_side_by_side_measure (GtkWidget *widget, GtkOrientation orientation, int for_size,
                         int *minimum, int *natural, int *minimum_baseline,
                         int *natural_baseline)
{
  *minimum_baseline = *natural_baseline = -1;
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    measure_width (widget, minimum, natural);
  else
    measure_height (widget, for_size, minimum, natural);
}

static void
kh_side_by_side_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  KhSideBySide *self = KH_SIDE_BY_SIDE (widget);
  GtkWidget *first = gtk_widget_get_first_child (widget);
  GtkWidget *other = second (widget);
  gboolean rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  int other_width = measure_child (other, GTK_ORIENTATION_HORIZONTAL, -1).natural;
  int text_height;

  if (other == NULL)
    {
      gtk_widget_size_allocate (first, &(GtkAllocation){ 0, 0, width, height }, -1);
      return;
    }
  if (fits_beside (widget, width))
    {
      int text_width = width - self->spacing - other_width;

      gtk_widget_size_allocate (first,
                                &(GtkAllocation){ rtl ? self->spacing + other_width : 0,
                                                  0, text_width, height },
                                -1);
      gtk_widget_size_allocate (other,
                                &(GtkAllocation){ rtl ? 0 : text_width + self->spacing, 0,
                                                  other_width, height },
                                -1);
      return;
    }
  text_height = measure_child (first, GTK_ORIENTATION_VERTICAL, width).natural;
  gtk_widget_size_allocate (first, &(GtkAllocation){ 0, 0, width, text_height }, -1);
  gtk_widget_size_allocate (
      other,
      &(GtkAllocation){ 0, text_height + self->below_spacing, width,
                        MAX (height - text_height - self->below_spacing, 0) },
      -1);
}

static GtkSizeRequestMode
kh_side_by_side_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
kh_side_by_side_set_property (GObject *object, guint id, const GValue *value,
                              GParamSpec *pspec)
{
  KhSideBySide *self = KH_SIDE_BY_SIDE (object);

  if (id == PROP_SPACING)
    self->spacing = g_value_get_int (value);
  else
    self->below_spacing = g_value_get_int (value);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

static void
kh_side_by_side_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (kh_side_by_side_parent_class)->dispose (object);
}

static void
kh_side_by_side_class_init (KhSideBySideClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->set_property = kh_side_by_side_set_property;
  G_OBJECT_CLASS (class)->dispose = kh_side_by_side_dispose;
  widget_class->measure = kh_side_by_side_measure;
  widget_class->size_allocate = kh_side_by_side_size_allocate;
  widget_class->get_request_mode = kh_side_by_side_get_request_mode;
  g_object_class_install_property (
      G_OBJECT_CLASS (class), PROP_SPACING,
      g_param_spec_int ("spacing", NULL, NULL, 0, G_MAXINT16, SPACING,
                        G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (
      G_OBJECT_CLASS (class), PROP_BELOW_SPACING,
      g_param_spec_int ("below-spacing", NULL, NULL, 0, G_MAXINT16, SPACING,
                        G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS));
}

static void
kh_side_by_side_init (KhSideBySide *self)
{
  self->spacing = SPACING;
  self->below_spacing = SPACING;
}
