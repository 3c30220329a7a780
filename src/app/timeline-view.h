/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * timeline-view.h - the scrolling log of a conversation.
 *
 * It stays at the end while it is there, loads older pages as one scrolls up, draws day
 * separators and the mark of what is unread.
 */
#pragma once

#include "core/person.h"
#include "core/timeline.h"

#include <gtk/gtk.h>

#define KH_TYPE_TIMELINE_VIEW (kh_timeline_view_get_type ())
G_DECLARE_FINAL_TYPE (KhTimelineView, kh_timeline_view, KH, TIMELINE_VIEW, GtkWidget)

GtkWidget *kh_timeline_view_new (KhClient *client);

/* @person: whom @timeline is with. Both NULL: nobody. */
void kh_timeline_view_set_timeline (KhTimelineView *self, KhTimeline *timeline,
                                    KhPerson *person);

/* Loads what is needed, goes there and lights it up for a moment. */
void kh_timeline_view_show_item (KhTimelineView *self, gint64 position);

/* The keyboard to the row that had it, else the last one. FALSE where there is nothing to
 * read. */
gboolean kh_timeline_view_focus (KhTimelineView *self);
