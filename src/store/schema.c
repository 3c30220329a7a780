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

/* A transfer is of many files, its entries.
 *
 * transfers: state 6 is listing, path the folder of an incoming one. The counts of
 * files and done_bytes follow the entries; part_bytes is of a file that is under way.
 * entries: kind is 1 file, 2 folder, 3 link; state 0 pending, 1 done, 2 there, 3
 * failed, 4 left out. A parent comes before what is in it.
 * received: key is made of peer and path, for what is there already; or of peer and
 * "PATH//SIZE.TIME" where such a file was to be at that path and got another name.
 * wishes: a number is never used twice, so that has() is about one wish.
 *
 * A transfer of schema 1 was one file, which becomes its entry 0. Its path was the
 * file's, or of one that was not done a hidden partial one's, which nobody goes on
 * with: one of these that was cut off has failed. Why one failed was a text, and
 * becomes the status 255, which no reader knows; bytes of half a file don't count. */
static const char step_2[]
    = "ALTER TABLE transfers RENAME TO transfers_1;"
      "DROP INDEX transfers_history;"
      "DROP INDEX transfers_open;"
      "CREATE TABLE transfers ("
      "  seq INTEGER PRIMARY KEY,"
      "  peer BLOB NOT NULL CHECK (length (peer) = 32),"
      "  direction INTEGER NOT NULL CHECK (direction IN (0, 1)),"
      "  id BLOB NOT NULL CHECK (length (id) = 16),"
      "  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 6),"
      "  name TEXT NOT NULL,"
      "  path TEXT,"
      "  n_entries INTEGER NOT NULL CHECK (n_entries >= 0),"
      "  n_files INTEGER NOT NULL CHECK (n_files >= 0),"
      "  n_bytes INTEGER NOT NULL CHECK (n_bytes >= 0),"
      "  wanted_files INTEGER NOT NULL CHECK (wanted_files >= 0),"
      "  wanted_bytes INTEGER NOT NULL CHECK (wanted_bytes >= 0),"
      "  done_files INTEGER NOT NULL DEFAULT 0 CHECK (done_files >= 0),"
      "  there_files INTEGER NOT NULL DEFAULT 0 CHECK (there_files >= 0),"
      "  failed_files INTEGER NOT NULL DEFAULT 0 CHECK (failed_files >= 0),"
      "  done_bytes INTEGER NOT NULL DEFAULT 0 CHECK (done_bytes >= 0),"
      "  part_bytes INTEGER NOT NULL DEFAULT 0 CHECK (part_bytes >= 0),"
      "  status INTEGER NOT NULL DEFAULT 0,"
      "  paused_here INTEGER NOT NULL DEFAULT 0 CHECK (paused_here IN (0, 1)),"
      "  paused_there INTEGER NOT NULL DEFAULT 0 CHECK (paused_there IN (0, 1)),"
      "  position INTEGER NOT NULL,"
      "  started_at_ms INTEGER NOT NULL,"
      "  ended_at_ms INTEGER NOT NULL DEFAULT 0,"
      "  UNIQUE (peer, direction, id)"
      ") STRICT;"
      "CREATE INDEX transfers_history ON transfers (peer, seq);"
      "CREATE INDEX transfers_open ON transfers (position, seq)"
      "  WHERE state IN (0, 1, 6);"
      "CREATE TABLE entries ("
      "  transfer INTEGER NOT NULL,"
      "  entry INTEGER NOT NULL CHECK (entry >= 0),"
      "  parent INTEGER CHECK (parent < entry),"
      "  kind INTEGER NOT NULL,"
      "  depth INTEGER NOT NULL CHECK ((depth = 0) = (parent IS NULL)),"
      "  mode INTEGER NOT NULL,"
      "  state INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 4),"
      "  status INTEGER NOT NULL DEFAULT 0,"
      "  size INTEGER NOT NULL CHECK (size >= 0),"
      "  modified_ms INTEGER NOT NULL,"
      "  name BLOB NOT NULL,"
      "  place TEXT,"
      "  PRIMARY KEY (transfer, entry)"
      ") STRICT, WITHOUT ROWID;"
      "CREATE INDEX entries_roots ON entries (transfer, entry) WHERE depth = 0;"
      "CREATE INDEX entries_failed ON entries (transfer, entry) WHERE state = 3;"
      "CREATE TABLE received ("
      "  key INTEGER PRIMARY KEY,"
      "  size INTEGER NOT NULL,"
      "  modified_ms INTEGER NOT NULL"
      ") STRICT;"
      "CREATE TABLE wishes ("
      "  seq INTEGER PRIMARY KEY AUTOINCREMENT,"
      "  kind INTEGER NOT NULL,"
      "  transfer INTEGER NOT NULL"
      ") STRICT;"
      "INSERT INTO entries (transfer, entry, kind, depth, mode, state, status, size,"
      "    modified_ms, name, place)"
      "  SELECT seq, 0, 1, 0, 0,"
      "    CASE state WHEN 2 THEN 1 WHEN 3 THEN 0 WHEN 4 THEN 0 ELSE 3 END,"
      "    iif (state IN (2, 3, 4), 0, 255),"
      "    n_bytes, 0, CAST (name AS BLOB),"
      "    CASE WHEN direction = 1 THEN path WHEN state = 2 THEN"
      "      nullif (substr (path, length (rtrim (path, replace (path, '/', ''))) + 1),"
      "              name) END"
      "  FROM transfers_1;"
      "INSERT INTO transfers (seq, peer, direction, id, state, name, path, n_entries,"
      "    n_files, n_bytes, wanted_files, wanted_bytes, done_files, failed_files,"
      "    done_bytes, position, started_at_ms, ended_at_ms)"
      "  SELECT seq, peer, direction, id, iif (state < 2, 5, state), name,"
      "    iif (direction = 0,"
      "      coalesce (nullif (rtrim (rtrim (path, replace (path, '/', '')), '/'), ''),"
      "                substr (path, 1, 1)), NULL),"
      "    1, 1, n_bytes, 1, n_bytes, state = 2, state NOT IN (2, 3, 4),"
      "    iif (state = 2, n_bytes, 0), seq, started_at_ms,"
      "    iif (ended_at_ms = 0, started_at_ms, ended_at_ms)"
      "  FROM transfers_1;"
      "DROP TABLE transfers_1;";

/* What a window shows of a conversation.
 *
 * timeline: a row for each message that is kept, each transfer and each note, made and
 * removed by triggers. kind is 0 message, 1 transfer, 2 note; ref the seq there. A seq is
 * never used twice: searches and reading positions rest on it.
 * conversations: a row for everybody with a row there, or with a draft.
 * search: which three letters are in which message of timeline. A message comes into it
 * when somebody searches, until then its seq is in unindexed; one that waits stays there,
 * so that it leaves nothing in the index when it is taken back. The index may hold
 * numbers that timeline has no more: they find nothing.
 * transfers: one that is forgotten has only its id and numbers left.
 *
 * What was there before schema 3 counts as read. */
static const char step_3[]
    = "ALTER TABLE contacts ADD COLUMN muted INTEGER NOT NULL DEFAULT 0;"
      "ALTER TABLE transfers ADD COLUMN forgotten INTEGER NOT NULL DEFAULT 0"
      "  CHECK (forgotten IN (0, 1));"
      "CREATE TABLE notes ("
      "  seq INTEGER PRIMARY KEY,"
      "  peer BLOB NOT NULL CHECK (length (peer) = 32),"
      "  kind INTEGER NOT NULL,"
      "  text TEXT NOT NULL,"
      "  at_ms INTEGER NOT NULL"
      ") STRICT;"
      "CREATE TABLE attempts ("
      "  seq INTEGER PRIMARY KEY,"
      "  peer BLOB NOT NULL CHECK (length (peer) = 32),"
      "  at_ms INTEGER NOT NULL,"
      "  report BLOB NOT NULL"
      ") STRICT;"
      "CREATE INDEX attempts_of_peer ON attempts (peer, seq);"
      "CREATE TABLE conversations ("
      "  peer BLOB PRIMARY KEY CHECK (length (peer) = 32),"
      "  draft TEXT NOT NULL DEFAULT '',"
      "  read_seq INTEGER NOT NULL DEFAULT 0"
      ") STRICT, WITHOUT ROWID;"
      "CREATE TABLE timeline ("
      "  seq INTEGER PRIMARY KEY AUTOINCREMENT,"
      "  peer BLOB NOT NULL CHECK (length (peer) = 32),"
      "  kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 2),"
      "  ref INTEGER NOT NULL,"
      "  direction INTEGER NOT NULL CHECK (direction IN (0, 1)),"
      "  at_ms INTEGER NOT NULL,"
      "  UNIQUE (kind, ref)"
      ") STRICT;"
      "CREATE INDEX timeline_of_peer ON timeline (peer, seq, direction);"
      "CREATE TABLE unindexed (seq INTEGER PRIMARY KEY) STRICT;"
      "CREATE VIRTUAL TABLE search USING fts5 (text, content='', tokenize='trigram',"
      "  detail='none', columnsize=0);"
      "INSERT INTO timeline (peer, kind, ref, direction, at_ms)"
      "  SELECT peer, 0, seq, direction, stored_at_ms FROM messages WHERE keep = 1"
      "  UNION ALL SELECT peer, 1, seq, direction, started_at_ms FROM transfers"
      "  ORDER BY 5, 2, 3;"
      "INSERT INTO conversations (peer, read_seq)"
      "  SELECT peer, max (seq) FROM timeline GROUP BY peer;"
      "INSERT INTO unindexed (seq) SELECT seq FROM timeline WHERE kind = 0;"
      "CREATE TRIGGER timeline_added AFTER INSERT ON timeline BEGIN"
      "  INSERT INTO conversations (peer) VALUES (new.peer) ON CONFLICT DO NOTHING;"
      "  INSERT INTO unindexed (seq) SELECT new.seq WHERE new.kind = 0;"
      " END;"
      "CREATE TRIGGER timeline_deleted AFTER DELETE ON timeline WHEN old.kind = 0 BEGIN"
      "  DELETE FROM unindexed WHERE seq = old.seq;"
      " END;"
      "CREATE TRIGGER messages_added AFTER INSERT ON messages WHEN new.keep = 1 BEGIN"
      "  INSERT INTO timeline (peer, kind, ref, direction, at_ms)"
      "    VALUES (new.peer, 0, new.seq, new.direction, new.stored_at_ms);"
      " END;"
      "CREATE TRIGGER messages_no_more_kept AFTER UPDATE OF keep ON messages"
      " WHEN old.keep = 1 AND new.keep = 0 BEGIN"
      "  DELETE FROM timeline WHERE kind = 0 AND ref = old.seq;"
      " END;"
      "CREATE TRIGGER messages_deleted AFTER DELETE ON messages WHEN old.keep = 1 BEGIN"
      "  DELETE FROM timeline WHERE kind = 0 AND ref = old.seq;"
      " END;"
      "CREATE TRIGGER transfers_added AFTER INSERT ON transfers BEGIN"
      "  INSERT INTO timeline (peer, kind, ref, direction, at_ms)"
      "    VALUES (new.peer, 1, new.seq, new.direction, new.started_at_ms);"
      " END;"
      "CREATE TRIGGER transfers_forgotten AFTER UPDATE OF forgotten ON transfers"
      " WHEN new.forgotten = 1 BEGIN"
      "  DELETE FROM timeline WHERE kind = 1 AND ref = old.seq;"
      " END;"
      "CREATE TRIGGER transfers_deleted AFTER DELETE ON transfers BEGIN"
      "  DELETE FROM timeline WHERE kind = 1 AND ref = old.seq;"
      " END;"
      "CREATE TRIGGER notes_added AFTER INSERT ON notes BEGIN"
      "  INSERT INTO timeline (peer, kind, ref, direction, at_ms)"
      "    VALUES (new.peer, 2, new.seq, 1, new.at_ms);"
      " END;"
      "CREATE TRIGGER notes_deleted AFTER DELETE ON notes BEGIN"
      "  DELETE FROM timeline WHERE kind = 2 AND ref = old.seq;"
      " END;";

const char *const kh_schema_steps[KH_SCHEMA_NEWEST] = { step_1, step_2, step_3 };

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
