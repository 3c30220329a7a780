/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "directory-world.h"

#include <sodium.h>
#include <string.h>

#define SECOND_US G_USEC_PER_SEC
#define ALICE 0
#define BOB 1
#define MALLORY 2
#define CALL 9

/* Alice and Bob in one room, Mallory in another. */
static World *
new_world (void)
{
  KhDirectoryConfig config = kh_directory_defaults ();
  World *world;

  config.max_clients = WORLD_CLIENTS;
  config.silent_us = 1000 * SECOND_US;
  world = world_new (&config);
  for (guint i = 0; i < 3; i++)
    world_login (world, i);
  world_join (world, ALICE, 5);
  world_join (world, BOB, 5);
  world_join (world, MALLORY, 6);
  return world;
}

static void
expect_hung_up (World *world, guint client, KhHangUpReason reason)
{
  g_autoptr (WorldLetter) letter = world_expect (world, client, KH_MESSAGE_HUNG_UP);

  g_assert_cmpuint (letter->message.hang_up.reason, ==, reason);
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
  g_assert_cmpuint (letter->message.endpoint.call_id[0], ==, CALL);
}

static void
drop_one (World *world, guint client, KhMessageType type)
{
  world_letter_free (world_expect (world, client, type));
}

/* An accepted call, with what was said about it read. */
static World *
new_call (void)
{
  World *world = new_world ();

  world_call (world, ALICE, BOB, CALL);
  world_answer (world, BOB, CALL, KH_VERDICT_ACCEPT);
  drop_one (world, BOB, KH_MESSAGE_CALLED);
  drop_one (world, ALICE, KH_MESSAGE_ANSWERED);
  return world;
}

static void
test_a_call_from_hello_to_endpoints (void)
{
  g_autoptr (World) world = new_world ();
  KhMessage go = { .type = KH_MESSAGE_GO, .round = { .round = 1 } };

  world_call (world, ALICE, BOB, CALL);
  {
    g_autoptr (WorldLetter) called = world_expect (world, BOB, KH_MESSAGE_CALLED);
    KhMsgCall *call = &called->message.call;

    g_assert_cmpmem (call->peer_id, KH_ID_LEN, world->clients[ALICE].id, KH_ID_LEN);
    g_assert_cmpmem (call->name.bytes, call->name.len, "client 0", 8);
    g_assert_cmpuint (call->introduction.len, ==, 6);
  }
  g_assert_true (world_dial (world, ALICE, CALL, 1, 0, "203.0.113.1:40000"));
  expect_endpoint (world, ALICE, KH_MESSAGE_OBSERVED, 1, 0, "203.0.113.1:40000");
  world_expect_nothing (world, BOB); /* not before he accepts */

  world_answer (world, BOB, CALL, KH_VERDICT_ASKING);
  drop_one (world, ALICE, KH_MESSAGE_ANSWERED);
  world_expect_nothing (world, BOB);
  g_assert_false (world_dial (world, BOB, CALL, 1, 0, "203.0.113.2:50000"));
  world_answer (world, BOB, CALL, KH_VERDICT_ACCEPT);
  drop_one (world, ALICE, KH_MESSAGE_ANSWERED);
  expect_endpoint (world, BOB, KH_MESSAGE_ENDPOINT, 1, 0, "203.0.113.1:40000");

  g_assert_true (world_dial (world, BOB, CALL, 1, 0, "203.0.113.2:50000"));
  expect_endpoint (world, BOB, KH_MESSAGE_OBSERVED, 1, 0, "203.0.113.2:50000");
  expect_endpoint (world, ALICE, KH_MESSAGE_ENDPOINT, 1, 0, "203.0.113.2:50000");
  world_call_id (CALL, go.round.call_id);
  world_send (world, ALICE, &go);
  drop_one (world, BOB, KH_MESSAGE_PEER_GO);
  world_hang_up (world, BOB, CALL, KH_HANG_UP_DONE);
  expect_hung_up (world, ALICE, KH_HANG_UP_DONE);
  g_assert_cmpuint (world->ended->len, ==, 1);
  world_expect_nothing (world, ALICE);
  world_expect_nothing (world, BOB);
  world_expect_nothing (world, MALLORY);
}

static void
test_only_peers_of_a_room_can_be_called (void)
{
  g_autoptr (World) world = new_world ();

  world_call (world, MALLORY, BOB, CALL);
  expect_hung_up (world, MALLORY, KH_HANG_UP_NOT_ONLINE);
  world_call (world, ALICE, 7, CALL); /* offline */
  expect_hung_up (world, ALICE, KH_HANG_UP_NOT_ONLINE);
  world_call (world, ALICE, ALICE, CALL);
  expect_hung_up (world, ALICE, KH_HANG_UP_BAD_CALL);
  world_expect_nothing (world, BOB);
  g_assert_cmpuint (kh_directory_stats (world->directory).n_calls_ever, ==, 0);
}

static void
test_a_call_id_is_used_once (void)
{
  g_autoptr (World) world = new_call ();

  world_join (world, MALLORY, 5);
  world_call (world, MALLORY, BOB, CALL);
  expect_hung_up (world, MALLORY, KH_HANG_UP_BAD_CALL);
  world_expect_nothing (world, BOB);
  world_expect_nothing (world, ALICE);
}

static void
test_declined_and_busy_calls_end (void)
{
  static const KhVerdict verdicts[] = { KH_VERDICT_DECLINE, KH_VERDICT_BUSY };
  g_autoptr (World) world = new_world ();

  for (guint i = 0; i < G_N_ELEMENTS (verdicts); i++)
    {
      g_autoptr (WorldLetter) letter = NULL;

      world_call (world, ALICE, BOB, CALL);
      drop_one (world, BOB, KH_MESSAGE_CALLED);
      world_answer (world, BOB, CALL, verdicts[i]);
      letter = world_expect (world, ALICE, KH_MESSAGE_ANSWERED);
      g_assert_cmpuint (letter->message.answer.verdict, ==, verdicts[i]);
      g_assert_cmpuint (world->ended->len, ==, i + 1);
      world_answer (world, BOB, CALL, KH_VERDICT_ACCEPT); /* too late */
      world_expect_nothing (world, ALICE);
      g_assert_false (world_dial (world, ALICE, CALL, 1, 0, "203.0.113.1:40000"));
    }
}

static void
test_only_the_callee_answers (void)
{
  g_autoptr (World) world = new_world ();

  world_call (world, ALICE, BOB, CALL);
  drop_one (world, BOB, KH_MESSAGE_CALLED);
  world_answer (world, ALICE, CALL, KH_VERDICT_ACCEPT);
  world_answer (world, MALLORY, CALL, KH_VERDICT_ACCEPT);
  world_expect_nothing (world, ALICE);
  world_expect_nothing (world, BOB);
  g_assert_false (world_dial (world, BOB, CALL, 1, 0, "203.0.113.2:50000"));
}

static void
test_an_unanswered_call_times_out (void)
{
  g_autoptr (World) world = new_world ();

  world_call (world, ALICE, BOB, CALL);
  drop_one (world, BOB, KH_MESSAGE_CALLED);
  world_answer (world, BOB, CALL, KH_VERDICT_ASKING);
  drop_one (world, ALICE, KH_MESSAGE_ANSWERED);
  world_pass (world, 60 * SECOND_US - 1);
  world_expect_nothing (world, ALICE);
  world_pass (world, 1);
  expect_hung_up (world, ALICE, KH_HANG_UP_TIMEOUT);
  expect_hung_up (world, BOB, KH_HANG_UP_TIMEOUT);
  g_assert_cmpuint (world->ended->len, ==, 1);
  g_assert_cmpint (kh_directory_deadline (world->directory), >,
                   world->now_us + SECOND_US);
}

static void
test_a_call_that_nobody_ends_times_out (void)
{
  g_autoptr (World) world = new_world ();

  world_call (world, ALICE, BOB, CALL);
  world_pass (world, 59 * SECOND_US);
  world_answer (world, BOB, CALL, KH_VERDICT_ACCEPT);
  drop_one (world, BOB, KH_MESSAGE_CALLED);
  drop_one (world, ALICE, KH_MESSAGE_ANSWERED);
  world_pass (world, 60 * SECOND_US - 1);
  world_expect_nothing (world, BOB);
  world_pass (world, 1);
  expect_hung_up (world, BOB, KH_HANG_UP_TIMEOUT);
}

static void
test_going_offline_hangs_up (void)
{
  g_autoptr (World) world = new_call ();

  world_disconnect (world, BOB);
  expect_hung_up (world, ALICE, KH_HANG_UP_NOT_ONLINE);
  g_assert_cmpuint (world->ended->len, ==, 1);
  g_assert_false (world_dial (world, ALICE, CALL, 1, 0, "203.0.113.1:40000"));
}

static void
test_a_token_is_good_once (void)
{
  g_autoptr (World) world = new_call ();
  guint8 token[KH_TOKEN_LEN];

  g_assert_true (world_dial (world, ALICE, CALL, 1, 2, "203.0.113.1:40000"));
  g_assert_false (world_dial (world, ALICE, CALL, 1, 2, "203.0.113.1:40000"));
  g_assert_false (world_dial (world, ALICE, CALL, 2, 0, "203.0.113.1:40000"));
  g_assert_false (world_dial (world, ALICE, CALL, 1, 7, "203.0.113.1:40000"));
  g_assert_false (world_dial (world, MALLORY, CALL, 1, 0, "203.0.113.3:40000"));
  world_token (world, ALICE, CALL, 1, 0, token);
  token[15] ^= 1;
  g_assert_cmpuint (world_observe (world, token, "203.0.113.1:1", "198.51.100.1:1"), ==,
                    0);
}

static void
test_a_token_is_good_for_30_seconds (void)
{
  g_autoptr (World) world = new_call ();

  world_pass (world, 30 * SECOND_US);
  g_assert_true (world_dial (world, ALICE, CALL, 1, 0, "203.0.113.1:40000"));
  world_pass (world, 1);
  g_assert_false (world_dial (world, ALICE, CALL, 1, 1, "203.0.113.1:40000"));
}

/* A person was asked for so long that the caller's tokens had expired. */
static void
test_accepting_renews_the_callers_tokens (void)
{
  g_autoptr (World) world = new_world ();

  world_call (world, ALICE, BOB, CALL);
  world_pass (world, 50 * SECOND_US);
  world_answer (world, BOB, CALL, KH_VERDICT_ACCEPT);
  world_pass (world, 29 * SECOND_US);
  g_assert_true (world_dial (world, ALICE, CALL, 1, 0, "203.0.113.1:40000"));
  g_assert_true (world_dial (world, BOB, CALL, 1, 0, "203.0.113.2:40000"));
}

static void
test_rounds_come_in_order_and_end_the_last (void)
{
  g_autoptr (World) world = new_call ();
  KhMessage round = { .type = KH_MESSAGE_ROUND };

  world_call_id (CALL, round.round.call_id);
  world_round (world, ALICE, CALL, 3);
  world_round (world, ALICE, CALL, 1);
  world_expect_nothing (world, BOB);
  world_round (world, ALICE, CALL, 2);
  drop_one (world, BOB, KH_MESSAGE_PEER_ROUND);
  g_assert_false (world_dial (world, ALICE, CALL, 1, 0, "203.0.113.1:40000"));
  g_assert_true (world_dial (world, ALICE, CALL, 2, 0, "203.0.113.1:40001"));
  expect_endpoint (world, ALICE, KH_MESSAGE_OBSERVED, 2, 0, "203.0.113.1:40001");
  expect_endpoint (world, BOB, KH_MESSAGE_ENDPOINT, 2, 0, "203.0.113.1:40001");
  world_round (world, ALICE, CALL, 3);
  drop_one (world, BOB, KH_MESSAGE_PEER_ROUND);
  g_assert_true (world_dial (world, BOB, CALL, 1, 0, "203.0.113.2:40001"));
}

static void
test_no_rounds_before_the_answer (void)
{
  g_autoptr (World) world = new_world ();
  KhMessage go = { .type = KH_MESSAGE_GO, .round = { .round = 1 } };

  world_call (world, ALICE, BOB, CALL);
  drop_one (world, BOB, KH_MESSAGE_CALLED);
  world_round (world, ALICE, CALL, 2);
  world_call_id (CALL, go.round.call_id);
  world_send (world, ALICE, &go);
  world_expect_nothing (world, BOB);
}

/* Private addresses only go to those who were seen at one; likewise the others. */
static void
test_inside_addresses_stay_inside (void)
{
  static const char *const inside[]
      = { "10.0.0.1:40000", "127.0.0.1:40000", "169.254.1.1:40000", "[fd00::1]:40000",
          "198.51.100.1:40000" /* the server's own */ };
  static const char *const same[]
      = { "192.168.7.7:1", "[::1]:1", "[fe80::1]:1", "100.64.0.1:1", "198.51.100.1:1" };

  for (guint i = 0; i < G_N_ELEMENTS (inside); i++)
    {
      g_autoptr (World) world = new_call ();

      g_assert_true (world_dial (world, ALICE, CALL, 1, 0, inside[i]));
      expect_endpoint (world, ALICE, KH_MESSAGE_OBSERVED, 1, 0, inside[i]);
      world_expect_nothing (world, BOB);
      g_assert_true (world_dial (world, BOB, CALL, 1, 0, "203.0.113.2:50000"));
      drop_one (world, BOB, KH_MESSAGE_OBSERVED);
      expect_endpoint (world, ALICE, KH_MESSAGE_ENDPOINT, 1, 0, "203.0.113.2:50000");
      world_expect_nothing (world, BOB);

      g_assert_true (world_dial (world, BOB, CALL, 1, 1, same[i]));
      drop_one (world, BOB, KH_MESSAGE_OBSERVED);
      expect_endpoint (world, BOB, KH_MESSAGE_ENDPOINT, 1, 0, inside[i]);
      expect_endpoint (world, ALICE, KH_MESSAGE_ENDPOINT, 1, 1, same[i]);
    }
}

static void
test_both_may_call_at_once (void)
{
  g_autoptr (World) world = new_world ();

  world_call (world, ALICE, BOB, CALL);
  world_call (world, BOB, ALICE, CALL + 1);
  drop_one (world, BOB, KH_MESSAGE_CALLED);
  drop_one (world, ALICE, KH_MESSAGE_CALLED);
  world_hang_up (world, BOB, CALL + 1, KH_HANG_UP_SUPERSEDED);
  expect_hung_up (world, ALICE, KH_HANG_UP_SUPERSEDED);
  world_answer (world, BOB, CALL, KH_VERDICT_ACCEPT);
  drop_one (world, ALICE, KH_MESSAGE_ANSWERED);
  world_call (world, ALICE, BOB, CALL + 2); /* but one cannot call another twice */
  expect_hung_up (world, ALICE, KH_HANG_UP_TOO_MANY);
}

static void
test_calls_at_a_time_are_limited (void)
{
  g_autoptr (World) world = new_world ();

  for (guint i = 3; i < 3 + KH_CLIENT_CALLS_MAX; i++)
    {
      world_login (world, i);
      world_join (world, i, 5);
      world_call (world, i, BOB, (guint8)(100 + i));
      drop_one (world, BOB, KH_MESSAGE_CALLED);
    }
  world_call (world, ALICE, BOB, CALL);
  expect_hung_up (world, ALICE, KH_HANG_UP_TOO_MANY);
  for (guint i = 3; i < 3 + KH_CLIENT_CALLS_MAX; i++)
    world_call (world, BOB, i, (guint8)(150 + i)); /* he can still make calls */
  world_expect_nothing (world, BOB);
  world_call (world, BOB, ALICE, 200);
  expect_hung_up (world, BOB, KH_HANG_UP_TOO_MANY);
}

static void
test_calls_a_minute_are_limited (void)
{
  g_autoptr (World) world = new_world ();
  guint n;

  for (n = 0; n < 200; n++)
    {
      g_autoptr (WorldLetter) letter = NULL;

      world_pass (world, SECOND_US / 50);
      world_clear_inbox (world, BOB);
      world_call (world, ALICE, BOB, CALL);
      letter = world_take (world, ALICE);
      if (letter != NULL && letter->message.type == KH_MESSAGE_HUNG_UP)
        break;
      world_hang_up (world, ALICE, CALL, KH_HANG_UP_CANCELLED);
    }
  /* 120 at once, and what came back in the 2.4 s and more that it took. */
  g_assert_cmpuint (n, >=, 120);
  g_assert_cmpuint (n, <=, 130);
}

/* The tokens of the oldest round make room: never more than 16 wait. */
static void
test_unused_tokens_are_limited (void)
{
  g_autoptr (World) world = new_world ();
  guint n_good = 0;

  for (guint i = 0; i < 4; i++)
    {
      world_login (world, 3 + i);
      world_join (world, 3 + i, 5);
      world_pass (world, SECOND_US);
      world_call (world, ALICE, 3 + i, (guint8)(100 + i));
    }
  for (guint i = 0; i < 4; i++)
    for (guint8 index = 0; index < KH_CALL_TOKENS; index++)
      if (world_dial (world, ALICE, (guint8)(100 + i), 1, index, "203.0.113.1:40000"))
        n_good++;
      else
        g_assert_cmpuint (i, <, 2); /* not the newest two */
  g_assert_cmpuint (n_good, <=, KH_CLIENT_TOKENS_MAX);
  g_assert_cmpuint (n_good, >, KH_CLIENT_TOKENS_MAX - KH_CALL_TOKENS);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
#define TEST(path, function) g_test_add_func ("/directory-calls/" path, function)
  TEST ("from-call-to-endpoints", test_a_call_from_hello_to_endpoints);
  TEST ("only-peers-of-a-room", test_only_peers_of_a_room_can_be_called);
  TEST ("a-call-id-is-used-once", test_a_call_id_is_used_once);
  TEST ("declined-and-busy-calls-end", test_declined_and_busy_calls_end);
  TEST ("only-the-callee-answers", test_only_the_callee_answers);
  TEST ("unanswered-times-out", test_an_unanswered_call_times_out);
  TEST ("accepted-and-forgotten-times-out", test_a_call_that_nobody_ends_times_out);
  TEST ("going-offline-hangs-up", test_going_offline_hangs_up);
  TEST ("a-token-is-good-once", test_a_token_is_good_once);
  TEST ("a-token-is-good-for-30-seconds", test_a_token_is_good_for_30_seconds);
  TEST ("accepting-renews-the-callers-tokens", test_accepting_renews_the_callers_tokens);
  TEST ("rounds-come-in-order", test_rounds_come_in_order_and_end_the_last);
  TEST ("no-rounds-before-the-answer", test_no_rounds_before_the_answer);
  TEST ("inside-addresses-stay-inside", test_inside_addresses_stay_inside);
  TEST ("both-may-call-at-once", test_both_may_call_at_once);
  TEST ("calls-at-a-time-are-limited", test_calls_at_a_time_are_limited);
  TEST ("calls-a-minute-are-limited", test_calls_a_minute_are_limited);
  TEST ("unused-tokens-are-limited", test_unused_tokens_are_limited);
  return g_test_run ();
}
