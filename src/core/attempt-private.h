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

#define KH_ATTEMPT_VERSION 2

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
  KhAttemptPort ports[KH_PUNCH_ROUNDS][KH_PUNCH_PORTS];
  KhCandidate candidates[KH_ATTEMPT_CANDIDATES_MAX];
  guint8 numbers[KH_ATTEMPT_CANDIDATES_MAX]; /* of the port that each is dialled from */
  guint n_candidates;
  KhCallEnd end;
  KhPunchFailure failure;
  gboolean stranger;
  gboolean dials_only;
  KhRelayState relay;
  gint64 wait_ms;
  KhPathKind path;
};

KhAttempt *kh_attempt_new (const KhPeerId *peer, const char *name, gboolean caller);

/* CALLING, WAITING, ASKING or PUNCHING. */
void kh_attempt_set_state (KhAttempt *self, KhAttemptState state);

/* @own and @remote may be NULL. The first time of a step in a round counts. */
void kh_attempt_take_step (KhAttempt *self, guint step, guint round, guint16 port,
                           const KhEndpoint *own, const KhEndpoint *remote);

/* A port was opened; and how it is seen from outside. */
void kh_attempt_set_dials_only (KhAttempt *self, gboolean dials_only);
void kh_attempt_take_port (KhAttempt *self, guint round, guint number, guint16 port);
void kh_attempt_take_own (KhAttempt *self, guint round, guint number,
                          const KhEndpoint *own);

/* A way from one of these ports to the peer. Of a spray @peer has no port. */
typedef struct
{
  guint round;
  guint number; /* of the port */
  KhPathKind kind;
  KhEndpoint peer;
} KhAttemptWay;

/* What came of it: DIALLED counts @n dials. */
void kh_attempt_take_outcome (KhAttempt *self, const KhAttemptWay *way,
                              KhCandidateOutcome outcome, guint n);

void kh_attempt_take_connected (KhAttempt *self, const KhAttemptWay *way,
                                const char *cipher);
/* Before it fails. */
void kh_attempt_set_relay (KhAttempt *self, KhRelayState relay);
void kh_attempt_take_failed (KhAttempt *self, KhCallEnd end, KhPunchFailure failure,
                             gboolean stranger, gint64 wait_ms);

/* attempt-blob.c. Of one that is final. */
GBytes *kh_attempt_write (KhAttempt *self);

/* NULL for what this program can't read. */
KhAttempt *kh_attempt_read (const KhPeerId *peer, GBytes *bytes);
