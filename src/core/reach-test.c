/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/reach-test.h"

#include "net/source.h"

#include <sodium.h>
#include <string.h>

struct _KhReachTest
{
  /* Owned */
  GSource *timer;

  /* Borrowed */
  const KhReachTestListener *listener;
  gpointer data;

  /* State */
  guint16 port;
  guint n_tries;
  bool is_done;
  KhTristate reachable;
  guint8 id[KH_CALL_ID_LEN];
  guint8 secret[KH_TOKEN_SECRET_LEN];
};

static void
finish (KhReachTest *self, KhTristate reachable)
{
  kh_source_clear (&self->timer);
  if (self->is_done && reachable == self->reachable)
    return;
  self->is_done = true;
  self->reachable = reachable;
  self->listener->done (self->data, reachable);
}

static gboolean
on_no_answer (gpointer data)
{
  finish (data, KH_TRISTATE_UNKNOWN);
  return G_SOURCE_REMOVE;
}

static gboolean
on_nobody_came (gpointer data)
{
  finish (data, KH_TRISTATE_NO);
  return G_SOURCE_REMOVE;
}

static void
wait (KhReachTest *self, guint ms, GSourceFunc over)
{
  kh_source_clear (&self->timer);
  self->timer = kh_source_after (ms, over, self);
}

static gboolean
on_due (gpointer data)
{
  KhReachTest *self = data;
  KhMessage probe = { .type = KH_MESSAGE_PROBE };
  KhMessage dial = { .type = KH_MESSAGE_DIAL,
                     .dial = { .from = KH_DIAL_TO_NAMED_PORT, .port = self->port } };

  self->n_tries++;
  randombytes_buf (self->id, sizeof self->id);
  memcpy (probe.probe.probe_id, self->id, sizeof self->id);
  memcpy (dial.dial.probe_id, self->id, sizeof self->id);
  wait (self, KH_REACH_TEST_ANSWER_MS, on_no_answer);
  self->listener->send (self->data, &probe);
  self->listener->send (self->data, &dial);
  return G_SOURCE_REMOVE;
}

KhReachTest *
kh_reach_test_start (guint16 port, const guint8 *secret,
                     const KhReachTestListener *listener, gpointer data)
{
  KhReachTest *self = g_new0 (KhReachTest, 1);

  self->port = port;
  self->listener = listener;
  self->data = data;
  memcpy (self->secret, secret, sizeof self->secret);
  wait (self, 0, on_due);
  return self;
}

void
kh_reach_test_free (KhReachTest *self)
{
  kh_source_clear (&self->timer);
  sodium_memzero (self, sizeof *self);
  g_free (self);
}

guint16
kh_reach_test_port (const KhReachTest *self)
{
  return self->port;
}

bool
kh_reach_test_is_done (const KhReachTest *self)
{
  return self->is_done;
}

void
kh_reach_test_message (KhReachTest *self, const KhMessage *message)
{
  const KhMsgDial *dial = &message->dial;

  if (message->type != KH_MESSAGE_DIALLED || self->n_tries == 0 || self->is_done
      || dial->from != KH_DIAL_TO_NAMED_PORT
      || memcmp (dial->probe_id, self->id, sizeof self->id) != 0)
    return;
  if (dial->result == KH_DIALLED_NOTHING)
    wait (self, KH_REACH_TEST_WAIT_MS, on_nobody_came);
  else if (dial->result == KH_DIALLED_LATER && self->n_tries < KH_REACH_TEST_TRIES)
    wait (self, 1000 * CLAMP (dial->wait_s, 1u, KH_REACH_TEST_PAUSE_MAX_S), on_due);
  else
    finish (self, KH_TRISTATE_UNKNOWN);
}

bool
kh_reach_test_heard (KhReachTest *self, const guint8 token[KH_TOKEN_LEN])
{
  guint8 expected[KH_TOKEN_LEN];
  bool is_it;

  if (self->n_tries == 0)
    return false;
  kh_token_compute (expected, self->secret, self->id, KH_DIAL_TO_NAMED_PORT, 0,
                    KH_TOKEN_DIAL_BACK);
  is_it = sodium_memcmp (expected, token, sizeof expected) == 0;
  if (is_it)
    finish (self, KH_TRISTATE_YES);
  return is_it;
}
