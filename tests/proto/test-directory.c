/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "directory-world.h"

#include <sodium.h>
#include <string.h>

#define SECOND_US G_USEC_PER_SEC

static KhDirectoryConfig
small (void)
{
  KhDirectoryConfig config = kh_directory_defaults ();

  config.max_clients = WORLD_CLIENTS;
  return config;
}

static World *
new_world (void)
{
  KhDirectoryConfig config = small ();

  return world_new (&config);
}

static void
test_login_is_welcomed (void)
{
  g_autoptr (World) world = new_world ();
  g_autoptr (WorldLetter) letter = NULL;
  char text[KH_ENDPOINT_TEXT_MAX];

  g_assert_cmpuint (world_try_login (world, 0), ==, 0);
  letter = world_expect (world, 0, KH_MESSAGE_WELCOME);
  g_assert_cmpuint (letter->message.welcome.version, ==, 1);
  g_assert_cmpuint (letter->message.welcome.flags, ==,
                    KH_WELCOME_LOBBY | KH_WELCOME_RELAY);
  kh_endpoint_print (&letter->message.welcome.endpoint, text);
  g_assert_cmpstr (text, ==, "203.0.113.1:5000");
  world_login (world, 1);
  g_assert_cmpint (
      memcmp (world->clients[0].secret, world->clients[1].secret, KH_TOKEN_SECRET_LEN),
      !=, 0);
}

static void
test_bad_hellos_are_refused (void)
{
  g_autoptr (World) world = new_world ();
  KhDirectoryLogin login = { .endpoint = world->clients[0].endpoint };
  const guint8 ping[] = { KH_MESSAGE_PING, 0, 0, 0, 0 };
  const guint8 version_0[] = { KH_MESSAGE_HELLO, 0, 0, 0, 0, 0, 0, 0, 1, 'x' };
  const guint8 version_9[] = { KH_MESSAGE_HELLO, 0, 9, 0, 0, 0, 0, 0, 1, 'x', 7, 7 };
  guint32 client;

  g_assert_cmpuint (kh_directory_login (world->directory, 0, &login, ping, 5, &client),
                    ==, KH_REFUSED_BAD_MESSAGE);
  g_assert_cmpuint (
      kh_directory_login (world->directory, 0, &login, version_0, 9, &client), ==,
      KH_REFUSED_BAD_MESSAGE);
  g_assert_cmpuint (
      kh_directory_login (world->directory, 0, &login, version_0, 10, &client), ==,
      KH_REFUSED_VERSION);
  g_assert_cmpuint (kh_directory_stats (world->directory).n_clients, ==, 0);
  g_assert_cmpuint (
      kh_directory_login (world->directory, 0, &login, version_9, 12, &client), ==, 0);
}

static void
test_a_full_server_refuses (void)
{
  KhDirectoryConfig config = small ();
  g_autoptr (World) world = NULL;

  config.max_clients = 2;
  world = world_new (&config);
  world_login (world, 0);
  world_login (world, 1);
  g_assert_cmpuint (world_try_login (world, 2), ==, KH_REFUSED_FULL);
  g_assert_cmpuint (world_try_login (world, 1), ==, 0); /* itself again */
  world_clear_inbox (world, WORLD_CLIENTS - 1);
  world_disconnect (world, 0);
  world_login (world, 2);
}

static void
test_a_newer_login_replaces (void)
{
  g_autoptr (World) world = new_world ();
  g_autoptr (WorldLetter) replaced = NULL;
  g_autoptr (WorldLetter) hung_up = NULL;
  guint32 older;

  world_login (world, 0);
  world_login (world, 1);
  world_join (world, 0, 7);
  world_join (world, 1, 7);
  world_call (world, 0, 1, 1);
  older = world->clients[0].number;

  world_clear_inbox (world, 0);
  world_clear_inbox (world, 1);
  world_login (world, 0);
  replaced = world_expect (world, WORLD_CLIENTS - 1, KH_MESSAGE_REPLACED);
  g_assert_cmpuint (world->clients[WORLD_CLIENTS - 1].number, ==, 0); /* dropped */
  g_assert_cmpuint (world->clients[0].number, !=, older);
  hung_up = world_expect (world, 1, KH_MESSAGE_HUNG_UP);
  g_assert_cmpuint (hung_up->message.hang_up.reason, ==, KH_HANG_UP_NOT_ONLINE);
  g_assert_cmpuint (kh_directory_stats (world->directory).n_clients, ==, 2);
}

static void
test_ping_is_answered (void)
{
  g_autoptr (World) world = new_world ();
  g_autoptr (WorldLetter) letter = NULL;

  world_login (world, 0);
  world_send (world, 0, &(KhMessage){ .type = KH_MESSAGE_PING, .ping = { 0xcafe } });
  letter = world_expect (world, 0, KH_MESSAGE_PONG);
  g_assert_cmpuint (letter->message.ping.cookie, ==, 0xcafe);
}

static void
test_the_silent_are_dropped (void)
{
  g_autoptr (World) world = new_world ();

  world_login (world, 0);
  world_login (world, 1);
  world_pass (world, 50 * SECOND_US);
  world_send (world, 0, &(KhMessage){ .type = KH_MESSAGE_PING });
  world_pass (world, 25 * SECOND_US - 1);
  g_assert_cmpuint (world->clients[1].number, !=, 0);
  world_pass (world, 1);
  g_assert_cmpuint (world->clients[1].number, ==, 0);
  g_assert_cmpuint (world->clients[0].number, !=, 0);
  world_pass (world, 50 * SECOND_US);
  g_assert_cmpuint (world->clients[0].number, ==, 0);
  g_assert_cmpint (kh_directory_deadline (world->directory), ==, G_MAXINT64);
}

static void
test_floods_are_ended (void)
{
  g_autoptr (World) world = new_world ();
  g_autoptr (WorldLetter) letter = NULL;
  guint n = 0;

  world_login (world, 0);
  for (; world->clients[0].number != 0; n++)
    {
      world_clear_inbox (world, 0);
      world_send (world, 0, &(KhMessage){ .type = KH_MESSAGE_PING });
    }
  g_assert_cmpuint (n, ==, 201);
  letter = world_expect (world, 0, KH_MESSAGE_REFUSED);
  g_assert_cmpuint (letter->message.refused.code, ==, KH_REFUSED_TOO_MANY_MESSAGES);

  world_login (world, 1);
  for (guint i = 0; i < 3000; i++)
    {
      world_pass (world, SECOND_US / 50);
      world_clear_inbox (world, 1);
      world_send (world, 1, &(KhMessage){ .type = KH_MESSAGE_PING });
    }
  g_assert_cmpuint (world->clients[1].number, !=, 0);
}

static void
test_unknown_messages_are_counted_and_bad_ones_end (void)
{
  g_autoptr (World) world = new_world ();
  g_autoptr (WorldLetter) letter = NULL;
  const guint8 unknown[] = { 0x7e, 1, 2, 3 };
  const guint8 a_servers[] = { KH_MESSAGE_PONG, 0, 0, 0, 0 };
  const guint8 bad[] = { KH_MESSAGE_PING, 0, 0 };

  world_login (world, 0);
  world_send_bytes (world, 0, unknown, sizeof unknown);
  world_send_bytes (world, 0, a_servers, sizeof a_servers);
  g_assert_cmpuint (kh_directory_stats (world->directory).n_dropped_messages, ==, 2);
  world_expect_nothing (world, 0);
  world_send_bytes (world, 0, bad, sizeof bad);
  letter = world_expect (world, 0, KH_MESSAGE_REFUSED);
  g_assert_cmpuint (letter->message.refused.code, ==, KH_REFUSED_BAD_MESSAGE);
  g_assert_cmpuint (world->clients[0].number, ==, 0);
}

/* Rooms */

static void
test_a_joiner_gets_the_list_at_once (void)
{
  g_autoptr (World) world = new_world ();

  for (guint i = 0; i < 4; i++)
    world_login (world, i);
  world_join (world, 0, 5);
  g_assert_cmpuint (world_read_peers (world, 0, 5, 0xff), ==, 0);
  world_join (world, 1, 5);
  g_assert_cmpuint (world_read_peers (world, 1, 5, 0xff), ==, 1 << 0);
  world_join (world, 2, 5);
  g_assert_cmpuint (world_read_peers (world, 2, 5, 0xff), ==, 1 << 0 | 1 << 1);
  world_join (world, 3, 6);
  g_assert_cmpuint (world_read_peers (world, 3, 6, 0xff), ==, 0);
}

static void
test_presence_comes_in_batches (void)
{
  g_autoptr (World) world = new_world ();

  for (guint i = 0; i < 4; i++)
    world_login (world, i);
  world_join (world, 0, 5);
  world_pass (world, SECOND_US);
  world_clear_inbox (world, 0);
  world_join (world, 1, 5);
  world_pass (world, KH_MAIN_PRESENCE_US - 1);
  world_join (world, 2, 5);
  g_assert_cmpuint (g_queue_get_length (&world->clients[0].inbox), ==, 0);
  world_pass (world, 1);
  g_assert_cmpuint (g_queue_get_length (&world->clients[0].inbox), ==, 1);
  g_assert_cmpuint (world_read_peers (world, 0, 5, 0), ==, 1 << 1 | 1 << 2);

  world_disconnect (world, 1);
  world_pass (world, KH_MAIN_PRESENCE_US);
  g_assert_cmpuint (world_read_peers (world, 0, 5, 1 << 1 | 1 << 2), ==, 1 << 2);
}

static void
test_leaving_is_told (void)
{
  g_autoptr (World) world = new_world ();
  KhMessage leave = { .type = KH_MESSAGE_LEAVE };

  world_login (world, 0);
  world_login (world, 1);
  world_join (world, 0, 5);
  world_join (world, 1, 5);
  world_pass (world, SECOND_US);
  world_room_id (5, leave.room.id);
  world_send (world, 1, &leave);
  world_clear_inbox (world, 1);
  world_pass (world, SECOND_US);
  g_assert_cmpuint (world_read_peers (world, 0, 5, 1 << 1), ==, 0);
  world_join (world, 0, 6);
  world_pass (world, SECOND_US);
  g_assert_cmpuint (g_queue_get_length (&world->clients[1].inbox), ==, 0);
  g_assert_cmpuint (kh_directory_stats (world->directory).n_rooms, ==, 2);
  world_disconnect (world, 0);
  world_pass (world, SECOND_US);
  g_assert_cmpuint (kh_directory_stats (world->directory).n_rooms, ==, 0);
}

/* Who comes back within a batch was never away. */
static void
test_a_quick_return_is_no_departure (void)
{
  g_autoptr (World) world = new_world ();
  g_autoptr (WorldLetter) letter = NULL;
  KhMsgPeer peer;

  world_login (world, 0);
  world_login (world, 1);
  world_join (world, 0, 5);
  world_join (world, 1, 5);
  world_pass (world, SECOND_US);
  world_clear_inbox (world, 0);
  world_disconnect (world, 1);
  world_login (world, 1);
  world_join (world, 1, 5);
  world_pass (world, SECOND_US);
  letter = world_expect (world, 0, KH_MESSAGE_PEERS);
  g_assert_true (kh_messages_next_peer (&letter->message.peers, &peer));
  g_assert_true (peer.online);
  g_assert_false (kh_messages_next_peer (&letter->message.peers, &peer));
  world_expect_nothing (world, 0);
}

static void
test_the_lobby_can_be_off (void)
{
  KhDirectoryConfig config = small ();
  g_autoptr (World) world = NULL;
  g_autoptr (WorldLetter) letter = NULL;

  config.lobby = FALSE;
  world = world_new (&config);
  g_assert_cmpuint (world_try_login (world, 0), ==, 0);
  letter = world_expect (world, 0, KH_MESSAGE_WELCOME);
  g_assert_cmpuint (letter->message.welcome.flags, ==, KH_WELCOME_RELAY);
  g_assert_cmpint (world_try_join (world, 0, 0), ==, KH_JOINED_REFUSED);
  world_join (world, 0, 1);
}

static void
test_rooms_and_joins_are_limited (void)
{
  KhDirectoryConfig config = small ();
  KhMessage leave = { .type = KH_MESSAGE_LEAVE };
  g_autoptr (World) world = world_new (&config);

  world_login (world, 0);
  for (guint8 room = 1; room <= KH_CLIENT_ROOMS_MAX; room++)
    world_join (world, 0, room);
  g_assert_cmpint (world_try_join (world, 0, 9), ==, KH_JOINED_TOO_MANY);
  world_join (world, 0, 8); /* is in it */
  for (guint8 room = 1; room <= 4; room++)
    {
      world_room_id (room, leave.room.id);
      world_send (world, 0, &leave);
    }
  world_join (world, 0, 9);
  world_join (world, 0, 10);
  g_assert_cmpint (world_try_join (world, 0, 11), ==, KH_JOINED_WAIT);
  world_pass (world, 6 * SECOND_US);
  world_join (world, 0, 11);

  /* Another identity at the same address guesses no faster. */
  world->clients[1].endpoint = world->clients[0].endpoint;
  world_login (world, 1);
  g_assert_cmpint (world_try_join (world, 1, 12), ==, KH_JOINED_WAIT);
  world_join (world, 1, 0); /* nobody guesses the lobby */
  for (guint8 again = 0; again < 20; again++)
    {
      /* Nor a room that one has just been in: a script may come and go. */
      world_login (world, 1);
      world_join (world, 1, 11);
    }
  world_login (world, 2);
  world_join (world, 2, 12);
}

#define N_CROWD 600 /* two pages */

/* A lobby full of clients, and client 0 that has asked for the list and has its first
 * page; it is full, and the second waits. @numbers: the directory's, in their order. */
static World *
new_crowd (guint32 numbers[N_CROWD])
{
  KhDirectoryConfig config = small ();
  World *world;

  config.max_clients = N_CROWD + 1;
  config.silent_us = 1000 * SECOND_US;
  world = world_new (&config);
  for (guint i = 0; i < N_CROWD; i++)
    {
      /* All through one place of the world; only the last stays there. */
      memset (world->clients[1].id, 0, KH_ID_LEN);
      memcpy (world->clients[1].id + 1, &i, sizeof i);
      world->clients[1].id[0] = 2;
      world_login (world, 1);
      world->clients[1].blocked = TRUE;
      world_send (world, 1, &(KhMessage){ .type = KH_MESSAGE_JOIN });
      world_clear_inbox (world, 1);
      numbers[i] = world->clients[1].number;
      if (i + 1 < N_CROWD)
        world->clients[1].number = 0;
    }

  world->clients[0].blocked = TRUE;
  world_login (world, 0);
  world_join (world, 0, 0);
  g_assert_cmpuint (g_queue_get_length (&world->clients[0].inbox), ==, 1);
  return world;
}

/* Reads one page; adds its entries to @n_peers. */
static guint8
read_page (World *world, guint *n_peers)
{
  g_autoptr (WorldLetter) page = world_expect (world, 0, KH_MESSAGE_PEERS);
  KhMsgPeer peer;

  while (kh_messages_next_peer (&page->message.peers, &peer))
    *n_peers += peer.online;
  return page->message.peers.flags;
}

static void
test_long_lists_wait_for_a_slow_reader (void)
{
  guint32 numbers[N_CROWD];
  g_autoptr (World) world = new_crowd (numbers);
  guint n_peers = 0;

  g_assert_cmpuint (read_page (world, &n_peers), ==, KH_PEERS_FIRST);
  g_assert_cmpuint (g_queue_get_length (&world->clients[0].inbox), ==, 0);
  world_unblock (world, 0);
  g_assert_cmpuint (read_page (world, &n_peers), ==, KH_PEERS_LAST);
  g_assert_cmpuint (n_peers, ==, N_CROWD);
  g_assert_cmpuint (g_queue_get_length (&world->clients[0].inbox), ==, 0);
}

static void
test_who_leaves_is_left_out_of_the_rest_of_a_list (void)
{
  guint32 numbers[N_CROWD];
  g_autoptr (World) world = new_crowd (numbers);
  guint n_peers = 0, n_left = 0;

  read_page (world, &n_peers);
  for (guint i = n_peers; i < N_CROWD - 1; i += 3, n_left++)
    kh_directory_disconnect (world->directory, 0, numbers[i]);
  world_unblock (world, 0);
  g_assert_cmpuint (read_page (world, &n_peers), ==, KH_PEERS_LAST);
  g_assert_cmpuint (n_peers, ==, N_CROWD - n_left);
}

static void
test_leaving_ends_a_list (void)
{
  guint32 numbers[N_CROWD];
  g_autoptr (World) world = new_crowd (numbers);
  guint n_peers = 0;

  world_send (world, 0, &(KhMessage){ .type = KH_MESSAGE_LEAVE });
  world_clear_inbox (world, 0);
  world_unblock (world, 0);
  g_assert_cmpuint (g_queue_get_length (&world->clients[0].inbox), ==, 0);
  world_join (world, 0, 0);
  g_assert_cmpuint (read_page (world, &n_peers), ==, KH_PEERS_FIRST);
  g_assert_cmpuint (read_page (world, &n_peers), ==, KH_PEERS_LAST);
  g_assert_cmpuint (n_peers, ==, N_CROWD);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  g_test_add_func ("/directory/login-is-welcomed", test_login_is_welcomed);
  g_test_add_func ("/directory/bad-hellos-are-refused", test_bad_hellos_are_refused);
  g_test_add_func ("/directory/a-full-server-refuses", test_a_full_server_refuses);
  g_test_add_func ("/directory/a-newer-login-replaces", test_a_newer_login_replaces);
  g_test_add_func ("/directory/ping-is-answered", test_ping_is_answered);
  g_test_add_func ("/directory/the-silent-are-dropped", test_the_silent_are_dropped);
  g_test_add_func ("/directory/floods-are-ended", test_floods_are_ended);
  g_test_add_func ("/directory/unknown-is-counted-bad-ends",
                   test_unknown_messages_are_counted_and_bad_ones_end);
  g_test_add_func ("/directory/a-joiner-gets-the-list-at-once",
                   test_a_joiner_gets_the_list_at_once);
  g_test_add_func ("/directory/presence-comes-in-batches",
                   test_presence_comes_in_batches);
  g_test_add_func ("/directory/leaving-is-told", test_leaving_is_told);
  g_test_add_func ("/directory/a-quick-return-is-no-departure",
                   test_a_quick_return_is_no_departure);
  g_test_add_func ("/directory/the-lobby-can-be-off", test_the_lobby_can_be_off);
  g_test_add_func ("/directory/rooms-and-joins-are-limited",
                   test_rooms_and_joins_are_limited);
  g_test_add_func ("/directory/long-lists-wait-for-a-slow-reader",
                   test_long_lists_wait_for_a_slow_reader);
  g_test_add_func ("/directory/who-leaves-is-left-out-of-the-list",
                   test_who_leaves_is_left_out_of_the_rest_of_a_list);
  g_test_add_func ("/directory/leaving-ends-a-list", test_leaving_ends_a_list);
  return g_test_run ();
}
