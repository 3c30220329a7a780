/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * file-open.h - received and sent files, opened by the programs of the desktop.
 *
 * Nothing waits; what goes wrong is said in a toast of @widget's window.
 */
#pragma once

#include <gtk/gtk.h>

/* A file that may do something when it is opened is opened only after a question. */
void kh_file_open (GtkWidget *widget, const char *path);

/* Shows @paths, marked, in their folder; where the desktop has no program for that, the
 * folder alone. */
void kh_file_show_in_folder (GtkWidget *widget, const char *const *paths);
