/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/commands.h"
#include "cli/folder.h"
#include "cli/json.h"
#include "cli/text.h"

KhStatus
kh_invite_run (const KhOptions *options)
{
  g_autoptr (KhOutput) output = kh_output_new (options->json);
  g_autoptr (KhProfile) profile = kh_folder_open (options, output);
  g_autoptr (GError) error = NULL;
  g_autofree char *new_room = options->new_room ? kh_profile_make_room () : NULL;
  g_autofree char *invite = NULL;

  if (profile == NULL)
    return KH_STATUS_USAGE;
  invite = kh_profile_make_invite (profile, options->server,
                                   new_room != NULL ? new_room : options->room, &error);
  if (invite == NULL)
    return kh_folder_fail (options, output, error);
  if (new_room != NULL)
    kh_output_note (output, "The room is new: be in it yourself with --room %s",
                    new_room);
  kh_output_result (output, "%s", invite);
  if (new_room != NULL)
    kh_output_take_json (
        output, kh_json_texts ("invite", "invite", invite, "room", new_room, NULL));
  else
    kh_output_take_json (output, kh_json_texts ("invite", "invite", invite, NULL));
  return KH_STATUS_DONE;
}
