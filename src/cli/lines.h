/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * lines.h - lines of standard input, without ever blocking the main loop.
 *
 * new(), then the callback gets each line without its end, and NULL once at the end
 * of input. pause() while lines are not wanted; what is typed meanwhile waits.
 *
 * Main loop only. Lengths are bytes.
 */
#pragma once

#include <glib.h>

typedef struct _KhLines KhLines;

/* @line is borrowed. It is cut after @max + 1 bytes, so that a longer one can be told
 * from one of @max; a NUL in it is shown as the byte 0xff, which is no text. */
typedef void (*KhLinesFunc) (const char *line, gpointer data);

/* Begins paused. */
KhLines *kh_lines_new (int fd, gsize max, KhLinesFunc func, gpointer data);
void kh_lines_free (KhLines *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KhLines, kh_lines_free)

/* May be called from the callback. */
void kh_lines_pause (KhLines *self, gboolean paused);
