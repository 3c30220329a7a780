/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * child.h - a program that this one starts without a window, hears and tells.
 *
 * start() it, read what it says, tell() it lines; end() closes its standard input, and so
 * does the end of this process, however it comes. wait_async() once, for its end. Main
 * loop only; nothing waits.
 */
#pragma once

#include <gio/gio.h>

#define KH_TYPE_CHILD (kh_child_get_type ())
G_DECLARE_FINAL_TYPE (KhChild, kh_child, KH, CHILD, GObject)

/* @words: the program's path, its arguments, NULL. */
KhChild *kh_child_start (const char *const *words, GError **error);

/* Standard output and standard error; borrowed. */
GInputStream *kh_child_get_output (KhChild *self);
GInputStream *kh_child_get_errors (KhChild *self);

/* Whole, or FALSE: it reads nothing any more. */
gboolean kh_child_tell (KhChild *self, const char *line, GError **error);
void kh_child_end (KhChild *self);

/* @callback is called with the child as source, once it has ended. */
void kh_child_wait_async (KhChild *self, GAsyncReadyCallback callback, gpointer data);
void kh_child_wait_finish (KhChild *self, GAsyncResult *result);
