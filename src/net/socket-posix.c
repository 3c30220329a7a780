/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/socket-name.h"
#include "net/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <linux/tcp.h> /* that of libc knows half of tcp_info */
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static bool
set_int (int fd, int level, int option, int value)
{
  return setsockopt (fd, level, option, &value, sizeof value) == 0;
}

static bool
is_transient (int error)
{
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

static KhSocketResult
result_from_errno (int error)
{
  switch (error)
    {
    case 0:
      return KH_SOCKET_DONE;
    case EINPROGRESS:
    case EAGAIN:
    case EINTR: /* a connect() that was interrupted goes on by itself */
      return KH_SOCKET_PENDING;
    case ECONNREFUSED:
    case ECONNRESET:
    case ECONNABORTED:
    case EHOSTUNREACH:
    case EHOSTDOWN:
    case ENETUNREACH:
    case ENETDOWN:
    case EPROTO:
      return KH_SOCKET_REFUSED;
    case EADDRNOTAVAIL:
    case EADDRINUSE:
    case EALREADY:
    case EISCONN:
      return KH_SOCKET_TAKEN;
    default:
      return KH_SOCKET_LOST;
    }
}

int
kh_socket_bound (const KhEndpoint *local)
{
  KhSocketName name;
  socklen_t len = kh_socket_name_set (&name, local);
  int fd = socket (name.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int error;

  if (fd < 0)
    return KH_SOCKET_NONE;
  /* One family a socket, so that both can have the same port number. */
  if (set_int (fd, SOL_SOCKET, SO_REUSEADDR, 1)
      && set_int (fd, SOL_SOCKET, SO_REUSEPORT, 1)
      && (local->family == 4 || set_int (fd, IPPROTO_IPV6, IPV6_V6ONLY, 1))
      && bind (fd, &name.any, len) == 0)
    return fd;

  error = errno;
  close (fd);
  errno = error;
  return KH_SOCKET_NONE;
}

bool
kh_socket_port_is_free (const KhEndpoint *local)
{
  KhSocketName name;
  socklen_t len = kh_socket_name_set (&name, local);
  int fd = socket (name.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  bool is_free;

  if (fd < 0)
    return false;
  is_free = (local->family == 4 || set_int (fd, IPPROTO_IPV6, IPV6_V6ONLY, 1))
            && bind (fd, &name.any, len) == 0;
  close (fd);
  return is_free;
}

bool
kh_socket_listen (int fd, int backlog)
{
  return listen (fd, backlog) == 0;
}

int
kh_socket_accept (int fd, KhEndpoint *peer)
{
  KhSocketName name;
  socklen_t len = sizeof name;
  int accepted = accept4 (fd, &name.any, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

  if (accepted < 0)
    return KH_SOCKET_NONE;
  if (peer != NULL)
    kh_socket_name_get (&name, peer);
  return accepted;
}

KhSocketResult
kh_socket_connect (int fd, const KhEndpoint *peer)
{
  KhSocketName name;
  socklen_t len = kh_socket_name_set (&name, peer);

  if (connect (fd, &name.any, len) == 0)
    return KH_SOCKET_DONE;
  /* At once, these come from this computer's routing table. */
  if (errno == ENETUNREACH || errno == EHOSTUNREACH || errno == EAFNOSUPPORT
      || errno == EINVAL)
    return KH_SOCKET_NO_ROUTE;
  return result_from_errno (errno);
}

KhSocketResult
kh_socket_take_error (int fd)
{
  int error = 0;
  socklen_t len = sizeof error;

  if (getsockopt (fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
    return KH_SOCKET_LOST;
  return result_from_errno (error);
}

KhSocketResult
kh_socket_read (int fd, void *to, size_t capacity, size_t *n)
{
  ssize_t got = recv (fd, to, capacity, MSG_DONTWAIT);

  if (got > 0)
    {
      *n = (size_t)got;
      return KH_SOCKET_DONE;
    }
  if (got == 0)
    return KH_SOCKET_ENDED;
  return is_transient (errno) ? KH_SOCKET_PENDING : KH_SOCKET_LOST;
}

KhSocketResult
kh_socket_write (int fd, const void *bytes, size_t len, size_t *n)
{
  ssize_t sent = send (fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);

  if (sent >= 0)
    {
      *n = (size_t)sent;
      return KH_SOCKET_DONE;
    }
  return is_transient (errno) ? KH_SOCKET_PENDING : KH_SOCKET_LOST;
}

int
kh_socket_duplicate (int fd)
{
  int copy = fcntl (fd, F_DUPFD_CLOEXEC, 0);

  return copy < 0 ? KH_SOCKET_NONE : copy;
}

void
kh_socket_shut_down (int fd)
{
  shutdown (fd, SHUT_WR);
}

void
kh_socket_close (int fd)
{
  if (fd != KH_SOCKET_NONE)
    close (fd);
}

bool
kh_socket_local (int fd, KhEndpoint *endpoint)
{
  KhSocketName name;
  socklen_t len = sizeof name;

  return getsockname (fd, &name.any, &len) == 0 && kh_socket_name_get (&name, endpoint);
}

bool
kh_socket_peer (int fd, KhEndpoint *endpoint)
{
  KhSocketName name;
  socklen_t len = sizeof name;

  return getpeername (fd, &name.any, &len) == 0 && kh_socket_name_get (&name, endpoint);
}

bool
kh_socket_acknowledged (int fd, uint64_t written, uint64_t *n)
{
  int waiting;

  if (ioctl (fd, SIOCOUTQ, &waiting) < 0)
    return false;
  *n = written > (uint64_t)waiting ? written - (uint64_t)waiting : 0;
  return true;
}

bool
kh_socket_path (int fd, KhSocketPath *path)
{
  struct tcp_info info;
  socklen_t len = sizeof info;

  memset (&info, 0, sizeof info);
  if (getsockopt (fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0
      || len < offsetof (struct tcp_info, tcpi_delivered) + sizeof info.tcpi_delivered)
    return false;
  *path = (KhSocketPath){
    .rtt_us = info.tcpi_rtt,
    .delivered = (uint64_t)info.tcpi_delivered * info.tcpi_snd_mss,
    .unsent = info.tcpi_notsent_bytes,
    .receiver_full_us = (int64_t)info.tcpi_rwnd_limited,
  };
  return true;
}

bool
kh_socket_set_no_delay (int fd)
{
  return set_int (fd, IPPROTO_TCP, TCP_NODELAY, 1);
}

bool
kh_socket_set_unsent_max (int fd, size_t bytes)
{
  return set_int (fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, (int)bytes);
}

bool
kh_socket_set_pacing (int fd, uint64_t rate)
{
  uint64_t max = rate > 0 ? rate : UINT64_MAX;

  return setsockopt (fd, SOL_SOCKET, SO_MAX_PACING_RATE, &max, sizeof max) == 0;
}

bool
kh_socket_set_user_timeout (int fd, unsigned timeout_ms)
{
  return set_int (fd, IPPROTO_TCP, TCP_USER_TIMEOUT, (int)timeout_ms);
}

bool
kh_socket_set_congestion (int fd, const char *name)
{
  return setsockopt (fd, IPPROTO_TCP, TCP_CONGESTION, name, (socklen_t)strlen (name))
         == 0;
}
