/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * nat-class.h - what others may know of a person's network, in one byte, and what two of
 * those promise for a connection between them.
 *
 * class_of() after a test of the network, and send it; outlook() of the own and another
 * one before anybody clicks. It is a forecast: it vetoes nothing and orders nothing.
 *
 * The byte says no address, no port and no name, and is a claim: who lies is forecast
 * wrongly, and nothing else comes of it.
 *
 * Source: src/PROTOCOL.md section 2.8; RFC 4787 sections 4.1, 4.2 and 5 (the kinds). What
 * a pair can do was measured behind kernel NATs: tests/lab/README.md.
 */
#pragma once

#include "proto/nat.h"

#include <stdbool.h>
#include <stdint.h>

/* Seven bits: a kind and flags. 0: nothing is known, or not told. */
typedef uint8_t KhNatClass;

typedef enum
{
  KH_NAT_KIND_UNKNOWN = 0,
  KH_NAT_KIND_OPEN = 1,
  KH_NAT_KIND_FIREWALL = 2,
  KH_NAT_KIND_FULL_CONE = 3,
  KH_NAT_KIND_RESTRICTED_CONE = 4,
  KH_NAT_KIND_FULL_OR_RESTRICTED_CONE = 5,
  KH_NAT_KIND_PORT_RESTRICTED_CONE = 6,
  KH_NAT_KIND_SEQUENTIAL = 7,        /* symmetric, ports one after the other */
  KH_NAT_KIND_RANDOM = 8,            /* symmetric, ports that nobody can foretell */
  KH_NAT_KIND_ADDRESS_DEPENDENT = 9, /* symmetric: a port for each address */
} KhNatKind;

#define KH_NAT_CLASS_KIND 0x0f
#define KH_NAT_CLASS_MAPPED 0x10 /* a port leads in from outside, whatever the kind */
#define KH_NAT_CLASS_IPV6 0x20   /* has an IPv6 address that the server can be told of */
#define KH_NAT_CLASS_NO_RELAY 0x40 /* takes no connection that is relayed */

typedef enum
{
  KH_OUTLOOK_UNKNOWN,
  KH_OUTLOOK_LIKELY,        /* direct: very likely */
  KH_OUTLOOK_POSSIBLE,      /* direct: often, and it may take a few seconds */
  KH_OUTLOOK_NEEDS_MAPPING, /* not as it is, and nothing relays: a port mapping at either
                               end would help */
  KH_OUTLOOK_RELAY_ONLY,    /* not directly as it is, but by the relay */
} KhOutlook;

/* @mapped: a port mapping stands whose outside address is the one the server sees, or a
 * port is forwarded by hand. */
KhNatClass kh_nat_class_of (const KhNat *nat, bool mapped, KhTristate ipv6,
                            bool no_relay);

/* Any byte: what is no kind yet is unknown. */
KhNatKind kh_nat_class_kind (KhNatClass class);

/* The same whichever comes first. @relayed: their server relays. */
KhOutlook kh_nat_class_outlook (KhNatClass one, KhNatClass other, bool relayed);
