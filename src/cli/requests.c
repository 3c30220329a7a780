/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/requests.h"

#include "cli/json.h"
#include "cli/offer.h"
#include "cli/text.h"

#include <string.h>

typedef struct
{
  KhRun *run;
  KhPeerId peer;
  KhItemId item;
} Request;

/* An offer whose entries are being read. */
typedef struct
{
  KhRun *run;
  KhEvent event;
  /* Owned: what the event points to */
  char *name;
  char *text;
} Listing;

static Request *
request_new (KhRun *run, const KhEvent *event)
{
  Request *request = g_new0 (Request, 1);

  request->run = run;
  request->peer = event->peer;
  request->item = event->item;
  return request;
}

static Listing *
listing_new (KhRun *run, const KhEvent *event)
{
  Listing *listing = g_new0 (Listing, 1);

  listing->run = run;
  listing->event = *event;
  listing->name = g_strdup (event->name);
  listing->text = g_strdup (event->text);
  listing->event.name = listing->name;
  listing->event.text = listing->text;
  return listing;
}

static void
listing_free (Listing *listing)
{
  g_free (listing->name);
  g_free (listing->text);
  g_free (listing);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Listing, listing_free)

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

  kh_client_answer_offer (run->client, &request->peer, &request->item, yes, NULL, NULL);
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

/* It may have been withdrawn while its entries were read. */
static gboolean
still_waits (KhRun *run, const KhEvent *event)
{
  g_autoptr (GPtrArray) infos = kh_client_list_transfers (run->client);

  for (guint i = 0; i < infos->len; i++)
    {
      const KhTransferInfo *info = g_ptr_array_index (infos, i);

      if (memcmp (&info->item, &event->item, sizeof info->item) == 0
          && kh_peer_id_equal (&info->peer, &event->peer) && !info->outgoing)
        return info->phase == KH_PHASE_OFFERED;
    }
  return FALSE;
}

static void
on_entries (GObject *client, GAsyncResult *result, gpointer data)
{
  g_autoptr (Listing) listing = data;
  KhRun *run = listing->run;
  /* Without them it can be asked about all the same. */
  g_autoptr (GPtrArray) entries
      = kh_client_list_entries_finish (KH_CLIENT (client), result, NULL);
  g_autofree char *key = kh_item_id_to_text (&listing->event.item);
  g_autofree char *question = NULL;

  if (run->is_ending || !still_waits (run, &listing->event))
    return;
  question = kh_offer_question (&listing->event, entries, run->errand->only);
  kh_questions_ask (run->questions, key, question, on_offer_answer,
                    request_new (run, &listing->event), g_free);
  kh_run_update_lines (run);
}

/* There is nobody to ask. */
static void
decline_offer (KhRun *run, const KhEvent *event)
{
  g_autofree char *sentence = kh_offer_declined (event);
  g_autofree char *id = kh_item_id_to_text (&event->item);

  kh_output_warn (run->output, "%s", sentence);
  kh_output_take_json (run->output, kh_json_texts ("declined", "transfer", id, "reason",
                                                   kh_offer_reason (event), NULL));
  kh_client_answer_offer (run->client, &event->peer, &event->item, FALSE, NULL, NULL);
}

static void
on_offer (KhRun *run, const KhEvent *event)
{
  if (!event->waiting)
    return;
  if (kh_output_has_person (run->output))
    kh_client_list_entries_async (run->client, &event->peer, &event->item, 0,
                                  KH_OFFER_SHOWN, on_entries, listing_new (run, event));
  else
    decline_offer (run, event);
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
    case KH_EVENT_TRANSFER:
      if (event->phase != KH_PHASE_OFFERED)
        withdraw_offer (run, event);
      break;
    default:
      return;
    }
  kh_run_update_lines (run);
}
