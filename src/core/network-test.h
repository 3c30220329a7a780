/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * network-test.h - one test of this computer's network, with the helper of the server
 * where it needs one.
 *
 * start() when online; pass on what the server says with message(); it ends in done(),
 * once, and is freed by its owner, also inside done(). free() at any time ends it.
 *
 * At the helper it logs in with an identity made up for this, so that who runs it learns
 * nothing but an address. Main loop only.
 */
#pragma once

#include "net/prober.h"

/* A helper that has not let us in by then is done without. */
#define KH_NETWORK_TEST_HELPER_MS 4000

typedef struct _KhNetworkTest KhNetworkTest;

typedef struct
{
  void (*send) (gpointer data, const KhMessage *message);
  void (*done) (gpointer data, const KhProbeResults *results);
} KhNetworkTestListener;

/* @helper: the address that the server gave, or "". Copies all but the listener. */
KhNetworkTest *kh_network_test_start (const KhProbeServer *server, const char *helper,
                                      const KhNetworkTestListener *listener,
                                      gpointer data);
void kh_network_test_free (KhNetworkTest *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KhNetworkTest, kh_network_test_free)

void kh_network_test_message (KhNetworkTest *self, const KhMessage *message);
