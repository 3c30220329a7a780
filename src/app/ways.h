/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ways.h - which ways to a peer a person allows, kept with the client's settings.
 *
 * read() what is kept when the client has been opened, and hand it to
 * kh_client_set_reach(). keep() does both ways: it stores what was chosen, and it counts
 * from the next call on. Where nothing was ever chosen all ways are allowed and no port
 * is forwarded.
 *
 * No widgets. Main loop only.
 */
#pragma once

#include "core/client.h"

/* A forwarded port; lower ones are never told to a peer (src/PROTOCOL.md section 4.3). */
#define KH_WAYS_PORT_MIN 1024
#define KH_WAYS_PORT_MAX 65535

/* Of what is not one of the words that keep() writes, the default counts. */
void kh_ways_read (KhClient *client, KhReach *reach);
void kh_ways_keep (KhClient *client, const KhReach *reach);

/* What a person has typed: nothing or 0, for none, or a port. FALSE: neither. */
gboolean kh_ways_parse_port (const char *text, guint16 *port);
