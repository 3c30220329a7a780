/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * source.h - the sources of this thread's main context, as net uses them.
 *
 * watch() and after() make one and attach it; keep it, and clear() it when it has
 * run or is no longer wanted.
 */
#pragma once

#include <gio/gio.h>

/* Calls back while @socket is ready, until FALSE is returned. */
GSource *kh_source_watch (GSocket *socket, GIOCondition condition,
                          GSocketSourceFunc callback, gpointer data);

GSource *kh_source_after (guint delay_ms, GSourceFunc callback, gpointer data);

/* At @at_us on the monotonic clock; at once when that has passed. */
GSource *kh_source_at (gint64 at_us, GSourceFunc callback, gpointer data);

/* Does nothing when there is none. */
void kh_source_clear (GSource **source);
