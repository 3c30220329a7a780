/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/folder.h"

#include "cli/commands.h"
#include "cli/text.h"
#include "core/client.h"

KhProfile *
kh_folder_open (const KhOptions *options, KhOutput *output)
{
  g_autofree char *holder = g_strdup_printf ("knothole-cli %s", options->command->name);
  g_autoptr (GError) error = NULL;
  KhProfile *profile = kh_profile_open (options->data_dir, holder, &error);

  if (profile == NULL)
    kh_folder_fail (output, error);
  return profile;
}

KhStatus
kh_folder_fail (KhOutput *output, const GError *error)
{
  g_autofree char *text = kh_text_clean (error->message);
  g_autofree char *message = NULL;
  const char *hint = "";

  if (g_error_matches (error, KH_CLIENT_ERROR, KH_CLIENT_ERROR_FOLDER))
    hint = "; --data-dir names another folder";
  else if (g_error_matches (error, KH_CLIENT_ERROR, KH_CLIENT_ERROR_NO_SERVER))
    hint = " (--server ADDRESS)";
  message = g_strconcat (text, hint, NULL);
  kh_output_error (output, KH_STATUS_USAGE, message);
  return KH_STATUS_USAGE;
}
