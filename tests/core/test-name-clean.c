/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/name-clean.h"

#include <string.h>

static void
assert_clean (const char *name, const char *expected)
{
  g_autofree char *clean = kh_name_clean (name, -1);

  g_assert_cmpstr (clean, ==, expected);
}

static void
test_ordinary_names_stay (void)
{
  static const char *const NAMES[]
      = { "Bob",  "Jörg Müller-Lüdenscheidt (2)", "Ольга", "王小明",
          "أحمد", "O'Neil & <b>Sons</b>" };

  for (guint i = 0; i < G_N_ELEMENTS (NAMES); i++)
    assert_clean (NAMES[i], NAMES[i]);
}

static void
test_marks_of_direction_go (void)
{
  static const gunichar MARKS[] = { 0x61c,  0x200e, 0x200f, 0x202a, 0x202b, 0x202c,
                                    0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069 };

  for (guint i = 0; i < G_N_ELEMENTS (MARKS); i++)
    {
      g_autoptr (GString) name = g_string_new ("Bo");

      g_string_append_unichar (name, MARKS[i]);
      g_string_append (name, "b");
      assert_clean (name->str, "Bob");
    }
}

static void
test_what_nobody_sees_goes (void)
{
  assert_clean ("B\u200bo\u2060b\ufeff\u00ad", "Bob");
  assert_clean ("Bo\u200db\u200c", "Bob");
  assert_clean ("\u202e\u200b", "");
  assert_clean ("Bob\U000e0041\U000e0042", "Bob");
}

static void
test_lines_become_one (void)
{
  assert_clean (" Bob\nis\u2028here\u2029\t ", "Bob is here");
}

static void
test_what_scripts_are_written_with_stays (void)
{
  /* A family, a flag, Persian, Devanagari. */
  static const char *const NAMES[]
      = { "👩\u200d👧", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
          "نیم\u200cفاصله", "क्\u200dष" };

  for (guint i = 0; i < G_N_ELEMENTS (NAMES); i++)
    assert_clean (NAMES[i], NAMES[i]);
  assert_clean ("ن\u200c\u200c\u202eف", "نف");
}

static void
test_bytes_are_counted_and_checked (void)
{
  g_autofree char *part = kh_name_clean ("Bobby", 3);
  g_autofree char *none = kh_name_clean ("Bob\xc3", 4);

  g_assert_cmpstr (part, ==, "Bob");
  g_assert_cmpstr (none, ==, "");
}

/* Whatever comes: it is text, no longer, and clean already when it is cleaned again. */
static void
test_any_bytes (void)
{
  static const gunichar PARTS[]
      = { 'a',   ' ',     0x200c,  0x200d, 0x202e, 0x2069, 0x627,
          0x915, 0x1f3f4, 0xe0067, '\n',   0x2028, 0x1f469 };

  for (guint round = 0; round < 2000; round++)
    {
      g_autoptr (GString) name = g_string_new (NULL);
      g_autofree char *once = NULL;
      g_autofree char *twice = NULL;

      for (guint i = 0; i < 8; i++)
        g_string_append_unichar (name,
                                 PARTS[g_test_rand_int_range (0, G_N_ELEMENTS (PARTS))]);
      once = kh_name_clean (name->str, (gssize)name->len);
      twice = kh_name_clean (once, -1);
      g_assert_true (g_utf8_validate (once, -1, NULL));
      g_assert_cmpuint (strlen (once), <=, name->len);
      g_assert_cmpstr (once, ==, twice);
      g_assert_null (strstr (once, "\u202e"));
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/name-clean/ordinary-names-stay", test_ordinary_names_stay);
  g_test_add_func ("/name-clean/marks-of-direction-go", test_marks_of_direction_go);
  g_test_add_func ("/name-clean/what-nobody-sees-goes", test_what_nobody_sees_goes);
  g_test_add_func ("/name-clean/lines-become-one", test_lines_become_one);
  g_test_add_func ("/name-clean/what-scripts-are-written-with-stays",
                   test_what_scripts_are_written_with_stays);
  g_test_add_func ("/name-clean/bytes-are-counted-and-checked",
                   test_bytes_are_counted_and_checked);
  g_test_add_func ("/name-clean/any-bytes", test_any_bytes);
  return g_test_run ();
}
