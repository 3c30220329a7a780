/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/interfaces.h"

#include "proto/endpoint.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stddef.h>

static KhEndpoint
address_of (const struct ifaddrs *at)
{
  if (at->ifa_addr != NULL && at->ifa_addr->sa_family == AF_INET)
    return kh_endpoint_v4 (
        (const uint8_t *)&((const struct sockaddr_in *)(const void *)at->ifa_addr)
            ->sin_addr,
        0);
  if (at->ifa_addr != NULL && at->ifa_addr->sa_family == AF_INET6)
    return kh_endpoint_v6 (
        ((const struct sockaddr_in6 *)(const void *)at->ifa_addr)->sin6_addr.s6_addr, 0);
  return (KhEndpoint){ 0 };
}

static bool
is_global_v6 (const struct ifaddrs *at)
{
  KhEndpoint endpoint;

  if (at->ifa_addr == NULL || at->ifa_addr->sa_family != AF_INET6
      || (at->ifa_flags & IFF_UP) == 0)
    return false;
  endpoint = kh_endpoint_v6 (
      ((const struct sockaddr_in6 *)at->ifa_addr)->sin6_addr.s6_addr, 1);
  return endpoint.family == 6 && kh_endpoint_kind (&endpoint) == KH_ENDPOINT_GLOBAL;
}

bool
kh_interfaces_have_global_v6 (bool *has)
{
  struct ifaddrs *all;

  *has = false;
  if (getifaddrs (&all) != 0)
    return false;
  for (const struct ifaddrs *at = all; at != NULL && !*has; at = at->ifa_next)
    *has = is_global_v6 (at);
  freeifaddrs (all);
  return true;
}

static uint8_t
prefix_len (const struct sockaddr *mask)
{
  return (uint8_t)__builtin_popcount (
      ((const struct sockaddr_in *)(const void *)mask)->sin_addr.s_addr);
}

static bool
is_lan (const struct ifaddrs *at, KhLanNetwork *network)
{
  if (at->ifa_addr == NULL || at->ifa_netmask == NULL
      || at->ifa_addr->sa_family != AF_INET || (at->ifa_flags & IFF_UP) == 0
      || (at->ifa_flags & IFF_LOOPBACK) != 0)
    return false;
  network->address = address_of (at);
  network->prefix_len = prefix_len (at->ifa_netmask);
  return kh_endpoint_kind (&network->address) == KH_ENDPOINT_PRIVATE;
}

bool
kh_interfaces_list_lans (KhLanNetwork *networks, size_t max, size_t *n)
{
  struct ifaddrs *all;

  *n = 0;
  if (getifaddrs (&all) != 0)
    return false;
  for (const struct ifaddrs *at = all; at != NULL && *n < max; at = at->ifa_next)
    *n += is_lan (at, &networks[*n]);
  freeifaddrs (all);
  return true;
}

bool
kh_interfaces_have (const KhEndpoint *endpoint)
{
  struct ifaddrs *all;
  bool found = false;

  if (getifaddrs (&all) != 0)
    return true; /* who can't know does not end what may stand */
  for (const struct ifaddrs *at = all; at != NULL && !found; at = at->ifa_next)
    {
      KhEndpoint address = address_of (at);

      found = (at->ifa_flags & IFF_UP) != 0 && address.family != 0
              && kh_endpoint_same_address (&address, endpoint);
    }
  freeifaddrs (all);
  return found;
}
