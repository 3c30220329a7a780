/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * port-mapper.h - keeps ports of this computer open at its router.
 *
 * new(); add() each TCP port that others shall reach; changed() tells what came of it,
 * first within KH_PORT_MAPPER_SEARCH_MS, later whenever it is another. Call
 * network_changed() when addresses change and after the computer slept. close() removes
 * all mappings; when it calls closed(), or at any other time, free(). Without close() the
 * router keeps them until their lease ends.
 *
 * The router of the default route is asked by PCP, NAT-PMP and UPnP at the same time
 * whether it speaks them; of those it does, the first in this order that maps the port is
 * used, one at a time, so nothing has to be taken back. Somebody else's mapping is never
 * replaced: the router then gives another outside port. Mappings are renewed after half
 * their lease; where that fails all is searched anew, and every KH_PORT_MAPPER_AGAIN_MS
 * while there is a port that is not mapped.
 *
 * Only the router itself is listened to. Whether an outside address is of use (it may be
 * private, of a carrier, or missing), the owner judges. IPv4 only. Main loop only; the
 * listener is never called from inside a function here.
 *
 * Source: RFC 6886, RFC 6887, UPnP WANIPConnection:1 and :2.
 */
#pragma once

#include "proto/endpoint.h"
#include "proto/messages.h"

#include <gio/gio.h>
#include <stdbool.h>

/* An hour: a mapping that nobody removes is gone soon, and renewals are rare. */
#define KH_PORT_MAPPER_LEASE_S 3600
/* Until a port for which there is nothing is told so. A router that has answered by then
 * may still map it. */
#define KH_PORT_MAPPER_SEARCH_MS 2000
/* For one request to a router that is known to speak the protocol. */
#define KH_PORT_MAPPER_ASK_MS 2000
/* So long close() waits: a person waits with it. */
#define KH_PORT_MAPPER_CLOSE_MS 1000
/* A router that starts again is back after some minutes. */
#define KH_PORT_MAPPER_AGAIN_MS 300000
/* A meeting point's two and its host's own, with room. Routers allow few more. */
#define KH_PORT_MAPPER_PORTS_MAX 8

/* No other outside port is of use: the server hands no lower one to a peer. */
#define KH_PORT_MAPPER_LOWEST_PORT KH_CALL_PORT_MIN

/* The better ones last. */
typedef enum
{
  KH_PORT_MAPPING_NONE,
  KH_PORT_MAPPING_UPNP,
  KH_PORT_MAPPING_NAT_PMP,
  KH_PORT_MAPPING_PCP,
} KhPortMappingProtocol;

typedef struct
{
  KhPortMappingProtocol protocol; /* NONE: not mapped, then all but the port is 0 */
  uint16_t internal_port;
  uint16_t external_port; /* 1024 or higher */
  KhEndpoint external;    /* no endpoint where the router does not tell its address */
  uint32_t lifetime_s;    /* 0: until it is removed; the router knows no leases */
} KhPortMapping;

typedef struct
{
  void (*changed) (gpointer data, const KhPortMapping *mapping);
} KhPortMapperListener;

typedef struct _KhPortMapper KhPortMapper;

/* @lease_s: KH_PORT_MAPPER_LEASE_S, or less in tests; at least 2. */
KhPortMapper *kh_port_mapper_new (uint32_t lease_s, const KhPortMapperListener *listener,
                                  gpointer data);

/* Not from inside changed(). */
void kh_port_mapper_free (KhPortMapper *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KhPortMapper, kh_port_mapper_free)

/* @wanted_port: outside, at least 1024; 0: any, and then the same as inside if it is
 * free. It is a wish. False when there are KH_PORT_MAPPER_PORTS_MAX. */
bool kh_port_mapper_add (KhPortMapper *self, uint16_t internal_port,
                         uint16_t wanted_port);

/* The port is told of no more. */
void kh_port_mapper_remove (KhPortMapper *self, uint16_t internal_port);

/* What changed() told last; false where it did not yet. */
bool kh_port_mapper_get (const KhPortMapper *self, uint16_t internal_port,
                         KhPortMapping *mapping);

void kh_port_mapper_network_changed (KhPortMapper *self);

/* Removes all mappings and calls @closed, which may free it, after
 * KH_PORT_MAPPER_CLOSE_MS at the latest. Once; nothing else is told any more. */
void kh_port_mapper_close (KhPortMapper *self, void (*closed) (gpointer data),
                           gpointer data);
