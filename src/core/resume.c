/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/resume.h"

#include "core/link-private.h"

/* What is known of a peer that was connected, or that a call to was tried. */
typedef struct
{
  gint64 due_us;
  gint64 wait_us;
  gboolean connected; /* in this run */
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
  return (client->resume == KH_RESUME_ALL || get_peer (client, id)->connected)
         && kh_client_is_online (client, id)
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

void
kh_resume_check (KhClient *client)
{
  gint64 now_us = g_get_monotonic_time ();
  gint64 next_us = G_MAXINT64;

  if (client->closing || !kh_main_connection_is_online (client->main)
      || !client->peers_ready)
    return;
  for (guint i = 0; i < client->transfers->len; i++)
    {
      const KhLiveTransfer *transfer = g_ptr_array_index (client->transfers, i);
      Peer *peer = get_peer (client, &transfer->peer);

      if (!goes_on (transfer) || !may_call (client, &transfer->peer))
        continue;
      if (peer->due_us == 0)
        peer->due_us = now_us + (transfer->outgoing ? 0 : KH_RESUME_RECEIVER_US);
      if (peer->due_us <= now_us)
        {
          KhPeerId id = transfer->peer;

          peer->due_us = now_us + KH_RESUME_LONGEST_US;
          kh_client_call (client, &id);
          break; /* the list may be another one now */
        }
      next_us = MIN (next_us, peer->due_us);
    }
  if (next_us < G_MAXINT64)
    wait_until (client, next_us);
}

void
kh_resume_failed (KhClient *client, const KhPeerId *id)
{
  Peer *peer = get_peer (client, id);

  peer->wait_us = CLAMP (peer->wait_us * 2, KH_RESUME_FIRST_US, KH_RESUME_LONGEST_US);
  peer->due_us = g_get_monotonic_time () + peer->wait_us;
  kh_resume_check (client);
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
