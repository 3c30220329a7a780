/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * terminate.h - being asked from outside to end.
 */
#pragma once

#include <gio/gio.h>

/* Calls @callback on the main loop, each time. */
void kh_terminate_watch (GSourceFunc callback, gpointer data);
