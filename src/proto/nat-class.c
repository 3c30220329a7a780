/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/nat-class.h"

/* How hard a kind makes it for the other side. */
typedef enum
{
  REACH_UNKNOWN,
  REACH_EASY,   /* lets in whoever comes from an address that was dialled, or anybody */
  REACH_STRICT, /* shows one endpoint, lets in who comes from an endpoint dialled */
  REACH_SEQUENTIAL, /* shows everybody another one, which can be foretold */
  REACH_RANDOM,     /* which can not */
} Reach;

static Reach
reach_of (KhNatKind kind)
{
  switch (kind)
    {
    case KH_NAT_KIND_OPEN:
    case KH_NAT_KIND_FULL_CONE:
    case KH_NAT_KIND_RESTRICTED_CONE:
    case KH_NAT_KIND_FULL_OR_RESTRICTED_CONE:
      return REACH_EASY;
    case KH_NAT_KIND_FIREWALL:
    case KH_NAT_KIND_PORT_RESTRICTED_CONE:
      return REACH_STRICT;
    case KH_NAT_KIND_SEQUENTIAL:
      return REACH_SEQUENTIAL;
    case KH_NAT_KIND_RANDOM:
    case KH_NAT_KIND_ADDRESS_DEPENDENT:
      return REACH_RANDOM;
    case KH_NAT_KIND_UNKNOWN:
    default:
      return REACH_UNKNOWN;
    }
}

static KhNatKind
kind_of_symmetric (const KhNat *nat)
{
  if (nat->mapping == KH_NAT_BEHAVIOUR_ADDRESS_DEPENDENT)
    return KH_NAT_KIND_ADDRESS_DEPENDENT;
  return nat->allocation == KH_PORT_ALLOCATION_SEQUENTIAL ? KH_NAT_KIND_SEQUENTIAL
                                                          : KH_NAT_KIND_RANDOM;
}

static KhNatKind
kind_of (const KhNat *nat)
{
  switch (nat->type)
    {
    case KH_NAT_OPEN:
      return KH_NAT_KIND_OPEN;
    case KH_NAT_FIREWALL:
      return KH_NAT_KIND_FIREWALL;
    case KH_NAT_FULL_CONE:
      return KH_NAT_KIND_FULL_CONE;
    case KH_NAT_RESTRICTED_CONE:
      return KH_NAT_KIND_RESTRICTED_CONE;
    case KH_NAT_FULL_OR_RESTRICTED_CONE:
      return KH_NAT_KIND_FULL_OR_RESTRICTED_CONE;
    case KH_NAT_PORT_RESTRICTED_CONE:
      return KH_NAT_KIND_PORT_RESTRICTED_CONE;
    case KH_NAT_SYMMETRIC:
      return kind_of_symmetric (nat);
    case KH_NAT_UNKNOWN:
    default:
      return KH_NAT_KIND_UNKNOWN;
    }
}

KhNatClass
kh_nat_class_of (const KhNat *nat, bool mapped, KhTristate ipv6, bool no_relay)
{
  KhNatClass class = (KhNatClass)kind_of (nat);

  if (mapped)
    class |= KH_NAT_CLASS_MAPPED;
  if (ipv6 == KH_TRISTATE_YES)
    class |= KH_NAT_CLASS_IPV6;
  if (no_relay)
    class |= KH_NAT_CLASS_NO_RELAY;
  return class;
}

KhNatKind
kh_nat_class_kind (KhNatClass class)
{
  KhNatKind kind = class & KH_NAT_CLASS_KIND;

  return kind <= KH_NAT_KIND_ADDRESS_DEPENDENT ? kind : KH_NAT_KIND_UNKNOWN;
}

/* Of what the two kinds make of each other. What is not known stands for the worst it may
 * be, as long as that is direct. @one is the easier one; REACH_UNKNOWN is below all. */
static KhOutlook
combine (Reach one, Reach other, KhOutlook indirect)
{
  if (one == REACH_EASY || other == REACH_EASY)
    return KH_OUTLOOK_LIKELY;
  if (one == REACH_UNKNOWN)
    return other == REACH_STRICT ? KH_OUTLOOK_POSSIBLE : KH_OUTLOOK_UNKNOWN;
  if (one == REACH_STRICT)
    return other == REACH_RANDOM ? KH_OUTLOOK_POSSIBLE : KH_OUTLOOK_LIKELY;
  if (other == REACH_SEQUENTIAL)
    return KH_OUTLOOK_POSSIBLE;
  return indirect;
}

KhOutlook
kh_nat_class_outlook (KhNatClass one, KhNatClass other, bool relayed)
{
  bool relay = relayed && ((one | other) & KH_NAT_CLASS_NO_RELAY) == 0;
  Reach easier = reach_of (kh_nat_class_kind (one));
  Reach harder = reach_of (kh_nat_class_kind (other));

  if (((one | other) & KH_NAT_CLASS_MAPPED) != 0
      || ((one & other) & KH_NAT_CLASS_IPV6) != 0)
    return KH_OUTLOOK_LIKELY;
  if (easier > harder)
    {
      Reach swapped = easier;

      easier = harder;
      harder = swapped;
    }
  return combine (easier, harder,
                  relay ? KH_OUTLOOK_RELAY_ONLY : KH_OUTLOOK_NEEDS_MAPPING);
}
