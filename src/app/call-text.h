/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * call-text.h - a call in sentences: its eight steps, why it ended, what to do next.
 *
 * No widgets. All texts are translated; those returned as char * are the caller's.
 */
#pragma once

#include "core/attempt.h"

/* The one thing that a person can do after a call has failed. */
typedef enum
{
  KH_NEXT_CALL,    /* try again */
  KH_NEXT_WAIT,    /* the same, after a wait */
  KH_NEXT_SERVER,  /* look at the server's settings */
  KH_NEXT_NETWORK, /* look at this computer's network */
  KH_NEXT_REPORT,  /* look at the report, to send it to the other person */
  KH_NEXT_VERSION, /* see which version this is */
  KH_NEXT_WAYS,    /* see which ways to connect are allowed */
} KhNextStep;

/* Two or three words for step 1 to KH_ATTEMPT_STEPS, to stand beside its number. */
const char *kh_call_text_step_title (guint step);

/* A sentence: what step @step is, as seen from here. @name: the peer's. */
char *kh_call_text_step (KhAttempt *attempt, guint step, const char *name);

/* "Waiting for NAME to accept", or the newest step of a punch. */
char *kh_call_text_progress (KhAttempt *attempt, const char *name);

/* The newest step that has happened; 0: none. */
guint kh_call_text_newest_step (KhAttempt *attempt);

/* What to tell as the reason: that a stranger answered is more than that nobody else did.
 */
KhPunchFailure kh_call_text_failure (KhAttempt *attempt);

/* A sentence: why there is no connection. */
char *kh_call_text_end (KhCallEnd end, KhPunchFailure failure, const char *name);

/* A sentence: what to do about it. */
char *kh_call_text_advice (KhCallEnd end, KhPunchFailure failure, KhRelayState relay,
                           const char *name);

KhNextStep kh_call_text_next (KhCallEnd end, KhPunchFailure failure);

/* What the button says; @wait_s counts for KH_NEXT_WAIT: 0 when it is over. */
char *kh_call_text_next_label (KhNextStep next, gint64 wait_s);

/* Of an attempt, whatever its state: how it stands or what came of it. */
char *kh_call_text_outcome (KhAttempt *attempt, const char *name);

/* A sentence: why a channel that stood is gone. */
char *kh_call_text_link_end (KhLinkEnd end, const char *name);

/* "420 ms", "2.4 s", "12 s", "2 min" */
char *kh_call_text_duration (gint64 ms);
