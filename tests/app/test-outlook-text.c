/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/outlook-text.h"

#include <glib.h>
#include <string.h>

#define LAST KH_OUTLOOK_RELAY_ONLY

static void
test_every_outlook_has_words_of_its_own (void)
{
  g_autoptr (GHashTable) texts = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) lines = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) sentences
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (int outlook = KH_OUTLOOK_LIKELY; outlook <= LAST; outlook++)
    {
      const char *line = kh_outlook_text_online (outlook);
      char *sentence = kh_outlook_text_sentence (outlook, "Bob");

      g_assert_true (g_str_has_prefix (kh_outlook_text (outlook), "Direct connection: "));
      g_assert_true (g_str_has_prefix (line, "Online · "));
      g_assert_true (g_str_has_prefix (sentence, "Bob is online. "));
      g_assert_true (g_str_has_suffix (sentence, "."));
      g_assert_true (g_hash_table_add (texts, (gpointer)kh_outlook_text (outlook)));
      g_assert_true (g_hash_table_add (lines, (gpointer)line));
      g_assert_true (g_hash_table_add (sentences, sentence));
    }
}

static void
test_nothing_is_said_where_nothing_is_known (void)
{
  g_autofree char *sentence = kh_outlook_text_sentence (KH_OUTLOOK_UNKNOWN, "Bob");
  g_autofree char *tooltip = kh_outlook_text_tooltip (KH_OUTLOOK_UNKNOWN, 0);

  g_assert_null (kh_outlook_text (KH_OUTLOOK_UNKNOWN));
  g_assert_cmpstr (kh_outlook_text_online (KH_OUTLOOK_UNKNOWN), ==, "Online");
  g_assert_cmpstr (sentence, ==, "Bob is online.");
  g_assert_null (kh_outlook_text_network (0));
  g_assert_null (tooltip);
}

/* A line in the list has room for some thirty letters beside an avatar. */
static void
test_a_line_fits_into_the_list (void)
{
  for (int outlook = KH_OUTLOOK_UNKNOWN; outlook <= LAST; outlook++)
    g_assert_cmpint (g_utf8_strlen (kh_outlook_text_online (outlook), -1), <=, 30);
}

static void
test_a_missing_mapping_has_a_next_step (void)
{
  g_autofree char *sentence = kh_outlook_text_sentence (KH_OUTLOOK_NEEDS_MAPPING, "Bob");

  g_assert_cmpstr (sentence, ==,
                   "Bob is online. A direct connection works only with a port mapping: "
                   "turn on UPnP in your router.");
}

static void
test_the_tooltip_says_why (void)
{
  g_autofree char *both = kh_outlook_text_tooltip (KH_OUTLOOK_POSSIBLE, 0x20 | 8);
  g_autofree char *mapped = kh_outlook_text_tooltip (KH_OUTLOOK_LIKELY, 0x10 | 8);
  g_autofree char *untold = kh_outlook_text_tooltip (KH_OUTLOOK_LIKELY, 0x20);

  g_assert_cmpstr (both, ==,
                   "Direct connection: possible\nTheir network: Difficult router");
  g_assert_cmpstr (mapped, ==,
                   "Direct connection: very likely\n"
                   "Their network: Reachable by a port mapping");
  g_assert_cmpstr (untold, ==, "Direct connection: very likely");
}

/* Of any byte: a kind of a later version says nothing. */
static void
test_every_kind_has_a_network (void)
{
  for (guint byte = 0; byte < 16; byte++)
    {
      const char *network = kh_outlook_text_network ((KhNatClass)byte);

      g_assert_true ((network != NULL) == (byte >= 1 && byte <= 9));
    }
  g_assert_cmpstr (kh_outlook_text_network (KH_NAT_KIND_PORT_RESTRICTED_CONE), ==,
                   "Ordinary router");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/outlook-text/every-outlook-has-words-of-its-own",
                   test_every_outlook_has_words_of_its_own);
  g_test_add_func ("/outlook-text/nothing-is-said-where-nothing-is-known",
                   test_nothing_is_said_where_nothing_is_known);
  g_test_add_func ("/outlook-text/a-line-fits-into-the-list",
                   test_a_line_fits_into_the_list);
  g_test_add_func ("/outlook-text/a-missing-mapping-has-a-next-step",
                   test_a_missing_mapping_has_a_next_step);
  g_test_add_func ("/outlook-text/the-tooltip-says-why", test_the_tooltip_says_why);
  g_test_add_func ("/outlook-text/every-kind-has-a-network",
                   test_every_kind_has_a_network);
  return g_test_run ();
}
