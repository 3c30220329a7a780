/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/incoming-file.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define WHEN_MS G_GUINT64_CONSTANT (1000000000250)

typedef struct
{
  char *folder;
  KhIncomingFile file;
  char final_name[KH_INCOMING_FILE_NAME_MAX + 1];
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("knothole-XXXXXX", NULL);
  fixture->file = KH_INCOMING_FILE_NONE;
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GDir) dir = g_dir_open (fixture->folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (fixture->folder, name, NULL);

      g_unlink (path);
    }
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->folder);
}

static guint
count_entries (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static KhFrameStatus
receive (Fixture *fixture, const char *name, const char *text)
{
  KhFrameStatus status
      = kh_incoming_file_begin (&fixture->file, fixture->folder, name, strlen (text));

  if (status == KH_FRAME_STATUS_COMPLETE)
    status = kh_incoming_file_write (&fixture->file, 0, text, strlen (text));
  if (status == KH_FRAME_STATUS_COMPLETE)
    status = kh_incoming_file_finish (&fixture->file, name, WHEN_MS, fixture->final_name);
  return status;
}

static void
assert_contents (Fixture *fixture, const char *name, const char *expected)
{
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);
  g_autofree char *contents = NULL;

  g_assert_true (g_file_get_contents (path, &contents, NULL, NULL));
  g_assert_cmpstr (contents, ==, expected);
}

static void
test_it_is_hidden_until_whole (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = NULL;
  GStatBuf now;

  g_assert_cmpint (kh_incoming_file_begin (&fixture->file, fixture->folder, "a.txt", 6),
                   ==, KH_FRAME_STATUS_COMPLETE);
  g_assert_true (g_str_has_prefix (fixture->file.partial, ".a.txt."));
  g_assert_true (g_str_has_suffix (fixture->file.partial, ".part"));
  path = g_build_filename (fixture->folder, fixture->file.partial, NULL);
  g_assert_cmpint (g_stat (path, &now), ==, 0);
  g_assert_cmpint (now.st_mode & 0777, ==, 0600);

  g_assert_cmpint (kh_incoming_file_write (&fixture->file, 0, "abc", 3), ==, 0);
  g_assert_cmpint (kh_incoming_file_write (&fixture->file, 3, "def", 3), ==, 0);
  g_assert_cmpuint (count_entries (fixture->folder), ==, 1);
  g_assert_cmpint (
      kh_incoming_file_finish (&fixture->file, "a.txt", WHEN_MS, fixture->final_name), ==,
      KH_FRAME_STATUS_COMPLETE);
  g_assert_cmpstr (fixture->final_name, ==, "a.txt");
  g_assert_cmpuint (count_entries (fixture->folder), ==, 1);
  assert_contents (fixture, "a.txt", "abcdef");
}

static void
test_mode_and_time_are_those_of_a_new_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "a", NULL);
  mode_t before = umask (027);
  GStatBuf now;

  g_assert_cmpint (receive (fixture, "a", "x"), ==, KH_FRAME_STATUS_COMPLETE);
  umask (before);
  g_assert_cmpint (g_stat (path, &now), ==, 0);
  g_assert_cmpint (now.st_mode & 07777, ==, 0640);
  g_assert_cmpint (now.st_mtim.tv_sec, ==, WHEN_MS / 1000);
  g_assert_cmpint (now.st_mtim.tv_nsec, ==, 250000000);
}

static void
test_nothing_is_overwritten (Fixture *fixture, gconstpointer data)
{
  g_autofree char *link_path = g_build_filename (fixture->folder, "c.txt", NULL);

  g_assert_cmpint (receive (fixture, "a.txt", "one"), ==, KH_FRAME_STATUS_COMPLETE);
  g_assert_cmpint (receive (fixture, "a.txt", "two"), ==, KH_FRAME_STATUS_COMPLETE);
  g_assert_cmpstr (fixture->final_name, ==, "a (2).txt");
  g_assert_cmpint (receive (fixture, "a.txt", "three"), ==, KH_FRAME_STATUS_COMPLETE);
  g_assert_cmpstr (fixture->final_name, ==, "a (3).txt");
  assert_contents (fixture, "a.txt", "one");
  assert_contents (fixture, "a (2).txt", "two");

  /* Nor is a link followed, not even one that leads nowhere. */
  g_assert_cmpint (symlink ("nowhere", link_path), ==, 0);
  g_assert_cmpint (receive (fixture, "c.txt", "four"), ==, KH_FRAME_STATUS_COMPLETE);
  g_assert_cmpstr (fixture->final_name, ==, "c (2).txt");
}

static void
test_an_empty_file_is_a_file (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpint (receive (fixture, "empty", ""), ==, KH_FRAME_STATUS_COMPLETE);
  assert_contents (fixture, "empty", "");
}

static void
test_the_longest_name_has_a_partial_too (Fixture *fixture, gconstpointer data)
{
  g_autofree char *name = g_strnfill (KH_INCOMING_FILE_NAME_MAX, 'n');

  g_assert_cmpint (receive (fixture, name, "x"), ==, KH_FRAME_STATUS_COMPLETE);
  assert_contents (fixture, name, "x");
}

static void
test_discarding_leaves_nothing (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpint (kh_incoming_file_begin (&fixture->file, fixture->folder, "a", 5), ==,
                   KH_FRAME_STATUS_COMPLETE);
  g_assert_cmpint (kh_incoming_file_write (&fixture->file, 0, "abc", 3), ==, 0);
  kh_incoming_file_discard (&fixture->file);
  g_assert_cmpuint (count_entries (fixture->folder), ==, 0);
  kh_incoming_file_discard (&fixture->file);
}

static void
test_windows_are_written_back (Fixture *fixture, gconstpointer data)
{
  const gsize len = 1 << 20;
  g_autofree char *bytes = g_malloc0 (len);
  guint64 size = 3 * (guint64)KH_INCOMING_FILE_WINDOW;

  g_assert_cmpint (kh_incoming_file_begin (&fixture->file, fixture->folder, "a", size),
                   ==, KH_FRAME_STATUS_COMPLETE);
  for (guint64 offset = 0; offset < size; offset += len)
    {
      g_assert_cmpint (kh_incoming_file_write (&fixture->file, offset, bytes, len), ==,
                       0);
      g_assert_cmpuint (fixture->file.end - fixture->file.started, <,
                        KH_INCOMING_FILE_WINDOW);
    }
  kh_incoming_file_discard (&fixture->file);
}

static void
test_what_has_no_room_is_refused_before (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpint (
      kh_incoming_file_begin (&fixture->file, fixture->folder, "a", KH_FRAME_SIZE_MAX),
      ==, KH_FRAME_STATUS_DISK_FULL);
  g_assert_cmpuint (count_entries (fixture->folder), ==, 0);
}

static void
test_a_folder_that_is_none_can_not_be_written (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "a", NULL);

  g_assert_cmpint (kh_incoming_file_begin (&fixture->file, path, "a", 1), ==,
                   KH_FRAME_STATUS_NOT_WRITABLE);
  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  g_assert_cmpint (kh_incoming_file_begin (&fixture->file, path, "a", 1), ==,
                   KH_FRAME_STATUS_NOT_WRITABLE);
}

/* A folder that goes away while a file comes takes the file with it. */
static void
test_a_folder_that_goes_away_is_a_fault (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = NULL;

  g_assert_cmpint (kh_incoming_file_begin (&fixture->file, fixture->folder, "a", 1), ==,
                   KH_FRAME_STATUS_COMPLETE);
  path = g_build_filename (fixture->folder, fixture->file.partial, NULL);
  g_unlink (path);
  g_assert_cmpint (
      kh_incoming_file_finish (&fixture->file, "a", WHEN_MS, fixture->final_name), ==,
      KH_FRAME_STATUS_NOT_WRITABLE);
}

/* In a child, since a limit is the whole process's. */
static void
test_a_size_limit_is_a_write_error (Fixture *fixture, gconstpointer data)
{
  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, 0);
      g_test_trap_assert_passed ();
      return;
    }
  signal (SIGXFSZ, SIG_IGN);
  setrlimit (RLIMIT_FSIZE, &(struct rlimit){ 2, 2 });
  g_assert_cmpint (receive (fixture, "a", "abc"), ==, KH_FRAME_STATUS_WRITE_ERROR);
  kh_incoming_file_discard (&fixture->file);
}

/* Writes into a file system of 64 KiB until it is full; the exit status is what
 * came of it, 77 where no such thing can be mounted. */
static int
fill_a_small_disk (Fixture *fixture)
{
  char bytes[4096] = "";
  KhFrameStatus status = KH_FRAME_STATUS_COMPLETE;

  if ((unshare (CLONE_NEWNS) < 0 && unshare (CLONE_NEWUSER | CLONE_NEWNS) < 0)
      || mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0
      || mount ("small", fixture->folder, "tmpfs", 0, "size=64k") < 0)
    return 77;
  if (kh_incoming_file_begin (&fixture->file, fixture->folder, "a", 65536) != 0)
    return 1;
  for (guint i = 0; i < 32 && status == KH_FRAME_STATUS_COMPLETE; i++)
    status
        = kh_incoming_file_write (&fixture->file, i * sizeof bytes, bytes, sizeof bytes);
  kh_incoming_file_discard (&fixture->file);
  return count_entries (fixture->folder) == 0 ? status : 2;
}

static void
test_a_full_disk_is_told_from_other_faults (Fixture *fixture, gconstpointer data)
{
  pid_t child = fork ();
  int status;

  if (child == 0)
    _exit (fill_a_small_disk (fixture));
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  if (WEXITSTATUS (status) == 77)
    g_test_skip ("a small disk can't be mounted here");
  else
    g_assert_cmpint (WEXITSTATUS (status), ==, KH_FRAME_STATUS_DISK_FULL);
}

#define ADD(name, function)                                                              \
  g_test_add ("/incoming-file/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("it-is-hidden-until-whole", test_it_is_hidden_until_whole);
  ADD ("mode-and-time-are-those-of-a-new-file",
       test_mode_and_time_are_those_of_a_new_file);
  ADD ("nothing-is-overwritten", test_nothing_is_overwritten);
  ADD ("an-empty-file-is-a-file", test_an_empty_file_is_a_file);
  ADD ("the-longest-name-has-a-partial-too", test_the_longest_name_has_a_partial_too);
  ADD ("discarding-leaves-nothing", test_discarding_leaves_nothing);
  ADD ("windows-are-written-back", test_windows_are_written_back);
  ADD ("what-has-no-room-is-refused-before", test_what_has_no_room_is_refused_before);
  ADD ("a-folder-that-is-none-can-not-be-written",
       test_a_folder_that_is_none_can_not_be_written);
  ADD ("a-folder-that-goes-away-is-a-fault", test_a_folder_that_goes_away_is_a_fault);
  ADD ("a-size-limit-is-a-write-error", test_a_size_limit_is_a_write_error);
  ADD ("a-full-disk-is-told-from-other-faults",
       test_a_full_disk_is_told_from_other_faults);
  return g_test_run ();
}
