/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * reach-test.h - is a port of this computer open from outside? The server dials it.
 *
 * start() when online and no other probe runs; give it what the server says with
 * message(), and what somebody who came to the port has said with heard(). done() tells
 * once, except that a dial that comes later than it should still tells YES. The owner
 * frees it, also inside done().
 *
 * Nobody but the server knows what is to be heard, so YES is true. NO: nothing came in
 * KH_REACH_TEST_WAIT_MS. UNKNOWN: the server could not try. Main loop only.
 *
 * Source: src/PROTOCOL.md sections 2.6 and 4.3.
 */
#pragma once

#include "proto/messages.h"
#include "proto/nat.h"
#include "proto/token.h"

#include <glib.h>
#include <stdbool.h>

/* The 3.5 s of a dial, and some for what it says to come. */
#define KH_REACH_TEST_WAIT_MS 5000
/* The server has other things to do, or the line is slow. */
#define KH_REACH_TEST_ANSWER_MS 10000
/* Of "too many of late", whose limit is of one minute. */
#define KH_REACH_TEST_TRIES 3
#define KH_REACH_TEST_PAUSE_MAX_S 60

typedef struct _KhReachTest KhReachTest;

typedef struct
{
  void (*send) (gpointer data, const KhMessage *message);
  void (*done) (gpointer data, KhTristate reachable);
} KhReachTestListener;

/* @secret: of WELCOME, KH_TOKEN_SECRET_LEN bytes; copied. @port: outside, 1024 or higher.
 * It ends any other probe of this client. */
KhReachTest *kh_reach_test_start (guint16 port, const guint8 *secret,
                                  const KhReachTestListener *listener, gpointer data);
void kh_reach_test_free (KhReachTest *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KhReachTest, kh_reach_test_free)

guint16 kh_reach_test_port (const KhReachTest *self);
bool kh_reach_test_is_done (const KhReachTest *self);

void kh_reach_test_message (KhReachTest *self, const KhMessage *message);

/* Whether it was the server. */
bool kh_reach_test_heard (KhReachTest *self, const guint8 token[KH_TOKEN_LEN]);
