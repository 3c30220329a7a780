/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * relay.h - two connections to an assist port whose bytes go from each to the other.
 *
 * take() adds one of them under the number that kh_directory_join_relay() gave; with the
 * second they are spliced. Nothing is read before that. The directory hears what was
 * carried, and that a relay ended by itself; end() ends the one that the directory gives
 * up. The end of one direction is passed on; when both have ended, or one connection is
 * reset, or nothing came for too long, both are closed.
 *
 * Who does not read is not read for: what waits in one direction is at most what was read
 * at once, KH_RELAY_READ_LEN bytes. What a relay carries in both directions together is
 * kept to its rate, and what all of them carry to theirs: reading pauses.
 *
 * Nothing here knows whose a connection is, or looks at the bytes.
 *
 * Source: src/PROTOCOL.md, section 2.7.
 */
#pragma once

#include "server/service.h"

/* At 1 MB/s the other direction, and other relays, wait 16 ms for it. */
#define KH_RELAY_READ_LEN 16384

void kh_relay_make_table (KhService *service);

/* @side is 0 or 1. What @tcp is connected to goes on here when its owner closes it. */
void kh_relay_take (KhService *service, guint32 number, guint side, const uv_tcp_t *tcp);
void kh_relay_end (KhService *service, guint32 number);
void kh_relay_close_all (KhService *service);
