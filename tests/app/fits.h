/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fits.h - whether all of a window can be read: seen from inside, by GTK's own measures.
 *
 * fits_look() at a window that is shown and has been laid out. What it finds is how
 * widgets were measured and placed, not how they look. Lengths are logical pixels.
 */
#pragma once

#include <gtk/gtk.h>

/* Takes what was found: @how is one of "ellipsized", "broken" (in a word), "squeezed",
 * "clipped", "outside" and "too wide", @what the text, or where there is none the type of
 * widget. */
typedef void (*FitsFound) (const char *how, const char *what, gpointer data);

/* @width: what the window is wanted to do with. */
void fits_look (GtkWindow *window, int width, FitsFound found, gpointer data);

/* A line ends inside of a word, where no language would break it. */
gboolean fits_is_broken (PangoLayout *layout);
