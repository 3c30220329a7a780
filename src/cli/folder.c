/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/folder.h"

#include "cli/commands.h"
#include "cli/text.h"
#include "core/client.h"

#include <string.h>

/* The holder is what kh_run() calls itself. */
static gboolean
is_second_send (const KhOptions *options, const GError *error)
{
  return options->command->run == kh_send_run
         && g_error_matches (error, KH_STORE_ERROR, KH_STORE_ERROR_FOLDER_IN_USE)
         && strstr (error->message, " in use by knothole-cli send,") != NULL;
}

KhProfile *
kh_folder_open (const KhOptions *options, KhOutput *output)
{
  g_autofree char *holder = g_strdup_printf ("knothole-cli %s", options->command->name);
  g_autoptr (GError) error = NULL;
  KhProfile *profile = kh_profile_open (options->data_dir, holder, &error);

  if (profile == NULL)
    kh_folder_fail (options, output, error);
  return profile;
}

KhStatus
kh_folder_fail (const KhOptions *options, KhOutput *output, const GError *error)
{
  g_autofree char *text = kh_text_clean (error->message);
  g_autofree char *message = NULL;
  const char *hint = "";

  if (is_second_send (options, error))
    hint
        = "; one `send` takes several paths, and `knothole-cli transfers` puts what runs "
          "in order or pauses it. --data-dir names another folder";
  else if (error->domain == KH_STORE_ERROR)
    hint = "; --data-dir names another folder";
  else if (g_error_matches (error, KH_CLIENT_ERROR, KH_CLIENT_ERROR_NO_SERVER))
    hint = " (--server ADDRESS)";
  message = g_strconcat (text, hint, NULL);
  kh_output_error (output, KH_STATUS_USAGE, message);
  return KH_STATUS_USAGE;
}
