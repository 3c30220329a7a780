/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scratch-folder.h"

#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Of a child that could not do what it was for. */
#define SKIPPED 77

/* nftw() carries nothing to its callback. */
static guint n_found;
static const char *sought_suffix;

char *
scratch_new (void)
{
  char *folder = g_dir_make_tmp ("knothole-XXXXXX", NULL);

  g_assert_nonnull (folder);
  return folder;
}

static int
remove_one (const char *path, const struct stat *info, int kind, struct FTW *at)
{
  return remove (path);
}

static int
count_one (const char *path, const struct stat *info, int kind, struct FTW *at)
{
  if (at->level > 0 && (sought_suffix == NULL || g_str_has_suffix (path, sought_suffix)))
    n_found++;
  return 0;
}

void
scratch_free (char *folder)
{
  g_assert_cmpint (nftw (folder, remove_one, 100, FTW_DEPTH | FTW_PHYS), ==, 0);
  g_free (folder);
}

char *
scratch_path (const char *folder, const char *path)
{
  return g_build_filename (folder, path, NULL);
}

void
scratch_make_folder (const char *folder, const char *path)
{
  g_autofree char *whole = scratch_path (folder, path);

  g_assert_cmpint (g_mkdir_with_parents (whole, 0777), ==, 0);
}

void
scratch_write (const char *folder, const char *path, const void *bytes, gsize len)
{
  g_autofree char *whole = scratch_path (folder, path);
  g_autofree char *parent = g_path_get_dirname (whole);
  int fd;

  g_assert_cmpint (g_mkdir_with_parents (parent, 0777), ==, 0);
  fd = open (whole, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, bytes, len), ==, len);
  close (fd);
}

void
scratch_write_text (const char *folder, const char *path, const char *text)
{
  scratch_write (folder, path, text, strlen (text));
}

void
scratch_link (const char *folder, const char *target, const char *path)
{
  g_autofree char *whole = scratch_path (folder, path);

  g_assert_cmpint (symlink (target, whole), ==, 0);
}

void
scratch_set_time (const char *folder, const char *path, guint64 modified_ms)
{
  g_autofree char *whole = scratch_path (folder, path);
  struct timespec times[2] = {
    { .tv_nsec = UTIME_OMIT },
    { .tv_sec = (time_t)(modified_ms / 1000),
      .tv_nsec = (long)(modified_ms % 1000) * 1000000 },
  };

  g_assert_cmpint (utimensat (AT_FDCWD, whole, times, AT_SYMLINK_NOFOLLOW), ==, 0);
}

void
scratch_assert_text (const char *folder, const char *path, const char *text)
{
  g_autofree char *whole = scratch_path (folder, path);
  g_autofree char *contents = NULL;
  gsize len;

  g_assert_true (g_file_get_contents (whole, &contents, &len, NULL));
  g_assert_cmpmem (contents, len, text, strlen (text));
}

gboolean
scratch_exists (const char *folder, const char *path)
{
  g_autofree char *whole = scratch_path (folder, path);
  struct stat info;

  return lstat (whole, &info) == 0;
}

guint
scratch_count (const char *folder, const char *suffix)
{
  n_found = 0;
  sought_suffix = suffix;
  g_assert_cmpint (nftw (folder, count_one, 100, FTW_PHYS), ==, 0);
  return n_found;
}

guint
scratch_count_open (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static gboolean
put_line (const char *path, const char *line)
{
  int fd = open (path, O_WRONLY | O_CLOEXEC);
  gboolean put = fd >= 0 && write (fd, line, strlen (line)) == (ssize_t)strlen (line);

  if (fd >= 0)
    close (fd);
  return put;
}

/* Where it takes root to mount, in a user namespace of which this process is root. */
static gboolean
leave_namespace (void)
{
  g_autofree char *users = g_strdup_printf ("0 %u 1", geteuid ());
  g_autofree char *groups = g_strdup_printf ("0 %u 1", getegid ());

  return unshare (CLONE_NEWNS) == 0
         || (unshare (CLONE_NEWUSER | CLONE_NEWNS) == 0
             && put_line ("/proc/self/setgroups", "deny")
             && put_line ("/proc/self/uid_map", users)
             && put_line ("/proc/self/gid_map", groups));
}

static gboolean
mount_small (const char *folder, const char *size)
{
  g_autofree char *options = g_strconcat ("size=", size, NULL);

  return leave_namespace () && mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0
         && mount ("small", folder, "tmpfs", 0, options) == 0;
}

/* What is mounted is for the whole process. */
void
scratch_assert_on_small_disk (const char *folder, const char *size,
                              int (*function) (gpointer fixture), gpointer fixture,
                              int expected)
{
  pid_t child = fork ();
  int status;

  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    _exit (mount_small (folder, size) ? function (fixture) : SKIPPED);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  if (WEXITSTATUS (status) == SKIPPED)
    g_test_skip ("a small disk can't be mounted here");
  else
    g_assert_cmpint (WEXITSTATUS (status), ==, expected);
}
