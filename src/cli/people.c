/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/people.h"

#include "cli/json.h"
#include "cli/nat-words.h"
#include "cli/text.h"

static void
print_json (KhRun *run, const KhPeerInfo *info, const char *name)
{
  KhEvent event = { .kind = KH_EVENT_PEER,
                    .peer = info->id,
                    .name = name,
                    .online = TRUE,
                    .nat_class = info->nat_class,
                    .outlook = info->outlook };

  kh_output_take_json (run->output,
                       kh_json_event (&event, kh_client_get_id (run->client)));
}

static void
print (KhRun *run, const KhPeerInfo *info, const char *shown)
{
  g_autofree char *name = kh_text_clean (shown);
  g_autofree char *id = kh_peer_id_to_text (&info->id);
  const char *kind = info->verified          ? "  contact, verified"
                     : info->petname != NULL ? "  contact"
                                             : "";
  const char *direct = kh_nat_words_say_outlook (info->outlook);

  kh_output_result (run->output, "%s  %s%s%s%s", id, name, kind,
                    direct != NULL ? "  direct: " : "", direct != NULL ? direct : "");
}

guint
kh_people_print (KhRun *run)
{
  g_autoptr (GPtrArray) peers = kh_client_list_peers (run->client);
  guint n = 0;

  for (guint i = 0; i < peers->len; i++)
    {
      const KhPeerInfo *info = g_ptr_array_index (peers, i);
      const char *name = info->petname != NULL ? info->petname : info->name;

      if (!info->online)
        continue;
      n++;
      if (kh_output_is_json (run->output))
        print_json (run, info, name);
      else
        print (run, info, name);
    }
  return n;
}
