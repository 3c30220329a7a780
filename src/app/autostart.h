/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * autostart.h - starting with the desktop session: a file in the folder "autostart" of
 * the user's configuration, one for each data folder; on Windows a value of the registry.
 * In a sandbox that is the portal's business; the same file, in the sandbox's own folder,
 * is then the note of what it granted.
 *
 * Source: Desktop Application Autostart Specification 0.5, Desktop Entry Specification
 * 1.5 ("The Exec key").
 */
#pragma once

#include <gio/gio.h>

/* What the file says; @program and @data_dir are absolute paths. Free it. */
char *kh_autostart_text (const char *program, const char *data_dir);

/* Whether the file is there. Does not fail. */
void kh_autostart_query_async (const char *data_dir, GAsyncReadyCallback callback,
                               gpointer data);
gboolean kh_autostart_query_finish (GAsyncResult *result);

/* Writes it, whole or not at all, or removes it. In a sandbox the person may be asked;
 * errors are as portal.h has them. */
void kh_autostart_set_async (const char *data_dir, gboolean on,
                             GAsyncReadyCallback callback, gpointer data);
gboolean kh_autostart_set_finish (GAsyncResult *result, GError **error);

/* Whether the program may run without a window: always, but in a sandbox, where the
 * person may be asked, and where @autostart says what is to hold of the other. */
void kh_autostart_ask_background_async (const char *data_dir, gboolean autostart,
                                        GAsyncReadyCallback callback, gpointer data);
gboolean kh_autostart_ask_background_finish (GAsyncResult *result, GError **error);
