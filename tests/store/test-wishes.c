/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/wishes.h"
#include "../not-here.h"
#include "scratch-tree.h"
#include "store/settings.h"
#include "store/store-private.h"

#include <glib/gstdio.h>
#include <string.h>

#ifdef G_OS_UNIX
#include <sys/wait.h>
#include <unistd.h>
#endif

#define N_WISHES 100

/* Of the loops that wait for another process or thread, each with a sync of the disk. */
#define ROUNDS_MAX 100000

static KhStore *
open_wisher (Scratch *self)
{
  g_autoptr (GError) error = NULL;
  KhStore *store = kh_store_open_for_wishes (self->folder, &error);

  g_assert_no_error (error);
  return store;
}

static gint64
add (KhStore *store, KhWishKind kind, gint64 transfer)
{
  g_autoptr (GError) error = NULL;
  gint64 seq = 0;

  g_assert_true (kh_wishes_add (store, kind, transfer, &seq, &error));
  g_assert_no_error (error);
  return seq;
}

static GArray *
take (KhStore *store)
{
  g_autoptr (GError) error = NULL;
  GArray *wishes = kh_wishes_take (store, &error);

  g_assert_no_error (error);
  return wishes;
}

static gboolean
has (KhStore *store, gint64 seq)
{
  g_autoptr (GError) error = NULL;
  gboolean waiting = FALSE;

  g_assert_true (kh_wishes_has (store, seq, &waiting, &error));
  g_assert_no_error (error);
  return waiting;
}

static void
test_taken_once_in_order_by_the_holder (Scratch *self, gconstpointer unused)
{
  g_autoptr (KhStore) wisher = open_wisher (self);
  g_autoptr (GArray) wishes = NULL;
  g_autoptr (GArray) none = NULL;
  gint64 seqs[6];

  (void)unused;
  for (guint i = 0; i < 6; i++)
    {
      seqs[i] = add (wisher, (KhWishKind)(KH_WISH_FIRST - i), 70 + i);
      g_assert_true (has (wisher, seqs[i]));
    }
  wishes = take (self->store);
  g_assert_cmpuint (wishes->len, ==, 6);
  for (guint i = 0; i < 6; i++)
    {
      const KhWish *wish = &g_array_index (wishes, KhWish, i);

      g_assert_cmpint (wish->seq, ==, seqs[i]);
      g_assert_cmpint (wish->kind, ==, KH_WISH_FIRST - i);
      g_assert_cmpint (wish->transfer, ==, 70 + i);
      g_assert_false (has (wisher, seqs[i]));
    }
  none = take (self->store);
  g_assert_cmpuint (none->len, ==, 0);
}

/* Otherwise has() would speak of another's wish. */
static void
test_number_is_never_used_again (Scratch *self, gconstpointer unused)
{
  gint64 last = 0;

  (void)unused;
  for (guint round = 0; round < 5; round++)
    {
      gint64 seq = add (self->store, KH_WISH_PAUSE, 1);

      g_assert_cmpint (seq, >, last);
      g_assert_false (has (self->store, last));
      last = seq;
      g_array_unref (take (self->store));
      scratch_reopen (self);
    }
}

static void
test_taken_in_a_lost_batch_still_waits (Scratch *self, gconstpointer unused)
{
  gint64 seq = add (self->store, KH_WISH_RETRY, 1);

  (void)unused;
  g_assert_true (kh_store_batch_begin (self->store, NULL));
  g_array_unref (take (self->store));
  g_assert_false (has (self->store, seq));
  kh_store_batch_rollback (self->store);
  g_assert_true (has (self->store, seq));
}

static void
test_wisher_reads_and_changes_nothing_else (Scratch *self, gconstpointer unused)
{
  static const char *const tree[] = { "a 5" };
  KhNewTransfer another
      = { .peer = scratch_peer (1), .id = scratch_id (2), .name = "another" };
  gint64 seq = scratch_transfer (self, 1, KH_STORE_OUTGOING);
  g_autoptr (KhStoredTransfer) read = NULL;
  g_autoptr (KhStore) wisher = NULL;
  g_autoptr (GError) error = NULL;

  (void)unused;
  scratch_tree (self, seq, tree, 1);
  wisher = open_wisher (self);
  g_assert_true (kh_transfers_get (wisher, seq, &read, NULL));
  g_assert_nonnull (read);
  scratch_assert_page (kh_entries_range (wisher, seq, 0, 9, 99, NULL), "0:a");
  g_assert_false (kh_transfers_accept (wisher, seq, NULL, &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_READ_ONLY);
  g_clear_error (&error);
  g_assert_false (kh_transfers_add (wisher, &another, &seq, &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_READ_ONLY);
  g_clear_error (&error);
  g_assert_false (kh_settings_set (wisher, KH_SETTING_ROOM, "room", &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_READ_ONLY);
  g_clear_error (&error);
  g_assert_null (kh_wishes_take (wisher, &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_READ_ONLY);
}

static void
assert_no_wisher (const char *folder)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (kh_store_open_for_wishes (folder, &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_CANNOT_OPEN);
  g_assert_nonnull (strstr (error->message, folder));
}

static void
test_nothing_is_made_for_a_wish (Scratch *self, gconstpointer unused)
{
  g_autofree char *path = scratch_path (self, KH_STORE_FILE);

  (void)unused;
  scratch_close (self);
  g_assert_cmpint (g_unlink (path), ==, 0);
  assert_no_wisher (self->folder);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

static void
test_older_schema_is_left_as_it_is (Scratch *self, gconstpointer unused)
{
  g_autofree char *path = scratch_path (self, KH_STORE_FILE);
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  gsize before_len;
  gsize after_len;
  sqlite3 *db;

  (void)unused;
  scratch_close (self);
  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, "PRAGMA user_version = 1", NULL, NULL, NULL), ==,
                   SQLITE_OK);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
  g_assert_true (g_file_get_contents (path, &before, &before_len, NULL));
  assert_no_wisher (self->folder);
  g_assert_true (g_file_get_contents (path, &after, &after_len, NULL));
  g_assert_cmpmem (before, before_len, after, after_len);
}

/* Takes until all have come, in order, with batches of its own between. */
static void
take_all (Scratch *self)
{
  g_autoptr (GError) error = NULL;
  gint64 expected = 0;

  for (guint round = 0; expected < N_WISHES; round++)
    {
      g_autoptr (GArray) wishes = take (self->store);

      g_assert_cmpuint (round, <, ROUNDS_MAX);
      for (guint i = 0; i < wishes->len; i++)
        g_assert_cmpint (g_array_index (wishes, KhWish, i).transfer, ==, expected++);
      g_assert_true (kh_store_batch_begin (self->store, &error));
      for (guint i = 0; i < 5; i++)
        g_assert_true (kh_settings_set (self->store, KH_SETTING_ROOM, "room", &error));
      g_assert_true (kh_store_batch_commit (self->store, &error));
      g_assert_no_error (error);
    }
}

/* Returns whether all could be wished. */
static gboolean
wish_all (const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KhStore) wisher = kh_store_open_for_wishes (folder, &error);
  gboolean good = wisher != NULL;
  gint64 seq;

  for (guint i = 0; good && i < N_WISHES; i++)
    good = kh_wishes_add (wisher, KH_WISH_PAUSE, i, &seq, &error);
  if (!good)
    g_printerr ("%s\n", error->message);
  return good;
}

static gpointer
wish_in_thread (gpointer folder)
{
  return GINT_TO_POINTER (wish_all (folder));
}

static void
test_another_thread_wishes_while_the_holder_writes (Scratch *self, gconstpointer unused)
{
  GThread *thread = g_thread_new ("wisher", wish_in_thread, self->folder);

  (void)unused;
  take_all (self);
  g_assert_true (GPOINTER_TO_INT (g_thread_join (thread)));
}

#ifdef G_OS_UNIX

/* The child begins while nothing of SQLite is open: that does not survive a fork. */
static void
test_another_process_wishes_while_the_holder_writes (Scratch *self, gconstpointer unused)
{
  int status = 0;
  pid_t child;

  (void)unused;
  scratch_close (self);
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    _exit (wish_all (self->folder) ? 0 : 1);
  scratch_reopen (self);
  take_all (self);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (status, ==, 0);
}

static void
add_tests_of_unix (void)
{
  SCRATCH_ADD ("/wishes/another-process-wishes-while-the-holder-writes",
               test_another_process_wishes_while_the_holder_writes);
}

#else

static void
add_tests_of_unix (void)
{
  add_not_here ("/wishes/another-process-wishes-while-the-holder-writes",
                "no process can be forked");
}

#endif

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  SCRATCH_ADD ("/wishes/taken-once-in-order-by-the-holder",
               test_taken_once_in_order_by_the_holder);
  SCRATCH_ADD ("/wishes/number-is-never-used-again", test_number_is_never_used_again);
  SCRATCH_ADD ("/wishes/taken-in-a-lost-batch-still-waits",
               test_taken_in_a_lost_batch_still_waits);
  SCRATCH_ADD ("/wishes/wisher-reads-and-changes-nothing-else",
               test_wisher_reads_and_changes_nothing_else);
  SCRATCH_ADD ("/wishes/nothing-is-made-for-a-wish", test_nothing_is_made_for_a_wish);
  SCRATCH_ADD ("/wishes/older-schema-is-left-as-it-is",
               test_older_schema_is_left_as_it_is);
  SCRATCH_ADD ("/wishes/another-thread-wishes-while-the-holder-writes",
               test_another_thread_wishes_while_the_holder_writes);
  add_tests_of_unix ();
  return g_test_run ();
}
