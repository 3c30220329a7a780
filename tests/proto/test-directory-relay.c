/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who may be relayed, for how long and how much.
 */
#include "directory-world.h"

#include <sodium.h>
#include <string.h>

#define SECOND_US G_USEC_PER_SEC
#define DAY_US (24 * 3600 * (gint64)SECOND_US)
#define ALICE 0
#define BOB 1
#define MALLORY 2
#define CALL 9
#define VOLUME 1000
#define FROM_ALICE "203.0.113.1:40000"
#define FROM_BOB "203.0.113.2:50000"

static World *
new_world_with (const KhDirectoryConfig *config)
{
  World *world = world_new (config);

  for (guint i = 0; i < 3; i++)
    {
      world_login (world, i);
      world_join (world, i, 5);
    }
  return world;
}

static KhDirectoryConfig
make_config (void)
{
  KhDirectoryConfig config = kh_directory_defaults ();

  config.max_clients = WORLD_CLIENTS;
  config.silent_us = 1000 * DAY_US;
  config.relay_volume = VOLUME;
  return config;
}

static World *
new_world (void)
{
  KhDirectoryConfig config = make_config ();

  return new_world_with (&config);
}

static void
accept_call (World *world, guint caller, guint callee, guint8 call)
{
  world_call (world, caller, callee, call);
  world_answer (world, callee, call, KH_VERDICT_ACCEPT);
  world_clear_inbox (world, caller);
  world_clear_inbox (world, callee);
}

/* Both sides of an accepted call have come; the relay's number. */
static guint32
open_relay (World *world, guint caller, guint callee, guint8 call)
{
  g_autofree char *from
      = g_strdup_printf ("203.0.113.%u:40000", world->clients[caller].id[0]);
  g_autofree char *to
      = g_strdup_printf ("203.0.113.%u:40000", world->clients[callee].id[0]);
  guint side = 7;
  guint32 relay;

  accept_call (world, caller, callee, call);
  relay = world_relay (world, caller, call, from, &side);
  g_assert_cmpuint (relay, !=, 0);
  g_assert_cmpuint (side, ==, 0);
  g_assert_cmpuint (world_relay (world, callee, call, to, &side), ==, relay);
  g_assert_cmpuint (side, ==, 1);
  return relay;
}

static void
expect_refused (World *world, guint client, guint8 call, KhRelayRefusal reason)
{
  g_autoptr (WorldLetter) letter = world_expect (world, client, KH_MESSAGE_RELAY_REFUSED);

  g_assert_cmpuint (letter->message.relay_refused.call_id[0], ==, call);
  g_assert_cmpuint (letter->message.relay_refused.reason, ==, reason);
}

static guint
count_relays (World *world)
{
  return kh_directory_stats (world->directory).n_relays;
}

static guint
count_ended (World *world)
{
  return world->relays_ended->len;
}

static void
test_a_relay_outlives_its_call (void)
{
  g_autoptr (World) world = new_world ();
  guint32 relay = open_relay (world, ALICE, BOB, CALL);

  g_assert_cmpuint (kh_directory_stats (world->directory).n_relays_ever, ==, 1);
  world_hang_up (world, ALICE, CALL, KH_HANG_UP_DONE);
  world_relayed (world, relay, 0, 10);
  world_disconnect (world, ALICE);
  world_disconnect (world, BOB);
  world_pass (world, 600 * SECOND_US);
  world_relayed (world, relay, 1, 20);
  g_assert_cmpuint (count_relays (world), ==, 1);
  g_assert_cmpuint (count_ended (world), ==, 0);
  g_assert_cmpuint (kh_directory_stats (world->directory).n_relayed_bytes, ==, 30);
  world_end_relay (world, relay);
  g_assert_cmpuint (count_relays (world), ==, 0);
  g_assert_cmpuint (count_ended (world), ==, 0);
}

static void
test_a_token_is_good_once_and_for_two (void)
{
  g_autoptr (World) world = new_world ();
  guint32 relay;
  guint side;

  world_call (world, ALICE, BOB, CALL);
  g_assert_cmpuint (world_relay (world, ALICE, CALL, FROM_ALICE, &side), ==, 0);
  world_answer (world, BOB, CALL, KH_VERDICT_ACCEPT);
  g_assert_cmpuint (world_relay (world, MALLORY, CALL, FROM_ALICE, &side), ==, 0);
  g_assert_cmpuint (count_relays (world), ==, 0);
  relay = world_relay (world, ALICE, CALL, FROM_ALICE, &side);
  g_assert_cmpuint (relay, !=, 0);
  g_assert_cmpuint (world_relay (world, ALICE, CALL, FROM_ALICE, &side), ==, 0);
  g_assert_cmpuint (world_relay (world, MALLORY, CALL, FROM_ALICE, &side), ==, 0);
  g_assert_cmpuint (world_relay (world, BOB, CALL, FROM_BOB, &side), ==, relay);
  g_assert_cmpuint (world_relay (world, BOB, CALL, FROM_BOB, &side), ==, 0);
  world_end_relay (world, relay);
  g_assert_cmpuint (world_relay (world, BOB, CALL, FROM_BOB, &side), ==, 0);
  g_assert_cmpuint (world_relay (world, ALICE, CALL, FROM_ALICE, &side), ==, 0);
}

/* The token for the relay is no way to have an endpoint told, and the other way round;
 * world_relay() shows it to observe() too. */
static void
test_it_is_none_of_the_tokens_of_a_round (void)
{
  g_autoptr (World) world = new_world ();
  guint8 token[KH_TOKEN_LEN];
  guint32 relay = open_relay (world, ALICE, BOB, CALL);
  KhEndpoint from;
  guint side;

  g_assert_true (kh_endpoint_parse (&from, FROM_ALICE));
  world_token (world, ALICE, CALL, 1, 0, token);
  g_assert_cmpuint (
      kh_directory_join_relay (world->directory, world->now_us, token, &from, &side), ==,
      0);
  for (guint8 index = 0; index < KH_CALL_TOKENS; index++)
    g_assert_true (world_dial (world, ALICE, CALL, 1, index, FROM_ALICE));
  world_clear_inbox (world, ALICE);
  world_end_relay (world, relay);
}

/* They wait for as long as a call, so they neither take the places of others nor make
 * room for them. */
static void
test_tokens_of_rounds_need_no_room_of_them (void)
{
  g_autoptr (World) world = new_world ();
  guint side;

  for (guint i = 3; i < 3 + KH_CLIENT_CALLS_MAX; i++)
    {
      world_login (world, i);
      world_join (world, i, 5);
      accept_call (world, ALICE, i, (guint8)(100 + i));
      world_pass (world, SECOND_US);
    }
  for (guint i = 1 + KH_CLIENT_CALLS_MAX; i < 3 + KH_CLIENT_CALLS_MAX; i++)
    for (guint8 index = 0; index < KH_CALL_TOKENS; index++)
      g_assert_true (world_dial (world, ALICE, (guint8)(100 + i), 1, index, FROM_ALICE));
  for (guint i = 3; i < 3 + KH_CLIENT_CALLS_MAX; i++)
    g_assert_cmpuint (world_relay (world, ALICE, (guint8)(100 + i), FROM_ALICE, &side),
                      !=, 0);
}

static void
test_it_is_good_in_every_round_until_the_call_ends (void)
{
  g_autoptr (World) world = new_world ();
  guint32 relay;
  guint side;

  accept_call (world, ALICE, BOB, CALL);
  world_round (world, ALICE, CALL, 2);
  world_round (world, ALICE, CALL, 3);
  world_pass (world, 50 * SECOND_US);
  relay = world_relay (world, ALICE, CALL, FROM_ALICE, &side);
  g_assert_cmpuint (relay, !=, 0);
  world_pass (world, 10 * SECOND_US); /* the call times out */
  g_assert_cmpuint (count_ended (world), ==, 1);
  g_assert_cmpuint (count_relays (world), ==, 0);
  g_assert_cmpuint (world_relay (world, BOB, CALL, FROM_BOB, &side), ==, 0);
}

static void
test_the_first_waits_for_15_seconds (void)
{
  g_autoptr (World) world = new_world ();
  guint side;

  accept_call (world, ALICE, BOB, CALL);
  world_relay (world, BOB, CALL, FROM_BOB, &side);
  g_assert_cmpuint (side, ==, 1);
  world_pass (world, 15 * SECOND_US - 1);
  g_assert_cmpuint (count_ended (world), ==, 0);
  world_pass (world, 1);
  g_assert_cmpuint (count_ended (world), ==, 1);
  g_assert_cmpuint (count_relays (world), ==, 0);
  /* There is nobody whom the other could meet. */
  g_assert_cmpuint (world_relay (world, ALICE, CALL, FROM_ALICE, &side), ==, 0);
  world_expect_nothing (world, ALICE);
}

static void
test_who_waits_and_vanishes_leaves_nothing (void)
{
  g_autoptr (World) world = new_world ();
  guint side;

  accept_call (world, ALICE, BOB, CALL);
  world_end_relay (world, world_relay (world, ALICE, CALL, FROM_ALICE, &side));
  g_assert_cmpuint (count_relays (world), ==, 0);
  g_assert_cmpuint (world_relay (world, BOB, CALL, FROM_BOB, &side), ==, 0);
  world_hang_up (world, BOB, CALL, KH_HANG_UP_DONE);
  g_assert_cmpuint (count_ended (world), ==, 0);
}

static void
test_hanging_up_ends_one_where_somebody_waits (void)
{
  g_autoptr (World) world = new_world ();
  guint side;

  accept_call (world, ALICE, BOB, CALL);
  world_relay (world, ALICE, CALL, FROM_ALICE, &side);
  world_hang_up (world, BOB, CALL, KH_HANG_UP_CANCELLED);
  g_assert_cmpuint (count_ended (world), ==, 1);
  g_assert_cmpuint (count_relays (world), ==, 0);
}

static void
test_the_operator_can_switch_it_off (void)
{
  KhDirectoryConfig config = make_config ();
  g_autoptr (World) world = NULL;
  guint side;

  config.relay = FALSE;
  world = new_world_with (&config);
  accept_call (world, ALICE, BOB, CALL);
  g_assert_cmpuint (world_relay (world, ALICE, CALL, FROM_ALICE, &side), ==, 0);
  expect_refused (world, ALICE, CALL, KH_RELAY_REFUSED_OFF);
  expect_refused (world, BOB, CALL, KH_RELAY_REFUSED_OFF);
  g_assert_cmpuint (world_relay (world, BOB, CALL, FROM_BOB, &side), ==, 0);
  world_expect_nothing (world, BOB); /* once is enough */
  world_expect_nothing (world, ALICE);
}

static void
test_a_used_up_volume_ends_the_relay (void)
{
  g_autoptr (World) world = new_world ();
  guint32 relay = open_relay (world, ALICE, BOB, CALL);
  guint side;

  world_hang_up (world, BOB, CALL, KH_HANG_UP_DONE);
  world_clear_inbox (world, ALICE);
  world_relayed (world, relay, 0, VOLUME - 1);
  world_relayed (world, relay, 1, VOLUME - 1); /* each has its own */
  g_assert_cmpuint (count_ended (world), ==, 0);
  world_login (world, BOB); /* a new connection of the same client */
  world_join (world, BOB, 5);
  world_relayed (world, relay, 0, 1);
  g_assert_cmpuint (count_ended (world), ==, 1);
  expect_refused (world, ALICE, CALL, KH_RELAY_REFUSED_VOLUME);
  expect_refused (world, BOB, CALL, KH_RELAY_REFUSED_VOLUME);

  /* Nor is there another one today, whichever side comes first. */
  accept_call (world, BOB, ALICE, CALL + 1);
  g_assert_cmpuint (world_relay (world, BOB, CALL + 1, FROM_BOB, &side), !=, 0);
  g_assert_cmpuint (world_relay (world, ALICE, CALL + 1, "192.0.2.1:1", &side), ==, 0);
  expect_refused (world, ALICE, CALL + 1, KH_RELAY_REFUSED_VOLUME);
  expect_refused (world, BOB, CALL + 1, KH_RELAY_REFUSED_VOLUME);
  g_assert_cmpuint (count_ended (world), ==, 2); /* Bob does not wait in vain */
  world_hang_up (world, BOB, CALL + 1, KH_HANG_UP_DONE);
  world_pass (world, DAY_US);
  world_end_relay (world, open_relay (world, ALICE, BOB, CALL + 2));
}

/* A new identity at the same address, or in the same /64, has the same volume. */
static void
test_a_new_identity_has_no_new_volume (void)
{
  g_autoptr (World) world = new_world ();
  guint32 relay = open_relay (world, ALICE, BOB, CALL);
  guint side;

  world_relayed (world, relay, 0, VOLUME);
  accept_call (world, MALLORY, BOB, CALL + 1);
  world_clear_inbox (world, MALLORY);
  g_assert_cmpuint (world_relay (world, MALLORY, CALL + 1, "203.0.113.1:9", &side), ==,
                    0);
  expect_refused (world, MALLORY, CALL + 1, KH_RELAY_REFUSED_VOLUME);
  accept_call (world, BOB, MALLORY, CALL + 2);
  g_assert_cmpuint (world_relay (world, MALLORY, CALL + 2, "203.0.113.3:9", &side), !=,
                    0);
}

static void
test_relays_at_a_time_are_limited (void)
{
  KhDirectoryConfig config = make_config ();
  g_autoptr (World) world = NULL;
  guint32 first, second;
  guint side;

  config.relays_max = 3;
  config.relays_per_client = 2;
  world = new_world_with (&config);
  for (guint i = 3; i < 8; i++)
    {
      world_login (world, i);
      world_join (world, i, 5);
    }
  first = open_relay (world, ALICE, BOB, CALL);
  second = open_relay (world, ALICE, MALLORY, CALL + 1);
  accept_call (world, ALICE, 3, CALL + 2); /* this one has two */
  g_assert_cmpuint (world_relay (world, ALICE, CALL + 2, "192.0.2.1:1", &side), ==, 0);
  expect_refused (world, ALICE, CALL + 2, KH_RELAY_REFUSED_BUSY);
  expect_refused (world, 3, CALL + 2, KH_RELAY_REFUSED_BUSY);
  accept_call (world, 3, 4, CALL + 3); /* this address has */
  g_assert_cmpuint (world_relay (world, 3, CALL + 3, FROM_ALICE, &side), ==, 0);
  expect_refused (world, 3, CALL + 3, KH_RELAY_REFUSED_BUSY);
  world_clear_inbox (world, 4);

  open_relay (world, 5, 6, CALL + 4);
  accept_call (world, 3, 7, CALL + 5); /* and these are all */
  g_assert_cmpuint (world_relay (world, 3, CALL + 5, "192.0.2.2:1", &side), ==, 0);
  expect_refused (world, 3, CALL + 5, KH_RELAY_REFUSED_BUSY);
  world_end_relay (world, first);
  world_end_relay (world, second);
  world_clear_inbox (world, 7);
  accept_call (world, 7, 3, CALL + 6);
  g_assert_cmpuint (world_relay (world, 7, CALL + 6, "192.0.2.3:1", &side), !=, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
#define TEST(path, function) g_test_add_func ("/directory-relay/" path, function)
  TEST ("outlives-its-call", test_a_relay_outlives_its_call);
  TEST ("a-token-is-good-once-and-for-two", test_a_token_is_good_once_and_for_two);
  TEST ("its-token-is-none-of-a-round", test_it_is_none_of_the_tokens_of_a_round);
  TEST ("tokens-of-rounds-need-no-room-of-them",
        test_tokens_of_rounds_need_no_room_of_them);
  TEST ("its-token-is-good-until-the-call-ends",
        test_it_is_good_in_every_round_until_the_call_ends);
  TEST ("the-first-waits-for-15-seconds", test_the_first_waits_for_15_seconds);
  TEST ("who-waits-and-vanishes-leaves-nothing",
        test_who_waits_and_vanishes_leaves_nothing);
  TEST ("hanging-up-ends-one-that-waits", test_hanging_up_ends_one_where_somebody_waits);
  TEST ("can-be-switched-off", test_the_operator_can_switch_it_off);
  TEST ("a-used-up-volume-ends-it", test_a_used_up_volume_ends_the_relay);
  TEST ("a-new-identity-has-no-new-volume", test_a_new_identity_has_no_new_volume);
  TEST ("relays-at-a-time-are-limited", test_relays_at_a_time_are_limited);
  return g_test_run ();
}
