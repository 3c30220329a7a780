/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * show.h - what a widget shows by a value: a style class or none, a text or nothing.
 */
#pragma once

#include <gtk/gtk.h>

void kh_show_class (GtkWidget *widget, const char *name, gboolean on);

/* Takes @text. Where it is NULL or "", the label is hidden. */
void kh_show_take_text (GtkWidget *label, char *text);
