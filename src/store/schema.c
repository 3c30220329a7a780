/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/schema.h"
#include "store/store-private.h"

/* Blobs are checked for their length here, once, so that readers find what they
 * expect. Times are Unix milliseconds, 0 is never. A direction is 0 for incoming
 * and 1 for outgoing.
 *
 * messages: one that is not kept (history off) loses its text once it needs it no
 * more, and only its id stays. state is 0 for queued, 1 for delivered.
 * transfers: state is 0 offered, 1 running, 2 done, 3 declined, 4 cancelled, 5
 * failed. */
static const char step_1[]
    = "CREATE TABLE identity ("
      "  one INTEGER PRIMARY KEY CHECK (one = 1),"
      "  secret_key BLOB NOT NULL CHECK (length (secret_key) = 32),"
      "  public_key BLOB NOT NULL CHECK (length (public_key) = 32),"
      "  made_at_ms INTEGER NOT NULL"
      ") STRICT;"
      "CREATE TABLE settings ("
      "  key TEXT PRIMARY KEY,"
      "  value TEXT NOT NULL"
      ") STRICT, WITHOUT ROWID;"
      "CREATE TABLE server_keys ("
      "  host TEXT NOT NULL,"
      "  port INTEGER NOT NULL,"
      "  public_key BLOB NOT NULL CHECK (length (public_key) = 32),"
      "  seen_at_ms INTEGER NOT NULL,"
      "  PRIMARY KEY (host, port)"
      ") STRICT, WITHOUT ROWID;"
      "CREATE TABLE contacts ("
      "  id BLOB PRIMARY KEY CHECK (length (id) = 32),"
      "  petname TEXT NOT NULL,"
      "  petname_folded TEXT NOT NULL UNIQUE,"
      "  announced_name TEXT NOT NULL,"
      "  announced_name_folded TEXT NOT NULL,"
      "  verified_at_ms INTEGER NOT NULL DEFAULT 0,"
      "  blocked INTEGER NOT NULL DEFAULT 0,"
      "  accepts_calls INTEGER NOT NULL DEFAULT 0,"
      "  accepts_offers INTEGER NOT NULL DEFAULT 0,"
      "  added_at_ms INTEGER NOT NULL,"
      "  last_seen_at_ms INTEGER NOT NULL DEFAULT 0"
      ") STRICT, WITHOUT ROWID;"
      "CREATE TABLE messages ("
      "  seq INTEGER PRIMARY KEY,"
      "  peer BLOB NOT NULL CHECK (length (peer) = 32),"
      "  direction INTEGER NOT NULL CHECK (direction IN (0, 1)),"
      "  id BLOB NOT NULL CHECK (length (id) = 16),"
      "  state INTEGER NOT NULL CHECK (state IN (0, 1)),"
      "  keep INTEGER NOT NULL CHECK (keep IN (0, 1)),"
      "  sent_at_ms INTEGER NOT NULL,"
      "  stored_at_ms INTEGER NOT NULL,"
      "  text TEXT,"
      "  UNIQUE (peer, direction, id),"
      "  CHECK (text IS NOT NULL OR (keep = 0 AND state = 1))"
      ") STRICT;"
      "CREATE INDEX messages_history ON messages (peer, seq) WHERE keep = 1;"
      "CREATE INDEX messages_pending ON messages (peer, seq) WHERE state = 0;"
      "CREATE INDEX messages_only_ids ON messages (stored_at_ms) WHERE text IS NULL;"
      "CREATE TABLE transfers ("
      "  seq INTEGER PRIMARY KEY,"
      "  peer BLOB NOT NULL CHECK (length (peer) = 32),"
      "  direction INTEGER NOT NULL CHECK (direction IN (0, 1)),"
      "  id BLOB NOT NULL CHECK (length (id) = 16),"
      "  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 5),"
      "  name TEXT NOT NULL,"
      "  n_bytes INTEGER NOT NULL CHECK (n_bytes >= 0),"
      "  done_bytes INTEGER NOT NULL DEFAULT 0 CHECK (done_bytes >= 0),"
      "  path TEXT,"
      "  failure TEXT,"
      "  started_at_ms INTEGER NOT NULL,"
      "  ended_at_ms INTEGER NOT NULL DEFAULT 0,"
      "  UNIQUE (peer, direction, id)"
      ") STRICT;"
      "CREATE INDEX transfers_history ON transfers (peer, seq);"
      "CREATE INDEX transfers_open ON transfers (state) WHERE state < 2;";

const char *const kh_schema_steps[KH_SCHEMA_NEWEST] = { step_1 };

static gboolean
read_number (sqlite3 *db, const char *path, const char *sql, gint64 *number,
             GError **error)
{
  sqlite3_stmt *stmt = NULL;
  int result = sqlite3_prepare_v2 (db, sql, -1, &stmt, NULL);
  gboolean good;

  if (result == SQLITE_OK)
    result = sqlite3_step (stmt);
  good = result == SQLITE_ROW;
  if (good)
    *number = sqlite3_column_int64 (stmt, 0);
  else
    kh_store_set_sqlite_error (error, db, result, path);
  sqlite3_finalize (stmt);
  return good;
}

static gboolean
exec (sqlite3 *db, const char *path, const char *sql, GError **error)
{
  int result = sqlite3_exec (db, sql, NULL, NULL, NULL);

  return result == SQLITE_OK || kh_store_set_sqlite_error (error, db, result, path);
}

/* All in one transaction: another process may be making the database just now. */
static gboolean
read_marks (sqlite3 *db, const char *path, gint64 *application_id, gint64 *version,
            gint64 *n_objects, GError **error)
{
  if (!exec (db, path, "BEGIN", error))
    return FALSE;
  if (read_number (db, path, "PRAGMA application_id", application_id, error)
      && read_number (db, path, "PRAGMA user_version", version, error)
      && read_number (db, path, "SELECT count (*) FROM sqlite_schema", n_objects, error))
    return exec (db, path, "COMMIT", error);
  exec (db, path, "ROLLBACK", NULL);
  return FALSE;
}

gboolean
kh_schema_check (sqlite3 *db, const char *path, guint newest, guint *version,
                 GError **error)
{
  gint64 application_id = 0;
  gint64 found = 0;
  gint64 n_objects = 0;

  if (!read_marks (db, path, &application_id, &found, &n_objects, error))
    return FALSE;
  if (n_objects == 0 && application_id == 0 && found == 0)
    {
      *version = 0;
      return TRUE;
    }
  if (application_id != KH_SCHEMA_APPLICATION_ID || found < 1)
    {
      g_set_error (error, KH_STORE_ERROR, KH_STORE_ERROR_CANNOT_OPEN,
                   "%s is a database of another program", path);
      return FALSE;
    }
  if (found > newest)
    {
      g_set_error (error, KH_STORE_ERROR, KH_STORE_ERROR_NEWER_SCHEMA,
                   "%s was written by a newer Knothole (schema %" G_GINT64_FORMAT
                   ", this one knows %u): please update this one",
                   path, found, newest);
      return FALSE;
    }
  *version = (guint)found;
  return TRUE;
}

static gboolean
run_step (sqlite3 *db, const char *path, const char *sql, guint version, GError **error)
{
  g_autofree char *number
      = g_strdup_printf ("PRAGMA application_id = %d; PRAGMA user_version = %u",
                         KH_SCHEMA_APPLICATION_ID, version);

  return exec (db, path, "BEGIN IMMEDIATE", error) && exec (db, path, sql, error)
         && exec (db, path, number, error) && exec (db, path, "COMMIT", error);
}

gboolean
kh_schema_migrate (sqlite3 *db, const char *path, guint version, const char *const *steps,
                   guint n_steps, GError **error)
{
  for (guint step = version; step < n_steps; step++)
    {
      if (run_step (db, path, steps[step], step + 1, error))
        continue;
      if (!sqlite3_get_autocommit (db))
        exec (db, path, "ROLLBACK", NULL);
      return FALSE;
    }
  return TRUE;
}
