/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * transfer-reason.h - why a file or a transfer failed, and what a person can do.
 *
 * Pure functions; texts are translated, and freed by the caller. A status of a later
 * version has words, too.
 */
#pragma once

#include "core/types.h"

/* A sentence without a full stop. @peer: how the other side is called. */
char *kh_transfer_reason_text (KhFrameStatus status, gboolean outgoing, const char *peer);

/* A sentence; NULL where nothing can be done. */
char *kh_transfer_reason_advice (KhFrameStatus status, gboolean outgoing,
                                 gboolean can_retry, const char *peer);

/* Of one file in a list, in a few words: "not readable at the sender". */
const char *kh_transfer_reason_short (KhFrameStatus status);
