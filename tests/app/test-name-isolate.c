/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/name-isolate.h"

#include <pango/pango.h>

#define OPENING "\u200e\u2068"
#define CLOSING "\u2069"

static void
assert_isolated (const char *name, const char *expected)
{
  g_autofree char *isolated = kh_name_isolate (name);

  g_assert_cmpstr (isolated, ==, expected);
}

static void
test_names_written_as_the_sentence_stay (void)
{
  static const char *const NAMES[] = {
    "", "Bob", "Bob (2)", "O'Neil & <b>Sons</b>!", "王小明", "42", "😀", "a file.txt"
  };

  for (guint i = 0; i < G_N_ELEMENTS (NAMES); i++)
    assert_isolated (NAMES[i], NAMES[i]);
}

static void
test_others_are_closed_in (void)
{
  assert_isolated ("أحمد", OPENING "أحمد" CLOSING);
  assert_isolated ("Bob שלום", OPENING "Bob שלום" CLOSING);
  assert_isolated ("42 דוד", OPENING "42 דוד" CLOSING);
}

static void
test_nothing_gets_out (void)
{
  assert_isolated ("Bob\u202e", "Bob");
  assert_isolated ("\u2069\u202eBob", "Bob");
  assert_isolated ("أ\u2069\u202eب", OPENING "أب" CLOSING);
  assert_isolated ("photo\u202egnp.exe", "photognp.exe");
}

static void
test_the_sentence_keeps_its_direction (void)
{
  g_autofree char *name = kh_name_isolate ("أحمد");
  g_autofree char *sentence = g_strdup_printf ("%s wants to connect with you.", name);

  /* What Pango asks before it draws a text. */
  G_GNUC_BEGIN_IGNORE_DEPRECATIONS
  g_assert_cmpint (pango_find_base_dir (sentence, -1), ==, PANGO_DIRECTION_LTR);
  G_GNUC_END_IGNORE_DEPRECATIONS
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/name-isolate/names-written-as-the-sentence-stay",
                   test_names_written_as_the_sentence_stay);
  g_test_add_func ("/name-isolate/others-are-closed-in", test_others_are_closed_in);
  g_test_add_func ("/name-isolate/nothing-gets-out", test_nothing_gets_out);
  g_test_add_func ("/name-isolate/the-sentence-keeps-its-direction",
                   test_the_sentence_keeps_its_direction);
  return g_test_run ();
}
