/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "socket-pair.h"

#include "net/socket.h"

#include <gio/gnetworking.h>

#ifdef G_OS_UNIX
#include <sys/select.h>
#endif

static void
set_option (int fd, int option, const void *value, gsize len)
{
  g_assert_cmpint (setsockopt (fd, SOL_SOCKET, option, value, (socklen_t)len), ==, 0);
}

void
socket_pair (int fds[2])
{
  static const guint8 loopback[] = { 127, 0, 0, 1 };
  KhEndpoint here = kh_endpoint_v4 (loopback, 0), there = here;
  int listener = kh_socket_bound (&there);

  g_assert_true (kh_socket_listen (listener, 1));
  g_assert_true (kh_socket_local (listener, &there));
  fds[0] = kh_socket_bound (&here);
  kh_socket_connect (fds[0], &there);
  socket_wait (listener, G_IO_IN);
  fds[1] = kh_socket_accept (listener, NULL);
  g_assert_cmpint (fds[1], !=, KH_SOCKET_NONE);
  socket_wait (fds[0], G_IO_OUT);
  g_assert_cmpint (kh_socket_take_error (fds[0]), ==, KH_SOCKET_DONE);
  kh_socket_close (listener);
}

gboolean
socket_is_ready (int fd, GIOCondition condition, int timeout_ms)
{
  struct timeval timeout
      = { .tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000 };
  fd_set ready, failed;

  FD_ZERO (&ready);
  FD_ZERO (&failed);
  FD_SET (fd, &ready);
  FD_SET (fd, &failed);
  return select (fd + 1, (condition & G_IO_IN) != 0 ? &ready : NULL,
                 (condition & G_IO_OUT) != 0 ? &ready : NULL, &failed, &timeout)
         > 0;
}

void
socket_wait (int fd, GIOCondition condition)
{
  g_assert_true (socket_is_ready (fd, condition, SOCKET_DEADLINE_MS));
}

void
socket_reset (int fd)
{
  const struct linger now = { .l_onoff = 1 };

  set_option (fd, SO_LINGER, &now, sizeof now);
  kh_socket_close (fd);
}

void
socket_set_room (int fd, int bytes)
{
  set_option (fd, SO_RCVBUF, &bytes, sizeof bytes);
  set_option (fd, SO_SNDBUF, &bytes, sizeof bytes);
}
