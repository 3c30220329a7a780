/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/own-address.h"
#include "server/listener.h"

#include <glib.h>
#include <string.h>

static KhEndpoint
parse (const char *text)
{
  KhEndpoint endpoint = { 0 };

  if (text != NULL)
    g_assert_true (kh_endpoint_parse (&endpoint, text));
  return endpoint;
}

/* What a client is told, as one text. */
static char *
list (const char *const *assist, const char *public_v4, const char *public_v6,
      const char *client, const char *reached)
{
  KhListener listeners[9] = { { .endpoint = parse ("[::]:7470") } };
  KhService *service = g_new0 (KhService, 1);
  KhDirectoryLogin login = { .endpoint = parse (client) };
  KhEndpoint local = parse (reached);
  GString *text = g_string_new (NULL);

  service->listeners = listeners;
  service->n_listeners = 1;
  service->public_v4 = parse (public_v4);
  service->public_v6 = parse (public_v6);
  for (; *assist != NULL; assist++)
    {
      listeners[service->n_listeners].is_assist = TRUE;
      listeners[service->n_listeners++].endpoint = parse (*assist);
    }
  kh_own_address_list_assist (service, &local, &login);
  for (guint i = 0; i < login.n_assist; i++)
    {
      char one[KH_ENDPOINT_TEXT_MAX];

      kh_endpoint_print (&login.assist[i], one);
      g_string_append_printf (text, "%s%s", i > 0 ? " " : "", one);
    }
  g_free (service);
  return g_string_free (text, FALSE);
}

static void
test_assist_endpoints (void)
{
  static const struct
  {
    const char *assist[3];
    const char *public_v4, *public_v6, *client, *reached, *expected;
  } cases[] = {
    /* A wildcard is what the client reached; the other family is what is public. */
    { { "[::]:7471" },
      NULL,
      NULL,
      "203.0.113.9:1",
      "198.51.100.1:7470",
      "198.51.100.1:7471" },
    { { "[::]:7471" },
      NULL,
      NULL,
      "[2001:db8::9]:1",
      "[2001:db8::1]:7470",
      "[2001:db8::1]:7471" },
    { { "[::]:7471" },
      "198.51.100.1:0",
      "[2001:db8::1]:0",
      "203.0.113.9:1",
      "198.51.100.1:7470",
      "198.51.100.1:7471 [2001:db8::1]:7471" },
    { { "[::]:7471" },
      "198.51.100.1:0",
      NULL,
      "[2001:db8::9]:1",
      "[2001:db8::1]:7470",
      "[2001:db8::1]:7471 198.51.100.1:7471" },
    /* An IPv4 wildcard has no IPv6. */
    { { "0.0.0.0:7471" },
      "198.51.100.1:0",
      "[2001:db8::1]:0",
      "203.0.113.9:1",
      "198.51.100.1:7470",
      "198.51.100.1:7471" },
    { { "0.0.0.0:7471" },
      "198.51.100.1:0",
      NULL,
      "[2001:db8::9]:1",
      "[2001:db8::1]:7470",
      "198.51.100.1:7471" },
    /* Addresses that were given are given on. */
    { { "198.51.100.1:7471", "198.51.100.2:7471" },
      NULL,
      NULL,
      "203.0.113.9:1",
      "198.51.100.1:7470",
      "198.51.100.1:7471 198.51.100.2:7471" },
    { { "[::]:7471", "[::]:7472" },
      NULL,
      NULL,
      "203.0.113.9:1",
      "198.51.100.1:7470",
      "198.51.100.1:7471 198.51.100.1:7472" },
    /* The provider translates the server's address; a neighbour reaches it directly. */
    { { "[::]:7471" },
      "198.51.100.1:0",
      NULL,
      "203.0.113.9:1",
      "10.0.0.5:7470",
      "198.51.100.1:7471" },
    { { "[::]:7471" },
      "198.51.100.1:0",
      NULL,
      "10.0.0.9:1",
      "10.0.0.5:7470",
      "10.0.0.5:7471" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *told
          = list (cases[i].assist, cases[i].public_v4, cases[i].public_v6,
                  cases[i].client, cases[i].reached);

      g_assert_cmpstr (told, ==, cases[i].expected);
    }
}

static void
test_printed_addresses (void)
{
  static const guint8 id[KH_ID_LEN] = { 1 };
  static const struct
  {
    const char *listen, *public_host;
    guint16 port;
    const char *expected;
  } cases[] = {
    { "192.0.2.1:7470", NULL, 7470, "knothole://192.0.2.1:7470/" },
    { "192.0.2.1:0", NULL, 4000, "knothole://192.0.2.1:4000/" },
    { "[2001:db8::1]:9", NULL, 0, "knothole://[2001:db8::1]:9/" },
    { "[::]:7470", "example.org", 7470, "knothole://example.org:7470/" },
    { "[::]:7470", "2001:db8::1", 7470, "knothole://[2001:db8::1]:7470/" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      char *listen[] = { (char *)cases[i].listen, NULL };
      const KhOptions options
          = { .listen = listen, .public_host = (char *)cases[i].public_host };
      g_autofree char *address = kh_own_address_print (&options, id, cases[i].port);

      g_assert_true (g_str_has_prefix (address, cases[i].expected));
      g_assert_cmpuint (strlen (address), ==, strlen (cases[i].expected) + 56);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/own-address/assist-endpoints", test_assist_endpoints);
  g_test_add_func ("/own-address/printed-addresses", test_printed_addresses);
  return g_test_run ();
}
