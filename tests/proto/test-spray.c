/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/spray.h"

#include <glib.h>

#define BEGIN G_GINT64_CONSTANT (5000000)
#define LAST 40000
#define N_SEEDS 200

/* Batches stop where there is nothing to dial. */
#define MAX_STEPS 100000

static const KhForecastKind kinds[]
    = { KH_FORECAST_UNKNOWN, KH_FORECAST_SAME, KH_FORECAST_STEPS, KH_FORECAST_NONE };

static KhForecast
forecast (KhForecastKind kind)
{
  KhForecast self = { .kind = kind };

  if (kind == KH_FORECAST_STEPS)
    {
      self.step = 2;
      self.last = LAST;
    }
  return self;
}

static KhEndpoint
peer_first (void)
{
  return kh_endpoint_v4 ((const guint8[]){ 203, 0, 113, 2 }, 20000);
}

static void
begin (KhSpray *self, KhForecastKind own, KhForecastKind peer, gboolean many,
       guint64 seed)
{
  KhForecast ours = forecast (own), theirs = forecast (peer);
  KhEndpoint first = peer_first ();

  kh_spray_begin (self, BEGIN, &ours, &theirs, &first, many, seed);
}

/* Everything that may be dialled at @now_us; the dials, or their number alone. */
static guint
drain (KhSpray *self, gint64 now_us, GArray *dials)
{
  KhSprayDial dial;
  guint n = 0;

  while (kh_spray_next (self, now_us, &dial))
    {
      g_assert_cmpuint (++n, <=, KH_SPRAY_MAX_DIALS);
      g_assert_true (kh_endpoint_same_address (&dial.peer, &self->peer));
      if (dials != NULL)
        g_array_append_val (dials, dial);
    }
  return n;
}

/* From deadline to deadline, as long as nobody refuses. Returns when the last one was. */
static gint64
drain_all (KhSpray *self, GArray *dials)
{
  gint64 now_us = BEGIN;

  for (guint i = 0; kh_spray_at (self) != KH_NEVER; i++)
    {
      g_assert_cmpuint (i, <, MAX_STEPS);
      now_us = MAX (now_us, kh_spray_at (self));
      drain (self, now_us, dials);
    }
  return now_us;
}

static GArray *
new_dials (void)
{
  return g_array_new (FALSE, FALSE, sizeof (KhSprayDial));
}

static const KhSprayDial *
dial_at (const GArray *dials, guint i)
{
  g_assert_cmpuint (i, <, dials->len);
  return &g_array_index (dials, KhSprayDial, i);
}

/* --- What is done about two routers ---------------------------------------------------
 */

static void
test_hopeless_is_what_neither_can_foretell (void)
{
  /* By own and peer: unknown, same, steps, none. */
  static const gboolean expected[4][4] = {
    { FALSE, FALSE, FALSE, FALSE },
    { FALSE, FALSE, FALSE, FALSE },
    { FALSE, FALSE, FALSE, TRUE },
    { FALSE, FALSE, TRUE, TRUE },
  };

  for (guint own = 0; own < 4; own++)
    for (guint peer = 0; peer < 4; peer++)
      {
        KhForecast ours = forecast (kinds[own]), theirs = forecast (kinds[peer]);

        g_assert_cmpint (kh_spray_is_hopeless (&ours, &theirs), ==, expected[own][peer]);
      }
}

/* Both sides of a pair see the same, so each knows what the other does. */
static void
test_each_pair_of_routers_has_its_spray (void)
{
  static const struct
  {
    KhSprayKind kind;
    guint n;
  } expected[4][4] = {
    { { KH_SPRAY_OFF, 0 },
      { KH_SPRAY_OFF, 0 },
      { KH_SPRAY_OFF, 0 },
      { KH_SPRAY_OFF, 0 } },
    { { KH_SPRAY_OFF, 0 },
      { KH_SPRAY_OFF, 0 },
      { KH_SPRAY_TO_MANY, KH_SPRAY_FORETOLD },
      { KH_SPRAY_TO_MANY, KH_SPRAY_TARGETS } },
    { { KH_SPRAY_OFF, 0 },
      { KH_SPRAY_FROM_MANY, KH_SPRAY_STEPPING },
      { KH_SPRAY_DIAGONAL, KH_SPRAY_FORETOLD },
      { KH_SPRAY_OFF, 0 } },
    { { KH_SPRAY_OFF, 0 },
      { KH_SPRAY_FROM_MANY, KH_SPRAY_PORTS },
      { KH_SPRAY_OFF, 0 },
      { KH_SPRAY_OFF, 0 } },
  };

  for (guint own = 0; own < 4; own++)
    for (guint peer = 0; peer < 4; peer++)
      for (guint many = 0; many < 2; many++)
        {
          KhSpray self;
          gboolean is_random
              = kinds[own] == KH_FORECAST_NONE || kinds[peer] == KH_FORECAST_NONE;
          gboolean off = is_random && !many;
          KhSprayKind kind = off ? KH_SPRAY_OFF : expected[own][peer].kind;

          begin (&self, kinds[own], kinds[peer], many != 0, 7);
          g_assert_cmpint (self.kind, ==, kind);
          if (kind == KH_SPRAY_OFF)
            g_assert_cmpint (kh_spray_at (&self), ==, KH_NEVER);
          drain_all (&self, NULL);
          g_assert_cmpuint (self.n_dials, ==, off ? 0 : expected[own][peer].n);
        }
}

static void
test_nothing_happens_where_nothing_is_to_be_done (void)
{
  KhSprayDial dial;
  KhSpray self;

  begin (&self, KH_FORECAST_SAME, KH_FORECAST_SAME, TRUE, 1);
  kh_spray_refused (&self, BEGIN, 0);
  g_assert_cmpint (kh_spray_at (&self), ==, KH_NEVER);
  g_assert_false (kh_spray_next (&self, BEGIN + KH_SPRAY_LONGEST_US, &dial));
}

/* --- Ports that count up --------------------------------------------------------------
 */

static void
test_foretold_ports_are_dialled_at_once_from_the_first_port (void)
{
  g_autoptr (GArray) dials = new_dials ();
  KhSpray self;

  begin (&self, KH_FORECAST_SAME, KH_FORECAST_STEPS, FALSE, 1);
  g_assert_cmpint (kh_spray_at (&self), ==, BEGIN);
  g_assert_cmpuint (drain (&self, BEGIN - 1, dials), ==, 0);
  g_assert_cmpuint (drain (&self, BEGIN, dials), ==, KH_SPRAY_FORETOLD);
  for (guint i = 0; i < dials->len; i++)
    {
      g_assert_cmpuint (dial_at (dials, i)->number, ==, i);
      g_assert_cmpuint (dial_at (dials, i)->peer.port, ==, LAST + 2 * (i + 1));
      g_assert_false (dial_at (dials, i)->fresh);
    }
}

static void
test_who_steps_dials_the_peers_first_port_from_fresh_ones (void)
{
  g_autoptr (GArray) dials = new_dials ();
  KhEndpoint first = peer_first ();
  KhSpray self;

  begin (&self, KH_FORECAST_STEPS, KH_FORECAST_SAME, FALSE, 1);
  g_assert_cmpuint (drain (&self, BEGIN, dials), ==, KH_SPRAY_STEPPING);
  for (guint i = 0; i < dials->len; i++)
    {
      g_assert_true (kh_endpoint_equal (&dial_at (dials, i)->peer, &first));
      g_assert_true (dial_at (dials, i)->fresh);
    }
}

static void
test_two_that_step_meet_on_the_diagonal (void)
{
  g_autoptr (GArray) dials = new_dials ();
  KhSpray self;

  begin (&self, KH_FORECAST_STEPS, KH_FORECAST_STEPS, FALSE, 1);
  g_assert_cmpuint (drain (&self, BEGIN, dials), ==, KH_SPRAY_FORETOLD);
  for (guint i = 0; i < dials->len; i++)
    {
      g_assert_cmpuint (dial_at (dials, i)->peer.port, ==, LAST + 2 * (i + 1));
      g_assert_true (dial_at (dials, i)->fresh);
    }
}

static void
test_ports_beyond_the_last_one_are_left_out (void)
{
  KhForecast ours = forecast (KH_FORECAST_SAME);
  KhForecast theirs = { .kind = KH_FORECAST_STEPS, .step = 1, .last = 65530 };
  KhEndpoint first = peer_first ();
  g_autoptr (GArray) dials = new_dials ();
  KhSpray self;

  kh_spray_begin (&self, BEGIN, &ours, &theirs, &first, false, 1);
  g_assert_cmpuint (drain (&self, BEGIN, dials), ==, 5);
  for (guint i = 0; i < dials->len; i++)
    g_assert_cmpuint (dial_at (dials, i)->peer.port, ==, 65531 + i);
  g_assert_cmpint (kh_spray_at (&self), ==, KH_NEVER);

  /* Nor is one dialled that somebody says was refused. */
  kh_spray_refused (&self, BEGIN, 5);
  g_assert_cmpuint (drain (&self, BEGIN, dials), ==, 0);
}

/* The hole is shut at once, so the repeat is at once: the very same port. */
static void
test_a_refused_foretold_port_is_dialled_again_a_few_times (void)
{
  g_autoptr (GArray) dials = new_dials ();
  KhSpray self;

  begin (&self, KH_FORECAST_SAME, KH_FORECAST_STEPS, FALSE, 1);
  drain (&self, BEGIN, NULL);
  for (guint i = 0; i < KH_SPRAY_MAX_REFUSALS; i++)
    {
      kh_spray_refused (&self, BEGIN + i, 3);
      g_assert_cmpint (kh_spray_at (&self), <=, BEGIN + i);
      g_assert_cmpuint (drain (&self, BEGIN + i, dials), ==, 1);
      g_assert_cmpuint (dial_at (dials, i)->number, ==, 3);
      g_assert_cmpuint (dial_at (dials, i)->peer.port, ==, LAST + 8);
    }
  kh_spray_refused (&self, BEGIN + 10, 3);
  g_assert_cmpint (kh_spray_at (&self), ==, KH_NEVER);

  /* Only that one. */
  kh_spray_refused (&self, BEGIN + 10, 4);
  g_assert_cmpuint (drain (&self, BEGIN + 10, NULL), ==, 1);
}

static void
test_refusals_of_several_foretold_ports_are_kept_apart (void)
{
  g_autoptr (GArray) dials = new_dials ();
  KhSpray self;

  begin (&self, KH_FORECAST_STEPS, KH_FORECAST_STEPS, FALSE, 1);
  drain (&self, BEGIN, NULL);
  kh_spray_refused (&self, BEGIN, 15);
  kh_spray_refused (&self, BEGIN, 2);
  kh_spray_refused (&self, BEGIN, 2); /* said twice is refused once */
  kh_spray_refused (&self, BEGIN, KH_SPRAY_FORETOLD);
  kh_spray_refused (&self, BEGIN, G_MAXUINT);
  g_assert_cmpuint (drain (&self, BEGIN, dials), ==, 2);
  g_assert_cmpuint (dial_at (dials, 0)->number, ==, 2);
  g_assert_cmpuint (dial_at (dials, 1)->number, ==, 15);
}

/* --- Random ports ---------------------------------------------------------------------
 */

static void
test_plain_dials_get_a_head_start_of_random_ones (void)
{
  static const KhForecastKind pairs[][2] = { { KH_FORECAST_SAME, KH_FORECAST_NONE },
                                             { KH_FORECAST_NONE, KH_FORECAST_SAME } };

  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      KhSpray self;

      begin (&self, pairs[i][0], pairs[i][1], TRUE, 1);
      g_assert_cmpint (kh_spray_at (&self), ==, BEGIN + KH_SPRAY_HEAD_START_US);
      g_assert_cmpuint (drain (&self, BEGIN + KH_SPRAY_HEAD_START_US - 1, NULL), ==, 0);
    }
}

/* With whatever seed: no port twice, and none that is not a client's. */
static void
test_random_ports_are_different_ones (void)
{
  for (guint i = 0; i < N_SEEDS; i++)
    {
      guint64 seed = (guint64)(guint32)g_test_rand_int () << 32
                     | (guint64)(guint32)g_test_rand_int ();
      g_autoptr (GArray) dials = new_dials ();
      g_autofree gboolean *seen = g_new0 (gboolean, 65536);
      KhSpray self;

      begin (&self, KH_FORECAST_SAME, KH_FORECAST_NONE, TRUE,
             i == 0   ? 0
             : i == 1 ? G_MAXUINT64
                      : seed);
      drain_all (&self, dials);
      g_assert_cmpuint (dials->len, ==, KH_SPRAY_TARGETS);
      while (self.n_dials < KH_SPRAY_MAX_DIALS)
        {
          kh_spray_refused (&self, BEGIN + KH_SPRAY_HEAD_START_US, 0);
          g_assert_cmpint (kh_spray_at (&self), !=, KH_NEVER);
          drain_all (&self, dials);
        }
      for (guint k = 0; k < dials->len; k++)
        {
          guint16 port = dial_at (dials, k)->peer.port;

          g_assert_cmpuint (port, >=, 1024);
          g_assert_false (seen[port]);
          g_assert_false (dial_at (dials, k)->fresh);
          seen[port] = TRUE;
        }
    }
}

/* Over many seeds no part of the range is left out, or it would be in no attempt. */
static void
test_random_ports_are_everywhere (void)
{
  enum
  {
    N_PARTS = 63
  };
  guint n_in[N_PARTS] = { 0 };

  for (guint seed = 0; seed < N_SEEDS; seed++)
    {
      g_autoptr (GArray) dials = new_dials ();
      KhSpray self;

      begin (&self, KH_FORECAST_SAME, KH_FORECAST_NONE, TRUE,
             (guint64)(guint32)g_test_rand_int () << 32
                 | (guint64)(guint32)g_test_rand_int ());
      drain_all (&self, dials);
      for (guint i = 0; i < dials->len; i++)
        n_in[(dial_at (dials, i)->peer.port - 1024) / 1024]++;
    }
  for (guint i = 0; i < N_PARTS; i++)
    {
      g_assert_cmpuint (n_in[i], >, N_SEEDS * KH_SPRAY_TARGETS / N_PARTS / 2);
      g_assert_cmpuint (n_in[i], <, N_SEEDS * KH_SPRAY_TARGETS / N_PARTS * 2);
    }
}

static void
test_who_is_random_dials_one_port_from_many (void)
{
  g_autoptr (GArray) dials = new_dials ();
  KhEndpoint first = peer_first ();
  KhSpray self;

  begin (&self, KH_FORECAST_NONE, KH_FORECAST_SAME, TRUE, 1);
  drain_all (&self, dials);
  g_assert_cmpuint (dials->len, ==, KH_SPRAY_PORTS);
  for (guint i = 0; i < dials->len; i++)
    {
      g_assert_true (kh_endpoint_equal (&dial_at (dials, i)->peer, &first));
      g_assert_true (dial_at (dials, i)->fresh);
    }
}

static void
test_random_dials_go_out_in_eight_batches (void)
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
      gint64 at_us = BEGIN + KH_SPRAY_HEAD_START_US;
      KhSpray self;

      begin (&self, sides[i].own, sides[i].peer, TRUE, 1);
      for (guint k = 0; k < KH_SPRAY_BATCHES; k++)
        {
          g_assert_cmpint (kh_spray_at (&self), ==, at_us);
          g_assert_cmpuint (drain (&self, at_us - 1, NULL), ==, 0);
          g_assert_cmpuint (drain (&self, at_us, NULL), ==,
                            sides[i].n / KH_SPRAY_BATCHES);
          at_us += KH_SPRAY_BATCH_US;
        }
      g_assert_cmpint (kh_spray_at (&self), ==, KH_NEVER);
    }
}

/* Whoever refuses while the first dials go out can't hold them up. */
static void
test_refusals_do_not_delay_the_first_dials (void)
{
  gint64 now_us = BEGIN + KH_SPRAY_HEAD_START_US;
  KhSpray self;

  begin (&self, KH_FORECAST_SAME, KH_FORECAST_NONE, TRUE, 1);
  while (self.n_begun < self.n && now_us < BEGIN + KH_SPRAY_LONGEST_US)
    {
      drain (&self, now_us, NULL);
      kh_spray_refused (&self, now_us, 0);
      now_us += KH_SPRAY_BATCH_US / 4;
    }
  g_assert_cmpuint (self.n_begun, ==, self.n);
  g_assert_cmpint (now_us, <=,
                   BEGIN + KH_SPRAY_HEAD_START_US + KH_SPRAY_BATCHES * KH_SPRAY_BATCH_US);
}

/* Also where connect() itself is refused, again and again. */
static void
test_a_refused_random_dial_gives_way_two_milliseconds_later (void)
{
  g_autoptr (GArray) dials = new_dials ();
  gint64 now_us;
  KhSpray self;

  begin (&self, KH_FORECAST_SAME, KH_FORECAST_NONE, TRUE, 1);
  now_us = drain_all (&self, NULL) + 100 * KH_SPRAY_BATCH_US;
  for (guint i = 0; i < 50; i++)
    {
      kh_spray_refused (&self, now_us, 0);
      g_assert_cmpint (kh_spray_at (&self), ==, now_us + KH_SPRAY_BATCH_US);
      now_us += KH_SPRAY_BATCH_US;
      g_assert_cmpuint (drain (&self, now_us, dials), ==, 1);
      g_assert_cmpuint (dials->len, ==, i + 1);
    }
}

/* Many refusals one after the other are answered together, but the first not late. */
static void
test_later_refusals_do_not_put_off_the_first_one (void)
{
  gint64 refused_us;
  KhSpray self;

  begin (&self, KH_FORECAST_SAME, KH_FORECAST_NONE, TRUE, 1);
  refused_us = drain_all (&self, NULL) + 100 * KH_SPRAY_BATCH_US;
  for (guint i = 0; i < 4; i++)
    kh_spray_refused (&self, refused_us + i * KH_SPRAY_BATCH_US / 4, i);
  g_assert_cmpint (kh_spray_at (&self), ==, refused_us + KH_SPRAY_BATCH_US);
  g_assert_cmpuint (drain (&self, refused_us + KH_SPRAY_BATCH_US, NULL), ==, 4);
}

/* --- Bounds ---------------------------------------------------------------------------
 */

/* A router that refuses everything at once. */
static void
test_a_round_has_an_end_of_dials (void)
{
  static const KhForecastKind pairs[][2] = {
    { KH_FORECAST_SAME, KH_FORECAST_NONE },   { KH_FORECAST_NONE, KH_FORECAST_SAME },
    { KH_FORECAST_SAME, KH_FORECAST_STEPS },  { KH_FORECAST_STEPS, KH_FORECAST_SAME },
    { KH_FORECAST_STEPS, KH_FORECAST_STEPS },
  };

  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      KhSprayDial dial;
      KhSpray self;
      guint n = 0;

      begin (&self, pairs[i][0], pairs[i][1], TRUE, 1);
      while (kh_spray_at (&self) != KH_NEVER)
        {
          gint64 now_us = kh_spray_at (&self);

          g_assert_true (kh_spray_next (&self, now_us, &dial));
          g_assert_cmpuint (++n, <=, KH_SPRAY_MAX_DIALS);
          kh_spray_refused (&self, now_us, dial.number);
        }
      g_assert_cmpuint (self.n_dials, ==, n);
      if (self.random)
        g_assert_cmpuint (n, ==, KH_SPRAY_MAX_DIALS);
      else
        g_assert_cmpuint (n, ==, self.n * (1 + KH_SPRAY_MAX_REFUSALS));
      g_assert_false (kh_spray_next (&self, BEGIN + KH_SPRAY_LONGEST_US, &dial));
    }
}

static void
test_a_random_spray_is_over_after_four_seconds (void)
{
  KhSprayDial dial;
  gint64 end_us;
  KhSpray self;

  begin (&self, KH_FORECAST_SAME, KH_FORECAST_NONE, TRUE, 1);
  end_us = self.begin_at_us + KH_SPRAY_LONGEST_US;
  drain_all (&self, NULL);
  kh_spray_refused (&self, end_us - KH_SPRAY_BATCH_US - 1, 0);
  g_assert_cmpuint (drain (&self, end_us - 1, NULL), ==, 1);
  kh_spray_refused (&self, end_us, 0);
  g_assert_cmpint (kh_spray_at (&self), ==, KH_NEVER);
  g_assert_false (kh_spray_next (&self, end_us + KH_SPRAY_BATCH_US, &dial));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/spray/hopeless-is-what-neither-can-foretell",
                   test_hopeless_is_what_neither_can_foretell);
  g_test_add_func ("/spray/each-pair-of-routers-has-its-spray",
                   test_each_pair_of_routers_has_its_spray);
  g_test_add_func ("/spray/nothing-happens-where-nothing-is-to-be-done",
                   test_nothing_happens_where_nothing_is_to_be_done);
  g_test_add_func ("/spray/foretold-ports-are-dialled-at-once-from-the-first-port",
                   test_foretold_ports_are_dialled_at_once_from_the_first_port);
  g_test_add_func ("/spray/who-steps-dials-the-peers-first-port-from-fresh-ones",
                   test_who_steps_dials_the_peers_first_port_from_fresh_ones);
  g_test_add_func ("/spray/two-that-step-meet-on-the-diagonal",
                   test_two_that_step_meet_on_the_diagonal);
  g_test_add_func ("/spray/ports-beyond-the-last-one-are-left-out",
                   test_ports_beyond_the_last_one_are_left_out);
  g_test_add_func ("/spray/a-refused-foretold-port-is-dialled-again-a-few-times",
                   test_a_refused_foretold_port_is_dialled_again_a_few_times);
  g_test_add_func ("/spray/refusals-of-several-foretold-ports-are-kept-apart",
                   test_refusals_of_several_foretold_ports_are_kept_apart);
  g_test_add_func ("/spray/plain-dials-get-a-head-start-of-random-ones",
                   test_plain_dials_get_a_head_start_of_random_ones);
  g_test_add_func ("/spray/random-ports-are-different-ones",
                   test_random_ports_are_different_ones);
  g_test_add_func ("/spray/random-ports-are-everywhere",
                   test_random_ports_are_everywhere);
  g_test_add_func ("/spray/who-is-random-dials-one-port-from-many",
                   test_who_is_random_dials_one_port_from_many);
  g_test_add_func ("/spray/random-dials-go-out-in-eight-batches",
                   test_random_dials_go_out_in_eight_batches);
  g_test_add_func ("/spray/refusals-do-not-delay-the-first-dials",
                   test_refusals_do_not_delay_the_first_dials);
  g_test_add_func ("/spray/a-refused-random-dial-gives-way-two-milliseconds-later",
                   test_a_refused_random_dial_gives_way_two_milliseconds_later);
  g_test_add_func ("/spray/later-refusals-do-not-put-off-the-first-one",
                   test_later_refusals_do_not_put_off_the_first_one);
  g_test_add_func ("/spray/a-round-has-an-end-of-dials",
                   test_a_round_has_an_end_of_dials);
  g_test_add_func ("/spray/a-random-spray-is-over-after-four-seconds",
                   test_a_random_spray_is_over_after_four_seconds);
  return g_test_run ();
}
