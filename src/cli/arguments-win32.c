/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/arguments.h"

char **
kh_arguments_get (G_GNUC_UNUSED int argc, G_GNUC_UNUSED char **argv)
{
  return g_win32_get_command_line ();
}
