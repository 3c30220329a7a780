/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * outcome.h - how transfers stand and how they ended, in words.
 *
 * Pure functions from values to text, as in text.h; what comes back is freed by the
 * caller, except where it is const. Names that are given must be clean.
 */
#pragma once

#include "cli/status.h"
#include "core/types.h"

/* As much of a transfer's id as a person has to type. */
#define KH_OUTCOME_SHORT_ID_LEN 8

/* Why a file, or a whole transfer, failed. */
const char *kh_outcome_reason (KhFrameStatus status);

/* What became of it, of KH_EVENT_TRANSFER_ENDED. */
char *kh_outcome_ended (const KhEvent *event);

/* Why one failed or was cancelled: "the receiver's disk is full", "3 of 100 files
 * failed". NULL of any other. */
char *kh_outcome_why (const KhTransferInfo *info);

KhStatus kh_outcome_status (KhTransferEnd end);

/* "photos (1,234 files, 5.0 GB in 12 s, 417.0 MB/s)", of KH_EVENT_DONE. */
char *kh_outcome_done (const KhEvent *event, const char *name);

/* Of KH_EVENT_DONE: the receiver left out everything. */
gboolean kh_outcome_is_nothing (const KhEvent *event);

/* Who did something: @name, or "the other side" where that is NULL or empty. An id says
 * nothing to a person here. */
char *kh_outcome_peer (const char *name);

/* "paused by Bob"; NULL where it is not. */
char *kh_outcome_describe_pause (gboolean here, gboolean there, const char *peer);

/* How one stands of which nobody knows whether it is on its way just now. */
char *kh_outcome_state (const KhTransferInfo *info, const char *peer);

/* The words of the contract: "running", "both". */
const char *kh_outcome_phase (KhTransferPhase phase);
const char *kh_outcome_paused (gboolean here, gboolean there);

char *kh_outcome_short_id (const KhItemId *id);
