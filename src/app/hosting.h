/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * hosting.h - a client at the meeting point of its own computer.
 *
 * attach() once per client: it starts the meeting point where the settings want it, and
 * whenever that is on and the client's server is this one, the client dials it by the
 * address that this computer has now, also when the network changes. (By 127.0.0.1 it
 * would be seen at an address that is of no use to friends.) While it is on, the router
 * is asked to let its ports in; what comes of it the server and the invite are told.
 *
 * Main loop only.
 */
#pragma once

#include "app/meeting-point.h"
#include "core/client.h"

/* "yes" or "no". */
#define KH_SETTING_MEETING_POINT "app-meeting-point"

/* A name or address of this computer's router, that friends outside dial; "" or not set:
 * none is known. */
#define KH_SETTING_MEETING_POINT_HOST "app-meeting-point-host"

/* Nothing is kept alive. */
void kh_hosting_attach (KhMeetingPoint *point, KhClient *client);

/* Starts or stops it, and remembers that. */
void kh_hosting_set_wanted (KhMeetingPoint *point, KhClient *client, gboolean wanted);
gboolean kh_hosting_is_wanted (KhClient *client);

/* The client goes to the meeting point, which is on, into a room of its own. @name NULL:
 * as now. */
gboolean kh_hosting_join (KhMeetingPoint *point, KhClient *client, const char *name,
                          GError **error);

/* Whether the client's server is this meeting point. */
gboolean kh_hosting_is_joined (KhMeetingPoint *point, KhClient *client);

/* The invite for others. Where the client is at the meeting point: with the host that
 * KH_SETTING_MEETING_POINT_HOST says, else the router's outside address where that leads
 * in; without either, and elsewhere, as the client's server is called. NULL where there
 * is no server. Free it. */
char *kh_hosting_make_invite (KhMeetingPoint *point, KhClient *client);
