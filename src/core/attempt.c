/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/attempt-private.h"

G_DEFINE_FINAL_TYPE (KhAttempt, kh_attempt, G_TYPE_OBJECT)

enum
{
  CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void
kh_attempt_finalize (GObject *object)
{
  KhAttempt *self = KH_ATTEMPT (object);

  g_free (self->name);
  g_free (self->cipher);
  G_OBJECT_CLASS (kh_attempt_parent_class)->finalize (object);
}

static void
kh_attempt_class_init (KhAttemptClass *class)
{
  G_OBJECT_CLASS (class)->finalize = kh_attempt_finalize;
  signals[CHANGED] = g_signal_new ("changed", KH_TYPE_ATTEMPT, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
kh_attempt_init (KhAttempt *self)
{
  for (guint i = 0; i < KH_ATTEMPT_STEPS; i++)
    self->steps[i].at_ms = -1;
}

/* --- Writing it ----------------------------------------------------------------------
 */

static gboolean
is_final (KhAttempt *self)
{
  return self->state >= KH_ATTEMPT_CONNECTED;
}

static gint64
age_ms (KhAttempt *self)
{
  return (g_get_monotonic_time () - self->began_us) / 1000;
}

static void
emit_changed (KhAttempt *self)
{
  g_signal_emit (self, signals[CHANGED], 0);
}

KhPathKind
kh_attempt_path_kind (const KhEndpoint *remote)
{
  switch (kh_endpoint_kind (remote))
    {
    case KH_ENDPOINT_PRIVATE:
    case KH_ENDPOINT_LINK_LOCAL:
    case KH_ENDPOINT_LOOPBACK:
      return KH_PATH_LAN;
    default:
      return remote->family == 6 ? KH_PATH_IPV6 : KH_PATH_PUNCHED;
    }
}

KhAttempt *
kh_attempt_new (const KhPeerId *peer, const char *name, gboolean caller)
{
  KhAttempt *self = g_object_new (KH_TYPE_ATTEMPT, NULL);

  self->peer = *peer;
  self->name = g_strdup (name);
  self->caller = caller;
  self->began_at_ms = g_get_real_time () / 1000;
  self->began_us = g_get_monotonic_time ();
  return self;
}

void
kh_attempt_set_state (KhAttempt *self, KhAttemptState state)
{
  if (is_final (self) || self->state == state)
    return;
  self->state = state;
  emit_changed (self);
}

/* A later round begins anew, but for what stands as long as the client is online. */
static void
enter_round (KhAttempt *self, guint round)
{
  if (round <= self->round)
    return;
  if (self->round > 0)
    for (guint i = 2; i < KH_ATTEMPT_STEPS; i++)
      self->steps[i] = (KhAttemptStep){ .at_ms = -1 };
  self->round = round;
}

void
kh_attempt_take_step (KhAttempt *self, guint step, guint round, guint16 port,
                      const KhEndpoint *own, const KhEndpoint *remote)
{
  KhAttemptStep *taken = &self->steps[step - 1];

  if (is_final (self))
    return;
  enter_round (self, round);
  if (taken->at_ms >= 0)
    return;
  *taken = (KhAttemptStep){ .at_ms = age_ms (self), .round = round, .port = port };
  if (own != NULL)
    taken->own = *own;
  if (remote != NULL)
    taken->remote = *remote;
  emit_changed (self);
}

static KhAttemptPort *
get_port (KhAttempt *self, guint round, guint pair)
{
  return round >= 1 && round <= KH_PUNCH_ROUNDS && pair < KH_PUNCH_PAIRS
             ? &self->ports[round - 1][pair]
             : NULL;
}

/* What is known of a port is so of all candidates dialled from it. */
static void
spread_port (KhAttempt *self, guint round, guint pair, const KhAttemptPort *port)
{
  for (guint i = 0; i < self->n_candidates; i++)
    if (self->candidates[i].round == round && self->pairs[i] == pair)
      {
        self->candidates[i].port = port->port;
        self->candidates[i].own = port->own;
      }
}

void
kh_attempt_take_port (KhAttempt *self, guint round, guint pair, guint16 port)
{
  KhAttemptPort *taken = get_port (self, round, pair);

  if (taken == NULL || is_final (self))
    return;
  taken->port = port;
  spread_port (self, round, pair, taken);
}

void
kh_attempt_take_own (KhAttempt *self, guint round, guint pair, const KhEndpoint *own)
{
  KhAttemptPort *taken = get_port (self, round, pair);

  if (taken == NULL || is_final (self))
    return;
  taken->own = *own;
  spread_port (self, round, pair, taken);
  emit_changed (self);
}

/* NULL when there are too many. */
static KhCandidate *
require_candidate (KhAttempt *self, guint round, guint pair, const KhEndpoint *peer)
{
  const KhAttemptPort *port = get_port (self, round, pair);
  KhCandidate *candidate;

  for (guint i = 0; i < self->n_candidates; i++)
    {
      candidate = &self->candidates[i];
      if (candidate->round == round && self->pairs[i] == pair
          && kh_endpoint_equal (&candidate->peer, peer))
        return candidate;
    }
  if (self->n_candidates == KH_ATTEMPT_CANDIDATES_MAX)
    return NULL;
  self->pairs[self->n_candidates] = (guint8)pair;
  candidate = &self->candidates[self->n_candidates++];
  *candidate = (KhCandidate){
    .kind = kh_attempt_path_kind (peer),
    .round = round,
    .port = port->port,
    .own = port->own,
    .peer = *peer,
    .first_ms = age_ms (self),
    .outcome = KH_CANDIDATE_FOUND,
  };
  return candidate;
}

void
kh_attempt_take_outcome (KhAttempt *self, guint round, guint pair, const KhEndpoint *peer,
                         KhCandidateOutcome outcome)
{
  KhCandidate *candidate;

  if (get_port (self, round, pair) == NULL || is_final (self) || peer->family == 0)
    return;
  candidate = require_candidate (self, round, pair, peer);
  if (candidate == NULL)
    return;
  candidate->n_dials += outcome == KH_CANDIDATE_DIALLED ? 1 : 0;
  candidate->outcome = MAX (candidate->outcome, outcome);
  candidate->last_ms = age_ms (self);
  emit_changed (self);
}

void
kh_attempt_take_connected (KhAttempt *self, guint round, guint pair,
                           const KhEndpoint *remote, const char *cipher)
{
  if (is_final (self))
    return;
  kh_attempt_take_outcome (self, round, pair, remote, KH_CANDIDATE_WON);
  self->path = kh_attempt_path_kind (remote);
  self->cipher = g_strdup (cipher);
  self->ms = age_ms (self);
  self->state = KH_ATTEMPT_CONNECTED;
  emit_changed (self);
}

void
kh_attempt_take_failed (KhAttempt *self, KhCallEnd end, KhPunchFailure failure,
                        gboolean stranger, gint64 wait_ms)
{
  if (is_final (self))
    return;
  self->end = end;
  self->failure = failure;
  self->stranger = stranger;
  self->wait_ms = wait_ms;
  self->ms = age_ms (self);
  self->state = KH_ATTEMPT_FAILED;
  emit_changed (self);
}

/* --- Reading it ----------------------------------------------------------------------
 */

const KhPeerId *
kh_attempt_get_peer (KhAttempt *self)
{
  return &self->peer;
}

const char *
kh_attempt_get_name (KhAttempt *self)
{
  return self->name;
}

gint64
kh_attempt_get_began_at_ms (KhAttempt *self)
{
  return self->began_at_ms;
}

gboolean
kh_attempt_get_caller (KhAttempt *self)
{
  return self->caller;
}

KhAttemptState
kh_attempt_get_state (KhAttempt *self)
{
  return self->state;
}

gint64
kh_attempt_get_ms (KhAttempt *self)
{
  return is_final (self) ? self->ms : age_ms (self);
}

guint
kh_attempt_get_round (KhAttempt *self)
{
  return self->round;
}

const KhAttemptStep *
kh_attempt_get_step (KhAttempt *self, guint step)
{
  g_return_val_if_fail (step >= 1 && step <= KH_ATTEMPT_STEPS, NULL);
  return &self->steps[step - 1];
}

guint
kh_attempt_get_n_candidates (KhAttempt *self)
{
  return self->n_candidates;
}

const KhCandidate *
kh_attempt_get_candidate (KhAttempt *self, guint i)
{
  g_return_val_if_fail (i < self->n_candidates, NULL);
  return &self->candidates[i];
}

KhCallEnd
kh_attempt_get_end (KhAttempt *self)
{
  return self->end;
}

KhPunchFailure
kh_attempt_get_failure (KhAttempt *self)
{
  return self->failure;
}

gboolean
kh_attempt_get_stranger (KhAttempt *self)
{
  return self->stranger;
}

gint64
kh_attempt_get_wait_ms (KhAttempt *self)
{
  return self->wait_ms;
}

KhPathKind
kh_attempt_get_path (KhAttempt *self)
{
  return self->path;
}

const char *
kh_attempt_get_cipher (KhAttempt *self)
{
  return self->cipher;
}
