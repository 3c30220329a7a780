/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * timeline.h - a conversation: messages, transfers and notes, oldest first.
 *
 * new() for one peer; it loads the newest page by itself ("loaded" is emitted once), is a
 * GListModel of KhTimelineItem and follows what happens. load_older() as a person
 * scrolls; load_to() for what a search has found. A conversation of any length opens
 * in the time of one page.
 *
 * Items that are not kept (history is off) are here as long as the object is.
 *
 * Main loop only; the store is read on its own thread.
 */
#pragma once

#include "core/client.h"
#include "core/timeline-item.h"

#define KH_TIMELINE_PAGE 100

#define KH_TYPE_TIMELINE (kh_timeline_get_type ())
G_DECLARE_FINAL_TYPE (KhTimeline, kh_timeline, KH, TIMELINE, GObject)

KhTimeline *kh_timeline_new (KhClient *client, const KhPeerId *peer);

/* The first page is here. */
gboolean kh_timeline_is_loaded (KhTimeline *self);

/* There is more before the first item. Notified as the property "has-older". */
gboolean kh_timeline_has_older (KhTimeline *self);

/* One more page; nothing while one is on its way. */
void kh_timeline_load_older (KhTimeline *self);

/* Until the item at @position is among those loaded. FALSE: there is none such. */
void kh_timeline_load_to_async (KhTimeline *self, gint64 position,
                                GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer data);
gboolean kh_timeline_load_to_finish (KhTimeline *self, GAsyncResult *result, guint *index,
                                     GError **error);

/* The first item that was unread when the timeline was opened; G_MAXUINT: none. */
guint kh_timeline_get_first_unread (KhTimeline *self);
