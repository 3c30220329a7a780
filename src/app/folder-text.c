/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/folder-text.h"

#include <glib/gi18n.h>

/* Where the portal shows its documents in a sandbox, besides the run-time folder. */
#define MOUNTED "/run/flatpak/doc/"

gboolean
kh_folder_text_is_document (const char *path)
{
  g_autofree char *documents
      = g_build_filename (g_get_user_runtime_dir (), "doc", G_DIR_SEPARATOR_S, NULL);

  return g_str_has_prefix (path, documents) || g_str_has_prefix (path, MOUNTED);
}

char *
kh_folder_text (const char *folder)
{
  if (folder == NULL)
    return g_strdup (_ ("Not chosen yet: the first file asks for it"));
  return kh_folder_text_is_document (folder) ? g_filename_display_basename (folder)
                                             : g_filename_display_name (folder);
}
