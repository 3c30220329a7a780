/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/size.h"

static void
test_sizes_are_read (void)
{
  static const struct
  {
    const char *text;
    guint64 bytes;
  } cases[] = {
    { "0", 0 },
    { "1", 1 },
    { "007", 7 },
    { "1K", 1000 },
    { "20m", 20000000 },
    { "3G", G_GUINT64_CONSTANT (3000000000) },
    { "2t", G_GUINT64_CONSTANT (2000000000000) },
    { "1.5G", 1500000000 },
    { "0.001K", 1 },
    { "1.0", 1 },
    { "1.2500K", 1250 },
    { "9223372036854775807", G_MAXINT64 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint64 bytes = 42;

      g_assert_null (kh_size_parse (cases[i].text, &bytes));
      g_assert_cmpuint (bytes, ==, cases[i].bytes);
    }
}

static void
test_mistakes_are_told_apart (void)
{
  static const char *const not_sizes[]
      = { "",   " ",      "K",    "-1",  "+1",   "1 K",  "1KB",  "1KiB", "1X",      "1.K",
          ".5", "1.5.5K", "0x10", "1e6", "many", "1,5M", "\377", "1\n",  "infinity" };
  static const char *const too_large[]
      = { "9223372036854775808", "18446744073709551617", "10000000T", "9223373T",
          "99999999999999999999999999999999" };
  static const char *const not_whole[] = { "0.5", "1.0001K", "1.5555K" };
  guint64 bytes = 42;

  for (guint i = 0; i < G_N_ELEMENTS (not_sizes); i++)
    g_assert_cmpstr (kh_size_parse (not_sizes[i], &bytes), ==,
                     "is no size such as 500K, 20M or 1.5G");
  for (guint i = 0; i < G_N_ELEMENTS (too_large); i++)
    g_assert_cmpstr (kh_size_parse (too_large[i], &bytes), ==, "is too large");
  for (guint i = 0; i < G_N_ELEMENTS (not_whole); i++)
    g_assert_cmpstr (kh_size_parse (not_whole[i], &bytes), ==,
                     "is no whole number of bytes");
  g_assert_cmpuint (bytes, ==, 42);
}

/* Whatever number: what is printed whole is read as the same. */
static void
test_any_number (void)
{
  for (guint round = 0; round < 10000; round++)
    {
      guint64 random
          = (guint64)(guint32)g_test_rand_int () << 31 ^ (guint32)g_test_rand_int ();
      guint64 number = random >> g_test_rand_int_range (0, 62);
      g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT, number);
      guint64 bytes = 0;

      g_assert_null (kh_size_parse (text, &bytes));
      g_assert_cmpuint (bytes, ==, number);
    }
}

static void
test_no_limit_has_two_words (void)
{
  guint64 rate = 42;

  g_assert_null (kh_size_parse_rate ("none", &rate));
  g_assert_cmpuint (rate, ==, 0);
  rate = 42;
  g_assert_null (kh_size_parse_rate ("0", &rate));
  g_assert_cmpuint (rate, ==, 0);
}

static void
test_a_rate_is_no_trifle (void)
{
  guint64 rate = 42;

  g_assert_null (kh_size_parse_rate ("1K", &rate));
  g_assert_cmpuint (rate, ==, 1000);
  g_assert_nonnull (g_strrstr (kh_size_parse_rate ("500", &rate), "less than 1K"));
  g_assert_nonnull (g_strrstr (kh_size_parse_rate ("fast", &rate), "no rate"));
  g_assert_nonnull (g_strrstr (kh_size_parse_rate ("NONE", &rate), "no rate"));
  g_assert_cmpstr (kh_size_parse_rate ("10000000T", &rate), ==, "is too large");
  g_assert_cmpuint (rate, ==, 1000);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/size/sizes-are-read", test_sizes_are_read);
  g_test_add_func ("/size/mistakes-are-told-apart", test_mistakes_are_told_apart);
  g_test_add_func ("/size/any-number", test_any_number);
  g_test_add_func ("/size/no-limit-has-two-words", test_no_limit_has_two_words);
  g_test_add_func ("/size/a-rate-is-no-trifle", test_a_rate_is_no_trifle);
  return g_test_run ();
}
