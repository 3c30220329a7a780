/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "attempts.h"

#include "core/attempt-private.h"

#define OWN "203.0.113.7:40001"
#define REMOTE "198.51.100.9:50001"
#define ASSIST "[2001:db8::5]:7471"

KhEndpoint
endpoint (const char *text)
{
  KhEndpoint self;

  g_assert_true (kh_endpoint_parse (&self, text));
  return self;
}

static KhAttemptWay
way_to (guint number, const KhEndpoint *peer)
{
  KhPathKind kind = peer->family == 6 ? KH_PATH_IPV6 : KH_PATH_PUNCHED;

  if (kh_endpoint_kind (peer) != KH_ENDPOINT_GLOBAL)
    kind = KH_PATH_LAN;
  return (KhAttemptWay){ .round = 1, .number = number, .kind = kind, .peer = *peer };
}

static void
add_candidates (KhAttempt *self)
{
  for (guint pair = 0; pair < 3; pair++)
    {
      KhEndpoint own = endpoint (OWN);
      KhEndpoint remote = endpoint (REMOTE);
      guint16 port = (guint16)(own.port + pair);
      KhAttemptWay way;

      own.port = port;
      remote.port = (guint16)(remote.port + pair);
      way = way_to (pair, &remote);
      kh_attempt_take_port (self, 1, pair, port);
      kh_attempt_take_own (self, 1, pair, &own);
      kh_attempt_take_outcome (self, &way, KH_CANDIDATE_DIALLED, 1);
    }
}

KhAttempt *
attempt_new (KhAttemptState state, gboolean caller, guint n_steps)
{
  KhPeerId peer = { { 7 } };
  KhAttempt *self = kh_attempt_new (&peer, "Bob", caller);
  KhEndpoint own = endpoint (OWN);
  KhEndpoint remote = endpoint (REMOTE);
  KhEndpoint assist = endpoint (ASSIST);

  for (guint step = 1; step <= n_steps; step++)
    kh_attempt_take_step (self, step, 1, step == 3 ? own.port : 0,
                          step == 4 ? &own : NULL,
                          step == 1   ? &assist
                          : step >= 7 ? &remote
                                      : NULL);
  if (n_steps >= 6)
    add_candidates (self);
  kh_attempt_set_state (self, state);
  return self;
}

KhAttempt *
attempt_new_connected (const char *remote)
{
  KhAttempt *self = attempt_new (KH_ATTEMPT_PUNCHING, TRUE, KH_ATTEMPT_STEPS);
  KhEndpoint peer = endpoint (remote);
  KhAttemptWay way = way_to (0, &peer);

  kh_attempt_take_connected (self, &way, "AES-GCM");
  return self;
}

KhAttempt *
attempt_new_connected_by (KhPathKind kind, const char *remote)
{
  KhAttempt *self = attempt_new (KH_ATTEMPT_PUNCHING, TRUE, KH_ATTEMPT_STEPS);
  KhAttemptWay way = { .round = 1, .kind = kind, .peer = endpoint (remote) };

  kh_attempt_take_outcome (self, &way, KH_CANDIDATE_DIALLED, 1);
  kh_attempt_take_connected (self, &way, "AES-GCM");
  return self;
}

KhAttempt *
attempt_new_failed (KhCallEnd end, KhPunchFailure failure)
{
  KhAttempt *self = attempt_new (KH_ATTEMPT_PUNCHING, TRUE, KH_ATTEMPT_STEPS);

  kh_attempt_take_failed (self, end, failure, failure == KH_PUNCH_STRANGER, 0);
  return self;
}

KhAttempt *
attempt_new_failed_with_wait (gint64 wait_ms)
{
  KhAttempt *self = attempt_new (KH_ATTEMPT_CALLING, TRUE, 2);

  kh_attempt_take_failed (self, KH_CALL_END_WAIT, KH_PUNCH_FAILURE_NONE, FALSE, wait_ms);
  return self;
}

KhAttempt *
attempt_new_in_round (guint round)
{
  KhAttempt *self = attempt_new (KH_ATTEMPT_PUNCHING, TRUE, KH_ATTEMPT_STEPS);

  kh_attempt_take_step (self, 3, round, 40010, NULL, NULL);
  return self;
}
