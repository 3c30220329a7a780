/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * launch.h - what the desktop opens for us: a file, a link, a folder with files marked.
 *
 * Nothing waits. Whether something may be opened at all is asked before (file-open.h,
 * open-link.h). Errors are of G_IO_ERROR: NOT_FOUND where there is no such file,
 * CANCELLED where the person, asked by the desktop, wanted nothing.
 */
#pragma once

#include <gtk/gtk.h>

/* @uri of a file or a link; @widget is where it was asked for. */
void kh_launch_async (GtkWidget *widget, const char *uri, GAsyncReadyCallback callback,
                      gpointer data);
gboolean kh_launch_finish (GAsyncResult *result, GError **error);

/* Shows @uris, of files in one folder, marked; in a sandbox only the first of them. FALSE
 * and NOT_SUPPORTED where the desktop has no program for that, but may have one for the
 * folder; NOT_FOUND where the file is gone. */
void kh_launch_show_async (const char *const *uris, GAsyncReadyCallback callback,
                           gpointer data);
gboolean kh_launch_show_finish (GAsyncResult *result, GError **error);
