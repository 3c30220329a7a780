/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/nat-text.h"

#include "attempts.h"

#include <string.h>

#define N_FACTS 17

static void
test_every_type_has_words (void)
{
  for (int type = KH_NAT_UNKNOWN; type <= KH_NAT_SYMMETRIC; type++)
    {
      KhNetworkInfo network = { .type = type };

      g_assert_cmpstr (kh_nat_text_type (&network), !=, "");
      g_assert_true (g_str_has_suffix (kh_nat_text_meaning (&network), "."));
      g_assert_cmpstr (kh_nat_text_term (type), !=, "");
      g_assert_true (g_strv_contains (
          (const char *const[]){ "success", "warning", "error", "neutral", NULL },
          kh_nat_text_class (&network)));
    }
}

static void
test_unknown_says_what_is_known_all_the_same (void)
{
  KhNetworkInfo network = { .measuring = TRUE };

  g_assert_cmpstr (kh_nat_text_type (NULL), ==, "Kind of router not known yet");
  g_assert_cmpstr (kh_nat_text_type (&network), ==, "Checking…");
  network.behind_nat = KH_TRISTATE_YES;
  g_assert_cmpstr (kh_nat_text_type (&network), ==, "Behind a router");
  g_assert_cmpstr (kh_nat_text_class (&network), ==, "neutral");
  network.behind_nat = KH_TRISTATE_NO;
  g_assert_cmpstr (kh_nat_text_type (&network), ==, "No router between");
  g_assert_cmpstr (kh_nat_text_class (&network), ==, "success");
}

static void
test_colour_follows_what_it_means_for_connecting (void)
{
  KhNetworkInfo network = { .type = KH_NAT_PORT_RESTRICTED_CONE };

  g_assert_cmpstr (kh_nat_text_class (&network), ==, "success");
  network.type = KH_NAT_SYMMETRIC;
  network.port_allocation = KH_PORT_ALLOCATION_SEQUENTIAL;
  g_assert_cmpstr (kh_nat_text_class (&network), ==, "warning");
  network.port_allocation = KH_PORT_ALLOCATION_RANDOM;
  g_assert_cmpstr (kh_nat_text_class (&network), ==, "error");
}

static void
test_what_was_not_measured_is_listed_as_such (void)
{
  KhNetworkInfo nothing = { 0 };
  g_autoptr (GPtrArray) facts = kh_nat_text_facts (&nothing);

  g_assert_cmpuint (facts->len, ==, N_FACTS);
  for (guint i = 0; i < facts->len; i++)
    {
      const KhNatFact *fact = facts->pdata[i];

      g_assert_false (fact->known);
      g_assert_cmpstr (fact->value, ==, "Not measured yet");
      g_assert_true (g_str_has_suffix (fact->meaning, "."));
    }
}

static void
test_every_fact_is_told_when_known (void)
{
  KhNetworkInfo network = {
    .type = KH_NAT_SYMMETRIC,
    .mapping = KH_NAT_BEHAVIOUR_ADDRESS_DEPENDENT,
    .filtering = KH_NAT_BEHAVIOUR_ADDRESS_AND_PORT_DEPENDENT,
    .port_allocation = KH_PORT_ALLOCATION_SEQUENTIAL,
    .step = 2,
    .behind_nat = KH_TRISTATE_YES,
    .unsolicited = KH_NAT_DIAL_SILENT,
    .hairpin = KH_TRISTATE_NO,
    .second_nat = KH_TRISTATE_NO,
    .ipv6 = KH_TRISTATE_YES,
    .port_mapping = KH_MAPPED_BY_PCP,
    .mapped_port = 40123,
    .reachable = KH_TRISTATE_NO,
    .local = endpoint ("192.168.1.2:4000"),
    .public_seen = endpoint ("203.0.113.7:40001"),
    .server = endpoint ("192.0.2.1:7470"),
    .server_round_trip_us = 20000,
    .measured_at_ms = 1700000000000,
  };
  g_autoptr (GPtrArray) facts = kh_nat_text_facts (&network);

  for (guint i = 0; i < facts->len; i++)
    g_assert_true (((KhNatFact *)facts->pdata[i])->known);
  g_assert_cmpstr (((KhNatFact *)facts->pdata[0])->value, ==, "203.0.113.7:40001");
}

static const KhNatFact *
find_fact (GPtrArray *facts, const char *title)
{
  for (guint i = 0; i < facts->len; i++)
    if (g_str_equal (((KhNatFact *)facts->pdata[i])->title, title))
      return facts->pdata[i];
  g_assert_not_reached ();
}

static void
check_open_port (const KhNetworkInfo *network, const char *value, const char *meaning)
{
  g_autoptr (GPtrArray) facts = kh_nat_text_facts (network);
  const KhNatFact *fact = find_fact (facts, "Open port");

  g_assert_cmpstr (fact->value, ==, value);
  g_assert_nonnull (strstr (fact->meaning, meaning));
}

static void
test_an_open_port_says_who_opened_it (void)
{
  KhNetworkInfo network = { .port_mapping = KH_MAPPED_BY_UPNP, .mapped_port = 40123 };

  check_open_port (&network, "40123, by UPnP", "gets through");
  network.mapped_port = 0;
  network.second_nat = KH_TRISTATE_YES;
  check_open_port (&network, "None", "a second router stands before it");
  network.port_mapping = KH_MAPPED_NOT;
  check_open_port (&network, "None", "gets through");
  network.port_mapping = KH_MAPPED_UNKNOWN;
  check_open_port (&network, "Not measured yet", "gets through");
  network.mapped_port = 5000;
  check_open_port (&network, "5000, forwarded by hand", "gets through");
}

static void
test_what_one_address_can_not_tell_says_why (void)
{
  KhNetworkInfo network = { .type = KH_NAT_FULL_OR_RESTRICTED_CONE,
                            .behind_nat = KH_TRISTATE_YES,
                            .tested_at_ms = 1700000000000 };
  g_autoptr (GPtrArray) facts = kh_nat_text_facts (&network);
  const KhNatFact *mapping = find_fact (facts, "Mapping");

  g_assert_cmpstr (mapping->value, ==, "Not known");
  g_assert_nonnull (strstr (mapping->meaning, "only one address"));
  g_assert_nonnull (strstr (find_fact (facts, "Filtering")->meaning, "only one address"));
  g_assert_null (strstr (find_fact (facts, "Hairpin")->meaning, "only one address"));

  network.other_address = TRUE;
  g_clear_pointer (&facts, g_ptr_array_unref);
  facts = kh_nat_text_facts (&network);
  g_assert_null (strstr (find_fact (facts, "Mapping")->meaning, "only one address"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nat-text/every-type-has-words", test_every_type_has_words);
  g_test_add_func ("/nat-text/unknown-says-what-is-known-all-the-same",
                   test_unknown_says_what_is_known_all_the_same);
  g_test_add_func ("/nat-text/colour-follows-what-it-means-for-connecting",
                   test_colour_follows_what_it_means_for_connecting);
  g_test_add_func ("/nat-text/what-was-not-measured-is-listed-as-such",
                   test_what_was_not_measured_is_listed_as_such);
  g_test_add_func ("/nat-text/every-fact-is-told-when-known",
                   test_every_fact_is_told_when_known);
  g_test_add_func ("/nat-text/an-open-port-says-who-opened-it",
                   test_an_open_port_says_who_opened_it);
  g_test_add_func ("/nat-text/what-one-address-can-not-tell-says-why",
                   test_what_one_address_can_not_tell_says_why);
  return g_test_run ();
}
