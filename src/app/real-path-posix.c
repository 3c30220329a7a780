/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/real-path.h"

#include <stdlib.h>

char *
kh_real_path (const char *path)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  char *resolved = realpath (absolute, NULL);
  char *copy = g_strdup (resolved != NULL ? resolved : absolute);

  free (resolved);
  return copy;
}
