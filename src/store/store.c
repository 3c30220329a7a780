/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/private-file.h"
#include "store/schema.h"
#include "store/store-private.h"
#include "store/wishes.h"

/* Readers and a writer meet only while a log is recovered or a database made. */
#define BUSY_WAIT_MS 5000

/* How long a reader waits for a holder that has only just started. */
#define READER_WAIT_US (2 * G_USEC_PER_SEC)
#define READER_STEP_US (20 * 1000)

/* The whole client is to stay under 12 MiB, so nothing is mapped and the cache holds
 * at most 256 KiB: 0.3 MiB less than with 512, for a sixth of the speed when many
 * thousand messages come at once. A log of 1 MiB is enough for batches of 50 ms. */
#define SETTINGS                                                                         \
  "PRAGMA cache_size = -256;"                                                            \
  "PRAGMA mmap_size = 0;"                                                                \
  "PRAGMA temp_store = FILE;"                                                            \
  "PRAGMA foreign_keys = ON;"                                                            \
  "PRAGMA trusted_schema = OFF;"                                                         \
  "PRAGMA cell_size_check = ON;"

/* Where the file system can't do WAL, SQLite keeps its rollback journal, which is
 * as safe. synchronous comes after it: FULL is what "delivered" promises. */
#define HOLDER_SETTINGS "PRAGMA journal_mode = WAL;" WRITER_SETTINGS
#define WRITER_SETTINGS                                                                  \
  "PRAGMA secure_delete = ON;"                                                           \
  "PRAGMA synchronous = FULL;"                                                           \
  "PRAGMA wal_autocheckpoint = 256;"                                                     \
  "PRAGMA journal_size_limit = 1048576;"

static void
set_up_sqlite (void)
{
  static gsize done;

  if (!g_once_init_enter (&done))
    return;
  /* No locks inside a handle, no counting of bytes, no pages taken in advance. When
   * another library was first, these stay as they are and cost some memory. */
  if (sqlite3_config (SQLITE_CONFIG_MULTITHREAD) != SQLITE_OK
      || sqlite3_config (SQLITE_CONFIG_MEMSTATUS, 0) != SQLITE_OK
      || sqlite3_config (SQLITE_CONFIG_PAGECACHE, NULL, 0, 0) != SQLITE_OK)
    g_debug ("SQLite was set up by someone else");
  g_once_init_leave (&done, 1);
}

static KhStoreError
code_of (sqlite3 *db, int result)
{
  switch (result & 0xff)
    {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return KH_STORE_ERROR_DAMAGED;
    case SQLITE_FULL:
      return KH_STORE_ERROR_DISK_FULL;
    case SQLITE_READONLY:
    case SQLITE_AUTH: /* of a store that is open for wishes */
      return KH_STORE_ERROR_READ_ONLY;
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return KH_STORE_ERROR_CANNOT_OPEN;
    case SQLITE_IOERR:
      return db == NULL ? KH_STORE_ERROR_FAILED
                        : kh_store_error_from_system (sqlite3_system_errno (db));
    default:
      return KH_STORE_ERROR_FAILED;
    }
}

gboolean
kh_store_set_sqlite_error (GError **error, sqlite3 *db, int result, const char *path)
{
  KhStoreError code = code_of (db, result);
  const char *reason = sqlite3_errstr (result);

  switch ((int)code)
    {
    case KH_STORE_ERROR_DAMAGED:
      g_set_error (error, KH_STORE_ERROR, (gint)code,
                   "The database %s is damaged (%s). Nothing in it was changed; move it "
                   "away or put a copy in its place",
                   path, reason);
      break;
    case KH_STORE_ERROR_DISK_FULL:
      g_set_error (error, KH_STORE_ERROR, (gint)code, "No space is left for %s", path);
      break;
    case KH_STORE_ERROR_READ_ONLY:
      g_set_error (error, KH_STORE_ERROR, (gint)code, "%s can only be read", path);
      break;
    case KH_STORE_ERROR_CANNOT_OPEN:
      g_set_error (error, KH_STORE_ERROR, (gint)code, "Cannot open %s (%s)", path,
                   reason);
      break;
    default:
      /* SQLite's own message names tables and columns, never values. */
      g_set_error (error, KH_STORE_ERROR, (gint)code, "The database %s failed: %s", path,
                   db != NULL ? sqlite3_errmsg (db) : reason);
    }
  return FALSE;
}

static gboolean
run (KhStore *self, const char *sql, GError **error)
{
  int result = sqlite3_exec (self->db, sql, NULL, NULL, NULL);

  return result == SQLITE_OK
         || kh_store_set_sqlite_error (error, self->db, result, self->path);
}

static void
free_statement (gpointer stmt)
{
  /* Repeats the last failure of the statement, which was reported then. */
  sqlite3_finalize (stmt);
}

static KhStore *
connect_to (const char *folder, int flags, GError **error)
{
  g_autoptr (KhStore) self = g_new0 (KhStore, 1);
  int result;

  set_up_sqlite ();
  self->path = g_build_filename (folder, KH_STORE_FILE, NULL);
  self->statements = g_hash_table_new_full (NULL, NULL, NULL, free_statement);
  result = sqlite3_open_v2 (self->path, &self->db,
                            flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
  if (result == SQLITE_OK)
    result = sqlite3_busy_timeout (self->db, BUSY_WAIT_MS);
  if (result != SQLITE_OK)
    {
      kh_store_set_sqlite_error (error, self->db, result, self->path);
      return NULL;
    }
  return run (self, SETTINGS, error) ? g_steal_pointer (&self) : NULL;
}

/* Another process that reads just now is in the way; then it is tried again after the
 * next commit. Nobody waits for that. */
static void
empty_log (KhStore *self)
{
  int result;

  sqlite3_busy_timeout (self->db, 0);
  result = sqlite3_wal_checkpoint_v2 (self->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL,
                                      NULL);
  sqlite3_busy_timeout (self->db, BUSY_WAIT_MS);
  self->empty_log = result != SQLITE_OK;
}

/* Where it can't be done, for lack of space, it is tried again at the end. */
static void
rewrite (KhStore *self)
{
  g_autoptr (GError) error = NULL;

  self->rewrite = FALSE;
  if (!run (self, "VACUUM", &error))
    {
      g_debug ("remains stay in the database: %s", error->message);
      self->failed = TRUE;
      return;
    }
  self->failed = FALSE;
  self->remains = FALSE;
  empty_log (self);
}

void
kh_store_wipe (KhStore *self)
{
  self->empty_log = TRUE;
  self->rewrite = TRUE;
}

/* Before schema 3 what was deleted was not overwritten. */
#define FIRST_SECURE_SCHEMA 3

KhStore *
kh_store_open (const KhFolderLock *lock, GError **error)
{
  const char *folder = kh_folder_lock_folder (lock);
  g_autofree char *path = g_build_filename (folder, KH_STORE_FILE, NULL);
  g_autoptr (KhStore) self = NULL;
  guint version = 0;

  /* SQLite would make it under the umask; its -wal and -shm copy the mode. */
  if (!kh_private_file_make (path, error))
    return NULL;
  self = connect_to (folder, SQLITE_OPEN_READWRITE, error);
  /* Checked before anything is written: it may not be our file. */
  if (self == NULL
      || !kh_schema_check (self->db, self->path, KH_SCHEMA_NEWEST, &version, error)
      || !run (self, HOLDER_SETTINGS, error)
      || !kh_schema_migrate (self->db, self->path, version, kh_schema_steps,
                             KH_SCHEMA_NEWEST, error))
    return NULL;
  if (version > 0 && version < FIRST_SECURE_SCHEMA)
    rewrite (self);
  return g_steal_pointer (&self);
}

/* One try: a store; or NULL with @wait set when it may be there soon; or an error. */
static KhStore *
try_to_join (const char *folder, int flags, gboolean *wait, GError **error)
{
  g_autofree char *path = g_build_filename (folder, KH_STORE_FILE, NULL);
  g_autoptr (KhStore) self = NULL;
  guint version = 0;

  *wait = !g_file_test (path, G_FILE_TEST_EXISTS);
  if (*wait)
    return NULL;
  self = connect_to (folder, flags, error);
  if (self == NULL
      || !kh_schema_check (self->db, self->path, KH_SCHEMA_NEWEST, &version, error))
    return NULL;
  *wait = version < KH_SCHEMA_NEWEST;
  return *wait ? NULL : g_steal_pointer (&self);
}

/* Beside the holder of the folder. */
static KhStore *
join (const char *folder, int flags, GError **error)
{
  for (gint64 waited_us = 0; waited_us <= READER_WAIT_US; waited_us += READER_STEP_US)
    {
      gboolean wait = FALSE;
      KhStore *self = try_to_join (folder, flags, &wait, error);

      if (!wait)
        return self;
      g_usleep (READER_STEP_US);
    }
  g_set_error (error, KH_STORE_ERROR, KH_STORE_ERROR_CANNOT_OPEN,
               "There is no database with this Knothole's schema in %s yet", folder);
  return NULL;
}

KhStore *
kh_store_open_for_reading (const char *folder, GError **error)
{
  return join (folder, SQLITE_OPEN_READONLY, error);
}

static int
allow_only_wishes (gpointer unused, int action, const char *table, const char *column,
                   const char *database, const char *trigger)
{
  switch (action)
    {
    case SQLITE_INSERT:
      return g_strcmp0 (table, "wishes") == 0 ? SQLITE_OK : SQLITE_DENY;
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_FUNCTION:
    case SQLITE_RECURSIVE:
    case SQLITE_TRANSACTION:
      return SQLITE_OK;
    default:
      return SQLITE_DENY;
    }
}

KhStore *
kh_store_open_for_wishes (const char *folder, GError **error)
{
  g_autoptr (KhStore) self = join (folder, SQLITE_OPEN_READWRITE, error);
  int result;

  if (self == NULL || !run (self, WRITER_SETTINGS, error))
    return NULL;
  result = sqlite3_set_authorizer (self->db, allow_only_wishes, NULL);
  if (result == SQLITE_OK)
    return g_steal_pointer (&self);
  kh_store_set_sqlite_error (error, self->db, result, self->path);
  return NULL;
}

void
kh_store_close (KhStore *self)
{
  if (self == NULL)
    return;
  if (self->failed)
    rewrite (self);
  g_clear_pointer (&self->statements, g_hash_table_unref);
  if (sqlite3_close (self->db) != SQLITE_OK)
    g_critical ("a statement is in use while its store is closed");
  g_free (self->path);
  g_free (self);
}

gboolean
kh_store_batch_begin (KhStore *self, GError **error)
{
  return run (self, "BEGIN IMMEDIATE", error);
}

gboolean
kh_store_batch_commit (KhStore *self, GError **error)
{
  if (!run (self, "COMMIT", error))
    return FALSE;
  if (self->empty_log)
    empty_log (self);
  if (self->rewrite)
    rewrite (self);
  return TRUE;
}

void
kh_store_batch_rollback (KhStore *self)
{
  g_autoptr (GError) error = NULL;

  if (!sqlite3_get_autocommit (self->db) && !run (self, "ROLLBACK", &error))
    g_critical ("a batch can't be rolled back: %s", error->message);
}

gboolean
kh_store_change_begin (KhStore *self, gboolean *own, GError **error)
{
  *own = sqlite3_get_autocommit (self->db) != 0;
  return !*own || kh_store_batch_begin (self, error);
}

gboolean
kh_store_change_end (KhStore *self, gboolean own, gboolean good, GError **error)
{
  if (!own || (good && kh_store_batch_commit (self, error)))
    return good;
  kh_store_batch_rollback (self);
  return FALSE;
}

gboolean
kh_store_check_size (guint64 size, GError **error)
{
  if (size <= G_MAXINT64)
    return TRUE;
  g_set_error (error, KH_STORE_ERROR, KH_STORE_ERROR_INVALID, "No file is that large");
  return FALSE;
}

gboolean
kh_store_check_found (gint64 n_changed, const char *message, GError **error)
{
  if (n_changed > 0)
    return TRUE;
  g_set_error_literal (error, KH_STORE_ERROR, KH_STORE_ERROR_NOT_FOUND, message);
  return FALSE;
}
