/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * punch-side.h - one side of a punch on a virtual clock, for tests.
 *
 * begin() it, then say what it hears and what becomes of its dials; every function
 * also drains the actions, and wait() ticks at each deadline on the way. What was
 * asked for since forget() is in actions.
 *
 * Dials of which nothing is said stay silent. Times are microseconds.
 */
#pragma once

#include "proto/punch.h"

#include <glib.h>

#define SIDE_MS G_GINT64_CONSTANT (1000)
#define SIDE_BEGIN (5000 * SIDE_MS)
#define SIDE_RTT (80 * SIDE_MS)

/* No instant asks for more than this: what opens a round, for each pair the quick
 * refusals, and a batch of a spray. */
#define SIDE_MAX_ACTIONS                                                                 \
  (10 + KH_PUNCH_PAIRS * (KH_PUNCH_QUICK_REFUSALS + 2)                                   \
   + KH_SPRAY_TARGETS / KH_SPRAY_BATCHES)

/* What a whole attempt may ask for. */
#define SIDE_REMEMBERED (KH_PUNCH_MAX_SYNS + 100)

/* One side and what it has asked for since forget(). */
typedef struct
{
  KhPunch punch;
  gint64 now_us;
  KhPunchAction actions[SIDE_REMEMBERED];
  guint n_actions;
} Side;

void side_begin (Side *side, gboolean caller);

/* Both have agreed already. */
void side_begin_as (Side *side, const KhPunchSetup *setup, gboolean may_relay);

/* A callee whose first pair has just dialled; nothing remembered. */
void side_begin_dialling (Side *side);
void side_begin_round (Side *side, guint round);

/* 203.0.113.@last and a port of @pair. */
KhEndpoint side_endpoint (guint last, guint pair);

/* What the server says. */
void side_accept_call (Side *side);
void side_tell (Side *side, guint pair); /* both endpoints */
void side_tell_all (Side *side);
void side_tell_one (Side *side, guint index, const KhEndpoint *own,
                    const KhEndpoint *peer); /* NULL for neither */
/* All that shows what the two routers do; the own one is at 203.0.113.1, the peer's at
 * 203.0.113.2. */
void side_tell_routers (Side *side, KhForecastKind own, KhForecastKind peer);
void side_tell_lan (Side *side, const KhEndpoint *peer, gboolean on_link);
void side_hear_go (Side *side);
void side_hear_round (Side *side, guint round);

/* What becomes of the sockets. */
void side_dialled (Side *side, guint pair, KhDialResult result);
void side_sprayed (Side *side, guint number, KhDialResult result);
void side_come_up (Side *side, guint pair);
void side_go_down (Side *side, guint pair, gboolean stranger);

void side_authenticate (Side *side, KhPathKind kind);

void side_drain (Side *side);
void side_forget (Side *side);
guint side_count (const Side *side, KhPunchActionKind kind);
guint side_count_dials (const Side *side, guint pair);

/* Time passes, with a tick at every deadline on the way. */
void side_wait_until (Side *side, gint64 at_us);
void side_wait (Side *side, gint64 us);
