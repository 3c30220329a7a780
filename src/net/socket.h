/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * socket.h - the few things done to TCP descriptors, told in values.
 *
 * bound() makes the socket; all sockets of one local port must come from it,
 * since sharing a port needs the same options on each of them before bind. Then
 * listen() and accept(), or connect() and, when the descriptor is writable,
 * take_error(). read() and write() never block and never raise SIGPIPE.
 *
 * Every descriptor is non-blocking and closed on exec. Nothing here waits or
 * looks up names. Any thread.
 *
 * Source: src/PROTOCOL.md sections 4 and 5.
 */
#pragma once

#include "proto/endpoint.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KH_SOCKET_NONE (-1)

typedef enum
{
  KH_SOCKET_DONE,
  KH_SOCKET_PENDING,  /* on its way; wait for the descriptor */
  KH_SOCKET_REFUSED,  /* by an RST or an ICMP error: a fresh socket may try again */
  KH_SOCKET_TAKEN,    /* the local port or the pair of endpoints is in use */
  KH_SOCKET_NO_ROUTE, /* this computer has no way there */
  KH_SOCKET_ENDED,    /* the peer has sent its last byte */
  KH_SOCKET_LOST,     /* reset, timed out, or anything else that ends it */
} KhSocketResult;

/* A socket bound to @local, whose port may be 0. KH_SOCKET_NONE and errno on
 * failure. */
int kh_socket_bound (const KhEndpoint *local);

/* No other socket of this computer has the port: sharing one by accident would mix
 * up two calls. */
bool kh_socket_port_is_free (const KhEndpoint *local);

bool kh_socket_listen (int fd, int backlog);

/* The next connection and, unless @peer is NULL, where it is from; KH_SOCKET_NONE
 * when there is none now. */
int kh_socket_accept (int fd, KhEndpoint *peer);

KhSocketResult kh_socket_connect (int fd, const KhEndpoint *peer);

/* What became of a pending connect(). */
KhSocketResult kh_socket_take_error (int fd);

/* @n is set when the result is DONE, and then at least 1. */
KhSocketResult kh_socket_read (int fd, void *to, size_t capacity, size_t *n);
KhSocketResult kh_socket_write (int fd, const void *bytes, size_t len, size_t *n);

/* A second descriptor of the same socket; KH_SOCKET_NONE when there is none left. */
int kh_socket_duplicate (int fd);

/* No more bytes will be sent. */
void kh_socket_shut_down (int fd);

/* Ignores KH_SOCKET_NONE. */
void kh_socket_close (int fd);

bool kh_socket_local (int fd, KhEndpoint *endpoint);
bool kh_socket_peer (int fd, KhEndpoint *endpoint);

/* How many bytes the peer's system has acknowledged: of the @written ones, or since TCP
 * stood. It says by growing that something arrives. */
bool kh_socket_acknowledged (int fd, uint64_t written, uint64_t *n);

/* What the system knows of the way to the peer. */
typedef struct
{
  int64_t rtt_us;           /* smoothed; 0 while unknown */
  uint64_t delivered;       /* bytes that have arrived there, in all */
  uint64_t unsent;          /* bytes that wait in this system */
  int64_t receiver_full_us; /* so long has the peer had no room for more, in all */
} KhSocketPath;

bool kh_socket_path (int fd, KhSocketPath *path);

/* Options. False when the system has no such thing. */
bool kh_socket_set_no_delay (int fd);

/* Writable only while less than @bytes wait unsent in the kernel. Repeat it now and then:
 * where the system does not tell what is unsent, it goes by what the way holds now. */
bool kh_socket_set_unsent_max (int fd, size_t bytes);

/* Sends no faster than @rate bytes a second, evenly; 0: no such limit. */
bool kh_socket_set_pacing (int fd, uint64_t rate);

/* Lost when sent bytes stay unacknowledged for so long. */
bool kh_socket_set_user_timeout (int fd, unsigned timeout_ms);

/* The name of a congestion control, as "cubic". For tests. */
bool kh_socket_set_congestion (int fd, const char *name);
