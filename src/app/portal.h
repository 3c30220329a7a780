/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * portal.h - what a program in a sandbox asks the desktop for, as it can't do it itself.
 *
 * is_sandboxed() first: the rest is of use only there. show_file_async() shows a file in
 * its folder; ask_background_async() asks whether the program may run without a window,
 * and be started with the session. A person may be asked, so an answer can take as long
 * as that. Choosing files, notifications and opening files are not here: GTK and GLib
 * speak to the portals by themselves.
 *
 * Errors are of G_IO_ERROR: PERMISSION_DENIED where the person or the desktop said no,
 * NOT_SUPPORTED where the desktop has no such portal; others as GDBus has them.
 *
 * Source: the documentation of xdg-desktop-portal: org.freedesktop.portal.Request,
 * Background (version 1), OpenURI (version 3).
 */
#pragma once

#include <gio/gio.h>

/* Whether this program runs in a sandbox of Flatpak. Waits for no disk. */
gboolean kh_portal_is_sandboxed (void);

/* @path is absolute; the file manager shows it, marked, in its folder. */
void kh_portal_show_file_async (const char *path, GAsyncReadyCallback callback,
                                gpointer data);
gboolean kh_portal_show_file_finish (GAsyncResult *result, GError **error);

/* @reason is a sentence that the person may get to read. @command, a program of the
 * sandbox and its arguments, is what is started with the session from now on; NULL:
 * nothing is any more. */
void kh_portal_ask_background_async (const char *reason, const char *const *command,
                                     GAsyncReadyCallback callback, gpointer data);
gboolean kh_portal_ask_background_finish (GAsyncResult *result, GError **error);
