/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/own-address.h"
#include "server/listener.h"
#include "server/standard-input.h"

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

/* What a client of @service is told, as one text. */
static char *
list_at (const KhService *service, const char *client, const char *reached)
{
  KhDirectoryLogin login = { .endpoint = parse (client) };
  KhEndpoint local = parse (reached);
  GString *text = g_string_new (NULL);

  kh_own_address_list_assist (service, &local, &login);
  for (guint i = 0; i < login.n_assist; i++)
    {
      char one[KH_ENDPOINT_TEXT_MAX];

      kh_endpoint_print (&login.assist[i], one);
      g_string_append_printf (text, "%s%s", i > 0 ? " " : "", one);
    }
  return g_string_free (text, FALSE);
}

static char *
list (const char *const *assist, const char *public_v4, const char *public_v6,
      const char *client, const char *reached)
{
  KhListener listeners[9] = { { .endpoint = parse ("[::]:7470") } };
  KhService *service = g_new0 (KhService, 1);
  char *text;

  service->listeners = listeners;
  service->n_listeners = 1;
  service->public_v4 = parse (public_v4);
  service->public_v6 = parse (public_v6);
  for (; *assist != NULL; assist++)
    {
      listeners[service->n_listeners].is_assist = TRUE;
      listeners[service->n_listeners++].endpoint = parse (*assist);
    }
  text = list_at (service, client, reached);
  g_free (service);
  return text;
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

/* Behind a router, as the options and then standard input say. */
static void
test_outside (void)
{
  static const struct
  {
    const char *said, *friend, *in_v6;
  } cases[] = {
    { "", "198.51.100.1:9471", "[2001:db8::1]:7471 198.51.100.1:9471" },
    { "outside 203.0.113.7 47471\n", "203.0.113.7:47471",
      "[2001:db8::1]:7471 203.0.113.7:47471" },
    { "outside 192.168.1.1 1\noutside 203.0.113.8\noutside 203.0.113.8 0\n"
      "outside 203.0.113.8 65536\noutside 203.0.113.8 1 \noutside [::1] 1\n"
      "outside  203.0.113.8 1\noutside 2001:db8::8 1\nOutside\n\n \nquit\noutside",
      "203.0.113.7:47471", "[2001:db8::1]:7471 203.0.113.7:47471" },
    { "\noutside 203.0.113.9 2\noutside 203.0.113.8 1", "203.0.113.9:2",
      "[2001:db8::1]:7471 203.0.113.9:2" },
    { "\noutside\n", "198.51.100.1:9471", "[2001:db8::1]:7471 198.51.100.1:9471" },
  };
  KhListener listener = { .endpoint = parse ("[::]:7471"), .is_assist = TRUE };
  KhDirectoryConfig config = kh_directory_defaults ();
  const guint8 key[KH_DIRECTORY_KEY_LEN] = { 1 };
  const KhOptions options = { .public_assist_port = 9471 };
  KhService *service = g_new0 (KhService, 1);
  g_autofree char *endless = g_strnfill (4096, 'o');

  config.max_clients = 1;
  service->directory
      = kh_directory_init (g_malloc0 (kh_directory_size (&config)), &config, key);
  service->options = &options;
  service->listeners = &listener;
  service->n_listeners = 1;
  service->public_v4 = parse ("198.51.100.1:0");
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *friend = NULL;
      g_autofree char *in_v6 = NULL;
      g_autofree char *inside = NULL;

      for (const char *at = cases[i].said; *at != '\0'; at++)
        kh_standard_input_take (service, at, 1);
      friend = list_at (service, "203.0.113.9:1", "10.0.0.5:7470");
      in_v6 = list_at (service, "[2001:db8::9]:1", "[2001:db8::1]:7470");
      inside = list_at (service, "10.0.0.9:1", "10.0.0.5:7470");
      g_assert_cmpstr (friend, ==, cases[i].friend);
      g_assert_cmpstr (in_v6, ==, cases[i].in_v6);
      g_assert_cmpstr (inside, ==, "10.0.0.5:7471");
      /* A line that never ends is dropped, and the next one is a line again. */
      if (*cases[i].said == '\0')
        {
          kh_standard_input_take (service, endless, 4096);
          kh_standard_input_take (service, "\n", 1);
        }
    }
  kh_directory_clear (service->directory);
  g_free (service->directory);
  g_free (service);
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
  g_test_add_func ("/own-address/outside", test_outside);
  g_test_add_func ("/own-address/printed-addresses", test_printed_addresses);
  return g_test_run ();
}
