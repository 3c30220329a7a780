/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * connection.h - main connections: handshake, records, and what waits to be read.
 *
 * accept() takes one from a listener; from then on it lives by itself, until its
 * peer, a limit or the directory ends it. leave() ends one that was told why: what is
 * on its way still gets there.
 *
 * A client that is idle costs a KhConnection and nothing else: handshake state, half
 * records and unsent bytes have memory only while they are there.
 *
 * Source: src/PROTOCOL.md, sections 2.1 and 2.5.
 */
#pragma once

#include "server/listener.h"

void kh_connection_make_table (KhService *service);
void kh_connection_clear_table (KhService *service);

gboolean kh_connection_accept (KhListener *listener);

/* Seals and sends one message. On failure the connection waits for end_failed(). */
void kh_connection_send (KhConnection *self, const guint8 *bytes, gsize len);

/* What its client reached. */
KhEndpoint kh_connection_local (const KhConnection *self);

/* The directory has forgotten it. */
void kh_connection_leave (KhConnection *self);

/* Closes those that failed; whether there was one. */
gboolean kh_connection_end_failed (KhService *service);
void kh_connection_refuse_all (KhService *service, KhRefusedCode code);

gint64 kh_connection_deadline (const KhService *service);
void kh_connection_expire (KhService *service);
