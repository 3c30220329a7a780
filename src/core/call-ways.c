/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/call-private.h"

#include "net/gateway.h"
#include "net/interfaces.h"

#include <sodium.h>
#include <string.h>

/* Networks of this computer that are looked at. */
#define LANS_MAX 16

bool
kh_call_start_puncher (KhCall *self, const KhPunchEnds *ends,
                       const KhPuncherListener *listener)
{
  KhProbeServer server;
  bool ipv6 = false;

  kh_client_describe_server (self->client, &server);
  if (server.n_assist == 0)
    return false;
  kh_interfaces_have_global_v6 (&ipv6);
  self->puncher = kh_puncher_new (ends, &server, ipv6, kh_client_may_spray (self->client),
                                  listener, self);
  sodium_memzero (&server, sizeof server);
  return true;
}

static KhLanEnds
ends_of (const KhCall *self, bool own)
{
  return (KhLanEnds){ .call_id = self->id,
                      .from_caller = own == self->caller,
                      .own = &self->client->identity,
                      .peer = self->peer.bytes };
}

/* The network that the way to the server goes through is the likeliest to be the peer's
 * too. */
static void
put_first (KhLanNetwork *networks, gsize n, const KhEndpoint *address)
{
  for (gsize i = 1; i < n; i++)
    if (kh_endpoint_same_address (&networks[i].address, address))
      {
        KhLanNetwork first = networks[i];

        networks[i] = networks[0];
        networks[0] = first;
      }
}

static void
tell_candidates (KhCall *self, guint round, guint16 port)
{
  KhMessage message = { .type = KH_MESSAGE_CANDIDATES };
  KhLanCandidates candidates = { .round = (guint8)round };
  KhLanNetwork networks[LANS_MAX];
  KhLanEnds ends = ends_of (self, true);
  guint8 nonce[KH_LAN_NONCE_LEN];
  guint8 sealed[KH_CANDIDATES_LEN_MAX];
  gsize n;

  if (!kh_interfaces_list_lans (networks, LANS_MAX, &n) || n == 0)
    return;
  put_first (networks, n, &self->client->network.local);
  for (; candidates.n < MIN (n, KH_LAN_CANDIDATES_MAX); candidates.n++)
    {
      candidates.endpoints[candidates.n] = networks[candidates.n].address;
      candidates.endpoints[candidates.n].port = port;
    }
  randombytes_buf (nonce, sizeof nonce);
  message.candidates.sealed.bytes = sealed;
  message.candidates.sealed.len
      = kh_lan_candidates_seal (&candidates, &ends, nonce, sealed);
  memcpy (message.candidates.call_id, self->id, sizeof self->id);
  kh_call_say (self, &message);
}

/* Where this computer is seen must be known, to know that the port is open there. */
void
kh_call_tell_mapped_port (KhCall *self)
{
  KhMessage message = { .type = KH_MESSAGE_MAPPED };
  const KhPunch *plan;

  if (!self->accepted || self->puncher == NULL)
    return;
  plan = kh_puncher_plan (self->puncher);
  message.mapped.round = (guint8)plan->round;
  message.mapped.port = kh_client_mapped_port (self->client, &plan->own.ports[0]);
  if (message.mapped.port == 0 || self->mapped_in == plan->round)
    return;
  self->mapped_in = plan->round;
  memcpy (message.mapped.call_id, self->id, sizeof self->id);
  kh_call_say (self, &message);
}

bool
kh_call_take_visitor (KhCall *self, const guint8 tag[KH_TOKEN_LEN], GSocket *socket)
{
  guint8 expected[KH_TOKEN_LEN];

  if (!self->accepted || self->puncher == NULL)
    return false;
  kh_token_mapped (expected, self->id, self->peer.bytes);
  if (sodium_memcmp (expected, tag, sizeof expected) != 0)
    return false;
  kh_puncher_take (self->puncher, socket);
  return true;
}

/* The peer is told nothing of this computer before both have agreed. */
void
kh_call_tell_ways (KhCall *self, guint round, guint16 port)
{
  self->port = port;
  if (!self->accepted || port == 0)
    return;
  tell_candidates (self, round, port);
  kh_call_tell_mapped_port (self);
}

void
kh_call_take_candidates (KhCall *self, KhMsgOpaque sealed)
{
  KhLanVerdict verdicts[KH_LAN_CANDIDATES_MAX];
  KhLanNetwork networks[LANS_MAX];
  KhLanCandidates candidates;
  KhEndpoint gateway = { 0 };
  KhEndpoint own;
  KhLanEnds ends = ends_of (self, false);
  gsize n = 0;

  if (!kh_lan_candidates_open (&candidates, &ends, sealed.bytes, sealed.len))
    return;
  kh_interfaces_list_lans (networks, LANS_MAX, &n);
  kh_gateway_find (&gateway, &own);
  for (guint8 i = 0; i < candidates.n; i++)
    verdicts[i] = kh_lan_judge (&candidates.endpoints[i], networks, n, &gateway);
  kh_puncher_lan (self->puncher, &candidates, verdicts);
}
