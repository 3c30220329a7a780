/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Source: "Using SO_REUSEADDR and SO_EXCLUSIVEADDRUSE" and "WSADuplicateSocketW function"
 * of the Windows API.
 */
#include "server/sockets.h"

#define FLAGS (WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT)

/* Without it any program may bind the same port and be given what comes. */
int
kh_sockets_init_listener (uv_loop_t *loop, uv_tcp_t *tcp, int family)
{
  BOOL yes = TRUE;
  uv_os_fd_t handle;
  int status = uv_tcp_init_ex (loop, tcp, (unsigned)family);

  if (status == 0)
    status = uv_fileno ((const uv_handle_t *)tcp, &handle);
  if (status == 0)
    setsockopt ((SOCKET)handle, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, (const char *)&yes,
                sizeof yes);
  return status;
}

uv_os_sock_t
kh_sockets_open_bound (const struct sockaddr *from)
{
  int len = from->sa_family == AF_INET ? sizeof (struct sockaddr_in)
                                       : sizeof (struct sockaddr_in6);
  SOCKET made = WSASocketW (from->sa_family, SOCK_STREAM, 0, NULL, 0, FLAGS);

  if (made == INVALID_SOCKET || bind (made, from, len) == 0)
    return made;
  closesocket (made);
  return KH_SOCKETS_NONE;
}

guint16
kh_sockets_port_of (uv_os_sock_t socket)
{
  struct sockaddr_storage address = { 0 };
  int len = sizeof address;
  const struct sockaddr_in *v4 = (const void *)&address;
  const struct sockaddr_in6 *v6 = (const void *)&address;

  if (getsockname (socket, (struct sockaddr *)&address, &len) != 0)
    return 0;
  return ntohs (address.ss_family == AF_INET ? v4->sin_port : v6->sin6_port);
}

uv_os_sock_t
kh_sockets_duplicate (const uv_tcp_t *tcp)
{
  WSAPROTOCOL_INFOW info;
  uv_os_fd_t handle;

  if (uv_fileno ((const uv_handle_t *)tcp, &handle) != 0
      || WSADuplicateSocketW ((SOCKET)handle, GetCurrentProcessId (), &info) != 0)
    return KH_SOCKETS_NONE;
  return WSASocketW (FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &info, 0,
                     FLAGS);
}

/* Windows has no limit of what is unsent; a buffer of that size comes close. */
void
kh_sockets_limit_unsent (uv_os_sock_t socket, int len)
{
  setsockopt (socket, SOL_SOCKET, SO_SNDBUF, (const char *)&len, sizeof len);
}

void
kh_sockets_close (uv_os_sock_t socket)
{
  closesocket (socket);
}
