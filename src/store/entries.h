/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * entries.h - the files and folders of a transfer, and what became of each.
 *
 * add() them in the order of the tree, many at a time. Then range() or pending() page
 * through them; done(), failed() and select() say what became of them, and keep the
 * counts of their transfer (transfers.h) right. A tree may have 262,144 entries, so
 * none of it is ever wholly in memory.
 *
 * The place of an entry is a path of this computer: of an outgoing entry of depth 0
 * where it is read from; of an incoming one where it is, below the transfer's folder,
 * where that is not simply its name. Names are bytes without NUL and slash.
 *
 * received_ is which files came from whom: what is there already is only looked for
 * among these.
 *
 * Sizes are bytes. Source: src/PROTOCOL.md, sections 5 and 6.1.
 */
#pragma once

#include "proto/tree.h"
#include "store/transfers.h"

typedef enum
{
  KH_ENTRY_PENDING = 0,
  KH_ENTRY_DONE = 1,
  KH_ENTRY_THERE = 2, /* was there before and, of a file, is the same */
  KH_ENTRY_FAILED = 3,
  KH_ENTRY_LEFT_OUT = 4,
} KhEntryState;

/* What add() takes. Borrowed pointers. */
typedef struct
{
  guint32 entry;  /* its number in the tree, from 0 */
  guint32 parent; /* the folder's number, KH_TREE_NONE at depth 0 */
  guint8 kind;    /* KhTreeKind */
  guint8 depth;
  guint16 mode;
  guint64 size;
  guint64 modified_ms;
  const char *name;
  gsize name_len;
  const char *place; /* NULL: none */
} KhNewEntry;

/* What is read back. */
typedef struct
{
  guint32 entry;
  guint32 parent;
  guint8 kind;
  guint8 depth;
  guint16 mode;
  KhEntryState state;
  guint8 status; /* KhFrameStatus of one that failed */
  guint64 size;
  guint64 modified_ms;
  char *name;
  char *place;      /* NULL: none */
  char *root_place; /* of the entry of depth 0 that it is in; its own at depth 0 */
  char *path;       /* names from the entry of depth 0 down to its own, with slashes */
} KhStoredEntry;

void kh_stored_entry_free (KhStoredEntry *entry);

/* Adds @n entries, or none, to a transfer that is LISTING: KH_STORE_ERROR_NOT_FOUND
 * otherwise, _EXISTS for a number that was added before, _INVALID for what can't be in a
 * tree. */
gboolean kh_entries_add (KhStore *store, gint64 transfer, const KhNewEntry *entries,
                         guint n, GError **error);

/* Forgets all, for a list that begins again: the transfer is LISTING. */
gboolean kh_entries_clear (KhStore *store, gint64 transfer, GError **error);

/* Arrays of KhStoredEntry that free their elements, in the order of the tree, from @first
 * on; at most @limit and about @path_bytes of paths, but at least one. NULL is an
 * error, an empty one the end. pending(): only those in that state. range(): any. */
GPtrArray *kh_entries_pending (KhStore *store, gint64 transfer, guint32 first,
                               guint limit, gsize path_bytes, GError **error);
GPtrArray *kh_entries_range (KhStore *store, gint64 transfer, guint32 first, guint limit,
                             gsize path_bytes, GError **error);

/* Only those of depth 0. */
GPtrArray *kh_entries_roots (KhStore *store, gint64 transfer, guint32 first, guint limit,
                             GError **error);

/* Each of these, but set_place(), is KH_STORE_ERROR_NOT_FOUND when the transfer is final.
 * Of one entry it is so when that is not there or not as the comment says. */

/* Of the @n entries from @first on, those that are pending have @state: DONE or THERE. */
gboolean kh_entries_set_done (KhStore *store, gint64 transfer, guint32 first, guint32 n,
                              KhEntryState state, GError **error);

/* One that is pending becomes FAILED. */
gboolean kh_entries_set_failed (KhStore *store, gint64 transfer, guint32 entry,
                                guint8 status, GError **error);
/* In any state. NULL: none. */
gboolean kh_entries_set_place (KhStore *store, gint64 transfer, guint32 entry,
                               const char *place, GError **error);

/* Of a file that is pending and whose source has changed; what the transfer wants
 * follows. */
gboolean kh_entries_set_size (KhStore *store, gint64 transfer, guint32 entry,
                              guint64 size, guint64 modified_ms, GError **error);

/* Whether an entry is wanted; @path as in KhStoredEntry. */
typedef gboolean (*KhEntryFilter) (const char *path, guint8 kind, gpointer data);

/* Leaves out what is pending and @wanted refuses, and sets what the transfer wants. */
gboolean kh_entries_select (KhStore *store, gint64 transfer, KhEntryFilter wanted,
                            gpointer data, GError **error);

/* Notes that the file, or folder with a size that no file has, at @path (absolute) came
 * from @peer. */
gboolean kh_received_add (KhStore *store, const guint8 peer[KH_ID_LEN], const char *path,
                          guint64 size, guint64 modified_ms, GError **error);

/* @known: one of that size and time did. */
gboolean kh_received_has (KhStore *store, const guint8 peer[KH_ID_LEN], const char *path,
                          guint64 size, guint64 modified_ms, gboolean *known,
                          GError **error);

/* Of files that were to be at @path, which was taken, and are noted where they are: that
 * there is one of that size and time. Any number of others may be so too. */
gboolean kh_received_add_elsewhere (KhStore *store, const guint8 peer[KH_ID_LEN],
                                    const char *path, guint64 size, guint64 modified_ms,
                                    GError **error);
gboolean kh_received_has_elsewhere (KhStore *store, const guint8 peer[KH_ID_LEN],
                                    const char *path, guint64 size, guint64 modified_ms,
                                    gboolean *known, GError **error);
