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
};

/* Sets what SQLite's @result on the database at @path means, with the system's
 * reason where there is one. Returns FALSE. */
gboolean kh_store_set_sqlite_error (GError **error, sqlite3 *db, int result,
                                    const char *path);
