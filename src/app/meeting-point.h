/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * meeting-point.h - a knothole-server of one's own, as a child of the app.
 *
 * start() it; "notify::state" tells. Where the router lets friends outside in, say so
 * with set_outside(). It ends with the app, however that ends. Where this
 * computer's address changes, "notify::address" tells; hosting.h keeps a client at it.
 *
 * Main loop only; nothing here waits for the child. It keeps itself alive until the child
 * has ended: stop() it before the last reference goes.
 */
#pragma once

#include <gio/gio.h>

/* Those of knothole-server where nothing else is said: what a router has to forward. */
#define KH_MEETING_POINT_MAIN_PORT 7470
#define KH_MEETING_POINT_ASSIST_PORT 7471

typedef enum
{
  KH_MEETING_POINT_OFF,
  KH_MEETING_POINT_STARTING,
  KH_MEETING_POINT_ON,
  KH_MEETING_POINT_FAILED, /* see get_problem() */
} KhMeetingPointState;

#define KH_TYPE_MEETING_POINT (kh_meeting_point_get_type ())
G_DECLARE_FINAL_TYPE (KhMeetingPoint, kh_meeting_point, KH, MEETING_POINT, GObject)

/* Its key and state are kept in DATA_DIR/meeting-point. */
KhMeetingPoint *kh_meeting_point_new (const char *data_dir);

void kh_meeting_point_start (KhMeetingPoint *self);
void kh_meeting_point_stop (KhMeetingPoint *self);

KhMeetingPointState kh_meeting_point_get_state (KhMeetingPoint *self);

/* That the router's @address, IPv4 in digits, leads to it, and @assist_port there to
 * KH_MEETING_POINT_ASSIST_PORT; NULL and 0: it does not. Counts whether it is on or
 * not. */
void kh_meeting_point_set_outside (KhMeetingPoint *self, const char *address,
                                   guint16 assist_port);

/* The server's address as it is reached on this network; NULL unless on. */
const char *kh_meeting_point_get_address (KhMeetingPoint *self);

/* A translated sentence: why it failed and what to do. */
const char *kh_meeting_point_get_problem (KhMeetingPoint *self);

/* Whether @address, with a key, is this meeting point's by another host or the same.
 * FALSE unless on. */
gboolean kh_meeting_point_is_at (KhMeetingPoint *self, const char *address);
