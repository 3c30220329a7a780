/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/nat-text.h"

#include "app/path-text.h"

#include <glib/gi18n.h>

static const KhNetworkInfo NOTHING = { 0 };

static gboolean
is_checking (const KhNetworkInfo *network)
{
  return network->measuring && network->type == KH_NAT_UNKNOWN
         && network->behind_nat == KH_TRISTATE_UNKNOWN;
}

static const char *
type_of_unknown (const KhNetworkInfo *network)
{
  if (is_checking (network))
    return _ ("Checking…");
  if (network->behind_nat == KH_TRISTATE_YES)
    return _ ("Behind a router");
  if (network->behind_nat == KH_TRISTATE_NO)
    return _ ("No router between");
  return _ ("Kind of router not known yet");
}

const char *
kh_nat_text_type (const KhNetworkInfo *network)
{
  if (network == NULL)
    network = &NOTHING;
  switch (network->type)
    {
    case KH_NAT_OPEN:
      return _ ("Open to the internet");
    case KH_NAT_FIREWALL:
      return _ ("Behind a firewall");
    case KH_NAT_FULL_CONE:
    case KH_NAT_RESTRICTED_CONE:
    case KH_NAT_FULL_OR_RESTRICTED_CONE:
      return _ ("Easy router");
    case KH_NAT_PORT_RESTRICTED_CONE:
      return _ ("Ordinary router");
    case KH_NAT_SYMMETRIC:
      return _ ("Difficult router");
    case KH_NAT_UNKNOWN:
    default:
      return type_of_unknown (network);
    }
}

const char *
kh_nat_text_term (KhNatType type)
{
  switch (type)
    {
    case KH_NAT_OPEN:
      /* Translators: the kinds of NAT (network address translation) in the terms of the
       * field, as in the old STUN standard, RFC 3489 */
      return _ ("Open internet");
    case KH_NAT_FIREWALL:
      return _ ("Firewall, no NAT");
    case KH_NAT_FULL_CONE:
      return _ ("Full cone");
    case KH_NAT_RESTRICTED_CONE:
      return _ ("Restricted cone");
    case KH_NAT_FULL_OR_RESTRICTED_CONE:
      return _ ("Full or restricted cone");
    case KH_NAT_PORT_RESTRICTED_CONE:
      return _ ("Port-restricted cone");
    case KH_NAT_SYMMETRIC:
      return _ ("Symmetric");
    case KH_NAT_UNKNOWN:
    default:
      return _ ("Not measured yet");
    }
}

static const char *
meaning_of_unknown (const KhNetworkInfo *network)
{
  if (is_checking (network))
    return _ ("Knothole is looking at how this computer reaches the internet.");
  if (network->behind_nat == KH_TRISTATE_YES)
    return _ (
        "Other computers see the address of a router. Connections are made by opening "
        "that router from inside, which works with most routers.");
  if (network->behind_nat == KH_TRISTATE_NO)
    return _ (
        "Other computers see the address of this computer itself. Connections should "
        "work well.");
  return _ ("Nothing is known until the server has been reached.");
}

static gboolean
has_random_ports (const KhNetworkInfo *network)
{
  return network->port_allocation != KH_PORT_ALLOCATION_SEQUENTIAL;
}

const char *
kh_nat_text_meaning (const KhNetworkInfo *network)
{
  if (network == NULL)
    network = &NOTHING;
  switch (network->type)
    {
    case KH_NAT_OPEN:
      return _ (
          "Anybody who knows the address can reach this computer. A direct connection "
          "works with everybody.");
    case KH_NAT_FIREWALL:
      return _ ("The address is this computer’s own, and a firewall lets in only who was "
                "called before. A direct connection works with nearly everybody.");
    case KH_NAT_FULL_CONE:
    case KH_NAT_RESTRICTED_CONE:
    case KH_NAT_FULL_OR_RESTRICTED_CONE:
      return _ ("The router keeps one door for everybody. A direct connection works with "
                "everybody.");
    case KH_NAT_PORT_RESTRICTED_CONE:
      return _ (
          "The router keeps one door and lets in only who was called before. A direct "
          "connection works with nearly everybody.");
    case KH_NAT_SYMMETRIC:
      if (has_random_ports (network))
        return _ (
            "The router takes another door for everybody, and nobody can say which. A "
            "direct connection works only with people whose router is easier.");
      return _ (
          "The router takes another door for everybody, one after the other. A direct "
          "connection works with many people.");
    case KH_NAT_UNKNOWN:
    default:
      return meaning_of_unknown (network);
    }
}

const char *
kh_nat_text_class (const KhNetworkInfo *network)
{
  if (network == NULL)
    return "neutral";
  switch (network->type)
    {
    case KH_NAT_OPEN:
    case KH_NAT_FIREWALL:
    case KH_NAT_FULL_CONE:
    case KH_NAT_RESTRICTED_CONE:
    case KH_NAT_FULL_OR_RESTRICTED_CONE:
    case KH_NAT_PORT_RESTRICTED_CONE:
      return "success";
    case KH_NAT_SYMMETRIC:
      return has_random_ports (network) ? "error" : "warning";
    case KH_NAT_UNKNOWN:
    default:
      return network->behind_nat == KH_TRISTATE_NO ? "success" : "neutral";
    }
}

const char *
kh_nat_text_router (const KhNetworkInfo *network)
{
  if (network == NULL)
    return "";
  switch (network->type)
    {
    case KH_NAT_OPEN:
      /* Translators: this and the next are printed small under the picture of a router */
      return C_ ("kind of router", "None");
    case KH_NAT_FIREWALL:
      return C_ ("kind of router", "Firewall");
    case KH_NAT_FULL_CONE:
    case KH_NAT_RESTRICTED_CONE:
    case KH_NAT_FULL_OR_RESTRICTED_CONE:
      return C_ ("kind of router", "Easy");
    case KH_NAT_PORT_RESTRICTED_CONE:
      return C_ ("kind of router", "Ordinary");
    case KH_NAT_SYMMETRIC:
      return C_ ("kind of router", "Difficult");
    case KH_NAT_UNKNOWN:
    default:
      return "";
    }
}

void
kh_nat_fact_free (KhNatFact *fact)
{
  g_free (fact->value);
  g_free (fact);
}

static const char *
behaviour_text (KhNatBehaviour behaviour)
{
  switch (behaviour)
    {
    case KH_NAT_BEHAVIOUR_NONE:
      return C_ ("behaviour of a router", "None");
    case KH_NAT_BEHAVIOUR_ENDPOINT_INDEPENDENT:
      /* Translators: terms of RFC 4787 */
      return _ ("Endpoint-independent");
    case KH_NAT_BEHAVIOUR_ADDRESS_DEPENDENT:
      return _ ("Address-dependent");
    case KH_NAT_BEHAVIOUR_ADDRESS_AND_PORT_DEPENDENT:
      return _ ("Address- and port-dependent");
    case KH_NAT_BEHAVIOUR_UNKNOWN:
    default:
      return NULL;
    }
}

static char *
allocation_text (const KhNetworkInfo *network)
{
  switch (network->port_allocation)
    {
    case KH_PORT_ALLOCATION_PRESERVING:
      return g_strdup (_ ("The same port as inside"));
    case KH_PORT_ALLOCATION_SEQUENTIAL:
      if (network->step != 0)
        /* Translators: %d is the distance between two ports */
        return g_strdup_printf (_ ("One after the other, %d apart"), network->step);
      return g_strdup (_ ("One after the other"));
    case KH_PORT_ALLOCATION_RANDOM:
      return g_strdup (_ ("Random"));
    case KH_PORT_ALLOCATION_UNKNOWN:
    default:
      return NULL;
    }
}

static const char *
unsolicited_text (KhNatDial dial)
{
  switch (dial)
    {
    case KH_NAT_DIAL_SILENT:
      return _ ("Dropped in silence");
    case KH_NAT_DIAL_REFUSED:
      return _ ("Refused at once");
    case KH_NAT_DIAL_UNREACHABLE:
      return _ ("Answered as unreachable");
    case KH_NAT_DIAL_UNKNOWN:
    case KH_NAT_DIAL_HEARD:
    default:
      return NULL;
    }
}

static const char *
port_mapping_text (KhMappedBy mapping)
{
  switch (mapping)
    {
    case KH_MAPPED_NOT:
      return _ ("Not offered by the router");
    case KH_MAPPED_BY_UPNP:
      return "UPnP";
    case KH_MAPPED_BY_NAT_PMP:
      return "NAT-PMP";
    case KH_MAPPED_BY_PCP:
      return "PCP";
    case KH_MAPPED_UNKNOWN:
    default:
      return NULL;
    }
}

/* What is open from outside, and by whom; "None" where that is certain. */
static char *
open_port_text (const KhNetworkInfo *network)
{
  const char *by = port_mapping_text (network->port_mapping);

  if (network->mapped_port == 0)
    return network->port_mapping != KH_MAPPED_UNKNOWN
               ? g_strdup (C_ ("open port", "None"))
               : NULL;
  if (network->port_mapping == KH_MAPPED_UNKNOWN
      || network->port_mapping == KH_MAPPED_NOT)
    /* Translators: %u is a port that a person has opened in the router's settings */
    return g_strdup_printf (_ ("%u, forwarded by hand"), network->mapped_port);
  /* Translators: %1$u is a port, %2$s the protocol by which it was opened: "UPnP" */
  return g_strdup_printf (_ ("%1$u, by %2$s"), network->mapped_port, by);
}

/* Who opens a port has that of the router nearby, which is of no use behind another. */
static const char *
open_port_meaning (const KhNetworkInfo *network)
{
  if (network->mapped_port == 0 && network->port_mapping > KH_MAPPED_NOT
      && network->second_nat == KH_TRISTATE_YES)
    return _ ("The router has opened one, but a second router stands before it.");
  return _ ("Who connects to it gets through, whatever kind of router you have.");
}

static const char *
tristate_text (KhTristate value)
{
  if (value == KH_TRISTATE_UNKNOWN)
    return NULL;
  return value == KH_TRISTATE_YES ? _ ("Yes") : _ ("No");
}

static char *
endpoint_text (const KhEndpoint *endpoint)
{
  char text[KH_ENDPOINT_TEXT_MAX];

  if (endpoint->family == 0)
    return NULL;
  kh_endpoint_print (endpoint, text);
  return g_strdup (text);
}

static char *
time_text (gint64 at_ms)
{
  g_autoptr (GDateTime) at = NULL;

  if (at_ms <= 0)
    return NULL;
  at = g_date_time_new_from_unix_local (at_ms / 1000);
  /* Translators: a date and a time of day as in strftime(); %x is the date of the locale
   */
  return at != NULL ? g_date_time_format (at, _ ("%x, %H:%M:%S")) : NULL;
}

static const char *
unknown_text (const KhNetworkInfo *network)
{
  return network->tested_at_ms != 0 ? _ ("Not known") : _ ("Not measured yet");
}

/* Takes @value; NULL: not measured, or measured and still not known. */
static void
add (GPtrArray *facts, const KhNetworkInfo *network, const char *title, char *value,
     const char *meaning)
{
  KhNatFact *fact = g_new0 (KhNatFact, 1);

  fact->title = title;
  fact->known = value != NULL;
  fact->value = value != NULL ? value : g_strdup (unknown_text (network));
  fact->meaning = meaning;
  g_ptr_array_add (facts, fact);
}

/* A server with one address has tested, and that does not tell. */
static const char *
needs_two_addresses (const KhNetworkInfo *network, KhNatBehaviour behaviour,
                     const char *meaning)
{
  return behaviour == KH_NAT_BEHAVIOUR_UNKNOWN && network->tested_at_ms != 0
                 && !network->other_address
             ? _ ("This server has only one address, which is not enough to tell.")
             : meaning;
}

static void
add_addresses (GPtrArray *facts, const KhNetworkInfo *network)
{
  add (facts, network, _ ("Public address"), endpoint_text (&network->public_seen),
       _ ("What the server sees. Only somebody you connect to learns it."));
  add (facts, network, _ ("Local address"), endpoint_text (&network->local),
       _ ("This computer’s address in its own network."));
  add (facts, network, _ ("Behind a router that translates"),
       g_strdup (tristate_text (network->behind_nat)),
       _ ("The public address is another one than this computer’s own."));
}

static void
add_behaviour (GPtrArray *facts, const KhNetworkInfo *network)
{
  const char *type
      = network->type != KH_NAT_UNKNOWN ? kh_nat_text_term (network->type) : NULL;

  add (facts, network, _ ("Kind of router"), g_strdup (type),
       kh_nat_text_meaning (network));
  add (facts, network, _ ("Mapping"), g_strdup (behaviour_text (network->mapping)),
       needs_two_addresses (
           network, network->mapping,
           _ ("Whether the router shows the same port to everybody. Endpoint-independent "
              "is best.")));
  add (facts, network, _ ("Filtering"), g_strdup (behaviour_text (network->filtering)),
       needs_two_addresses (network, network->filtering,
                            _ ("Whom the router lets in once a port is open.")));
  add (facts, network, _ ("Unexpected connections"),
       g_strdup (unsolicited_text (network->unsolicited)),
       _ ("What becomes of somebody from outside whom nobody waits for."));
  add (facts, network, _ ("Choice of ports"), allocation_text (network),
       _ ("How the router picks the port outside. What can be foretold can be reached."));
  add (
      facts, network, _ ("Hairpin"), g_strdup (tristate_text (network->hairpin)),
      _ ("Two computers behind this router can reach each other by its public address."));
  add (facts, network, _ ("Second router"),
       g_strdup (tristate_text (network->second_nat)),
       _ ("The provider translates addresses once more. Port mapping does not help "
          "then."));
}

static void
add_others (GPtrArray *facts, const KhNetworkInfo *network)
{
  add (facts, network, _ ("IPv6"), g_strdup (tristate_text (network->ipv6)),
       _ ("Where both have it, a connection needs no translation."));
  add (facts, network, _ ("Port mapping"),
       g_strdup (port_mapping_text (network->port_mapping)),
       _ ("A way to ask the router to open a port."));
  add (facts, network, _ ("Open port"), open_port_text (network),
       open_port_meaning (network));
  add (facts, network, _ ("Reached from outside"),
       g_strdup (tristate_text (network->reachable)),
       _ ("The server has reached this computer at the port that the router opens, or "
          "that you forward by hand."));
  add (facts, network, _ ("Server"), endpoint_text (&network->server),
       _ ("It introduces people. Messages and files go through it only where no direct "
          "way was found, and then it can’t read them."));
  add (facts, network, _ ("Round trip to the server"),
       kh_path_text_round_trip (network->server_round_trip_us),
       _ ("How long a word takes there and back."));
  add (facts, network, _ ("Measured"), time_text (network->measured_at_ms),
       _ ("When all this was looked at."));
}

GPtrArray *
kh_nat_text_facts (const KhNetworkInfo *network)
{
  GPtrArray *facts = g_ptr_array_new_with_free_func ((GDestroyNotify)kh_nat_fact_free);

  if (network == NULL)
    network = &NOTHING;
  add_addresses (facts, network);
  add_behaviour (facts, network);
  add_others (facts, network);
  return facts;
}
