/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * timeline-item-private.h - an item from inside, for the files of the timeline.
 *
 * The timeline changes fields, then calls changed() in its own time.
 */
#pragma once

#include "core/live-transfer.h"
#include "core/rate-meter.h"
#include "core/timeline-item.h"

/* What one item of a conversation is known by. */
typedef struct
{
  KhTimelineKind kind;
  gboolean outgoing;
  KhItemId id;
} KhTimelineKey;

guint kh_timeline_key_hash (gconstpointer key);
gboolean kh_timeline_key_equal (gconstpointer one, gconstpointer other);

/* Notes have no id of their own. */
KhTimelineKey kh_timeline_note_key (gint64 position);

struct _KhTimelineItem
{
  GObject parent_instance;

  /* Owned */
  char *text;
  KhTransferInfo *info;
  KhTransferInfo *next; /* takes the place of @info with "changed" */
  char *file;

  /* State */
  KhTimelineKey key;
  KhPeerId peer;
  gint64 position;
  gint64 at_ms;
  KhMessageState message_state;
  KhNoteKind note_kind;
  KhCancelledBy cancelled_by;
  KhRateMeter meter;
  bool waits;
  bool over_quota;
  bool connected;
  bool unstored; /* of ours, and not on the disk yet: behind all that is */
  bool dirty;    /* "changed" is to be emitted */
};

KhTimelineItem *kh_timeline_item_new (const KhPeerId *peer, const KhTimelineKey *key);

/* Takes @info, which shows with the next "changed"; at once where there is none yet. */
void kh_timeline_item_take_info (KhTimelineItem *self, KhTransferInfo *info);

/* What will show. */
KhTransferInfo *kh_timeline_item_latest (const KhTimelineItem *self);
void kh_timeline_item_set_file (KhTimelineItem *self, const char *path);

/* Nothing is under way any more. */
void kh_timeline_item_stop (KhTimelineItem *self);

void kh_timeline_item_changed (KhTimelineItem *self);

/* Neither listed, offered nor running any more. */
bool kh_timeline_item_has_ended (const KhTimelineItem *self);
