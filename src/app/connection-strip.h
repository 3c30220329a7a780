/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * connection-strip.h - how the connection to one person stands.
 *
 * While a call is made: the picture (path-picture.h) with the eight steps as they happen.
 * Connected: a badge of path, family, round trip, speed and cipher. Failed: why, and one
 * next step. A request of the other side: who it is, accept, decline, block.
 */
#pragma once

#include "core/client.h"
#include "core/person.h"

#include <gtk/gtk.h>

#define KH_TYPE_CONNECTION_STRIP (kh_connection_strip_get_type ())
G_DECLARE_FINAL_TYPE (KhConnectionStrip, kh_connection_strip, KH, CONNECTION_STRIP,
                      GtkWidget)

GtkWidget *kh_connection_strip_new (KhClient *client);
void kh_connection_strip_set_person (KhConnectionStrip *self, KhPerson *person);

/* What is suggested has the keyboard, though other buttons may stand before it. FALSE:
 * there is nothing to press. */
gboolean kh_connection_strip_focus (KhConnectionStrip *self);
