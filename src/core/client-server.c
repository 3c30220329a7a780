/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/client-private.h"
#include "proto/room.h"
#include "store/server-keys.h"
#include "store/settings.h"

#include <string.h>

typedef struct
{
  char *server;
  char *name;
  char *room;
  char *host;
  guint16 port;
  guint8 key[KH_KEY_LEN];
} RememberJob;

static void
free_remember_job (gpointer data)
{
  RememberJob *job = data;

  g_free (job->server);
  g_free (job->name);
  g_free (job->room);
  g_free (job->host);
  g_free (job);
}

static gboolean
run_remember (KhStore *store, gpointer data, GError **error)
{
  RememberJob *job = data;

  return kh_settings_set (store, KH_SETTING_SERVER, job->server, error)
         && kh_settings_set (store, KH_SETTING_NAME, job->name, error)
         && kh_settings_set (store, KH_SETTING_ROOM, job->room, error)
         && (job->host == NULL
             || kh_server_keys_remember (store, job->host, job->port, job->key,
                                         g_get_real_time () / 1000, error));
}

/* The address with the key that the server has proved, and nothing else. */
static void
print_server (KhClient *self, char *text, gsize capacity)
{
  KhAddress address = self->server;

  address.has_key = true;
  address.has_peer = false;
  address.room[0] = '\0';
  memcpy (address.key, kh_main_connection_server_key (self->main), sizeof address.key);
  kh_address_to_text (&address, text, capacity);
}

static void
remember (KhClient *self)
{
  RememberJob *job = g_new0 (RememberJob, 1);
  KhAddress address = self->server;
  char text[KH_ADDRESS_TEXT_MAX];

  address.has_peer = false;
  address.room[0] = '\0';
  kh_address_to_text (&address, text, sizeof text);
  job->server = g_strdup (text);
  job->name = g_strdup (self->name);
  job->room = g_strdup (self->room);
  if (!self->server.has_key && !self->has_remembered_key)
    {
      job->host = g_strdup (self->server.host);
      job->port = self->server.port;
      memcpy (job->key, kh_main_connection_server_key (self->main), sizeof job->key);
      memcpy (self->remembered_key, job->key, sizeof job->key);
      self->has_remembered_key = true;
    }
  kh_store_thread_push (self->store, run_remember, NULL, job, free_remember_job);
}

static bool
on_key_seen (gpointer data, const uint8_t key[32])
{
  KhClient *self = data;

  return !self->has_remembered_key || memcmp (self->remembered_key, key, KH_KEY_LEN) == 0;
}

static void
on_online (gpointer data, const KhMsgWelcome *welcome)
{
  KhClient *self = data;
  KhMessage join = { .type = KH_MESSAGE_JOIN };
  char text[KH_ADDRESS_TEXT_MAX];

  self->welcome = *welcome;
  self->welcome.helper = (KhText){ 0 }; /* its bytes do not stay */
  g_free (self->helper);
  self->helper = g_strndup (welcome->helper.bytes, welcome->helper.len);
  self->refused = false;
  remember (self);
  print_server (self, text, sizeof text);
  kh_client_emit (self, &(KhEvent){ .kind = KH_EVENT_ONLINE, .text = text });
  /* Whoever heard it may have gone somewhere else. */
  if (!kh_client_at_server (self))
    return;
  kh_room_id (self->room_id, kh_main_connection_server_key (self->main), self->room,
              strlen (self->room));
  memcpy (join.room.id, self->room_id, sizeof join.room.id);
  kh_client_say (self, &join);
  kh_client_network_online (self);
}

static void
on_offline (gpointer data, const GError *error, bool final)
{
  KhClient *self = data;

  self->refused = final;
  kh_client_forget_peers (self);
  kh_client_end_calls (self, KH_CALL_END_OFFLINE);
  kh_client_emit (self, &(KhEvent){ .kind = KH_EVENT_OFFLINE,
                                    .text = error->message,
                                    .code = error->code,
                                    .final = final });
  kh_client_network_offline (self);
}

static void
on_joined (KhClient *self, const KhMsgRoom *joined)
{
  const char *reason;

  switch (joined->result)
    {
    case KH_JOINED:
      return;
    case KH_JOINED_WAIT:
      reason
          = "Too many rooms were joined from here of late: wait a minute and try again";
      break;
    case KH_JOINED_TOO_MANY:
      reason = "This client is in too many rooms";
      break;
    default:
      reason = *self->room == '\0'
                   ? "This server has no lobby: agree on a room with your friends"
                   : "The server refused the room";
      break;
    }
  kh_client_emit (self, &(KhEvent){ .kind = KH_EVENT_ROOM_REFUSED, .text = reason });
}

static void
on_peers (KhClient *self, KhMsgPeers peers)
{
  KhMsgPeer peer;

  if (memcmp (peers.room_id, self->room_id, sizeof self->room_id) != 0)
    return;
  if ((peers.flags & KH_PEERS_FIRST) != 0)
    kh_client_begin_list (self);
  while (kh_messages_next_peer (&peers, &peer))
    kh_client_set_peer (self, &peer);
  if ((peers.flags & KH_PEERS_LAST) != 0)
    kh_client_end_list (self);
}

/* All messages about a call begin with its id, whatever struct they are in. */
static const guint8 *
call_id_of (const KhMessage *message)
{
  switch (message->type)
    {
    case KH_MESSAGE_ANSWERED:
      return message->answer.call_id;
    case KH_MESSAGE_OBSERVED:
    case KH_MESSAGE_ENDPOINT:
      return message->endpoint.call_id;
    case KH_MESSAGE_PEER_GO:
    case KH_MESSAGE_PEER_ROUND:
      return message->round.call_id;
    case KH_MESSAGE_HUNG_UP:
      return message->hang_up.call_id;
    case KH_MESSAGE_PEER_CANDIDATES:
      return message->candidates.call_id;
    case KH_MESSAGE_RELAY_REFUSED:
      return message->relay_refused.call_id;
    default:
      return NULL;
    }
}

static void
on_message (gpointer data, const KhMessage *message)
{
  KhClient *self = data;
  const guint8 *call_id = call_id_of (message);
  KhCall *call;

  if (call_id != NULL)
    {
      call = kh_client_find_call (self, call_id);
      if (call != NULL)
        kh_call_message (call, message);
      return;
    }
  switch (message->type)
    {
    case KH_MESSAGE_JOINED:
      on_joined (self, &message->room);
      break;
    case KH_MESSAGE_PEERS:
      on_peers (self, message->peers);
      break;
    case KH_MESSAGE_CALLED:
      kh_client_receive_call (self, &message->call);
      break;
    case KH_MESSAGE_PROBED:
    case KH_MESSAGE_DIALLED:
      kh_client_network_message (self, message);
      break;
    default:
      break;
    }
}

static void
on_round_trip (gpointer data, gint64 round_trip_us)
{
  kh_client_network_round_trip (data, round_trip_us);
}

const KhMainListener kh_client_main_listener = {
  .key_seen = on_key_seen,
  .online = on_online,
  .offline = on_offline,
  .message = on_message,
  .round_trip = on_round_trip,
};
