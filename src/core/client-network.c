/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/client-private.h"
#include "core/resume.h"
#include "net/gateway.h"
#include "net/interfaces.h"

#include <sodium.h>
#include <string.h>

/* What the server has not seen this computer by is no way for others either. */
static KhTristate
find_shared_ipv6 (const KhClient *self)
{
  for (uint8_t i = 0; i < self->welcome.n_assist; i++)
    if (self->welcome.assist[i].family == 6)
      return self->network.ipv6;
  return KH_TRISTATE_NO;
}

/* What a person has entered may be wrong: it counts once somebody has come through. */
static bool
leads_in (const KhClient *self)
{
  const KhNetworkInfo *info = &self->network;

  return info->mapped_port != 0
         && (self->reach.forwarded_port != 0 ? info->reachable == KH_TRISTATE_YES
                                             : info->reachable != KH_TRISTATE_NO);
}

static KhNatClass
own_class (const KhClient *self)
{
  const KhNetworkInfo *info = &self->network;
  const KhNat nat = { .type = info->type,
                      .mapping = info->mapping,
                      .allocation = info->port_allocation };
  /* A server in this network has tested the way to itself, not the one to others. */
  const KhNat unknown = { 0 };
  bool is_inside = kh_endpoint_kind (&info->public_seen) == KH_ENDPOINT_PRIVATE;

  return kh_nat_class_of (is_inside ? &unknown : &nat, leads_in (self),
                          find_shared_ipv6 (self), self->reach.no_relay);
}

/* Others learn the class and nothing else. */
static void
tell_class (KhClient *self)
{
  KhMessage message = { .type = KH_MESSAGE_CLASS, .klass = { own_class (self) } };

  if (message.klass.nat_class != self->told_class && kh_client_say (self, &message))
    self->told_class = message.klass.nat_class;
}

void
kh_client_tell_network (KhClient *self)
{
  tell_class (self);
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

/* What was learnt of another network is not about this one. */
static void
forget_facts (KhNetworkInfo *info)
{
  info->type = KH_NAT_UNKNOWN;
  info->filtering = KH_NAT_BEHAVIOUR_UNKNOWN;
  info->port_allocation = KH_PORT_ALLOCATION_UNKNOWN;
  info->step = 0;
  info->unsolicited = KH_NAT_DIAL_UNKNOWN;
  info->hairpin = KH_TRISTATE_UNKNOWN;
  info->reachable = KH_TRISTATE_UNKNOWN;
  info->tested_at_ms = 0;
}

/* What is at the two ends of the main connection. */
static void
read_endpoints (KhClient *self)
{
  KhNetworkInfo *info = &self->network;
  KhEndpoint seen = self->welcome.endpoint;
  KhEndpoint local_before = info->local;

  if (!kh_client_at_server (self)
      || !kh_main_connection_endpoints (self->main, &info->local, &info->server))
    return;
  if (!kh_endpoint_same_address (&seen, &info->public_seen)
      || !kh_endpoint_same_address (&info->local, &local_before))
    forget_facts (info);
  info->public_seen = seen;
  /* A test knows better: it is about IPv4, whatever this connection is. */
  if (info->tested_at_ms == 0)
    {
      bool same = kh_endpoint_same_address (&info->local, &seen);

      info->behind_nat = same ? KH_TRISTATE_NO : KH_TRISTATE_YES;
      info->mapping = same ? KH_NAT_BEHAVIOUR_NONE : KH_NAT_BEHAVIOUR_UNKNOWN;
    }
  info->ipv6 = find_ipv6 (info);
  info->measured_at_ms = g_get_real_time () / 1000;
}

/* --- The test ------------------------------------------------------------------------
 */

static bool
is_testing (const KhClient *self)
{
  return self->network_test != NULL
         || (self->reach_test != NULL && !kh_reach_test_is_done (self->reach_test));
}

static void
on_test_send (gpointer data, const KhMessage *message)
{
  kh_client_say (data, message);
}

/* A test that could not tell leaves what an earlier one found in this network. */
static void
take_results (KhNetworkInfo *info, const KhProbeResults *results)
{
  const KhNat *nat = &results->nat;

  if (nat->type != KH_NAT_UNKNOWN || info->type == KH_NAT_UNKNOWN)
    {
      info->type = nat->type;
      info->filtering = nat->filtering;
      if (nat->behind_nat != KH_TRISTATE_UNKNOWN)
        {
          info->behind_nat = nat->behind_nat;
          info->mapping = nat->mapping;
        }
      info->port_allocation = nat->allocation;
      info->step = nat->step;
      info->unsolicited = nat->unsolicited;
      info->hairpin = results->hairpin;
      info->other_address = results->other_address;
    }
  if (results->ipv6 != KH_TRISTATE_UNKNOWN)
    info->ipv6 = results->ipv6;
  info->tested_at_ms = info->measured_at_ms = g_get_real_time () / 1000;
}

static void
on_test_done (gpointer data, const KhProbeResults *results)
{
  KhClient *self = data;

  /* What nobody answered is asked again when the server is back. */
  self->needs_network_test = results->nat.type == KH_NAT_UNKNOWN;
  take_results (&self->network, results);
  g_clear_pointer (&self->network_test, kh_network_test_free);
  kh_client_reach_test (self);
  self->network.measuring = is_testing (self);
  kh_client_tell_network (self);
}

void
kh_client_reach_tested (KhClient *self, KhTristate reachable)
{
  self->network.reachable = reachable;
  self->network.measured_at_ms = g_get_real_time () / 1000;
  self->network.measuring = is_testing (self);
  kh_client_tell_network (self);
}

static const KhNetworkTestListener test_listener
    = { .send = on_test_send, .done = on_test_done };

void
kh_client_describe_server (KhClient *self, KhProbeServer *server)
{
  *server = (KhProbeServer){ .main = self->network.server,
                             .seen = self->welcome.endpoint,
                             .n_assist = self->welcome.n_assist };
  memcpy (server->secret, self->welcome.secret, sizeof server->secret);
  memcpy (server->assist, self->welcome.assist, sizeof server->assist);
}

static bool
start_test (KhClient *self)
{
  KhProbeServer server;

  if (!kh_client_at_server (self))
    return false;
  if (self->network_test != NULL)
    return true;
  /* There is one probe a client: that of the mapped port comes after this one. */
  kh_client_reach_offline (self);
  kh_client_describe_server (self, &server);
  self->network_test
      = kh_network_test_start (&server, self->helper, &test_listener, self);
  sodium_memzero (&server, sizeof server);
  return true;
}

void
kh_client_network_online (KhClient *self)
{
  self->told_class = 0;
  read_endpoints (self);
  kh_client_reach_online (self);
  self->network.server_round_trip_us = 0;
  self->network.measuring = kh_main_connection_ping (self->main);
  if (self->has_window && (self->needs_network_test || self->network.tested_at_ms == 0))
    start_test (self);
  kh_client_tell_network (self);
}

void
kh_client_network_offline (KhClient *self)
{
  self->needs_network_test |= self->network_test != NULL;
  g_clear_pointer (&self->network_test, kh_network_test_free);
  kh_client_reach_offline (self);
  self->network.measuring = FALSE;
  self->network.server_round_trip_us = 0;
  kh_client_tell_network (self);
}

void
kh_client_network_message (KhClient *self, const KhMessage *message)
{
  if (self->network_test != NULL)
    kh_network_test_message (self->network_test, message);
  kh_client_reach_message (self, message);
}

void
kh_client_network_round_trip (KhClient *self, gint64 round_trip_us)
{
  self->network.server_round_trip_us = MAX (round_trip_us, 1);
  if (self->network.measuring)
    self->network.measured_at_ms = g_get_real_time () / 1000;
  self->network.measuring = is_testing (self);
  kh_client_tell_network (self);
}

/* What no longer stands is to show soon, not after the heartbeats. */
void
kh_client_check_main (KhClient *self)
{
  KhEndpoint local, server;
  bool gone;

  if (self->main == NULL || !self->wants_online)
    return;
  gone = kh_main_connection_endpoints (self->main, &local, &server)
         && !kh_interfaces_have (&local);
  kh_main_connection_check (self->main, gone);
}

/* Whether the way out is another one; much else changes that is no reason to call anew.
 */
static bool
is_elsewhere (KhClient *self)
{
  KhEndpoint gateway = { 0 }, own = { 0 };
  bool is_same;

  kh_gateway_find (&gateway, &own);
  is_same = kh_endpoint_equal (&gateway, &self->way_out[0])
            && kh_endpoint_equal (&own, &self->way_out[1]);
  self->way_out[0] = gateway;
  self->way_out[1] = own;
  return !is_same;
}

void
kh_client_network_changed (gpointer client)
{
  KhClient *self = client;
  GHashTableIter iter;
  gpointer link;

  g_hash_table_iter_init (&iter, self->links);
  while (g_hash_table_iter_next (&iter, NULL, &link))
    kh_link_network_changed (link);
  kh_client_check_main (self);
  kh_client_reach_network_changed (self);
  if (is_elsewhere (self))
    kh_resume_network_changed (self);
}

KhOutlook
kh_client_judge (KhClient *self, KhNatClass other)
{
  return kh_nat_class_outlook (own_class (self), other,
                               (self->welcome.flags & KH_WELCOME_RELAY) != 0);
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
  if (start_test (self))
    self->network.measuring = TRUE;
  else
    self->needs_network_test = true; /* once the server is back */
  kh_client_tell_network (self);
}
