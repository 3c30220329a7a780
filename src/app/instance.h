/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * instance.h - one program for each data folder: who starts it again gets the window that
 * is there, and it the link that was opened.
 *
 * flags() are for GApplication, which does all of this where there is a session bus; then
 * claim() is always TRUE. On Windows GLib would start a bus of its own, a process that
 * outlives this one: there the second start finds the hidden window of the first and
 * sends it what it was started with (WM_COPYDATA: bytes as take() in instance-win32.c
 * reads them).
 */
#pragma once

#include <gio/gio.h>

/* Before anything of GIO is used. */
GApplicationFlags kh_instance_flags (void);

/* Before @application is registered, and once its id is known. FALSE: another process is
 * the program, and has been told of the links on the command line, or to show itself
 * unless @background; this one is to end. */
gboolean kh_instance_claim (GApplication *application, gboolean background);
