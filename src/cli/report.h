/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * report.h - prints what happens, the same way for every command.
 *
 * Give it every event. Events whose meaning depends on the command (a call that ended,
 * a pong, a delivery) are printed here only as JSON; the command says the rest. What
 * happens to transfers is printed by files.h.
 */
#pragma once

#include "cli/output.h"
#include "core/client.h"

typedef struct _KhReport KhReport;

/* Both are borrowed. */
KhReport *kh_report_new (KhOutput *output, KhClient *client);
void kh_report_free (KhReport *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KhReport, kh_report_free)

/* Says who comes and goes, also without JSON. */
void kh_report_show_peers (KhReport *self, gboolean show);

/* This side has just begun to send this: @path and the rest of @n_paths. */
void kh_report_expect (KhReport *self, const KhPeerId *peer, const KhItemId *item,
                       const char *path, guint n_paths);

void kh_report_event (KhReport *self, const KhEvent *event);

/* Warns about each transfer that is still on its way, and takes the bar away: the end has
 * come. */
void kh_report_unfinished (KhReport *self);
