/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * schema.h - the tables of the database and how they came to be.
 *
 * Step N of kh_schema_steps turns schema N-1 into schema N; a step that has been
 * released never changes again. migrate() runs the missing ones, each in its own
 * transaction, so that a killed process leaves a whole schema behind.
 *
 * PRAGMA user_version holds the number of the schema, PRAGMA application_id says
 * that the file is ours.
 */
#pragma once

#include "store/store-error.h"

#include <sqlite3.h>

/* "knot". */
#define KH_SCHEMA_APPLICATION_ID 0x6b6e6f74

#define KH_SCHEMA_NEWEST 3

extern const char *const kh_schema_steps[KH_SCHEMA_NEWEST];

/* The schema of @db, 0 where nothing has been made yet. A file of another program,
 * damage and a schema newer than @newest are errors. */
gboolean kh_schema_check (sqlite3 *db, const char *path, guint newest, guint *version,
                          GError **error);

/* Brings @db from schema @version to schema @n_steps. */
gboolean kh_schema_migrate (sqlite3 *db, const char *path, guint version,
                            const char *const *steps, guint n_steps, GError **error);
