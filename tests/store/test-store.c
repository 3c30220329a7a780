/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/store.h"
#include "../not-here.h"
#include "scratch.h"
#include "store/messages.h"
#include "store/settings.h"
#include "store/store-private.h"

#include <glib/gstdio.h>
#include <string.h>

#ifdef G_OS_UNIX
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

static void
assert_room (KhStore *store, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *value = NULL;

  g_assert_true (kh_settings_get (store, KH_SETTING_ROOM, &value, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (value, ==, expected);
}

static void
set_room (KhStore *store, const char *value)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (kh_settings_set (store, KH_SETTING_ROOM, value, &error));
  g_assert_no_error (error);
}

static gint64
read_int (KhStore *store, const char *sql)
{
  sqlite3_stmt *stmt;
  gint64 value;

  g_assert_cmpint (sqlite3_prepare_v2 (store->db, sql, -1, &stmt, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_step (stmt), ==, SQLITE_ROW);
  value = sqlite3_column_int64 (stmt, 0);
  g_assert_cmpint (sqlite3_finalize (stmt), ==, SQLITE_OK);
  return value;
}

static gint64
pragma (KhStore *store, const char *name)
{
  g_autofree char *sql = g_strdup_printf ("PRAGMA %s", name);

  return read_int (store, sql);
}

static void
test_settings_of_sqlite_hold (Scratch *self, gconstpointer unused)
{
  (void)unused;
  g_assert_cmpint (pragma (self->store, "synchronous"), ==, 2);
  g_assert_cmpint (pragma (self->store, "cache_size"), ==, -256);
  g_assert_cmpint (pragma (self->store, "mmap_size"), ==, 0);
  g_assert_cmpint (pragma (self->store, "foreign_keys"), ==, 1);
  g_assert_cmpint (pragma (self->store, "secure_delete"), ==, 1);
}

static void
test_reader_beside_the_holder (Scratch *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KhStore) reader = NULL;

  (void)unused;
  set_room (self->store, "one");
  reader = kh_store_open_for_reading (self->folder, &error);
  g_assert_no_error (error);
  assert_room (reader, "one");
  set_room (self->store, "two");
  assert_room (reader, "two");

  g_assert_false (kh_settings_set (reader, KH_SETTING_ROOM, "three", &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_READ_ONLY);
  g_clear_pointer (&reader, kh_store_close);
  set_room (self->store, "four");
  scratch_reopen (self);
  assert_room (self->store, "four");
}

static void
test_reader_of_nothing_says_so (Scratch *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *nowhere = scratch_path (self, "nowhere");

  (void)unused;
  g_assert_null (kh_store_open_for_reading (nowhere, &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_CANNOT_OPEN);
  g_assert_false (g_file_test (nowhere, G_FILE_TEST_EXISTS));
}

static void
test_batch_is_all_or_nothing (Scratch *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  (void)unused;
  set_room (self->store, "before");
  g_assert_true (kh_store_batch_begin (self->store, &error));
  set_room (self->store, "inside");
  assert_room (self->store, "inside");
  kh_store_batch_rollback (self->store);
  kh_store_batch_rollback (self->store);
  assert_room (self->store, "before");

  g_assert_true (kh_store_batch_begin (self->store, &error));
  set_room (self->store, "inside");
  g_assert_true (kh_store_batch_commit (self->store, &error));
  g_assert_no_error (error);
  scratch_reopen (self);
  assert_room (self->store, "inside");

  g_assert_true (kh_store_batch_begin (self->store, &error));
  set_room (self->store, "lost");
  scratch_reopen (self);
  assert_room (self->store, "inside");
}

static void
test_commit_without_a_batch_fails (Scratch *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  (void)unused;
  g_assert_false (kh_store_batch_commit (self->store, &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_FAILED);
}

/* Opens @bytes as a database: it must fail with @code and leave the bytes alone. */
static void
assert_refused (Scratch *self, const char *bytes, gsize len, KhStoreError code)
{
  g_autofree char *path = scratch_path (self, KH_STORE_FILE);
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;
  gsize after_len = 0;

  scratch_close (self);
  g_assert_true (g_file_set_contents (path, bytes, (gssize)len, NULL));
  self->lock = kh_folder_lock_take (self->folder, "test", NULL);
  g_assert_null (kh_store_open (self->lock, &error));
  g_assert_error (error, KH_STORE_ERROR, (gint)code);
  g_assert_nonnull (strstr (error->message, path));
  g_assert_true (g_file_get_contents (path, &after, &after_len, NULL));
  g_assert_cmpmem (after, after_len, bytes, len);
}

static void
test_garbage_is_damage_and_stays (Scratch *self, gconstpointer unused)
{
  char bytes[8192];

  (void)unused;
  memset (bytes, 'x', sizeof bytes);
  assert_refused (self, bytes, sizeof bytes, KH_STORE_ERROR_DAMAGED);
}

static void
test_damaged_pages_are_damage_and_stay (Scratch *self, gconstpointer unused)
{
  g_autofree char *path = scratch_path (self, KH_STORE_FILE);
  g_autofree char *bytes = NULL;
  gsize len = 0;

  (void)unused;
  set_room (self->store, "room");
  scratch_close (self);
  g_assert_true (g_file_get_contents (path, &bytes, &len, NULL));
  g_assert_cmpuint (len, >, 8192);

  /* The first page holds the schema, behind the header of 100 bytes. */
  memset (bytes + 100, 0xff, 1000);
  assert_refused (self, bytes, len, KH_STORE_ERROR_DAMAGED);
}

/* Damage that opening does not meet is met by whoever reads there. The schema fills more
 * than the first page, so the page of the settings it is. */
static void
test_damage_further_back_is_met_when_read (Scratch *self, gconstpointer unused)
{
  g_autofree char *path = scratch_path (self, KH_STORE_FILE);
  g_autoptr (GError) error = NULL;
  g_autofree char *value = NULL;
  g_autofree char *bytes = NULL;
  gsize len = 0;
  gsize page;

  (void)unused;
  set_room (self->store, "room");
  page = (gsize)read_int (self->store,
                          "SELECT rootpage FROM sqlite_schema WHERE name = 'settings'");
  scratch_close (self);
  g_assert_true (g_file_get_contents (path, &bytes, &len, NULL));
  g_assert_cmpuint (len, >=, page * 4096);
  memset (bytes + (page - 1) * 4096, 0xff, 4096);
  g_assert_true (g_file_set_contents (path, bytes, (gssize)len, NULL));
  scratch_reopen (self);
  g_assert_false (kh_settings_get (self->store, KH_SETTING_ROOM, &value, &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_DAMAGED);
  g_assert_null (value);
}

static void
test_full_disk_is_told (Scratch *self, gconstpointer unused)
{
  g_autofree char *text = g_strnfill (30000, 'x');
  g_autoptr (GError) error = NULL;

  (void)unused;
  set_room (self->store, "before");
  g_assert_cmpint (pragma (self->store, "max_page_count = 1"), >, 1);
  g_assert_false (kh_settings_set (self->store, KH_SETTING_ROOM, text, &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_DISK_FULL);
  assert_room (self->store, "before");
}

#ifdef G_OS_UNIX

/* Adds messages, one commit each, telling the parent after each; then more in a
 * batch that it never commits. */
static void
write_until_killed (const char *folder, int told)
{
  KhFolderLock *lock = kh_folder_lock_take (folder, "child", NULL);
  KhStore *store = kh_store_open (lock, NULL);

  for (guint i = 1; i < 200; i++)
    {
      KhNewMessage message = {
        .peer = scratch_peer (1), .id = scratch_id (i), .text = "text", .keep = TRUE
      };
      gboolean is_new;

      if (i == 100 && !kh_store_batch_begin (store, NULL))
        _exit (1);
      if (!kh_messages_add_incoming (store, &message, &is_new, NULL)
          || (i < 100 && write (told, "m", 1) != 1))
        _exit (1);
    }
  if (write (told, "b", 1) != 1)
    _exit (1);
  pause ();
}

/* Killed after @n_bytes words of the child; returns how many messages it told of. */
static guint
kill_a_writer (const char *folder, guint n_bytes)
{
  int told[2];
  guint n_told = 0;
  char byte = 0;
  pid_t child;

  g_assert_cmpint (pipe (told), ==, 0);
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      close (told[0]);
      write_until_killed (folder, told[1]);
      _exit (1);
    }
  close (told[1]);
  for (guint i = 0; i < n_bytes; i++)
    {
      g_assert_cmpint (read (told[0], &byte, 1), ==, 1);
      n_told += byte == 'm';
    }
  g_assert_cmpint (kill (child, SIGKILL), ==, 0);
  g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
  while (read (told[0], &byte, 1) == 1)
    n_told += byte == 'm';
  close (told[0]);
  return n_told;
}

static void
test_files_are_private_under_any_umask (Scratch *self, gconstpointer unused)
{
  static const char *const files[] = { "", "-wal", "-shm" };
  static const mode_t masks[] = { 0, 022, 0277 };

  (void)unused;
  for (gsize i = 0; i < G_N_ELEMENTS (masks); i++)
    {
      g_autofree char *path = scratch_path (self, KH_STORE_FILE);
      mode_t mask;

      scratch_close (self);
      g_unlink (path);
      mask = umask (masks[i]);
      scratch_reopen (self);
      set_room (self->store, "room");
      umask (mask);
      for (gsize j = 0; j < G_N_ELEMENTS (files); j++)
        {
          g_autofree char *file = g_strconcat (path, files[j], NULL);
          GStatBuf status;

          g_assert_cmpint (g_stat (file, &status), ==, 0);
          g_assert_cmpuint (status.st_mode & 07777, ==, 0600);
        }
    }
}

/* `id` beside a `listen` that was started in the same instant. */
static void
test_reader_waits_for_a_database_being_made (Scratch *self, gconstpointer unused)
{
  g_autofree char *path = scratch_path (self, KH_STORE_FILE);

  (void)unused;
  for (guint round = 0; round < 20; round++)
    {
      int status = 0;
      pid_t child;

      scratch_close (self);
      g_assert_cmpint (g_unlink (path), ==, 0);
      child = fork ();
      g_assert_cmpint (child, >=, 0);
      if (child == 0)
        {
          g_autoptr (GError) error = NULL;
          KhStore *reader = kh_store_open_for_reading (self->folder, &error);

          if (reader == NULL)
            g_printerr ("%s\n", error->message);
          _exit (reader != NULL ? 0 : 1);
        }
      scratch_reopen (self);
      set_room (self->store, "room");
      g_assert_cmpint (waitpid (child, &status, 0), ==, child);
      g_assert_cmpint (status, ==, 0);
    }
}

static void
test_killed_process_loses_nothing_committed (Scratch *self, gconstpointer unused)
{
  static const guint kill_after[] = { 1, 37, 99, 100 };

  (void)unused;
  for (gsize i = 0; i < G_N_ELEMENTS (kill_after); i++)
    {
      g_autofree char *path = scratch_path (self, KH_STORE_FILE);
      g_autoptr (GPtrArray) messages = NULL;
      guint n_told;

      scratch_close (self);
      g_unlink (path);
      n_told = kill_a_writer (self->folder, kill_after[i]);
      scratch_reopen (self);
      messages = scratch_history (self->store, 1);
      /* One more may have been committed, and not told of, when the kill came. */
      g_assert_cmpuint (messages->len, >=, n_told);
      g_assert_cmpuint (messages->len, <=, MIN (n_told + 1, 99));
    }
}

static void
add_tests_of_unix (void)
{
  SCRATCH_ADD ("/store/files-are-private-under-any-umask",
               test_files_are_private_under_any_umask);
  SCRATCH_ADD ("/store/reader-waits-for-a-database-being-made",
               test_reader_waits_for_a_database_being_made);
  SCRATCH_ADD ("/store/killed-process-loses-nothing-committed",
               test_killed_process_loses_nothing_committed);
}

#else

static void
add_tests_of_unix (void)
{
  add_not_here ("/store/files-are-private-under-any-umask", "files have no modes");
  add_not_here ("/store/reader-waits-for-a-database-being-made",
                "no process can be forked");
  add_not_here ("/store/killed-process-loses-nothing-committed",
                "no process can be forked");
}

#endif

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  SCRATCH_ADD ("/store/settings-of-sqlite-hold", test_settings_of_sqlite_hold);
  SCRATCH_ADD ("/store/reader-beside-the-holder", test_reader_beside_the_holder);
  SCRATCH_ADD ("/store/reader-of-nothing-says-so", test_reader_of_nothing_says_so);
  SCRATCH_ADD ("/store/batch-is-all-or-nothing", test_batch_is_all_or_nothing);
  SCRATCH_ADD ("/store/commit-without-a-batch-fails", test_commit_without_a_batch_fails);
  SCRATCH_ADD ("/store/garbage-is-damage-and-stays", test_garbage_is_damage_and_stays);
  SCRATCH_ADD ("/store/damaged-pages-are-damage-and-stay",
               test_damaged_pages_are_damage_and_stay);
  SCRATCH_ADD ("/store/damage-further-back-is-met-when-read",
               test_damage_further_back_is_met_when_read);
  SCRATCH_ADD ("/store/full-disk-is-told", test_full_disk_is_told);
  add_tests_of_unix ();
  return g_test_run ();
}
