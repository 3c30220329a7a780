/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * row-list-private.h - a row list from inside: places in row-list.c, what the model
 * does in row-list-model.c, the widgets of rows in row-list-rows.c, the keyboard in
 * row-list-keys.c.
 */
#pragma once

#include "app/row-list.h"

typedef struct
{
  GtkWidget *widget;
  guint kind;
  int y;
  int height;
} KhRow;

struct _KhRowList
{
  GtkWidget parent_instance;

  /* Owned */
  GListModel *model;
  GArray *rows; /* of KhRow: from @first on without a gap */
  GPtrArray *spare[KH_ROW_LIST_KINDS];
  KhRow pinned; /* has the keyboard, and is out of the view; widget may be NULL */
  GtkAdjustment *adjustments[2]; /* by GtkOrientation */

  /* Borrowed */
  gpointer data;

  /* State */
  KhRowListFunctions functions;
  GtkScrollablePolicy policies[2];
  guint first;
  guint pinned_index;
  int width; /* of the view; 0: not known yet */
  int height;
  double mean;      /* height of a row */
  guint n_measured; /* that it is made of, at most MEAN_OF */
  gboolean at_end;
  guint anchor; /* the row that stays where it is */
  int anchor_y; /* its top, from the top of the view */
  guint cursor; /* the row that has or had the keyboard; G_MAXUINT: none */
  gboolean updating;
  gboolean allocating;
};

/* row-list.c: everything follows from the anchor and where it is in the view. */
void kh_row_list_update (KhRowList *self);

/* The least scrolling that shows it, and gives it the keyboard. */
void kh_row_list_move_cursor (KhRowList *self, guint index);

/* row-list-rows.c. Of rows that exist: by index, NULL where it does not; first and last
 * need one. */
KhRow *kh_row_list_row_at (KhRowList *self, guint index);
KhRow *kh_row_list_first_row (KhRowList *self);
KhRow *kh_row_list_last_row (KhRowList *self);

static inline int
kh_row_bottom (const KhRow *row)
{
  return row->y + row->height;
}

gboolean kh_row_list_has_focus (KhRowList *self, GtkWidget *widget);

/* How wide rows are. */
int kh_row_list_column (KhRowList *self);

void kh_row_list_bind (KhRowList *self, const KhRow *row, guint index);
void kh_row_list_measure (KhRowList *self, KhRow *row);

/* A row for the item at @index, next to those that exist or as the only one. Its place
 * is the caller's to set. A row at the other end that is beyond @limit may be used for
 * it. */
KhRow *kh_row_list_add_row (KhRowList *self, guint index, int limit);

/* @place: in @rows. One that has the keyboard is pinned. */
void kh_row_list_release (KhRowList *self, guint place);
void kh_row_list_release_all (KhRowList *self);
void kh_row_list_drop_pinned (KhRowList *self);

/* row-list-keys.c */
void kh_row_list_add_keys (GtkWidgetClass *class);
