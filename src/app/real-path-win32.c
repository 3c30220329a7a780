/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/real-path.h"

char *
kh_real_path (const char *path)
{
  return g_canonicalize_filename (path, NULL);
}
