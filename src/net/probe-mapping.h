/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * probe-mapping.h - which endpoints servers see, of some ports towards some places.
 *
 * init() with the places; next() shows the next port to the next place until it returns
 * false, each time after the last one was seen: give PROBED to probed() and call tick()
 * at due_at_us. One after the other, since a router may count: the order is what tells
 * its step. Then the observations are in the facts.
 *
 * Source: RFC 5780 section 4.3; src/PROTOCOL.md section 2.6.
 */
#pragma once

#include "net/probe-line.h"
#include "proto/messages.h"
#include "proto/nat.h"

/* A router may be lucky once: it keeps a port number while that is free. */
#define KH_PROBE_MAPPING_SOCKETS 3
/* Two ports of one address, and another address. */
#define KH_PROBE_MAPPING_PLACES 3

/* Until a server must have seen a connection: a SYN, the one after a second, and the
 * message. */
#define KH_PROBE_MAPPING_SHOW_MS 2500

typedef struct
{
  KhEndpoint endpoint; /* family 0: there is none such */
  unsigned server;     /* whose tokens it knows, and who says PROBED */
  bool is_main;
  uint8_t secret[KH_TOKEN_SECRET_LEN];
} KhProbePlace;

/* Read any field; change them only through the functions below. */
typedef struct
{
  /* Owned */
  KhProbeLine *sockets[KH_PROBE_MAPPING_SOCKETS];

  /* State */
  KhProbePlace places[KH_PROBE_MAPPING_PLACES];
  uint8_t probe_id[KH_CALL_ID_LEN];
  unsigned first_index; /* of so many from here on, at any server */
  unsigned step;        /* socket * PLACES + place */
  bool shown;
  KhNatObservation observation;
  gint64 due_at_us; /* G_MAXINT64: nothing is awaited */
} KhProbeMapping;

void kh_probe_mapping_init (KhProbeMapping *self, const KhProbePlace *places,
                            const uint8_t probe_id[KH_CALL_ID_LEN], unsigned first_index);
void kh_probe_mapping_clear (KhProbeMapping *self);

/* True while something is awaited. */
bool kh_probe_mapping_next (KhProbeMapping *self);

/* False when it is about something else. */
bool kh_probe_mapping_probed (KhProbeMapping *self, unsigned server,
                              const KhMsgProbed *probed, KhNatFacts *facts);

/* What has not been seen by now is left out. */
void kh_probe_mapping_tick (KhProbeMapping *self, gint64 now_us);
