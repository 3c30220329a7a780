/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/rate-meter.h"

#define MS G_GINT64_CONSTANT (1000)

static void
test_steady_is_what_it_is (void)
{
  KhRateMeter meter = { .n_steps = 0 };
  gint64 now_us = 5 * G_USEC_PER_SEC;

  for (guint i = 0; i < 100; i++)
    {
      kh_rate_meter_add (&meter, now_us, i * 1000);
      if (i >= 2)
        g_assert_cmpuint (kh_rate_meter_rate (&meter, now_us), ==, 10000);
      now_us += 100 * MS;
    }
}

/* However often it is told, it looks back as far. */
static void
test_many_counts_are_few_steps (void)
{
  KhRateMeter meter = { .n_steps = 0 };
  guint64 rate;

  for (guint i = 0; i <= 10000; i++)
    kh_rate_meter_add (&meter, i * MS, i * 1000);
  rate = kh_rate_meter_rate (&meter, 10000 * MS);
  g_assert_cmpuint (rate, >=, 990000);
  g_assert_cmpuint (rate, <=, 1040000);
  g_assert_cmpuint (meter.n_steps, <=, KH_RATE_METER_STEPS);
  g_assert_cmpuint (meter.n_steps, >=, 29);
}

static void
test_silence_is_zero_after_three_seconds (void)
{
  KhRateMeter meter = { .n_steps = 0 };
  guint64 last = G_MAXUINT64;

  for (guint i = 0; i <= 30; i++)
    kh_rate_meter_add (&meter, i * 100 * MS, i * 1000);
  for (guint i = 0; i < 30; i++)
    {
      guint64 rate = kh_rate_meter_rate (&meter, (3000 + i * 100) * MS);

      g_assert_cmpuint (rate, <=, last);
      g_assert_cmpuint (rate, >, 0);
      g_assert_false (kh_rate_meter_is_still (&meter, (3000 + i * 100) * MS));
      last = rate;
    }
  g_assert_cmpuint (kh_rate_meter_rate (&meter, 6000 * MS), ==, 0);
  g_assert_true (kh_rate_meter_is_still (&meter, 6000 * MS));
}

static void
test_a_count_that_goes_back_begins_anew (void)
{
  KhRateMeter meter = { .n_steps = 0 };

  for (guint i = 0; i < 10; i++)
    kh_rate_meter_add (&meter, i * 100 * MS, i * 1000);
  kh_rate_meter_add (&meter, 1000 * MS, 5);
  g_assert_cmpuint (kh_rate_meter_rate (&meter, 1300 * MS), ==, 0);
  kh_rate_meter_add (&meter, 2000 * MS, 1005);
  g_assert_cmpuint (kh_rate_meter_rate (&meter, 2000 * MS), ==, 1000);
}

/* Never more than the fastest, whatever is added when. Replay with --seed. */
static void
test_any_order (void)
{
  KhRateMeter meter = { .n_steps = 0 };
  gint64 now_us = 0;
  guint64 count = 0;

  for (guint i = 0; i < 10000; i++)
    {
      gint64 passed_us = g_test_rand_int_range (1, 400000);

      now_us += passed_us;
      count += (guint64)passed_us * (guint64)g_test_rand_int_range (0, 1000) / 1000;
      kh_rate_meter_add (&meter, now_us, count);
      g_assert_cmpuint (kh_rate_meter_rate (&meter, now_us), <=, 1200000);
      g_assert_cmpuint (meter.n_steps, <=, KH_RATE_METER_STEPS);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rate-meter/steady-is-what-it-is", test_steady_is_what_it_is);
  g_test_add_func ("/rate-meter/many-counts-are-few-steps",
                   test_many_counts_are_few_steps);
  g_test_add_func ("/rate-meter/silence-is-zero-after-three-seconds",
                   test_silence_is_zero_after_three_seconds);
  g_test_add_func ("/rate-meter/a-count-that-goes-back-begins-anew",
                   test_a_count_that_goes_back_begins_anew);
  g_test_add_func ("/rate-meter/any-order", test_any_order);
  return g_test_run ();
}
