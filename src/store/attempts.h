/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attempts.h - reports of what was done to reach a peer.
 *
 * add() one when it has ended, list() the newest. What is in a report is its maker's
 * business.
 */
#pragma once

#include "store/store.h"

/* Of one report, bytes: 64 candidates with their endpoints fit four times. */
#define KH_ATTEMPTS_REPORT_MAX (64 * 1024)

typedef struct
{
  gint64 seq;
  gint64 at_ms;
  GBytes *report;
} KhStoredAttempt;

void kh_stored_attempt_free (KhStoredAttempt *attempt);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KhStoredAttempt, kh_stored_attempt_free)

/* Only the newest @n_kept of this peer stay. KH_STORE_ERROR_INVALID for a report that is
 * longer than KH_ATTEMPTS_REPORT_MAX. */
gboolean kh_attempts_add (KhStore *store, const guint8 peer[KH_ID_LEN], gint64 at_ms,
                          GBytes *report, guint n_kept, GError **error);

/* At most @limit KhStoredAttempt, newest first, in an array that frees its elements; NULL
 * is an error. */
GPtrArray *kh_attempts_list (KhStore *store, const guint8 peer[KH_ID_LEN], guint limit,
                             GError **error);
