/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * interrupt.h - when the person, the system or the reader of our output wants us to end.
 *
 * watch() once. The callback runs on the main loop: at the first SIGINT, SIGTERM or
 * SIGHUP with @quiet false; with @quiet true when nobody reads standard output any
 * more. The second signal ends the process at once, with the status last set.
 */
#pragma once

#include <glib.h>

typedef void (*KhInterruptFunc) (gboolean quiet, gpointer data);

void kh_interrupt_watch (KhInterruptFunc func, gpointer data);
void kh_interrupt_unwatch (void);

void kh_interrupt_set_status (int status);
