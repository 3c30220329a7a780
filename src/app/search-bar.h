/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * search-bar.h - looks for words in one conversation and goes from hit to hit.
 *
 * "show-hit" carries the position of the hit to go to, "closed" comes when it closes.
 */
#pragma once

#include "core/client.h"

#include <gtk/gtk.h>

#define KH_TYPE_SEARCH_BAR (kh_search_bar_get_type ())
G_DECLARE_FINAL_TYPE (KhSearchBar, kh_search_bar, KH, SEARCH_BAR, GtkWidget)

GtkWidget *kh_search_bar_new (KhClient *client);

/* Closes it: words are of one conversation. NULL: nobody. */
void kh_search_bar_set_peer (KhSearchBar *self, const KhPeerId *peer);

void kh_search_bar_open (KhSearchBar *self);
void kh_search_bar_close (KhSearchBar *self);
gboolean kh_search_bar_is_open (KhSearchBar *self);
