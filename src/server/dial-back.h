/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * dial-back.h - connections from the server to a client that asked for them, so that it
 * learns who gets through to it.
 *
 * begin() carries out a KH_DIRECTORY_DIAL; the directory is told how it went. end() gives
 * up what is under way for a handle, of which the directory hears nothing.
 *
 * Where someone accepts, the token is written and the connection ended in order: it stays
 * until the other end has closed too, or for as long as a dial may take.
 *
 * Source: src/PROTOCOL.md, section 2.6.
 */
#pragma once

#include "server/service.h"

void kh_dial_back_make_table (KhService *service);

/* FALSE when it is over already: then the directory has something to say. */
gboolean kh_dial_back_begin (KhService *service, const KhDirectoryEvent *event);
void kh_dial_back_end (KhService *service, guint32 handle);
void kh_dial_back_close_all (KhService *service);
gint64 kh_dial_back_deadline (const KhService *service);
void kh_dial_back_expire (KhService *service);
