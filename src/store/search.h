/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * search.h - looking for messages and transfers by what they say.
 *
 * find() gives those that hold every word of a text: a part of a word counts, case does
 * not, and words of one or two characters and scripts without spaces are found as well.
 * Messages that are kept and names of transfers are looked through.
 *
 * Words of three characters and more are looked up in an index, which find() itself
 * brings up to date where the store may be written; others cost a look at every message,
 * newest first, until enough are found.
 */
#pragma once

#include "store/things.h"

/* Of what is looked for, bytes; the rest does not count. */
#define KH_SEARCH_TEXT_MAX 256

typedef struct
{
  gint64 seq;             /* of the thing */
  KhStoredThingKind kind; /* a message or a transfer */
  guint8 peer[KH_ID_LEN];
  KhStoreDirection direction;
  gint64 at_ms; /* as KhStoredThing has it */
  char *text;   /* the message, or the name of the transfer */
} KhStoredHit;

void kh_stored_hit_free (KhStoredHit *hit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KhStoredHit, kh_stored_hit_free)

/* Asked now and then on the thread of find(), which ends early once it is TRUE. */
typedef gboolean (*KhSearchStopped) (gpointer data);

/* At most @limit KhStoredHit with a seq below @before (0 begins), newest first, in an
 * array that frees its elements; NULL is an error. @peer NULL: of all. No words find
 * nothing. @stopped may be NULL; where it was TRUE, what was found so far. */
GPtrArray *kh_search_find (KhStore *store, const guint8 *peer, const char *text,
                           gint64 before, guint limit, KhSearchStopped stopped,
                           gpointer data, GError **error);
