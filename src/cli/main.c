/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/descriptors.h"
#include "cli/memory.h"
#include "cli/output.h"

int
main (int argc, char **argv)
{
  g_auto (KhOptions) options = { 0 };
  g_auto (GStrv) words = NULL;
  KhStatus status;

  kh_descriptors_reserve ();
  words = kh_arguments_get (argc, argv);
  kh_memory_save ();
  if (kh_options_parse (&options, (const char *const *)words, &status))
    status = options.command->run (&options);
  return (int)kh_output_finish (status);
}
