/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/plain-open.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <unistd.h>

typedef struct
{
  char *path;
  int folder;
} Fixture;

static void
set_up (Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
  f->path = g_dir_make_tmp ("plain-open-XXXXXX", NULL);
  f->folder = open (f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_assert_cmpint (f->folder, >=, 0);
}

static void
tear_down (Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
  g_assert_cmpint (unlinkat (f->folder, "file", 0), ==, 0);
  unlinkat (f->folder, "link", 0);
  close (f->folder);
  g_assert_cmpint (g_rmdir (f->path), ==, 0);
  g_free (f->path);
}

static void
write_file (const Fixture *f)
{
  g_autofree char *path = g_build_filename (f->path, "file", NULL);

  g_assert_true (g_file_set_contents (path, "words", 5, NULL));
}

static void
test_a_file_is_opened_and_a_link_is_not (Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
  char text[8];
  int fd;

  write_file (f);
  g_assert_cmpint (symlinkat ("file", f->folder, "link"), ==, 0);
  fd = kh_plain_open (f->folder, "file", O_RDONLY | O_CLOEXEC);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (read (fd, text, sizeof text), ==, 5);
  close (fd);
  g_assert_cmpint (kh_plain_open (f->folder, "link", O_RDONLY | O_CLOEXEC), ==, -1);
  g_assert_cmpint (errno, ==, ELOOP);
}

static void
test_what_is_not_there_is_said (Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
  write_file (f);
  g_assert_cmpint (kh_plain_open (f->folder, "other", O_RDONLY | O_CLOEXEC), ==, -1);
  g_assert_cmpint (errno, ==, ENOENT);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define TEST(path, function)                                                             \
  g_test_add ("/plain-open/" path, Fixture, NULL, set_up, function, tear_down)
  TEST ("a-file-is-opened-and-a-link-is-not", test_a_file_is_opened_and_a_link_is_not);
  TEST ("what-is-not-there-is-said", test_what_is_not_there_is_said);
  return g_test_run ();
}
