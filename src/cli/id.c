/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/commands.h"
#include "cli/folder.h"
#include "cli/json.h"

KhStatus
kh_id_run (const KhOptions *options)
{
  g_autoptr (KhOutput) output = kh_output_new (options->json);
  g_autoptr (KhProfile) profile = kh_folder_open (options, output);
  g_autofree char *id = NULL;

  if (profile == NULL)
    return KH_STATUS_USAGE;
  id = kh_peer_id_to_text (kh_profile_get_id (profile));
  kh_output_result (output, "%s", id);
  kh_output_take_json (output, kh_json_texts ("id", "id", id, NULL));
  return KH_STATUS_DONE;
}
