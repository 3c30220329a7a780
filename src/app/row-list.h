/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * row-list.h - a list of rows of any height, of which only those near the view exist.
 *
 * For a log: it stands at the end while it is there; whatever is added, removed or
 * changes its height elsewhere, what is seen stays where it is. Put it into a
 * GtkScrolledWindow. Rows come from four functions and are used again.
 *
 * Why not GtkListView: that one keeps two hundred rows, follows no end, and moves its
 * scroll position when something is added above, under the hands of a person who
 * scrolls. Here positions stay and the lower end of the adjustment moves instead: rows
 * have places on a line that is open at both ends; what was not measured yet counts as
 * the average.
 */
#pragma once

#include <gtk/gtk.h>

#define KH_ROW_LIST_KINDS 3

typedef struct
{
  /* Rows of one kind, below KH_ROW_LIST_KINDS, can stand in for each other. */
  guint (*kind) (gpointer item, gpointer data);
  GtkWidget *(*create) (guint kind, gpointer data);
  /* Also when a neighbour is another now. */
  void (*bind) (GtkWidget *row, gpointer item, guint index, gpointer data);
  void (*unbind) (GtkWidget *row, gpointer data);
} KhRowListFunctions;

#define KH_TYPE_ROW_LIST (kh_row_list_get_type ())
G_DECLARE_FINAL_TYPE (KhRowList, kh_row_list, KH, ROW_LIST, GtkWidget)

/* Emits "moved" when other rows are seen, or another place of them. */
GtkWidget *kh_row_list_new (const KhRowListFunctions *functions, gpointer data);

/* Begins at the end. */
void kh_row_list_set_model (KhRowList *self, GListModel *model);

/* @align: where in the view the row's place is, 0 the top, 1 the foot. */
void kh_row_list_scroll_to (KhRowList *self, guint index, double align);
void kh_row_list_scroll_to_end (KhRowList *self);
gboolean kh_row_list_is_at_end (KhRowList *self);

/* The first and last row that are seen; FALSE: none. */
gboolean kh_row_list_get_visible (KhRowList *self, guint *first, guint *last);

/* NULL where it is not near the view. */
GtkWidget *kh_row_list_get_row (KhRowList *self, guint index);

/* Binds again: one row, or all that exist. */
void kh_row_list_rebind_row (KhRowList *self, GtkWidget *row);
void kh_row_list_rebind (KhRowList *self);

/* To the row that had it, else the last one seen. */
void kh_row_list_focus_row (KhRowList *self);
