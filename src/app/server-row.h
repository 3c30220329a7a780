/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * server-row.h - what is wrong with the server or the room, and one button that helps.
 *
 * It shows itself when there is something, and hides when that is over. A short loss is
 * not worth a word: the client comes back by itself.
 */
#pragma once

#include "core/client.h"

#include <gtk/gtk.h>

#define KH_TYPE_SERVER_ROW (kh_server_row_get_type ())
G_DECLARE_FINAL_TYPE (KhServerRow, kh_server_row, KH, SERVER_ROW, GtkWidget)

GtkWidget *kh_server_row_new (KhClient *client);
