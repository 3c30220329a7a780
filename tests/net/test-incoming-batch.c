/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/incoming-batch.h"

#include "../not-here.h"
#include "scratch-folder.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#ifdef G_OS_UNIX
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

static const guint8 transfer[KH_FRAME_ID_LEN] = { 9 };

typedef struct
{
  char *folder;
  guint n_open;
  KhFolderCursor cursor;
  KhIncomingBatch batch;
} Fixture;

/* fsync() below takes the place of the system's: what has not its final name yet, or
 * is a folder, was synced so often; and one of these fails. */
static guint n_files_synced, n_folders_synced;
static guint fail_at; /* 0: none */
#ifdef G_OS_UNIX
static int fail_with;

int
fsync (int fd)
{
  struct stat info;

  g_assert_cmpint (fstat (fd, &info), ==, 0);
  if (S_ISDIR (info.st_mode))
    n_folders_synced++;
  else if (++n_files_synced == fail_at)
    {
      errno = fail_with;
      return -1;
    }
  return (int)syscall (SYS_fsync, fd);
}

#endif

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = scratch_new ();
  fixture->n_open = scratch_count_open ();
  g_assert_true (kh_folder_cursor_open (&fixture->cursor, fixture->folder));
  n_files_synced = 0;
  n_folders_synced = 0;
  fail_at = 0;
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpuint (fixture->batch.n, ==, 0);
  g_assert_null (fixture->batch.waiting);
  kh_folder_cursor_close (&fixture->cursor);
  g_assert_cmpuint (scratch_count_open (), ==, fixture->n_open);
  scratch_free (fixture->folder);
}

/* A file that is whole but for its name. */
static void
add (Fixture *fixture, guint32 entry, const char *path, const char *text)
{
  const char *name
      = kh_folder_cursor_enter (&fixture->cursor, path, KH_FOLDER_CURSOR_MAKE);
  char partial[KH_INCOMING_FILE_NAME_MAX + 1];
  KhIncomingFile file;

  kh_incoming_file_partial_name (name, entry, transfer, partial);
  g_assert_cmpint (
      kh_incoming_file_begin (&file, fixture->cursor.folder, partial, false, 0), ==, 0);
  g_assert_cmpint (kh_incoming_file_write (&file, 0, text, strlen (text)), ==, 0);
  kh_incoming_batch_add_file (&fixture->batch, &file, entry, path, 1000 + entry);
  g_assert_cmpint (file.fd, ==, -1);
}

static void
add_other (Fixture *fixture, guint32 entry, KhFrameStatus status, bool there,
           const char *place)
{
  kh_incoming_batch_add_other (&fixture->batch, entry, status, there, place,
                               1000 + entry);
}

/* "FIRST+N STATUS" of each, with "there" and the place where it has one. */
static void
assert_flush (Fixture *fixture, const char *expected)
{
  g_autoptr (GArray) results
      = kh_incoming_batch_flush (&fixture->batch, &fixture->cursor, transfer);
  g_autoptr (GString) told = g_string_new (NULL);

  for (guint i = 0; i < results->len; i++)
    {
      const KhChannelResult *result = &g_array_index (results, KhChannelResult, i);

      g_string_append_printf (told, "%s%u+%u %u%s%s%s", i > 0 ? ", " : "", result->first,
                              result->n, result->status, result->there ? " there" : "",
                              result->place != NULL ? " at " : "",
                              result->place != NULL ? result->place : "");
    }
  g_assert_cmpstr (told->str, ==, expected);
}

static void
test_files_get_their_names_when_it_is_flushed (Fixture *fixture, gconstpointer data)
{
  add (fixture, 0, "a", "one");
  add (fixture, 1, "b/c", "two");
  add (fixture, 2, "b/d", "");
  g_assert_cmpuint (scratch_count (fixture->folder, ".part"), ==, 3);
  g_assert_false (scratch_exists (fixture->folder, "a"));
  g_assert_cmpuint (n_files_synced, ==, 0);
  assert_flush (fixture, "0+3 0");
  scratch_assert_text (fixture->folder, "a", "one");
  scratch_assert_text (fixture->folder, "b/c", "two");
  scratch_assert_text (fixture->folder, "b/d", "");
  g_assert_cmpuint (scratch_count (fixture->folder, ".part"), ==, 0);
}

static void
test_an_empty_batch_has_no_results (Fixture *fixture, gconstpointer data)
{
  assert_flush (fixture, "");
}

static void
test_what_is_alike_and_in_a_row_is_one_result (Fixture *fixture, gconstpointer data)
{
  add_other (fixture, 3, KH_FRAME_STATUS_COMPLETE, false, NULL);
  add (fixture, 4, "a", "x");
  add_other (fixture, 5, KH_FRAME_STATUS_COMPLETE, true, NULL);
  add_other (fixture, 6, KH_FRAME_STATUS_COMPLETE, true, NULL);
  add_other (fixture, 8, KH_FRAME_STATUS_COMPLETE, true, NULL);
  add_other (fixture, 9, KH_FRAME_STATUS_COMPLETE, true, "b (2)");
  add_other (fixture, 10, KH_FRAME_STATUS_COMPLETE, true, NULL);
  add_other (fixture, 11, KH_FRAME_STATUS_GONE, false, NULL);
  add_other (fixture, 12, KH_FRAME_STATUS_GONE, false, NULL);
  add_other (fixture, 13, KH_FRAME_STATUS_COMPLETE, false, NULL);
  add_other (fixture, 2, KH_FRAME_STATUS_COMPLETE, false, NULL);
  assert_flush (fixture, "3+2 0, 5+2 0 there, 8+1 0 there, 9+1 0 there at b (2), "
                         "10+1 0 there, 11+1 4, 12+1 4, 13+1 0, 2+1 0");
}

static void
test_a_run_is_no_longer_than_a_frame_says (Fixture *fixture, gconstpointer data)
{
  g_autofree char *expected
      = g_strdup_printf ("0+%u 0, %u+%u 0, %u+1 0", KH_FRAME_RUN_MAX, KH_FRAME_RUN_MAX,
                         KH_FRAME_RUN_MAX, 2 * KH_FRAME_RUN_MAX);

  for (guint32 i = 0; i <= 2 * KH_FRAME_RUN_MAX; i++)
    add_other (fixture, i, KH_FRAME_STATUS_COMPLETE, false, NULL);
  assert_flush (fixture, expected);
}

static void
test_the_place_is_told_where_it_differs (Fixture *fixture, gconstpointer data)
{
  scratch_write_text (fixture->folder, "a.txt", "mine");
  scratch_write_text (fixture->folder, "b", "in the way");
  add (fixture, 0, "a.txt", "x");
  add (fixture, 1, "b/c", "y");
  add (fixture, 2, "b/c", "z");
  add (fixture, 3, "d/e", "z");
  assert_flush (fixture,
                "0+1 0 at a (2).txt, 1+1 0 at b (2)/c, 2+1 0 at b (2)/c (2), 3+1 0");
  scratch_assert_text (fixture->folder, "a.txt", "mine");
  scratch_assert_text (fixture->folder, "b", "in the way");
}

static void
test_it_is_full_by_number_or_bytes (Fixture *fixture, gconstpointer data)
{
  KhIncomingFile file = KH_INCOMING_FILE_NONE;

  for (guint32 i = 0; i < KH_INCOMING_BATCH_MAX; i++)
    {
      g_assert_false (kh_incoming_batch_is_full (&fixture->batch));
      add_other (fixture, i, KH_FRAME_STATUS_COMPLETE, false, NULL);
    }
  g_assert_true (kh_incoming_batch_is_full (&fixture->batch));
  assert_flush (fixture, "0+256 0");
  g_assert_false (kh_incoming_batch_is_full (&fixture->batch));

  file.end = KH_INCOMING_BATCH_BYTES;
  kh_incoming_batch_add_file (&fixture->batch, &file, 0, "a", 0);
  g_assert_true (kh_incoming_batch_is_full (&fixture->batch));
  g_array_unref (kh_incoming_batch_flush (&fixture->batch, &fixture->cursor, transfer));
  g_assert_false (kh_incoming_batch_is_full (&fixture->batch));
}

static void
test_it_waits_since_the_first (Fixture *fixture, gconstpointer data)
{
  add_other (fixture, 5, KH_FRAME_STATUS_COMPLETE, false, NULL);
  add_other (fixture, 6, KH_FRAME_STATUS_COMPLETE, false, NULL);
  g_assert_cmpint (fixture->batch.since_us, ==, 1005);
  assert_flush (fixture, "5+2 0");
  add_other (fixture, 7, KH_FRAME_STATUS_COMPLETE, false, NULL);
  g_assert_cmpint (fixture->batch.since_us, ==, 1007);
  assert_flush (fixture, "7+1 0");
}

static void
test_what_has_no_name_left_leaves_nothing (Fixture *fixture, gconstpointer data)
{
  scratch_write_text (fixture->folder, "a", "");
  for (guint i = 2; i <= KH_INCOMING_FILE_NAMES; i++)
    {
      g_autofree char *name = g_strdup_printf ("a (%u)", i);

      scratch_write_text (fixture->folder, name, "");
    }
  add (fixture, 0, "a", "x");
  assert_flush (fixture, "0+1 11");
  g_assert_cmpuint (scratch_count (fixture->folder, ".part"), ==, 0);
}

#define ADD(name, function)                                                              \
  g_test_add ("/incoming-batch/" name, Fixture, NULL, set_up, function, tear_down)

#ifdef G_OS_UNIX

static void
test_each_file_and_folder_is_synced (Fixture *fixture, gconstpointer data)
{
  kh_folder_cursor_enter (&fixture->cursor, "b/x", KH_FOLDER_CURSOR_MAKE);
  kh_folder_cursor_enter (&fixture->cursor, "c/x", KH_FOLDER_CURSOR_MAKE);
  n_folders_synced = 0;
  for (guint32 i = 0; i < 20; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/%u", i < 10 ? "b" : "c", i);

      add (fixture, i, path, "x");
    }
  assert_flush (fixture, "0+20 0");
  g_assert_cmpuint (n_files_synced, ==, 20);
  g_assert_cmpuint (n_folders_synced, ==, 2);
}

/* One that the disk did not take is told, and leaves nothing; the others are named. */
static void
test_a_file_that_fails_is_alone_in_it (Fixture *fixture, gconstpointer data)
{
  fail_at = 2;
  fail_with = EIO;
  add (fixture, 0, "a", "x");
  add (fixture, 1, "b", "y");
  add (fixture, 2, "c", "z");
  assert_flush (fixture, "0+1 0, 1+1 12, 2+1 0");
  g_assert_cmpuint (scratch_count (fixture->folder, NULL), ==, 2);
  scratch_assert_text (fixture->folder, "c", "z");
}

static void
test_what_a_full_disk_did_not_take_is_kept (Fixture *fixture, gconstpointer data)
{
  fail_at = 1;
  fail_with = ENOSPC;
  add (fixture, 0, "a", "x");
  assert_flush (fixture, "0+1 10");
  g_assert_false (scratch_exists (fixture->folder, "a"));
  g_assert_cmpuint (scratch_count (fixture->folder, ".part"), ==, 1);
}

/* Its folder was moved away, and a link put there. */
static void
test_a_link_swapped_in_takes_no_file (Fixture *fixture, gconstpointer data)
{
  char *outside = scratch_new ();
  g_autofree char *b = scratch_path (fixture->folder, "b");
  g_autofree char *away = scratch_path (fixture->folder, "away");

  add (fixture, 0, "b/c", "x");
  kh_folder_cursor_enter (&fixture->cursor, "x", KH_FOLDER_CURSOR_EXACT);
  g_assert_cmpint (g_rename (b, away), ==, 0);
  scratch_link (fixture->folder, outside, "b");
  assert_flush (fixture, "0+1 11");
  g_assert_cmpuint (scratch_count (outside, NULL), ==, 0);
  scratch_free (outside);
}

static void
add_tests_of_unix (void)
{
  ADD ("each-file-and-folder-is-synced", test_each_file_and_folder_is_synced);
  ADD ("a-file-that-fails-is-alone-in-it", test_a_file_that_fails_is_alone_in_it);
  ADD ("what-a-full-disk-did-not-take-is-kept",
       test_what_a_full_disk_did_not_take_is_kept);
  ADD ("a-link-swapped-in-takes-no-file", test_a_link_swapped_in_takes_no_file);
}

#else

static void
add_tests_of_unix (void)
{
  add_not_here ("/incoming-batch/each-file-and-folder-is-synced",
                "nothing takes the place of what syncs");
  add_not_here ("/incoming-batch/a-file-that-fails-is-alone-in-it",
                "nothing takes the place of what syncs");
  add_not_here ("/incoming-batch/what-a-full-disk-did-not-take-is-kept",
                "nothing takes the place of what syncs");
  add_not_here ("/incoming-batch/a-link-swapped-in-takes-no-file",
                "no folder is renamed that has an open file in it");
}

#endif

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  ADD ("files-get-their-names-when-it-is-flushed",
       test_files_get_their_names_when_it_is_flushed);
  ADD ("an-empty-batch-has-no-results", test_an_empty_batch_has_no_results);
  ADD ("what-is-alike-and-in-a-row-is-one-result",
       test_what_is_alike_and_in_a_row_is_one_result);
  ADD ("a-run-is-no-longer-than-a-frame-says", test_a_run_is_no_longer_than_a_frame_says);
  ADD ("the-place-is-told-where-it-differs", test_the_place_is_told_where_it_differs);
  ADD ("it-is-full-by-number-or-bytes", test_it_is_full_by_number_or_bytes);
  ADD ("it-waits-since-the-first", test_it_waits_since_the_first);
  ADD ("what-has-no-name-left-leaves-nothing", test_what_has_no_name_left_leaves_nothing);
  add_tests_of_unix ();
  return g_test_run ();
}
