/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * application.h - one Knothole per data folder: options, actions, links, the client.
 *
 * run() it from main(). It opens the client without waiting for the disk, shows the
 * window, and closes the client before it ends. A second start with the same data folder
 * raises the window of the first.
 */
#pragma once

#include "app/meeting-point.h"
#include "core/client.h"
#include "core/people.h"

#include <adwaita.h>

#define KH_APP_ID "io.github.knothole.Knothole"

#define KH_TYPE_APPLICATION (kh_application_get_type ())
G_DECLARE_FINAL_TYPE (KhApplication, kh_application, KH, APPLICATION, AdwApplication)

KhApplication *kh_application_new (void);

/* Both NULL until the data folder is open. */
KhClient *kh_application_get_client (KhApplication *self);
KhPeople *kh_application_get_people (KhApplication *self);

const char *kh_application_get_data_dir (KhApplication *self);

/* Always there; kh_hosting_attach() it to each client that is opened. */
KhMeetingPoint *kh_application_get_meeting_point (KhApplication *self);

/* Closes client, people and every page that shows them, so that the data folder is free:
 * for what may only be done without a client. Then kh_application_reopen(). */
void kh_application_close_client_async (KhApplication *self, GAsyncReadyCallback callback,
                                        gpointer data);
void kh_application_close_client_finish (KhApplication *self, GAsyncResult *result);

/* Opens the data folder again, as at the start, also where that has failed. */
void kh_application_reopen (KhApplication *self);

/* Off the server and back: kept, and obeyed at the next start. */
void kh_application_set_appear_offline (KhApplication *self, gboolean offline);

/* Somebody looks at the conversation with @peer: what the desktop was told of it goes. */
void kh_application_seen (KhApplication *self, const KhPeerId *peer);

/* Ends it in order, without a question. */
void kh_application_end (KhApplication *self);
