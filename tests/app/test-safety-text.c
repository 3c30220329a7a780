/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/safety-text.h"
#include "core/client.h"

/* Two that are read out the same would be as good as one. */
static void
test_every_picture_and_name_is_another (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < KH_SAFETY_TEXT_PICTURES; i++)
    {
      g_assert_true (g_utf8_validate (kh_safety_text_emoji (i), -1, NULL));
      g_assert_true (g_hash_table_add (seen, (gpointer)kh_safety_text_emoji (i)));
      g_assert_true (g_hash_table_add (seen, (gpointer)kh_safety_text_name (i)));
    }
  g_assert_cmpuint (g_hash_table_size (seen), ==, 2 * KH_SAFETY_TEXT_PICTURES);
}

/* The other side may have another version: the table never changes. */
static void
test_places_stay (void)
{
  g_assert_cmpstr (kh_safety_text_name (0), ==, "Dog");
  g_assert_cmpstr (kh_safety_text_name (31), ==, "Robot");
  g_assert_cmpstr (kh_safety_text_emoji (31), ==, "🤖");
  g_assert_cmpstr (kh_safety_text_name (63), ==, "Pin");
}

static void
test_a_number_beyond_the_table_is_one_of_it (void)
{
  g_assert_cmpstr (kh_safety_text_name (64), ==, kh_safety_text_name (0));
  g_assert_cmpstr (kh_safety_text_emoji (G_MAXUINT), ==, kh_safety_text_emoji (63));
}

static void
test_rows_are_four_of_three_groups (void)
{
  static const char wanted[] = "00000  11111  22222\n33333  44444  55555\n"
                               "66666  77777  88888\n99999  00000  11111";
  g_autofree char *one = kh_safety_text_rows (
      "00000 11111 22222 33333 44444 55555 66666 77777 88888 99999 00000 11111");
  g_autofree char *other = kh_safety_text_rows (
      "00000 11111 22222 33333\n44444 55555 66666 77777\n88888 99999 00000 11111\n");

  g_assert_cmpstr (one, ==, wanted);
  g_assert_cmpstr (other, ==, wanted);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define TEST(path, function) g_test_add_func ("/safety-text/" path, function)
  TEST ("every-picture-and-name-is-another", test_every_picture_and_name_is_another);
  TEST ("places-stay", test_places_stay);
  TEST ("a-number-beyond-the-table-is-one-of-it",
        test_a_number_beyond_the_table_is_one_of_it);
  TEST ("rows-are-four-of-three-groups", test_rows_are_four_of_three_groups);
  return g_test_run ();
}
