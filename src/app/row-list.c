/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/row-list-private.h"

#include <math.h>

/* Of a row before any was measured. */
#define MEAN_AT_FIRST 48.0

/* Rows exist this far beyond the view, and go when they are twice as far: at least so
 * many pixels, or half the view. */
#define BEYOND_MIN 300

/* Far enough away not to be seen. */
#define OUT_OF_VIEW 100000

enum
{
  PROPERTY_HADJUSTMENT = 1,
  PROPERTY_VADJUSTMENT,
  PROPERTY_HSCROLL_POLICY,
  PROPERTY_VSCROLL_POLICY,
};

static guint moved_signal;

G_DEFINE_FINAL_TYPE_WITH_CODE (KhRowList, kh_row_list, GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_SCROLLABLE, NULL))

static guint
n_items (KhRowList *self)
{
  return self->model != NULL ? g_list_model_get_n_items (self->model) : 0;
}

/* --- Places ------------------------------------------------------------------------ */

static double
value (KhRowList *self)
{
  return gtk_adjustment_get_value (self->adjustments[GTK_ORIENTATION_VERTICAL]);
}

static int
pixel (double top)
{
  return (int)floor (top);
}

static int
beyond (KhRowList *self)
{
  return MAX (self->height / 2, BEYOND_MIN);
}

/* Where all rows begin and end, as far as one can say. */
static void
get_bounds (KhRowList *self, double *lower, double *upper)
{
  guint after = n_items (self) - self->first - self->rows->len;

  *lower = kh_row_list_first_row (self)->y - self->first * self->mean;
  *upper = kh_row_bottom (kh_row_list_last_row (self)) + after * self->mean;
  if (*upper - *lower < self->height)
    *lower = *upper - self->height; /* few rows stand at the foot */
}

/* The row that the others' places follow from, at the place it has in the view. */
static void
put_anchor (KhRowList *self, double top)
{
  guint last = n_items (self) - 1;
  KhRow *row;

  self->anchor = MIN (self->anchor, last);
  row = kh_row_list_row_at (self, self->anchor);
  if (row == NULL)
    {
      kh_row_list_release_all (self);
      row = kh_row_list_add_row (self, self->anchor, 0);
    }
  if (self->at_end)
    self->anchor_y = self->height - row->height;
  row->y = pixel (top) + self->anchor_y;
}

static void
put_others (KhRowList *self)
{
  guint anchor = self->anchor - self->first;
  int y = g_array_index (self->rows, KhRow, anchor).y;

  for (guint i = anchor; i-- > 0;)
    {
      KhRow *row = &g_array_index (self->rows, KhRow, i);

      y -= row->height;
      row->y = y;
    }
  for (guint i = anchor + 1; i < self->rows->len; i++)
    {
      KhRow *before = &g_array_index (self->rows, KhRow, i - 1);

      g_array_index (self->rows, KhRow, i).y = kh_row_bottom (before);
    }
}

static void
measure_all (KhRowList *self)
{
  for (guint i = 0; i < self->rows->len; i++)
    kh_row_list_measure (self, &g_array_index (self->rows, KhRow, i));
}

/* Rows for all that is seen from @top on, and a little more. */
static void
fill (KhRowList *self, int top)
{
  int from = top - beyond (self);
  int to = top + self->height + beyond (self);
  int far = beyond (self);

  while (kh_row_bottom (kh_row_list_last_row (self)) < to
         && self->first + self->rows->len < n_items (self))
    {
      int y = kh_row_bottom (kh_row_list_last_row (self));

      kh_row_list_add_row (self, self->first + self->rows->len, from)->y = y;
    }
  while (kh_row_list_first_row (self)->y > from && self->first > 0)
    {
      int y = kh_row_list_first_row (self)->y;
      KhRow *row = kh_row_list_add_row (self, self->first - 1, to);

      row->y = y - row->height;
    }
  while (self->rows->len > 1 && kh_row_bottom (kh_row_list_first_row (self)) < from - far)
    kh_row_list_release (self, 0);
  while (self->rows->len > 1 && kh_row_list_last_row (self)->y > to + far)
    kh_row_list_release (self, self->rows->len - 1);
}

static void
keep_anchor (KhRowList *self, double top)
{
  for (guint i = 0; i < self->rows->len; i++)
    {
      KhRow *row = &g_array_index (self->rows, KhRow, i);

      if (kh_row_bottom (row) <= top && i + 1 < self->rows->len)
        continue;
      self->anchor = self->first + i;
      self->anchor_y = row->y - pixel (top);
      return;
    }
}

static double
clamp_top (KhRowList *self, double top)
{
  double lower;
  double upper;

  get_bounds (self, &lower, &upper);
  if (self->at_end)
    return upper - self->height;
  return CLAMP (top, lower, upper - self->height);
}

static void
configure (KhRowList *self, double top)
{
  double lower = 0;
  double upper = self->height;

  if (self->rows->len > 0)
    get_bounds (self, &lower, &upper);
  gtk_adjustment_configure (self->adjustments[GTK_ORIENTATION_VERTICAL], top, lower,
                            upper, self->height * 0.1, self->height * 0.9, self->height);
}

/* Who is at the end by whatever way stays there. */
static void
note_end (KhRowList *self)
{
  GtkAdjustment *adjustment = self->adjustments[GTK_ORIENTATION_VERTICAL];

  self->at_end = value (self) + self->height >= gtk_adjustment_get_upper (adjustment) - 1;
}

/* Everything follows from the anchor and where it is in the view. */
void
kh_row_list_update (KhRowList *self)
{
  double top = value (self);

  if (self->updating || self->width == 0 || self->adjustments[1] == NULL)
    return;
  self->updating = TRUE;
  if (self->pinned.widget != NULL && !kh_row_list_has_focus (self, self->pinned.widget))
    kh_row_list_drop_pinned (self);
  if (n_items (self) == 0)
    {
      kh_row_list_release_all (self);
      top = 0;
    }
  else
    {
      if (self->at_end)
        self->anchor = n_items (self) - 1;
      measure_all (self);
      put_anchor (self, top);
      put_others (self);
      /* Rows that are made tell how far one can scroll at all. */
      for (guint round = 0; round < 4; round++)
        {
          double wanted;

          fill (self, pixel (top));
          wanted = clamp_top (self, top);
          if (wanted == top)
            break;
          top = wanted;
        }
      keep_anchor (self, top);
    }
  configure (self, top);
  note_end (self);
  self->updating = FALSE;
  if (!self->allocating)
    gtk_widget_queue_allocate (GTK_WIDGET (self));
  g_signal_emit (self, moved_signal, 0);
}

/* Far from all rows that exist: begin anew where this place should be. */
static void
jump (KhRowList *self, double top)
{
  double lower;
  double upper;
  double index;

  get_bounds (self, &lower, &upper);
  index = (top - lower) / self->mean;
  self->anchor = (guint)CLAMP (index, 0, n_items (self) - 1);
  self->anchor_y = (int)(lower + self->anchor * self->mean - top);
}

static void
on_value_changed (KhRowList *self)
{
  double top = value (self);

  if (self->updating || self->rows->len == 0)
    return;
  note_end (self);
  if (top > kh_row_bottom (kh_row_list_last_row (self))
      || top + self->height < kh_row_list_first_row (self)->y)
    jump (self, top);
  else
    keep_anchor (self, top);
  kh_row_list_update (self);
}

/* --- Where one is ------------------------------------------------------------------ */

void
kh_row_list_scroll_to (KhRowList *self, guint index, double align)
{
  KhRow *row = kh_row_list_row_at (self, index);
  int height = row != NULL ? row->height : (int)self->mean;

  self->at_end = FALSE;
  self->anchor = index;
  self->anchor_y = (int)((self->height - height) * align);
  if (height > self->height)
    self->anchor_y = 0;
  kh_row_list_update (self);
}

void
kh_row_list_scroll_to_end (KhRowList *self)
{
  self->at_end = TRUE;
  kh_row_list_update (self);
}

gboolean
kh_row_list_is_at_end (KhRowList *self)
{
  return self->at_end;
}

gboolean
kh_row_list_get_visible (KhRowList *self, guint *first, guint *last)
{
  double top = self->adjustments[1] != NULL ? value (self) : 0;
  gboolean found = FALSE;

  for (guint i = 0; i < self->rows->len; i++)
    {
      KhRow *row = &g_array_index (self->rows, KhRow, i);

      if (kh_row_bottom (row) <= top || row->y >= top + self->height)
        continue;
      if (!found)
        *first = self->first + i;
      *last = self->first + i;
      found = TRUE;
    }
  return found;
}

GtkWidget *
kh_row_list_get_row (KhRowList *self, guint index)
{
  KhRow *row = kh_row_list_row_at (self, index);

  return row != NULL ? row->widget : NULL;
}

void
kh_row_list_move_cursor (KhRowList *self, guint index)
{
  KhRow *row;

  if (index >= n_items (self))
    return;
  row = kh_row_list_row_at (self, index);
  if (row == NULL || row->y < value (self))
    kh_row_list_scroll_to (self, index, row == NULL ? 0.5 : 0);
  else if (kh_row_bottom (row) > value (self) + self->height)
    kh_row_list_scroll_to (self, index, 1);
  if (index == n_items (self) - 1)
    kh_row_list_scroll_to_end (self);
  row = kh_row_list_row_at (self, index);
  self->cursor = index;
  if (row != NULL)
    gtk_widget_grab_focus (row->widget);
}

void
kh_row_list_focus_row (KhRowList *self)
{
  guint first;
  guint last;

  if (!kh_row_list_get_visible (self, &first, &last))
    gtk_widget_grab_focus (GTK_WIDGET (self));
  else if (self->cursor >= first && self->cursor <= last)
    kh_row_list_move_cursor (self, self->cursor);
  else
    kh_row_list_move_cursor (self, last);
}

/* --- The widget -------------------------------------------------------------------- */

static void
allocate_row (KhRowList *self, const KhRow *row, int y)
{
  int width = kh_row_list_column (self);
  GtkAllocation place = { (self->width - width) / 2, y, width, MAX (row->height, 1) };

  gtk_widget_size_allocate (row->widget, &place, -1);
}

static void
size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  KhRowList *self = KH_ROW_LIST (widget);
  int top;

  if (self->adjustments[0] != NULL)
    gtk_adjustment_configure (self->adjustments[0], 0, 0, width, 1, 1, width);
  if (self->adjustments[1] == NULL)
    return;
  if (width != self->width)
    self->n_measured = MIN (self->n_measured, 1); /* heights are others now */
  self->width = width;
  self->height = height;
  self->allocating = TRUE;
  kh_row_list_update (self);
  self->allocating = FALSE;
  top = pixel (value (self));
  for (guint i = 0; i < self->rows->len; i++)
    {
      KhRow *row = &g_array_index (self->rows, KhRow, i);

      allocate_row (self, row, row->y - top);
    }
  if (self->pinned.widget != NULL)
    {
      kh_row_list_measure (self, &self->pinned);
      allocate_row (self, &self->pinned, -OUT_OF_VIEW);
    }
}

static void
measure_list (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
              int *natural, int *minimum_baseline, int *natural_baseline)
{
  KhRowList *self = KH_ROW_LIST (widget);

  *minimum = *natural = 0;
  if (orientation == GTK_ORIENTATION_VERTICAL)
    return;
  for (guint i = 0; i < self->rows->len; i++)
    {
      int min;
      int nat;

      gtk_widget_measure (g_array_index (self->rows, KhRow, i).widget, orientation, -1,
                          &min, &nat, NULL, NULL);
      *minimum = MAX (*minimum, min);
      *natural = MAX (*natural, nat);
    }
}

static GtkSizeRequestMode
get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
set_adjustment (KhRowList *self, GtkOrientation orientation, GtkAdjustment *adjustment)
{
  if (self->adjustments[orientation] == adjustment)
    return;
  if (self->adjustments[orientation] != NULL)
    g_signal_handlers_disconnect_by_data (self->adjustments[orientation], self);
  g_clear_object (&self->adjustments[orientation]);
  if (adjustment != NULL)
    self->adjustments[orientation] = g_object_ref_sink (adjustment);
  if (adjustment != NULL && orientation == GTK_ORIENTATION_VERTICAL)
    g_signal_connect_object (adjustment, "value-changed", G_CALLBACK (on_value_changed),
                             self, G_CONNECT_SWAPPED);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
}

static void
set_property (GObject *object, guint id, const GValue *new_value, GParamSpec *pspec)
{
  KhRowList *self = KH_ROW_LIST (object);

  switch (id)
    {
    case PROPERTY_HADJUSTMENT:
      set_adjustment (self, GTK_ORIENTATION_HORIZONTAL, g_value_get_object (new_value));
      break;
    case PROPERTY_VADJUSTMENT:
      set_adjustment (self, GTK_ORIENTATION_VERTICAL, g_value_get_object (new_value));
      break;
    case PROPERTY_HSCROLL_POLICY:
      self->policies[0] = g_value_get_enum (new_value);
      break;
    case PROPERTY_VSCROLL_POLICY:
      self->policies[1] = g_value_get_enum (new_value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
get_property (GObject *object, guint id, GValue *its_value, GParamSpec *pspec)
{
  KhRowList *self = KH_ROW_LIST (object);

  switch (id)
    {
    case PROPERTY_HADJUSTMENT:
      g_value_set_object (its_value, self->adjustments[0]);
      break;
    case PROPERTY_VADJUSTMENT:
      g_value_set_object (its_value, self->adjustments[1]);
      break;
    case PROPERTY_HSCROLL_POLICY:
      g_value_set_enum (its_value, self->policies[0]);
      break;
    case PROPERTY_VSCROLL_POLICY:
      g_value_set_enum (its_value, self->policies[1]);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
set_focus_child (GtkWidget *widget, GtkWidget *child)
{
  KhRowList *self = KH_ROW_LIST (widget);

  GTK_WIDGET_CLASS (kh_row_list_parent_class)->set_focus_child (widget, child);
  for (guint i = 0; child != NULL && i < self->rows->len; i++)
    if (g_array_index (self->rows, KhRow, i).widget == child)
      self->cursor = self->first + i;
  /* GTK is still walking from the one that had it: it goes with the next places. */
  if (self->pinned.widget != NULL && self->pinned.widget != child)
    gtk_widget_queue_allocate (widget);
}

static gboolean
focus (GtkWidget *widget, GtkDirectionType direction)
{
  KhRowList *self = KH_ROW_LIST (widget);
  GtkWidget *child = gtk_widget_get_focus_child (widget);

  if (child != NULL)
    return gtk_widget_child_focus (child, direction);
  if (gtk_widget_is_focus (widget) && direction == GTK_DIR_TAB_FORWARD)
    return FALSE;
  kh_row_list_focus_row (self);
  return TRUE;
}

static void
dispose (GObject *object)
{
  KhRowList *self = KH_ROW_LIST (object);

  if (self->model != NULL)
    g_signal_handlers_disconnect_by_data (self->model, self);
  g_clear_object (&self->model);
  self->updating = TRUE;
  kh_row_list_release_all (self);
  kh_row_list_drop_pinned (self);
  for (guint i = 0; i < KH_ROW_LIST_KINDS; i++)
    g_ptr_array_set_size (self->spare[i], 0);
  set_adjustment (self, GTK_ORIENTATION_HORIZONTAL, NULL);
  set_adjustment (self, GTK_ORIENTATION_VERTICAL, NULL);
  G_OBJECT_CLASS (kh_row_list_parent_class)->dispose (object);
}

static void
finalize (GObject *object)
{
  KhRowList *self = KH_ROW_LIST (object);

  for (guint i = 0; i < KH_ROW_LIST_KINDS; i++)
    g_ptr_array_unref (self->spare[i]);
  g_array_unref (self->rows);
  G_OBJECT_CLASS (kh_row_list_parent_class)->finalize (object);
}

static void
kh_row_list_class_init (KhRowListClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->dispose = dispose;
  object_class->finalize = finalize;
  object_class->set_property = set_property;
  object_class->get_property = get_property;
  widget_class->measure = measure_list;
  widget_class->size_allocate = size_allocate;
  widget_class->get_request_mode = get_request_mode;
  widget_class->set_focus_child = set_focus_child;
  widget_class->focus = focus;
  g_object_class_override_property (object_class, PROPERTY_HADJUSTMENT, "hadjustment");
  g_object_class_override_property (object_class, PROPERTY_VADJUSTMENT, "vadjustment");
  g_object_class_override_property (object_class, PROPERTY_HSCROLL_POLICY,
                                    "hscroll-policy");
  g_object_class_override_property (object_class, PROPERTY_VSCROLL_POLICY,
                                    "vscroll-policy");
  moved_signal = g_signal_new ("moved", KH_TYPE_ROW_LIST, G_SIGNAL_RUN_LAST, 0, NULL,
                               NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_css_name (widget_class, "rowlist");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_LIST);
  kh_row_list_add_keys (widget_class);
}

static void
kh_row_list_init (KhRowList *self)
{
  self->rows = g_array_new (FALSE, FALSE, sizeof (KhRow));
  for (guint i = 0; i < KH_ROW_LIST_KINDS; i++)
    self->spare[i] = g_ptr_array_new_with_free_func (g_object_unref);
  self->mean = MEAN_AT_FIRST;
  self->at_end = TRUE;
  self->cursor = G_MAXUINT;
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
}

GtkWidget *
kh_row_list_new (const KhRowListFunctions *functions, gpointer data)
{
  KhRowList *self = g_object_new (KH_TYPE_ROW_LIST, NULL);

  self->functions = *functions;
  self->data = data;
  return GTK_WIDGET (self);
}
