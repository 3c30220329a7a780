/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * sockets.h - what libuv leaves to the system's own calls.
 *
 * Nothing here waits. A socket that is returned is the caller's until uv_tcp_open() has
 * taken it.
 */
#pragma once

#include "proto/endpoint.h"

#include <glib.h>
#include <uv.h>

#define KH_SOCKETS_NONE ((uv_os_sock_t)-1)

/* As uv_tcp_init(), for a listener at an address of @family: nobody else can take the
 * port that it will be bound to. Where the system has no such danger, uv_tcp_init(). */
int kh_sockets_init_listener (uv_loop_t *loop, uv_tcp_t *tcp, int family);

/* One that is bound to @from; KH_SOCKETS_NONE where that can't be. */
uv_os_sock_t kh_sockets_open_bound (const struct sockaddr *from);

/* The port that it was given; 0: it can't be told. */
guint16 kh_sockets_port_of (uv_os_sock_t socket);

/* A second socket of the same connection: what @tcp has not read is read by it once @tcp
 * is closed. KH_SOCKETS_NONE where that can't be. */
uv_os_sock_t kh_sockets_duplicate (const uv_tcp_t *tcp);

/* How many bytes the system keeps unsent for it, about: those of a file are ahead of a
 * message. */
void kh_sockets_limit_unsent (uv_os_sock_t socket, int len);

void kh_sockets_close (uv_os_sock_t socket);
