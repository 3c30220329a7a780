/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * row-menu.h - what can be done with a message.
 */
#pragma once

#include "core/timeline-item.h"

#include <gtk/gtk.h>

/* Borrowed: all rows share it. */
GMenuModel *kh_row_menu_get (KhMessageState state);

/* At a place in @row, or below it where @x is negative. */
void kh_row_menu_popup (GtkWidget *row, KhMessageState state, double x, double y);
