/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * awake.h - the computer does not fall asleep by itself while something is under way.
 *
 * One at a time. A person can still send it to sleep. Main loop only.
 */
#pragma once

#include <gtk/gtk.h>

/* @window may be NULL; @reason is shown to people where the desktop does that. What it
 * returns is for end(); 0: the desktop can't be asked. */
guint kh_awake_begin (GtkApplication *application, GtkWindow *window, const char *reason);
void kh_awake_end (GtkApplication *application, guint cookie);
