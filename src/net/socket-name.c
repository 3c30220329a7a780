/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/socket-name.h"

#include <string.h>

socklen_t
kh_socket_name_set (KhSocketName *self, const KhEndpoint *endpoint)
{
  memset (self, 0, sizeof *self);
  if (endpoint->family == 4)
    {
      self->in.sin_family = AF_INET;
      self->in.sin_port = htons (endpoint->port);
      memcpy (&self->in.sin_addr, endpoint->address, 4);
      return sizeof self->in;
    }
  self->in6.sin6_family = AF_INET6;
  self->in6.sin6_port = htons (endpoint->port);
  memcpy (&self->in6.sin6_addr, endpoint->address, 16);
  return sizeof self->in6;
}

bool
kh_socket_name_get (const KhSocketName *self, KhEndpoint *endpoint)
{
  const void *address = &self->in.sin_addr;

  if (self->any.sa_family == AF_INET)
    *endpoint = kh_endpoint_v4 (address, ntohs (self->in.sin_port));
  else if (self->any.sa_family == AF_INET6)
    *endpoint = kh_endpoint_v6 (self->in6.sin6_addr.s6_addr, ntohs (self->in6.sin6_port));
  else
    return false;
  return true;
}
