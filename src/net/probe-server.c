/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/probe-server.h"

#include <stddef.h>

const KhEndpoint *
kh_probe_server_find (const KhProbeServer *self, uint8_t family, const KhEndpoint *unlike)
{
  for (uint8_t i = 0; i < self->n_assist; i++)
    if (self->assist[i].family == family
        && (unlike == NULL || !kh_endpoint_same_address (&self->assist[i], unlike)))
      return &self->assist[i];
  return NULL;
}

const KhEndpoint *
kh_probe_server_near (const KhProbeServer *self)
{
  for (uint8_t i = 0; i < self->n_assist; i++)
    if (self->assist[i].family == 4
        && kh_endpoint_same_address (&self->assist[i], &self->main))
      return &self->assist[i];
  return kh_probe_server_find (self, 4, NULL);
}

const KhEndpoint *
kh_probe_server_other (const KhProbeServer *self)
{
  const KhEndpoint *near = kh_probe_server_near (self);

  return near != NULL ? kh_probe_server_find (self, 4, near) : NULL;
}
