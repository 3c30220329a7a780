/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scratch-folder.h"

#include "net/handle-win32.h"

#include <gio/gio.h>

#ifndef SYMBOLIC_LINK_FLAG_ALLOW_UNPRIVILEGED_CREATE
#define SYMBOLIC_LINK_FLAG_ALLOW_UNPRIVILEGED_CREATE 2
#endif

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

/* All handles of all processes, as NtQuerySystemInformation() tells. (Wine's
 * GetProcessHandleCount() says 0.) */
#define HANDLES ((SYSTEM_INFORMATION_CLASS)64) /* SystemExtendedHandleInformation */
#define TOO_SHORT ((NTSTATUS)0xC0000004)       /* STATUS_INFO_LENGTH_MISMATCH */

typedef struct
{
  void *object;
  ULONG_PTR process;
  ULONG_PTR value;
  ULONG access;
  USHORT trace;
  USHORT type;
  ULONG attributes;
  ULONG reserved;
} OpenHandle;

typedef struct
{
  ULONG_PTR n;
  ULONG_PTR reserved;
  OpenHandle all[];
} OpenHandles;

static OpenHandles *
list_open (void)
{
  static ULONG len = 1 << 16;

  for (;;)
    {
      OpenHandles *handles = g_malloc (len);
      NTSTATUS status = NtQuerySystemInformation (HANDLES, handles, len, NULL);

      if (status >= 0)
        return handles;
      g_assert_cmpint (status, ==, TOO_SHORT);
      g_free (handles);
      len *= 2;
    }
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

/* Files, folders and sockets: all that are of the kind of one that is certainly a file.
 */
guint
scratch_count_open (void)
{
  const ULONG_PTR own = GetCurrentProcessId ();
  g_autofree OpenHandles *handles = NULL;
  HANDLE file;
  int type = -1;
  guint n = 0;

  let_gio_begin ();
  file = CreateFileW (L"NUL", 0, 0, NULL, OPEN_EXISTING, 0, NULL);
  handles = list_open ();
  g_assert_true (CloseHandle (file));
  for (ULONG_PTR i = 0; i < handles->n; i++)
    if (handles->all[i].process == own && handles->all[i].value == (ULONG_PTR)file)
      type = handles->all[i].type;
  g_assert_cmpint (type, !=, -1);
  for (ULONG_PTR i = 0; i < handles->n; i++)
    n += handles->all[i].process == own && handles->all[i].type == type;
  return n - 1;
}

void
scratch_assert_on_small_disk (const char *folder, const char *size,
                              int (*function) (gpointer fixture), gpointer fixture,
                              int expected)
{
  g_test_skip ("a small disk can't be mounted here");
}
