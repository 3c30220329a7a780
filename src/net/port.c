/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/port.h"

#include "net/socket.h"

#include <sodium.h>

/* Random ports tried before there is none to be had. */
#define TRIES 20

GSocket *
kh_port_wrap (int fd)
{
  g_autoptr (GError) error = NULL;
  GSocket *socket = g_socket_new_from_fd (fd, &error);

  if (socket == NULL)
    {
      g_debug ("A socket can't be used: %s", error->message);
      kh_socket_close (fd);
      return NULL;
    }
  g_socket_set_blocking (socket, FALSE);
  return socket;
}

int
kh_port_bind (uint8_t family, uint16_t port)
{
  KhEndpoint local = { .family = family, .port = port };

  return kh_socket_bound (&local);
}

int
kh_port_find (uint8_t family, uint16_t *port)
{
  for (unsigned i = 0; i < TRIES; i++)
    {
      KhEndpoint local
          = { .family = family,
              .port = (uint16_t)(KH_PORT_FIRST
                                 + randombytes_uniform (KH_PORT_LAST - KH_PORT_FIRST)) };
      int fd;

      if (!kh_socket_port_is_free (&local))
        continue;
      fd = kh_socket_bound (&local);
      if (fd == KH_SOCKET_NONE)
        continue;
      *port = local.port;
      return fd;
    }
  return KH_SOCKET_NONE;
}

GSocket *
kh_port_listen (uint8_t family, int backlog, uint16_t *port)
{
  for (unsigned i = 0; i < TRIES; i++)
    {
      int fd = kh_port_find (family, port);
      GSocket *listener = fd != KH_SOCKET_NONE ? kh_port_wrap (fd) : NULL;

      if (listener == NULL)
        continue;
      if (kh_socket_listen (fd, backlog))
        return listener;
      g_object_unref (listener);
    }
  return NULL;
}
