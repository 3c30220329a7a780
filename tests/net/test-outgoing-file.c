/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/outgoing-file.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  char *folder;
  char *path;
  KhOutgoingFile file;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("knothole-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "source", NULL);
  g_assert_true (g_file_set_contents (fixture->path, "0123456789", 10, NULL));
  fixture->file = KH_OUTGOING_FILE_CLOSED;
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  kh_outgoing_file_close (&fixture->file);
  g_unlink (fixture->path);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->path);
  g_free (fixture->folder);
}

static void
open_it (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (kh_outgoing_file_open (&fixture->file, fixture->path, &error));
  g_assert_no_error (error);
}

/* Whatever else writes into it while it is sent. */
static void
write_into (Fixture *fixture, goffset offset, const char *text)
{
  int fd = open (fixture->path, O_WRONLY | O_CLOEXEC);

  g_assert_cmpint (pwrite (fd, text, strlen (text), offset), ==, strlen (text));
  close (fd);
}

static void
test_an_untouched_file_is_complete (Fixture *fixture, gconstpointer data)
{
  char bytes[10];

  open_it (fixture);
  g_assert_cmpuint (fixture->file.size, ==, 10);
  g_assert_cmpuint (fixture->file.modified_ms, >, G_GUINT64_CONSTANT (1000000000000));
  g_assert_false (fixture->file.executable);
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
  g_assert_cmpint (truncate (fixture->path, 5), ==, 0);
  g_assert_cmpint (kh_outgoing_file_read (&fixture->file, 0, bytes, 10), ==,
                   KH_FRAME_STATUS_SHRANK);
  g_assert_cmpint (kh_outgoing_file_check (&fixture->file), ==, KH_FRAME_STATUS_SHRANK);
}

static void
test_a_longer_file_is_noticed (Fixture *fixture, gconstpointer data)
{
  open_it (fixture);
  write_into (fixture, 10, "more");
  g_assert_cmpint (kh_outgoing_file_check (&fixture->file), ==, KH_FRAME_STATUS_CHANGED);
}

static void
test_a_changed_file_is_noticed (Fixture *fixture, gconstpointer data)
{
  /* A time of long ago, since the clock of file systems is coarse. */
  struct timespec times[2] = { { .tv_sec = 1000000000 }, { .tv_sec = 1000000000 } };

  g_assert_cmpint (utimensat (AT_FDCWD, fixture->path, times, 0), ==, 0);
  open_it (fixture);
  g_assert_cmpuint (fixture->file.modified_ms, ==, G_GUINT64_CONSTANT (1000000000000));
  write_into (fixture, 2, "x");
  g_assert_cmpint (kh_outgoing_file_check (&fixture->file), ==, KH_FRAME_STATUS_CHANGED);
}

static void
test_a_file_that_is_replaced_stays_the_one_offered (Fixture *fixture, gconstpointer data)
{
  char bytes[10];

  open_it (fixture);
  g_assert_true (g_file_set_contents (fixture->path, "another", 7, NULL));
  g_assert_cmpint (kh_outgoing_file_read (&fixture->file, 0, bytes, 10), ==,
                   KH_FRAME_STATUS_COMPLETE);
  g_assert_cmpmem (bytes, 10, "0123456789", 10);
  g_assert_cmpint (kh_outgoing_file_check (&fixture->file), ==, KH_FRAME_STATUS_COMPLETE);
}

static void
test_a_link_leads_to_its_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *link_path = g_build_filename (fixture->folder, "link", NULL);

  g_assert_cmpint (symlink (fixture->path, link_path), ==, 0);
  g_assert_true (kh_outgoing_file_open (&fixture->file, link_path, NULL));
  g_assert_cmpuint (fixture->file.size, ==, 10);
  g_unlink (link_path);
}

/* A pipe nobody writes to would block for ever. */
static void
test_what_is_no_file_is_refused_at_once (Fixture *fixture, gconstpointer data)
{
  g_autofree char *pipe_path = g_build_filename (fixture->folder, "pipe", NULL);
  const char *others[] = { pipe_path, fixture->folder, "/dev/zero" };

  g_assert_cmpint (mkfifo (pipe_path, 0600), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (kh_outgoing_file_open (&fixture->file, others[i], &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE);
      g_assert_cmpint (fixture->file.fd, ==, -1);
    }
  g_unlink (pipe_path);
}

static void
test_a_missing_file_is_named (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (kh_outgoing_file_open (&fixture->file, "/nowhere/at-all", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "/nowhere/at-all"));
}

#define ADD(name, function)                                                              \
  g_test_add ("/outgoing-file/" name, Fixture, NULL, set_up, function, tear_down)

/* Those of /proc say that they are empty. */
static void
test_more_than_the_size_says_is_noticed (void)
{
  KhOutgoingFile file = KH_OUTGOING_FILE_CLOSED;
  g_autoptr (GError) error = NULL;

  g_assert_true (kh_outgoing_file_open (&file, "/proc/self/status", &error));
  g_assert_no_error (error);
  g_assert_cmpuint (file.size, ==, 0);
  g_assert_cmpint (kh_outgoing_file_check (&file), ==, KH_FRAME_STATUS_CHANGED);
  kh_outgoing_file_close (&file);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("an-untouched-file-is-complete", test_an_untouched_file_is_complete);
  ADD ("a-shorter-file-is-noticed", test_a_shorter_file_is_noticed);
  ADD ("a-longer-file-is-noticed", test_a_longer_file_is_noticed);
  ADD ("a-changed-file-is-noticed", test_a_changed_file_is_noticed);
  ADD ("a-file-that-is-replaced-stays-the-one-offered",
       test_a_file_that_is_replaced_stays_the_one_offered);
  ADD ("a-link-leads-to-its-file", test_a_link_leads_to_its_file);
  ADD ("what-is-no-file-is-refused-at-once", test_what_is_no_file_is_refused_at_once);
  ADD ("a-missing-file-is-named", test_a_missing_file_is_named);
  g_test_add_func ("/outgoing-file/more-than-the-size-says-is-noticed",
                   test_more_than_the_size_says_is_noticed);
  return g_test_run ();
}
