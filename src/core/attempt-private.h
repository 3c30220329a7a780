/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attempt-private.h - how a call writes its report.
 *
 * new() when the call is made or has come; the others as it goes on; exactly one of
 * connected() and failed() ends it, and after that nothing changes. Each change emits
 * "changed".
 *
 * write() and read() are its form in the store: a version first, so that a program
 * knows the ones it can't read.
 *
 * Main loop only, but for write() and read().
 */
#pragma once

#include "core/attempt.h"

#define KH_ATTEMPT_VERSION 1

/* One port of this computer in one round. */
typedef struct
{
  guint16 port;
  KhEndpoint own; /* family 0: not known yet */
} KhAttemptPort;

struct _KhAttempt
{
  GObject parent_instance;

  /* Owned */
  char *name;
  char *cipher;

  /* State */
  KhPeerId peer;
  gint64 began_at_ms;
  gint64 began_us; /* 0: read from the store */
  gint64 ms;       /* of one that is final */
  gboolean caller;
  KhAttemptState state;
  guint round;
  KhAttemptStep steps[KH_ATTEMPT_STEPS];
  KhAttemptPort ports[KH_PUNCH_ROUNDS][KH_PUNCH_PAIRS];
  KhCandidate candidates[KH_ATTEMPT_CANDIDATES_MAX];
  guint8 pairs[KH_ATTEMPT_CANDIDATES_MAX]; /* that each candidate is of */
  guint n_candidates;
  KhCallEnd end;
  KhPunchFailure failure;
  gboolean stranger;
  gint64 wait_ms;
  KhPathKind path;
};

/* What kind of candidate an endpoint of the peer is. */
KhPathKind kh_attempt_path_kind (const KhEndpoint *remote);

KhAttempt *kh_attempt_new (const KhPeerId *peer, const char *name, gboolean caller);

/* CALLING, WAITING, ASKING or PUNCHING. */
void kh_attempt_set_state (KhAttempt *self, KhAttemptState state);

/* @own and @remote may be NULL. The first time of a step in a round counts. */
void kh_attempt_take_step (KhAttempt *self, guint step, guint round, guint16 port,
                           const KhEndpoint *own, const KhEndpoint *remote);

/* A port was opened; and how it is seen from outside. */
void kh_attempt_take_port (KhAttempt *self, guint round, guint pair, guint16 port);
void kh_attempt_take_own (KhAttempt *self, guint round, guint pair,
                          const KhEndpoint *own);

/* What came of the way from that port to @peer: DIALLED counts a dial. */
void kh_attempt_take_outcome (KhAttempt *self, guint round, guint pair,
                              const KhEndpoint *peer, KhCandidateOutcome outcome);

void kh_attempt_take_connected (KhAttempt *self, guint round, guint pair,
                                const KhEndpoint *remote, const char *cipher);
void kh_attempt_take_failed (KhAttempt *self, KhCallEnd end, KhPunchFailure failure,
                             gboolean stranger, gint64 wait_ms);

/* attempt-blob.c. Of one that is final. */
GBytes *kh_attempt_write (KhAttempt *self);

/* NULL for what this program can't read. */
KhAttempt *kh_attempt_read (const KhPeerId *peer, GBytes *bytes);
