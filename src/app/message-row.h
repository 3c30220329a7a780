/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * message-row.h - one message as a bubble, with time and mark.
 *
 * Rows are used again: show() sets everything. It is the content of a KhTimelineRow.
 */
#pragma once

#include "app/message-look.h"

#include <gtk/gtk.h>

typedef struct
{
  gboolean joins_before; /* of one group with the one above */
  gboolean joins_after;
  gboolean tells_waiting;
  gboolean unfolded; /* a long one is shown in full */
  KhMessageReach reach;
  const char *name;
} KhMessageRowLook;

#define KH_TYPE_MESSAGE_ROW (kh_message_row_get_type ())
G_DECLARE_FINAL_TYPE (KhMessageRow, kh_message_row, KH, MESSAGE_ROW, GtkWidget)

GtkWidget *kh_message_row_new (void);

void kh_message_row_show (KhMessageRow *self, KhTimelineItem *item,
                          const KhMessageRowLook *look);
