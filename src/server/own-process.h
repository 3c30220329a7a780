/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * own-process.h - what a program that serves wants of the process it runs in, and each
 * system gives in its own way.
 *
 * prepare() before anything is opened; watch_ends() once there is a loop, and
 * ignore_ends() when the server ends anyway.
 */
#pragma once

#include "server/service.h"

/* The three standard streams are there, whoever started us: otherwise the event loop's
 * own descriptors take the numbers of those that were closed, and what is printed goes
 * into them. What is printed is UTF-8. On Windows sockets can be used from here on. */
void kh_own_process_prepare (void);

/* The command line in the bytes that GLib wants file names in. Free it with
 * g_strfreev(). */
char **kh_own_process_arguments (int argc, char **argv);

/* How many descriptors may be open at a time, after asking for as many as there may be.
 */
guint kh_own_process_raise_descriptor_limit (void);

/* From here on kh_service_end() is called when somebody wants the server to end: SIGTERM
 * or SIGINT; on Windows Ctrl+C, Ctrl+Break or the end of the console. SIGUSR1 prints
 * the statistics. */
void kh_own_process_watch_ends (KhService *service);

/* A second wish to end shall not make it look killed. */
void kh_own_process_ignore_ends (void);
