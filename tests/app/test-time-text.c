/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/time-text.h"

#include <locale.h>

static gint64
at (int year, int month, int day, int hour, int minute)
{
  g_autoptr (GDateTime) time = g_date_time_new_local (year, month, day, hour, minute, 0);

  return g_date_time_to_unix (time) * 1000;
}

static void
assert_day (gint64 at_ms, gint64 now_ms, const char *wanted)
{
  g_autofree char *text = kh_time_text_day (at_ms, now_ms);

  g_assert_cmpstr (text, ==, wanted);
}

static void
test_days_are_those_of_the_calendar (void)
{
  gint64 now_ms = at (2025, 3, 12, 0, 10);

  assert_day (at (2025, 3, 12, 0, 0), now_ms, "Today");
  assert_day (at (2025, 3, 11, 23, 59), now_ms, "Yesterday");
  assert_day (at (2025, 3, 10, 12, 0), now_ms, "Monday");
  assert_day (at (2025, 3, 6, 12, 0), now_ms, "Thursday");
  assert_day (at (2025, 3, 5, 12, 0), now_ms, "Wednesday, 5 March");
  assert_day (at (2024, 12, 31, 23, 0), now_ms, "Tuesday, 31 December 2024");
}

/* The other side of the turn of the year is yesterday; a clock that was put back is no
 * "minus one day ago". */
static void
test_odd_days (void)
{
  assert_day (at (2024, 12, 31, 23, 0), at (2025, 1, 1, 1, 0), "Yesterday");
  assert_day (at (2025, 3, 13, 9, 0), at (2025, 3, 12, 9, 0), "Thursday, 13 March");
}

/* Days are 23 and 25 hours long where the clocks change. */
static void
test_clocks_that_change (void)
{
  g_assert_true (
      kh_time_text_same_day (at (2025, 3, 30, 0, 5), at (2025, 3, 30, 23, 55)));
  g_assert_false (
      kh_time_text_same_day (at (2025, 3, 30, 23, 55), at (2025, 3, 31, 0, 5)));
  assert_day (at (2025, 3, 29, 23, 59), at (2025, 3, 30, 23, 59), "Yesterday");
  assert_day (at (2025, 10, 25, 0, 1), at (2025, 10, 26, 23, 59), "Yesterday");
}

static void
test_times_of_day (void)
{
  g_autofree char *text = kh_time_text_clock (at (2025, 3, 12, 9, 5));

  g_assert_cmpstr (text, ==, "09:05");
}

/* What can't be a date is one nevertheless: it came from outside. */
static void
test_times_out_of_range (void)
{
  g_autofree char *far = kh_time_text_clock (G_MAXINT64);
  g_autofree char *early = kh_time_text_day (G_MININT64, at (2025, 3, 12, 12, 0));

  g_assert_nonnull (far);
  g_assert_nonnull (early);
}

int
main (int argc, char *argv[])
{
  g_setenv ("TZ", "Europe/Berlin", TRUE);
  setlocale (LC_ALL, "C");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/time-text/days-are-those-of-the-calendar",
                   test_days_are_those_of_the_calendar);
  g_test_add_func ("/time-text/odd-days", test_odd_days);
  g_test_add_func ("/time-text/clocks-that-change", test_clocks_that_change);
  g_test_add_func ("/time-text/times-of-day", test_times_of_day);
  g_test_add_func ("/time-text/times-out-of-range", test_times_out_of_range);
  return g_test_run ();
}
