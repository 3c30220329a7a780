/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * nat.h - from what was observed to what kind of router that is.
 *
 * Whoever probes a network fills in a KhNatFacts, add() for every endpoint that a server
 * has seen, and then asks classify(). What was not tried stays unknown, and so does what
 * the servers there are can't tell: with one address a full cone looks like a restricted
 * one, and an address-dependent mapping like an endpoint-independent one.
 *
 * The answer says what to try first and what to tell a person. It never rules a
 * connection out: a box in between may do anything.
 *
 * Nothing here dials. Source: RFC 5780 sections 4.3 and 4.4 (the tests), RFC 4787
 * sections 4.1, 4.2 and 5 (the words), RFC 5382 (the same for TCP), RFC 3489 section 5
 * (the types); src/PROTOCOL.md section 2.6.
 */
#pragma once

#include "proto/endpoint.h"

#include <stdbool.h>
#include <stdint.h>

/* Three ports towards three places, and the ports of the other tests. */
#define KH_NAT_OBSERVATIONS_MAX 16

/* Ports further apart than this are no sequence: many others' connections would have to
 * come in between. */
#define KH_NAT_STEP_MAX 16

typedef enum
{
  KH_TRISTATE_UNKNOWN,
  KH_TRISTATE_NO,
  KH_TRISTATE_YES,
} KhTristate;

typedef enum
{
  KH_NAT_UNKNOWN,
  KH_NAT_OPEN,
  KH_NAT_FIREWALL,
  KH_NAT_FULL_CONE,
  KH_NAT_RESTRICTED_CONE,
  KH_NAT_FULL_OR_RESTRICTED_CONE,
  KH_NAT_PORT_RESTRICTED_CONE,
  KH_NAT_SYMMETRIC,
} KhNatType;

/* RFC 4787 section 4.1 and 5: of mapping NONE is no translation. */
typedef enum
{
  KH_NAT_BEHAVIOUR_UNKNOWN,
  KH_NAT_BEHAVIOUR_NONE,
  KH_NAT_BEHAVIOUR_ENDPOINT_INDEPENDENT,
  KH_NAT_BEHAVIOUR_ADDRESS_DEPENDENT,
  KH_NAT_BEHAVIOUR_ADDRESS_AND_PORT_DEPENDENT,
} KhNatBehaviour;

typedef enum
{
  KH_PORT_ALLOCATION_UNKNOWN,
  KH_PORT_ALLOCATION_PRESERVING,
  KH_PORT_ALLOCATION_SEQUENTIAL,
  KH_PORT_ALLOCATION_RANDOM,
} KhPortAllocation;

/* What became of a connection that somebody outside tried to make to this computer. */
typedef enum
{
  KH_NAT_DIAL_UNKNOWN, /* not tried, or nobody told */
  KH_NAT_DIAL_HEARD,   /* it came */
  KH_NAT_DIAL_SILENT,
  KH_NAT_DIAL_REFUSED,     /* answered with a reset */
  KH_NAT_DIAL_UNREACHABLE, /* answered by ICMP */
} KhNatDial;

/* What a server saw of one connection. */
typedef struct
{
  KhEndpoint local;  /* this computer's end */
  KhEndpoint server; /* the end that was dialled */
  KhEndpoint seen;   /* this computer's end as the server sees it */
} KhNatObservation;

typedef struct
{
  /* In the order in which the connections were begun, as the ports of some routers go up
   * by each. All of one family. */
  uint8_t n;
  KhNatObservation observations[KH_NAT_OBSERVATIONS_MAX];

  /* To a port from which one server was dialled, from where it was not: */
  KhNatDial other_port;    /* the same address, another port */
  KhNatDial other_address; /* another address */

  /* To a port that listens and from which nothing was dialled. */
  KhNatDial unused_port;
  /* To a port that nobody listens on. */
  KhNatDial closed_port;
} KhNatFacts;

typedef struct
{
  KhNatType type;
  KhNatBehaviour mapping;
  KhNatBehaviour filtering;
  KhPortAllocation allocation;
  int step;              /* of sequential ports, may be negative; else 0 */
  KhTristate behind_nat; /* other endpoints are seen than this computer has */
  KhNatDial unsolicited; /* what becomes of a SYN that nobody waits for; never HEARD */
} KhNat;

/* Drops what there is no room for. */
void kh_nat_add (KhNatFacts *facts, const KhNatObservation *observation);

KhNat kh_nat_classify (const KhNatFacts *facts);
