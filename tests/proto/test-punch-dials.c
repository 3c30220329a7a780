/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "punch-side.h"

/* --- Dials ------------------------------------------------------------------ */

static void
test_a_refused_dial_is_repeated_at_once (void)
{
  Side side;

  side_begin_dialling (&side);
  side_wait (&side, 250 * SIDE_MS);
  for (guint i = 1; i <= KH_PUNCH_QUICK_REFUSALS; i++)
    {
      side_forget (&side);
      side_dialled (&side, 1, KH_DIAL_REFUSED);
      g_assert_cmpuint (side.n_actions, ==, 1);
      g_assert_cmpint (side.actions[0].kind, ==, KH_PUNCH_CONNECT);
      g_assert_cmpuint (side.actions[0].pair, ==, 1);
    }
}

static void
test_many_refusals_slow_a_pair_down (void)
{
  Side side;

  side_begin_dialling (&side);
  for (guint i = 0; i < KH_PUNCH_QUICK_REFUSALS; i++)
    side_dialled (&side, 0, KH_DIAL_REFUSED);
  for (guint i = 0; i < 4; i++)
    {
      side_forget (&side);
      side_dialled (&side, 0, KH_DIAL_REFUSED);
      side_wait (&side, KH_PUNCH_REFUSAL_PAUSE_US - 1);
      g_assert_cmpuint (side.n_actions, ==, 0);
      side_wait (&side, 1);
      g_assert_cmpuint (side.n_actions, ==, 1);
    }

  /* Only that one. */
  side_wait (&side, KH_PUNCH_STAGGER_US);
  side_forget (&side);
  side_dialled (&side, 1, KH_DIAL_REFUSED);
  g_assert_cmpuint (side.n_actions, ==, 1);
}

static void
test_a_silent_pair_is_dialled_once_a_round (void)
{
  Side side;

  side_begin_dialling (&side);
  side_dialled (&side, 0, KH_DIAL_PENDING);
  side_wait_until (&side, SIDE_BEGIN + KH_PUNCH_FIRST_ROUND_US - 1);
  g_assert_cmpuint (side.n_actions, ==, KH_PUNCH_PORTS_V4 - 1);
  g_assert_cmpuint (side.punch.round, ==, 1);
}

static void
test_a_taken_pair_is_looked_at_for_a_second (void)
{
  Side side;

  side_begin_dialling (&side);
  for (guint i = 0; i < KH_PUNCH_TAKEN_LIMIT_US / KH_PUNCH_TAKEN_PAUSE_US; i++)
    {
      side_dialled (&side, 0, KH_DIAL_TAKEN);
      side_forget (&side);
      side_wait (&side, KH_PUNCH_TAKEN_PAUSE_US - 1);
      g_assert_cmpint (side.punch.pairs[0].state, ==, KH_PAIR_WAITING);
      side_wait (&side, 1);
      g_assert_cmpint (side.punch.pairs[0].state, ==, KH_PAIR_DIALLING);
    }
  side_dialled (&side, 0, KH_DIAL_TAKEN);
  g_assert_cmpint (side.punch.pairs[0].state, ==, KH_PAIR_LOST);
}

/* The accept came that had taken the pair; its end does not count against it. */
static void
test_an_accept_explains_a_taken_pair (void)
{
  Side side;

  side_begin_dialling (&side);
  side_dialled (&side, 0, KH_DIAL_TAKEN);
  side_come_up (&side, 0);
  side_forget (&side);
  side_wait (&side, 1500 * SIDE_MS);
  g_assert_cmpuint (side_count (&side, KH_PUNCH_CONNECT), ==, 2);
  g_assert_cmpint (side.punch.pairs[0].state, ==, KH_PAIR_UP);

  side_go_down (&side, 0, FALSE);
  side_wait (&side, KH_PUNCH_REFUSAL_PAUSE_US);
  g_assert_cmpint (side.punch.pairs[0].state, ==, KH_PAIR_DIALLING);
  side_dialled (&side, 0, KH_DIAL_TAKEN);
  g_assert_cmpint (side.punch.pairs[0].state, ==, KH_PAIR_WAITING);
}

static void
test_no_route_ends_a_pair_for_the_round (void)
{
  Side side;

  side_begin_dialling (&side);
  side_dialled (&side, 0, KH_DIAL_NO_ROUTE);
  side_wait (&side, 2000 * SIDE_MS);
  g_assert_cmpuint (side_count (&side, KH_PUNCH_CONNECT), ==, KH_PUNCH_PORTS_V4 - 1);
  side_hear_round (&side, 2);
  g_assert_cmpint (side.punch.pairs[0].state, ==, KH_PAIR_WAITING);
}

static void
test_a_port_that_can_not_be_opened_is_not_dialled_from (void)
{
  Side side;

  side_begin (&side, FALSE);
  kh_punch_not_opened (&side.punch, 0);
  side_tell_all (&side);
  side_hear_go (&side);
  side_wait (&side, 1000 * SIDE_MS);
  g_assert_cmpuint (side_count (&side, KH_PUNCH_CONNECT), ==, KH_PUNCH_PORTS_V4 - 1);
}

static void
test_a_punch_never_looks_like_a_flood (void)
{
  Side side;

  side_begin_dialling (&side);
  side.punch.n_syns = KH_PUNCH_MAX_SYNS - 1;
  side_dialled (&side, 0, KH_DIAL_REFUSED);
  g_assert_cmpuint (side.n_actions, ==, 1);
  side_dialled (&side, 0, KH_DIAL_REFUSED);
  side_wait (&side, 1000 * SIDE_MS);
  g_assert_cmpuint (side.n_actions, ==, 1);
  g_assert_cmpint (kh_punch_deadline (&side.punch), ==, side.punch.round_at_us);
}

/* --- Connections ------------------------------------------------------------- */

static void
test_a_stranger_is_dialled_past (void)
{
  Side side;

  side_begin_dialling (&side);
  for (guint i = 1; i <= KH_PUNCH_STRANGERS; i++)
    {
      side_dialled (&side, 0, KH_DIAL_UP);
      side_come_up (&side, 0);
      side_go_down (&side, 0, TRUE);
      g_assert_cmpint (side.punch.pairs[0].state, ==,
                       i < KH_PUNCH_STRANGERS ? KH_PAIR_WAITING : KH_PAIR_LOST);
      side_wait (&side, KH_PUNCH_REFUSAL_PAUSE_US);
    }
  g_assert_cmpuint (side.punch.n_up, ==, 0);
}

/* A stranger who comes in by the listener does not disturb the dial. */
static void
test_an_accept_leaves_a_silent_dial_alone (void)
{
  Side side;

  side_begin_dialling (&side);
  side_come_up (&side, 0);
  side_go_down (&side, 0, TRUE);
  side_wait (&side, 1000 * SIDE_MS);
  g_assert_cmpuint (side_count (&side, KH_PUNCH_CONNECT), ==, KH_PUNCH_PORTS_V4 - 1);
  g_assert_cmpint (side.punch.pairs[0].state, ==, KH_PAIR_DIALLING);
  side_dialled (&side, 0, KH_DIAL_UP);
  side_come_up (&side, 0);
  g_assert_cmpuint (side.punch.n_up, ==, 1);
}

static void
test_connections_of_one_pair_are_counted_one_by_one (void)
{
  Side side;

  side_begin_dialling (&side);
  side_dialled (&side, 0, KH_DIAL_UP);
  side_come_up (&side, 0);
  side_come_up (&side, 0);
  g_assert_cmpuint (side.punch.n_up, ==, 2);
  side_go_down (&side, 0, TRUE);
  side_go_down (&side, 0, FALSE);
  g_assert_cmpuint (side.punch.n_up, ==, 0);
  side_go_down (&side, 0, FALSE);
  g_assert_cmpuint (side.punch.n_up, ==, 0);
}

static void
test_the_caller_nominates_once_and_the_callee_never (void)
{
  Side caller, callee;

  side_begin (&caller, TRUE);
  side_accept_call (&caller);
  side_tell_all (&caller);
  side_come_up (&caller, 0);
  side_come_up (&caller, 1);
  side_authenticate (&caller, KH_PATH_PUNCHED);
  side_authenticate (&caller, KH_PATH_PUNCHED);
  g_assert_cmpuint (side_count (&caller, KH_PUNCH_NOMINATE), ==, 1);

  kh_punch_nominee_lost (&caller.punch);
  side_go_down (&caller, 0, FALSE);
  side_authenticate (&caller, KH_PATH_PUNCHED);
  g_assert_cmpuint (side_count (&caller, KH_PUNCH_NOMINATE), ==, 2);
  kh_punch_confirmed (&caller.punch);
  g_assert_cmpint (caller.punch.state, ==, KH_PUNCH_WON);
  side_authenticate (&caller, KH_PATH_PUNCHED);
  g_assert_cmpuint (side_count (&caller, KH_PUNCH_NOMINATE), ==, 2);

  side_begin_dialling (&callee);
  side_come_up (&callee, 0);
  side_authenticate (&callee, KH_PATH_PUNCHED);
  g_assert_cmpuint (side_count (&callee, KH_PUNCH_NOMINATE), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/punch-dials/a-refused-dial-is-repeated-at-once",
                   test_a_refused_dial_is_repeated_at_once);
  g_test_add_func ("/punch-dials/many-refusals-slow-a-pair-down",
                   test_many_refusals_slow_a_pair_down);
  g_test_add_func ("/punch-dials/a-silent-pair-is-dialled-once-a-round",
                   test_a_silent_pair_is_dialled_once_a_round);
  g_test_add_func ("/punch-dials/a-taken-pair-is-looked-at-for-a-second",
                   test_a_taken_pair_is_looked_at_for_a_second);
  g_test_add_func ("/punch-dials/an-accept-explains-a-taken-pair",
                   test_an_accept_explains_a_taken_pair);
  g_test_add_func ("/punch-dials/no-route-ends-a-pair-for-the-round",
                   test_no_route_ends_a_pair_for_the_round);
  g_test_add_func ("/punch-dials/a-port-that-can-not-be-opened-is-not-dialled-from",
                   test_a_port_that_can_not_be_opened_is_not_dialled_from);
  g_test_add_func ("/punch-dials/a-punch-never-looks-like-a-flood",
                   test_a_punch_never_looks_like_a_flood);
  g_test_add_func ("/punch-dials/a-stranger-is-dialled-past",
                   test_a_stranger_is_dialled_past);
  g_test_add_func ("/punch-dials/an-accept-leaves-a-silent-dial-alone",
                   test_an_accept_leaves_a_silent_dial_alone);
  g_test_add_func ("/punch-dials/connections-of-one-pair-are-counted-one-by-one",
                   test_connections_of_one_pair_are_counted_one_by_one);
  g_test_add_func ("/punch-dials/the-caller-nominates-once-and-the-callee-never",
                   test_the_caller_nominates_once_and_the_callee_never);
  return g_test_run ();
}
