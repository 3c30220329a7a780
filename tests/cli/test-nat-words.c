/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/nat-words.h"

#include <glib.h>
#include <string.h>

/* Scripts tell the types apart by their words. */
static void
test_every_type_has_a_word_and_a_meaning_of_its_own (void)
{
  g_autoptr (GHashTable) words = g_hash_table_new (g_str_hash, g_str_equal);

  for (int type = KH_NAT_UNKNOWN; type <= KH_NAT_SYMMETRIC; type++)
    {
      const KhNetworkInfo network = { .type = type };

      g_assert_true (g_hash_table_add (words, (gpointer)kh_nat_words_type (type)));
      g_assert_true (g_str_has_suffix (kh_nat_words_meaning (&network), "."));
    }
  g_assert_cmpstr (kh_nat_words_type (KH_NAT_FULL_OR_RESTRICTED_CONE), ==,
                   "full-or-restricted-cone");
}

static void
test_every_kind_and_outlook_has_a_word_of_its_own (void)
{
  g_autoptr (GHashTable) kinds = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) outlooks = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) said = g_hash_table_new (g_str_hash, g_str_equal);

  for (int kind = KH_NAT_KIND_UNKNOWN; kind <= KH_NAT_KIND_ADDRESS_DEPENDENT; kind++)
    g_assert_true (g_hash_table_add (kinds, (gpointer)kh_nat_words_kind (kind)));
  for (int outlook = KH_OUTLOOK_UNKNOWN; outlook <= KH_OUTLOOK_RELAY_ONLY; outlook++)
    {
      const char *word = kh_nat_words_outlook (outlook);

      g_assert_null (strchr (word, ' '));
      g_assert_true (g_hash_table_add (outlooks, (gpointer)word));
      word = kh_nat_words_say_outlook (outlook);
      g_assert_true ((word == NULL) == (outlook == KH_OUTLOOK_UNKNOWN));
      if (word != NULL)
        g_assert_true (g_hash_table_add (said, (gpointer)word));
    }
  g_assert_cmpstr (kh_nat_words_kind (KH_NAT_KIND_UNKNOWN), ==, "unknown");
  g_assert_cmpstr (kh_nat_words_outlook (KH_OUTLOOK_LIKELY), ==, "very-likely");
}

static void
test_a_sequence_is_not_as_bad_as_chance (void)
{
  KhNetworkInfo network
      = { .type = KH_NAT_SYMMETRIC, .port_allocation = KH_PORT_ALLOCATION_SEQUENTIAL };

  g_assert_nonnull (strstr (kh_nat_words_meaning (&network), "one after the other"));
  network.port_allocation = KH_PORT_ALLOCATION_RANDOM;
  g_assert_null (strstr (kh_nat_words_meaning (&network), "one after the other"));
}

static void
test_the_limit_is_only_told_where_it_counts (void)
{
  KhNetworkInfo network
      = { .type = KH_NAT_PORT_RESTRICTED_CONE, .behind_nat = KH_TRISTATE_YES };

  g_assert_nonnull (kh_nat_words_limit (&network));
  network.other_address = TRUE;
  g_assert_null (kh_nat_words_limit (&network));
  network = (KhNetworkInfo){ .type = KH_NAT_OPEN, .behind_nat = KH_TRISTATE_NO };
  g_assert_null (kh_nat_words_limit (&network));
  network = (KhNetworkInfo){ .type = KH_NAT_UNKNOWN, .behind_nat = KH_TRISTATE_YES };
  g_assert_null (kh_nat_words_limit (&network));
}

static void
check_open_port (const KhNetworkInfo *network, const char *wanted)
{
  g_autofree char *text = kh_nat_words_open_port (network);

  g_assert_cmpstr (text, ==, wanted);
}

static void
test_an_open_port_is_told_with_who_opened_it (void)
{
  KhNetworkInfo network = { .port_mapping = KH_MAPPED_BY_PCP, .mapped_port = 40123 };

  check_open_port (&network, "40123, by PCP");
  network.mapped_port = 0;
  check_open_port (&network, "none of use: PCP does not say at which address");
  network.second_nat = KH_TRISTATE_YES;
  check_open_port (&network, "none of use: PCP opens one, behind a second router");
  network.port_mapping = KH_MAPPED_NOT;
  check_open_port (&network, "none");
  network.port_mapping = KH_MAPPED_UNKNOWN;
  check_open_port (&network, "not known");
  network.mapped_port = 5000;
  check_open_port (&network, "5000, by hand");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nat-words/every-type-has-a-word-and-a-meaning-of-its-own",
                   test_every_type_has_a_word_and_a_meaning_of_its_own);
  g_test_add_func ("/nat-words/every-kind-and-outlook-has-a-word-of-its-own",
                   test_every_kind_and_outlook_has_a_word_of_its_own);
  g_test_add_func ("/nat-words/a-sequence-is-not-as-bad-as-chance",
                   test_a_sequence_is_not_as_bad_as_chance);
  g_test_add_func ("/nat-words/the-limit-is-only-told-where-it-counts",
                   test_the_limit_is_only_told_where_it_counts);
  g_test_add_func ("/nat-words/an-open-port-is-told-with-who-opened-it",
                   test_an_open_port_is_told_with_who_opened_it);
  return g_test_run ();
}
