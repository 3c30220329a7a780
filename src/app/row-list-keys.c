/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/row-list-private.h"

/* Of the view, for one key that turns pages. */
#define PAGE 0.85

static guint
n_items (KhRowList *self)
{
  return self->model != NULL ? g_list_model_get_n_items (self->model) : 0;
}

/* The row that is moved from: the one that has the keyboard, if it is seen. */
static guint
current (KhRowList *self)
{
  guint first;
  guint last;

  if (!kh_row_list_get_visible (self, &first, &last))
    return G_MAXUINT;
  if (self->cursor < first || self->cursor > last)
    return last;
  return self->cursor;
}

/* Part of a row that is higher than the view: its other end is looked at first. */
static gboolean
scroll_in_row (KhRowList *self, guint index, int direction)
{
  GtkAdjustment *adjustment = self->adjustments[GTK_ORIENTATION_VERTICAL];
  KhRow *row = &g_array_index (self->rows, KhRow, index - self->first);
  double value = gtk_adjustment_get_value (adjustment);
  double step = self->height * 0.3;

  if (direction < 0 && row->y < value)
    gtk_adjustment_set_value (adjustment, MAX (row->y, value - step));
  else if (direction > 0 && row->y + row->height > value + self->height)
    gtk_adjustment_set_value (adjustment,
                              MIN (row->y + row->height - self->height, value + step));
  else
    return FALSE;
  return TRUE;
}

static gboolean
move_by_row (GtkWidget *widget, GVariant *arguments, gpointer data)
{
  KhRowList *self = KH_ROW_LIST (widget);
  int direction = g_variant_get_int32 (arguments);
  guint index = current (self);

  if (index == G_MAXUINT || scroll_in_row (self, index, direction))
    return TRUE;
  if (direction < 0 ? index > 0 : index + 1 < n_items (self))
    kh_row_list_move_cursor (self, index + (guint)direction);
  return TRUE;
}

static gboolean
move_by_page (GtkWidget *widget, GVariant *arguments, gpointer data)
{
  KhRowList *self = KH_ROW_LIST (widget);
  GtkAdjustment *adjustment = self->adjustments[GTK_ORIENTATION_VERTICAL];
  int direction = g_variant_get_int32 (arguments);
  double step = direction * self->height * PAGE;
  GtkWidget *row;
  guint first;
  guint last;

  if (adjustment == NULL)
    return FALSE;
  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_value (adjustment) + step);
  if (!kh_row_list_get_visible (self, &first, &last))
    return TRUE;
  self->cursor = direction < 0 ? first : last;
  row = kh_row_list_get_row (self, self->cursor);
  if (row != NULL)
    gtk_widget_grab_focus (row);
  return TRUE;
}

static gboolean
move_to_bound (GtkWidget *widget, GVariant *arguments, gpointer data)
{
  KhRowList *self = KH_ROW_LIST (widget);
  guint n = n_items (self);

  if (n > 0)
    kh_row_list_move_cursor (self, g_variant_get_int32 (arguments) < 0 ? 0 : n - 1);
  return TRUE;
}

void
kh_row_list_add_keys (GtkWidgetClass *class)
{
  static const struct
  {
    guint key;
    guint keypad;
    GtkShortcutFunc function;
    int direction;
  } keys[] = {
    { GDK_KEY_Up, GDK_KEY_KP_Up, move_by_row, -1 },
    { GDK_KEY_Down, GDK_KEY_KP_Down, move_by_row, 1 },
    { GDK_KEY_Page_Up, GDK_KEY_KP_Page_Up, move_by_page, -1 },
    { GDK_KEY_Page_Down, GDK_KEY_KP_Page_Down, move_by_page, 1 },
    { GDK_KEY_Home, GDK_KEY_KP_Home, move_to_bound, -1 },
    { GDK_KEY_End, GDK_KEY_KP_End, move_to_bound, 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      gtk_widget_class_add_binding (class, keys[i].key, 0, keys[i].function, "i",
                                    keys[i].direction);
      gtk_widget_class_add_binding (class, keys[i].keypad, 0, keys[i].function, "i",
                                    keys[i].direction);
    }
}
