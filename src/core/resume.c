/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/resume.h"

#include "core/link-private.h"

/* What is known of a peer that was connected, or that a call to was tried. */
typedef struct
{
  gint64 due_us;
  gint64 wait_us;
  gboolean connected;  /* in this run */
  gboolean hung_up;    /* by a person, here or there */
  gboolean unwilling;  /* a call for messages was declined, or nobody answered */
  gint64 connected_us; /* when the last channel began */
  guint n_short;       /* that did not stand for long, in a row */
  gint64 lost_us;      /* a channel broke then; 0: none has */
  gboolean caller;     /* of that channel */
  gint64 direct_us;    /* when a direct path is tried instead of the relay; 0: not */
  gint64 direct_wait_us;
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

/* A channel broke, and nobody has meant to end it. */
static bool
was_connected (KhClient *client, const KhPeerId *id)
{
  const Peer *peer = g_hash_table_lookup (client->resumes, id);

  return peer != NULL && peer->lost_us != 0 && !peer->hung_up
         && g_get_monotonic_time () - peer->lost_us < KH_RESUME_SESSION_US;
}

static bool
is_connected (KhClient *client, const KhPeerId *id)
{
  const Peer *peer = g_hash_table_lookup (client->resumes, id);

  return g_hash_table_contains (client->links, id) && (peer == NULL || !peer->hung_up);
}

static bool
is_relayed (KhClient *client, const KhPeerId *id)
{
  const KhLink *link = g_hash_table_lookup (client->links, id);

  return link != NULL && kh_link_path (link) == KH_PATH_RELAY;
}

gboolean
kh_resume_expects (KhClient *client, const KhPeerId *id)
{
  if (is_connected (client, id) || was_connected (client, id))
    return TRUE;
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

static bool
call_the_lost (KhClient *client, gint64 *next_us)
{
  GHashTableIter iter;
  gpointer id;
  gpointer peer;

  g_hash_table_iter_init (&iter, client->resumes);
  while (g_hash_table_iter_next (&iter, &id, &peer))
    if (was_connected (client, id) && may_call (client, id)
        && call_when_due (client, id,
                          ((const Peer *)peer)->caller ? 0 : KH_RESUME_FIRST_US, next_us))
      return true;
  return false;
}

/* Of those that are connected through the relay. */
static bool
call_the_relayed (KhClient *client, gint64 *next_us)
{
  gint64 now_us = g_get_monotonic_time ();
  GHashTableIter iter;
  gpointer id;
  gpointer value;

  g_hash_table_iter_init (&iter, client->resumes);
  while (g_hash_table_iter_next (&iter, &id, &value))
    {
      Peer *peer = value;
      KhPeerId copy = *(const KhPeerId *)id;

      if (!is_relayed (client, id))
        peer->direct_us = 0;
      if (peer->direct_us == 0 || g_hash_table_contains (client->calls, id)
          || !kh_client_is_online (client, id))
        continue;
      if (peer->direct_us > now_us)
        {
          *next_us = MIN (*next_us, peer->direct_us);
          continue;
        }
      peer->direct_us = 0;
      kh_client_call_for_direct (client, &copy);
      return true;
    }
  return false;
}

void
kh_resume_check (KhClient *client)
{
  gint64 next_us = G_MAXINT64;

  if (client->closing || !kh_client_at_server (client) || !client->peers_ready)
    return;
  if (call_for_transfers (client, &next_us) || call_for_messages (client, &next_us)
      || call_the_lost (client, &next_us) || call_the_relayed (client, &next_us))
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
kh_resume_lost (KhClient *client, const KhPeerId *id, bool caller)
{
  Peer *peer = get_peer (client, id);
  gint64 now_us = g_get_monotonic_time ();

  peer->lost_us = now_us;
  peer->caller = caller;
  peer->direct_us = 0;
  if (now_us - peer->connected_us >= KH_RESUME_STOOD_US)
    peer->n_short = 0;
  else if (peer->n_short++ > 0)
    {
      peer->wait_us = CLAMP (peer->wait_us * 2, KH_RESUME_FIRST_US, KH_RESUME_LONGEST_US);
      peer->due_us = now_us + peer->wait_us;
      return;
    }
  peer->due_us = peer->wait_us = 0;
}

void
kh_resume_given_up (KhClient *client, const KhPeerId *id)
{
  Peer *peer = get_peer (client, id);

  peer->lost_us = 0;
}

static void
try_direct_after (KhClient *client, const KhPeerId *id, gint64 wait_us)
{
  Peer *peer = get_peer (client, id);

  peer->direct_wait_us = wait_us;
  peer->direct_us = g_get_monotonic_time () + wait_us;
  kh_resume_check (client);
}

void
kh_resume_relayed (KhClient *client, const KhPeerId *id, bool hopeless)
{
  try_direct_after (client, id,
                    hopeless ? KH_RESUME_DIRECT_LONGEST_US : KH_RESUME_DIRECT_US);
}

void
kh_resume_not_direct (KhClient *client, const KhPeerId *id, bool hopeless)
{
  if (is_relayed (client, id))
    try_direct_after (client, id,
                      hopeless ? KH_RESUME_DIRECT_LONGEST_US
                               : MIN (2 * get_peer (client, id)->direct_wait_us,
                                      KH_RESUME_DIRECT_LONGEST_US));
}

void
kh_resume_network_changed (KhClient *client)
{
  gint64 soon_us = g_get_monotonic_time () + KH_RESUME_DIRECT_US;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, client->resumes);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Peer *peer = value;

      peer->due_us = peer->wait_us = 0;
      peer->direct_wait_us = KH_RESUME_DIRECT_US;
      if (peer->direct_us != 0)
        peer->direct_us = soon_us;
    }
  kh_resume_check (client);
}

void
kh_resume_mapped (KhClient *client)
{
  gint64 soon_us = g_get_monotonic_time () + KH_RESUME_DIRECT_US;
  GHashTableIter iter;
  gpointer link;

  g_hash_table_iter_init (&iter, client->links);
  while (g_hash_table_iter_next (&iter, NULL, &link))
    if (kh_link_path (link) == KH_PATH_RELAY)
      get_peer (client, kh_link_peer (link))->direct_us = soon_us;
  kh_resume_network_changed (client);
}

void
kh_resume_hung_up (KhClient *client, const KhPeerId *id)
{
  Peer *peer = get_peer (client, id);

  peer->hung_up = TRUE;
  peer->lost_us = peer->direct_us = 0;
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

  if (peer == NULL)
    return;
  peer->due_us = peer->wait_us = 0;
  peer->hung_up = peer->unwilling = FALSE;
}

void
kh_resume_connected (KhClient *client, const KhPeerId *id)
{
  Peer *peer = get_peer (client, id);

  *peer = (Peer){
    .connected = TRUE,
    .connected_us = g_get_monotonic_time (),
    .n_short = peer->n_short,
    .wait_us = peer->n_short > 0 ? peer->wait_us : 0,
    .direct_wait_us = peer->direct_wait_us,
  };
}

void
kh_resume_stop (KhClient *client)
{
  g_clear_handle_id (&client->resume_source, g_source_remove);
}
