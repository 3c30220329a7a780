/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * present.h - a window to the front because somebody asked for it elsewhere.
 *
 * A press on a notification comes without a time; a window manager that keeps programs
 * from stealing the focus would leave the window where it is.
 */
#pragma once

#include <gtk/gtk.h>

void kh_present_now (GtkWindow *window);
