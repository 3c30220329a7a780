/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * open-link.h - opens a link of a message in whatever is meant for it.
 *
 * http, https and mailto links go to the desktop, knothole links to this application.
 * Nothing else is opened. What fails is said in a toast.
 */
#pragma once

#include <gtk/gtk.h>

void kh_open_link (GtkWidget *widget, const char *uri);
