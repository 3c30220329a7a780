/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/safety-number.h"

#include <glib.h>
#include <string.h>

static void
fill_random (guint8 key[32])
{
  for (guint i = 0; i < 32; i++)
    key[i] = (guint8)g_test_rand_int ();
}

/* From Python's hashlib: 0, 1, … 31 and 255, 254, … 224; then zero twice. */
static void
test_numbers_of_another_implementation (void)
{
  char text[KH_SAFETY_NUMBER_LEN];
  guint8 up[32], down[32], zero[32] = { 0 };

  for (guint i = 0; i < 32; i++)
    {
      up[i] = (guint8)i;
      down[i] = (guint8)(255 - i);
    }
  kh_safety_number (up, down, text);
  g_assert_cmpstr (
      text, ==,
      "26753 96219 52904 07011 82642 39045 59955 94680 48223 64390 70564 30598");
  kh_safety_number (zero, zero, text);
  g_assert_cmpstr (
      text, ==,
      "14475 13527 89611 88607 01028 53646 67960 66584 26404 35354 75389 63338");
}

static void
test_pictures_of_another_implementation (void)
{
  static const guint8 of_two[] = { 26, 44, 27, 6, 63, 52, 48, 37 };
  static const guint8 of_zero[] = { 62, 48, 42, 49, 16, 63, 63, 14 };
  guint8 pictures[KH_SAFETY_NUMBER_PICTURES];
  guint8 up[32], down[32], zero[32] = { 0 };

  for (guint i = 0; i < 32; i++)
    {
      up[i] = (guint8)i;
      down[i] = (guint8)(255 - i);
    }
  kh_safety_pictures (up, down, pictures);
  g_assert_cmpmem (pictures, sizeof pictures, of_two, sizeof of_two);
  kh_safety_pictures (zero, zero, pictures);
  g_assert_cmpmem (pictures, sizeof pictures, of_zero, sizeof of_zero);
}

static void
test_both_see_the_same_pictures (void)
{
  for (guint round = 0; round < 1000; round++)
    {
      guint8 one[KH_SAFETY_NUMBER_PICTURES], other[KH_SAFETY_NUMBER_PICTURES];
      guint8 a[32], b[32];

      fill_random (a);
      fill_random (b);
      kh_safety_pictures (a, b, one);
      kh_safety_pictures (b, a, other);
      g_assert_cmpmem (one, sizeof one, other, sizeof other);
      for (guint i = 0; i < KH_SAFETY_NUMBER_PICTURES; i++)
        g_assert_cmpuint (one[i], <, 64);
    }
}

static void
test_both_sides_see_the_same (void)
{
  for (guint round = 0; round < 1000; round++)
    {
      char one[KH_SAFETY_NUMBER_LEN], other[KH_SAFETY_NUMBER_LEN];
      guint8 a[32], b[32];

      fill_random (a);
      fill_random (b);
      memcpy (b, a, (gsize)g_test_rand_int_range (0, 32)); /* late differences too */
      kh_safety_number (a, b, one);
      kh_safety_number (b, a, other);
      g_assert_cmpstr (one, ==, other);
    }
}

static void
test_twelve_groups_of_five_digits (void)
{
  char text[KH_SAFETY_NUMBER_LEN];
  guint8 a[32], b[32];

  fill_random (a);
  fill_random (b);
  kh_safety_number (a, b, text);
  g_assert_cmpuint (strlen (text), ==, 71);
  for (guint i = 0; i < 71; i++)
    g_assert_true (i % 6 == 5 ? text[i] == ' ' : g_ascii_isdigit (text[i]));
}

static void
test_another_key_gives_another_number (void)
{
  char before[KH_SAFETY_NUMBER_LEN], after[KH_SAFETY_NUMBER_LEN];
  guint8 a[32], b[32];

  fill_random (a);
  fill_random (b);
  kh_safety_number (a, b, before);
  for (guint bit = 0; bit < 256; bit++)
    {
      b[bit / 8] ^= (guint8)(1 << bit % 8);
      kh_safety_number (a, b, after);
      g_assert_cmpstr (before, !=, after);
      b[bit / 8] ^= (guint8)(1 << bit % 8);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/safety-number/numbers-of-another-implementation",
                   test_numbers_of_another_implementation);
  g_test_add_func ("/safety-number/both-sides-see-the-same",
                   test_both_sides_see_the_same);
  g_test_add_func ("/safety-number/twelve-groups-of-five-digits",
                   test_twelve_groups_of_five_digits);
  g_test_add_func ("/safety-number/another-key-gives-another-number",
                   test_another_key_gives_another_number);
  g_test_add_func ("/safety-number/pictures-of-another-implementation",
                   test_pictures_of_another_implementation);
  g_test_add_func ("/safety-number/both-see-the-same-pictures",
                   test_both_see_the_same_pictures);
  return g_test_run ();
}
