/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attempts.h - attempts to connect in any state, for tests without a network.
 */
#pragma once

#include "core/attempt.h"

KhEndpoint endpoint (const char *text);

/* At @state, not a final one, with the first @n_steps steps done and, from the sixth on,
 * three candidates. */
KhAttempt *attempt_new (KhAttemptState state, gboolean caller, guint n_steps);

KhAttempt *attempt_new_connected (const char *remote);

/* The same by a path of @kind. */
KhAttempt *attempt_new_connected_by (KhPathKind kind, const char *remote);
KhAttempt *attempt_new_failed (KhCallEnd end, KhPunchFailure failure);
KhAttempt *attempt_new_failed_with_wait (gint64 wait_ms);
KhAttempt *attempt_new_in_round (guint round);
