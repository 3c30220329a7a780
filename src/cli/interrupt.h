/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * interrupt.h - when the person, the system or the reader of our output wants us to end.
 *
 * watch() once. The callback runs on the main loop: at the first SIGINT, SIGTERM or
 * SIGHUP with @quiet false; with @quiet true when nobody reads standard output any
 * more. The second signal ends the process at once, with the status that was set, and
 * before that with 128 and its number, as if nobody had caught it. A SIGINT or SIGHUP
 * that was ignored when we were started (nohup, a job in the background) stays ignored.
 *
 * On Windows these are Ctrl+C, Ctrl+Break and the end of the console or the session, and
 * the status before one was set is 130. That nobody reads a pipe any more is noticed
 * there by whoever writes to it.
 */
#pragma once

#include <glib.h>

typedef void (*KhInterruptFunc) (gboolean quiet, gpointer data);

void kh_interrupt_watch (KhInterruptFunc func, gpointer data);
void kh_interrupt_unwatch (void);

/* Only once all is said and done: whoever is interrupted before has not succeeded. */
void kh_interrupt_set_status (int status);
