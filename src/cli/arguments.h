/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * arguments.h - the command line in the bytes that GLib wants file names in: as they were
 * given, and on Windows UTF-8, which main() there does not get.
 */
#pragma once

#include <glib.h>

/* The program's name first, then NULL at the end. Free it with g_strfreev(). */
char **kh_arguments_get (int argc, char **argv);
