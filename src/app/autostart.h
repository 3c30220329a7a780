/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * autostart.h - starting with the desktop session: a file in the folder "autostart" of
 * the user's configuration, one for each data folder.
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

/* Writes it, whole or not at all, or removes it. */
void kh_autostart_set_async (const char *data_dir, gboolean on,
                             GAsyncReadyCallback callback, gpointer data);
gboolean kh_autostart_set_finish (GAsyncResult *result, GError **error);
