/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * timelines.h - which conversations are in memory.
 *
 * The one that is shown; and while history is off every one in which something may be
 * said: there is no other place where it is kept.
 */
#pragma once

#include "core/timeline.h"

typedef struct _KhTimelines KhTimelines;

KhTimelines *kh_timelines_new (KhClient *client);
void kh_timelines_free (KhTimelines *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KhTimelines, kh_timelines_free)

/* Borrowed; the one that was shown before may go. NULL: none is shown. */
KhTimeline *kh_timelines_show (KhTimelines *self, const KhPeerId *peer);
