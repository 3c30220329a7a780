/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/composer-text.h"

static void
assert_trimmed (const char *text, const char *wanted)
{
  g_autofree char *trimmed = kh_composer_text_trim (text);

  g_assert_cmpstr (trimmed, ==, wanted);
  g_assert_cmpint (kh_composer_text_is_blank (text), ==, *wanted == '\0');
}

static void
test_empty_ends_go (void)
{
  assert_trimmed ("hello", "hello");
  assert_trimmed ("hello \n\n", "hello");
  assert_trimmed ("\n \n hello", " hello");
  assert_trimmed ("  int x;\n    y\n", "  int x;\n    y");
  assert_trimmed ("a\n\nb", "a\n\nb");
  assert_trimmed ("é\u00A0\u2003", "é");
}

static void
test_blank_ones_are_no_message (void)
{
  assert_trimmed ("", "");
  assert_trimmed (" \n\t\u3000\n", "");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/composer-text/empty-ends-go", test_empty_ends_go);
  g_test_add_func ("/composer-text/blank-ones-are-no-message",
                   test_blank_ones_are_no_message);
  return g_test_run ();
}
