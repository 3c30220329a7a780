/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/outgoing-file.h"
#include "net/folder-step.h"

#include "../not-here.h"
#include "scratch-folder.h"

#include <string.h>

#ifdef G_OS_UNIX
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

typedef struct
{
  char *folder;
  int folder_fd;
  char *path;
  guint n_open;
  KhOutgoingFile file;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = scratch_new ();
  fixture->folder_fd = kh_folder_step_top (fixture->folder);
  fixture->path = scratch_path (fixture->folder, "source");
  scratch_write_text (fixture->folder, "source", "0123456789");
  fixture->file = KH_OUTGOING_FILE_CLOSED;
  fixture->n_open = scratch_count_open ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  kh_outgoing_file_close (&fixture->file);
  kh_outgoing_file_close (&fixture->file);
  g_assert_cmpuint (scratch_count_open (), ==, fixture->n_open);
  kh_folder_step_close (fixture->folder_fd);
  scratch_free (fixture->folder);
  g_free (fixture->path);
}

static void
open_it (Fixture *fixture)
{
  g_assert_cmpint (kh_outgoing_file_open (&fixture->file, fixture->folder_fd, "source"),
                   ==, KH_FRAME_STATUS_COMPLETE);
}

static void
test_an_untouched_file_is_complete (Fixture *fixture, gconstpointer data)
{
  char bytes[10];

  scratch_set_time (fixture->folder, "source", G_GUINT64_CONSTANT (1234567890987));
  open_it (fixture);
  g_assert_cmpuint (fixture->file.size, ==, 10);
  g_assert_cmpuint (fixture->file.modified_ms, ==, G_GUINT64_CONSTANT (1234567890987));
  g_assert_cmpint (kh_outgoing_file_read (&fixture->file, 3, bytes, 4), ==,
                   KH_FRAME_STATUS_COMPLETE);
  g_assert_cmpmem (bytes, 4, "3456", 4);
  g_assert_cmpint (kh_outgoing_file_check (&fixture->file), ==, KH_FRAME_STATUS_COMPLETE);
}

static void
test_a_shorter_file_is_noticed (Fixture *fixture, gconstpointer data)
{
  char bytes[10];

  open_it (fixture);
  scratch_truncate (fixture->path, 5);
  g_assert_cmpint (kh_outgoing_file_read (&fixture->file, 0, bytes, 10), ==,
                   KH_FRAME_STATUS_SHRANK);
  g_assert_cmpint (kh_outgoing_file_check (&fixture->file), ==, KH_FRAME_STATUS_SHRANK);
}

static void
test_a_longer_file_is_noticed (Fixture *fixture, gconstpointer data)
{
  open_it (fixture);
  scratch_write_into (fixture->folder, "source", 10, "more");
  g_assert_cmpint (kh_outgoing_file_check (&fixture->file), ==, KH_FRAME_STATUS_CHANGED);
}

static void
test_a_changed_file_is_noticed (Fixture *fixture, gconstpointer data)
{
  /* A time of long ago, since the clock of file systems is coarse. */
  scratch_set_time (fixture->folder, "source", G_GUINT64_CONSTANT (1000000000000));
  open_it (fixture);
  scratch_write_into (fixture->folder, "source", 2, "x");
  g_assert_cmpint (kh_outgoing_file_check (&fixture->file), ==, KH_FRAME_STATUS_CHANGED);
}

static void
test_a_missing_file_is_gone (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpint (kh_outgoing_file_open (&fixture->file, fixture->folder_fd, "none"), ==,
                   KH_FRAME_STATUS_GONE);
  g_assert_cmpint (kh_outgoing_file_open (&fixture->file, fixture->folder_fd, "source/x"),
                   ==, KH_FRAME_STATUS_GONE);
  g_assert_cmpint (fixture->file.fd, ==, -1);
}

static void
test_empty_and_long_names (Fixture *fixture, gconstpointer data)
{
  g_autofree char *longest = g_strnfill (255, 'n');

  scratch_write_text (fixture->folder, longest, "");
  g_assert_cmpint (kh_outgoing_file_open (&fixture->file, fixture->folder_fd, longest),
                   ==, KH_FRAME_STATUS_COMPLETE);
  g_assert_cmpuint (fixture->file.size, ==, 0);
  g_assert_cmpint (kh_outgoing_file_check (&fixture->file), ==, KH_FRAME_STATUS_COMPLETE);
}

static void
test_times_before_1970_are_0 (void)
{
  g_assert_cmpuint (kh_outgoing_file_ms (-1, 999999999), ==, 0);
  g_assert_cmpuint (kh_outgoing_file_ms (0, 0), ==, 0);
  g_assert_cmpuint (kh_outgoing_file_ms (0, 999999), ==, 0);
  g_assert_cmpuint (kh_outgoing_file_ms (1, 1000000), ==, 1001);
  g_assert_cmpuint (kh_outgoing_file_ms (INT64_C (1) << 40, 999999999), ==,
                    (UINT64_C (1) << 40) * 1000 + 999);
}

#define ADD(name, function)                                                              \
  g_test_add ("/outgoing-file/" name, Fixture, NULL, set_up, function, tear_down)

#ifdef G_OS_UNIX

/* Less than a millisecond later, so that the offer would not tell it. */
static void
test_even_a_nanosecond_is_a_change (Fixture *fixture, gconstpointer data)
{
  struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { 1000000000, 5000 } };

  g_assert_cmpint (utimensat (AT_FDCWD, fixture->path, times, 0), ==, 0);
  open_it (fixture);
  times[1].tv_nsec++;
  g_assert_cmpint (utimensat (AT_FDCWD, fixture->path, times, 0), ==, 0);
  g_assert_cmpint (kh_outgoing_file_check (&fixture->file), ==, KH_FRAME_STATUS_CHANGED);
}

static void
test_a_file_that_is_replaced_stays_the_one_that_was_opened (Fixture *fixture,
                                                            gconstpointer data)
{
  char bytes[10];

  open_it (fixture);
  g_assert_cmpint (g_unlink (fixture->path), ==, 0);
  scratch_write_text (fixture->folder, "source", "another");
  g_assert_cmpint (kh_outgoing_file_read (&fixture->file, 0, bytes, 10), ==,
                   KH_FRAME_STATUS_COMPLETE);
  g_assert_cmpmem (bytes, 10, "0123456789", 10);
  g_assert_cmpint (kh_outgoing_file_check (&fixture->file), ==, KH_FRAME_STATUS_COMPLETE);
}

/* A link would lead out of what was chosen; a pipe nobody writes to would block for
 * ever. */
static void
test_what_is_no_plain_file_is_refused_at_once (Fixture *fixture, gconstpointer data)
{
  static const char *const others[] = { "link", "broken", "pipe", "folder", "." };

  scratch_link (fixture->folder, "source", "link");
  scratch_link (fixture->folder, "nowhere", "broken");
  scratch_make_folder (fixture->folder, "folder");
  g_assert_cmpint (mkfifoat (fixture->folder_fd, "pipe", 0600), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_assert_cmpint (
          kh_outgoing_file_open (&fixture->file, fixture->folder_fd, others[i]), ==,
          KH_FRAME_STATUS_UNREADABLE);
      g_assert_cmpint (fixture->file.fd, ==, -1);
    }
  g_assert_cmpint (kh_outgoing_file_open (&fixture->file, AT_FDCWD, "/dev/zero"), ==,
                   KH_FRAME_STATUS_UNREADABLE);
}

static void
test_a_closed_file_is_unreadable (Fixture *fixture, gconstpointer data)
{
  if (geteuid () == 0)
    {
      g_test_skip ("nothing is closed to root");
      return;
    }
  g_assert_cmpint (g_chmod (fixture->path, 0), ==, 0);
  g_assert_cmpint (kh_outgoing_file_open (&fixture->file, fixture->folder_fd, "source"),
                   ==, KH_FRAME_STATUS_UNREADABLE);
}

/* Those of /proc say that they are empty. */
static void
test_more_than_the_size_says_is_noticed (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpint (kh_outgoing_file_open (&fixture->file, AT_FDCWD, "/proc/self/status"),
                   ==, KH_FRAME_STATUS_COMPLETE);
  g_assert_cmpuint (fixture->file.size, ==, 0);
  g_assert_cmpint (kh_outgoing_file_check (&fixture->file), ==, KH_FRAME_STATUS_CHANGED);
}

static void
add_tests_of_unix (void)
{
  ADD ("even-a-nanosecond-is-a-change", test_even_a_nanosecond_is_a_change);
  ADD ("a-file-that-is-replaced-stays-the-one-that-was-opened",
       test_a_file_that_is_replaced_stays_the_one_that_was_opened);
  ADD ("what-is-no-plain-file-is-refused-at-once",
       test_what_is_no_plain_file_is_refused_at_once);
  ADD ("a-closed-file-is-unreadable", test_a_closed_file_is_unreadable);
  ADD ("more-than-the-size-says-is-noticed", test_more_than_the_size_says_is_noticed);
}

#else

static void
add_tests_of_unix (void)
{
  add_not_here ("/outgoing-file/even-a-nanosecond-is-a-change", "times have 100 ns");
  add_not_here ("/outgoing-file/a-file-that-is-replaced-stays-the-one-that-was-opened",
                "the name of an open file is not free before it is closed");
  add_not_here ("/outgoing-file/what-is-no-plain-file-is-refused-at-once",
                "pipes have no names in folders");
  add_not_here ("/outgoing-file/a-closed-file-is-unreadable", "permissions are lists");
  add_not_here ("/outgoing-file/more-than-the-size-says-is-noticed", "there is no /proc");
}

#endif

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("an-untouched-file-is-complete", test_an_untouched_file_is_complete);
  ADD ("a-shorter-file-is-noticed", test_a_shorter_file_is_noticed);
  ADD ("a-longer-file-is-noticed", test_a_longer_file_is_noticed);
  ADD ("a-changed-file-is-noticed", test_a_changed_file_is_noticed);
  ADD ("a-missing-file-is-gone", test_a_missing_file_is_gone);
  ADD ("empty-and-long-names", test_empty_and_long_names);
  g_test_add_func ("/outgoing-file/times-before-1970-are-0",
                   test_times_before_1970_are_0);
  add_tests_of_unix ();
  return g_test_run ();
}
