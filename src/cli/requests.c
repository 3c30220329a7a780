/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/requests.h"

#include "cli/text.h"

typedef struct
{
  KhRun *run;
  KhPeerId peer;
  KhItemId item;
} Request;

static Request *
request_new (KhRun *run, const KhEvent *event)
{
  Request *request = g_new0 (Request, 1);

  request->run = run;
  request->peer = event->peer;
  request->item = event->item;
  return request;
}

static void
on_call_answer (gboolean yes, gpointer data)
{
  Request *request = data;
  KhRun *run = request->run;

  if (yes)
    kh_client_add_contact (run->client, &request->peer);
  kh_client_answer_call (run->client, &request->peer, yes);
}

static void
on_offer_answer (gboolean yes, gpointer data)
{
  Request *request = data;
  KhRun *run = request->run;

  kh_client_answer_offer (run->client, &request->peer, &request->item, yes, NULL);
}

static char *
call_question (const KhEvent *event)
{
  g_autofree char *name = kh_text_name (event);
  g_autofree char *id = kh_peer_id_to_text (&event->peer);

  if (event->known)
    return g_strdup_printf ("%s wants to connect. Accept?", name);
  return g_strdup_printf (
      "Somebody who goes by \"%s\" wants to connect; the identity is\n"
      "  %s\nAccept, and keep as a contact?",
      name, id);
}

static char *
offer_question (const KhEvent *event)
{
  g_autofree char *name = kh_text_name (event);
  g_autofree char *file = kh_text_clean (event->text);
  g_autofree char *size = kh_text_size (event->total);

  return g_strdup_printf ("Take %s (%s) from %s?", file, size, name);
}

static void
on_call_request (KhRun *run, const KhEvent *event)
{
  g_autofree char *key = kh_peer_id_to_text (&event->peer);
  g_autofree char *question = call_question (event);

  if (kh_output_has_person (run->output))
    kh_questions_ask (run->questions, key, question, on_call_answer,
                      request_new (run, event), g_free);
  else
    kh_client_answer_call (run->client, &event->peer, FALSE);
}

static void
on_offer (KhRun *run, const KhEvent *event)
{
  g_autofree char *key = kh_item_id_to_text (&event->item);
  g_autofree char *question = offer_question (event);

  if (!event->waiting)
    return;
  if (kh_output_has_person (run->output))
    kh_questions_ask (run->questions, key, question, on_offer_answer,
                      request_new (run, event), g_free);
  else
    kh_client_answer_offer (run->client, &event->peer, &event->item, FALSE, NULL);
}

static void
withdraw_call (KhRun *run, const KhEvent *event)
{
  g_autofree char *key = kh_peer_id_to_text (&event->peer);

  kh_questions_withdraw (run->questions, key);
}

static void
withdraw_offer (KhRun *run, const KhEvent *event)
{
  g_autofree char *key = kh_item_id_to_text (&event->item);

  kh_questions_withdraw (run->questions, key);
}

void
kh_requests_event (KhRun *run, const KhEvent *event)
{
  switch (event->kind)
    {
    case KH_EVENT_CALL_REQUEST:
      on_call_request (run, event);
      break;
    case KH_EVENT_OFFER:
      on_offer (run, event);
      break;
    case KH_EVENT_CALL_ENDED:
    case KH_EVENT_CONNECTED:
      withdraw_call (run, event);
      break;
    case KH_EVENT_TRANSFER_ENDED:
      withdraw_offer (run, event);
      break;
    default:
      return;
    }
  kh_run_update_lines (run);
}

KhConsent
kh_requests_consent (KhConsent wanted, gboolean has_person)
{
  return wanted == KH_CONSENT_ASK && !has_person ? KH_CONSENT_NONE : wanted;
}
