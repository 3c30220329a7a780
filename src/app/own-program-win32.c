/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/own-program.h"

#include <windows.h>

/* The longest path that Windows has, in units of UTF-16. */
#define LONGEST_PATH 32768

char *
kh_own_program_path (void)
{
  g_autofree WCHAR *path = g_new (WCHAR, LONGEST_PATH);
  DWORD len = GetModuleFileNameW (NULL, path, LONGEST_PATH);

  if (len == 0 || len == LONGEST_PATH)
    return NULL;
  return g_utf16_to_utf8 (path, len, NULL, NULL, NULL);
}

/* Nothing of the search path is run: there, or in the current folder, which Windows looks
 * in first, anybody may have put a program of that name. */
char *
kh_own_program_find (const char *name)
{
  g_autofree char *own = kh_own_program_path ();
  g_autofree char *folder = own != NULL ? g_path_get_dirname (own) : NULL;
  g_autofree char *file = g_strconcat (name, ".exe", NULL);
  g_autofree char *beside = folder != NULL ? g_build_filename (folder, file, NULL) : NULL;

  if (beside != NULL && g_file_test (beside, G_FILE_TEST_IS_REGULAR))
    return g_steal_pointer (&beside);
  return NULL;
}

/* In "share/locale" of the folder that this program's "bin" is in, or this program
 * itself. */
char *
kh_own_program_texts (G_GNUC_UNUSED const char *built)
{
  g_autofree char *root = g_win32_get_package_installation_directory_of_module (NULL);

  return g_build_filename (root, "share", "locale", NULL);
}
