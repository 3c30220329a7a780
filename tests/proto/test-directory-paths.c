/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What goes with a call beside its steps: mapped ports, candidates, a port that is
 * dialled again; and the class of a client.
 */
#include "directory-world.h"

#include <sodium.h>
#include <string.h>

#define SECOND_US G_USEC_PER_SEC
#define ALICE 0
#define BOB 1
#define MALLORY 2
#define CALL 9

/* Three in one room that know of each other, and nothing waits. */
static World *
new_world (void)
{
  KhDirectoryConfig config = kh_directory_defaults ();
  World *world;

  config.max_clients = WORLD_CLIENTS;
  config.silent_us = 1000 * SECOND_US;
  world = world_new (&config);
  for (guint i = 0; i < 3; i++)
    {
      world_login (world, i);
      world_join (world, i, 5);
    }
  world_pass (world, SECOND_US);
  for (guint i = 0; i < 3; i++)
    world_clear_inbox (world, i);
  return world;
}

static World *
new_call (void)
{
  World *world = new_world ();

  world_call (world, ALICE, BOB, CALL);
  world_answer (world, BOB, CALL, KH_VERDICT_ACCEPT);
  world_clear_inbox (world, ALICE);
  world_clear_inbox (world, BOB);
  return world;
}

static void
expect_endpoint (World *world, guint client, KhMessageType type, guint8 round,
                 guint8 index, const char *expected)
{
  g_autoptr (WorldLetter) letter = world_expect (world, client, type);
  char text[KH_ENDPOINT_TEXT_MAX];

  kh_endpoint_print (&letter->message.endpoint.endpoint, text);
  g_assert_cmpstr (text, ==, expected);
  g_assert_cmpuint (letter->message.endpoint.round, ==, round);
  g_assert_cmpuint (letter->message.endpoint.index, ==, index);
}

/* @text NULL: the server knows none. */
static void
set_public (World *world, const char *text)
{
  KhEndpoint address = { 0 };

  g_assert_true (text == NULL || kh_endpoint_parse (&address, text));
  kh_directory_set_public (world->directory, text != NULL ? &address : NULL);
}

static guint64
count_dropped (World *world)
{
  return kh_directory_stats (world->directory).n_dropped_messages;
}

static void
test_a_mapped_port_gets_the_observed_address (void)
{
  g_autoptr (World) world = new_call ();

  world_mapped (world, ALICE, CALL, 1, 7472);
  world_expect_nothing (world, BOB); /* no address was observed yet */
  world_dial (world, ALICE, CALL, 1, 3, "[2001:db8::1]:40000");
  world_clear_inbox (world, ALICE);
  expect_endpoint (world, BOB, KH_MESSAGE_ENDPOINT, 1, 3, "[2001:db8::1]:40000");
  world_expect_nothing (world, BOB); /* nor an IPv4 one */
  world_dial (world, ALICE, CALL, 1, 1, "203.0.113.1:40001");
  expect_endpoint (world, BOB, KH_MESSAGE_ENDPOINT, 1, 1, "203.0.113.1:40001");
  expect_endpoint (world, BOB, KH_MESSAGE_ENDPOINT, 1, KH_CALL_INDEX_MAPPED,
                   "203.0.113.1:7472");
  expect_endpoint (world, ALICE, KH_MESSAGE_OBSERVED, 1, 1, "203.0.113.1:40001");
  world_expect_nothing (world, ALICE);

  world_dial (world, BOB, CALL, 1, KH_CALL_INDEX_AGAIN, "203.0.113.2:50000");
  world_clear_inbox (world, ALICE);
  world_mapped (world, BOB, CALL, 1, 65535);
  expect_endpoint (world, ALICE, KH_MESSAGE_ENDPOINT, 1, KH_CALL_INDEX_MAPPED,
                   "203.0.113.2:65535");
  g_assert_cmpuint (count_dropped (world), ==, 0);
}

static void
test_a_mapped_port_waits_for_the_answer (void)
{
  g_autoptr (World) world = new_world ();

  world_call (world, ALICE, BOB, CALL);
  world_clear_inbox (world, BOB);
  world_dial (world, ALICE, CALL, 1, 0, "203.0.113.1:40000");
  world_mapped (world, ALICE, CALL, 1, 7472);
  world_mapped (world, BOB, CALL, 1, 7472); /* has no round yet */
  g_assert_cmpuint (count_dropped (world), ==, 1);
  world_expect_nothing (world, BOB);
  world_answer (world, BOB, CALL, KH_VERDICT_ACCEPT);
  expect_endpoint (world, BOB, KH_MESSAGE_ENDPOINT, 1, 0, "203.0.113.1:40000");
  expect_endpoint (world, BOB, KH_MESSAGE_ENDPOINT, 1, 7, "203.0.113.1:7472");
  world_expect_nothing (world, BOB);
}

/* Also not to learn anything by asking again, nor to walk over the ports of a host. */
static void
test_bad_mapped_ports_are_dropped (void)
{
  g_autoptr (World) world = new_call ();

  world_dial (world, ALICE, CALL, 1, 0, "203.0.113.1:40000");
  world_clear_inbox (world, BOB);
  world_mapped (world, ALICE, CALL, 1, 1023);
  world_mapped (world, ALICE, CALL, 1, 0);
  world_mapped (world, ALICE, CALL, 2, 7472);
  world_mapped (world, ALICE, CALL + 1, 1, 7472);
  world_mapped (world, MALLORY, CALL, 1, 7472);
  g_assert_cmpuint (count_dropped (world), ==, 5);
  world_expect_nothing (world, BOB);
  world_mapped (world, ALICE, CALL, 1, 1024);
  expect_endpoint (world, BOB, KH_MESSAGE_ENDPOINT, 1, 7, "203.0.113.1:1024");
  world_mapped (world, ALICE, CALL, 1, 1025); /* once a round */
  g_assert_cmpuint (count_dropped (world), ==, 6);
  world_expect_nothing (world, BOB);

  world_round (world, ALICE, CALL, 2);
  world_mapped (world, ALICE, CALL, 2, 1025);
  world_clear_inbox (world, BOB);
  world_dial (world, ALICE, CALL, 2, 2, "203.0.113.1:40002");
  expect_endpoint (world, BOB, KH_MESSAGE_ENDPOINT, 2, 2, "203.0.113.1:40002");
  expect_endpoint (world, BOB, KH_MESSAGE_ENDPOINT, 2, 7, "203.0.113.1:1025");
}

/* Private ones and the server's own only where the peer was seen at such, and the first
 * that may go is taken. */
static void
test_a_mapped_port_keeps_to_the_scopes (void)
{
  static const char *const inside[]
      = { "10.0.0.1:40000", "127.0.0.1:40000", "198.51.100.1:40000" };
  static const char *const same[] = { "192.168.7.7:1", "127.0.0.2:1", "198.51.100.1:1" };

  for (guint i = 0; i < G_N_ELEMENTS (inside); i++)
    {
      g_autoptr (World) world = new_call ();
      g_autofree char *mapped
          = g_strdup_printf ("%.*s7472", (int)strlen (inside[i]) - 5, inside[i]);

      world_mapped (world, ALICE, CALL, 1, 7472);
      world_dial (world, ALICE, CALL, 1, 0, inside[i]);
      world_expect_nothing (world, BOB);
      if (g_test_rand_bit ())
        {
          world_dial (world, ALICE, CALL, 1, 6, "203.0.113.1:40000");
          expect_endpoint (world, BOB, KH_MESSAGE_ENDPOINT, 1, 6, "203.0.113.1:40000");
          expect_endpoint (world, BOB, KH_MESSAGE_ENDPOINT, 1, 7, "203.0.113.1:7472");
          continue;
        }
      world_dial (world, BOB, CALL, 1, 0, same[i]);
      world_letter_free (world_expect (world, BOB, KH_MESSAGE_OBSERVED));
      expect_endpoint (world, BOB, KH_MESSAGE_ENDPOINT, 1, 0, inside[i]);
      expect_endpoint (world, BOB, KH_MESSAGE_ENDPOINT, 1, 7, mapped);
    }
}

/* A server behind a router and a client in its network, or on its computer, have one
 * address outside; and so can't aim anywhere else, whatever is said when. */
static void
test_a_mapped_port_in_the_network_of_the_server (void)
{
  static const char *const inside[]
      = { "192.168.1.9:40000", "198.51.100.1:40000", "127.0.0.1:1" };

  for (guint i = 0; i < G_N_ELEMENTS (inside); i++)
    {
      g_autoptr (World) world = new_call ();
      gboolean is_private_or_own = i < 2;

      set_public (world, "203.0.113.77:0");
      world_mapped (world, ALICE, CALL, 1, 7472);
      world_dial (world, ALICE, CALL, 1, 0, inside[i]);
      world_clear_inbox (world, ALICE);
      world_expect_nothing (world, BOB); /* it is not known where BOB is */
      world_dial (world, BOB, CALL, 1, 0, "203.0.113.2:50000");
      world_letter_free (world_expect (world, BOB, KH_MESSAGE_OBSERVED));
      if (is_private_or_own)
        expect_endpoint (world, BOB, KH_MESSAGE_ENDPOINT, 1, 7, "203.0.113.77:7472");
      world_expect_nothing (world, BOB);
      expect_endpoint (world, ALICE, KH_MESSAGE_ENDPOINT, 1, 0, "203.0.113.2:50000");

      /* Once a round, also when the server moves. */
      set_public (world, "203.0.113.78:0");
      world_mapped (world, ALICE, CALL, 1, 7473);
      world_dial (world, ALICE, CALL, 1, 1, inside[i]);
      world_expect_nothing (world, BOB);
      world_round (world, ALICE, CALL, 2);
      world_clear_inbox (world, BOB);
      world_mapped (world, ALICE, CALL, 2, 7473);
      world_dial (world, ALICE, CALL, 2, 2, inside[i]);
      if (is_private_or_own)
        expect_endpoint (world, BOB, KH_MESSAGE_ENDPOINT, 2, 7, "203.0.113.78:7473");
      world_expect_nothing (world, BOB);
    }
}

static void
test_only_a_public_address_stands_for_the_network (void)
{
  static const char *const bad[]
      = { NULL,        "192.168.1.1:0", "100.64.0.1:0",     "127.0.0.1:0",
          "0.0.0.0:0", "224.0.0.1:0",   "[2001:db8::77]:0", "169.254.1.1:0" };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (World) world = new_call ();

      set_public (world, "203.0.113.77:0");
      set_public (world, bad[i]);
      world_mapped (world, ALICE, CALL, 1, 7472);
      world_dial (world, ALICE, CALL, 1, 0, "192.168.1.9:40000");
      world_dial (world, BOB, CALL, 1, 0, "203.0.113.2:50000");
      world_letter_free (world_expect (world, BOB, KH_MESSAGE_OBSERVED));
      world_expect_nothing (world, BOB);
    }
}

/* Those outside are told what was observed, and those inside what is inside. */
static void
test_a_public_address_is_for_those_outside (void)
{
  g_autoptr (World) world = new_call ();

  set_public (world, "203.0.113.77:0");
  world_mapped (world, ALICE, CALL, 1, 7472);
  world_mapped (world, BOB, CALL, 1, 7474);
  world_dial (world, ALICE, CALL, 1, 0, "203.0.113.1:40000");
  world_dial (world, BOB, CALL, 1, 0, "192.168.1.9:50000");
  world_letter_free (world_expect (world, ALICE, KH_MESSAGE_OBSERVED));
  expect_endpoint (world, ALICE, KH_MESSAGE_ENDPOINT, 1, 7, "203.0.113.77:7474");
  expect_endpoint (world, BOB, KH_MESSAGE_ENDPOINT, 1, 0, "203.0.113.1:40000");
  expect_endpoint (world, BOB, KH_MESSAGE_ENDPOINT, 1, 7, "203.0.113.1:7472");

  world_round (world, ALICE, CALL, 2);
  world_round (world, BOB, CALL, 2);
  world_mapped (world, BOB, CALL, 2, 7474);
  world_dial (world, ALICE, CALL, 2, 0, "192.168.1.8:40000");
  world_clear_inbox (world, ALICE);
  world_dial (world, BOB, CALL, 2, 0, "192.168.1.9:50000");
  expect_endpoint (world, ALICE, KH_MESSAGE_ENDPOINT, 2, 0, "192.168.1.9:50000");
  expect_endpoint (world, ALICE, KH_MESSAGE_ENDPOINT, 2, 7, "192.168.1.9:7474");
  world_expect_nothing (world, ALICE);
}

static void
test_candidates_are_passed_on_unread (void)
{
  g_autoptr (World) world = new_world ();

  world_call (world, ALICE, BOB, CALL);
  world_candidates (world, ALICE, CALL, 9); /* before the answer */
  world_answer (world, BOB, CALL, KH_VERDICT_ACCEPT);
  world_candidates (world, MALLORY, CALL, 9);
  g_assert_cmpuint (count_dropped (world), ==, 2);
  world_clear_inbox (world, ALICE);
  world_clear_inbox (world, BOB);
  for (guint8 i = 0; i < 2 * KH_CALL_CANDIDATES_MAX; i++)
    {
      g_autoptr (WorldLetter) letter = NULL;

      world_candidates (world, ALICE, CALL, 3 + i);
      if (i >= KH_CALL_CANDIDATES_MAX)
        continue;
      letter = world_expect (world, BOB, KH_MESSAGE_PEER_CANDIDATES);
      g_assert_cmpuint (letter->message.candidates.call_id[0], ==, CALL);
      g_assert_cmpuint (letter->message.candidates.sealed.len, ==, 3 + i);
      g_assert_cmpmem (letter->message.candidates.sealed.bytes, 3, "\7\10\11", 3);
    }
  g_assert_cmpuint (count_dropped (world), ==, 2 + KH_CALL_CANDIDATES_MAX);
  world_expect_nothing (world, BOB);
  world_candidates (world, BOB, CALL, 0); /* the other side has its own */
  world_letter_free (world_expect (world, ALICE, KH_MESSAGE_PEER_CANDIDATES));
  world_hang_up (world, BOB, CALL, KH_HANG_UP_DONE);
  world_candidates (world, BOB, CALL, 0);
  world_letter_free (world_expect (world, ALICE, KH_MESSAGE_HUNG_UP));
  world_expect_nothing (world, ALICE);
}

/* A call leaves room for the tokens of the next ones: IPv6 first, then index 6. */
static void
test_which_tokens_make_room (void)
{
  static const guint8 order[KH_CALL_TOKENS] = { 5, 4, 3, KH_CALL_INDEX_AGAIN, 2, 1, 0 };

  for (guint n = 0; n <= KH_CALL_TOKENS; n++)
    {
      g_autoptr (World) world = new_world ();

      for (guint i = 3; i < 6; i++)
        {
          world_login (world, i);
          world_join (world, i, 5);
          world_call (world, ALICE, i, (guint8)(100 + i));
          world_pass (world, SECOND_US);
          if (i == 4)
            /* So many of the newer call are used, and as many of the oldest stay. */
            for (guint8 k = 0; k < n; k++)
              g_assert_true (world_dial (world, ALICE, 104, 1, k, "203.0.113.1:1"));
        }
      for (guint k = 0; k < KH_CALL_TOKENS; k++)
        g_assert_cmpint (world_dial (world, ALICE, 103, 1, order[k], "203.0.113.1:2"), ==,
                         KH_CALL_TOKENS - k
                             <= n + KH_CLIENT_TOKENS_MAX - 2 * KH_CALL_TOKENS);
    }
}

/* What BOB is told about ALICE. */
static void
expect_class (World *world, guint8 nat_class)
{
  g_autoptr (WorldLetter) letter = world_expect (world, BOB, KH_MESSAGE_PEERS);
  KhMsgPeer peer;

  g_assert_true (kh_messages_next_peer (&letter->message.peers, &peer));
  g_assert_cmpmem (peer.id, KH_ID_LEN, world->clients[ALICE].id, KH_ID_LEN);
  g_assert_true (peer.online);
  g_assert_cmpuint (peer.nat_class, ==, nat_class);
  g_assert_false (kh_messages_next_peer (&letter->message.peers, &peer));
}

static void
expect_no_page (World *world, guint client)
{
  g_assert_cmpuint (g_queue_get_length (&world->clients[client].inbox), ==, 0);
}

static void
test_a_class_is_told_like_presence (void)
{
  g_autoptr (World) world = new_world ();

  world_class (world, ALICE, 3);
  world_class (world, ALICE, 4);
  expect_no_page (world, BOB);
  world_pass (world, SECOND_US);
  expect_class (world, 4); /* once, and never offline */
  expect_no_page (world, BOB);
  expect_no_page (world, ALICE); /* nobody hears of itself */
  world_class (world, ALICE, 4 | 0x80);
  world_pass (world, SECOND_US);
  expect_no_page (world, BOB); /* the same seven bits */

  world_class (world, ALICE, 127);
  world_disconnect (world, ALICE);
  world_pass (world, SECOND_US);
  world_clear_inbox (world, BOB);
  world_login (world, ALICE);
  world_join (world, ALICE, 5);
  world_pass (world, SECOND_US);
  expect_class (world, 0); /* a new connection has said nothing yet */
}

static void
test_a_class_is_in_the_list_of_a_joiner (void)
{
  g_autoptr (World) world = new_world ();
  g_autoptr (WorldLetter) letter = NULL;
  guint n = 0;
  KhMsgPeer peer;

  world_class (world, MALLORY, 5);
  world_class (world, ALICE, 9);
  world_login (world, 3);
  world_join (world, 3, 5);
  letter = world_expect (world, 3, KH_MESSAGE_PEERS);
  for (; kh_messages_next_peer (&letter->message.peers, &peer); n++)
    g_assert_cmpuint (peer.nat_class, ==,
                      peer.id[0] == ALICE + 1     ? 9
                      : peer.id[0] == MALLORY + 1 ? 5
                                                  : 0);
  g_assert_cmpuint (n, ==, 3);
}

/* Who joins and says so at once hides nobody who joined after. */
static void
test_a_class_of_a_joiner_hides_nobody (void)
{
  g_autoptr (World) world = new_world ();
  guint32 known = 0;

  for (guint i = 3; i < 6; i++)
    {
      world_login (world, i);
      world_join (world, i, 5);
    }
  world_class (world, 3, 7);
  world_pass (world, SECOND_US);
  known = world_read_peers (world, BOB, 5, known);
  g_assert_cmphex (known, ==, 1u << 3 | 1u << 4 | 1u << 5);
}

static void
test_changes_of_class_are_limited (void)
{
  g_autoptr (World) world = new_world ();

  world_pass (world, 60 * SECOND_US - world->now_us);
  for (guint8 i = 1; i <= 3 * KH_CLIENT_CLASSES_MAX; i++)
    {
      world_class (world, ALICE, i);
      world_pass (world, SECOND_US);
      if (i <= KH_CLIENT_CLASSES_MAX)
        expect_class (world, i);
      expect_no_page (world, BOB);
    }
  g_assert_cmpuint (count_dropped (world), ==, 2 * KH_CLIENT_CLASSES_MAX);
  world_pass (world, 60 * SECOND_US);
  world_class (world, ALICE, 100);
  world_pass (world, SECOND_US);
  expect_class (world, 100);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
#define TEST(path, function) g_test_add_func ("/directory-paths/" path, function)
  TEST ("mapped/gets-the-observed-address", test_a_mapped_port_gets_the_observed_address);
  TEST ("mapped/waits-for-the-answer", test_a_mapped_port_waits_for_the_answer);
  TEST ("mapped/bad-ones-are-dropped", test_bad_mapped_ports_are_dropped);
  TEST ("mapped/keeps-to-the-scopes", test_a_mapped_port_keeps_to_the_scopes);
  TEST ("mapped/in-the-network-of-the-server",
        test_a_mapped_port_in_the_network_of_the_server);
  TEST ("mapped/only-a-public-address-stands-for-the-network",
        test_only_a_public_address_stands_for_the_network);
  TEST ("mapped/a-public-address-is-for-those-outside",
        test_a_public_address_is_for_those_outside);
  TEST ("candidates/are-passed-on-unread", test_candidates_are_passed_on_unread);
  TEST ("tokens/which-make-room", test_which_tokens_make_room);
  TEST ("class/is-told-like-presence", test_a_class_is_told_like_presence);
  TEST ("class/is-in-the-list-of-a-joiner", test_a_class_is_in_the_list_of_a_joiner);
  TEST ("class/of-a-joiner-hides-nobody", test_a_class_of_a_joiner_hides_nobody);
  TEST ("class/changes-are-limited", test_changes_of_class_are_limited);
  return g_test_run ();
}
