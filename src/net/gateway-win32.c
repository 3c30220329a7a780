/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/gateway.h"

#include "net/socket-name.h"

#include <glib.h>
#include <iphlpapi.h>

/* Bytes that the first question allows for; and how often it is asked again because
 * there are more, or more have come meanwhile. */
#define FIRST_LEN 4096
#define TRIES 3

/* To be freed; NULL when the system does not say. */
static MIB_IPFORWARDTABLE *
list_routes (void)
{
  ULONG len = FIRST_LEN;

  for (unsigned i = 0; i < TRIES; i++)
    {
      MIB_IPFORWARDTABLE *all = g_malloc (len);
      ULONG result = GetIpForwardTable (all, &len, FALSE);

      if (result == NO_ERROR)
        return all;
      g_free (all);
      if (result != ERROR_INSUFFICIENT_BUFFER)
        break;
    }
  return NULL;
}

static bool
is_default (const MIB_IPFORWARDROW *route)
{
  return route->dwForwardDest == 0 && route->dwForwardMask == 0
         && route->dwForwardType != MIB_IPROUTE_TYPE_DIRECT
         && route->dwForwardNextHop != 0;
}

/* A metric here is that of the route and that of its interface together. (Of the newer
 * GetIpForwardTable2() it is not, and Wine 8 can't say the other.) */
static bool
find_gateway (struct in_addr *gateway)
{
  g_autofree MIB_IPFORWARDTABLE *all = list_routes ();
  const MIB_IPFORWARDROW *best = NULL;

  for (DWORD i = 0; all != NULL && i < all->dwNumEntries; i++)
    {
      const MIB_IPFORWARDROW *route = &all->table[i];

      if (is_default (route)
          && (best == NULL || route->dwForwardMetric1 < best->dwForwardMetric1))
        best = route;
    }
  if (best != NULL)
    gateway->s_addr = best->dwForwardNextHop;
  return best != NULL;
}

/* Connecting a datagram socket chooses the address and sends nothing. */
static bool
find_own (const struct in_addr *gateway, KhEndpoint *own)
{
  KhSocketName name = { .in = { .sin_family = AF_INET, .sin_port = htons (9) } };
  socklen_t len = sizeof name;
  SOCKET fd;
  bool found;

  g_networking_init ();
  fd = socket (AF_INET, SOCK_DGRAM, 0);
  if (fd == INVALID_SOCKET)
    return false;
  name.in.sin_addr = *gateway;
  found = connect (fd, &name.any, sizeof name.in) == 0
          && getsockname (fd, &name.any, &len) == 0;
  closesocket (fd);
  if (found)
    *own = kh_endpoint_v4 ((const uint8_t *)&name.in.sin_addr, 0);
  return found;
}

bool
kh_gateway_find (KhEndpoint *gateway, KhEndpoint *own)
{
  struct in_addr address;

  *gateway = *own = (KhEndpoint){ 0 };
  if (!find_gateway (&address) || !find_own (&address, own))
    return false;
  *gateway = kh_endpoint_v4 ((const uint8_t *)&address, 0);
  return true;
}
