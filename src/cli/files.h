/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * files.h - prints what happens to transfers: one bar for each, and how it ended.
 *
 * Give it every event; expect() what this side has just begun to send. It keeps a few
 * numbers for each transfer that is on its way, and none for a file. Main loop only.
 */
#pragma once

#include "cli/output.h"
#include "core/client.h"

/* A bar is drawn, and a JSON line of progress written, at most ten times a second. */
#define KH_FILES_DRAW_US G_GINT64_CONSTANT (100000)

/* Without a terminal a line says so often how far a transfer is. */
#define KH_FILES_LOG_US G_GINT64_CONSTANT (5000000)

/* Failed files of one transfer that are named; more would hide everything else. */
#define KH_FILES_NAMED 20

typedef struct _KhFiles KhFiles;

/* Both are borrowed. */
KhFiles *kh_files_new (KhOutput *output, KhClient *client);
void kh_files_free (KhFiles *self);

/* @path: the first of @n_paths; the client calls it by that one alone. */
void kh_files_expect (KhFiles *self, const KhPeerId *peer, const KhItemId *item,
                      const char *path, guint n_paths);

/* False where the event is not about a transfer. */
gboolean kh_files_event (KhFiles *self, const KhEvent *event);

/* Warns about each transfer that is still on its way, and takes the bar away: the end of
 * this program has come. */
void kh_files_unfinished (KhFiles *self);
