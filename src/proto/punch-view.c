/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * punch-view.c - what can be asked of a punch without changing it.
 */
#include "proto/punch.h"

KhPunchFailure
kh_punch_reason (const KhPunch *self)
{
  if (self->seen_stranger)
    return KH_PUNCH_STRANGER;
  if (self->is_hopeless)
    return KH_PUNCH_BOTH_SYMMETRIC;
  if (!self->seen_own)
    return KH_PUNCH_NOT_OBSERVED;
  if (!self->seen_peer)
    return KH_PUNCH_PEER_NOT_OBSERVED;
  if (self->seen_silence)
    return KH_PUNCH_SILENT;
  if (self->seen_refusal)
    return KH_PUNCH_REFUSED;
  return self->seen_no_route ? KH_PUNCH_NO_ROUTE : KH_PUNCH_SILENT;
}

static KhForecast
make_forecast (const KhPunchSeen *seen)
{
  const KhEndpoint in_order[KH_FORECAST_SEEN]
      = { seen->ports[0], seen->again, seen->ports[1], seen->ports[2] };

  return kh_forecast_make (in_order);
}

KhForecast
kh_punch_own_forecast (const KhPunch *self)
{
  return make_forecast (&self->own);
}

KhForecast
kh_punch_peer_forecast (const KhPunch *self)
{
  return make_forecast (&self->peer);
}

unsigned
kh_punch_find_pair (const KhPunch *self, unsigned port, const KhEndpoint *remote)
{
  for (unsigned i = 0; i < KH_PUNCH_PAIRS; i++)
    if (self->pairs[i].port == port && kh_endpoint_equal (&self->pairs[i].peer, remote))
      return i;
  return KH_PUNCH_NO_PAIR;
}

KhPathKind
kh_punch_path_kind (const KhPunch *self, unsigned pair, const KhEndpoint *remote)
{
  if (pair == KH_PUNCH_PAIR_MAPPED)
    return KH_PATH_MAPPED;
  if (kh_endpoint_kind (remote) != KH_ENDPOINT_GLOBAL)
    return KH_PATH_LAN;
  if (remote->family == 6)
    return KH_PATH_IPV6;
  return pair == KH_PUNCH_NO_PAIR && self->spray.n_dials > 0 ? KH_PATH_PREDICTED
                                                             : KH_PATH_PUNCHED;
}

static bool
is_seen_at_kind (const KhPunchSeen *seen, KhEndpointKind kind)
{
  for (unsigned i = 0; i < KH_PUNCH_PORTS; i++)
    if (seen->ports[i].family != 0 && kh_endpoint_kind (&seen->ports[i]) == kind)
      return true;
  return false;
}

static bool
is_seen_at_address (const KhPunchSeen *seen, const KhEndpoint *address)
{
  for (unsigned i = 0; i < KH_PUNCH_PORTS; i++)
    if (kh_endpoint_same_address (&seen->ports[i], address))
      return true;
  return kh_endpoint_same_address (&seen->again, address);
}

bool
kh_punch_is_credible (const KhPunch *self, unsigned pair)
{
  const KhEndpoint *peer = &self->pairs[pair].peer;
  KhEndpointKind kind = kh_endpoint_kind (peer);

  if (peer->port < KH_CALL_PORT_MIN || kind == KH_ENDPOINT_NONE
      || kind == KH_ENDPOINT_MULTICAST
      || (kind != KH_ENDPOINT_GLOBAL && !is_seen_at_kind (&self->own, kind)))
    return false;
  return pair != KH_PUNCH_PAIR_MAPPED || is_seen_at_address (&self->peer, peer)
         || kh_endpoint_same_address (&self->setup.server, peer);
}
