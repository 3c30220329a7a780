/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * parent-window.h - the window that a dialog stands over.
 */
#pragma once

#include <gtk/gtk.h>

/* That @widget is in; NULL where it is in none. */
GtkWindow *kh_parent_window_of (GtkWidget *widget);
