/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * toast.h - a sentence at the foot of the window that a widget is in, for some seconds.
 */
#pragma once

#include <adwaita.h>

/* Nothing happens where @widget is in no AdwToastOverlay. */
void kh_toast_show (GtkWidget *widget, const char *text);
