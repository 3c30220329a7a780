/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * entry-list.h - the files and folders of a transfer as a list, which grows as one
 * scrolls.
 *
 * A GListModel of KhEntryItem. The first page is read at once, each further one when an
 * item near the end is asked for, so that a tree of any size opens in the time of a page.
 * Tell with item_set_shown() which ones are on the screen: refresh() reads those again.
 *
 * "loaded" is emitted after each page. Main loop only.
 */
#pragma once

#include "core/client.h"

/* Entries read at a time: some screens full. */
#define KH_ENTRY_LIST_PAGE 256

#define KH_TYPE_ENTRY_ITEM (kh_entry_item_get_type ())
G_DECLARE_FINAL_TYPE (KhEntryItem, kh_entry_item, KH, ENTRY_ITEM, GObject)

/* Valid until "changed". */
const KhEntryInfo *kh_entry_item_get_info (KhEntryItem *self);
void kh_entry_item_set_shown (KhEntryItem *self, gboolean shown);

#define KH_TYPE_ENTRY_LIST (kh_entry_list_get_type ())
G_DECLARE_FINAL_TYPE (KhEntryList, kh_entry_list, KH, ENTRY_LIST, GObject)

KhEntryList *kh_entry_list_new (KhClient *client, const KhPeerId *peer,
                                const KhItemId *transfer);

/* What is on the screen may have changed. */
void kh_entry_list_refresh (KhEntryList *self);

/* Nothing comes after the last item. */
gboolean kh_entry_list_is_complete (KhEntryList *self);
