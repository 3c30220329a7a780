/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * body-markup.h - whether the body of a notification is taken for markup.
 *
 * GLib hands it on as it is. A portal and GNOME's own service show it as text; a daemon
 * of the Desktop Notifications Specification that has the capability "body-markup" takes
 * it for markup (section "Markup"), and what others wrote has to be escaped for it.
 */
#pragma once

#include <gio/gio.h>

/* Asks those who are there now. The bus is NULL where there is none. */
void kh_body_markup_ask (GDBusConnection *bus, GCancellable *cancellable,
                         GAsyncReadyCallback callback, gpointer data);

/* TRUE: it is. FALSE also where nobody answers within 2 s; the error is set only when it
 * was cancelled. */
gboolean kh_body_markup_ask_finish (GAsyncResult *result, GError **error);
