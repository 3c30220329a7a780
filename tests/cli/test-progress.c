/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/progress.h"

#include <string.h>

#define SECOND G_USEC_PER_SEC

static KhProgress
progress_at (guint64 bytes, guint64 total, double speed)
{
  return (KhProgress){ .bytes = bytes, .total = total, .speed = speed };
}

static guint
cells (const char *text)
{
  guint n = 0;

  for (; *text != '\0'; text = g_utf8_next_char (text))
    n += g_unichar_iszerowidth (g_utf8_get_char (text)) ? 0
         : g_unichar_iswide (g_utf8_get_char (text))    ? 2
                                                        : 1;
  return n;
}

static void
test_percent_is_100_only_at_the_end (void)
{
  KhProgress none = progress_at (0, 10, 0);
  KhProgress nearly = progress_at (999999, 1000000, 0);
  KhProgress whole = progress_at (1000000, 1000000, 0);
  KhProgress empty = progress_at (0, 0, 0);

  g_assert_cmpuint (kh_progress_percent (&none), ==, 0);
  g_assert_cmpuint (kh_progress_percent (&nearly), ==, 99);
  g_assert_cmpuint (kh_progress_percent (&whole), ==, 100);
  g_assert_cmpuint (kh_progress_percent (&empty), ==, 100);
}

static void
test_a_wide_terminal_shows_everything (void)
{
  KhProgress progress = progress_at (9000000, 20000000, 5100000);
  g_autofree char *bar = kh_progress_bar (&progress, "photo.jpg", 100);

  g_assert_true (g_str_has_prefix (bar, "photo.jpg  [###"));
  g_assert_nonnull (strstr (bar, "45%  9.0 MB of 20.0 MB  5.1 MB/s, 2 s left"));
}

static void
test_files_are_counted (void)
{
  KhProgress progress = progress_at (9000000, 20000000, 5100000);
  g_autofree char *wide = NULL;
  g_autofree char *usual = NULL;

  kh_progress_count (&progress, 3, 1200);
  wide = kh_progress_bar (&progress, "photo.jpg", 120);
  usual = kh_progress_bar (&progress, "a-long-name-of-a-photo.jpg", 79);
  g_assert_nonnull (strstr (wide, "  3 of 1,200 files  5.1 MB/s"));
  /* The name gives way to the numbers. */
  g_assert_true (g_str_has_prefix (usual, "a-long-name"));
  g_assert_true (g_str_has_suffix (usual, "3 of 1,200 files  5.1 MB/s, 2 s left"));
}

static void
assert_own_percent (KhProgress *progress, guint width, gboolean is_shown)
{
  g_autofree char *bar = kh_progress_bar (progress, "video.mp4", width);

  g_assert_cmpint (g_str_has_prefix (bar, "video.mp4 (37%)  "), ==, is_shown);
  g_assert_nonnull (strstr (bar, " 45%  9.0 GB of 20.0 GB"));
}

static void
test_a_large_file_has_its_own_percent (void)
{
  KhProgress progress = progress_at (9000000000, 20000000000, 510000000);

  kh_progress_count (&progress, 3, 12);
  kh_progress_file (&progress, 3700000, 10000000);
  assert_own_percent (&progress, 120, FALSE);
  kh_progress_file (&progress, 37000000, 100000000);
  assert_own_percent (&progress, 120, TRUE);
  assert_own_percent (&progress, 79, TRUE);
  /* It gives way before the numbers of the whole. */
  assert_own_percent (&progress, 60, FALSE);
  /* Alone it is the whole. */
  kh_progress_count (&progress, 0, 1);
  assert_own_percent (&progress, 120, FALSE);
}

static void
test_a_narrow_one_leaves_the_bar_out (void)
{
  KhProgress progress = progress_at (9000000, 20000000, 5100000);
  g_autofree char *bar = kh_progress_bar (&progress, "photo.jpg", 50);

  g_assert_null (strchr (bar, '['));
  g_assert_true (g_str_has_prefix (bar, "photo.jpg   45%"));
}

static void
test_a_line_in_words (void)
{
  KhProgress progress = progress_at (9000000, 20000000, 5100000);
  KhProgress unknown = progress_at (0, 20000000, 0);
  KhProgress many = progress_at (9000000, 20000000, 5100000);
  g_autofree char *line = kh_progress_line (&progress, "photo.jpg");
  g_autofree char *start = kh_progress_line (&unknown, "photo.jpg");

  g_assert_cmpstr (line, ==, "photo.jpg: 45% of 20.0 MB, 5.1 MB/s, 2 s left");
  g_assert_cmpstr (start, ==, "photo.jpg: 0% of 20.0 MB");
  kh_progress_count (&many, 3, 120);
  {
    g_autofree char *counted = kh_progress_line (&many, "photos");

    g_assert_cmpstr (counted, ==,
                     "photos: 45% of 20.0 MB, 3 of 120 files, 5.1 MB/s, 2 s left");
  }
}

/* Whatever the numbers, the name and the terminal: it stays in its one line. */
static void
test_a_bar_never_exceeds_its_width (void)
{
  static const char *const names[]
      = { "", "a", "a rather long file name that nobody can see whole.tar.gz",
          "你好你好你好你好你好你好你好你好" };

  for (guint round = 0; round < 20000; round++)
    {
      guint width = (guint)g_test_rand_int_range (0, 150);
      guint64 total = (guint64)g_test_rand_int () << g_test_rand_int_range (0, 32);
      guint64 bytes = (guint64)(g_test_rand_double () * (double)total);
      KhProgress progress
          = progress_at (MIN (bytes, total), total, g_test_rand_double_range (0, 1e10));
      guint n_files = (guint)g_test_rand_int ();
      const char *name = names[g_test_rand_int_range (0, G_N_ELEMENTS (names))];
      g_autofree char *bar = NULL;

      kh_progress_count (&progress, (guint)g_test_rand_int (), n_files);
      kh_progress_file (&progress, (guint64)g_test_rand_int (),
                        (guint64)g_test_rand_int ());
      bar = kh_progress_bar (&progress, name, width);
      g_assert_true (g_utf8_validate (bar, -1, NULL));
      g_assert_cmpuint (cells (bar), <=, width);
    }
}

static void
test_a_steady_speed_is_found (void)
{
  KhProgress progress;

  kh_progress_start (&progress, 0, 0, 100000000);
  for (gint64 now_us = 0; now_us <= 5 * SECOND; now_us += SECOND / 10)
    kh_progress_advance (&progress, now_us, (guint64)now_us * 2, 100000000);
  g_assert_cmpfloat_with_epsilon (progress.speed, 2e6, 1);
}

static void
test_a_stall_brings_the_speed_down (void)
{
  KhProgress progress;

  kh_progress_start (&progress, 0, 0, 100000000);
  kh_progress_advance (&progress, SECOND, 2000000, 100000000);
  for (gint64 now_us = 2 * SECOND; now_us <= 40 * SECOND; now_us += SECOND)
    kh_progress_advance (&progress, now_us, 2000000, 100000000);
  g_assert_cmpfloat (progress.speed, <, 10);
}

/* What was there before has not come at any speed. */
static void
test_going_on_is_no_leap (void)
{
  KhProgress progress;

  kh_progress_start (&progress, 0, 90000000, 100000000);
  kh_progress_advance (&progress, SECOND, 91000000, 100000000);
  g_assert_cmpfloat_with_epsilon (progress.speed, 1e6, 1);
}

static void
test_the_total_may_change (void)
{
  KhProgress progress;

  kh_progress_start (&progress, 0, 0, 100);
  kh_progress_advance (&progress, SECOND, 150, 200);
  g_assert_cmpuint (kh_progress_percent (&progress), ==, 75);
}

static void
test_more_than_all_is_all (void)
{
  KhProgress progress;

  kh_progress_start (&progress, 0, 0, 10);
  kh_progress_advance (&progress, SECOND, 20, 10);
  g_assert_cmpuint (progress.bytes, ==, 10);
  g_assert_cmpuint (kh_progress_percent (&progress), ==, 100);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/progress/percent-is-100-only-at-the-end",
                   test_percent_is_100_only_at_the_end);
  g_test_add_func ("/progress/a-wide-terminal-shows-everything",
                   test_a_wide_terminal_shows_everything);
  g_test_add_func ("/progress/files-are-counted", test_files_are_counted);
  g_test_add_func ("/progress/a-large-file-has-its-own-percent",
                   test_a_large_file_has_its_own_percent);
  g_test_add_func ("/progress/a-narrow-one-leaves-the-bar-out",
                   test_a_narrow_one_leaves_the_bar_out);
  g_test_add_func ("/progress/a-line-in-words", test_a_line_in_words);
  g_test_add_func ("/progress/a-bar-never-exceeds-its-width",
                   test_a_bar_never_exceeds_its_width);
  g_test_add_func ("/progress/a-steady-speed-is-found", test_a_steady_speed_is_found);
  g_test_add_func ("/progress/a-stall-brings-the-speed-down",
                   test_a_stall_brings_the_speed_down);
  g_test_add_func ("/progress/going-on-is-no-leap", test_going_on_is_no_leap);
  g_test_add_func ("/progress/the-total-may-change", test_the_total_may_change);
  g_test_add_func ("/progress/more-than-all-is-all", test_more_than_all_is_all);
  return g_test_run ();
}
