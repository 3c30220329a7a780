/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "punch-side.h"

/* --- A round begins -------------------------------------------------------- */

static void
test_three_ports_are_opened_at_once (void)
{
  Side side;

  side_begin (&side, TRUE);
  g_assert_cmpuint (side.n_actions, ==, KH_PUNCH_PORTS_V4);
  for (guint i = 0; i < KH_PUNCH_PORTS_V4; i++)
    {
      g_assert_cmpint (side.actions[i].kind, ==, KH_PUNCH_OPEN);
      g_assert_cmpuint (side.actions[i].port, ==, i);
      g_assert_cmpuint (side.actions[i].round, ==, 1);
    }
  g_assert_cmpint (kh_punch_deadline (&side.punch), ==, KH_NEVER);
}

static void
test_nothing_is_dialled_before_both_have_agreed (void)
{
  Side side;

  side_begin (&side, TRUE);
  side_tell_all (&side);
  side_wait (&side, 60000 * SIDE_MS);
  g_assert_cmpuint (side.n_actions, ==, KH_PUNCH_PORTS_V4);
  side_accept_call (&side);
  g_assert_cmpuint (side_count (&side, KH_PUNCH_SEND_GO), ==, 1);
}

static void
test_one_pair_of_endpoints_is_enough_to_go (void)
{
  Side side;

  side_begin (&side, TRUE);
  side_accept_call (&side);
  g_assert_cmpuint (side_count (&side, KH_PUNCH_SEND_GO), ==, 0);
  side_tell (&side, 2);
  g_assert_cmpuint (side_count (&side, KH_PUNCH_SEND_GO), ==, 1);
  side_wait (&side, SIDE_RTT / 2 + 2 * KH_PUNCH_STAGGER_US);
  g_assert_cmpuint (side_count (&side, KH_PUNCH_CONNECT), ==, 1);

  /* The endpoints of another come late: it dials at once, without a further GO. */
  side_tell (&side, 0);
  g_assert_cmpuint (side_count (&side, KH_PUNCH_CONNECT), ==, 2);
  g_assert_cmpuint (side_count (&side, KH_PUNCH_SEND_GO), ==, 1);
}

/* Together, then the callee first, then the caller first. */
static void
test_each_round_starts_in_another_order (void)
{
  static const gint64 head_start_us[KH_PUNCH_ROUNDS] = { SIDE_RTT / 2, SIDE_RTT, 0 };
  Side side;

  side_begin (&side, TRUE);
  side_accept_call (&side);
  for (guint i = 0; i < KH_PUNCH_ROUNDS; i++)
    {
      if (i > 0)
        side_hear_round (&side, i + 1);
      side_forget (&side);
      side_tell (&side, 0);
      g_assert_cmpint (side.actions[0].kind, ==, KH_PUNCH_SEND_GO);
      g_assert_cmpuint (side.actions[0].round, ==, i + 1);
      if (head_start_us[i] > 0)
        {
          side_wait (&side, head_start_us[i] - 1);
          g_assert_cmpuint (side.n_actions, ==, 1);
          side_wait (&side, 1);
        }
      g_assert_cmpuint (side.n_actions, ==, 2);
      g_assert_cmpint (side.actions[1].kind, ==, KH_PUNCH_CONNECT);
      g_assert_true (
          kh_endpoint_equal (&side.actions[1].endpoint, &side.punch.pairs[0].peer));
    }
}

static void
test_a_round_trip_that_can_not_be_is_not_waited_for (void)
{
  static const gint64 rtts_us[]
      = { -SIDE_RTT, 3600 * 1000 * SIDE_MS, G_MAXINT64, G_MININT64 };

  for (guint i = 0; i < G_N_ELEMENTS (rtts_us); i++)
    {
      Side side;

      side_begin (&side, TRUE);
      side_tell (&side, 0);
      kh_punch_accepted (&side.punch, side.now_us, rtts_us[i], false);
      side_drain (&side);
      side_wait (&side, KH_PUNCH_MAX_RTT_US / 2);
      g_assert_cmpuint (side_count (&side, KH_PUNCH_CONNECT), ==, 1);
    }
}

static void
test_the_callee_starts_on_go_and_sends_none (void)
{
  Side side;

  side_begin (&side, FALSE);
  side_tell_all (&side);
  side_wait (&side, 500 * SIDE_MS);
  g_assert_cmpuint (side_count (&side, KH_PUNCH_CONNECT), ==, 0);
  side_hear_go (&side);
  g_assert_cmpuint (side_count (&side, KH_PUNCH_CONNECT), ==, 1);
  g_assert_cmpuint (side_count (&side, KH_PUNCH_SEND_GO), ==, 0);

  /* A second GO starts nothing anew. */
  side_wait (&side, 1000 * SIDE_MS);
  side_hear_go (&side);
  g_assert_cmpuint (side_count (&side, KH_PUNCH_CONNECT), ==, KH_PUNCH_PORTS_V4);
  g_assert_cmpint (kh_punch_deadline (&side.punch), ==,
                   SIDE_BEGIN + 500 * SIDE_MS + KH_PUNCH_FIRST_ROUND_US);
}

/* However the server orders its words, a round that has started is not gathering. */
static void
test_a_go_before_the_acceptance_counts (void)
{
  Side side = { .now_us = SIDE_BEGIN };

  kh_punch_start (&side.punch, side.now_us, &(KhPunchSetup){ 0 });
  kh_punch_go (&side.punch, side.now_us, 1);
  kh_punch_accepted (&side.punch, side.now_us, 0, false);
  side_drain (&side);
  g_assert_cmpint (kh_punch_deadline (&side.punch), ==,
                   SIDE_BEGIN + KH_PUNCH_FIRST_ROUND_US);
}

static void
test_the_caller_takes_no_orders_to_go (void)
{
  Side side;

  side_begin (&side, TRUE);
  side_accept_call (&side);
  side_hear_go (&side);
  g_assert_cmpint (side.punch.start_at_us, ==, KH_NEVER);
}

static void
test_pairs_dial_one_tenth_of_a_second_apart (void)
{
  Side side;

  side_begin_dialling (&side);
  for (guint pair = 1; pair < KH_PUNCH_PORTS_V4; pair++)
    {
      side_wait (&side, KH_PUNCH_STAGGER_US - 1);
      g_assert_cmpuint (side.n_actions, ==, pair - 1);
      side_wait (&side, 1);
      g_assert_cmpuint (side.n_actions, ==, pair);
      g_assert_cmpuint (side.actions[pair - 1].pair, ==, pair);
    }
}

/* Round and pair come from the wire. */
static void
test_words_about_another_round_or_pair_are_dropped (void)
{
  static const guint wrong[][2]
      = { { 0, 0 }, { 2, 0 }, { 255, 0 }, { 1, 4 }, { 1, 5 }, { 1, 8 }, { 1, 255 } };
  KhEndpoint other = side_endpoint (9, 9);
  Side side;

  side_begin (&side, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      kh_punch_observed (&side.punch, side.now_us, wrong[i][0], wrong[i][1], &other);
      kh_punch_endpoint (&side.punch, side.now_us, wrong[i][0], wrong[i][1], &other);
      if (wrong[i][0] != 1)
        kh_punch_go (&side.punch, side.now_us, wrong[i][0]);
      kh_punch_dialled (&side.punch, side.now_us, wrong[i][1] + KH_PUNCH_NO_PAIR + 1,
                        KH_DIAL_UP);
      kh_punch_up (&side.punch, wrong[i][1] + KH_PUNCH_NO_PAIR + 1);
      kh_punch_down (&side.punch, side.now_us, wrong[i][1] + KH_PUNCH_NO_PAIR + 1, true);
      kh_punch_not_opened (&side.punch, wrong[i][1] + KH_PUNCH_NO_PAIR + 1);
    }
  side_drain (&side);
  g_assert_false (side.punch.seen_own || side.punch.seen_peer
                  || side.punch.seen_stranger);
  g_assert_cmpuint (side.punch.n_up, ==, 0);
  g_assert_cmpint (side.punch.start_at_us, ==, KH_NEVER);
  g_assert_cmpuint (side.n_actions, ==, KH_PUNCH_PORTS_V4);
}

static void
test_a_peers_endpoint_can_not_be_changed (void)
{
  KhEndpoint other = side_endpoint (9, 9);
  Side side;

  side_begin (&side, FALSE);
  side_tell_all (&side);
  kh_punch_endpoint (&side.punch, side.now_us, 1, 0, &other);
  side_hear_go (&side);
  g_assert_false (kh_endpoint_equal (&side.actions[KH_PUNCH_PORTS_V4].endpoint, &other));
}

/* --- Rounds ------------------------------------------------------------------- */

static void
assert_new_round (const Side *side, guint round)
{
  static const KhPunchActionKind kinds[]
      = { KH_PUNCH_CLOSE, KH_PUNCH_SEND_ROUND, KH_PUNCH_OPEN, KH_PUNCH_OPEN,
          KH_PUNCH_OPEN };

  g_assert_cmpuint (side->punch.round, ==, round);
  g_assert_cmpuint (side->n_actions, ==, G_N_ELEMENTS (kinds));
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_assert_cmpint (side->actions[i].kind, ==, kinds[i]);
      g_assert_cmpuint (side->actions[i].round, ==, round);
    }
  g_assert_cmpint (side->punch.start_at_us, ==, KH_NEVER);
  g_assert_cmpuint (side->punch.pairs[0].peer.family, ==, 0);
}

static void
test_a_round_that_is_over_makes_room_for_the_next (void)
{
  Side side;

  side_begin_dialling (&side);
  side_wait (&side, 1000 * SIDE_MS);
  side_forget (&side);
  side_wait_until (&side, SIDE_BEGIN + KH_PUNCH_FIRST_ROUND_US - 1);
  g_assert_cmpuint (side.n_actions, ==, 0);
  side_wait (&side, 1);
  assert_new_round (&side, 2);

  side_tell_all (&side);
  side_hear_go (&side);
  side_wait (&side, 1000 * SIDE_MS);
  side_forget (&side);
  side_wait (&side, KH_PUNCH_LATER_ROUND_US - 1000 * SIDE_MS);
  assert_new_round (&side, 3);
}

static void
test_the_peers_round_begins_ours (void)
{
  Side side;

  side_begin_dialling (&side);
  side_hear_round (&side, 2);
  assert_new_round (&side, 2);
}

static void
test_only_the_next_round_is_followed (void)
{
  static const guint wrong[] = { 0, 1, 2, 4, 255 };
  Side side;

  side_begin_dialling (&side);
  side_hear_round (&side, 3);
  g_assert_cmpuint (side.punch.round, ==, 1);

  side_begin_round (&side, 2);
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    side_hear_round (&side, wrong[i]);
  g_assert_cmpuint (side.n_actions, ==, 0);
  side_hear_round (&side, 3);
  assert_new_round (&side, 3);
  side_forget (&side);
  side_hear_round (&side, 4);
  g_assert_cmpuint (side.n_actions, ==, 0);
}

/* The peer has closed everything of the round before; to wait for the nominee
 * would be to miss the endpoints of the next. */
static void
test_the_peers_round_ends_a_nomination (void)
{
  Side side;

  side_begin (&side, TRUE);
  side_accept_call (&side);
  side_tell_all (&side);
  side_come_up (&side, 0);
  side_authenticate (&side, KH_PATH_PUNCHED);
  g_assert_true (side.punch.nominated);
  side_forget (&side);
  side_hear_round (&side, 2);
  assert_new_round (&side, 2);
  g_assert_cmpuint (side.punch.n_up, ==, 0);
  g_assert_false (side.punch.nominated);
}

static void
test_a_round_waits_for_a_connection_that_authenticates (void)
{
  Side side;

  side_begin_dialling (&side);
  side_wait (&side, 2900 * SIDE_MS);
  side_come_up (&side, 0);
  side_wait (&side, 1000 * SIDE_MS);
  g_assert_cmpuint (side.punch.round, ==, 1);
  side_forget (&side);
  side_go_down (&side, 0, FALSE);
  side_wait (&side, 0);
  assert_new_round (&side, 2);
}

/* Nobody says down(): two seconds, and no more. */
static void
test_a_round_does_not_wait_for_ever (void)
{
  Side side;

  side_begin_dialling (&side);
  side_wait (&side, 1000 * SIDE_MS);
  side_come_up (&side, 0);
  side_forget (&side);
  side_wait_until (&side,
                   SIDE_BEGIN + KH_PUNCH_FIRST_ROUND_US + KH_PUNCH_HANDSHAKE_US - 1);
  g_assert_cmpuint (side.punch.round, ==, 1);
  g_assert_cmpuint (side.n_actions, ==, 0);
  side_wait (&side, 1);
  assert_new_round (&side, 2);
}

static void
test_a_round_without_answers_of_the_server_ends (void)
{
  Side side;

  side_begin (&side, TRUE);
  side_accept_call (&side);
  side_forget (&side);
  side_wait (&side, KH_PUNCH_GATHER_US - 1);
  g_assert_cmpuint (side.n_actions, ==, 0);
  side_wait (&side, 1);
  assert_new_round (&side, 2);
  side_tell (&side, 0);
  side_forget (&side);
  side_wait (&side, KH_PUNCH_LATER_ROUND_US - 1);
  g_assert_cmpuint (side_count (&side, KH_PUNCH_SEND_ROUND), ==, 0);
}

/* --- Ends ---------------------------------------------------------------------- */

typedef enum
{
  TOLD_NOTHING,
  TOLD_OWN,
  TOLD_BOTH,
  TOLD_STRANGER,
  TOLD_NO_ROUTE,
  TOLD_REFUSED,
} Story;

static void
live_one_round (Side *side, Story story)
{
  KhEndpoint own = side_endpoint (1, 0);
  guint round = side->punch.round;

  if (story == TOLD_OWN)
    kh_punch_observed (&side->punch, side->now_us, round, 0, &own);
  if (story >= TOLD_BOTH)
    {
      side_tell_all (side);
      side_hear_go (side);
      if (story == TOLD_STRANGER)
        {
          side_dialled (side, 0, KH_DIAL_UP);
          side_come_up (side, 0);
          side_go_down (side, 0, TRUE);
        }
      side_wait (side, 2 * KH_PUNCH_STAGGER_US);
      for (guint pair = 0; pair < KH_PUNCH_PORTS_V4; pair++)
        for (guint i = 0; i < 5; i++)
          if (story >= TOLD_NO_ROUTE)
            side_dialled (side, pair,
                          story == TOLD_REFUSED ? KH_DIAL_REFUSED : KH_DIAL_NO_ROUTE);
    }
  for (guint i = 0; side->punch.round == round && side->punch.state == KH_PUNCH_RUNNING;
       i++)
    {
      g_assert_cmpuint (i, <, 100);
      side_forget (side);
      side_wait_until (side, kh_punch_deadline (&side->punch));
    }
}

static void
test_every_failure_has_its_reason (void)
{
  static const KhPunchFailure failures[] = {
    [TOLD_NOTHING] = KH_PUNCH_NOT_OBSERVED, [TOLD_OWN] = KH_PUNCH_PEER_NOT_OBSERVED,
    [TOLD_BOTH] = KH_PUNCH_SILENT,          [TOLD_STRANGER] = KH_PUNCH_STRANGER,
    [TOLD_NO_ROUTE] = KH_PUNCH_NO_ROUTE,    [TOLD_REFUSED] = KH_PUNCH_REFUSED,
  };

  for (guint story = 0; story < G_N_ELEMENTS (failures); story++)
    {
      Side side;

      side_begin (&side, FALSE);
      for (guint round = 0; round < KH_PUNCH_ROUNDS; round++)
        live_one_round (&side, story);
      g_assert_cmpint (side.punch.state, ==, KH_PUNCH_FAILED);
      g_assert_cmpint (side.punch.failure, ==, failures[story]);
      g_assert_cmpint (side.now_us - SIDE_BEGIN, <=, KH_PUNCH_TOTAL_US);

      /* The last wish of a punch that failed: every socket is closed. */
      g_assert_cmpuint (side.n_actions, ==, 1);
      g_assert_cmpint (side.actions[0].kind, ==, KH_PUNCH_CLOSE);
    }
}

/* A slow server: the third round would end after ten seconds. */
static void
begin_last_seconds (Side *side)
{
  side_begin (side, FALSE);
  for (guint round = 1; round <= KH_PUNCH_ROUNDS; round++)
    {
      if (round > 1)
        side_hear_round (side, round);
      side_wait (side, 1000 * SIDE_MS);
      side_tell_all (side);
      side_hear_go (side);
      side_wait (side, round == KH_PUNCH_ROUNDS ? 1000 * SIDE_MS : 2400 * SIDE_MS);
    }
  side_forget (side);
}

static void
test_a_punch_that_is_won_asks_for_nothing_more (void)
{
  KhPunchAction action;
  Side side;

  side_begin_dialling (&side);
  kh_punch_peer_round (&side.punch, side.now_us, 2);
  kh_punch_confirmed (&side.punch);
  g_assert_false (kh_punch_next_action (&side.punch, side.now_us, &action));
  g_assert_cmpint (action.kind, ==, KH_PUNCH_NOTHING);
  g_assert_cmpint (kh_punch_deadline (&side.punch), ==, KH_NEVER);
}

static void
test_a_punch_takes_ten_seconds_at_most (void)
{
  Side side;

  begin_last_seconds (&side);
  side_wait_until (&side, SIDE_BEGIN + KH_PUNCH_TOTAL_US - 1);
  g_assert_cmpint (side.punch.state, ==, KH_PUNCH_RUNNING);
  side_wait (&side, 1);
  g_assert_cmpint (side.punch.state, ==, KH_PUNCH_FAILED);
  g_assert_cmpint (side.punch.failure, ==, KH_PUNCH_SILENT);
}

static void
test_the_last_connection_may_finish_its_handshake (void)
{
  Side side;

  begin_last_seconds (&side);
  side_wait_until (&side, SIDE_BEGIN + KH_PUNCH_TOTAL_US - 1);
  side_come_up (&side, 0);
  side_wait_until (&side, SIDE_BEGIN + KH_PUNCH_TOTAL_US + KH_PUNCH_HANDSHAKE_US - 1);
  g_assert_cmpint (side.punch.state, ==, KH_PUNCH_RUNNING);
  side_wait (&side, 1);
  g_assert_cmpint (side.punch.state, ==, KH_PUNCH_FAILED);
}

static void
add_round_tests (void)
{
  g_test_add_func ("/punch/three-ports-are-opened-at-once",
                   test_three_ports_are_opened_at_once);
  g_test_add_func ("/punch/nothing-is-dialled-before-both-have-agreed",
                   test_nothing_is_dialled_before_both_have_agreed);
  g_test_add_func ("/punch/one-pair-of-endpoints-is-enough-to-go",
                   test_one_pair_of_endpoints_is_enough_to_go);
  g_test_add_func ("/punch/each-round-starts-in-another-order",
                   test_each_round_starts_in_another_order);
  g_test_add_func ("/punch/a-round-trip-that-can-not-be-is-not-waited-for",
                   test_a_round_trip_that_can_not_be_is_not_waited_for);
  g_test_add_func ("/punch/the-callee-starts-on-go-and-sends-none",
                   test_the_callee_starts_on_go_and_sends_none);
  g_test_add_func ("/punch/a-go-before-the-acceptance-counts",
                   test_a_go_before_the_acceptance_counts);
  g_test_add_func ("/punch/the-caller-takes-no-orders-to-go",
                   test_the_caller_takes_no_orders_to_go);
  g_test_add_func ("/punch/pairs-dial-one-tenth-of-a-second-apart",
                   test_pairs_dial_one_tenth_of_a_second_apart);
  g_test_add_func ("/punch/words-about-another-round-or-pair-are-dropped",
                   test_words_about_another_round_or_pair_are_dropped);
  g_test_add_func ("/punch/a-peers-endpoint-can-not-be-changed",
                   test_a_peers_endpoint_can_not_be_changed);
  g_test_add_func ("/punch/a-round-that-is-over-makes-room-for-the-next",
                   test_a_round_that_is_over_makes_room_for_the_next);
  g_test_add_func ("/punch/the-peers-round-begins-ours",
                   test_the_peers_round_begins_ours);
  g_test_add_func ("/punch/only-the-next-round-is-followed",
                   test_only_the_next_round_is_followed);
  g_test_add_func ("/punch/the-peers-round-ends-a-nomination",
                   test_the_peers_round_ends_a_nomination);
  g_test_add_func ("/punch/a-round-waits-for-a-connection-that-authenticates",
                   test_a_round_waits_for_a_connection_that_authenticates);
  g_test_add_func ("/punch/a-round-does-not-wait-for-ever",
                   test_a_round_does_not_wait_for_ever);
  g_test_add_func ("/punch/a-round-without-answers-of-the-server-ends",
                   test_a_round_without_answers_of_the_server_ends);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  add_round_tests ();
  g_test_add_func ("/punch/every-failure-has-its-reason",
                   test_every_failure_has_its_reason);
  g_test_add_func ("/punch/a-punch-that-is-won-asks-for-nothing-more",
                   test_a_punch_that_is_won_asks_for_nothing_more);
  g_test_add_func ("/punch/a-punch-takes-ten-seconds-at-most",
                   test_a_punch_takes_ten_seconds_at_most);
  g_test_add_func ("/punch/the-last-connection-may-finish-its-handshake",
                   test_the_last_connection_may_finish_its_handshake);
  return g_test_run ();
}
