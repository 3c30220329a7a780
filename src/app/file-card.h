/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * file-card.h - one transfer in the timeline: what it is, how far, what can be done.
 *
 * Serves both directions and all phases; an offer that waits is answered on it. Rows are
 * recycled: set_item() with another item, or NULL.
 */
#pragma once

#include "core/client.h"
#include "core/timeline-item.h"

#include <gtk/gtk.h>

#define KH_TYPE_FILE_CARD (kh_file_card_get_type ())
G_DECLARE_FINAL_TYPE (KhFileCard, kh_file_card, KH, FILE_CARD, GtkWidget)

GtkWidget *kh_file_card_new (KhClient *client);
void kh_file_card_set_item (KhFileCard *self, KhTimelineItem *item);
