/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attempt.h - what was done to reach a peer, and what came of it: the report.
 *
 * A KhAttempt begins with a call and lives on when it has ended; a person has the last
 * one (person.h), older ones are in the store: kh_client_list_attempts_async(). It emits
 * "changed" with each thing that happens until it is final. It holds values; the
 * sentences are made by whoever shows them.
 *
 * Main loop only. Times are milliseconds since the attempt began, but for began_at_ms.
 *
 * Source: the eight steps are those of src/PROTOCOL.md section 2.3, in the numbering of
 * the caller.
 */
#pragma once

#include "core/types.h"

#include <gio/gio.h>

/* Three rounds of three ports, and what strangers add; more are counted only. */
#define KH_ATTEMPT_CANDIDATES_MAX 64
#define KH_ATTEMPT_STEPS 8

/* Attempts kept per peer. */
#define KH_ATTEMPTS_KEPT 50

typedef enum
{
  KH_ATTEMPT_CALLING, /* the other side has not answered yet */
  KH_ATTEMPT_WAITING, /* the person there is being asked */
  KH_ATTEMPT_ASKING,  /* the person here is */
  KH_ATTEMPT_PUNCHING,
  KH_ATTEMPT_CONNECTED, /* this and the next are final */
  KH_ATTEMPT_FAILED,
} KhAttemptState;

/* What came of one candidate: the furthest that it got. */
typedef enum
{
  KH_CANDIDATE_FOUND,    /* known, not dialled */
  KH_CANDIDATE_DIALLED,  /* a SYN left, nothing came back */
  KH_CANDIDATE_REFUSED,  /* RST or ICMP */
  KH_CANDIDATE_NO_ROUTE, /* this computer has no way there */
  KH_CANDIDATE_STRANGER, /* TCP stood, and whoever was there is not the peer */
  KH_CANDIDATE_UP,       /* TCP stood; another one was nominated */
  KH_CANDIDATE_WON,
} KhCandidateOutcome;

typedef struct
{
  KhPathKind kind;
  guint round;
  guint16 port;    /* this computer's */
  KhEndpoint own;  /* how that is seen from outside; family 0 while unknown */
  KhEndpoint peer; /* what was dialled */
  guint n_dials;
  gint64 first_ms; /* when it was known */
  gint64 last_ms;  /* when the last thing happened */
  KhCandidateOutcome outcome;
} KhCandidate;

typedef struct
{
  gint64 at_ms; /* -1: has not happened (in this round) */
  guint round;
  guint16 port;
  KhEndpoint own; /* family 0: says nothing about it */
  KhEndpoint remote;
} KhAttemptStep;

#define KH_TYPE_ATTEMPT (kh_attempt_get_type ())
G_DECLARE_FINAL_TYPE (KhAttempt, kh_attempt, KH, ATTEMPT, GObject)

const KhPeerId *kh_attempt_get_peer (KhAttempt *self);
const char *kh_attempt_get_name (KhAttempt *self); /* of the peer, then */
gint64 kh_attempt_get_began_at_ms (KhAttempt *self);
gboolean kh_attempt_get_caller (KhAttempt *self);
KhAttemptState kh_attempt_get_state (KhAttempt *self);
gint64 kh_attempt_get_ms (KhAttempt *self); /* how long it took; so far */
guint kh_attempt_get_round (KhAttempt *self);

/* 1 to KH_ATTEMPT_STEPS. */
const KhAttemptStep *kh_attempt_get_step (KhAttempt *self, guint step);

guint kh_attempt_get_n_candidates (KhAttempt *self);
const KhCandidate *kh_attempt_get_candidate (KhAttempt *self, guint i);

/* Of one that failed. */
KhCallEnd kh_attempt_get_end (KhAttempt *self);
KhPunchFailure kh_attempt_get_failure (KhAttempt *self);
gboolean kh_attempt_get_stranger (KhAttempt *self);

/* The system here let nothing listen on the ports that dialled: only dials of both sides
 * at once could connect. */
gboolean kh_attempt_get_dials_only (KhAttempt *self);
KhRelayState kh_attempt_get_relay (KhAttempt *self); /* UNKNOWN of one from the store */
gint64 kh_attempt_get_wait_ms (KhAttempt *self);     /* until the next may begin */

/* Of one that connected. */
KhPathKind kh_attempt_get_path (KhAttempt *self);
const char *kh_attempt_get_cipher (KhAttempt *self);
