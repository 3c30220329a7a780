/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/row-list-private.h"

static void
rebind_at (KhRowList *self, guint index)
{
  KhRow *row = kh_row_list_row_at (self, index);

  if (row != NULL)
    kh_row_list_bind (self, row, index);
}

static void
move_index (guint *index, guint position, guint removed, guint added)
{
  if (*index == G_MAXUINT || *index < position)
    return;
  if (*index < position + removed)
    *index = position;
  else
    *index = *index - removed + added;
}

/* Rows of what has gone go; where something comes in between, those after it do too. */
static void
drop_rows (KhRowList *self, guint position, guint removed, guint added)
{
  guint first = self->first;
  guint end = first + self->rows->len;

  if (first == end || position >= end)
    return;
  if (position + removed <= first)
    self->first = first - removed + added;
  else if (position <= first || added == 0)
    {
      guint from = MAX (position, first);
      guint n = MIN (position + removed, end) - from;

      while (n-- > 0)
        kh_row_list_release (self, from - first);
      self->first = position <= first ? position + added : first;
    }
  else
    while (self->first + self->rows->len > position)
      kh_row_list_release (self, self->rows->len - 1);
}

static void
on_items_changed (KhRowList *self, guint position, guint removed, guint added)
{
  drop_rows (self, position, removed, added);
  if (self->pinned.widget != NULL && self->pinned_index >= position
      && self->pinned_index < position + removed)
    kh_row_list_drop_pinned (self);
  move_index (&self->anchor, position, removed, added);
  move_index (&self->pinned_index, position, removed, added);
  move_index (&self->cursor, position, removed, added);
  if (position > 0)
    rebind_at (self, position - 1);
  rebind_at (self, position + added);
  kh_row_list_update (self);
}

void
kh_row_list_set_model (KhRowList *self, GListModel *model)
{
  if (self->model == model)
    return;
  if (self->model != NULL)
    g_signal_handlers_disconnect_by_data (self->model, self);
  kh_row_list_release_all (self);
  kh_row_list_drop_pinned (self);
  g_set_object (&self->model, model);
  self->first = 0;
  self->anchor = 0;
  self->anchor_y = 0;
  self->cursor = G_MAXUINT;
  self->at_end = TRUE;
  if (model != NULL)
    g_signal_connect_object (model, "items-changed", G_CALLBACK (on_items_changed), self,
                             G_CONNECT_SWAPPED);
  kh_row_list_update (self);
}

void
kh_row_list_rebind_row (KhRowList *self, GtkWidget *widget)
{
  for (guint i = 0; i < self->rows->len; i++)
    if (g_array_index (self->rows, KhRow, i).widget == widget)
      kh_row_list_bind (self, &g_array_index (self->rows, KhRow, i), self->first + i);
  kh_row_list_update (self);
}

void
kh_row_list_rebind (KhRowList *self)
{
  for (guint i = 0; i < self->rows->len; i++)
    kh_row_list_bind (self, &g_array_index (self->rows, KhRow, i), self->first + i);
  kh_row_list_update (self);
}
