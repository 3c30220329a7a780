/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/own-program.h"

char *
kh_own_program_path (void)
{
  return g_file_read_link ("/proc/self/exe", NULL);
}

char *
kh_own_program_find (const char *name)
{
  g_autofree char *own = kh_own_program_path ();
  g_autofree char *folder = own != NULL ? g_path_get_dirname (own) : NULL;
  g_autofree char *beside = folder != NULL ? g_build_filename (folder, name, NULL) : NULL;

  if (beside != NULL && g_file_test (beside, G_FILE_TEST_IS_EXECUTABLE))
    return g_steal_pointer (&beside);
  return g_find_program_in_path (name);
}

char *
kh_own_program_texts (const char *built)
{
  return g_strdup (built);
}
