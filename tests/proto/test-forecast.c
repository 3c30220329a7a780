/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/forecast.h"

#include <glib.h>

/* 203.0.113.@last, or not seen where @port is 0. */
static KhEndpoint
at (guint last, guint port)
{
  const guint8 address[4] = { 203, 0, 113, (guint8)last };

  return port == 0 ? (KhEndpoint){ 0 } : kh_endpoint_v4 (address, (guint16)port);
}

static KhForecast
forecast (guint first, guint again, guint second, guint third)
{
  const KhEndpoint seen[KH_FORECAST_SEEN]
      = { at (1, first), at (1, again), at (1, second), at (1, third) };

  return kh_forecast_make (seen);
}

static void
assert_steps (KhForecast self, gint step, guint last)
{
  g_assert_cmpint (self.kind, ==, KH_FORECAST_STEPS);
  g_assert_cmpint (self.step, ==, step);
  g_assert_cmpuint (self.last, ==, last);
}

static void
assert_kind (KhForecast self, KhForecastKind kind)
{
  g_assert_cmpint (self.kind, ==, kind);
  g_assert_cmpint (self.step, ==, 0);
}

/* --- What was seen --------------------------------------------------------------------
 */

/* Wherever the other ports are seen: the first one says it. */
static void
test_one_endpoint_for_two_places_is_the_same (void)
{
  assert_kind (forecast (4000, 4000, 4001, 4002), KH_FORECAST_SAME);
  assert_kind (forecast (4000, 4000, 60000, 1), KH_FORECAST_SAME);
  assert_kind (forecast (4000, 4000, 0, 0), KH_FORECAST_SAME);
}

static void
test_ports_in_a_row_are_steps (void)
{
  assert_steps (forecast (4000, 4001, 4002, 4003), 1, 4003);
  assert_steps (forecast (4000, 4002, 4004, 4006), 2, 4006);
  assert_steps (forecast (65532, 65533, 65534, 65535), 1, 65535);
}

static void
test_ports_may_count_down (void)
{
  assert_steps (forecast (4003, 4002, 4001, 4000), -1, 4000);
  assert_steps (forecast (4000, 3992, 3984, 3976), -8, 3976);
}

/* Others' connections came in between; wherever the gap is. */
static void
test_the_smallest_change_is_the_step (void)
{
  assert_steps (forecast (4000, 4005, 4006, 4007), 1, 4007);
  assert_steps (forecast (4000, 4001, 4006, 4007), 1, 4007);
  assert_steps (forecast (4000, 4001, 4002, 4007), 1, 4007);
  assert_steps (forecast (4000, 3990, 3988, 3976), -2, 3976);
}

static void
test_a_wide_gap_is_no_step (void)
{
  const guint widest = KH_FORECAST_STEP_MAX;

  assert_steps (forecast (4000, 4000 + widest, 4001 + widest, 4002 + widest), 1,
                4002 + widest);
  assert_kind (forecast (4000, 4001 + widest, 4002 + widest, 4003 + widest),
               KH_FORECAST_NONE);
  assert_kind (forecast (4000, 4001, 4002 + widest, 4003 + widest), KH_FORECAST_NONE);
  assert_kind (forecast (4000, 4001, 4002, 4003 + widest), KH_FORECAST_NONE);
}

static void
test_back_and_forth_is_no_step (void)
{
  assert_kind (forecast (4000, 4001, 4000, 4001), KH_FORECAST_NONE);
  assert_kind (forecast (4000, 4001, 4002, 4001), KH_FORECAST_NONE);
  assert_kind (forecast (4003, 4002, 4001, 4002), KH_FORECAST_NONE);
  assert_kind (forecast (4000, 4001, 4001, 4002), KH_FORECAST_NONE);
}

/* Where a counter begins anew nobody knows; the next round sees it beyond that. */
static void
test_a_counter_that_wraps_is_not_foretold (void)
{
  assert_kind (forecast (65534, 65535, 1024, 1025), KH_FORECAST_NONE);
  assert_kind (forecast (1025, 1024, 65535, 65534), KH_FORECAST_NONE);
  assert_kind (forecast (65535, 1, 2, 3), KH_FORECAST_NONE);
}

static void
test_ports_anywhere_can_not_be_foretold (void)
{
  assert_kind (forecast (4000, 51234, 1900, 33333), KH_FORECAST_NONE);
}

/* What is missing is asked for in this order. */
static void
test_too_little_is_not_judged (void)
{
  assert_kind (forecast (0, 0, 0, 0), KH_FORECAST_UNKNOWN);
  assert_kind (forecast (0, 4001, 4002, 4003), KH_FORECAST_UNKNOWN);
  assert_kind (forecast (4000, 0, 4002, 4003), KH_FORECAST_UNKNOWN);
  assert_kind (forecast (4000, 4001, 0, 4003), KH_FORECAST_UNKNOWN);
  assert_kind (forecast (4000, 4001, 4002, 0), KH_FORECAST_UNKNOWN);
  assert_kind (forecast (4000, 51234, 0, 0), KH_FORECAST_UNKNOWN);
}

/* A port of another address tells nothing of this one. */
static void
test_another_address_can_not_be_foretold (void)
{
  for (guint other = 1; other < KH_FORECAST_SEEN; other++)
    {
      KhEndpoint seen[KH_FORECAST_SEEN];

      for (guint i = 0; i < KH_FORECAST_SEEN; i++)
        seen[i] = at (i == other ? 2 : 1, 4000 + i);
      assert_kind (kh_forecast_make (seen), KH_FORECAST_NONE);
    }
}

/* The very same port, but elsewhere: not one endpoint. */
static void
test_the_same_port_of_another_address_is_not_the_same (void)
{
  const KhEndpoint seen[KH_FORECAST_SEEN]
      = { at (1, 4000), at (2, 4000), at (1, 4001), at (1, 4002) };

  assert_kind (kh_forecast_make (seen), KH_FORECAST_NONE);
}

/* Whatever comes from the server, a step has its bounds. Replay with --seed. */
static void
test_any_ports_keep_to_the_bounds (void)
{
  for (guint i = 0; i < 100000; i++)
    {
      gint32 first = g_test_rand_int_range (0, 65536);
      gint32 spread = g_test_rand_bit () ? 20 : 65536;
      KhEndpoint seen[KH_FORECAST_SEEN];
      KhForecast self;

      for (guint k = 0; k < KH_FORECAST_SEEN; k++)
        seen[k] = at (
            (guint)g_test_rand_int_range (0, 20) / 19,
            (guint)CLAMP (first + g_test_rand_int_range (-spread, spread), 0, 65535));
      self = kh_forecast_make (seen);
      g_assert_true ((self.kind == KH_FORECAST_STEPS) == (self.step != 0));
      g_assert_cmpint (ABS (self.step), <=, KH_FORECAST_STEP_MAX);
      if (self.kind == KH_FORECAST_STEPS)
        g_assert_cmpuint (self.last, ==, seen[KH_FORECAST_SEEN - 1].port);
    }
}

/* --- What comes next ------------------------------------------------------------------
 */

static void
test_the_next_ports_are_steps_from_the_last (void)
{
  KhForecast up = { .kind = KH_FORECAST_STEPS, .step = 2, .last = 4000 };
  KhForecast down = { .kind = KH_FORECAST_STEPS, .step = -3, .last = 4000 };

  for (guint k = 1; k <= 16; k++)
    {
      g_assert_cmpuint (kh_forecast_port (&up, k), ==, 4000 + 2 * k);
      g_assert_cmpuint (kh_forecast_port (&down, k), ==, 4000 - 3 * k);
    }
}

static void
test_there_are_no_ports_beyond_the_ends (void)
{
  KhForecast up = { .kind = KH_FORECAST_STEPS, .step = 1, .last = 65533 };
  KhForecast down = { .kind = KH_FORECAST_STEPS, .step = -1, .last = 1026 };

  g_assert_cmpuint (kh_forecast_port (&up, 2), ==, 65535);
  g_assert_cmpuint (kh_forecast_port (&up, 3), ==, 0);
  g_assert_cmpuint (kh_forecast_port (&up, 16), ==, 0);
  g_assert_cmpuint (kh_forecast_port (&down, 2), ==, 1024);
  g_assert_cmpuint (kh_forecast_port (&down, 3), ==, 0);
  g_assert_cmpuint (kh_forecast_port (&down, 16), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/forecast/one-endpoint-for-two-places-is-the-same",
                   test_one_endpoint_for_two_places_is_the_same);
  g_test_add_func ("/forecast/ports-in-a-row-are-steps", test_ports_in_a_row_are_steps);
  g_test_add_func ("/forecast/ports-may-count-down", test_ports_may_count_down);
  g_test_add_func ("/forecast/the-smallest-change-is-the-step",
                   test_the_smallest_change_is_the_step);
  g_test_add_func ("/forecast/a-wide-gap-is-no-step", test_a_wide_gap_is_no_step);
  g_test_add_func ("/forecast/back-and-forth-is-no-step", test_back_and_forth_is_no_step);
  g_test_add_func ("/forecast/a-counter-that-wraps-is-not-foretold",
                   test_a_counter_that_wraps_is_not_foretold);
  g_test_add_func ("/forecast/ports-anywhere-can-not-be-foretold",
                   test_ports_anywhere_can_not_be_foretold);
  g_test_add_func ("/forecast/too-little-is-not-judged", test_too_little_is_not_judged);
  g_test_add_func ("/forecast/another-address-can-not-be-foretold",
                   test_another_address_can_not_be_foretold);
  g_test_add_func ("/forecast/the-same-port-of-another-address-is-not-the-same",
                   test_the_same_port_of_another_address_is_not_the_same);
  g_test_add_func ("/forecast/any-ports-keep-to-the-bounds",
                   test_any_ports_keep_to_the_bounds);
  g_test_add_func ("/forecast/the-next-ports-are-steps-from-the-last",
                   test_the_next_ports_are_steps_from_the_last);
  g_test_add_func ("/forecast/there-are-no-ports-beyond-the-ends",
                   test_there_are_no_ports_beyond_the_ends);
  return g_test_run ();
}
