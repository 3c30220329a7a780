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

static void
assert_quoted (const char *text, const char *wanted)
{
  g_autofree char *quoted = kh_composer_text_quote (text);

  g_assert_cmpstr (quoted, ==, wanted);
}

static void
test_quotes_begin_each_line (void)
{
  assert_quoted ("hello", "> hello\n");
  assert_quoted ("\na\n\nb\n", "> a\n> \n> b\n");
  assert_quoted ("", "> \n");
}

static void
test_quotes_are_short (void)
{
  g_autofree char *full = g_strnfill (200, 'x');
  g_autofree char *full_quoted = g_strconcat ("> ", full, "\n", NULL);
  g_autofree char *longer = g_strconcat (full, "y", NULL);
  g_autofree char *longer_quoted = g_strconcat ("> ", full, "…\n", NULL);

  assert_quoted ("1\n2\n3", "> 1\n> 2\n> 3\n");
  assert_quoted ("1\n2\n3\n4", "> 1\n> 2\n> 3…\n");
  assert_quoted ("1\n2\n\n4", "> 1\n> 2…\n");
  assert_quoted (full, full_quoted);
  assert_quoted (longer, longer_quoted);
}

static void
test_quotes_in_quotes_are_left_out (void)
{
  assert_quoted ("> a\n> b\nc", "> c\n");
  assert_quoted ("> a\n\nb\n> c", "> b\n> > c\n");
  assert_quoted ("> a", "> > a\n");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/composer-text/empty-ends-go", test_empty_ends_go);
  g_test_add_func ("/composer-text/blank-ones-are-no-message",
                   test_blank_ones_are_no_message);
  g_test_add_func ("/composer-text/quotes-begin-each-line", test_quotes_begin_each_line);
  g_test_add_func ("/composer-text/quotes-are-short", test_quotes_are_short);
  g_test_add_func ("/composer-text/quotes-in-quotes-are-left-out",
                   test_quotes_in_quotes_are_left_out);
  return g_test_run ();
}
