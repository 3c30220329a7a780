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

void
kh_attempt_set_dials_only (KhAttempt *self, gboolean dials_only)
{
  if (is_final (self) || self->dials_only == dials_only)
    return;
  self->dials_only = dials_only;
  emit_changed (self);
}

static KhAttemptPort *
get_port (KhAttempt *self, guint round, guint number)
{
  return round >= 1 && round <= KH_PUNCH_ROUNDS && number < KH_PUNCH_PORTS
             ? &self->ports[round - 1][number]
             : NULL;
}

/* The relay is dialled from a port that says nothing. */
static bool
has_own_port (KhPathKind kind)
{
  return kind != KH_PATH_RELAY;
}

/* What is known of a port is so of all candidates dialled from it. */
static void
spread_port (KhAttempt *self, guint round, guint number, const KhAttemptPort *port)
{
  for (guint i = 0; i < self->n_candidates; i++)
    if (self->candidates[i].round == round && self->numbers[i] == number
        && has_own_port (self->candidates[i].kind))
      {
        self->candidates[i].port = port->port;
        self->candidates[i].own = port->own;
      }
}

void
kh_attempt_take_port (KhAttempt *self, guint round, guint number, guint16 port)
{
  KhAttemptPort *taken = get_port (self, round, number);

  if (taken == NULL || is_final (self))
    return;
  taken->port = port;
  spread_port (self, round, number, taken);
}

void
kh_attempt_take_own (KhAttempt *self, guint round, guint number, const KhEndpoint *own)
{
  KhAttemptPort *taken = get_port (self, round, number);

  if (taken == NULL || is_final (self))
    return;
  taken->own = *own;
  spread_port (self, round, number, taken);
  emit_changed (self);
}

/* NULL when there are too many. */
static KhCandidate *
require_candidate (KhAttempt *self, const KhAttemptWay *way)
{
  const KhAttemptPort *port = get_port (self, way->round, way->number);
  KhCandidate *candidate;

  for (guint i = 0; i < self->n_candidates; i++)
    {
      candidate = &self->candidates[i];
      if (candidate->round == way->round && self->numbers[i] == way->number
          && candidate->kind == way->kind
          && kh_endpoint_equal (&candidate->peer, &way->peer))
        return candidate;
    }
  if (self->n_candidates == KH_ATTEMPT_CANDIDATES_MAX)
    return NULL;
  self->numbers[self->n_candidates] = (guint8)way->number;
  candidate = &self->candidates[self->n_candidates++];
  *candidate = (KhCandidate){
    .kind = way->kind,
    .round = way->round,
    .peer = way->peer,
    .first_ms = age_ms (self),
    .outcome = KH_CANDIDATE_FOUND,
  };
  if (has_own_port (way->kind))
    {
      candidate->port = port->port;
      candidate->own = port->own;
    }
  return candidate;
}

void
kh_attempt_take_outcome (KhAttempt *self, const KhAttemptWay *way,
                         KhCandidateOutcome outcome, guint n)
{
  KhCandidate *candidate;

  if (get_port (self, way->round, way->number) == NULL || is_final (self)
      || way->peer.family == 0)
    return;
  candidate = require_candidate (self, way);
  if (candidate == NULL)
    return;
  candidate->n_dials += outcome == KH_CANDIDATE_DIALLED ? n : 0;
  candidate->outcome = MAX (candidate->outcome, outcome);
  candidate->last_ms = age_ms (self);
  emit_changed (self);
}

void
kh_attempt_take_connected (KhAttempt *self, const KhAttemptWay *way, const char *cipher)
{
  if (is_final (self))
    return;
  kh_attempt_take_outcome (self, way, KH_CANDIDATE_WON, 0);
  self->path = way->kind;
  self->cipher = g_strdup (cipher);
  self->ms = age_ms (self);
  self->state = KH_ATTEMPT_CONNECTED;
  emit_changed (self);
}

void
kh_attempt_set_relay (KhAttempt *self, KhRelayState relay)
{
  if (!is_final (self))
    self->relay = relay;
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

gboolean
kh_attempt_get_dials_only (KhAttempt *self)
{
  return self->dials_only;
}

KhRelayState
kh_attempt_get_relay (KhAttempt *self)
{
  return self->relay;
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
