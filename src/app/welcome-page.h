/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * welcome-page.h - the first run: a name, and a server or a meeting point of one's own.
 *
 * Emits "done" when there is nothing more to ask: the client is online, and whoever hosts
 * has seen the link for friends. Not before that may the page be hidden.
 */
#pragma once

#include "app/meeting-point.h"
#include "core/client.h"

#include <gtk/gtk.h>

#define KH_TYPE_WELCOME_PAGE (kh_welcome_page_get_type ())
G_DECLARE_FINAL_TYPE (KhWelcomePage, kh_welcome_page, KH, WELCOME_PAGE, GtkWidget)

/* It has a header bar of its own: nothing need be above it. */
GtkWidget *kh_welcome_page_new (KhClient *client, KhMeetingPoint *meeting_point);

/* A knothole: link was opened before there was a server. */
void kh_welcome_page_take_link (KhWelcomePage *self, const char *uri);
