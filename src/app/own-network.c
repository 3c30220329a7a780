/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/own-network.h"

/* Addresses of documentation (RFC 5737, RFC 3849): nobody has them, so they stand for
 * all the internet. A datagram socket that is connected chooses its own address by the
 * route there, and sends nothing. */
static const char *const ANYBODY[] = { "192.0.2.1", "2001:db8::1" };
#define ANY_PORT 9

static char *
address_towards (const char *anybody)
{
  g_autoptr (GSocketAddress) remote
      = g_inet_socket_address_new_from_string (anybody, ANY_PORT);
  g_autoptr (GSocketAddress) local = NULL;
  g_autoptr (GSocket) socket
      = g_socket_new (g_socket_address_get_family (remote), G_SOCKET_TYPE_DATAGRAM,
                      G_SOCKET_PROTOCOL_UDP, NULL);
  GInetAddress *address;

  if (socket == NULL || !g_socket_connect (socket, remote, NULL, NULL))
    return NULL;
  local = g_socket_get_local_address (socket, NULL);
  if (!G_IS_INET_SOCKET_ADDRESS (local))
    return NULL;
  address = g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (local));
  if (g_inet_address_get_is_loopback (address) || g_inet_address_get_is_any (address)
      || g_inet_address_get_is_link_local (address))
    return NULL;
  return g_inet_address_to_string (address);
}

char *
kh_own_network_address (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (ANYBODY); i++)
    {
      char *address = address_towards (ANYBODY[i]);

      if (address != NULL)
        return address;
    }
  return NULL;
}
