/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/own-program.h"

char *
kh_own_program_path (void)
{
  return g_file_read_link ("/proc/self/exe", NULL);
}
