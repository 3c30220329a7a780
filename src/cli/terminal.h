/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * terminal.h - what stands at the other end of a descriptor.
 */
#pragma once

#include <glib.h>

#define KH_TERMINAL_INPUT 0
#define KH_TERMINAL_OUTPUT 1
#define KH_TERMINAL_ERROR 2

gboolean kh_terminal_is_one (int fd);

/* A terminal that shows colours, and nobody asked for none (NO_COLOR). */
gboolean kh_terminal_has_colours (int fd);

/* Cells in a line, 80 where that can't be known. */
guint kh_terminal_width (int fd);
