/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scratch-folder.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Of a child that could not do what it was for. */
#define SKIPPED 77

gboolean
scratch_link (const char *folder, const char *target, const char *path)
{
  g_autofree char *whole = scratch_path (folder, path);

  g_assert_cmpint (symlink (target, whole), ==, 0);
  return TRUE;
}

void
scratch_add_name (const char *folder, const char *of, const char *path)
{
  g_autofree char *whole_of = scratch_path (folder, of);
  g_autofree char *whole = scratch_path (folder, path);

  g_assert_cmpint (link (whole_of, whole), ==, 0);
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

char *
scratch_real_path (const char *folder)
{
  char *path = realpath (folder, NULL);

  g_assert_nonnull (path);
  return path;
}

guint64
scratch_time (const char *whole)
{
  struct stat info;

  g_assert_cmpint (lstat (whole, &info), ==, 0);
  return (guint64)info.st_mtim.tv_sec * 1000 + (guint64)info.st_mtim.tv_nsec / 1000000;
}

void
scratch_assert_executable (const char *whole, gboolean executable)
{
  struct stat info;

  g_assert_cmpint (lstat (whole, &info), ==, 0);
  g_assert_cmpint ((info.st_mode & 0111) != 0, ==, executable);
}

void
scratch_truncate (const char *whole, goffset size)
{
  g_assert_cmpint (truncate (whole, size), ==, 0);
}

gboolean
scratch_is (int fd, const char *folder, const char *path)
{
  g_autofree char *whole = scratch_path (folder, path);
  struct stat opened, named;

  g_assert_cmpint (fstat (fd, &opened), ==, 0);
  g_assert_cmpint (lstat (whole, &named), ==, 0);
  return opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
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
