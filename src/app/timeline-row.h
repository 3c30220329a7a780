/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * timeline-row.h - a row of the log: a message, a file card or a note, and what stands
 * above it: a new day, the mark of what is unread.
 *
 * Rows are used again for items of the same kind: bind() sets everything, unbind() lets
 * go of the item. A row of a message has the actions "message.copy",
 * "message.take-back", "message.send-again" and "message.unfold", and a menu of them.
 */
#pragma once

#include "app/message-row.h"
#include "core/client.h"

typedef struct
{
  KhMessageRowLook message;
  const char *note; /* a line above everything, or NULL */
  const char *day;  /* NULL: the same as above */
  gboolean begins_unread;
  const char *spoken;
} KhTimelineRowLook;

#define KH_TYPE_TIMELINE_ROW (kh_timeline_row_get_type ())
G_DECLARE_FINAL_TYPE (KhTimelineRow, kh_timeline_row, KH, TIMELINE_ROW, GtkWidget)

/* Emits "unfold" when a long message is to be shown in full, and "item-changed". */
GtkWidget *kh_timeline_row_new (KhClient *client, KhTimelineKind kind);

void kh_timeline_row_bind (KhTimelineRow *self, KhTimelineItem *item,
                           const KhTimelineRowLook *look);
void kh_timeline_row_unbind (KhTimelineRow *self);

/* NULL where it is bound to none. */
KhTimelineItem *kh_timeline_row_get_item (KhTimelineRow *self);

/* Lights up for a moment. */
void kh_timeline_row_flash (KhTimelineRow *self);
