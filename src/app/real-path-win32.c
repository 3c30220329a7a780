/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/real-path.h"

#include <windows.h>

#include <string.h>

#define LONGEST_PATH 32768

/* What stands before a path that names it to the end, and nothing else does. */
#define FULL_PREFIX "\\\\?\\"
#define FULL_NETWORK_PREFIX "\\\\?\\UNC\\"

/* The path in the case of the disk, without links and short names; NULL: none opens. */
static char *
ask_system (const char *path)
{
  g_autofree WCHAR *wide = g_utf8_to_utf16 (path, -1, NULL, NULL, NULL);
  g_autofree WCHAR *found = g_new (WCHAR, LONGEST_PATH);
  HANDLE handle;
  DWORD len;

  if (wide == NULL)
    return NULL;
  handle = CreateFileW (wide, 0, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                        NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
  if (handle == INVALID_HANDLE_VALUE)
    return NULL;
  len = GetFinalPathNameByHandleW (handle, found, LONGEST_PATH, FILE_NAME_NORMALIZED);
  CloseHandle (handle);
  if (len == 0 || len >= LONGEST_PATH)
    return NULL;
  return g_utf16_to_utf8 (found, len, NULL, NULL, NULL);
}

char *
kh_real_path (const char *path)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  g_autofree char *found = ask_system (absolute);

  if (found == NULL)
    return g_steal_pointer (&absolute);
  if (g_str_has_prefix (found, FULL_NETWORK_PREFIX))
    return g_strconcat ("\\\\", found + strlen (FULL_NETWORK_PREFIX), NULL);
  if (g_str_has_prefix (found, FULL_PREFIX))
    return g_strdup (found + strlen (FULL_PREFIX));
  return g_steal_pointer (&found);
}
