/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * report-text.h - an attempt to connect as text: its parts to be read here, and all of
 * it to be given away.
 *
 * In what is given away no address stands: each has a placeholder, the same one wherever
 * it occurs, and a list at the end says what kind of address it is. Ports stay: that a
 * router keeps, counts up or shuffles them is often the reason of a failure, and without
 * the address they lead nowhere. The peer's name and id are left out too.
 *
 * No widgets. Texts are translated; those returned as char * are the caller's.
 */
#pragma once

#include "core/attempt.h"

/* All of it, to be given away. */
char *kh_report_text_new (KhAttempt *attempt);

/* What kind of way it was: "Through both routers". */
const char *kh_report_text_kind (KhPathKind kind);

/* What came of a candidate, in a few words, and its style class. */
const char *kh_report_text_outcome (KhCandidateOutcome outcome);
const char *kh_report_text_outcome_class (KhCandidateOutcome outcome);

/* The addresses of a step, as they are; NULL: it has none. */
char *kh_report_text_step_ends (const KhAttemptStep *step);

/* From where to where, two lines: "192.168.1.2:4000 …", with the addresses as they are.
 */
char *kh_report_text_way (const KhCandidate *candidate);

/* How often and when: "3 tries, 0.1 s to 2.9 s". */
char *kh_report_text_tries (const KhCandidate *candidate);

/* When it was, in the words of the locale. */
char *kh_report_text_began (KhAttempt *attempt);
