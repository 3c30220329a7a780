/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * timeline-private.h - a timeline from inside: timeline.c is the list and what people ask
 * of it, timeline-pages.c brings what is stored, timeline-follow.c what happens.
 *
 * Everything that happens goes into @arrived and @dirty first; flush() puts it into the
 * list, one change for all of it.
 */
#pragma once

#include "core/link-private.h"
#include "core/news.h"
#include "core/timeline-item-private.h"
#include "core/timeline.h"

/* Rows of one read on the way to a distant item: other work of the store's thread comes
 * in between. */
#define KH_TIMELINE_STRIDE 2000

/* "changed" of what only goes on is emitted no more often. */
#define KH_TIMELINE_PROGRESS_MS 100

struct _KhTimeline
{
  GObject parent_instance;

  /* Owned */
  KhClient *client;
  GPtrArray *items;   /* KhTimelineItem, oldest first */
  GPtrArray *arrived; /* KhTimelineItem: not in the list yet */
  GPtrArray *dirty;   /* KhTimelineItem: "changed" is due */
  GPtrArray *tasks;   /* GTask of load_to() */

  /* Borrowed */
  GHashTable *known; /* KhTimelineKey in KhTimelineItem: @items and @arrived */

  /* State */
  KhPeerId peer;
  gint64 oldest; /* position of the first that was read; G_MAXINT64: none */
  gint64 newest; /* position of the last one that was there at first */
  gint64 read_position;
  guint64 n_read; /* rows of the store, for tests */
  guint flush_source;
  guint tick_source;
  bool flush_soon; /* of flush_source: it does not wait */
  bool loaded;
  bool loading;
  bool has_older;
};

/* timeline.c */
KhTimelineItem *kh_timeline_find (KhTimeline *self, KhTimelineKind kind,
                                  gboolean outgoing, const KhItemId *id);

/* Takes @item, which is not known yet. */
void kh_timeline_add (KhTimeline *self, KhTimelineItem *item);

/* Takes @items, oldest first and older than all that are in the list. */
void kh_timeline_prepend (KhTimeline *self, GPtrArray *items);
void kh_timeline_set_has_older (KhTimeline *self, bool has_older);

/* The newest page is here; nothing where it was before. */
void kh_timeline_set_loaded (KhTimeline *self);

/* @soon: in the next turn of the main loop, else when others have come together. */
void kh_timeline_mark (KhTimeline *self, KhTimelineItem *item, bool soon);
void kh_timeline_schedule (KhTimeline *self, bool soon);
void kh_timeline_flush (KhTimeline *self);
void kh_timeline_remove (KhTimeline *self, KhTimelineItem *item);

/* Removes those that @stays says no of. */
void kh_timeline_filter (KhTimeline *self,
                         bool (*stays) (KhTimeline *self, const KhTimelineItem *item));

/* Answers the tasks that have their item, or never will. */
void kh_timeline_answer_tasks (KhTimeline *self);
void kh_timeline_fail_tasks (KhTimeline *self, const GError *error);

/* timeline-pages.c */

/* Reads @limit more; nothing where it is reading already. */
void kh_timeline_read (KhTimeline *self, guint limit);

/* What has become of a transfer that ended. */
void kh_timeline_reread (KhTimeline *self, const KhTimelineItem *item);

/* timeline-follow.c */
void kh_timeline_follow (KhTimeline *self);

/* Takes over what the transfer of @item, which lives, is now. */
void kh_timeline_refresh (KhTimeline *self, KhTimelineItem *item,
                          const KhLiveTransfer *transfer);
