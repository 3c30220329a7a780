/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * schema-N.sql are dumps of databases as schema N left them, the same content in
 * each. A new schema brings a new dump; the older ones never change.
 */
#include "store/schema.h"
#include "../find-bytes.h"
#include "scratch-tree.h"
#include "store/attempts.h"
#include "store/contacts.h"
#include "store/conversations.h"
#include "store/entries.h"
#include "store/identity-store.h"
#include "store/search.h"
#include "store/server-keys.h"
#include "store/settings.h"
#include "store/store-private.h"
#include "store/wishes.h"

#include <glib/gstdio.h>
#include <string.h>

/* Every table and index with its SQL, a line each. */
static char *
describe (sqlite3 *db)
{
  g_autoptr (GString) text = g_string_new (NULL);
  sqlite3_stmt *stmt;

  g_assert_cmpint (sqlite3_prepare_v2 (db,
                                       "SELECT type, name, sql FROM sqlite_schema"
                                       " ORDER BY type, name",
                                       -1, &stmt, NULL),
                   ==, SQLITE_OK);
  while (sqlite3_step (stmt) == SQLITE_ROW)
    g_string_append_printf (text, "%s %s %s\n", sqlite3_column_text (stmt, 0),
                            sqlite3_column_text (stmt, 1), sqlite3_column_text (stmt, 2));
  g_assert_cmpint (sqlite3_finalize (stmt), ==, SQLITE_OK);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* Puts a database that @sql makes in the place of the one of @self, and closes. */
static void
build (Scratch *self, const char *sql)
{
  g_autofree char *path = scratch_path (self, KH_STORE_FILE);
  sqlite3 *db;

  scratch_close (self);
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
}

static char *
read_dump (guint version)
{
  g_autofree char *name = g_strdup_printf ("schema-%u.sql", version);
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, name, NULL);
  g_autoptr (GError) error = NULL;
  char *sql = NULL;

  g_file_get_contents (path, &sql, NULL, &error);
  g_assert_no_error (error);
  return sql;
}

static void
assert_identity_and_settings (KhStore *store)
{
  KhIdentityKeys keys;
  gboolean found = FALSE;
  g_autofree char *name = NULL;
  g_autofree char *room = NULL;
  guint8 key[KH_ID_LEN];

  g_assert_true (kh_identity_store_load (store, &keys, &found, NULL));
  g_assert_true (found);
  for (guint i = 0; i < KH_ID_LEN; i++)
    g_assert_cmpuint (keys.secret_key[i], ==, i);
  g_assert_true (kh_settings_get (store, KH_SETTING_NAME, &name, NULL));
  g_assert_cmpstr (name, ==, "O'Hara \U0001F600");
  g_assert_true (kh_settings_get (store, KH_SETTING_ROOM, &room, NULL));
  g_assert_null (room);
  g_assert_true (kh_server_keys_find (store, "a.example", 7470, key, &found, NULL));
  g_assert_true (found);
  g_assert_cmpmem (key, sizeof key, scratch_peer (9), KH_ID_LEN);
}

static void
assert_contacts (KhStore *store)
{
  g_autoptr (GPtrArray) contacts = kh_contacts_list (store, NULL);
  const KhStoredContact *contact;

  g_assert_cmpuint (contacts->len, ==, 2);
  contact = contacts->pdata[0];
  g_assert_cmpstr (contact->petname, ==, "Alice");
  g_assert_cmpstr (contact->announced_name, ==, "Al \"ice\"");
  g_assert_cmpint (contact->verified_at_ms, ==, 1700000000005);
  g_assert_true (contact->accepts_calls && contact->accepts_offers && !contact->blocked);
  g_assert_cmpint (contact->last_seen_at_ms, ==, 1700000000004);
  contact = contacts->pdata[1];
  g_assert_cmpstr (contact->petname, ==, "alice 2");
  g_assert_true (contact->blocked && !contact->accepts_calls);
  g_assert_cmpint (contact->added_at_ms, ==, 1700000000003);
}

static void
assert_messages (KhStore *store)
{
  static const char *const history[]
      = { "waiting", "delivered", "first\nline 'two' \U0001F600" };
  static const char *const pending[] = { "waiting", "waiting, history off" };
  g_autoptr (GPtrArray) kept = scratch_history (store, 1);
  g_autoptr (GPtrArray) queued
      = kh_messages_pending (store, scratch_peer (1), 0, 9, NULL);
  g_autoptr (KhStoredMessage) only_id = NULL;

  g_assert_cmpuint (kept->len, ==, G_N_ELEMENTS (history));
  for (guint i = 0; i < kept->len; i++)
    g_assert_cmpstr (((KhStoredMessage *)kept->pdata[i])->text, ==, history[i]);
  g_assert_cmpuint (queued->len, ==, G_N_ELEMENTS (pending));
  for (guint i = 0; i < queued->len; i++)
    g_assert_cmpstr (((KhStoredMessage *)queued->pdata[i])->text, ==, pending[i]);
  g_assert_true (kh_messages_find (store, scratch_peer (1), KH_STORE_INCOMING,
                                   scratch_id (5), &only_id, NULL));
  g_assert_nonnull (only_id);
  g_assert_null (only_id->text);
  g_assert_cmpint (only_id->stored_at_ms, ==, 1700000000011);
}

/* The root of a transfer that was one file. */
static void
assert_root (KhStore *store, gint64 transfer, KhEntryState state, const char *name,
             const char *place)
{
  g_autoptr (GPtrArray) entries = kh_entries_range (store, transfer, 0, 9, 999, NULL);
  const KhStoredEntry *entry;

  g_assert_cmpuint (entries->len, ==, 1);
  entry = entries->pdata[0];
  g_assert_cmpuint (entry->entry, ==, 0);
  g_assert_cmpuint (entry->kind, ==, KH_TREE_FILE);
  g_assert_cmpint (entry->state, ==, state);
  g_assert_cmpstr (entry->path, ==, name);
  g_assert_cmpstr (entry->place, ==, place);
}

/* Rows 1 (incoming, done), 2 (outgoing, was running: has failed) and 3 (outgoing,
 * failed). */
static void
assert_transfers (KhStore *store)
{
  static const gint64 ended_at_ms[] = { 1700000000022, 1700000000020, 1700000000021 };
  g_autoptr (GPtrArray) transfers = kh_transfers_list (store, NULL, 0, 9, NULL);
  g_autoptr (GPtrArray) open = kh_transfers_list_open (store, NULL);
  const KhStoredTransfer *done;

  g_assert_cmpuint (open->len, ==, 0);
  g_assert_cmpuint (transfers->len, ==, 3);
  for (guint i = 0; i < transfers->len; i++)
    {
      const KhStoredTransfer *transfer = transfers->pdata[i];

      g_assert_cmpint (transfer->seq, ==, 3 - i);
      g_assert_cmpint (transfer->position, ==, transfer->seq);
      g_assert_cmpstr (transfer->name, ==, "a file.txt");
      g_assert_cmpuint (transfer->n_entries, ==, 1);
      g_assert_cmpuint (transfer->n_files, ==, 1);
      g_assert_cmpuint (transfer->n_bytes, ==, 5000000000);
      g_assert_cmpuint (transfer->wanted_files, ==, 1);
      g_assert_cmpuint (transfer->wanted_bytes, ==, 5000000000);
      g_assert_cmpint (transfer->started_at_ms, ==, 1700000000020);
      g_assert_cmpint (transfer->ended_at_ms, ==, ended_at_ms[i]);
      g_assert_cmpint (transfer->state, ==,
                       i == 2 ? KH_STORED_TRANSFER_DONE : KH_STORED_TRANSFER_FAILED);
      g_assert_cmpuint (transfer->failed_files, ==, i == 2 ? 0 : 1);
      g_assert_cmpuint (transfer->done_files, ==, i == 2 ? 1 : 0);
      g_assert_cmpuint (transfer->done_bytes, ==, i == 2 ? 5000000000 : 0);
    }
  done = transfers->pdata[2];
  g_assert_cmpstr (done->path, ==, "/downloads");
  assert_root (store, 1, KH_ENTRY_DONE, "a file.txt", NULL);
  assert_root (store, 2, KH_ENTRY_FAILED, "a file.txt", "/home/b");
  assert_root (store, 3, KH_ENTRY_FAILED, "a file.txt", "/home/b");
}

/* What is only in dumps since schema 2: a row of received, and wish 7. */
static void
assert_received_and_wishes (KhStore *store, guint version)
{
  gboolean known = FALSE;
  gboolean waiting = FALSE;

  g_assert_true (kh_received_has (store, scratch_peer (1), "/downloads/a file.txt",
                                  5000000000, 1700000000006, &known, NULL));
  g_assert_cmpint (known, ==, version >= 2);
  g_assert_true (kh_wishes_has (store, 7, &waiting, NULL));
  g_assert_cmpint (waiting, ==, version >= 2);
}

/* What was there is in its conversation, read and found; and what is only in dumps since
 * schema 3: a note, a report, a draft, and that the second contact is muted. */
static void
assert_conversation (KhStore *store, guint version)
{
  static const gint64 refs[] = { 1, 3, 2, 1, 3, 2, 1 };
  guint first = version >= 3 ? 0 : 1;
  g_autoptr (GPtrArray) things = kh_things_page (store, scratch_peer (1), 0, 9, NULL);
  g_autoptr (GPtrArray) attempts = kh_attempts_list (store, scratch_peer (1), 9, NULL);
  g_autoptr (GPtrArray) hits
      = kh_search_find (store, NULL, "first", 0, 9, NULL, NULL, NULL);
  g_autoptr (GPtrArray) contacts = kh_contacts_list (store, NULL);
  g_autoptr (KhStoredConversation) conversation = scratch_conversation (store, 1);

  g_assert_cmpuint (things->len, ==, G_N_ELEMENTS (refs) - first);
  for (guint i = 0; i < things->len; i++)
    {
      const KhStoredThing *thing = g_ptr_array_index (things, i);

      g_assert_cmpint (thing->ref, ==, refs[i + first]);
      g_assert_cmpint (thing->kind, ==, i + first < 1 ? 2 : i + first < 4 ? 1 : 0);
      g_assert_cmpint (thing->at_ms, ==,
                       i + first < 1   ? 1700000000030
                       : i + first < 4 ? 1700000000020
                                       : 1700000000011);
    }
  g_assert_cmpuint (attempts->len, ==, 1 - first);
  g_assert_cmpuint (hits->len, ==, 1);
  g_assert_nonnull (conversation);
  g_assert_cmpuint (conversation->n_unread, ==, 0);
  g_assert_cmpuint (conversation->n_queued, ==, 2);
  g_assert_cmpstr (conversation->draft, ==, version >= 3 ? "don't" : "");
  g_assert_false (((KhStoredContact *)contacts->pdata[0])->muted);
  g_assert_cmpint (((KhStoredContact *)contacts->pdata[1])->muted, ==, version >= 3);
}

/* What schema 2 left in the file where something had been is gone as well. */
static void
test_old_remains_go (Scratch *self, gconstpointer unused)
{
  g_autofree char *dump = read_dump (2);
  g_autoptr (GString) sql = g_string_new (dump);
  g_autofree char *path = scratch_path (self, KH_STORE_FILE);
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  gsize before_len = 0;
  gsize after_len = 0;

  (void)unused;
  g_string_append (sql, ";PRAGMA secure_delete = OFF;"
                        "UPDATE messages SET keep = 0, state = 1,"
                        " text = replace (hex (zeroblob (4096)), '00', 'QzxjQzxj');"
                        "UPDATE messages SET text = NULL;");
  build (self, sql->str);
  g_assert_true (g_file_get_contents (path, &before, &before_len, NULL));
  g_assert_true (has_bytes (before, before_len, "QzxjQzxj", 8));
  scratch_reopen (self);
  scratch_close (self);
  g_assert_true (g_file_get_contents (path, &after, &after_len, NULL));
  g_assert_false (has_bytes (after, after_len, "QzxjQzxj", 8));
}

static void
test_every_old_schema_becomes_the_newest (Scratch *self, gconstpointer unused)
{
  g_autofree char *fresh = describe (self->store->db);

  (void)unused;
  for (guint version = 1; version <= KH_SCHEMA_NEWEST; version++)
    {
      g_autofree char *dump = read_dump (version);
      g_autofree char *migrated = NULL;

      build (self, dump);
      scratch_reopen (self);
      migrated = describe (self->store->db);
      g_assert_cmpstr (migrated, ==, fresh);
      for (guint round = 0; round < 2; round++)
        {
          assert_identity_and_settings (self->store);
          assert_contacts (self->store);
          assert_messages (self->store);
          assert_transfers (self->store);
          assert_received_and_wishes (self->store, version);
          assert_conversation (self->store, version);
          scratch_reopen (self);
        }
    }
}

/* What an incoming file of schema 1 becomes: state, path, and name of the file there. */
static const struct
{
  guint state;
  const char *path;
  const char *folder;
  const char *place;
  KhEntryState entry;
} files[] = {
  { 0, NULL, NULL, NULL, KH_ENTRY_FAILED },
  { 1, "/d/.x.1.part", "/d", NULL, KH_ENTRY_FAILED },
  { 2, "/d e/x", "/d e", NULL, KH_ENTRY_DONE },
  { 2, "/d/e/x (2)", "/d/e", "x (2)", KH_ENTRY_DONE },
  { 2, "/x", "/", NULL, KH_ENTRY_DONE },
  { 2, "/\xff/\xfe", "/\xff", "\xfe", KH_ENTRY_DONE },
  { 3, NULL, NULL, NULL, KH_ENTRY_PENDING },
  { 4, "/d/.x.1.part", "/d", NULL, KH_ENTRY_PENDING },
  { 5, "/d/.x.1.part", "/d", NULL, KH_ENTRY_FAILED },
};

static void
build_files (Scratch *self)
{
  g_autofree char *dump = read_dump (1);
  g_autoptr (GString) sql = g_string_new (dump);

  g_string_append (sql, ";DELETE FROM transfers;");
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path
          = files[i].path == NULL ? NULL : g_strdup_printf ("'%s'", files[i].path);

      g_string_append_printf (
          sql,
          "INSERT INTO transfers VALUES (%u, zeroblob (32), 0, randomblob (16), %u, 'x',"
          " 10, 5, %s, NULL, 20, 0);",
          i + 1, files[i].state, path != NULL ? path : "NULL");
    }
  build (self, sql->str);
}

static void
test_files_of_schema_1_become_trees (Scratch *self, gconstpointer unused)
{
  (void)unused;
  build_files (self);
  scratch_reopen (self);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      gint64 seq = i + 1;
      g_autoptr (KhStoredTransfer) transfer = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_true (kh_transfers_get (self->store, seq, &transfer, &error));
      g_assert_no_error (error);
      g_assert_cmpint (transfer->state, ==, files[i].state < 2 ? 5 : files[i].state);
      g_assert_cmpstr (transfer->path, ==, files[i].folder);
      g_assert_cmpint (transfer->ended_at_ms, ==, 20);
      assert_root (self->store, seq, files[i].entry, "x", files[i].place);
      scratch_assert_counts (self, seq);
    }
}

static void
assert_version (sqlite3 *db, guint newest, guint expected)
{
  g_autoptr (GError) error = NULL;
  guint version = 99;

  kh_schema_check (db, "test", newest, &version, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (version, ==, expected);
}

/* Steps that are not those of the program: what matters is how they are run. */
static void
test_missing_steps_run_in_order (void)
{
  static const char *const steps[]
      = { "CREATE TABLE a (x)", "ALTER TABLE a RENAME TO b; INSERT INTO b VALUES (1)",
          "UPDATE b SET x = x + 1" };
  g_autoptr (GError) error = NULL;
  sqlite3_stmt *stmt;
  sqlite3 *db;

  g_assert_cmpint (sqlite3_open (":memory:", &db), ==, SQLITE_OK);
  assert_version (db, 3, 0);
  g_assert_true (kh_schema_migrate (db, "test", 0, steps, 2, &error));
  assert_version (db, 3, 2);
  g_assert_true (kh_schema_migrate (db, "test", 2, steps, 3, &error));
  g_assert_true (kh_schema_migrate (db, "test", 3, steps, 3, &error));
  g_assert_no_error (error);
  assert_version (db, 3, 3);
  g_assert_cmpint (sqlite3_prepare_v2 (db, "SELECT x FROM b", -1, &stmt, NULL), ==,
                   SQLITE_OK);
  g_assert_cmpint (sqlite3_step (stmt), ==, SQLITE_ROW);
  g_assert_cmpint (sqlite3_column_int (stmt, 0), ==, 2);
  g_assert_cmpint (sqlite3_finalize (stmt), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
}

static void
test_step_that_fails_leaves_nothing (void)
{
  static const char *const steps[]
      = { "CREATE TABLE a (x)", "CREATE TABLE b (x); DROP TABLE a; CREATE TABLE b (x)" };
  g_autoptr (GError) error = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  sqlite3 *db;

  g_assert_cmpint (sqlite3_open (":memory:", &db), ==, SQLITE_OK);
  g_assert_true (kh_schema_migrate (db, "test", 0, steps, 1, &error));
  before = describe (db);
  for (guint round = 0; round < 2; round++)
    {
      g_assert_false (kh_schema_migrate (db, "test", 1, steps, 2, &error));
      g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_FAILED);
      g_assert_nonnull (strstr (error->message, "already exists"));
      g_clear_error (&error);
      assert_version (db, 2, 1);
    }
  after = describe (db);
  g_assert_cmpstr (after, ==, before);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
}

/* Opening, for writing and for reading, fails and changes no byte. */
static void
assert_refused (Scratch *self, const char *sql, KhStoreError code)
{
  g_autofree char *path = scratch_path (self, KH_STORE_FILE);
  g_autoptr (GError) error = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  gsize before_len;
  gsize after_len;

  build (self, sql);
  g_assert_true (g_file_get_contents (path, &before, &before_len, NULL));
  self->lock = kh_folder_lock_take (self->folder, "test", NULL);
  g_assert_null (kh_store_open (self->lock, &error));
  g_assert_error (error, KH_STORE_ERROR, (gint)code);
  g_assert_nonnull (strstr (error->message, path));
  g_clear_error (&error);
  g_assert_null (kh_store_open_for_reading (self->folder, &error));
  g_assert_error (error, KH_STORE_ERROR, (gint)code);
  g_assert_true (g_file_get_contents (path, &after, &after_len, NULL));
  g_assert_cmpmem (before, before_len, after, after_len);
}

static void
test_newer_schema_is_refused (Scratch *self, gconstpointer unused)
{
  g_autofree char *dump = read_dump (1);
  g_autofree char *sql
      = g_strdup_printf ("%s; PRAGMA user_version = %d", dump, KH_SCHEMA_NEWEST + 1);

  (void)unused;
  assert_refused (self, sql, KH_STORE_ERROR_NEWER_SCHEMA);
}

static void
test_another_programs_database_is_refused (Scratch *self, gconstpointer unused)
{
  static const char *const databases[] = {
    "CREATE TABLE theirs (x)",
    "PRAGMA user_version = 1; CREATE TABLE theirs (x)",
    "PRAGMA application_id = 7; PRAGMA user_version = 1; CREATE TABLE theirs (x)",
  };

  (void)unused;
  for (gsize i = 0; i < G_N_ELEMENTS (databases); i++)
    {
      assert_refused (self, databases[i], KH_STORE_ERROR_CANNOT_OPEN);
      scratch_close (self);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  SCRATCH_ADD ("/schema/every-old-schema-becomes-the-newest",
               test_every_old_schema_becomes_the_newest);
  SCRATCH_ADD ("/schema/old-remains-go", test_old_remains_go);
  SCRATCH_ADD ("/schema/files-of-schema-1-become-trees",
               test_files_of_schema_1_become_trees);
  g_test_add_func ("/schema/missing-steps-run-in-order", test_missing_steps_run_in_order);
  g_test_add_func ("/schema/step-that-fails-leaves-nothing",
                   test_step_that_fails_leaves_nothing);
  SCRATCH_ADD ("/schema/newer-schema-is-refused", test_newer_schema_is_refused);
  SCRATCH_ADD ("/schema/another-programs-database-is-refused",
               test_another_programs_database_is_refused);
  return g_test_run ();
}
