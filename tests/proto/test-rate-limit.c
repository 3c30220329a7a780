/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/rate-limit.h"

#include <glib.h>
#include <sodium.h>

#define SECOND_US G_USEC_PER_SEC

static KhEndpoint
parse (const char *text)
{
  KhEndpoint endpoint;

  g_assert_true (kh_endpoint_parse (&endpoint, text));
  return endpoint;
}

static void
test_a_burst_then_the_rate (void)
{
  const KhRateLimit limit = kh_rate_limit_new (10, 60 * SECOND_US, 10);
  KhRateBucket bucket = { 0 };
  guint n = 0;

  while (kh_rate_limit_take (&bucket, &limit, 0))
    n++;
  g_assert_cmpuint (n, ==, 10);
  g_assert_false (kh_rate_limit_take (&bucket, &limit, 6 * SECOND_US - 1));
  g_assert_true (kh_rate_limit_take (&bucket, &limit, 6 * SECOND_US));
  g_assert_false (kh_rate_limit_take (&bucket, &limit, 6 * SECOND_US));
}

/* After exactly that wait one more is given, and not before. */
static void
test_the_wait_is_as_long_as_it_says (void)
{
  const KhRateLimit limit = kh_rate_limit_new (10, 60 * SECOND_US, 3);
  KhRateBucket bucket = { 0 };
  gint64 now_us = 5;

  g_assert_cmpint (kh_rate_limit_wait (&bucket, &limit, now_us), ==, 0);
  for (guint i = 0; i < 3; i++)
    g_assert_true (kh_rate_limit_take (&bucket, &limit, now_us));
  g_assert_cmpint (kh_rate_limit_wait (&bucket, &limit, now_us), ==, 6 * SECOND_US);
  for (guint i = 0; i < 1000; i++)
    {
      gint64 wait_us = kh_rate_limit_wait (&bucket, &limit, now_us);

      if (wait_us > 0)
        g_assert_false (kh_rate_limit_take (&bucket, &limit, now_us + wait_us - 1));
      g_assert_true (kh_rate_limit_take (&bucket, &limit, now_us + wait_us));
      now_us += wait_us + g_test_rand_int_range (0, 10 * SECOND_US);
    }
}

static void
test_the_wait_of_a_network (void)
{
  const KhRateLimit limit = kh_rate_limit_new (2, SECOND_US, 2);
  const guint8 key[KH_RATE_LIMIT_KEY_LEN] = { 1 };
  KhRateSlot slots[16 * KH_RATE_LIMIT_WAYS] = { 0 };
  KhRateTable table;
  KhEndpoint one = parse ("192.0.2.1:1"), other = parse ("192.0.2.2:1");

  kh_rate_limit_table_init (&table, slots, G_N_ELEMENTS (slots), &limit, key);
  g_assert_cmpint (kh_rate_limit_table_wait (&table, &one, 1), ==, 0);
  g_assert_true (kh_rate_limit_table_take (&table, &one, NULL, 0, 1));
  g_assert_cmpint (kh_rate_limit_table_wait (&table, &one, 1), ==, 0);
  g_assert_true (kh_rate_limit_table_take (&table, &one, NULL, 0, 1));
  g_assert_cmpint (kh_rate_limit_table_wait (&table, &one, 1), ==, SECOND_US / 2);
  g_assert_cmpint (kh_rate_limit_table_wait (&table, &one, SECOND_US / 2), ==, 1);
  g_assert_cmpint (kh_rate_limit_table_wait (&table, &other, 1), ==, 0);
}

static void
test_nothing_where_none_are_allowed (void)
{
  const KhRateLimit limit = kh_rate_limit_new (0, SECOND_US, 5);
  KhRateBucket bucket = { 0 };

  g_assert_cmpint (kh_rate_limit_wait (&bucket, &limit, 0), ==, G_MAXINT64);

  g_assert_false (kh_rate_limit_take (&bucket, &limit, 0));
  g_assert_false (kh_rate_limit_take (&bucket, &limit, 1000 * SECOND_US));
}

/* In any window no more pass than the burst and what the window gives back. */
static void
test_any_order_of_attempts (void)
{
  const KhRateLimit limit = kh_rate_limit_new (50, SECOND_US, 200);
  KhRateBucket bucket = { 0 };
  gint64 now_us = 12345, start_us = now_us;
  guint n = 0;

  for (guint i = 0; i < 50000; i++)
    {
      now_us += g_test_rand_int_range (0, 10000);
      n += kh_rate_limit_take (&bucket, &limit, now_us);
      g_assert_cmpuint (n, <=, 200 + (now_us - start_us) / (SECOND_US / 50));
    }
  g_assert_cmpuint (n, >=, (now_us - start_us) / (SECOND_US / 50)); /* and no fewer */
}

static void
test_networks (void)
{
  static const char *const same[][2] = {
    { "192.0.2.1:1", "192.0.2.1:2" },
    { "[2001:db8:0:7::1]:1", "[2001:db8:0:7:ffff::9]:2" },
    { "[::ffff:192.0.2.1]:1", "192.0.2.1:1" },
  };
  static const char *const different[][2] = {
    { "192.0.2.1:1", "192.0.2.2:1" },
    { "[2001:db8:0:7::1]:1", "[2001:db8:0:8::1]:1" },
    { "[::c000:201]:1", "192.0.2.1:1" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (same); i++)
    {
      KhEndpoint one = parse (same[i][0]), other = parse (same[i][1]);

      g_assert_cmpuint (kh_rate_limit_network (&one), ==, kh_rate_limit_network (&other));
    }
  for (gsize i = 0; i < G_N_ELEMENTS (different); i++)
    {
      KhEndpoint one = parse (different[i][0]), other = parse (different[i][1]);

      g_assert_cmpuint (kh_rate_limit_network (&one), !=, kh_rate_limit_network (&other));
    }
}

static void
test_each_network_has_its_own (void)
{
  const KhRateLimit limit = kh_rate_limit_new (2, SECOND_US, 2);
  const guint8 key[KH_RATE_LIMIT_KEY_LEN] = { 1 };
  KhRateSlot slots[16 * KH_RATE_LIMIT_WAYS] = { 0 };
  KhRateTable table;
  KhEndpoint one = parse ("192.0.2.1:1"), other = parse ("192.0.2.2:1");

  kh_rate_limit_table_init (&table, slots, G_N_ELEMENTS (slots), &limit, key);
  g_assert_true (kh_rate_limit_table_take (&table, &one, NULL, 0, 1));
  g_assert_true (kh_rate_limit_table_take (&table, &one, NULL, 0, 1));
  g_assert_false (kh_rate_limit_table_take (&table, &one, NULL, 0, 1));
  g_assert_true (kh_rate_limit_table_take (&table, &other, NULL, 0, 1));
  g_assert_true (kh_rate_limit_table_take (&table, &one, NULL, 0, SECOND_US / 2 + 1));
}

/* A stranger who comes from very many networks can't clear the slot of one that is
 * over its limit by touching others once. */
static void
test_the_loaded_are_remembered (void)
{
  const KhRateLimit limit = kh_rate_limit_new (10, SECOND_US, 10);
  const guint8 key[KH_RATE_LIMIT_KEY_LEN] = { 2 };
  KhRateSlot slots[KH_RATE_LIMIT_WAYS] = { 0 };
  KhRateTable table;
  KhEndpoint loaded = parse ("192.0.2.1:1");

  kh_rate_limit_table_init (&table, slots, G_N_ELEMENTS (slots), &limit, key);
  for (guint i = 0; i < 10; i++)
    g_assert_true (kh_rate_limit_table_take (&table, &loaded, NULL, 0, 1));
  for (guint i = 0; i < 1000; i++)
    {
      const guint8 address[4] = { 10, 1, (guint8)(i >> 8), (guint8)i };
      KhEndpoint stranger = kh_endpoint_v4 (address, 1);

      kh_rate_limit_table_take (&table, &stranger, NULL, 0, 1);
    }
  g_assert_false (kh_rate_limit_table_take (&table, &loaded, NULL, 0, 1));
}

static void
test_what_was_given_is_given_again (void)
{
  const KhRateLimit limit = kh_rate_limit_new (3, 60000000, 3);
  const guint8 key[KH_RATE_LIMIT_KEY_LEN] = { 3 };
  const guint8 address[4] = { 192, 0, 2, 1 };
  const KhEndpoint endpoint = kh_endpoint_v4 (address, 1);
  const guint8 topics[] = "abcd";
  KhRateSlot slots[KH_RATE_LIMIT_WAYS] = { 0 };
  KhRateTable table;

  kh_rate_limit_table_init (&table, slots, KH_RATE_LIMIT_WAYS, &limit, key);
  for (guint i = 0; i < 300; i++)
    g_assert_true (kh_rate_limit_table_take (&table, &endpoint, topics + i % 3, 1, 1));
  g_assert_false (kh_rate_limit_table_take (&table, &endpoint, topics + 3, 1, 1));
  g_assert_false (kh_rate_limit_table_take (&table, &endpoint, NULL, 0, 1));
  g_assert_true (kh_rate_limit_table_take (&table, &endpoint, topics, 1, 1));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  g_test_add_func ("/rate-limit/a-burst-then-the-rate", test_a_burst_then_the_rate);
  g_test_add_func ("/rate-limit/the-wait-is-as-long-as-it-says",
                   test_the_wait_is_as_long_as_it_says);
  g_test_add_func ("/rate-limit/the-wait-of-a-network", test_the_wait_of_a_network);
  g_test_add_func ("/rate-limit/none-allowed", test_nothing_where_none_are_allowed);
  g_test_add_func ("/rate-limit/any-order-of-attempts", test_any_order_of_attempts);
  g_test_add_func ("/rate-limit/networks", test_networks);
  g_test_add_func ("/rate-limit/each-network-has-its-own", test_each_network_has_its_own);
  g_test_add_func ("/rate-limit/the-loaded-are-remembered",
                   test_the_loaded_are_remembered);
  g_test_add_func ("/rate-limit/what-was-given-is-given-again",
                   test_what_was_given_is_given_again);
  return g_test_run ();
}
