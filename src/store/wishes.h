/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * wishes.h - what another process wants of transfers, for whoever holds the folder.
 *
 * A process that does not hold the data folder opens the store with
 * open_for_wishes(), add()s, and closes it; the holder is woken by other means and
 * take()s them all. has() tells whether one is still waiting.
 */
#pragma once

#include "store/store.h"

typedef enum
{
  KH_WISH_PAUSE = 1,
  KH_WISH_RESUME = 2,
  KH_WISH_CANCEL = 3,
  KH_WISH_CANCEL_DISCARD = 4, /* and delete what has arrived */
  KH_WISH_RETRY = 5,
  KH_WISH_FIRST = 6, /* to the head of the queue */
} KhWishKind;

typedef struct
{
  gint64 seq;
  KhWishKind kind;
  gint64 transfer; /* its seq */
} KhWish;

/* For a folder that another process holds and whose database has the newest schema: it
 * waits for that as kh_store_open_for_reading() does. Only reading, add() and has() work;
 * the rest fails with KH_STORE_ERROR_READ_ONLY. */
KhStore *kh_store_open_for_wishes (const char *folder, GError **error);

gboolean kh_wishes_add (KhStore *store, KhWishKind kind, gint64 transfer, gint64 *seq,
                        GError **error);
gboolean kh_wishes_has (KhStore *store, gint64 seq, gboolean *waiting, GError **error);

/* All that wait, in order, and removes them. Array of KhWish; NULL is an error. */
GArray *kh_wishes_take (KhStore *store, GError **error);
