/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * port-mapper-private.h - the three ways in which the port mapper talks to a router.
 *
 * look() asks whether the router speaks the protocol, and maps nothing; ask() asks it to
 * map, keep or remove a port. Either answers once, never from inside, and keeps trying
 * until then; stop_look() and stop_ask() end it at any time, and free it after the
 * answer, too, also from inside of that.
 */
#pragma once

#include "net/igd.h"
#include "net/port-mapper.h"
#include "proto/pcp.h"

/* First pause before a datagram is sent again; it doubles. RFC 6886 section 3.1. */
#define KH_PORT_MAPPER_PAUSE_MS 250
/* What one datagram from the router may at most have; a longer one is cut. */
#define KH_PORT_MAPPER_DATAGRAM_MAX 2048
/* A router that says more is not believed (RFC 6887 section 15). */
#define KH_PORT_MAPPER_LIFETIME_MAX_S 86400

/* How a router is reached. */
typedef struct
{
  KhEndpoint gateway; /* port 0 */
  KhEndpoint own;     /* port 0 */
  KhIgd igd;          /* UPnP only */
} KhPortMapperRoute;

typedef struct
{
  uint16_t internal_port;
  uint16_t external_port; /* wished for, or the one it is mapped to; never 0 */
  uint32_t lease_s;       /* 0: remove */
  bool is_mapped;         /* external_port is this computer's already */
  uint8_t nonce[KH_PCP_NONCE_LEN];
} KhPortMapperRequest;

typedef struct
{
  uint16_t external_port;
  KhEndpoint external; /* no endpoint: not known */
  uint32_t lifetime_s; /* 0: no lease */
} KhPortMapperAnswer;

/* NULL: it does not. */
typedef void (*KhPortMapperLooked) (gpointer data, const KhPortMapperRoute *route);
/* NULL: it failed. Of a removal only that counts. */
typedef void (*KhPortMapperAsked) (gpointer data, const KhPortMapperAnswer *answer);

typedef struct
{
  gpointer (*look) (const KhPortMapperRoute *route, KhPortMapperLooked looked,
                    gpointer data);
  gpointer (*ask) (const KhPortMapperRoute *route, const KhPortMapperRequest *request,
                   KhPortMapperAsked asked, gpointer data);
  void (*stop_look) (gpointer look);
  void (*stop_ask) (gpointer ask);
} KhPortMapperWay;

extern const KhPortMapperWay kh_port_mapper_pcp;
extern const KhPortMapperWay kh_port_mapper_natpmp;
extern const KhPortMapperWay kh_port_mapper_upnp;

/* The look of UPnP, which is longer than the rest. */
gpointer kh_port_mapper_upnp_look (const KhPortMapperRoute *route,
                                   KhPortMapperLooked looked, gpointer data);
void kh_port_mapper_upnp_stop_look (gpointer look);

/* Reads the outside address out of the answer to GetExternalIPAddress, with @port. */
KhEndpoint kh_port_mapper_upnp_external (const void *body, size_t len, uint16_t port);

/* An address for GIO. */
GSocketAddress *kh_port_mapper_address (const KhEndpoint *endpoint, uint16_t port);
