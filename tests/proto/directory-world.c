/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "directory-world.h"

#include <stdlib.h>
#include <string.h>

#define SERVER "198.51.100.1:7471"
#define SERVER_MAIN "198.51.100.1:7470"

World *
world_new (const KhDirectoryConfig *config)
{
  static const guint8 key[KH_DIRECTORY_KEY_LEN] = { 1, 2, 3 };
  World *world = g_new0 (World, 1);
  gsize size = kh_directory_size (config);
  void *memory = g_aligned_alloc0 (1, size, 64);

  world->config = *config;
  world->directory = kh_directory_init (memory, config, key);
  world->ended = g_array_new (FALSE, FALSE, sizeof (guint32));
  world->relays = g_array_new (FALSE, FALSE, sizeof (guint32));
  world->relays_ended = g_array_new (FALSE, FALSE, sizeof (guint32));
  world->dials = g_array_new (FALSE, FALSE, sizeof (KhDirectoryEvent));
  for (guint i = 0; i < WORLD_CLIENTS; i++)
    {
      WorldClient *client = &world->clients[i];
      g_autofree char *endpoint = g_strdup_printf ("203.0.113.%u:5000", i + 1);

      memset (client->id, (int)(i + 1), KH_ID_LEN);
      g_snprintf (client->name, sizeof client->name, "client %u", i);
      g_assert_true (kh_endpoint_parse (&client->endpoint, endpoint));
      g_queue_init (&client->inbox);
    }
  return world;
}

void
world_free (World *world)
{
  for (guint i = 0; i < WORLD_CLIENTS; i++)
    world_clear_inbox (world, i);
  kh_directory_clear (world->directory);
  g_aligned_free (world->directory);
  g_array_unref (world->ended);
  g_array_unref (world->relays);
  g_array_unref (world->relays_ended);
  g_array_unref (world->dials);
  g_free (world);
}

void
world_letter_free (WorldLetter *letter)
{
  g_bytes_unref (letter->bytes);
  g_free (letter);
}

void
world_clear_inbox (World *world, guint client)
{
  g_queue_clear_full (&world->clients[client].inbox, (GDestroyNotify)world_letter_free);
}

static guint
find_client (const World *world, guint32 number)
{
  for (guint i = 0; i < WORLD_CLIENTS; i++)
    if (world->clients[i].number == number)
      return i;
  return WORLD_CLIENTS;
}

static void
deliver (World *world, guint index, const guint8 *bytes, gsize len)
{
  WorldClient *client = &world->clients[index];
  WorldLetter *letter = g_new0 (WorldLetter, 1);

  letter->bytes = g_bytes_new (bytes, len);
  g_assert_cmpuint (len, <=, KH_MESSAGE_LEN_MAX);
  g_assert_cmpint (
      kh_messages_read (&letter->message, g_bytes_get_data (letter->bytes, NULL), len),
      ==, KH_MESSAGE_READ);
  if (letter->message.type == KH_MESSAGE_WELCOME)
    memcpy (client->secret, letter->message.welcome.secret, sizeof client->secret);
  g_queue_push_tail (&client->inbox, letter);
  if (world->on_message != NULL)
    world->on_message (world, index, &letter->message);
}

/* What a server does: what was under way for the handle is given up. */
static void
end_handle (World *world, guint32 handle)
{
  g_array_append_val (world->ended, handle);
  for (guint i = world->dials->len; i > 0; i--)
    if (g_array_index (world->dials, KhDirectoryEvent, i - 1).handle == handle)
      g_array_remove_index (world->dials, i - 1);
}

static gboolean
forget_relay (World *world, guint32 relay)
{
  for (guint i = 0; i < world->relays->len; i++)
    if (g_array_index (world->relays, guint32, i) == relay)
      {
        g_array_remove_index (world->relays, i);
        return TRUE;
      }
  return FALSE;
}

static void
take_event (World *world, const KhDirectoryEvent *event)
{
  switch (event->type)
    {
    case KH_DIRECTORY_ENDED:
      end_handle (world, event->handle);
      break;
    case KH_DIRECTORY_RELAY_ENDED:
      g_assert_true (forget_relay (world, event->relay));
      g_array_append_val (world->relays_ended, event->relay);
      break;
    case KH_DIRECTORY_DIAL:
      g_array_append_val (world->dials, *event);
      break;
    case KH_DIRECTORY_DROP:
      world->clients[find_client (world, event->client)].number = 0;
      break;
    }
}

static void
pump (World *world)
{
  guint32 number;
  const guint8 *bytes;
  gsize len;
  KhDirectoryEvent event;

  while (kh_directory_next_send (world->directory, &number, &bytes, &len))
    {
      guint index = find_client (world, number);

      g_assert_cmpuint (index, <, WORLD_CLIENTS);
      deliver (world, index, bytes, len);
      if (!world->clients[index].blocked)
        kh_directory_ready (world->directory, number);
    }
  while (kh_directory_next_event (world->directory, &event))
    take_event (world, &event);
}

guint8
world_try_login (World *world, guint index)
{
  WorldClient *client = &world->clients[index];
  guint8 bytes[KH_MESSAGE_LEN_MAX];
  KhDirectoryLogin login = { .endpoint = client->endpoint };
  KhWriter writer;
  guint32 older = client->number;
  guint32 number = 0;
  guint8 code;

  memcpy (login.id, client->id, KH_ID_LEN);
  g_assert_true (kh_endpoint_parse (&login.local, SERVER_MAIN));
  if (world->helper != NULL)
    login.helper = (KhText){ world->helper, strlen (world->helper) };
  kh_writer_init (&writer, bytes, sizeof bytes);
  kh_messages_write (
      &writer,
      &(KhMessage){
          .type = KH_MESSAGE_HELLO,
          .hello = { .version = 1, .name = { client->name, strlen (client->name) } } });
  g_assert_true (kh_writer_done (&writer));
  code = kh_directory_login (world->directory, world->now_us, &login, bytes, writer.len,
                             &number);
  if (code != 0)
    return code;
  if (older != 0)
    {
      /* Two connections of one identity: the older one speaks through a spare place. */
      g_assert_cmpuint (world->clients[WORLD_CLIENTS - 1].number, ==, 0);
      world->clients[WORLD_CLIENTS - 1].number = older;
    }
  client->number = number;
  pump (world);
  return 0;
}

void
world_login (World *world, guint client)
{
  g_autoptr (WorldLetter) letter = NULL;

  g_assert_cmpuint (world_try_login (world, client), ==, 0);
  letter = world_expect (world, client, KH_MESSAGE_WELCOME);
}

void
world_disconnect (World *world, guint client)
{
  guint32 number = world->clients[client].number;

  world->clients[client].number = 0;
  kh_directory_disconnect (world->directory, world->now_us, number);
  pump (world);
}

void
world_send_bytes (World *world, guint client, const guint8 *bytes, gsize len)
{
  g_autofree guint8 *copy = g_memdup2 (bytes, len); /* so that overruns show */

  g_assert_cmpuint (world->clients[client].number, !=, 0);
  kh_directory_receive (world->directory, world->now_us, world->clients[client].number,
                        copy, len);
  pump (world);
}

void
world_send (World *world, guint client, const KhMessage *message)
{
  guint8 bytes[KH_MESSAGE_LEN_MAX];
  KhWriter writer;

  kh_writer_init (&writer, bytes, sizeof bytes);
  g_assert_true (kh_messages_write (&writer, message));
  world_send_bytes (world, client, bytes, writer.len);
}

guint32
world_observe (World *world, const guint8 token[KH_TOKEN_LEN], const char *remote,
               const char *local)
{
  KhEndpoint from, to;
  guint32 call;

  g_assert_true (kh_endpoint_parse (&from, remote));
  g_assert_true (kh_endpoint_parse (&to, local));
  call = kh_directory_observe (world->directory, world->now_us, token, &from, &to);
  pump (world);
  return call;
}

void
world_pass (World *world, gint64 us)
{
  gint64 until_us = world->now_us + us;

  for (guint i = 0; kh_directory_deadline (world->directory) <= until_us; i++)
    {
      g_assert_cmpuint (i, <, 100000);
      world->now_us = MAX (world->now_us, kh_directory_deadline (world->directory));
      kh_directory_tick (world->directory, world->now_us);
      pump (world);
    }
  world->now_us = until_us;
}

void
world_unblock (World *world, guint client)
{
  world->clients[client].blocked = FALSE;
  if (world->clients[client].number != 0)
    kh_directory_ready (world->directory, world->clients[client].number);
  pump (world);
}

WorldLetter *
world_take (World *world, guint client)
{
  return g_queue_pop_head (&world->clients[client].inbox);
}

WorldLetter *
world_expect (World *world, guint client, KhMessageType type)
{
  for (;;)
    {
      WorldLetter *letter = world_take (world, client);

      g_assert_nonnull (letter);
      if (letter->message.type != KH_MESSAGE_PEERS || type == KH_MESSAGE_PEERS)
        {
          g_assert_cmpint (letter->message.type, ==, type);
          return letter;
        }
      world_letter_free (letter);
    }
}

void
world_expect_nothing (World *world, guint client)
{
  WorldLetter *letter;

  while ((letter = world_take (world, client)) != NULL)
    {
      g_assert_cmpint (letter->message.type, ==, KH_MESSAGE_PEERS);
      world_letter_free (letter);
    }
}

void
world_call_id (guint8 call, guint8 id[KH_CALL_ID_LEN])
{
  memset (id, call, KH_CALL_ID_LEN);
}

void
world_room_id (guint8 room, guint8 id[KH_ROOM_ID_LEN])
{
  memset (id, room, KH_ROOM_ID_LEN);
}

KhJoinedResult
world_try_join (World *world, guint client, guint8 room)
{
  KhMessage message = { .type = KH_MESSAGE_JOIN };
  WorldLetter *last = NULL;
  KhJoinedResult result;
  GList *at;

  world_room_id (room, message.room.id);
  world_send (world, client, &message);
  for (at = world->clients[client].inbox.tail; at != NULL && last == NULL; at = at->prev)
    {
      WorldLetter *letter = at->data;

      if (letter->message.type == KH_MESSAGE_JOINED)
        last = letter;
    }
  g_assert_nonnull (last);
  result = last->message.room.result;
  g_queue_remove (&world->clients[client].inbox, last);
  world_letter_free (last);
  return result;
}

void
world_join (World *world, guint client, guint8 room)
{
  g_assert_cmpint (world_try_join (world, client, room), ==, KH_JOINED);
}

void
world_call (World *world, guint caller, guint callee, guint8 call)
{
  static const guint8 introduction[] = { 1, 3, 0, 0, 0, 0 };
  KhMessage message
      = { .type = KH_MESSAGE_CALL, .call = { .introduction = { introduction, 6 } } };

  world_call_id (call, message.call.call_id);
  memcpy (message.call.peer_id, world->clients[callee].id, KH_ID_LEN);
  world_send (world, caller, &message);
}

void
world_answer (World *world, guint callee, guint8 call, KhVerdict verdict)
{
  static const guint8 introduction[] = { 1, 1, 0, 0, 0, 0 };
  KhMessage message
      = { .type = KH_MESSAGE_ANSWER,
          .answer = { .verdict = (guint8)verdict, .introduction = { introduction, 6 } } };

  world_call_id (call, message.answer.call_id);
  world_send (world, callee, &message);
}

void
world_round (World *world, guint client, guint8 call, guint8 round)
{
  KhMessage message = { .type = KH_MESSAGE_ROUND, .round = { .round = round } };

  world_call_id (call, message.round.call_id);
  world_send (world, client, &message);
}

void
world_hang_up (World *world, guint client, guint8 call, KhHangUpReason reason)
{
  KhMessage message
      = { .type = KH_MESSAGE_HANG_UP, .hang_up = { .reason = (guint8)reason } };

  world_call_id (call, message.hang_up.call_id);
  world_send (world, client, &message);
}

void
world_token (World *world, guint client, guint8 call, guint8 round, guint8 index,
             guint8 token[KH_TOKEN_LEN])
{
  guint8 call_id[KH_CALL_ID_LEN];

  world_call_id (call, call_id);
  kh_token_compute (token, world->clients[client].secret, call_id, round, index,
                    KH_TOKEN_OBSERVE);
}

gboolean
world_dial (World *world, guint client, guint8 call, guint8 round, guint8 index,
            const char *remote)
{
  guint8 token[KH_TOKEN_LEN];

  world_token (world, client, call, round, index, token);
  return world_observe (world, token, remote, SERVER) != 0;
}

void
world_mapped (World *world, guint client, guint8 call, guint8 round, guint16 port)
{
  KhMessage message
      = { .type = KH_MESSAGE_MAPPED, .mapped = { .round = round, .port = port } };

  world_call_id (call, message.mapped.call_id);
  world_send (world, client, &message);
}

void
world_candidates (World *world, guint client, guint8 call, guint8 len)
{
  static const guint8 bytes[256] = { 7, 8, 9 };
  KhMessage message
      = { .type = KH_MESSAGE_CANDIDATES, .candidates = { .sealed = { bytes, len } } };

  world_call_id (call, message.candidates.call_id);
  world_send (world, client, &message);
}

void
world_class (World *world, guint client, guint8 nat_class)
{
  world_send (world, client,
              &(KhMessage){ .type = KH_MESSAGE_CLASS, .klass = { nat_class } });
}

guint32
world_relay (World *world, guint client, guint8 call, const char *remote, guint *side)
{
  guint8 call_id[KH_CALL_ID_LEN], token[KH_TOKEN_LEN];
  KhEndpoint from;
  guint32 relay;

  world_call_id (call, call_id);
  kh_token_compute (token, world->clients[client].secret, call_id, 0, 0, KH_TOKEN_RELAY);
  g_assert_true (kh_endpoint_parse (&from, remote));
  g_assert_cmpuint (world_observe (world, token, remote, SERVER), ==, 0);
  relay = kh_directory_join_relay (world->directory, world->now_us, token, &from, side);
  if (relay != 0)
    {
      forget_relay (world, relay);
      g_array_append_val (world->relays, relay);
    }
  pump (world);
  return relay;
}

void
world_relayed (World *world, guint32 relay, guint side, guint64 n_bytes)
{
  kh_directory_relayed (world->directory, world->now_us, relay, side, n_bytes);
  pump (world);
}

void
world_end_relay (World *world, guint32 relay)
{
  forget_relay (world, relay);
  kh_directory_end_relay (world->directory, world->now_us, relay);
  pump (world);
}

void
world_probe (World *world, guint client, guint8 probe)
{
  KhMessage message = { .type = KH_MESSAGE_PROBE };

  world_call_id (probe, message.probe.probe_id);
  world_send (world, client, &message);
}

guint32
world_show (World *world, guint client, guint8 probe, guint8 index, const char *remote)
{
  guint8 probe_id[KH_CALL_ID_LEN], token[KH_TOKEN_LEN];

  world_call_id (probe, probe_id);
  kh_token_compute (token, world->clients[client].secret, probe_id, 0, index,
                    KH_TOKEN_PROBE);
  return world_observe (world, token, remote, SERVER);
}

void
world_ask_dial (World *world, guint client, guint8 probe, guint8 index, KhProbeDial from,
                guint16 port)
{
  KhMessage message = { .type = KH_MESSAGE_DIAL,
                        .dial = { .index = index, .from = (guint8)from, .port = port } };

  world_call_id (probe, message.dial.probe_id);
  world_send (world, client, &message);
}

const KhDirectoryEvent *
world_dial_to_make (World *world)
{
  g_assert_cmpuint (world->dials->len, >, 0);
  return &g_array_index (world->dials, KhDirectoryEvent, 0);
}

void
world_dialled_as (World *world, guint32 handle, guint32 dial, KhProbeResult result)
{
  kh_directory_dialled (world->directory, world->now_us, handle, dial, result);
  pump (world);
}

void
world_dialled (World *world, KhProbeResult result)
{
  KhDirectoryEvent event = *world_dial_to_make (world);

  g_array_remove_index (world->dials, 0);
  world_dialled_as (world, event.handle, event.dial.number, result);
}

guint32
world_read_peers (World *world, guint client, guint8 room, guint32 known)
{
  GList *next;
  guint8 room_id[KH_ROOM_ID_LEN];

  world_room_id (room, room_id);
  for (GList *at = world->clients[client].inbox.head; at != NULL; at = next)
    {
      WorldLetter *letter = at->data;
      KhMsgPeers *peers = &letter->message.peers;
      KhMsgPeer peer;

      next = at->next;
      if (letter->message.type != KH_MESSAGE_PEERS
          || memcmp (peers->room_id, room_id, KH_ROOM_ID_LEN) != 0)
        continue;
      if (peers->flags & KH_PEERS_FIRST)
        known = 0;
      while (kh_messages_next_peer (peers, &peer))
        if (peer.online)
          known |= 1u << (peer.id[0] - 1);
        else
          known &= ~(1u << (peer.id[0] - 1));
      g_queue_delete_link (&world->clients[client].inbox, at);
      world_letter_free (letter);
    }
  return known & ~(1u << client);
}
