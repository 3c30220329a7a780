/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * store-private.h - what the files of this room share of a store.
 */
#pragma once

#include "store/store.h"

#include <sqlite3.h>

struct _KhStore
{
  /* Owned */
  char *path;
  sqlite3 *db;
  GHashTable *statements; /* SQL, by its address, to sqlite3_stmt */

  /* State */
  gint64 last_message; /* seq: the place of a deleted one is not given again */
  gboolean empty_log;  /* after the next commit */
  gboolean rewrite;    /* after the next commit */
  gboolean failed;     /* to rewrite: at the end it is tried again */
  gboolean remains;    /* texts that are not kept were dropped since the last rewrite */
};

/* Sets what SQLite's @result on the database at @path means, with the system's
 * reason where there is one. Returns FALSE. */
gboolean kh_store_set_sqlite_error (GError **error, sqlite3 *db, int result,
                                    const char *path);

/* After something was deleted: with the end of the change or batch it goes out of the
 * files. The database is written anew for that, because secure_delete does not reach the
 * copies that SQLite leaves in the free part of a page when it moves rows to another. */
void kh_store_wipe (KhStore *self);

/* Around a change that takes several statements: a batch of its own, unless one is
 * open already. end() commits where @good, otherwise rolls back; it returns whether
 * all went well. */
gboolean kh_store_change_begin (KhStore *self, gboolean *own, GError **error);
gboolean kh_store_change_end (KhStore *self, gboolean own, gboolean good, GError **error);

/* SQL: of a transfer that is not final. The words of the index. */
#define KH_STORE_TRANSFER_OPEN "state IN (0, 1, 6)"

/* Sets KH_STORE_ERROR_INVALID unless it is a size that a file can have. */
gboolean kh_store_check_size (guint64 size, GError **error);

/* For a change of @n_changed rows that was to change some: sets KH_STORE_ERROR_NOT_FOUND
 * where there were none. */
gboolean kh_store_check_found (gint64 n_changed, const char *message, GError **error);
