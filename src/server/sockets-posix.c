/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/sockets.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

int
kh_sockets_init_listener (uv_loop_t *loop, uv_tcp_t *tcp, G_GNUC_UNUSED int family)
{
  return uv_tcp_init (loop, tcp);
}

uv_os_sock_t
kh_sockets_open_bound (const struct sockaddr *from)
{
  socklen_t len = from->sa_family == AF_INET ? sizeof (struct sockaddr_in)
                                             : sizeof (struct sockaddr_in6);
  int fd = socket (from->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (fd < 0 || bind (fd, from, len) == 0)
    return fd;
  close (fd);
  return KH_SOCKETS_NONE;
}

guint16
kh_sockets_port_of (uv_os_sock_t socket)
{
  struct sockaddr_storage address = { 0 };
  socklen_t len = sizeof address;
  const struct sockaddr_in *v4 = (const void *)&address;
  const struct sockaddr_in6 *v6 = (const void *)&address;

  if (getsockname (socket, (struct sockaddr *)&address, &len) != 0)
    return 0;
  return ntohs (address.ss_family == AF_INET ? v4->sin_port : v6->sin6_port);
}

uv_os_sock_t
kh_sockets_duplicate (const uv_tcp_t *tcp)
{
  uv_os_fd_t fd;

  if (uv_fileno ((const uv_handle_t *)tcp, &fd) != 0)
    return KH_SOCKETS_NONE;
  return fcntl (fd, F_DUPFD_CLOEXEC, 0);
}

void
kh_sockets_limit_unsent (uv_os_sock_t socket, int len)
{
  setsockopt (socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &len, sizeof len);
}

void
kh_sockets_close (uv_os_sock_t socket)
{
  close (socket);
}
