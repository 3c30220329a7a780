/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/about-text.h"

#include <string.h>

static void
test_facts_without_an_address (void)
{
  const KhNetworkInfo network
      = { .type = KH_NAT_SYMMETRIC,
          .port_allocation = KH_PORT_ALLOCATION_RANDOM,
          .behind_nat = KH_TRISTATE_YES,
          .local = kh_endpoint_v4 ((const guint8[]){ 10, 11, 12, 13 }, 4711),
          .public_seen = kh_endpoint_v4 ((const guint8[]){ 198, 51, 100, 77 }, 4712),
          .server = kh_endpoint_v4 ((const guint8[]){ 203, 0, 113, 5 }, 7470),
          .measured_at_ms = 1 };
  g_autofree char *text = kh_about_text_debug_info ("9.9", KH_SERVER_ONLINE, &network);

  g_assert_true (g_str_has_prefix (text, "Knothole 9.9\n"));
  g_assert_nonnull (strstr (text, "NAT: symmetric"));
  g_assert_nonnull (strstr (text, "Server: online"));
  g_assert_nonnull (strstr (text, "by IPv4"));
  g_assert_null (strstr (text, "10.11"));
  g_assert_null (strstr (text, "198.51"));
  g_assert_null (strstr (text, "203.0"));
  g_assert_null (strstr (text, "471"));
}

static void
test_without_a_network (void)
{
  g_autofree char *text = kh_about_text_debug_info ("9.9", KH_SERVER_NONE, NULL);

  g_assert_nonnull (strstr (text, "Server: none"));
  g_assert_null (strstr (text, "NAT"));
}

static void
test_values_of_the_future_are_unknown (void)
{
  const KhNetworkInfo network = { .type = 1000, .mapping = 1000, .hairpin = 1000 };
  g_autofree char *text = kh_about_text_debug_info ("9.9", 1000, &network);

  g_assert_nonnull (strstr (text, "NAT: unknown"));
  g_assert_nonnull (strstr (text, "not measured"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define TEST(path, function) g_test_add_func ("/about-text/" path, function)
  TEST ("facts-without-an-address", test_facts_without_an_address);
  TEST ("without-a-network", test_without_a_network);
  TEST ("values-of-the-future-are-unknown", test_values_of_the_future_are_unknown);
  return g_test_run ();
}
