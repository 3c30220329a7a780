/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/resume.h"

#include "core/link-private.h"

/* What is known of a peer that was connected, or that a call to was tried. */
typedef struct
{
  gint64 due_us;
  gint64 wait_us;
  gboolean connected; /* in this run */
  gboolean hung_up;   /* by a person, here or there */
  gboolean unwilling; /* a call for messages was declined, or nobody answered */
} Peer;

static Peer *
get_peer (KhClient *client, const KhPeerId *id)
{
  Peer *peer = g_hash_table_lookup (client->resumes, id);

  if (peer == NULL)
    {
      peer = g_new0 (Peer, 1);
      g_hash_table_insert (client->resumes, g_memdup2 (id, sizeof *id), peer);
    }
  return peer;
}

static bool
goes_on (const KhLiveTransfer *transfer)
{
  return !transfer->paused_here
         && (transfer->phase == KH_PHASE_RUNNING
             || (transfer->outgoing && transfer->phase == KH_PHASE_OFFERED));
}

gboolean
kh_resume_expects (KhClient *client, const KhPeerId *id)
{
  for (guint i = 0; i < client->transfers->len; i++)
    {
      const KhLiveTransfer *transfer = g_ptr_array_index (client->transfers, i);

      if (kh_peer_id_equal (&transfer->peer, id) && goes_on (transfer))
        return TRUE;
    }
  return g_hash_table_contains (client->failed, id);
}

static bool
may_call (KhClient *client, const KhPeerId *id)
{
  const KhStoredContact *contact = kh_client_get_contact (client, id);

  return (contact == NULL || !contact->blocked)
         && (client->resume != KH_RESUME_CALLED || get_peer (client, id)->connected)
         && kh_client_is_online (client, id) && !get_peer (client, id)->hung_up
         && g_hash_table_lookup (client->links, id) == NULL
         && !g_hash_table_contains (client->calls, id);
}

static gboolean
on_due (gpointer data)
{
  KhClient *client = data;

  client->resume_source = 0;
  kh_resume_check (client);
  return G_SOURCE_REMOVE;
}

static void
wait_until (KhClient *client, gint64 due_us)
{
  gint64 wait_us = MAX (due_us - g_get_monotonic_time (), 0);

  g_clear_handle_id (&client->resume_source, g_source_remove);
  client->resume_source = g_timeout_add ((guint)(wait_us / 1000) + 1, on_due, client);
}

/* True: it was called, and the lists may be other ones now. Else @next_us is no later
 * than when that is due. */
static bool
call_when_due (KhClient *client, const KhPeerId *id, gint64 patience_us, gint64 *next_us)
{
  gint64 now_us = g_get_monotonic_time ();
  Peer *peer = get_peer (client, id);
  KhPeerId copy = *id;

  if (peer->due_us == 0)
    peer->due_us = now_us + patience_us;
  if (peer->due_us > now_us)
    {
      *next_us = MIN (*next_us, peer->due_us);
      return false;
    }
  peer->due_us = now_us + KH_RESUME_LONGEST_US;
  kh_client_call (client, &copy);
  return true;
}

static bool
call_for_transfers (KhClient *client, gint64 *next_us)
{
  for (guint i = 0; i < client->transfers->len; i++)
    {
      const KhLiveTransfer *transfer = g_ptr_array_index (client->transfers, i);

      if (goes_on (transfer) && may_call (client, &transfer->peer)
          && call_when_due (client, &transfer->peer,
                            transfer->outgoing ? 0 : KH_RESUME_RECEIVER_US, next_us))
        return true;
    }
  return false;
}

static bool
call_for_messages (KhClient *client, gint64 *next_us)
{
  GHashTableIter iter;
  gpointer id;
  gpointer conversation;

  if (client->resume != KH_RESUME_ALL)
    return false;
  g_hash_table_iter_init (&iter, client->conversations);
  while (g_hash_table_iter_next (&iter, &id, &conversation))
    if (((const KhConversation *)conversation)->n_queued > 0
        && kh_client_get_contact (client, id) != NULL && may_call (client, id)
        && !get_peer (client, id)->unwilling && call_when_due (client, id, 0, next_us))
      return true;
  return false;
}

void
kh_resume_check (KhClient *client)
{
  gint64 next_us = G_MAXINT64;

  if (client->closing || !kh_client_at_server (client) || !client->peers_ready)
    return;
  if (call_for_transfers (client, &next_us) || call_for_messages (client, &next_us))
    next_us = g_get_monotonic_time ();
  if (next_us < G_MAXINT64)
    wait_until (client, next_us);
}

void
kh_resume_failed (KhClient *client, const KhPeerId *id, KhCallEnd end)
{
  Peer *peer = get_peer (client, id);

  peer->unwilling |= end == KH_CALL_END_DECLINED || end == KH_CALL_END_NO_ANSWER
                     || end == KH_CALL_END_INCOMPATIBLE;
  peer->wait_us = CLAMP (peer->wait_us * 2, KH_RESUME_FIRST_US, KH_RESUME_LONGEST_US);
  peer->due_us = g_get_monotonic_time () + peer->wait_us;
  kh_resume_check (client);
}

void
kh_resume_hung_up (KhClient *client, const KhPeerId *id)
{
  get_peer (client, id)->hung_up = TRUE;
}

void
kh_resume_wanted (KhClient *client, const KhPeerId *id)
{
  get_peer (client, id)->hung_up = FALSE;
  kh_resume_check (client);
}

void
kh_resume_gone (KhClient *client, const KhPeerId *id)
{
  Peer *peer = g_hash_table_lookup (client->resumes, id);

  if (peer != NULL)
    *peer = (Peer){ .connected = peer->connected };
}

void
kh_resume_connected (KhClient *client, const KhPeerId *id)
{
  Peer *peer = get_peer (client, id);

  *peer = (Peer){ .connected = TRUE };
}

void
kh_resume_stop (KhClient *client)
{
  g_clear_handle_id (&client->resume_source, g_source_remove);
}
