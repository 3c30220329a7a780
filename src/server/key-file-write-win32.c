/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Source: "MoveFileExW function" of the Windows API.
 */
#include "server/key-file-write.h"

#include <windows.h>

#include <errno.h>

/* What the C library makes of the few errors that a person can do something about. */
static int
errno_of (DWORD error)
{
  switch (error)
    {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
      return ENOENT;
    case ERROR_ACCESS_DENIED:
    case ERROR_SHARING_VIOLATION:
    case ERROR_WRITE_PROTECT:
      return EACCES;
    case ERROR_DISK_FULL:
    case ERROR_HANDLE_DISK_FULL:
      return ENOSPC;
    default:
      return EIO;
    }
}

static gboolean
write_whole (const WCHAR *path, const char *text, gsize len)
{
  HANDLE file = CreateFileW (path, GENERIC_WRITE, 0, NULL, CREATE_NEW,
                             FILE_ATTRIBUTE_HIDDEN, NULL);
  DWORD n = 0;
  gboolean good;

  if (file == INVALID_HANDLE_VALUE)
    return FALSE;
  good = WriteFile (file, text, (DWORD)len, &n, NULL) && n == len
         && FlushFileBuffers (file);
  CloseHandle (file);
  return good && SetFileAttributesW (path, FILE_ATTRIBUTE_NORMAL);
}

/* Moving without "replace" never takes the place of a key that came in between. */
static gboolean
move_there (const WCHAR *from, const WCHAR *to)
{
  return MoveFileExW (from, to, MOVEFILE_WRITE_THROUGH)
         || GetLastError () == ERROR_ALREADY_EXISTS
         || GetLastError () == ERROR_FILE_EXISTS;
}

gboolean
kh_key_file_write (G_GNUC_UNUSED const char *dir, const char *path, const char *text,
                   gsize len)
{
  g_autofree char *temporary = g_strdup_printf ("%s.%08x", path, g_random_int ());
  g_autofree WCHAR *from = g_utf8_to_utf16 (temporary, -1, NULL, NULL, NULL);
  g_autofree WCHAR *to = g_utf8_to_utf16 (path, -1, NULL, NULL, NULL);
  gboolean good;

  if (from == NULL || to == NULL)
    {
      errno = EILSEQ;
      return FALSE;
    }
  good = write_whole (from, text, len) && move_there (from, to);
  errno = good ? 0 : errno_of (GetLastError ());
  DeleteFileW (from);
  return good;
}
