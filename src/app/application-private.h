/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * application-private.h - the application from inside, for its parts.
 */
#pragma once

#include "app/application.h"
#include "app/notifier.h"
#include "app/window.h"

struct _KhApplication
{
  AdwApplication parent_instance;

  /* Owned */
  char *data_dir;
  KhClient *client;
  KhPeople *people;
  KhMeetingPoint *meeting_point;
  KhNotifier *notifier;
  GPtrArray *links; /* char *: opened before the client was */
  GError *failure;  /* of opening the data folder */

  /* Borrowed */
  KhWindow *window;    /* weak */
  GtkWidget *question; /* weak: whether to quit */

  /* State */
  gboolean background; /* start without a window that shows */
  gboolean opening;
  gboolean ending;
  guint inhibited; /* the cookie; 0: not */
  guint slow_opening;
};

/* application-client.c: opens the data folder; what comes of it shows in the window. */
void kh_application_open_client (KhApplication *self);

/* actions.c */
void kh_application_add_actions (KhApplication *self);

/* links.c: now, or once the client is there. */
void kh_application_open_link (KhApplication *self, const char *uri);
void kh_application_open_waiting_links (KhApplication *self);

/* quit.c: asks where files are under way. */
void kh_application_ask_to_quit (KhApplication *self);

/* Keeps the computer awake while files are under way. */
void kh_application_watch_transfers (KhApplication *self);
