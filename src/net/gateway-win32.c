/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/gateway.h"

#include "net/socket-name.h"

#include <iphlpapi.h>
#include <netioapi.h>
#include <string.h>

/* That of the route and that of its interface together. */
static ULONG
metric_of (const MIB_IPFORWARD_ROW2 *route)
{
  MIB_IPINTERFACE_ROW interface = { .Family = AF_INET };

  interface.InterfaceLuid = route->InterfaceLuid;
  interface.InterfaceIndex = route->InterfaceIndex;
  return GetIpInterfaceEntry (&interface) == NO_ERROR ? route->Metric + interface.Metric
                                                      : route->Metric;
}

static bool
find_gateway (struct in_addr *gateway)
{
  MIB_IPFORWARD_TABLE2 *table;
  ULONG best = 0;
  bool found = false;

  if (GetIpForwardTable2 (AF_INET, &table) != NO_ERROR)
    return false;
  for (ULONG i = 0; i < table->NumEntries; i++)
    {
      const MIB_IPFORWARD_ROW2 *route = &table->Table[i];
      ULONG metric;

      if (route->DestinationPrefix.PrefixLength != 0
          || route->NextHop.Ipv4.sin_addr.s_addr == 0)
        continue;
      metric = metric_of (route);
      if (found && metric >= best)
        continue;
      *gateway = route->NextHop.Ipv4.sin_addr;
      best = metric;
      found = true;
    }
  FreeMibTable (table);
  return found;
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
