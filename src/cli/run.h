/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * run.h - what every command that goes online has in common.
 *
 * Fill in a KhErrand and kh_run() it: it opens the client, goes online, reaches the
 * peer where the errand has one, prints what happens, answers requests, reads standard
 * input, and ends in good order on Ctrl-C. It returns the exit status.
 *
 * An errand ends itself with kh_run_end() or kh_run_fail(); after that none of its
 * functions is called any more. Main loop only.
 */
#pragma once

#include "cli/lines.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/questions.h"
#include "cli/report.h"
#include "core/client.h"

/* Messages that were sent and not delivered; above it no more input is read. */
#define KH_RUN_MOST_UNDELIVERED 64

typedef struct _KhRun KhRun;

typedef struct
{
  const char *peer; /* whom to reach, as typed; NULL: nobody */
  KhConsent consent;
  const char *save_to;
  const char *const *only; /* these three as in KhClientOptions */
  guint64 quota;
  KhResume resume;
  gboolean stays; /* has no end of its own: --timeout does not count */
  gboolean needs_no_room;
  const char *lost; /* said when the server is, which ends it; NULL: it waits */

  /* Each may be NULL, except stopped. */
  void (*ready) (KhRun *run);     /* online, and the list of peers is complete; once */
  void (*connected) (KhRun *run); /* to the peer; again after every new channel */
  void (*event) (KhRun *run, const KhEvent *event);
  void (*line) (KhRun *run,
                const char *line); /* see kh_run_want_lines(); NULL: the end */

  /* Ended by the person, after ready() or connected(): says what was done and what was
   * not, and returns the exit status. Must not end the run itself. */
  KhStatus (*stopped) (KhRun *run);
} KhErrand;

struct _KhRun
{
  /* Borrowed */
  const KhOptions *options;
  const KhErrand *errand;
  gpointer data; /* the errand's own */
  /* Owned */
  KhClient *client;
  GMainLoop *loop;
  KhOutput *output;
  KhReport *report;
  KhQuestions *questions;
  KhLines *lines;
  guint timeout;
  /* State */
  KhStatus status;
  KhPeerId peer;
  gboolean has_peer; /* @peer is known */
  gboolean keep;     /* becomes a contact once connected */
  gboolean is_online;
  gboolean was_online;
  gboolean is_ready;
  gboolean is_asked; /* the person at the peer is */
  gboolean is_connected;
  gboolean was_connected;
  gboolean want_lines;
  gboolean is_ending;
};

/* @data is for the errand's functions. */
KhStatus kh_run (const KhOptions *options, const KhErrand *errand, gpointer data);

void kh_run_end (KhRun *self, KhStatus status);
void kh_run_fail (KhRun *self, KhStatus status, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/* Whether the errand's line() wants standard input now. Off at first. */
void kh_run_want_lines (KhRun *self, gboolean want);

/* After kh_questions_ask() or _withdraw() from outside. */
void kh_run_update_lines (KhRun *self);

/* Begins to wait for a connection: @timeout_s from the options. */
void kh_run_begin_timeout (KhRun *self);

/* Calls the peer again after the connection was lost. */
void kh_run_call_again (KhRun *self);

gboolean kh_run_is_peer (const KhRun *self, const KhEvent *event);
