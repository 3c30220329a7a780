/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * own-address.h - where others reach this server: the address it prints, and the assist
 * endpoints that a client is told.
 *
 * Looking up --public waits for the resolver, so only start() does it.
 * Source: src/PROTOCOL.md, sections 1 and 2.2.
 */
#pragma once

#include "server/service.h"

/* "knothole://HOST:PORT/SERVERID". @port is where the first main port really is, or 0
 * for what the options say. */
char *kh_own_address_print (const KhOptions *options, const guint8 id[KH_ID_LEN],
                            guint16 port);

void kh_own_address_resolve_public (KhService *service);

/* Where the router's outside leads here: a public IPv4 address and the assist port there.
 * NULL: what the options say. Those who are logged in have heard what counted before. */
void kh_own_address_set_outside (KhService *service, const KhEndpoint *outside);

/* What @login->endpoint, which reached this server at @local, shall dial. */
void kh_own_address_list_assist (const KhService *service, const KhEndpoint *local,
                                 KhDirectoryLogin *login);
