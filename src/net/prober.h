/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * prober.h - finds out what kind of network this computer is in.
 *
 * One probe: new() begins it; pass on what the servers say with receive(); it ends in
 * done(), once, and is freed by its owner. free() at any time closes everything.
 *
 * It dials its servers from some fresh ports and asks them to dial back; what a router
 * makes of that goes into proto/nat. A second server (the helper of the first) is the
 * other address where the first has only one. Nothing is dialled but these servers and,
 * a few times, the endpoint at which they have seen this computer.
 *
 * It sends nothing itself: send() asks the owner to. Main loop only; the listener is
 * never called from inside a function here.
 *
 * Source: src/PROTOCOL.md section 2.6; RFC 5780 section 4.
 */
#pragma once

#include "net/probe-server.h"
#include "proto/messages.h"
#include "proto/nat.h"

#include <gio/gio.h>

/* Until somebody who dials back must have been heard: the server's patience, and the way
 * there and back. */
#define KH_PROBER_DIAL_MS 4500
/* Until two of its own ports must have met through the router. */
#define KH_PROBER_HAIRPIN_MS 1500
/* As long as a server keeps a probe, less the time that a last dial takes. */
#define KH_PROBER_LONGEST_MS 25000

typedef struct
{
  KhNat nat;
  KhTristate hairpin;
  KhTristate ipv6;    /* a server has seen an IPv6 address of this computer; UNKNOWN:
                         none has one itself */
  bool other_address; /* there was a second address of a server to ask from */
} KhProbeResults;

typedef struct
{
  /* To the server (0) or the helper (1). */
  void (*send) (gpointer data, unsigned server, const KhMessage *message);
  void (*done) (gpointer data, const KhProbeResults *results);
} KhProberListener;

typedef struct _KhProber KhProber;

/* The owner is logged in at both; @helper may be NULL. Copies both. */
KhProber *kh_prober_new (const KhProbeServer *server, const KhProbeServer *helper,
                         const KhProberListener *listener, gpointer data);
void kh_prober_free (KhProber *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KhProber, kh_prober_free)

/* PROBED or DIALLED; others, and those of other probes, are ignored. */
void kh_prober_receive (KhProber *self, unsigned server, const KhMessage *message);
