/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * text.h - the sentences that knothole-cli says.
 *
 * Pure functions from values to text: nothing here prints or keeps anything. What
 * comes back is freed by the caller, except where it is const. Names, file names and
 * messages are a stranger's bytes: whatever of them goes into a sentence has been
 * through clean().
 *
 * Sizes are bytes, shown in powers of 1000.
 */
#pragma once

#include "cli/status.h"
#include "core/types.h"

/* @text without anything that could move the cursor, change colours or reorder what
 * stands around it: valid UTF-8 in one line, strange characters replaced. */
char *kh_text_clean (const char *text);

/* The same for a message: its further lines are indented, so that none of them can
 * pass for a line of this program. */
char *kh_text_message (const char *text);

/* What to call the event's peer: its name, else the beginning of its id. */
char *kh_text_name (const KhEvent *event);

char *kh_text_size (guint64 bytes);
char *kh_text_duration (gint64 seconds);

/* The word of the contract: "punched". */
const char *kh_text_path (KhPathKind path);

/* One of the eight steps, from this side's view. */
char *kh_text_step (const KhEvent *event);

char *kh_text_connected (const KhEvent *event);
const char *kh_text_link_end (KhLinkEnd end);

/* Why there is no channel, and what the person can do, of KH_EVENT_CALL_ENDED. */
char *kh_text_call_ended (const KhEvent *event);
KhStatus kh_text_call_status (KhCallEnd end);

/* "1,234" */
char *kh_text_number (guint n);

/* "1 file", "1,234 files" */
char *kh_text_count (guint n, const char *one, const char *several);
