/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/folder-lock.h"
#include "../not-here.h"
#include "scratch.h"

#include <glib/gstdio.h>
#include <string.h>

#ifdef G_OS_WIN32
#include <process.h>
#endif

#ifdef G_OS_UNIX
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

typedef struct
{
  /* Owned */
  char *top;
  char *folder;
} Fixture;

static void
set_up (Fixture *self, gconstpointer unused)
{
  (void)unused;
  self->top = g_dir_make_tmp ("knothole-lock-XXXXXX", NULL);
  self->folder = g_build_filename (self->top, "data", NULL);
}

static void
tear_down (Fixture *self, gconstpointer unused)
{
  (void)unused;
  if (g_file_test (self->folder, G_FILE_TEST_EXISTS))
    scratch_remove_folder (self->folder);
  g_assert_cmpint (g_rmdir (self->top), ==, 0);
  g_free (self->folder);
  g_free (self->top);
}

#ifdef G_OS_UNIX

static guint
mode_of (const char *path)
{
  GStatBuf status;

  g_assert_cmpint (g_stat (path, &status), ==, 0);
  return status.st_mode & 07777;
}

static void
assert_private (const char *folder)
{
  g_assert_cmpuint (mode_of (folder), ==, 0700);
}

#else

/* A list of who may, there, which is inherited. */
static void
assert_private (const char *folder)
{
  g_assert_true (g_file_test (folder, G_FILE_TEST_IS_DIR));
}

#endif

static void
test_parents_are_made (Fixture *self, gconstpointer unused)
{
  g_autofree char *deep = g_build_filename (self->folder, "a", "b", NULL);
  g_autofree char *middle = g_path_get_dirname (deep);
  g_autoptr (GError) error = NULL;
  KhFolderLock *lock = kh_folder_lock_take (deep, "me", &error);

  (void)unused;
  g_assert_no_error (error);
  kh_folder_lock_release (lock);
  assert_private (middle);
  scratch_remove_folder (deep);
  g_assert_cmpint (g_rmdir (middle), ==, 0);
}

static void
test_second_one_hears_who_holds_it (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *process
      = g_strdup_printf ("knothole-cli listen, process %d", (int)getpid ());
  KhFolderLock *lock = kh_folder_lock_take (self->folder, "knothole-cli listen", NULL);

  (void)unused;
  g_assert_nonnull (lock);
  for (guint i = 0; i < 3; i++)
    {
      g_assert_null (kh_folder_lock_take (self->folder, "knothole", &error));
      g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_FOLDER_IN_USE);
      g_assert_nonnull (strstr (error->message, process));
      g_assert_nonnull (strstr (error->message, self->folder));
      g_clear_error (&error);
    }
  kh_folder_lock_release (lock);

  lock = kh_folder_lock_take (self->folder, "knothole", &error);
  g_assert_no_error (error);
  kh_folder_lock_release (lock);
}

static void
test_file_in_the_place_of_the_folder (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  (void)unused;
  g_assert_true (g_file_set_contents (self->folder, "x", 1, NULL));
  g_assert_null (kh_folder_lock_take (self->folder, "me", &error));
  g_assert_cmpuint (error->domain, ==, KH_STORE_ERROR);
  g_assert_nonnull (strstr (error->message, self->folder));
  g_assert_cmpint (g_unlink (self->folder), ==, 0);
}

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

#ifdef G_OS_UNIX

static void
test_folder_and_lock_are_private (Fixture *self, gconstpointer unused)
{
  static const mode_t masks[] = { 0, 022, 0277 };

  (void)unused;
  for (gsize i = 0; i < G_N_ELEMENTS (masks); i++)
    {
      mode_t mask = umask (masks[i]);
      g_autoptr (GError) error = NULL;
      g_autoptr (KhFolderLock) lock = kh_folder_lock_take (self->folder, "me", &error);
      g_autofree char *path = g_build_filename (self->folder, "lock", NULL);

      umask (mask);
      g_assert_no_error (error);
      g_assert_cmpstr (kh_folder_lock_folder (lock), ==, self->folder);
      assert_private (self->folder);
      g_assert_cmpuint (mode_of (path), ==, 0600);
      g_clear_pointer (&lock, kh_folder_lock_release);
      scratch_remove_folder (self->folder);
    }
}

/* A child takes the lock and is killed: the next one gets it at once. */
static void
test_lock_ends_with_a_killed_process (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  KhFolderLock *lock;
  int ready[2];
  char byte;
  pid_t child;

  (void)unused;
  g_assert_cmpint (pipe (ready), ==, 0);
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      lock = kh_folder_lock_take (self->folder, "child", NULL);
      if (write (ready[1], lock != NULL ? "y" : "n", 1) != 1)
        _exit (1);
      pause ();
      _exit (0);
    }
  g_assert_cmpint (read (ready[0], &byte, 1), ==, 1);
  g_assert_cmpint (byte, ==, 'y');
  g_assert_null (kh_folder_lock_take (self->folder, "me", &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_FOLDER_IN_USE);
  g_assert_nonnull (strstr (error->message, "child, process"));
  g_clear_error (&error);

  g_assert_cmpint (kill (child, SIGKILL), ==, 0);
  g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
  lock = kh_folder_lock_take (self->folder, "me", &error);
  g_assert_no_error (error);
  kh_folder_lock_release (lock);
  close (ready[0]);
  close (ready[1]);
}

static void
add_tests_of_unix (void)
{
  ADD ("/folder-lock/folder-and-lock-are-private", test_folder_and_lock_are_private);
  ADD ("/folder-lock/lock-ends-with-a-killed-process",
       test_lock_ends_with_a_killed_process);
}

#else

static void
add_tests_of_unix (void)
{
  add_not_here ("/folder-lock/folder-and-lock-are-private", "files have no modes");
  add_not_here ("/folder-lock/lock-ends-with-a-killed-process",
                "no process can be forked");
}

#endif

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/folder-lock/parents-are-made", test_parents_are_made);
  ADD ("/folder-lock/second-one-hears-who-holds-it", test_second_one_hears_who_holds_it);
  ADD ("/folder-lock/file-in-the-place-of-the-folder",
       test_file_in_the_place_of_the_folder);
  add_tests_of_unix ();
  return g_test_run ();
}
