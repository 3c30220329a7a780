/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scratch-folder.h"

#include "net/handle-win32.h"

#include <gio/gio.h>

#ifndef SYMBOLIC_LINK_FLAG_ALLOW_UNPRIVILEGED_CREATE
#define SYMBOLIC_LINK_FLAG_ALLOW_UNPRIVILEGED_CREATE 2
#endif

/* Handles between two that are used, at most: far more than any test closes. */
#define FREE_MAX 500

static wchar_t *
wide (const char *text)
{
  return (wchar_t *)g_utf8_to_utf16 (text, -1, NULL, NULL, NULL);
}

/* Links can be made by administrators, and by others in developer mode. */
gboolean
scratch_link (const char *folder, const char *target, const char *path)
{
  g_autofree char *whole = scratch_path (folder, path);
  g_autofree char *parent = g_path_get_dirname (whole);
  g_autofree char *there = g_canonicalize_filename (target, parent);
  g_autofree wchar_t *wide_path = wide (whole);
  g_autofree wchar_t *wide_target = wide (target);
  DWORD flags = SYMBOLIC_LINK_FLAG_ALLOW_UNPRIVILEGED_CREATE;

  if (g_file_test (there, G_FILE_TEST_IS_DIR))
    flags |= SYMBOLIC_LINK_FLAG_DIRECTORY;
  if (CreateSymbolicLinkW (wide_path, wide_target, flags)
      && GetFileAttributesW (wide_path) != INVALID_FILE_ATTRIBUTES)
    return TRUE;
  g_test_skip ("no symbolic link can be made here");
  return FALSE;
}

void
scratch_add_name (const char *folder, const char *of, const char *path)
{
  g_autofree char *whole_of = scratch_path (folder, of);
  g_autofree char *whole = scratch_path (folder, path);
  g_autofree wchar_t *wide_of = wide (whole_of);
  g_autofree wchar_t *wide_path = wide (whole);

  g_assert_true (CreateHardLinkW (wide_path, wide_of, NULL));
}

static int
open_one (const char *whole, DWORD access)
{
  int fd = kh_handle_open_path (whole, access);

  g_assert_cmpint (fd, !=, -1);
  return fd;
}

void
scratch_set_time (const char *folder, const char *path, guint64 modified_ms)
{
  FILE_BASIC_INFO basic = { .LastWriteTime.QuadPart = kh_handle_time (modified_ms) };
  g_autofree char *whole = scratch_path (folder, path);
  int fd = open_one (whole, FILE_WRITE_ATTRIBUTES);

  g_assert_true (SetFileInformationByHandle (kh_handle_of (fd), FileBasicInfo, &basic,
                                             sizeof basic));
  kh_handle_close (fd);
}

char *
scratch_real_path (const char *folder)
{
  int fd = open_one (folder, 0);
  char *path = kh_handle_path (fd);

  kh_handle_close (fd);
  g_assert_nonnull (path);
  return path;
}

guint64
scratch_time (const char *whole)
{
  int fd = open_one (whole, 0);
  KhHandleInfo info;

  g_assert_true (kh_handle_info (fd, &info));
  kh_handle_close (fd);
  return (guint64)kh_handle_unix_ms (info.modified);
}

void
scratch_assert_executable (const char *whole, gboolean executable)
{
}

void
scratch_truncate (const char *whole, goffset size)
{
  FILE_END_OF_FILE_INFO end = { .EndOfFile.QuadPart = size };
  int fd = open_one (whole, FILE_WRITE_DATA);

  g_assert_true (SetFileInformationByHandle (kh_handle_of (fd), FileEndOfFileInfo, &end,
                                             sizeof end));
  kh_handle_close (fd);
}

gboolean
scratch_is (int fd, const char *folder, const char *path)
{
  g_autofree char *whole = scratch_path (folder, path);
  int other = open_one (whole, 0);
  BY_HANDLE_FILE_INFORMATION opened, named;

  g_assert_true (GetFileInformationByHandle (kh_handle_of (fd), &opened));
  g_assert_true (GetFileInformationByHandle (kh_handle_of (other), &named));
  kh_handle_close (other);
  return opened.dwVolumeSerialNumber == named.dwVolumeSerialNumber
         && opened.nFileIndexHigh == named.nFileIndexHigh
         && opened.nFileIndexLow == named.nFileIndexLow;
}

/* When GIO is loaded a thread of it looks at all programs that are installed, and opens
 * files. This waits until it has. */
static void
let_gio_begin (void)
{
  static gboolean has_begun;

  if (!has_begun)
    g_list_free_full (g_app_info_get_all (), g_object_unref);
  has_begun = TRUE;
}

/* Files, folders and sockets, which GetFileType() knows, and no events or threads.
 * Handles are multiples of four, and few are free between those that are used. (Wine's
 * GetProcessHandleCount() says 0.) */
guint
scratch_count_open (void)
{
  guint n = 0, n_free = 0;

  let_gio_begin ();
  for (intptr_t value = 4; n_free < FREE_MAX; value += 4)
    {
      HANDLE handle = (HANDLE)value;
      DWORD flags;

      if (!GetHandleInformation (handle, &flags))
        n_free++;
      else
        {
          n_free = 0;
          n += GetFileType (handle) != FILE_TYPE_UNKNOWN;
        }
    }
  return n;
}

void
scratch_assert_on_small_disk (const char *folder, const char *size,
                              int (*function) (gpointer fixture), gpointer fixture,
                              int expected)
{
  g_test_skip ("a small disk can't be mounted here");
}
