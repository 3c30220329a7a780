/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/commands.h"
#include "cli/folder.h"
#include "cli/json.h"
#include "cli/text.h"

KhStatus
kh_verify_run (const KhOptions *options)
{
  g_autoptr (KhOutput) output = kh_output_new (options->json);
  g_autoptr (KhProfile) profile = kh_folder_open (options, output);
  g_autofree char *name = NULL;
  g_autofree char *problem = NULL;
  g_autofree char *number = NULL;
  g_autofree char *id_text = NULL;
  KhPeerId id;

  if (profile == NULL)
    return KH_STATUS_USAGE;
  if (!kh_profile_find (profile, options->arguments[0], &id, &name, &problem))
    {
      g_autofree char *message = kh_text_clean (problem);
      g_autofree char *typo = kh_profile_explain_id (options->arguments[0]);
      KhStatus status = typo != NULL ? KH_STATUS_USAGE : KH_STATUS_NO_PEER;

      kh_output_error (output, status, message);
      return status;
    }
  id_text = kh_peer_id_to_text (&id);
  number = kh_profile_safety_number (profile, &id);
  kh_output_note (output,
                  "Both sides see these digits. Read them to each other, by voice:");
  kh_output_result (output, "%s", number);
  kh_output_take_json (output,
                       kh_json_texts ("verify", "id", id_text, "number", number, NULL));
  return KH_STATUS_DONE;
}
