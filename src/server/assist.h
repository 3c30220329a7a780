/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * assist.h - connections to an assist port: a token comes in, and where it came from
 * is what the directory wants to know.
 *
 * One whose token was good stays until its call or probe ends, of which it knows the
 * handle; nothing is ever sent on it. One with a token for a relay goes there, with all
 * that comes after the token unread. Any other is closed.
 *
 * Source: src/PROTOCOL.md, section 3.
 */
#pragma once

#include "server/listener.h"

void kh_assist_make_table (KhService *service);
gboolean kh_assist_accept (KhListener *listener);
void kh_assist_end (KhService *service, guint32 handle);
void kh_assist_close_all (KhService *service);
gint64 kh_assist_deadline (const KhService *service);
void kh_assist_expire (KhService *service);
