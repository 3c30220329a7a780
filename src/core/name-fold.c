/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/name-fold.h"

char *
kh_name_fold (const char *name)
{
  g_autofree char *composed = g_utf8_normalize (name, -1, G_NORMALIZE_ALL_COMPOSE);

  return composed != NULL ? g_utf8_casefold (composed, -1) : g_strdup ("");
}
