/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/reach.h"

#include "cli/text.h"

#define QUESTION "peer"

static void
call (KhRun *run, const KhPeerId *id, gboolean keep)
{
  run->peer = *id;
  run->has_peer = TRUE;
  run->keep = keep;
  if (kh_client_is_connected (run->client, id))
    return;
  kh_client_call (run->client, id);
}

static void
on_answer (gboolean yes, gpointer data)
{
  KhRun *run = data;

  if (yes)
    call (run, &run->peer, TRUE);
  else
    kh_run_fail (run, KH_STATUS_NO_PEER, "not connected, as you said");
}

/* The name is one that a stranger chose: anybody can choose it. */
static void
ask_about_stranger (KhRun *run, const KhPeerId *id, const char *name)
{
  g_autofree char *id_text = kh_peer_id_to_text (id);
  g_autofree char *question = NULL;

  if (!kh_output_has_person (run->output))
    {
      kh_run_fail (
          run, KH_STATUS_NO_PEER,
          "\"%s\" is no contact, and anybody can take that name: give the identity, "
          "at least its first 16 characters (who is online as %s now has %s)",
          name, name, id_text);
      return;
    }
  run->peer = *id;
  question
      = g_strdup_printf ("\"%s\" is no contact yet, and anybody can take that name. "
                         "This one's identity is\n  %s\nConnect, and keep as a contact?",
                         name, id_text);
  kh_questions_ask (run->questions, QUESTION, question, on_answer, run, NULL);
  kh_run_update_lines (run);
}

static void
stop_at_other_key (KhRun *run, const KhPeerId *id, const char *name)
{
  g_autofree char *id_text = kh_peer_id_to_text (id);

  kh_run_fail (
      run, KH_STATUS_IDENTITY,
      "STOP: your contact \"%s\" is not online, but somebody else is by that name, whose "
      "identity is %s. It may be a new computer, or somebody who pretends. Ask over "
      "another way before you go on; then give that identity as PEER",
      name, id_text);
}

static void
stop_at_uninvited (KhRun *run, const KhPeerId *id, const char *name)
{
  g_autofree char *id_text = kh_peer_id_to_text (id);

  kh_run_fail (run, KH_STATUS_IDENTITY,
               "STOP: \"%s\" is not whom the invite names: the identity is another one, "
               "%s. Ask who sent the invite whom it leads to; to reach this one all the "
               "same, leave out --server, which is remembered without the invite's peer",
               name, id_text);
}

void
kh_reach_begin (KhRun *run)
{
  g_autofree char *name = kh_text_clean (run->errand->peer);
  KhPeerId id = { 0 };

  switch (kh_client_find (run->client, run->errand->peer, &id))
    {
    case KH_FIND_CONTACT:
      call (run, &id, FALSE);
      break;
    case KH_FIND_ID:
      call (run, &id, TRUE);
      break;
    case KH_FIND_NAME:
      ask_about_stranger (run, &id, name);
      break;
    case KH_FIND_OFFLINE:
      kh_run_fail (run, KH_STATUS_NO_PEER, "%s is not online, or in another room", name);
      break;
    case KH_FIND_SEVERAL:
      kh_run_fail (
          run, KH_STATUS_NO_PEER,
          "\"%s\" fits more than one: give more of the identity; `knothole-cli peers` "
          "lists them",
          name);
      break;
    case KH_FIND_OTHER_KEY:
      stop_at_other_key (run, &id, name);
      break;
    case KH_FIND_UNINVITED:
      stop_at_uninvited (run, &id, name);
      break;
    case KH_FIND_BAD_ID: /* found out before anybody was asked */
    case KH_FIND_NOBODY:
    default:
      kh_run_fail (
          run, KH_STATUS_NO_PEER,
          "nobody is online as \"%s\", and no contact is called so; `knothole-cli "
          "peers` lists who is online",
          name);
    }
}

static void
on_connected (KhRun *run)
{
  gboolean first = !run->was_connected;

  g_clear_handle_id (&run->timeout, g_source_remove);
  run->is_connected = TRUE;
  run->was_connected = TRUE;
  if (first && run->keep)
    kh_client_add_contact (run->client, &run->peer);
  if (run->errand->connected != NULL)
    run->errand->connected (run);
}

static void
on_disconnected (KhRun *run, const KhEvent *event)
{
  if (event->link_end == KH_LINK_END_REPLACED)
    return;
  run->is_connected = FALSE;
}

void
kh_reach_event (KhRun *run, const KhEvent *event)
{
  if (!kh_run_is_peer (run, event))
    return;
  if (event->kind == KH_EVENT_CALL_WAITING)
    run->is_asked = TRUE;
  else if (event->kind == KH_EVENT_CONNECTED)
    on_connected (run);
  else if (event->kind == KH_EVENT_DISCONNECTED)
    on_disconnected (run, event);
  else if (event->kind == KH_EVENT_CALL_ENDED && !run->was_connected)
    {
      g_autofree char *sentence = kh_text_call_ended (event);

      kh_run_fail (run, kh_text_call_status (event->call_end), "%s", sentence);
    }
}
