/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where this runs there may be a router or none. Which one it is where there are several,
 * the lab shows.
 */
#include "net/gateway.h"
#include "net/interfaces.h"

#include <glib.h>

static void
test_both_ends_of_the_way_or_none (void)
{
  const KhEndpoint none = { 0 };
  KhEndpoint gateway, own;

  if (!kh_gateway_find (&gateway, &own))
    {
      g_assert_cmpmem (&gateway, sizeof gateway, &none, sizeof none);
      g_assert_cmpmem (&own, sizeof own, &none, sizeof none);
      g_test_message ("no router here");
      return;
    }
  g_assert_cmpuint (gateway.family, ==, 4);
  g_assert_cmpuint (own.family, ==, 4);
  g_assert_cmpuint (gateway.port, ==, 0);
  g_assert_cmpuint (own.port, ==, 0);
  g_assert_true (kh_interfaces_have (&own));
  g_assert_false (kh_endpoint_same_address (&gateway, &own));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gateway/both-ends-of-the-way-or-none",
                   test_both_ends_of_the_way_or_none);
  return g_test_run ();
}
