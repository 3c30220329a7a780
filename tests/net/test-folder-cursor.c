/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/folder-cursor.h"

#include "../not-here.h"
#include "scratch-folder.h"

#include <errno.h>
#include <string.h>

#ifdef G_OS_UNIX
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

typedef struct
{
  char *folder;
  guint n_open;
  KhFolderCursor cursor;
} Fixture;

/* What was synced, in this order: fsync() below takes the place of the system's. */
static GArray *synced;

#ifdef G_OS_UNIX

int
fsync (int fd)
{
  struct stat info;

  if (synced != NULL && fstat (fd, &info) == 0)
    g_array_append_val (synced, info.st_ino);
  return (int)syscall (SYS_fsync, fd);
}

#endif

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = scratch_new ();
  fixture->n_open = scratch_count_open ();
  g_assert_true (kh_folder_cursor_open (&fixture->cursor, fixture->folder));
  synced = g_array_new (FALSE, FALSE, sizeof (ino_t));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  kh_folder_cursor_close (&fixture->cursor);
  kh_folder_cursor_close (&fixture->cursor);
  g_assert_cmpint (fixture->cursor.top, ==, -1);
  g_assert_cmpuint (scratch_count_open (), ==, fixture->n_open);
  scratch_free (fixture->folder);
  g_clear_pointer (&synced, g_array_unref);
}

/* The cursor is in the folder @path. */
static void
assert_in (Fixture *fixture, const char *path)
{
  g_assert_true (scratch_is (fixture->cursor.folder, fixture->folder, path));
  g_assert_cmpstr (fixture->cursor.place, ==, path);
}

static void
assert_enters (Fixture *fixture, const char *path, KhFolderCursorWay way,
               const char *name, const char *place)
{
  g_assert_cmpstr (kh_folder_cursor_enter (&fixture->cursor, path, way), ==, name);
  assert_in (fixture, place);
}

static void
assert_refuses (Fixture *fixture, const char *path, KhFolderCursorWay way, int error)
{
  errno = 0;
  g_assert_null (kh_folder_cursor_enter (&fixture->cursor, path, way));
  g_assert_cmpint (errno, ==, error);
  assert_in (fixture, "");
}

static void
test_it_goes_where_each_path_says (Fixture *fixture, gconstpointer data)
{
  assert_enters (fixture, "f", KH_FOLDER_CURSOR_MAKE, "f", "");
  assert_enters (fixture, "a/f", KH_FOLDER_CURSOR_MAKE, "f", "a");
  assert_enters (fixture, "a/b/c/f", KH_FOLDER_CURSOR_MAKE, "f", "a/b/c");
  assert_enters (fixture, "a/b/g", KH_FOLDER_CURSOR_MAKE, "g", "a/b");
  assert_enters (fixture, "a/bc/f", KH_FOLDER_CURSOR_MAKE, "f", "a/bc");
  assert_enters (fixture, "ab/f", KH_FOLDER_CURSOR_MAKE, "f", "ab");
  assert_enters (fixture, "a/", KH_FOLDER_CURSOR_MAKE, "", "a");
  assert_enters (fixture, "f", KH_FOLDER_CURSOR_MAKE, "f", "");
  g_assert_cmpuint (scratch_count (fixture->folder, NULL), ==, 5);
}

static void
test_what_is_missing_is_made_only_when_asked (Fixture *fixture, gconstpointer data)
{
  assert_refuses (fixture, "a/f", KH_FOLDER_CURSOR_EXACT, ENOENT);
  g_assert_cmpuint (scratch_count (fixture->folder, NULL), ==, 0);
  assert_enters (fixture, "a/f", KH_FOLDER_CURSOR_MAKE, "f", "a");
  assert_refuses (fixture, "a/b/f", KH_FOLDER_CURSOR_EXACT, ENOENT);
  assert_enters (fixture, "a/f", KH_FOLDER_CURSOR_EXACT, "f", "a");
}

static void
test_a_top_that_is_none_is_told (void)
{
  char *folder = scratch_new ();
  g_autofree char *file = scratch_path (folder, "file");
  KhFolderCursor cursor;

  scratch_write_text (folder, "file", "x");
  g_assert_false (kh_folder_cursor_open (&cursor, file));
  g_assert_cmpint (errno, ==, ENOTDIR);
  g_assert_cmpint (cursor.top, ==, -1);
  kh_folder_cursor_close (&cursor);
  scratch_free (folder);
  g_assert_false (kh_folder_cursor_open (&cursor, file));
  g_assert_cmpint (errno, ==, ENOENT);
}

/* Not at the end of a path, not in its middle, not when the cursor is beside it. */
static void
test_links_are_never_followed (Fixture *fixture, gconstpointer data)
{
  char *outside = scratch_new ();

  scratch_make_folder (outside, "in");
  scratch_make_folder (fixture->folder, "a");
  if (!scratch_link (fixture->folder, outside, "link"))
    {
      scratch_free (outside);
      return;
    }
  scratch_link (fixture->folder, outside, "a/link");
  scratch_link (fixture->folder, "a", "to-a");
  assert_refuses (fixture, "link/f", KH_FOLDER_CURSOR_EXACT, ENOTDIR);
  assert_refuses (fixture, "link/in/f", KH_FOLDER_CURSOR_EXACT, ENOTDIR);
  assert_refuses (fixture, "to-a/f", KH_FOLDER_CURSOR_EXACT, ENOTDIR);
  assert_enters (fixture, "a/f", KH_FOLDER_CURSOR_EXACT, "f", "a");
  assert_refuses (fixture, "a/link/in/f", KH_FOLDER_CURSOR_EXACT, ENOTDIR);

  /* With leave to make folders they are made beside it. */
  assert_enters (fixture, "link/in/f", KH_FOLDER_CURSOR_MAKE, "f", "link (2)/in");
  assert_enters (fixture, "a/link/in/f", KH_FOLDER_CURSOR_MAKE, "f", "a/link (2)/in");
  g_assert_cmpuint (scratch_count (outside, NULL), ==, 1);
  scratch_free (outside);
}

/* Someone who may write there replaces a folder while the cursor is in it. */
static void
test_a_link_swapped_in_leads_nowhere (Fixture *fixture, gconstpointer data)
{
  char *outside = scratch_new ();
  g_autofree char *b = scratch_path (fixture->folder, "a/b");
  g_autofree char *away = scratch_path (fixture->folder, "away");

  scratch_make_folder (outside, "c");
  assert_enters (fixture, "a/b/f", KH_FOLDER_CURSOR_MAKE, "f", "a/b");
  g_assert_cmpint (g_rename (b, away), ==, 0);
  if (!scratch_link (fixture->folder, outside, "a/b"))
    {
      scratch_free (outside);
      return;
    }

  /* From where it is: the folder that it had, wherever that is now. */
  g_assert_cmpstr (
      kh_folder_cursor_enter (&fixture->cursor, "a/b/c/f", KH_FOLDER_CURSOR_MAKE), ==,
      "f");
  g_assert_true (scratch_exists (fixture->folder, "away/c"));
  /* And from the top not through the link. */
  assert_enters (fixture, "f", KH_FOLDER_CURSOR_MAKE, "f", "");
  assert_refuses (fixture, "a/b/c/f", KH_FOLDER_CURSOR_EXACT, ENOTDIR);
  assert_enters (fixture, "a/b/c/f", KH_FOLDER_CURSOR_MAKE, "f", "a/b (2)/c");
  g_assert_cmpuint (scratch_count (outside, NULL), ==, 1);
  scratch_free (outside);
}

static void
test_a_file_in_the_way_gives_a_number_and_it_stays (Fixture *fixture, gconstpointer data)
{
  scratch_write_text (fixture->folder, "a", "file");
  scratch_write_text (fixture->folder, "a (2)", "file, too");
  scratch_write_text (fixture->folder, "a (3)", "file, as well");
  for (guint i = 0; i < 3; i++)
    {
      assert_enters (fixture, "a/b/f", KH_FOLDER_CURSOR_MAKE, "f", "a (4)/b");
      assert_enters (fixture, "a/f", KH_FOLDER_CURSOR_MAKE, "f", "a (4)");
      assert_enters (fixture, "f", KH_FOLDER_CURSOR_MAKE, "f", "");
    }
  scratch_assert_text (fixture->folder, "a", "file");

  kh_folder_cursor_close (&fixture->cursor);
  g_assert_true (kh_folder_cursor_open (&fixture->cursor, fixture->folder));
  assert_enters (fixture, "a/b/f", KH_FOLDER_CURSOR_MAKE, "f", "a (4)/b");
}

static void
assert_made (Fixture *fixture, const char *path, KhFolderCursorWay way, bool made)
{
  g_assert_nonnull (kh_folder_cursor_enter (&fixture->cursor, path, way));
  g_assert_cmpint (fixture->cursor.made, ==, made);
}

/* Only of the last folder of a path, and only by the step that made it. */
static void
test_it_knows_what_it_made (Fixture *fixture, gconstpointer data)
{
  scratch_make_folder (fixture->folder, "there");
  scratch_write_text (fixture->folder, "file", "in the way");
  assert_made (fixture, "a/", KH_FOLDER_CURSOR_MAKE, true);
  assert_made (fixture, "a/f", KH_FOLDER_CURSOR_MAKE, false);
  assert_made (fixture, "a/b/c/", KH_FOLDER_CURSOR_MAKE, true);
  assert_made (fixture, "a/b/", KH_FOLDER_CURSOR_MAKE, false);
  assert_made (fixture, "there/", KH_FOLDER_CURSOR_MAKE, false);
  assert_made (fixture, "file/", KH_FOLDER_CURSOR_MAKE, true);
  assert_made (fixture, "f", KH_FOLDER_CURSOR_MAKE, false);
  assert_made (fixture, "file/", KH_FOLDER_CURSOR_MAKE, false);
  assert_made (fixture, "new/there/", KH_FOLDER_CURSOR_MAKE, true);
  assert_refuses (fixture, "none/", KH_FOLDER_CURSOR_EXACT, ENOENT);
  g_assert_false (fixture->cursor.made);
}

/* What was received into a numbered folder is found there later. */
static void
test_a_numbered_folder_is_found_without_making (Fixture *fixture, gconstpointer data)
{
  scratch_write_text (fixture->folder, "a", "file");
  assert_refuses (fixture, "a/f", KH_FOLDER_CURSOR_NUMBERED, ENOENT);
  scratch_write_text (fixture->folder, "a (2)", "file");
  assert_enters (fixture, "a/f", KH_FOLDER_CURSOR_MAKE, "f", "a (3)");
  assert_enters (fixture, "f", KH_FOLDER_CURSOR_MAKE, "f", "");
  assert_refuses (fixture, "a/f", KH_FOLDER_CURSOR_EXACT, ENOTDIR);
  assert_enters (fixture, "a/f", KH_FOLDER_CURSOR_NUMBERED, "f", "a (3)");
  assert_refuses (fixture, "b/f", KH_FOLDER_CURSOR_NUMBERED, ENOENT);
}

/* Only what is called so, and nothing is made on the way. */
static void
test_an_empty_folder_is_removed_by_its_name (Fixture *fixture, gconstpointer data)
{
  scratch_write_text (fixture->folder, "a", "file");
  scratch_make_folder (fixture->folder, "a (2)/b");
  scratch_make_folder (fixture->folder, "c");
  kh_folder_cursor_remove (&fixture->cursor, "a/b");
  kh_folder_cursor_remove (&fixture->cursor, "a (2)");
  kh_folder_cursor_remove (&fixture->cursor, "new/e");
  g_assert_true (scratch_exists (fixture->folder, "a (2)/b"));
  g_assert_false (scratch_exists (fixture->folder, "new"));
  kh_folder_cursor_remove (&fixture->cursor, "a (2)/b");
  kh_folder_cursor_remove (&fixture->cursor, "c");
  g_assert_false (scratch_exists (fixture->folder, "a (2)/b"));
  g_assert_false (scratch_exists (fixture->folder, "c"));
}

static void
test_links_are_not_removed_and_give_a_number (Fixture *fixture, gconstpointer data)
{
  scratch_make_folder (fixture->folder, "c");
  if (!scratch_link (fixture->folder, "c", "d"))
    return;
  scratch_link (fixture->folder, "nowhere", "e");
  kh_folder_cursor_remove (&fixture->cursor, "d");
  kh_folder_cursor_remove (&fixture->cursor, "e");
  g_assert_true (scratch_exists (fixture->folder, "d"));
  g_assert_true (scratch_exists (fixture->folder, "e"));
  assert_enters (fixture, "e/f", KH_FOLDER_CURSOR_MAKE, "f", "e (2)");
}

static void
test_the_numbers_end (Fixture *fixture, gconstpointer data)
{
  scratch_write_text (fixture->folder, "a", "");
  for (guint i = 2; i <= KH_FOLDER_CURSOR_NAMES; i++)
    {
      g_autofree char *name = g_strdup_printf ("a (%u)", i);

      scratch_write_text (fixture->folder, name, "");
    }
  assert_refuses (fixture, "a/f", KH_FOLDER_CURSOR_MAKE, ENOTDIR);
  assert_refuses (fixture, "a/f", KH_FOLDER_CURSOR_NUMBERED, ENOTDIR);
}

/* Wherever it was before, a path leads to one place. */
static void
test_any_order_of_paths (Fixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "a", "b", "c", "ab" };

  scratch_write_text (fixture->folder, "b", "in the way");
  for (guint step = 0; step < 2000; step++)
    {
      g_autoptr (GString) path = g_string_new (NULL);
      g_autoptr (GString) place = g_string_new (NULL);
      guint depth = (guint)g_test_rand_int_range (0, 5);

      for (guint i = 0; i < depth; i++)
        {
          const char *name = names[g_test_rand_int_range (0, G_N_ELEMENTS (names))];

          g_string_append_printf (path, "%s/", name);
          g_string_append_printf (place, "%s%s%s", i > 0 ? "/" : "", name,
                                  i == 0 && g_str_equal (name, "b") ? " (2)" : "");
        }
      g_string_append (path, "f");
      assert_enters (fixture, path->str, KH_FOLDER_CURSOR_MAKE, "f", place->str);
      g_assert_cmpuint (scratch_count_open (), <=, fixture->n_open + 2);
    }
}

#define ADD(name, function)                                                              \
  g_test_add ("/folder-cursor/" name, Fixture, NULL, set_up, function, tear_down)

#ifdef G_OS_UNIX

static ino_t
inode_of (Fixture *fixture, const char *path)
{
  g_autofree char *whole = scratch_path (fixture->folder, path);
  GStatBuf info;

  g_assert_cmpint (g_lstat (whole, &info), ==, 0);
  return info.st_ino;
}

static gboolean
was_synced (Fixture *fixture, const char *path)
{
  ino_t inode = inode_of (fixture, path);

  for (guint i = 0; i < synced->len; i++)
    if (g_array_index (synced, ino_t, i) == inode)
      return TRUE;
  return FALSE;
}

static void
test_any_bytes_are_a_name (Fixture *fixture, gconstpointer data)
{
  scratch_make_folder (fixture->folder, "\xff\xfe\n*");
  assert_enters (fixture, "\xff\xfe\n*/\x80", KH_FOLDER_CURSOR_EXACT, "\x80",
                 "\xff\xfe\n*");
}

static void
test_a_folder_that_can_not_be_entered_is_told (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = scratch_path (fixture->folder, "closed");

  if (geteuid () == 0)
    {
      g_test_skip ("nothing is closed to root");
      return;
    }
  scratch_make_folder (fixture->folder, "closed");
  g_assert_cmpint (g_chmod (path, 0), ==, 0);
  assert_refuses (fixture, "closed/f", KH_FOLDER_CURSOR_MAKE, EACCES);
  g_assert_cmpint (g_chmod (path, 0700), ==, 0);
}

static void
test_a_dirty_folder_is_synced_once_when_it_is_left (Fixture *fixture, gconstpointer data)
{
  scratch_make_folder (fixture->folder, "a/b");
  scratch_make_folder (fixture->folder, "c");
  kh_folder_cursor_enter (&fixture->cursor, "a/f", KH_FOLDER_CURSOR_EXACT);
  fixture->cursor.dirty = true;
  kh_folder_cursor_enter (&fixture->cursor, "a/g", KH_FOLDER_CURSOR_EXACT);
  g_assert_cmpuint (synced->len, ==, 0);
  kh_folder_cursor_enter (&fixture->cursor, "a/b/f", KH_FOLDER_CURSOR_EXACT);
  g_assert_cmpuint (synced->len, ==, 1);
  g_assert_true (was_synced (fixture, "a"));

  kh_folder_cursor_enter (&fixture->cursor, "c/f", KH_FOLDER_CURSOR_EXACT);
  g_assert_cmpuint (synced->len, ==, 1);
  fixture->cursor.dirty = true;
  g_assert_true (kh_folder_cursor_sync (&fixture->cursor));
  g_assert_true (kh_folder_cursor_sync (&fixture->cursor));
  g_assert_cmpuint (synced->len, ==, 2);
  fixture->cursor.dirty = true;
  kh_folder_cursor_close (&fixture->cursor);
  g_assert_cmpuint (synced->len, ==, 3);
  g_assert_true (was_synced (fixture, "c"));
}

/* A folder is on the disk when the one that it is in is: else it goes with all that is
 * in it. */
static void
test_what_was_made_is_synced_too (Fixture *fixture, gconstpointer data)
{
  kh_folder_cursor_enter (&fixture->cursor, "a/b/c/f", KH_FOLDER_CURSOR_MAKE);
  kh_folder_cursor_enter (&fixture->cursor, "d/f", KH_FOLDER_CURSOR_MAKE);
  g_assert_true (kh_folder_cursor_sync (&fixture->cursor));
  g_assert_true (was_synced (fixture, ""));
  g_assert_true (was_synced (fixture, "a"));
  g_assert_true (was_synced (fixture, "a/b"));
  g_assert_false (was_synced (fixture, "a/b/c"));
  g_array_set_size (synced, 0);
  kh_folder_cursor_enter (&fixture->cursor, "a/b/c/f", KH_FOLDER_CURSOR_MAKE);
  g_assert_cmpuint (synced->len, ==, 0);
}

static void
test_names_may_be_as_long_as_names_are (Fixture *fixture, gconstpointer data)
{
  g_autofree char *longest = g_strnfill (255, 'n');
  g_autofree char *too_long = g_strnfill (256, 'n');
  g_autofree char *path = g_strconcat (longest, "/", longest, "/f", NULL);
  g_autofree char *place = g_strconcat (longest, "/", longest, NULL);
  g_autofree char *bad = g_strconcat (too_long, "/f", NULL);
  g_autofree char *cut = g_strnfill (251, 'n');
  g_autofree char *numbered = g_strconcat (cut, " (2)", NULL);

  assert_enters (fixture, path, KH_FOLDER_CURSOR_MAKE, "f", place);
  assert_refuses (fixture, bad, KH_FOLDER_CURSOR_MAKE, ENAMETOOLONG);
  kh_folder_cursor_enter (&fixture->cursor, "f", KH_FOLDER_CURSOR_EXACT);

  g_free (g_steal_pointer (&path));
  path = g_strconcat ("x/", longest, "/f", NULL);
  scratch_make_folder (fixture->folder, "x");
  g_free (g_steal_pointer (&place));
  place = g_strconcat ("x/", longest, NULL);
  scratch_write_text (fixture->folder, place, "");
  g_free (g_steal_pointer (&place));
  place = g_strconcat ("x/", numbered, NULL);
  assert_enters (fixture, path, KH_FOLDER_CURSOR_MAKE, "f", place);
}

static void
test_64_levels_are_no_matter (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) path = g_string_new (NULL);
  guint before;

  for (guint i = 0; i < 64; i++)
    g_string_append (path, "level/");
  g_assert_cmpstr (
      kh_folder_cursor_enter (&fixture->cursor, path->str, KH_FOLDER_CURSOR_MAKE), ==,
      "");
  before = scratch_count_open ();
  g_assert_cmpstr (kh_folder_cursor_enter (&fixture->cursor, "f", KH_FOLDER_CURSOR_MAKE),
                   ==, "f");
  g_assert_cmpstr (
      kh_folder_cursor_enter (&fixture->cursor, path->str, KH_FOLDER_CURSOR_EXACT), ==,
      "");
  g_assert_cmpuint (scratch_count_open (), ==, before);
  g_assert_cmpuint (before, ==, fixture->n_open + 2);
}

static void
add_tests_of_unix (void)
{
  ADD ("names-may-be-as-long-as-names-are", test_names_may_be_as_long_as_names_are);
  ADD ("64-levels-are-no-matter", test_64_levels_are_no_matter);
  ADD ("any-bytes-are-a-name", test_any_bytes_are_a_name);
  ADD ("a-folder-that-can-not-be-entered-is-told",
       test_a_folder_that_can_not_be_entered_is_told);
  ADD ("a-dirty-folder-is-synced-once-when-it-is-left",
       test_a_dirty_folder_is_synced_once_when_it_is_left);
  ADD ("what-was-made-is-synced-too", test_what_was_made_is_synced_too);
}

#else

static void
add_tests_of_unix (void)
{
  add_not_here ("/folder-cursor/names-may-be-as-long-as-names-are",
                "the test itself has no paths of more than 260 characters");
  add_not_here ("/folder-cursor/64-levels-are-no-matter",
                "the test itself has no paths of more than 260 characters");
  add_not_here ("/folder-cursor/any-bytes-are-a-name", "names are UTF-16");
  add_not_here ("/folder-cursor/a-folder-that-can-not-be-entered-is-told",
                "permissions are lists");
  add_not_here ("/folder-cursor/a-dirty-folder-is-synced-once-when-it-is-left",
                "nothing takes the place of what syncs");
  add_not_here ("/folder-cursor/what-was-made-is-synced-too",
                "nothing takes the place of what syncs");
}

#endif

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("it-goes-where-each-path-says", test_it_goes_where_each_path_says);
  ADD ("what-is-missing-is-made-only-when-asked",
       test_what_is_missing_is_made_only_when_asked);
  g_test_add_func ("/folder-cursor/a-top-that-is-none-is-told",
                   test_a_top_that_is_none_is_told);
  ADD ("links-are-never-followed", test_links_are_never_followed);
  ADD ("a-link-swapped-in-leads-nowhere", test_a_link_swapped_in_leads_nowhere);
  ADD ("a-file-in-the-way-gives-a-number-and-it-stays",
       test_a_file_in_the_way_gives_a_number_and_it_stays);
  ADD ("it-knows-what-it-made", test_it_knows_what_it_made);
  ADD ("a-numbered-folder-is-found-without-making",
       test_a_numbered_folder_is_found_without_making);
  ADD ("an-empty-folder-is-removed-by-its-name",
       test_an_empty_folder_is_removed_by_its_name);
  ADD ("links-are-not-removed-and-give-a-number",
       test_links_are_not_removed_and_give_a_number);
  ADD ("the-numbers-end", test_the_numbers_end);
  ADD ("any-order-of-paths", test_any_order_of_paths);
  add_tests_of_unix ();
  return g_test_run ();
}
