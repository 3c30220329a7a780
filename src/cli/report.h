/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * report.h - prints what happens, the same way for every command.
 *
 * Give it every event. Events whose meaning depends on the command (a call that ended,
 * a pong, a delivery) are printed here only as JSON; the command says the rest.
 */
#pragma once

#include "cli/output.h"
#include "core/types.h"

/* A bar is drawn, and a JSON line of progress written, at most ten times a second. */
#define KH_REPORT_DRAW_US G_GINT64_CONSTANT (100000)

/* Without a terminal a line says so often how far a file is. */
#define KH_REPORT_LOG_US G_GINT64_CONSTANT (5000000)

typedef struct _KhReport KhReport;

/* @output is borrowed. */
KhReport *kh_report_new (KhOutput *output, const KhPeerId *own_id);
void kh_report_free (KhReport *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KhReport, kh_report_free)

/* Says who comes and goes, also without JSON. */
void kh_report_show_peers (KhReport *self, gboolean show);

void kh_report_event (KhReport *self, const KhEvent *event);

/* Warns about each file that is still on its way here, and takes the bar away: the end
 * has come. */
void kh_report_unfinished (KhReport *self);
