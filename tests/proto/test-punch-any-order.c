/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/punch.h"

#include <glib.h>

#define BEGIN G_GINT64_CONSTANT (5000000)

/* No instant asks for more than this: what opens a round, and for each pair the
 * quick refusals. */
#define MAX_ACTIONS                                                                      \
  (10 + KH_PUNCH_PAIRS * (KH_PUNCH_QUICK_REFUSALS + 2) + KH_SPRAY_TARGETS)

typedef struct
{
  KhPunch punch;
  gint64 now_us;
} Side;

static gboolean
happens_once_in (gint32 n)
{
  return g_test_rand_int_range (0, n) == 0;
}

static KhDialResult
any_result (void)
{
  return (KhDialResult)g_test_rand_int_range (KH_DIAL_PENDING, KH_DIAL_NO_ROUTE + 1);
}

/* Carries out what is asked; connect() may return its result at once. */
static void
drain_at_random (Side *side)
{
  KhDialResult favourite = any_result ();
  KhPunchAction action;
  guint n = 0;

  while (kh_punch_next_action (&side->punch, side->now_us, &action))
    {
      KhDialResult result = happens_once_in (4) ? any_result () : favourite;

      g_assert_cmpuint (++n, <=, MAX_ACTIONS);
      g_assert_cmpuint (action.round, ==, side->punch.round);
      g_assert_cmpuint (action.pair, <, KH_PUNCH_PAIRS);
      g_assert_cmpuint (action.port, <, KH_PUNCH_PORTS);
      if (action.kind == KH_PUNCH_OPEN && happens_once_in (50))
        kh_punch_not_opened (&side->punch, action.port);
      if (action.kind == KH_PUNCH_SPRAY)
        kh_punch_sprayed (&side->punch, side->now_us, action.spray.number, result);
      if (action.kind == KH_PUNCH_NOMINATE && happens_once_in (4))
        kh_punch_nominee_lost (&side->punch);
      if (action.kind != KH_PUNCH_CONNECT)
        continue;

      g_assert_cmpuint (action.endpoint.family, !=, 0);
      kh_punch_dialled (&side->punch, side->now_us, action.pair, result);
      if (result == KH_DIAL_UP)
        kh_punch_up (&side->punch, action.pair);
    }
}

static void
hear_at_random (Side *side)
{
  guint round = (guint)g_test_rand_int_range (0, 5);
  guint index = (guint)g_test_rand_int_range (0, 9);
  /* Often the same, often some steps apart. */
  KhEndpoint some = kh_endpoint_v4 (
      (const guint8[]){ 203, 0, 113, 1 },
      (guint16)(20000 + (g_test_rand_bit () ? 0 : g_test_rand_int_range (0, 8))));

  if (!happens_once_in (4))
    round = side->punch.round;
  switch (g_test_rand_int_range (0, 5))
    {
    case 0:
      kh_punch_observed (&side->punch, side->now_us, round, index, &some);
      break;
    case 1:
      kh_punch_endpoint (&side->punch, side->now_us, round, index, &some);
      break;
    case 3:
      kh_punch_lan (&side->punch, round, &some, g_test_rand_bit ());
      break;
    case 2:
      kh_punch_go (&side->punch, side->now_us, round);
      break;
    default:
      if (happens_once_in (10))
        kh_punch_peer_round (&side->punch, side->now_us, round + 1);
      break;
    }
}

static void
touch_at_random (Side *side)
{
  guint pair = (guint)g_test_rand_int_range (0, KH_PUNCH_PAIRS + 1);
  KhDialResult result = any_result ();

  switch (g_test_rand_int_range (0, 6))
    {
    case 0:
      if (pair == KH_PUNCH_NO_PAIR || side->punch.pairs[pair].state != KH_PAIR_DIALLING)
        break;
      kh_punch_dialled (&side->punch, side->now_us, pair, result);
      if (result == KH_DIAL_UP)
        kh_punch_up (&side->punch, pair);
      break;
    case 1:
      if (side->punch.n_up < 16)
        kh_punch_up (&side->punch, pair);
      break;
    case 2:
    case 3:
      if (side->punch.n_up > 0)
        kh_punch_down (&side->punch, side->now_us, pair, g_test_rand_bit ());
      break;
    case 4:
      if (side->punch.nominated)
        kh_punch_nominee_lost (&side->punch);
      else
        kh_punch_authenticated (
            &side->punch, side->now_us,
            (KhPathKind)g_test_rand_int_range (KH_PATH_LAN, KH_PATH_RELAY + 1));
      break;
    default:
      if (side->punch.n_up > 0 && happens_once_in (10))
        kh_punch_confirmed (&side->punch);
      break;
    }
}

/* The timer may be a little late; an event may come before it. */
static void
pass_time_at_random (Side *side)
{
  gint64 deadline_us = kh_punch_deadline (&side->punch);
  gint64 some_us = g_test_rand_int_range (0, g_test_rand_bit () ? 200000 : 2000);

  if (deadline_us - side->now_us < 100000
          ? g_test_rand_bit ()
          : deadline_us != KH_NEVER && happens_once_in (10))
    side->now_us = MAX (side->now_us, deadline_us + (happens_once_in (4) ? some_us : 0));
  else
    side->now_us += some_us;
}

static void
assert_sane (const Side *side)
{
  const KhPunch *punch = &side->punch;

  g_assert_cmpint (kh_punch_deadline (punch), >, side->now_us);
  g_assert_cmpuint (punch->n_syns, <=, KH_PUNCH_MAX_SYNS);
  g_assert_cmpuint (punch->round, >=, 1);
  g_assert_cmpuint (punch->round, <=, KH_PUNCH_ROUNDS);
  g_assert_true ((punch->state == KH_PUNCH_FAILED)
                 == (punch->failure != KH_PUNCH_FAILURE_NONE));
  if (punch->state != KH_PUNCH_RUNNING)
    g_assert_cmpint (kh_punch_deadline (punch), ==, KH_NEVER);
}

static void
live_one_step (Side *side)
{
  pass_time_at_random (side);
  if (g_test_rand_bit ())
    hear_at_random (side);
  else
    touch_at_random (side);
  drain_at_random (side);
  kh_punch_tick (&side->punch, side->now_us);
  drain_at_random (side);
  assert_sane (side);
}

/* Nothing that is dialled ever answers. */
static void
drain_silently (Side *side)
{
  KhPunchAction action;
  guint n = 0;

  while (kh_punch_next_action (&side->punch, side->now_us, &action))
    g_assert_cmpuint (++n, <=, MAX_ACTIONS);
}

static void
start_at_random (Side *side)
{
  *side = (Side){ .now_us = BEGIN };
  kh_punch_start (&side->punch, side->now_us,
                  &(KhPunchSetup){ .caller = g_test_rand_bit (),
                                   .ipv6 = g_test_rand_bit (),
                                   .many = g_test_rand_bit (),
                                   .seed = (guint64)g_test_rand_int () << 32 });
  kh_punch_accepted (&side->punch, side->now_us, g_test_rand_int_range (0, 300000),
                     g_test_rand_bit ());
  drain_at_random (side);
}

/* The bounds of assert_sane() hold after every step. Replay with --seed. */
static void
test_no_order_of_events_breaks_a_bound (void)
{
  for (guint life = 0; life < 2000; life++)
    {
      Side side;

      start_at_random (&side);
      for (guint step = 0; step < 300; step++)
        {
          KhPunch before = side.punch;

          live_one_step (&side);
          g_assert_cmpuint (side.punch.round, >=, before.round);
          g_assert_cmpuint (side.punch.n_syns, >=, before.n_syns);
        }
    }
}

static void
test_final_states_are_final (void)
{
  guint n_won = 0, n_failed = 0;

  for (guint life = 0; life < 500; life++)
    {
      KhPunchAction action;
      KhPunch end;
      Side side;

      start_at_random (&side);
      for (guint step = 0; step < 1000 && side.punch.state == KH_PUNCH_RUNNING; step++)
        live_one_step (&side);
      end = side.punch;
      n_won += end.state == KH_PUNCH_WON;
      n_failed += end.state == KH_PUNCH_FAILED;
      for (guint step = 0; step < 100 && end.state != KH_PUNCH_RUNNING; step++)
        {
          live_one_step (&side);
          g_assert_false (kh_punch_next_action (&side.punch, side.now_us, &action));
          g_assert_cmpmem (&side.punch, sizeof end, &end, sizeof end);
        }
    }
  g_test_message ("%u won, %u failed", n_won, n_failed);
  g_assert_cmpuint (n_won, >, 10);
  g_assert_cmpuint (n_failed, >, 10);
}

/* Whatever has happened: if nothing more does, the deadlines alone end it. */
static void
test_the_clock_alone_ends_every_punch (void)
{
  for (guint life = 0; life < 1000; life++)
    {
      gint32 n_steps = g_test_rand_int_range (0, 100);
      Side side;

      start_at_random (&side);
      for (gint32 step = 0; step < n_steps; step++)
        live_one_step (&side);
      for (guint step = 0; side.punch.state == KH_PUNCH_RUNNING; step++)
        {
          g_assert_cmpuint (step, <, 400);
          side.now_us = kh_punch_deadline (&side.punch);
          g_assert_cmpint (side.now_us, <=,
                           BEGIN + KH_PUNCH_SPRAY_TOTAL_US + KH_PUNCH_HANDSHAKE_US);
          kh_punch_tick (&side.punch, side.now_us);
          drain_silently (&side);
        }
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/punch-any-order/no-order-of-events-breaks-a-bound",
                   test_no_order_of_events_breaks_a_bound);
  g_test_add_func ("/punch-any-order/final-states-are-final",
                   test_final_states_are_final);
  g_test_add_func ("/punch-any-order/the-clock-alone-ends-every-punch",
                   test_the_clock_alone_ends_every_punch);
  return g_test_run ();
}
