/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "simulated-nat.h"

/* Inside and outside ports differ, so that a told endpoint can't be guessed. */
#define PORT_SHIFT 10000

#define FIRST_PORT 1024
#define LAST_PORT 65535

enum
{
  INSIDE,
  OUTSIDE,
};

/* Every flow has an outside port of its own. */
static gboolean
is_symmetric (const SimulatedNat *self)
{
  return self->kind == SIMULATED_STEPPING || self->kind == SIMULATED_RANDOM;
}

static gboolean
translates (const SimulatedNat *self)
{
  return self->kind == SIMULATED_FULL_CONE || self->kind == SIMULATED_PORT_RESTRICTED;
}

static gboolean
filters (const SimulatedNat *self)
{
  return self->kind == SIMULATED_FIREWALL || self->kind == SIMULATED_PORT_RESTRICTED
         || is_symmetric (self);
}

/* Port 0 where nothing is behind it. */
static KhEndpoint
host_behind (const SimulatedNat *self, guint16 port, const KhEndpoint *remote)
{
  KhEndpoint host = self->host;

  host.port = translates (self) ? (guint16)(port - PORT_SHIFT) : port;
  if (!is_symmetric (self))
    return host;
  host.port = 0;
  for (guint i = 0; i < self->flows->len; i++)
    {
      const SimulatedFlow *flow = &g_array_index (self->flows, SimulatedFlow, i);

      if (flow->port == port && kh_endpoint_equal (&flow->outside, remote))
        host.port = flow->inside.port;
    }
  return host;
}

static gboolean
find_flow (const SimulatedNat *self, const KhEndpoint *inside, const KhEndpoint *outside,
           guint *at)
{
  for (*at = 0; *at < self->flows->len; (*at)++)
    {
      const SimulatedFlow *flow = &g_array_index (self->flows, SimulatedFlow, *at);

      if (kh_endpoint_equal (&flow->inside, inside)
          && kh_endpoint_equal (&flow->outside, outside))
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_given (const SimulatedNat *self, guint16 port)
{
  for (guint i = 0; i < self->flows->len; i++)
    if (g_array_index (self->flows, SimulatedFlow, i).port == port)
      return TRUE;
  return FALSE;
}

static guint16
give_port (SimulatedNat *self)
{
  do
    {
      if (self->kind == SIMULATED_RANDOM || self->last_port == LAST_PORT)
        self->last_port
            = (guint16)g_rand_int_range (self->random, FIRST_PORT, LAST_PORT + 1);
      else
        self->last_port++;
    }
  while (is_given (self, self->last_port));
  return self->last_port;
}

/* The sender's number stands once it is known; a lone SYN may still change it. */
static gboolean
follow (SimulatedFlow *flow, guint sender, const SimulatedSegment *segment)
{
  guint receiver = 1 - sender;
  gboolean replaces = segment->kind == SIMULATED_SYN && !flow->known[receiver];

  if (segment->kind != SIMULATED_SYN
      && (!flow->known[receiver] || flow->isn[receiver] != segment->peer))
    return FALSE;
  if (segment->kind == SIMULATED_ACK && !flow->known[sender])
    return FALSE;
  if (flow->known[sender] && !replaces)
    return flow->isn[sender] == segment->isn;

  flow->known[sender] = TRUE;
  flow->isn[sender] = segment->isn;
  return TRUE;
}

/* A reset by the very one that was spoken to ends the flow. */
static gboolean
reset (SimulatedNat *self, guint at, guint sender, const SimulatedSegment *segment)
{
  const SimulatedFlow *flow = &g_array_index (self->flows, SimulatedFlow, at);

  if (flow->known[sender] ? flow->isn[sender] != segment->isn
                          : flow->isn[1 - sender] != segment->peer)
    return FALSE;
  g_array_remove_index_fast (self->flows, at);
  return TRUE;
}

static SimulatedVerdict
judge (SimulatedNat *self, guint sender, const SimulatedSegment *segment)
{
  const KhEndpoint *inside = sender == INSIDE ? &segment->from : &segment->to;
  const KhEndpoint *outside = sender == INSIDE ? &segment->to : &segment->from;
  SimulatedFlow fresh = { .inside = *inside, .outside = *outside };
  gboolean valid;
  guint at;

  if (self->kind == SIMULATED_OPEN)
    return SIMULATED_PASS;
  if (!find_flow (self, inside, outside, &at))
    {
      if (segment->kind != SIMULATED_SYN)
        return SIMULATED_DROP;
      if (sender == OUTSIDE && filters (self))
        return self->rejects ? SIMULATED_REJECT : SIMULATED_DROP;
      if (is_symmetric (self))
        fresh.port = give_port (self);
      g_array_append_val (self->flows, fresh);
    }

  valid = segment->kind == SIMULATED_RST
              ? reset (self, at, sender, segment)
              : follow (&g_array_index (self->flows, SimulatedFlow, at), sender, segment);
  self->n_invalid += !valid;
  return valid ? SIMULATED_PASS : SIMULATED_DROP;
}

void
simulated_nat_init (SimulatedNat *self, SimulatedNatKind kind, gboolean rejects,
                    const KhEndpoint *host, const KhEndpoint *wan, guint32 seed)
{
  *self = (SimulatedNat){
    .kind = kind,
    .rejects = rejects,
    .host = *host,
    .wan = *wan,
    .random = g_rand_new_with_seed (seed),
    .flows = g_array_new (FALSE, FALSE, sizeof (SimulatedFlow)),
  };
  self->last_port = (guint16)g_rand_int_range (self->random, FIRST_PORT, LAST_PORT);
}

void
simulated_nat_clear (SimulatedNat *self)
{
  g_array_unref (self->flows);
  g_rand_free (self->random);
}

static gboolean
find_public (const SimulatedNat *self, const KhEndpoint *inside, const KhEndpoint *remote,
             KhEndpoint *seen)
{
  guint at;

  *seen = translates (self) || is_symmetric (self) ? self->wan : self->host;
  seen->port = translates (self) ? (guint16)(inside->port + PORT_SHIFT) : inside->port;
  if (!is_symmetric (self))
    return TRUE;
  if (!find_flow (self, inside, remote, &at))
    return FALSE;
  seen->port = g_array_index (self->flows, SimulatedFlow, at).port;
  return TRUE;
}

KhEndpoint
simulated_nat_public (const SimulatedNat *self, guint16 port, const KhEndpoint *remote)
{
  KhEndpoint inside = self->host, seen;

  inside.port = port;
  g_assert_true (find_public (self, &inside, remote, &seen));
  return seen;
}

/* A reset leaves through the flow that it ends, a SYN through the one that it begins. */
SimulatedVerdict
simulated_nat_out (SimulatedNat *self, SimulatedSegment *segment)
{
  SimulatedSegment inner = *segment;
  gboolean is_known = find_public (self, &inner.from, &inner.to, &segment->from);
  SimulatedVerdict verdict = judge (self, INSIDE, &inner);

  if (!is_known && verdict == SIMULATED_PASS)
    find_public (self, &inner.from, &inner.to, &segment->from);
  return verdict;
}

SimulatedVerdict
simulated_nat_in (SimulatedNat *self, SimulatedSegment *segment)
{
  SimulatedSegment inner = *segment;
  SimulatedVerdict verdict;

  inner.to = host_behind (self, segment->to.port, &segment->from);
  verdict = judge (self, OUTSIDE, &inner);
  if (verdict == SIMULATED_PASS)
    *segment = inner;
  return verdict;
}
