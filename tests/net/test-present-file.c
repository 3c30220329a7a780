/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/present-file.h"

#include "../not-here.h"
#include "scratch-folder.h"

#include <errno.h>
#include <string.h>

#ifdef G_OS_UNIX
#include <sys/stat.h>
#include <unistd.h>
#endif

#define WHEN_MS G_GUINT64_CONSTANT (1000000000250)

typedef struct
{
  char *folder;
  KhFolderCursor cursor;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = scratch_new ();
  g_assert_true (kh_folder_cursor_open (&fixture->cursor, fixture->folder));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  kh_folder_cursor_close (&fixture->cursor);
  scratch_free (fixture->folder);
}

static void
put (Fixture *fixture, const char *path, const char *text, guint64 modified_ms)
{
  scratch_write_text (fixture->folder, path, text);
  scratch_set_time (fixture->folder, path, modified_ms);
}

/* A file "a" of three bytes is found at @place. */
static void
assert_found (Fixture *fixture, const char *place)
{
  g_autofree char *found
      = kh_present_file_find (&fixture->cursor, "a", 3, WHEN_MS, INT64_MIN);

  g_assert_cmpstr (found, ==, place);
}

static void
test_it_is_found_by_name_size_and_time (Fixture *fixture, gconstpointer data)
{
  assert_found (fixture, NULL);
  put (fixture, "b", "abc", WHEN_MS);
  assert_found (fixture, NULL);
  put (fixture, "a", "abcd", WHEN_MS);
  assert_found (fixture, NULL);
  put (fixture, "a", "abc", WHEN_MS + 1);
  assert_found (fixture, NULL);
  put (fixture, "a", "abc", WHEN_MS);
  assert_found (fixture, "a");
}

static void
test_numbered_ones_are_looked_at_up_to_a_gap (Fixture *fixture, gconstpointer data)
{
  g_autofree char *second = scratch_path (fixture->folder, "a (2)");

  put (fixture, "a", "other", WHEN_MS);
  put (fixture, "a (2)", "other", WHEN_MS);
  put (fixture, "a (3)", "abc", WHEN_MS);
  put (fixture, "a (4)", "abc", WHEN_MS);
  assert_found (fixture, "a (3)");
  put (fixture, "a (3)", "abc", 0);
  assert_found (fixture, "a (4)");
  g_assert_cmpint (g_unlink (second), ==, 0);
  assert_found (fixture, NULL);
}

static void
test_the_place_is_below_the_top (Fixture *fixture, gconstpointer data)
{
  scratch_write_text (fixture->folder, "x", "in the way");
  g_assert_cmpstr (
      kh_folder_cursor_enter (&fixture->cursor, "x/y/a", KH_FOLDER_CURSOR_MAKE), ==, "a");
  put (fixture, "x (2)/y/a", "abc", WHEN_MS);
  assert_found (fixture, "x (2)/y/a");
}

/* One that was there before the transfer was accepted is not of it. */
static void
test_it_is_not_older_than_it_may_be (Fixture *fixture, gconstpointer data)
{
  gint64 now_ms = g_get_real_time () / 1000;
  g_autofree char *found = NULL;

  put (fixture, "a", "abc", WHEN_MS);
  g_assert_null (
      kh_present_file_find (&fixture->cursor, "a", 3, WHEN_MS, now_ms + 60000));
  found = kh_present_file_find (&fixture->cursor, "a", 3, WHEN_MS, now_ms - 60000);
  g_assert_cmpstr (found, ==, "a");
}

static void
test_times_that_no_clock_has_fit_nothing (Fixture *fixture, gconstpointer data)
{
  put (fixture, "a", "abc", 0);
  g_assert_null (kh_present_file_find (&fixture->cursor, "a", 3, UINT64_MAX, INT64_MIN));
  g_assert_null (kh_present_file_find (&fixture->cursor, "a", UINT64_MAX, 0, INT64_MIN));
}

static void
test_the_longest_name_is_looked_for (Fixture *fixture, gconstpointer data)
{
  g_autofree char *name = g_strnfill (255, 'n');
  g_autofree char *found = NULL;

  put (fixture, name, "abc", WHEN_MS);
  found = kh_present_file_find (&fixture->cursor, name, 3, WHEN_MS, INT64_MIN);
  g_assert_cmpstr (found, ==, name);
}

static void
test_a_search_ends (Fixture *fixture, gconstpointer data)
{
  put (fixture, "a", "other", WHEN_MS);
  for (guint i = 2; i <= 101; i++)
    {
      g_autofree char *name = g_strdup_printf ("a (%u)", i);

      put (fixture, name, i == 101 ? "abc" : "other", WHEN_MS);
    }
  assert_found (fixture, NULL);
}

static void
test_whether_a_path_is_it (Fixture *fixture, gconstpointer data)
{
  const int folder = fixture->cursor.top;

  g_assert_false (kh_present_file_is (folder, "a", 3, WHEN_MS));
  put (fixture, "a", "abc", WHEN_MS);
  scratch_link (fixture->folder, "a", "link");
  g_assert_true (kh_present_file_is (folder, "a", 3, WHEN_MS));
  g_assert_false (kh_present_file_is (folder, "a", 4, WHEN_MS));
  g_assert_false (kh_present_file_is (folder, "a", 3, WHEN_MS + 1));
  g_assert_false (kh_present_file_is (folder, "link", 3, WHEN_MS));
}

static void
test_only_plain_files_are_opened (Fixture *fixture, gconstpointer data)
{
  guint n_open = scratch_count_open ();
  int fd;

  put (fixture, "a", "abc", WHEN_MS);
  scratch_make_folder (fixture->folder, "folder");
  g_assert_cmpint (kh_present_file_open (fixture->cursor.folder, "folder"), ==, -1);
  g_assert_cmpint (kh_present_file_open (fixture->cursor.folder, "none"), ==, -1);
  g_assert_cmpuint (scratch_count_open (), ==, n_open);
  fd = kh_present_file_open (fixture->cursor.folder, "a");
  g_assert_cmpint (fd, >=, 0);
  kh_present_file_close (fd);
  kh_present_file_close (-1);
  g_assert_cmpuint (scratch_count_open (), ==, n_open);
}

#define ADD(name, function)                                                              \
  g_test_add ("/present-file/" name, Fixture, NULL, set_up, function, tear_down)

#ifdef G_OS_UNIX

/* What is no plain file takes up a number and is not it. */
static void
test_links_folders_and_pipes_are_passed_over (Fixture *fixture, gconstpointer data)
{
  put (fixture, "elsewhere", "abc", WHEN_MS);
  scratch_link (fixture->folder, "elsewhere", "a");
  scratch_make_folder (fixture->folder, "a (2)");
  g_assert_cmpint (mkfifoat (fixture->cursor.folder, "a (3)", 0600), ==, 0);
  scratch_link (fixture->folder, "nowhere", "a (4)");
  assert_found (fixture, NULL);
  put (fixture, "a (5)", "abc", WHEN_MS);
  assert_found (fixture, "a (5)");
}

static void
test_links_and_pipes_are_not_opened (Fixture *fixture, gconstpointer data)
{
  guint n_open = scratch_count_open ();

  put (fixture, "a", "abc", WHEN_MS);
  scratch_link (fixture->folder, "a", "link");
  g_assert_cmpint (mkfifoat (fixture->cursor.folder, "pipe", 0600), ==, 0);
  g_assert_cmpint (kh_present_file_open (fixture->cursor.folder, "link"), ==, -1);
  g_assert_cmpint (kh_present_file_open (fixture->cursor.folder, "pipe"), ==, -1);
  g_assert_cmpuint (scratch_count_open (), ==, n_open);
}

static void
add_tests_of_unix (void)
{
  ADD ("links-folders-and-pipes-are-passed-over",
       test_links_folders_and_pipes_are_passed_over);
  ADD ("links-and-pipes-are-not-opened", test_links_and_pipes_are_not_opened);
}

#else

static void
add_tests_of_unix (void)
{
  add_not_here ("/present-file/links-folders-and-pipes-are-passed-over",
                "pipes have no names in folders");
  add_not_here ("/present-file/links-and-pipes-are-not-opened",
                "pipes have no names in folders");
}

#endif

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("it-is-found-by-name-size-and-time", test_it_is_found_by_name_size_and_time);
  ADD ("numbered-ones-are-looked-at-up-to-a-gap",
       test_numbered_ones_are_looked_at_up_to_a_gap);
  ADD ("the-place-is-below-the-top", test_the_place_is_below_the_top);
  ADD ("it-is-not-older-than-it-may-be", test_it_is_not_older_than_it_may_be);
  ADD ("times-that-no-clock-has-fit-nothing", test_times_that_no_clock_has_fit_nothing);
  ADD ("the-longest-name-is-looked-for", test_the_longest_name_is_looked_for);
  ADD ("a-search-ends", test_a_search_ends);
  ADD ("whether-a-path-is-it", test_whether_a_path_is_it);
  ADD ("only-plain-files-are-opened", test_only_plain_files_are_opened);
  add_tests_of_unix ();
  return g_test_run ();
}
