/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/nat-words.h"

const char *
kh_nat_words_type (KhNatType type)
{
  switch (type)
    {
    case KH_NAT_OPEN:
      return "open";
    case KH_NAT_FIREWALL:
      return "firewall";
    case KH_NAT_FULL_CONE:
      return "full-cone";
    case KH_NAT_RESTRICTED_CONE:
      return "restricted-cone";
    case KH_NAT_FULL_OR_RESTRICTED_CONE:
      return "full-or-restricted-cone";
    case KH_NAT_PORT_RESTRICTED_CONE:
      return "port-restricted-cone";
    case KH_NAT_SYMMETRIC:
      return "symmetric";
    case KH_NAT_UNKNOWN:
    default:
      return "unknown";
    }
}

const char *
kh_nat_words_behaviour (KhNatBehaviour behaviour)
{
  switch (behaviour)
    {
    case KH_NAT_BEHAVIOUR_NONE:
      return "none";
    case KH_NAT_BEHAVIOUR_ENDPOINT_INDEPENDENT:
      return "endpoint-independent";
    case KH_NAT_BEHAVIOUR_ADDRESS_DEPENDENT:
      return "address-dependent";
    case KH_NAT_BEHAVIOUR_ADDRESS_AND_PORT_DEPENDENT:
      return "address-and-port-dependent";
    case KH_NAT_BEHAVIOUR_UNKNOWN:
    default:
      return "unknown";
    }
}

const char *
kh_nat_words_allocation (KhPortAllocation allocation)
{
  switch (allocation)
    {
    case KH_PORT_ALLOCATION_PRESERVING:
      return "preserving";
    case KH_PORT_ALLOCATION_SEQUENTIAL:
      return "sequential";
    case KH_PORT_ALLOCATION_RANDOM:
      return "random";
    case KH_PORT_ALLOCATION_UNKNOWN:
    default:
      return "unknown";
    }
}

const char *
kh_nat_words_unsolicited (KhNatDial dial)
{
  switch (dial)
    {
    case KH_NAT_DIAL_SILENT:
      return "drop";
    case KH_NAT_DIAL_REFUSED:
      return "reset";
    case KH_NAT_DIAL_UNREACHABLE:
      return "icmp";
    case KH_NAT_DIAL_UNKNOWN:
    case KH_NAT_DIAL_HEARD:
    default:
      return "unknown";
    }
}

const char *
kh_nat_words_kind (KhNatKind kind)
{
  switch (kind)
    {
    case KH_NAT_KIND_OPEN:
      return "open";
    case KH_NAT_KIND_FIREWALL:
      return "firewall";
    case KH_NAT_KIND_FULL_CONE:
      return "full-cone";
    case KH_NAT_KIND_RESTRICTED_CONE:
      return "restricted-cone";
    case KH_NAT_KIND_FULL_OR_RESTRICTED_CONE:
      return "full-or-restricted-cone";
    case KH_NAT_KIND_PORT_RESTRICTED_CONE:
      return "port-restricted-cone";
    case KH_NAT_KIND_SEQUENTIAL:
      return "symmetric-sequential";
    case KH_NAT_KIND_RANDOM:
      return "symmetric-random";
    case KH_NAT_KIND_ADDRESS_DEPENDENT:
      return "symmetric-address-dependent";
    case KH_NAT_KIND_UNKNOWN:
    default:
      return "unknown";
    }
}

const char *
kh_nat_words_outlook (KhOutlook outlook)
{
  switch (outlook)
    {
    case KH_OUTLOOK_LIKELY:
      return "very-likely";
    case KH_OUTLOOK_POSSIBLE:
      return "possible";
    case KH_OUTLOOK_NEEDS_MAPPING:
      return "needs-mapping";
    case KH_OUTLOOK_RELAY_ONLY:
      return "relay-only";
    case KH_OUTLOOK_UNKNOWN:
    default:
      return "unknown";
    }
}

const char *
kh_nat_words_say_outlook (KhOutlook outlook)
{
  switch (outlook)
    {
    case KH_OUTLOOK_LIKELY:
      return "very likely";
    case KH_OUTLOOK_POSSIBLE:
      return "possible";
    case KH_OUTLOOK_NEEDS_MAPPING:
      return "only with a port mapping";
    case KH_OUTLOOK_RELAY_ONLY:
      return "no, only relayed";
    case KH_OUTLOOK_UNKNOWN:
    default:
      return NULL;
    }
}

static const char *
say_mapped_by (KhMappedBy by)
{
  switch (by)
    {
    case KH_MAPPED_BY_UPNP:
      return "UPnP";
    case KH_MAPPED_BY_NAT_PMP:
      return "NAT-PMP";
    case KH_MAPPED_BY_PCP:
      return "PCP";
    case KH_MAPPED_UNKNOWN:
    case KH_MAPPED_NOT:
    default:
      return NULL;
    }
}

char *
kh_nat_words_open_port (const KhNetworkInfo *network)
{
  const char *by = say_mapped_by (network->port_mapping);

  if (network->mapped_port != 0)
    return g_strdup_printf ("%u, by %s", network->mapped_port, by != NULL ? by : "hand");
  if (by != NULL)
    return g_strdup_printf (network->second_nat == KH_TRISTATE_YES
                                ? "none of use: %s opens one, behind a second router"
                                : "none of use: %s does not say at which address",
                            by);
  return g_strdup (network->port_mapping == KH_MAPPED_NOT ? "none" : "not known");
}

const char *
kh_nat_words_meaning (const KhNetworkInfo *network)
{
  switch (network->type)
    {
    case KH_NAT_OPEN:
      return "Nothing stands between this computer and the internet: direct connections "
             "should always work.";
    case KH_NAT_FIREWALL:
      return "There is no router that translates, but a firewall that must be opened "
             "from inside. Direct connections work with most peers.";
    case KH_NAT_FULL_CONE:
    case KH_NAT_RESTRICTED_CONE:
    case KH_NAT_FULL_OR_RESTRICTED_CONE:
      return "The router is an easy one: direct connections should work with nearly "
             "everybody.";
    case KH_NAT_PORT_RESTRICTED_CONE:
      return "An ordinary home router: direct connections work with most peers.";
    case KH_NAT_SYMMETRIC:
      return network->port_allocation == KH_PORT_ALLOCATION_SEQUENTIAL
                 ? "The router uses another outside port for every connection, one after "
                   "the other. Direct connections work with peers behind easy routers."
                 : "The router uses another outside port for every connection. Direct "
                   "connections work with peers behind easy routers.";
    case KH_NAT_UNKNOWN:
    default:
      return "The kind of router could not be found out. Connecting is tried anyway.";
    }
}

const char *
kh_nat_words_limit (const KhNetworkInfo *network)
{
  if (network->type == KH_NAT_UNKNOWN || network->other_address
      || network->behind_nat != KH_TRISTATE_YES)
    return NULL;
  return "The server has one address. It can't tell a full cone from a restricted one, "
         "nor whether the outside port depends on the address that is dialled.";
}
