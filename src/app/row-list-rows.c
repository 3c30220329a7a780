/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/row-list-private.h"

/* Changes of the mean move the scrollbar's slider: slowly. */
#define MEAN_OF 400

#define SPARE_MAX 8

/* In a wide window the rows are a column: both sides of a conversation are seen at once.
 */
#define COLUMN_MAX 900

KhRow *
kh_row_list_row_at (KhRowList *self, guint index)
{
  if (index < self->first || index - self->first >= self->rows->len)
    return NULL;
  return &g_array_index (self->rows, KhRow, index - self->first);
}

KhRow *
kh_row_list_first_row (KhRowList *self)
{
  return &g_array_index (self->rows, KhRow, 0);
}

KhRow *
kh_row_list_last_row (KhRowList *self)
{
  return &g_array_index (self->rows, KhRow, self->rows->len - 1);
}

gboolean
kh_row_list_has_focus (KhRowList *self, GtkWidget *widget)
{
  return gtk_widget_get_focus_child (GTK_WIDGET (self)) == widget;
}

static void
put_away (KhRowList *self, KhRow *row)
{
  GPtrArray *spare = self->spare[row->kind];

  self->functions.unbind (row->widget, self->data);
  if (spare->len < SPARE_MAX)
    g_ptr_array_add (spare, g_object_ref (row->widget));
  gtk_widget_unparent (row->widget);
}

void
kh_row_list_release (KhRowList *self, guint place)
{
  KhRow row = g_array_index (self->rows, KhRow, place);
  guint index = self->first + place;

  g_array_remove_index (self->rows, place);
  if (place == 0)
    self->first++;
  if (self->pinned.widget == NULL && kh_row_list_has_focus (self, row.widget))
    {
      self->pinned = row;
      self->pinned_index = index;
      return;
    }
  put_away (self, &row);
}

void
kh_row_list_release_all (KhRowList *self)
{
  while (self->rows->len > 0)
    kh_row_list_release (self, self->rows->len - 1);
}

void
kh_row_list_drop_pinned (KhRowList *self)
{
  KhRow row = self->pinned;

  self->pinned.widget = NULL;
  if (row.widget != NULL)
    put_away (self, &row);
}

void
kh_row_list_bind (KhRowList *self, const KhRow *row, guint index)
{
  g_autoptr (GObject) item = g_list_model_get_item (self->model, index);

  self->functions.bind (row->widget, item, index, self->data);
}

int
kh_row_list_column (KhRowList *self)
{
  return MIN (self->width, COLUMN_MAX);
}

void
kh_row_list_measure (KhRowList *self, KhRow *row)
{
  int before = row->height;

  gtk_widget_measure (row->widget, GTK_ORIENTATION_VERTICAL, kh_row_list_column (self),
                      &row->height, NULL, NULL, NULL);
  if (before >= 0)
    return;
  if (self->n_measured < MEAN_OF)
    self->n_measured++;
  self->mean += (row->height - self->mean) / self->n_measured;
}

/* Takes the widget of the row at the far end, where that is out of sight and may stand in
 * for one of @kind: it needs no new place in the tree of widgets. */
static GtkWidget *
take_far_widget (KhRowList *self, guint kind, gboolean in_front, int limit)
{
  KhRow row;

  if (self->rows->len < 2)
    return NULL;
  row = in_front ? *kh_row_list_last_row (self) : *kh_row_list_first_row (self);
  if (row.kind != kind || kh_row_list_has_focus (self, row.widget)
      || (in_front ? row.y <= limit : kh_row_bottom (&row) >= limit))
    return NULL;
  g_array_remove_index (self->rows, in_front ? self->rows->len - 1 : 0);
  if (!in_front)
    self->first++;
  self->functions.unbind (row.widget, self->data);
  return row.widget;
}

static GtkWidget *
take_widget (KhRowList *self, guint kind, gboolean in_front, int limit)
{
  GtkWidget *widget = take_far_widget (self, kind, in_front, limit);
  GPtrArray *spare = self->spare[kind];

  if (widget != NULL)
    return widget;
  if (spare->len > 0)
    {
      widget = g_ptr_array_steal_index_fast (spare, spare->len - 1);
      gtk_widget_insert_before (widget, GTK_WIDGET (self), NULL);
      g_object_unref (widget);
      return widget;
    }
  widget = self->functions.create (kind, self->data);
  gtk_widget_insert_before (widget, GTK_WIDGET (self), NULL);
  return widget;
}

static void
place_widget (KhRowList *self, GtkWidget *widget, gboolean in_front)
{
  GtkWidget *parent = GTK_WIDGET (self);

  if (self->rows->len == 0)
    gtk_widget_insert_before (widget, parent, NULL);
  else if (in_front)
    gtk_widget_insert_before (widget, parent, kh_row_list_first_row (self)->widget);
  else
    gtk_widget_insert_after (widget, parent, kh_row_list_last_row (self)->widget);
}

KhRow *
kh_row_list_add_row (KhRowList *self, guint index, int limit)
{
  g_autoptr (GObject) item = g_list_model_get_item (self->model, index);
  KhRow row = { .kind = self->functions.kind (item, self->data), .height = -1 };
  gboolean in_front = self->rows->len == 0 || index < self->first;

  if (self->pinned.widget != NULL && self->pinned_index == index)
    {
      row = self->pinned;
      self->pinned.widget = NULL;
    }
  else
    row.widget = take_widget (self, row.kind, in_front, limit);
  place_widget (self, row.widget, in_front);
  kh_row_list_bind (self, &row, index);
  kh_row_list_measure (self, &row);
  if (in_front)
    {
      self->first = index;
      g_array_prepend_val (self->rows, row);
      return kh_row_list_first_row (self);
    }
  g_array_append_val (self->rows, row);
  return kh_row_list_last_row (self);
}
