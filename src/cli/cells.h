/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * cells.h - how much room a text takes on a terminal.
 *
 * Pure functions. Widths are cells: most letters take one, Chinese ones two. Texts must
 * be clean (text.h); what comes back is freed by the caller.
 */
#pragma once

#include <glib.h>

guint kh_cells_width (const char *text);

/* @text in at most @width cells, its end cut off where it is longer. */
char *kh_cells_fit (const char *text, guint width);

/* The same in exactly @width cells. */
char *kh_cells_pad (const char *text, guint width);
