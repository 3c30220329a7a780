/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/attempt-private.h"
#include "core/client-private.h"
#include "net/interfaces.h"

/* Outside ports that grow by more than this from one to the next say nothing. */
#define LARGEST_STEP 16

static void
tell (KhClient *self)
{
  kh_client_emit (self, &(KhEvent){ .kind = KH_EVENT_NETWORK });
}

static bool
is_global_v6 (const KhEndpoint *endpoint)
{
  return endpoint->family == 6 && kh_endpoint_kind (endpoint) == KH_ENDPOINT_GLOBAL;
}

static KhTristate
find_ipv6 (const KhNetworkInfo *info)
{
  bool has;

  if (is_global_v6 (&info->local))
    return KH_TRISTATE_YES;
  if (!kh_interfaces_have_global_v6 (&has))
    return KH_TRISTATE_UNKNOWN;
  return has ? KH_TRISTATE_YES : KH_TRISTATE_NO;
}

/* What is at the two ends of the main connection. */
static void
read_endpoints (KhClient *self)
{
  KhNetworkInfo *info = &self->network;
  KhEndpoint seen = self->welcome.endpoint;

  if (!kh_client_at_server (self)
      || !kh_main_connection_endpoints (self->main, &info->local, &info->server))
    return;
  /* Another network: what was learnt of the last one's ports is not about this one. */
  if (!kh_endpoint_same_address (&seen, &info->public_seen))
    {
      info->port_allocation = KH_PORT_ALLOCATION_UNKNOWN;
      info->step = 0;
    }
  info->public_seen = seen;
  if (kh_endpoint_same_address (&info->local, &seen))
    {
      info->behind_nat = KH_TRISTATE_NO;
      info->mapping = KH_NAT_BEHAVIOUR_NONE;
    }
  else
    {
      info->behind_nat = KH_TRISTATE_YES;
      info->mapping = KH_NAT_BEHAVIOUR_UNKNOWN;
    }
  info->ipv6 = find_ipv6 (info);
  info->measured_at_ms = g_get_real_time () / 1000;
}

void
kh_client_network_online (KhClient *self)
{
  read_endpoints (self);
  self->network.server_round_trip_us = 0;
  self->network.measuring = kh_main_connection_ping (self->main);
  tell (self);
}

void
kh_client_network_offline (KhClient *self)
{
  self->network.measuring = FALSE;
  self->network.server_round_trip_us = 0;
  tell (self);
}

void
kh_client_network_round_trip (KhClient *self, gint64 round_trip_us)
{
  self->network.server_round_trip_us = MAX (round_trip_us, 1);
  if (self->network.measuring)
    self->network.measured_at_ms = g_get_real_time () / 1000;
  self->network.measuring = FALSE;
  tell (self);
}

const KhNetworkInfo *
kh_client_get_network (KhClient *self)
{
  return &self->network;
}

void
kh_client_test_network (KhClient *self)
{
  read_endpoints (self);
  self->network.ipv6 = find_ipv6 (&self->network);
  self->network.measuring = self->main != NULL && kh_main_connection_ping (self->main);
  tell (self);
}

/* --- Ports ---------------------------------------------------------------------------
 */

/* How far each is from the one before, where that is always as far; 0: it is not. */
static int
common_step (const guint16 ports[KH_PUNCH_PAIRS])
{
  int step = ports[1] - ports[0];

  for (guint i = 2; i < KH_PUNCH_PAIRS; i++)
    if (ports[i] - ports[i - 1] != step)
      return 0;
  return ABS (step) <= LARGEST_STEP ? step : 0;
}

void
kh_client_learn_ports (KhClient *self, KhAttempt *attempt, guint round)
{
  const KhAttemptPort *ports = attempt->ports[round - 1];
  guint16 outside[KH_PUNCH_PAIRS];
  KhNetworkInfo *info = &self->network;
  bool preserving = true;
  int step;

  for (guint i = 0; i < KH_PUNCH_PAIRS; i++)
    {
      if (ports[i].port == 0 || ports[i].own.family == 0)
        return;
      outside[i] = ports[i].own.port;
      preserving &= outside[i] == ports[i].port;
    }
  step = preserving ? 0 : common_step (outside);
  info->port_allocation = preserving  ? KH_PORT_ALLOCATION_PRESERVING
                          : step != 0 ? KH_PORT_ALLOCATION_SEQUENTIAL
                                      : KH_PORT_ALLOCATION_UNKNOWN;
  info->step = step;
  tell (self);
}
