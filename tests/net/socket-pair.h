/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * socket-pair.h - both ends of a connection for a test, on every system.
 *
 * The connection is one of TCP over loopback. Close the ends with kh_socket_close().
 */
#pragma once

#include <glib.h>

/* How long anything may take that must come. */
#define SOCKET_DEADLINE_MS 60000

/* Whether the system has all that net/socket asks it for. */
#ifdef G_OS_UNIX
#define SOCKETS_TELL_ALL TRUE
#else
#define SOCKETS_TELL_ALL FALSE
#endif

void socket_pair (int fds[2]);

/* Whether @fd is ready to be read from (G_IO_IN) or written to (G_IO_OUT) within
 * @timeout_ms; a refused connection is, too. */
gboolean socket_is_ready (int fd, GIOCondition condition, int timeout_ms);

/* The same, and it must be. */
void socket_wait (int fd, GIOCondition condition);

/* Closes @fd with an RST. */
void socket_reset (int fd);

/* As little room in the system as that. */
void socket_set_room (int fd, int bytes);
