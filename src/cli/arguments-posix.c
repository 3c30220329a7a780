/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/arguments.h"

/* A program may be started without even a name. */
char **
kh_arguments_get (int argc, char **argv)
{
  char *nameless[] = { "knothole-cli", NULL };

  return g_strdupv (argc > 0 ? argv : nameless);
}
