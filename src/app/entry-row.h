/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * entry-row.h - one file or folder of a transfer: icon, name, size, what became of it.
 *
 * Rows are recycled: set_item() with another item, or NULL.
 */
#pragma once

#include "app/entry-list.h"

#include <gtk/gtk.h>

#define KH_TYPE_ENTRY_ROW (kh_entry_row_get_type ())
G_DECLARE_FINAL_TYPE (KhEntryRow, kh_entry_row, KH, ENTRY_ROW, GtkWidget)

GtkWidget *kh_entry_row_new (void);
void kh_entry_row_set_item (KhEntryRow *self, KhEntryItem *item, gboolean outgoing);
