/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * file-drop.h - files that are dropped, pasted or chosen, on their way to a person.
 */
#pragma once

#include "core/client.h"
#include "core/person.h"

#include <gtk/gtk.h>

/* Whom a drop on this widget at this moment is for; NULL: it is not taken. */
typedef KhPerson *(*KhFileDropTarget) (GtkWidget *widget, gpointer data);

/* Takes drops of files and folders on @widget. While one hovers, the style class "drop"
 * is on it; where @overlay is given, a picture with "Send to NAME" is laid over that. */
void kh_file_drop_install (GtkWidget *widget, GtkOverlay *overlay, KhClient *client,
                           KhFileDropTarget target, gpointer data);

/* Sends @files (GFile) and says in a toast what can't be. */
void kh_file_drop_send (GtkWidget *widget, KhClient *client, KhPerson *person,
                        GListModel *files);

/* A chooser, then send(). */
void kh_file_drop_choose (GtkWidget *widget, KhClient *client, KhPerson *person,
                          gboolean folder);
