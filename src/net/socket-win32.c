/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sockets of Windows as descriptors: a SOCKET is a handle, of which only 32 bits count,
 * and INVALID_SOCKET is -1; GSocket takes them in the same way.
 */
#include "net/socket-name.h"
#include "net/socket.h"

#include <errno.h>
#include <mstcpip.h>

/* These headers are older. */
#ifndef TCP_MAXRT
#define TCP_MAXRT 5
#endif
#ifndef SIO_IDEAL_SEND_BACKLOG_QUERY
#define SIO_IDEAL_SEND_BACKLOG_QUERY _IOR ('t', 123, u_long)
#endif
#ifndef TCP_MAXRTMS /* since Windows 10 of 2016 */
#define TCP_MAXRTMS 14
#endif

static SOCKET
socket_of (int fd)
{
  return (SOCKET)(intptr_t)fd;
}

static bool
set_int (int fd, int level, int option, int value)
{
  return setsockopt (socket_of (fd), level, option, (const char *)&value, sizeof value)
         == 0;
}

static bool
set_up (int fd)
{
  u_long on = 1;

  /* No child inherits it; and a stranger's urgent byte is a byte like others. */
  return ioctlsocket (socket_of (fd), FIONBIO, &on) == 0
         && SetHandleInformation ((HANDLE)socket_of (fd), HANDLE_FLAG_INHERIT, 0)
         && set_int (fd, SOL_SOCKET, SO_OOBINLINE, 1);
}

static KhSocketResult
result_of (int error)
{
  switch (error)
    {
    case 0:
      return KH_SOCKET_DONE;
    case WSAEINPROGRESS:
    case WSAEWOULDBLOCK:
      return KH_SOCKET_PENDING;
    case WSAECONNREFUSED:
    case WSAECONNRESET:
    case WSAECONNABORTED:
    case WSAEHOSTUNREACH:
    case WSAEHOSTDOWN:
    case WSAENETUNREACH:
    case WSAENETDOWN:
    case WSAENETRESET:
      return KH_SOCKET_REFUSED;
    case WSAEADDRNOTAVAIL:
    case WSAEADDRINUSE:
    case WSAEACCES: /* somebody has it for himself alone */
    case WSAEALREADY:
    case WSAEISCONN:
      return KH_SOCKET_TAKEN;
    default:
      return KH_SOCKET_LOST;
    }
}

static int
errno_of (int error)
{
  switch (error)
    {
    case WSAEADDRINUSE:
    case WSAEACCES:
      return EADDRINUSE;
    case WSAEADDRNOTAVAIL:
      return EADDRNOTAVAIL;
    case WSAEAFNOSUPPORT:
      return EAFNOSUPPORT;
    case WSAEMFILE:
    case WSAENOBUFS:
      return EMFILE;
    default:
      return EIO;
    }
}

void
kh_socket_close (int fd)
{
  if (fd != KH_SOCKET_NONE)
    closesocket (socket_of (fd));
}

static int
fail (int fd)
{
  int error = errno_of (WSAGetLastError ());

  kh_socket_close (fd);
  errno = error;
  return KH_SOCKET_NONE;
}

static int
new_socket (const KhSocketName *name)
{
  g_networking_init ();
  return (int)WSASocketW (name->any.sa_family, SOCK_STREAM, IPPROTO_TCP, NULL, 0,
                          WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
}

/* SO_REUSEADDR lets the sockets that dial share the port of the one that listens. It
 * would let other programs of this user, too: what answers there has to prove itself. */
int
kh_socket_bound (const KhEndpoint *local)
{
  KhSocketName name;
  socklen_t len = kh_socket_name_set (&name, local);
  int fd = new_socket (&name);

  if (fd == KH_SOCKET_NONE || !set_up (fd) || !set_int (fd, SOL_SOCKET, SO_REUSEADDR, 1)
      || (local->family != 4 && !set_int (fd, IPPROTO_IPV6, IPV6_V6ONLY, 1))
      || bind (socket_of (fd), &name.any, len) != 0)
    return fail (fd);
  return fd;
}

bool
kh_socket_port_is_free (const KhEndpoint *local)
{
  KhSocketName name;
  socklen_t len = kh_socket_name_set (&name, local);
  int fd = new_socket (&name);
  bool is_free;

  is_free = fd != KH_SOCKET_NONE && set_int (fd, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1)
            && (local->family == 4 || set_int (fd, IPPROTO_IPV6, IPV6_V6ONLY, 1))
            && bind (socket_of (fd), &name.any, len) == 0;
  kh_socket_close (fd);
  return is_free;
}

bool
kh_socket_listen (int fd, int backlog)
{
  return listen (socket_of (fd), backlog) == 0;
}

int
kh_socket_accept (int fd, KhEndpoint *peer)
{
  KhSocketName name;
  socklen_t len = sizeof name;
  int accepted = (int)accept (socket_of (fd), &name.any, &len);

  if (accepted == KH_SOCKET_NONE || !set_up (accepted))
    return fail (accepted);
  if (peer != NULL)
    kh_socket_name_get (&name, peer);
  return accepted;
}

KhSocketResult
kh_socket_connect (int fd, const KhEndpoint *peer)
{
  KhSocketName name;
  socklen_t len = kh_socket_name_set (&name, peer);
  int error;

  if (connect (socket_of (fd), &name.any, len) == 0)
    return KH_SOCKET_DONE;
  error = WSAGetLastError ();
  /* At once, these come from this computer's routing table. */
  if (error == WSAENETUNREACH || error == WSAEHOSTUNREACH || error == WSAEAFNOSUPPORT
      || error == WSAEFAULT || error == WSAEINVAL)
    return KH_SOCKET_NO_ROUTE;
  return result_of (error);
}

KhSocketResult
kh_socket_take_error (int fd)
{
  int error = 0;
  socklen_t len = sizeof error;

  if (getsockopt (socket_of (fd), SOL_SOCKET, SO_ERROR, (char *)&error, &len) != 0)
    return KH_SOCKET_LOST;
  return result_of (error);
}

KhSocketResult
kh_socket_read (int fd, void *to, size_t capacity, size_t *n)
{
  int got = recv (socket_of (fd), to, (int)MIN (capacity, G_MAXINT), 0);

  if (got > 0)
    {
      *n = (size_t)got;
      return KH_SOCKET_DONE;
    }
  if (got == 0)
    return KH_SOCKET_ENDED;
  return WSAGetLastError () == WSAEWOULDBLOCK ? KH_SOCKET_PENDING : KH_SOCKET_LOST;
}

/* Until the system takes no more: only when it has said so does it tell that there is
 * room again. */
KhSocketResult
kh_socket_write (int fd, const void *bytes, size_t len, size_t *n)
{
  const char *from = bytes;
  size_t sent = 0;

  while (sent < len)
    {
      int put = send (socket_of (fd), from + sent, (int)MIN (len - sent, G_MAXINT), 0);

      if (put < 0 && sent > 0)
        break; /* also of an error: the next call tells it again */
      if (put < 0)
        return WSAGetLastError () == WSAEWOULDBLOCK ? KH_SOCKET_PENDING : KH_SOCKET_LOST;
      sent += (size_t)put;
    }
  *n = sent;
  return KH_SOCKET_DONE;
}

int
kh_socket_duplicate (int fd)
{
  WSAPROTOCOL_INFOW info;

  if (WSADuplicateSocketW (socket_of (fd), GetCurrentProcessId (), &info) != 0)
    return KH_SOCKET_NONE;
  return (int)WSASocketW (FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO,
                          &info, 0, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
}

void
kh_socket_shut_down (int fd)
{
  shutdown (socket_of (fd), SD_SEND);
}

bool
kh_socket_local (int fd, KhEndpoint *endpoint)
{
  KhSocketName name;
  socklen_t len = sizeof name;

  return getsockname (socket_of (fd), &name.any, &len) == 0
         && kh_socket_name_get (&name, endpoint);
}

bool
kh_socket_peer (int fd, KhEndpoint *endpoint)
{
  KhSocketName name;
  socklen_t len = sizeof name;

  return getpeername (socket_of (fd), &name.any, &len) == 0
         && kh_socket_name_get (&name, endpoint);
}

/* Since Windows 10 of 2017. */
static bool
get_info (int fd, TCP_INFO_v0 *info)
{
  DWORD version = 0;
  DWORD len;

  return WSAIoctl (socket_of (fd), SIO_TCP_INFO, &version, sizeof version, info,
                   sizeof *info, &len, NULL, NULL)
             == 0
         && len >= sizeof *info;
}

/* Bytes that were sent again were sent twice. */
static uint64_t
acknowledged (const TCP_INFO_v0 *info)
{
  uint64_t left = (uint64_t)info->BytesInFlight + info->BytesRetrans;

  return info->BytesOut > left ? info->BytesOut - left : 0;
}

bool
kh_socket_acknowledged (int fd, uint64_t written, uint64_t *n)
{
  TCP_INFO_v0 info;

  (void)written;
  if (!get_info (fd, &info))
    return false;
  *n = acknowledged (&info);
  return true;
}

/* What waits unsent, and whether the peer has room, it does not say. */
bool
kh_socket_path (int fd, KhSocketPath *path)
{
  TCP_INFO_v0 info;

  if (!get_info (fd, &info))
    return false;
  *path = (KhSocketPath){ .rtt_us = info.RttUs, .delivered = acknowledged (&info) };
  return true;
}

bool
kh_socket_set_no_delay (int fd)
{
  return set_int (fd, IPPROTO_TCP, TCP_NODELAY, 1);
}

/* There is no such thing. SO_SNDBUF is what may be on its way and wait together, so it
 * has room for what the way to the peer holds at a time, which the system knows. */
bool
kh_socket_set_unsent_max (int fd, size_t bytes)
{
  ULONG on_the_way = 0;
  DWORD len;

  WSAIoctl (socket_of (fd), SIO_IDEAL_SEND_BACKLOG_QUERY, NULL, 0, &on_the_way,
            sizeof on_the_way, &len, NULL, NULL);
  return set_int (fd, SOL_SOCKET, SO_SNDBUF,
                  (int)MIN ((uint64_t)on_the_way + bytes, G_MAXINT));
}

bool
kh_socket_set_pacing (int fd, uint64_t rate)
{
  (void)fd;
  (void)rate;
  return false;
}

/* Before 2016 in whole seconds. */
bool
kh_socket_set_user_timeout (int fd, unsigned timeout_ms)
{
  return set_int (fd, IPPROTO_TCP, TCP_MAXRTMS, (int)timeout_ms)
         || set_int (fd, IPPROTO_TCP, TCP_MAXRT, (int)((timeout_ms + 999) / 1000));
}

bool
kh_socket_set_congestion (int fd, const char *name)
{
  (void)fd;
  (void)name;
  return false;
}
