/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/nat.h"

/* A sequence needs two steps, or more than one computer that is lucky twice. */
#define STEPS_MIN 2
/* Of so many steps one may be off: the sequence began anew, or somebody else's
 * connections came in between. */
#define STEPS_FOR_AN_EXCEPTION 4

typedef struct
{
  bool by_port;         /* another port of a server: tried */
  bool by_address;      /* another address: tried */
  bool port_matters;    /* and it made a difference */
  bool address_matters; /* likewise */
} Comparison;

void
kh_nat_add (KhNatFacts *facts, const KhNatObservation *observation)
{
  if (facts->n < KH_NAT_OBSERVATIONS_MAX)
    facts->observations[facts->n++] = *observation;
}

/* Two connections from the same port to two places. */
static void
compare_pair (Comparison *comparison, const KhNatObservation *one,
              const KhNatObservation *other)
{
  bool same = kh_endpoint_equal (&one->seen, &other->seen);

  if (!kh_endpoint_same_address (&one->server, &other->server))
    {
      comparison->by_address = true;
      comparison->address_matters |= !same;
    }
  else if (one->server.port != other->server.port)
    {
      comparison->by_port = true;
      comparison->port_matters |= !same;
    }
}

static Comparison
compare (const KhNatFacts *facts)
{
  Comparison comparison = { 0 };

  for (uint8_t i = 0; i < facts->n; i++)
    for (uint8_t j = i + 1; j < facts->n; j++)
      if (kh_endpoint_equal (&facts->observations[i].local,
                             &facts->observations[j].local))
        compare_pair (&comparison, &facts->observations[i], &facts->observations[j]);
  return comparison;
}

static KhTristate
find_translation (const KhNatFacts *facts)
{
  for (uint8_t i = 0; i < facts->n; i++)
    if (!kh_endpoint_equal (&facts->observations[i].local, &facts->observations[i].seen))
      return KH_TRISTATE_YES;
  return facts->n > 0 ? KH_TRISTATE_NO : KH_TRISTATE_UNKNOWN;
}

static KhNatBehaviour
find_mapping (KhTristate behind_nat, const Comparison *comparison)
{
  if (behind_nat == KH_TRISTATE_NO)
    return KH_NAT_BEHAVIOUR_NONE;
  if (comparison->port_matters)
    return KH_NAT_BEHAVIOUR_ADDRESS_AND_PORT_DEPENDENT;
  if (comparison->address_matters)
    return comparison->by_port ? KH_NAT_BEHAVIOUR_ADDRESS_DEPENDENT
                               : KH_NAT_BEHAVIOUR_UNKNOWN;
  return comparison->by_address ? KH_NAT_BEHAVIOUR_ENDPOINT_INDEPENDENT
                                : KH_NAT_BEHAVIOUR_UNKNOWN;
}

static bool
failed (KhNatDial dial)
{
  return dial != KH_NAT_DIAL_UNKNOWN && dial != KH_NAT_DIAL_HEARD;
}

static KhNatBehaviour
find_filtering (const KhNatFacts *facts, KhTristate behind_nat)
{
  /* A router may have that port forwarded, whatever it does with others. */
  bool unused_counts = behind_nat == KH_TRISTATE_NO;

  if (facts->other_address == KH_NAT_DIAL_HEARD
      || (unused_counts && facts->unused_port == KH_NAT_DIAL_HEARD))
    return KH_NAT_BEHAVIOUR_ENDPOINT_INDEPENDENT;
  if (failed (facts->other_port))
    return KH_NAT_BEHAVIOUR_ADDRESS_AND_PORT_DEPENDENT;
  if (facts->other_port == KH_NAT_DIAL_HEARD
      && (failed (facts->other_address)
          || (unused_counts && failed (facts->unused_port))))
    return KH_NAT_BEHAVIOUR_ADDRESS_DEPENDENT;
  return KH_NAT_BEHAVIOUR_UNKNOWN;
}

static KhNatType
find_cone (const KhNatFacts *facts, KhNatBehaviour filtering)
{
  switch (filtering)
    {
    case KH_NAT_BEHAVIOUR_ENDPOINT_INDEPENDENT:
      return KH_NAT_FULL_CONE;
    case KH_NAT_BEHAVIOUR_ADDRESS_DEPENDENT:
      return KH_NAT_RESTRICTED_CONE;
    case KH_NAT_BEHAVIOUR_ADDRESS_AND_PORT_DEPENDENT:
      return KH_NAT_PORT_RESTRICTED_CONE;
    default:
      return facts->other_port == KH_NAT_DIAL_HEARD ? KH_NAT_FULL_OR_RESTRICTED_CONE
                                                    : KH_NAT_UNKNOWN;
    }
}

static KhNatType
find_type (const KhNatFacts *facts, const KhNat *nat, const Comparison *comparison)
{
  if (nat->behind_nat == KH_TRISTATE_UNKNOWN)
    return KH_NAT_UNKNOWN;
  if (nat->behind_nat == KH_TRISTATE_NO)
    {
      if (nat->filtering == KH_NAT_BEHAVIOUR_UNKNOWN)
        return KH_NAT_UNKNOWN;
      return nat->filtering == KH_NAT_BEHAVIOUR_ENDPOINT_INDEPENDENT ? KH_NAT_OPEN
                                                                     : KH_NAT_FIREWALL;
    }
  if (comparison->port_matters || comparison->address_matters)
    return KH_NAT_SYMMETRIC;
  if (!comparison->by_port && !comparison->by_address)
    return KH_NAT_UNKNOWN;
  return find_cone (facts, nat->filtering);
}

/* --- Ports -------------------------------------------------------------------------- */

/* Whether the router chose a port for observation @i: not the same mapping again. */
static bool
is_new_mapping (const KhNatFacts *facts, uint8_t i)
{
  const KhNatObservation *at = &facts->observations[i];

  for (uint8_t j = 0; j < i; j++)
    if (kh_endpoint_equal (&facts->observations[j].local, &at->local)
        && kh_endpoint_equal (&facts->observations[j].seen, &at->seen))
      return false;
  return true;
}

static uint8_t
list_mappings (const KhNatFacts *facts, uint16_t ports[KH_NAT_OBSERVATIONS_MAX],
               bool *preserving)
{
  uint8_t n = 0;

  *preserving = true;
  for (uint8_t i = 0; i < facts->n; i++)
    {
      const KhNatObservation *at = &facts->observations[i];

      if (!is_new_mapping (facts, i))
        continue;
      ports[n++] = at->seen.port;
      *preserving &= at->seen.port == at->local.port;
    }
  return n;
}

static bool
is_step (int difference, int sign)
{
  return difference * sign >= 1 && difference * sign <= KH_NAT_STEP_MAX;
}

/* The shortest step of ports that go one way, or 0: others' connections make steps
 * longer, never shorter. */
static int
find_step (const uint16_t *ports, uint8_t n, int sign)
{
  int n_wrong = 0;
  int step = 0;

  for (uint8_t i = 1; i < n; i++)
    {
      int difference = ports[i] - ports[i - 1];

      if (!is_step (difference, sign))
        n_wrong++;
      else if (step == 0 || difference * sign < step * sign)
        step = difference;
    }
  return n_wrong == 0 || (n_wrong == 1 && n - 1 >= STEPS_FOR_AN_EXCEPTION) ? step : 0;
}

static void
find_allocation (KhNat *nat, const KhNatFacts *facts)
{
  uint16_t ports[KH_NAT_OBSERVATIONS_MAX];
  bool preserving;
  uint8_t n = list_mappings (facts, ports, &preserving);

  if (n == 0)
    return;
  if (preserving)
    {
      nat->allocation = KH_PORT_ALLOCATION_PRESERVING;
      return;
    }
  if (n - 1 < STEPS_MIN)
    return;
  nat->step = find_step (ports, n, 1);
  if (nat->step == 0)
    nat->step = find_step (ports, n, -1);
  nat->allocation
      = nat->step != 0 ? KH_PORT_ALLOCATION_SEQUENTIAL : KH_PORT_ALLOCATION_RANDOM;
}

/* --- What nobody waits for ------------------------------------------------------------
 */

/* What was tried and did not come shows it; at an open computer, a closed port does. */
static KhNatDial
find_unsolicited (const KhNatFacts *facts)
{
  const KhNatDial dials[] = { facts->other_address, facts->other_port, facts->unused_port,
                              facts->closed_port };

  /* A helper only says what came; that it did not is silence to us, whatever it was. */
  for (unsigned i = 0; i < sizeof dials / sizeof *dials; i++)
    if (failed (dials[i]) && dials[i] != KH_NAT_DIAL_SILENT)
      return dials[i];
  for (unsigned i = 0; i < sizeof dials / sizeof *dials; i++)
    if (failed (dials[i]))
      return dials[i];
  return KH_NAT_DIAL_UNKNOWN;
}

KhNat
kh_nat_classify (const KhNatFacts *facts)
{
  const Comparison comparison = compare (facts);
  KhNat nat = { .behind_nat = find_translation (facts) };

  nat.mapping = find_mapping (nat.behind_nat, &comparison);
  nat.filtering = find_filtering (facts, nat.behind_nat);
  nat.type = find_type (facts, &nat, &comparison);
  nat.unsolicited = find_unsolicited (facts);
  find_allocation (&nat, facts);
  return nat;
}
