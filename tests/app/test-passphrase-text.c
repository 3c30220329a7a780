/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/passphrase-text.h"

#include <string.h>

static const char *
check (const char *passphrase, const char *again, gboolean good, gboolean wrong)
{
  const char *text = NULL;
  gboolean is_wrong = !wrong;

  g_assert_cmpint (kh_passphrase_text_check (passphrase, again, &text, &is_wrong), ==,
                   good);
  g_assert_cmpint (is_wrong, ==, wrong);
  g_assert_nonnull (text);
  return text;
}

static void
test_nothing_is_said_before_typing (void)
{
  g_assert_cmpstr (check ("", "", FALSE, FALSE), ==, "");
}

static void
test_short_ones_are_refused_kindly (void)
{
  g_assert_nonnull (strstr (check ("seven77", "seven77", FALSE, FALSE), "eight"));
  check ("ééééééé", "", FALSE, FALSE); /* characters, not bytes */
}

static void
test_repetition_is_refused (void)
{
  g_assert_nonnull (strstr (check ("aaaaaaaaaaaa", "", FALSE, TRUE), "guess"));
}

static void
test_both_must_be_the_same (void)
{
  g_assert_nonnull (
      strstr (check ("correct horse", "correct mouse", FALSE, TRUE), "same"));
  check ("correct horse", "correct ho", FALSE, FALSE); /* is still being typed */
  check ("correct horse", "", FALSE, FALSE);
  check ("correct horse", "correct horse", TRUE, FALSE);
}

static void
test_long_ones_are_praised (void)
{
  const char *text = check ("correct horse battery staple",
                            "correct horse battery staple", TRUE, FALSE);

  g_assert_nonnull (strstr (text, "good"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define TEST(path, function) g_test_add_func ("/passphrase-text/" path, function)
  TEST ("nothing-is-said-before-typing", test_nothing_is_said_before_typing);
  TEST ("short-ones-are-refused-kindly", test_short_ones_are_refused_kindly);
  TEST ("repetition-is-refused", test_repetition_is_refused);
  TEST ("both-must-be-the-same", test_both_must_be_the_same);
  TEST ("long-ones-are-praised", test_long_ones_are_praised);
  return g_test_run ();
}
