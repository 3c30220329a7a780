/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "punch-side.h"

/* A callee that sprays where it may, and has heard GO; nothing remembered but dials. */
static void
begin_with (Side *side, KhForecastKind own, KhForecastKind peer, gboolean many,
            gboolean may_relay)
{
  side_begin_as (side, &(KhPunchSetup){ .ipv6 = true, .many = many != 0, .seed = 7 },
                 may_relay);
  side_tell_routers (side, own, peer);
  side_forget (side);
  side_hear_go (side);
}

static void
begin (Side *side, KhForecastKind own, KhForecastKind peer, gboolean many)
{
  begin_with (side, own, peer, many, TRUE);
}

static guint
count_sprayed (const Side *side)
{
  return side_count (side, KH_PUNCH_SPRAY);
}

/* --- What is dialled ------------------------------------------------------------------
 */

static void
test_both_forecasts_are_seen_as_the_server_says (void)
{
  for (guint own = KH_FORECAST_UNKNOWN; own <= KH_FORECAST_NONE; own++)
    for (guint peer = KH_FORECAST_UNKNOWN; peer <= KH_FORECAST_NONE; peer++)
      {
        Side side;

        begin (&side, own, peer, TRUE);
        g_assert_cmpint (kh_punch_own_forecast (&side.punch).kind, ==, own);
        g_assert_cmpint (kh_punch_peer_forecast (&side.punch).kind, ==, peer);
      }
}

static void
test_where_ports_stay_the_pairs_are_dialled_alone (void)
{
  static const KhForecastKind kinds[] = { KH_FORECAST_SAME, KH_FORECAST_UNKNOWN };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      Side side;

      begin (&side, KH_FORECAST_SAME, kinds[i], TRUE);
      side_wait_until (&side, SIDE_BEGIN + KH_PUNCH_FIRST_ROUND_US - 1);
      g_assert_cmpuint (side_count (&side, KH_PUNCH_CONNECT), ==, KH_PUNCH_PORTS_V4);
      g_assert_cmpuint (count_sprayed (&side), ==, 0);
      g_assert_cmpuint (side.punch.round, ==, 1);
    }
}

static void
test_foretold_ports_are_dialled_beside_the_pairs (void)
{
  Side side;

  begin (&side, KH_FORECAST_SAME, KH_FORECAST_STEPS, FALSE);
  g_assert_cmpuint (count_sprayed (&side), ==, KH_SPRAY_FORETOLD);
  g_assert_cmpuint (side_count_dials (&side, 0), ==, 1);
  for (guint i = 0; i < side.n_actions; i++)
    if (side.actions[i].kind == KH_PUNCH_SPRAY)
      g_assert_true (kh_endpoint_same_address (&side.actions[i].endpoint,
                                               &side.punch.peer.ports[0]));
}

/* Each plain dial would take a port that the peer expects of the spray. */
static void
test_who_steps_makes_no_plain_dials (void)
{
  static const struct
  {
    KhForecastKind peer;
    guint n_sprayed;
  } peers[] = {
    { KH_FORECAST_SAME, KH_SPRAY_STEPPING },
    { KH_FORECAST_STEPS, KH_SPRAY_FORETOLD },
  };

  for (guint i = 0; i < G_N_ELEMENTS (peers); i++)
    {
      Side side;

      begin (&side, KH_FORECAST_STEPS, peers[i].peer, FALSE);
      side_wait (&side, KH_PUNCH_FORETOLD_ROUND_US - 1);
      g_assert_cmpuint (side_count (&side, KH_PUNCH_CONNECT), ==, 0);
      g_assert_cmpuint (count_sprayed (&side), ==, peers[i].n_sprayed);
    }
}

static void
test_who_steps_still_goes_other_ways (void)
{
  KhEndpoint lan = side_endpoint (7, 1), mapped = side_endpoint (2, 5000);
  KhEndpoint v6;
  Side side;

  g_assert_true (kh_endpoint_parse (&v6, "[2001:db8::2]:31000"));
  begin (&side, KH_FORECAST_STEPS, KH_FORECAST_SAME, FALSE);
  side_tell_lan (&side, &lan, TRUE);
  side_tell_one (&side, KH_PUNCH_PORT_V6, NULL, &v6);
  g_assert_cmpuint (side_count_dials (&side, KH_PUNCH_PAIR_LAN), ==, 1);
  g_assert_cmpuint (side_count_dials (&side, KH_PUNCH_PORT_V6), ==, 1);

  /* Through the router, so after those that count its ports. */
  side_tell_one (&side, KH_PUNCH_SEEN_MAPPED, NULL, &mapped);
  g_assert_cmpuint (side_count_dials (&side, KH_PUNCH_PAIR_MAPPED), ==, 0);
  side_wait (&side, KH_SPRAY_HEAD_START_US);
  g_assert_cmpuint (side_count_dials (&side, KH_PUNCH_PAIR_MAPPED), ==, 1);
}

/* Of the peer too little is known for a spray: the pairs are all there is. */
static void
test_who_steps_dials_a_peer_that_is_not_known (void)
{
  Side side;

  begin (&side, KH_FORECAST_STEPS, KH_FORECAST_UNKNOWN, FALSE);
  side_wait (&side, KH_PUNCH_HOLD_US - 1);
  g_assert_cmpuint (side_count (&side, KH_PUNCH_CONNECT), ==, 0);
  side_wait (&side, 2 * KH_PUNCH_STAGGER_US + 1);
  g_assert_cmpuint (side_count (&side, KH_PUNCH_CONNECT), ==, KH_PUNCH_PORTS_V4);
  g_assert_cmpuint (count_sprayed (&side), ==, 0);
}

static void
test_random_ports_come_after_a_quarter_of_a_second (void)
{
  static const struct
  {
    KhForecastKind own, peer;
    guint n;
  } sides[] = {
    { KH_FORECAST_SAME, KH_FORECAST_NONE, KH_SPRAY_TARGETS },
    { KH_FORECAST_NONE, KH_FORECAST_SAME, KH_SPRAY_PORTS },
  };

  for (guint i = 0; i < G_N_ELEMENTS (sides); i++)
    {
      Side side;

      begin (&side, sides[i].own, sides[i].peer, TRUE);
      side_wait (&side, KH_SPRAY_HEAD_START_US - 1);
      g_assert_cmpuint (count_sprayed (&side), ==, 0);
      g_assert_cmpuint (side_count (&side, KH_PUNCH_CONNECT), ==, KH_PUNCH_PORTS_V4);
      side_wait (&side, 1 + KH_SPRAY_BATCHES * KH_SPRAY_BATCH_US);
      g_assert_cmpuint (count_sprayed (&side), ==, sides[i].n);
    }
}

static void
test_random_ports_are_not_dialled_where_a_person_forbids_it (void)
{
  Side side;

  begin (&side, KH_FORECAST_SAME, KH_FORECAST_NONE, FALSE);
  side_wait_until (&side, SIDE_BEGIN + KH_PUNCH_FIRST_ROUND_US - 1);
  g_assert_cmpuint (count_sprayed (&side), ==, 0);
  g_assert_cmpuint (side.punch.round, ==, 1);
  side_wait (&side, 1);
  g_assert_cmpuint (side.punch.round, ==, 2);
}

/* Somebody is there: nothing more is thrown at the peer's router, until it is nobody. */
static void
test_random_ports_wait_while_a_connection_authenticates (void)
{
  Side side;

  begin (&side, KH_FORECAST_SAME, KH_FORECAST_NONE, TRUE);
  side_wait (&side, KH_SPRAY_HEAD_START_US - 1);
  side_dialled (&side, 0, KH_DIAL_UP);
  side_come_up (&side, 0);
  side_wait (&side, 500 * SIDE_MS);
  g_assert_cmpuint (count_sprayed (&side), ==, 0);
  side_go_down (&side, 0, FALSE);
  side_wait (&side, KH_SPRAY_BATCHES * KH_SPRAY_BATCH_US);
  g_assert_cmpuint (count_sprayed (&side), ==, KH_SPRAY_TARGETS);
}

static void
test_a_connection_of_the_spray_is_predicted (void)
{
  KhEndpoint remote = side_endpoint (2, 12345);
  Side side;

  begin (&side, KH_FORECAST_SAME, KH_FORECAST_NONE, TRUE);
  g_assert_cmpint (kh_punch_path_kind (&side.punch, KH_PUNCH_NO_PAIR, &remote), ==,
                   KH_PATH_PUNCHED);
  side_wait (&side, KH_SPRAY_HEAD_START_US);
  g_assert_cmpint (kh_punch_path_kind (&side.punch, KH_PUNCH_NO_PAIR, &remote), ==,
                   KH_PATH_PREDICTED);
  g_assert_cmpint (kh_punch_path_kind (&side.punch, 0, &remote), ==, KH_PATH_PUNCHED);
}

static void
test_a_refused_foretold_port_is_dialled_again_at_once (void)
{
  Side side;

  begin (&side, KH_FORECAST_SAME, KH_FORECAST_STEPS, FALSE);
  side_forget (&side);
  side_sprayed (&side, 4, KH_DIAL_PENDING);
  g_assert_cmpuint (side.n_actions, ==, 0);
  side_sprayed (&side, 4, KH_DIAL_REFUSED);
  g_assert_cmpuint (side.n_actions, ==, 1);
  g_assert_cmpint (side.actions[0].kind, ==, KH_PUNCH_SPRAY);
  g_assert_cmpuint (side.actions[0].spray.number, ==, 4);
  g_assert_true (side.punch.seen_refusal);
}

/* --- How long -------------------------------------------------------------------------
 */

static void
test_rounds_with_random_ports_are_longer (void)
{
  static const gint64 rounds_us[] = KH_PUNCH_SPRAY_ROUNDS_US;
  Side side;

  begin (&side, KH_FORECAST_SAME, KH_FORECAST_NONE, TRUE);
  for (guint round = 1; round <= KH_PUNCH_ROUNDS; round++)
    {
      g_assert_cmpuint (side.punch.round, ==, round);
      g_assert_cmpint (side.punch.round_at_us, ==, side.now_us + rounds_us[round - 1]);
      g_assert_cmpint (side.punch.total_at_us, ==, SIDE_BEGIN + KH_PUNCH_SPRAY_TOTAL_US);
      side_wait (&side, rounds_us[round - 1]);
      side_forget (&side);
      side_tell_routers (&side, KH_FORECAST_SAME, KH_FORECAST_NONE);
      side_hear_go (&side);
    }
  g_assert_cmpint (side.punch.state, ==, KH_PUNCH_FAILED);
}

static void
test_the_whole_ends_after_fifteen_seconds (void)
{
  Side side;

  begin (&side, KH_FORECAST_SAME, KH_FORECAST_NONE, TRUE);
  while (side.punch.state == KH_PUNCH_RUNNING
         && side.now_us < SIDE_BEGIN + KH_PUNCH_SPRAY_TOTAL_US)
    {
      side_wait (&side, 1500 * SIDE_MS);
      side_forget (&side);
      if (side.punch.round == 1)
        continue;
      /* In the second and third round everything comes late. */
      side_tell_routers (&side, KH_FORECAST_SAME, KH_FORECAST_NONE);
      side_hear_go (&side);
    }
  g_assert_cmpint (side.punch.state, ==, KH_PUNCH_FAILED);
  g_assert_cmpint (side.now_us, <=, SIDE_BEGIN + KH_PUNCH_SPRAY_TOTAL_US);
}

static void
test_rounds_with_foretold_ports_are_short (void)
{
  static const KhForecastKind pairs[][2] = { { KH_FORECAST_SAME, KH_FORECAST_STEPS },
                                             { KH_FORECAST_STEPS, KH_FORECAST_SAME },
                                             { KH_FORECAST_STEPS, KH_FORECAST_STEPS } };

  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      Side side;

      begin (&side, pairs[i][0], pairs[i][1], TRUE);
      for (guint round = 1; round <= KH_PUNCH_ROUNDS; round++)
        {
          g_assert_cmpuint (side.punch.round, ==, round);
          side_wait (&side, KH_PUNCH_FORETOLD_ROUND_US - 1);
          g_assert_cmpuint (side.punch.round, ==, round);
          g_assert_cmpint (side.punch.state, ==, KH_PUNCH_RUNNING);
          side_wait (&side, 1);
          side_forget (&side);
          side_tell_routers (&side, pairs[i][0], pairs[i][1]);
          side_hear_go (&side);
        }
      g_assert_cmpint (side.punch.state, ==, KH_PUNCH_FAILED);
      g_assert_cmpint (side.punch.total_at_us, ==, SIDE_BEGIN + KH_PUNCH_TOTAL_US);
    }
}

/* A lost segment on the way to the server costs a second: then what was foretold is
 * dialled as long as if it had come in time. */
static void
test_a_late_forecast_has_its_time_too (void)
{
  static const guint ports[KH_PUNCH_PORTS_V4] = { 100, 102, 103 };
  KhEndpoint own = side_endpoint (1, 0), peer = side_endpoint (2, 101);
  Side side;

  side_begin_as (&side, &(KhPunchSetup){ 0 }, FALSE);
  for (guint i = 0; i < KH_PUNCH_PORTS_V4; i++)
    {
      KhEndpoint ours = side_endpoint (1, i), theirs = side_endpoint (2, ports[i]);

      side_tell_one (&side, i, &ours, &theirs);
    }
  side_hear_go (&side);
  side_wait (&side, 2000 * SIDE_MS);
  g_assert_cmpuint (count_sprayed (&side), ==, 0);
  side_tell_one (&side, KH_PUNCH_SEEN_AGAIN, &own, &peer);
  g_assert_cmpuint (count_sprayed (&side), ==, KH_SPRAY_FORETOLD);
  side_wait (&side, KH_PUNCH_FORETOLD_ROUND_US - 1);
  g_assert_cmpuint (side.punch.round, ==, 1);
  side_wait (&side, 1);
  g_assert_cmpuint (side.punch.round, ==, 2);
}

/* --- Where nothing helps --------------------------------------------------------------
 */

static const KhForecastKind hopeless[][2] = { { KH_FORECAST_NONE, KH_FORECAST_NONE },
                                              { KH_FORECAST_NONE, KH_FORECAST_STEPS },
                                              { KH_FORECAST_STEPS, KH_FORECAST_NONE } };

static void
test_hopeless_is_tried_for_one_round (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (hopeless); i++)
    {
      Side side;

      begin_with (&side, hopeless[i][0], hopeless[i][1], TRUE, FALSE);
      side_wait_until (&side, SIDE_BEGIN + KH_PUNCH_FIRST_ROUND_US - 1);
      g_assert_cmpint (side.punch.state, ==, KH_PUNCH_RUNNING);
      g_assert_cmpuint (count_sprayed (&side), ==, 0);
      side_wait (&side, 1);
      g_assert_cmpint (side.punch.state, ==, KH_PUNCH_FAILED);
      g_assert_cmpint (side.punch.failure, ==, KH_PUNCH_BOTH_SYMMETRIC);
      g_assert_cmpuint (side_count (&side, KH_PUNCH_SEND_ROUND), ==, 0);
    }
}

/* The relay may take longer than a round. */
static void
test_hopeless_with_a_relay_has_all_its_rounds (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (hopeless); i++)
    {
      Side side;

      begin (&side, hopeless[i][0], hopeless[i][1], TRUE);
      side_wait_until (&side, SIDE_BEGIN + KH_PUNCH_FIRST_ROUND_US);
      g_assert_cmpint (side.punch.state, ==, KH_PUNCH_RUNNING);
      g_assert_cmpuint (side.punch.round, ==, 2);
      side_wait_until (&side, SIDE_BEGIN + KH_PUNCH_TOTAL_US);
      g_assert_cmpint (side.punch.failure, ==, KH_PUNCH_BOTH_SYMMETRIC);
    }
}

static void
test_a_peer_that_has_given_up_ends_it (void)
{
  Side side;

  begin_with (&side, KH_FORECAST_NONE, KH_FORECAST_NONE, TRUE, FALSE);
  side_hear_round (&side, 2);
  g_assert_cmpint (side.punch.failure, ==, KH_PUNCH_BOTH_SYMMETRIC);
}

static void
test_the_relay_is_dialled_at_once_where_it_is_hopeless (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (hopeless); i++)
    {
      Side side;

      begin (&side, hopeless[i][0], hopeless[i][1], TRUE);
      g_assert_cmpuint (side_count (&side, KH_PUNCH_RELAY), ==, 1);
      side_wait_until (&side, SIDE_BEGIN + KH_PUNCH_FIRST_ROUND_US);
      g_assert_cmpuint (side_count (&side, KH_PUNCH_RELAY), ==, 1);
    }
}

static void
test_a_stranger_tells_more_than_two_routers (void)
{
  Side side;

  begin_with (&side, KH_FORECAST_NONE, KH_FORECAST_NONE, TRUE, FALSE);
  side_come_up (&side, 0);
  side_go_down (&side, 0, TRUE);
  side_wait_until (&side, SIDE_BEGIN + KH_PUNCH_FIRST_ROUND_US);
  g_assert_cmpint (side.punch.failure, ==, KH_PUNCH_STRANGER);
}

/* --- Bounds ---------------------------------------------------------------------------
 */

/* Everything is refused as soon as it is dialled, through all rounds. */
static void
test_an_attempt_has_an_end_of_dials (void)
{
  KhPunch punch;
  gint64 now_us = SIDE_BEGIN;
  guint n_dials = 0;
  Side told;

  side_begin_as (&told, &(KhPunchSetup){ .many = true }, FALSE);
  punch = told.punch;
  while (punch.state == KH_PUNCH_RUNNING)
    {
      KhPunchAction action;

      for (; kh_punch_next_action (&punch, now_us, &action);)
        {
          if (action.kind == KH_PUNCH_CONNECT)
            kh_punch_dialled (&punch, now_us, action.pair, KH_DIAL_REFUSED);
          if (action.kind == KH_PUNCH_SPRAY)
            kh_punch_sprayed (&punch, now_us, action.spray.number, KH_DIAL_REFUSED);
          n_dials += action.kind == KH_PUNCH_CONNECT || action.kind == KH_PUNCH_SPRAY;
          g_assert_cmpuint (n_dials, <=, KH_PUNCH_MAX_SYNS);
        }
      if (punch.start_at_us == KH_NEVER)
        {
          told.punch = punch;
          told.now_us = now_us;
          side_forget (&told);
          side_tell_routers (&told, KH_FORECAST_SAME, KH_FORECAST_NONE);
          punch = told.punch;
          kh_punch_go (&punch, now_us, punch.round);
          continue;
        }
      now_us = MAX (now_us, kh_punch_deadline (&punch));
      kh_punch_tick (&punch, now_us);
    }
  g_assert_cmpuint (n_dials, ==, punch.n_syns);
  g_assert_cmpuint (n_dials, ==, KH_PUNCH_MAX_SYNS);
  g_assert_cmpint (punch.failure, ==, KH_PUNCH_REFUSED);
}

int
main (int argc, char *argv[])
{
#define ADD(path, test) g_test_add_func ("/punch-sprays/" path, test)
  g_test_init (&argc, &argv, NULL);
  ADD ("both-forecasts-are-seen-as-the-server-says",
       test_both_forecasts_are_seen_as_the_server_says);
  ADD ("where-ports-stay-the-pairs-are-dialled-alone",
       test_where_ports_stay_the_pairs_are_dialled_alone);
  ADD ("foretold-ports-are-dialled-beside-the-pairs",
       test_foretold_ports_are_dialled_beside_the_pairs);
  ADD ("who-steps-makes-no-plain-dials", test_who_steps_makes_no_plain_dials);
  ADD ("who-steps-still-goes-other-ways", test_who_steps_still_goes_other_ways);
  ADD ("who-steps-dials-a-peer-that-is-not-known",
       test_who_steps_dials_a_peer_that_is_not_known);
  ADD ("random-ports-come-after-a-quarter-of-a-second",
       test_random_ports_come_after_a_quarter_of_a_second);
  ADD ("random-ports-are-not-dialled-where-a-person-forbids-it",
       test_random_ports_are_not_dialled_where_a_person_forbids_it);
  ADD ("random-ports-wait-while-a-connection-authenticates",
       test_random_ports_wait_while_a_connection_authenticates);
  ADD ("a-connection-of-the-spray-is-predicted",
       test_a_connection_of_the_spray_is_predicted);
  ADD ("a-refused-foretold-port-is-dialled-again-at-once",
       test_a_refused_foretold_port_is_dialled_again_at_once);
  ADD ("rounds-with-random-ports-are-longer", test_rounds_with_random_ports_are_longer);
  ADD ("the-whole-ends-after-fifteen-seconds", test_the_whole_ends_after_fifteen_seconds);
  ADD ("rounds-with-foretold-ports-are-short", test_rounds_with_foretold_ports_are_short);
  ADD ("a-late-forecast-has-its-time-too", test_a_late_forecast_has_its_time_too);
  ADD ("hopeless-is-tried-for-one-round", test_hopeless_is_tried_for_one_round);
  ADD ("a-peer-that-has-given-up-ends-it", test_a_peer_that_has_given_up_ends_it);
  ADD ("the-relay-is-dialled-at-once-where-it-is-hopeless",
       test_the_relay_is_dialled_at_once_where_it_is_hopeless);
  ADD ("a-stranger-tells-more-than-two-routers",
       test_a_stranger_tells_more_than_two_routers);
  ADD ("an-attempt-has-an-end-of-dials", test_an_attempt_has_an_end_of_dials);
#undef ADD
  g_test_add_func ("/punch-sprays/hopeless-with-a-relay-has-all-its-rounds",
                   test_hopeless_with_a_relay_has_all_its_rounds);
  return g_test_run ();
}
