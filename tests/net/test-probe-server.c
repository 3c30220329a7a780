/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/probe-server.h"

#include <glib.h>

static KhEndpoint
endpoint (const char *text)
{
  KhEndpoint read;

  g_assert_true (kh_endpoint_parse (&read, text));
  return read;
}

static void
expect (const KhEndpoint *got, const char *wanted)
{
  char text[KH_ENDPOINT_TEXT_MAX] = "";

  if (got != NULL)
    kh_endpoint_print (got, text);
  g_assert_cmpstr (text, ==, wanted);
}

static void
test_the_address_of_the_main_connection_comes_first (void)
{
  KhProbeServer server
      = { .main = endpoint ("203.0.113.2:7470"),
          .n_assist = 3,
          .assist = { endpoint ("[2001:db8::1]:7471"), endpoint ("203.0.113.1:7471"),
                      endpoint ("203.0.113.2:7471") } };

  expect (kh_probe_server_near (&server), "203.0.113.2:7471");
  expect (kh_probe_server_other (&server), "203.0.113.1:7471");
  expect (kh_probe_server_find (&server, 6, NULL), "[2001:db8::1]:7471");
  server.main = endpoint ("[2001:db8::1]:7470");
  expect (kh_probe_server_near (&server), "203.0.113.1:7471");
  expect (kh_probe_server_other (&server), "203.0.113.2:7471");
}

/* Two ports of one address are one address. */
static void
test_another_port_is_no_other_address (void)
{
  KhProbeServer server
      = { .main = endpoint ("203.0.113.1:7470"),
          .n_assist = 2,
          .assist = { endpoint ("203.0.113.1:7471"), endpoint ("203.0.113.1:7472") } };

  expect (kh_probe_server_near (&server), "203.0.113.1:7471");
  expect (kh_probe_server_other (&server), "");
}

static void
test_a_server_may_have_none (void)
{
  KhProbeServer server = { .main = endpoint ("203.0.113.1:7470"),
                           .n_assist = 1,
                           .assist = { endpoint ("[2001:db8::1]:7471") } };

  expect (kh_probe_server_near (&server), "");
  expect (kh_probe_server_other (&server), "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/probe-server/the-address-of-the-main-connection-comes-first",
                   test_the_address_of_the_main_connection_comes_first);
  g_test_add_func ("/probe-server/another-port-is-no-other-address",
                   test_another_port_is_no_other_address);
  g_test_add_func ("/probe-server/a-server-may-have-none", test_a_server_may_have_none);
  return g_test_run ();
}
