/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * timeline-item.h - one thing in a conversation: a message, a transfer or a note.
 *
 * They come from a KhTimeline (timeline.h). "changed" says that anything below is
 * another now; of a transfer under way at most ten times a second.
 *
 * Main loop only. Sizes are bytes, times Unix milliseconds.
 */
#pragma once

#include "core/types.h"

#include <gio/gio.h>

typedef enum
{
  KH_ITEM_MESSAGE,
  KH_ITEM_TRANSFER,
  KH_ITEM_NOTE,
} KhTimelineKind;

typedef enum
{
  KH_MESSAGE_WAITING,   /* kept here; the peer has not been reached */
  KH_MESSAGE_SENT,      /* went out over the channel that stands */
  KH_MESSAGE_DELIVERED, /* the other side has it on disk */
  KH_MESSAGE_RECEIVED,  /* incoming */
  KH_MESSAGE_FAILED,    /* could not be stored here, as where the disk is full: it goes
                           nowhere until kh_client_send_again() */
} KhMessageState;

/* Kept ones say what a person should know later. */
typedef enum
{
  KH_NOTE_RENAMED, /* text: what the peer called itself before, a newline, the new name */
  KH_NOTE_VERIFIED, /* by the person here */
  KH_NOTE_UNVERIFIED,
} KhNoteKind;

/* Who cancelled a transfer. */
typedef enum
{
  KH_CANCELLED_BY_UNKNOWN, /* in another run */
  KH_CANCELLED_HERE,
  KH_CANCELLED_THERE,
} KhCancelledBy;

/* How fast a transfer goes, of those under way. */
typedef struct
{
  guint64 rate;     /* bytes a second over the last seconds; 0: nothing moves */
  gint64 left_ms;   /* -1: can't be said */
  const char *file; /* path of the one under way; NULL: none. Not for keeping */
} KhTransferSpeed;

#define KH_TYPE_TIMELINE_ITEM (kh_timeline_item_get_type ())
G_DECLARE_FINAL_TYPE (KhTimelineItem, kh_timeline_item, KH, TIMELINE_ITEM, GObject)

KhTimelineKind kh_timeline_item_get_kind (KhTimelineItem *self);
const KhPeerId *kh_timeline_item_get_peer (KhTimelineItem *self);
const KhItemId *kh_timeline_item_get_id (KhTimelineItem *self);

/* Its place in the conversation: grows; 0 where it is not kept. */
gint64 kh_timeline_item_get_position (KhTimelineItem *self);

/* When it was stored here: items are in this order. */
gint64 kh_timeline_item_get_at_ms (KhTimelineItem *self);

gboolean kh_timeline_item_is_outgoing (KhTimelineItem *self);

/* Of a message or a note; of a transfer NULL. */
const char *kh_timeline_item_get_text (KhTimelineItem *self);
KhMessageState kh_timeline_item_get_message_state (KhTimelineItem *self);
KhNoteKind kh_timeline_item_get_note_kind (KhTimelineItem *self);

/* Of a transfer; valid until "changed". */
const KhTransferInfo *kh_timeline_item_get_transfer (KhTimelineItem *self);
KhTransferSpeed kh_timeline_item_get_speed (KhTimelineItem *self);

/* Of one that was cancelled, as far as it was told in this run. */
KhCancelledBy kh_timeline_item_get_cancelled_by (KhTimelineItem *self);

/* An offer that waits for this person's answer. @over_quota: it would be taken unasked,
 * but for its size. */
gboolean kh_timeline_item_waits_for_answer (KhTimelineItem *self, gboolean *over_quota);

/* The peer of a transfer under way is connected. */
gboolean kh_timeline_item_is_connected (KhTimelineItem *self);
