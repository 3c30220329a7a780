/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * wish-box.h - hears what another process wants of this client's transfers.
 *
 * start() watches a file in the data folder; whoever has put a wish into the store
 * (store/wishes.h) touches it with knock(). What waits is carried out at the start too.
 */
#pragma once

#include <gio/gio.h>

struct _KhClient;

typedef struct _KhWishBox KhWishBox;

KhWishBox *kh_wish_box_start (struct _KhClient *client, const char *data_dir);
void kh_wish_box_stop (KhWishBox *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KhWishBox, kh_wish_box_stop)

void kh_wish_box_knock (const char *data_dir);
