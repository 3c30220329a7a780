/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * mapped-port.h - the one port of this computer that may be open from outside.
 *
 * It listens for as long as it lives. Whoever comes must say 16 bytes first, as a peer of
 * a call or a server that was asked to dial does; the owner judges them and takes the
 * socket or lets it go. Strangers cost little: at most KH_MAPPED_PORT_WAITING of them
 * wait, the oldest gives way, and none longer than KH_MAPPED_PORT_MS.
 *
 * Main loop only; came() is never called from inside a function here.
 *
 * Source: src/PROTOCOL.md sections 2.6 and 4.3.
 */
#pragma once

#include "proto/token.h"

#include <gio/gio.h>
#include <stdint.h>

#define KH_MAPPED_PORT_WAITING 16
#define KH_MAPPED_PORT_MS 5000

typedef struct _KhMappedPort KhMappedPort;

/* Takes a reference to @socket, or it is closed; it may not free the port. */
typedef void (*KhMappedPortFunc) (gpointer data, const uint8_t tag[KH_TOKEN_LEN],
                                  GSocket *socket);

/* @port 0: any that is free. NULL where it can't be had. */
KhMappedPort *kh_mapped_port_new (uint16_t port, KhMappedPortFunc came, gpointer data);
void kh_mapped_port_free (KhMappedPort *self);

uint16_t kh_mapped_port_number (const KhMappedPort *self);
