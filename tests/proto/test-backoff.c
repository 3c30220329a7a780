/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/backoff.h"

#include <glib.h>

static void
test_waits_double_up_to_the_longest (void)
{
  KhBackoff backoff;
  gint64 expected_us = KH_BACKOFF_FIRST_US;

  kh_backoff_init (&backoff);
  for (guint failure = 0; failure < 20; failure++)
    {
      kh_backoff_failed (&backoff, 0, 0);
      g_assert_cmpint (backoff.retry_at_us, ==, expected_us);
      expected_us = MIN (expected_us * 2, KH_BACKOFF_LONGEST_US);
    }
}

/* Whatever happens in whatever order, a wait is never shorter than the first
 * nor longer than one and a half times the longest. Replay with --seed. */
static void
test_any_order_of_events (void)
{
  KhBackoff backoff;
  gint64 now_us = 0;

  kh_backoff_init (&backoff);
  for (guint step = 0; step < 10000; step++)
    {
      now_us += g_test_rand_int_range (0, 1000000);
      if (g_test_rand_bit ())
        {
          kh_backoff_succeeded (&backoff);
          g_assert_cmpint (backoff.retry_at_us, ==, KH_NEVER);
          continue;
        }

      kh_backoff_failed (&backoff, now_us, (guint32)g_test_rand_int ());
      g_assert_cmpint (backoff.retry_at_us - now_us, >=, KH_BACKOFF_FIRST_US);
      g_assert_cmpint (backoff.retry_at_us - now_us, <=, KH_BACKOFF_LONGEST_US * 3 / 2);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/backoff/waits-double-up-to-the-longest",
                   test_waits_double_up_to_the_longest);
  g_test_add_func ("/backoff/any-order-of-events", test_any_order_of_events);
  return g_test_run ();
}
