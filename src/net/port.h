/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * port.h - local ports that several sockets share.
 *
 * listen() finds a port that nobody uses and listens on it; bind() makes one more socket
 * of that port, to dial from; wrap() makes a descriptor an object of the main loop.
 *
 * Ports are random, so that no two rounds, calls or tests meet the mappings that routers
 * keep of earlier ones. Source: src/PROTOCOL.md section 4.
 */
#pragma once

#include <gio/gio.h>
#include <stdint.h>

/* Ports below are often in use by other programs, those above by outgoing connections. */
#define KH_PORT_FIRST 20000
#define KH_PORT_LAST 60000

/* One socket of a port that nobody uses, which does not listen; KH_SOCKET_NONE where none
 * could be had. */
int kh_port_find (uint8_t family, uint16_t *port);

/* NULL where no port could be had. @family is 4 or 6. */
GSocket *kh_port_listen (uint8_t family, int backlog, uint16_t *port);

/* A descriptor, or KH_SOCKET_NONE. */
int kh_port_bind (uint8_t family, uint16_t port);

/* Takes @fd, also where it returns NULL. */
GSocket *kh_port_wrap (int fd);
