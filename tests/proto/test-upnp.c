/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/upnp.h"

#include <glib.h>
#include <string.h>

#define IGD "urn:schemas-upnp-org:device:InternetGatewayDevice:"

static void
expect_url (const char *text, const char *endpoint, const char *path)
{
  char printed[KH_ENDPOINT_TEXT_MAX];
  KhUpnpUrl url;

  g_assert_true (kh_upnp_read_url (&url, text, strlen (text)));
  kh_endpoint_print (&url.endpoint, printed);
  g_assert_cmpstr (printed, ==, endpoint);
  g_assert_cmpstr (url.path, ==, path);
  g_assert_cmpstr (url.text, ==, text);
}

static void
test_addresses_in_digits_are_read (void)
{
  expect_url ("http://192.168.1.1:5000/d.xml?a=b", "192.168.1.1:5000", "/d.xml?a=b");
  expect_url ("HTTP://192.168.1.1/d", "192.168.1.1:80", "/d");
  expect_url ("http://192.168.1.1:65535", "192.168.1.1:65535", "/");
}

static void
test_other_addresses_are_none (void)
{
  static const char *const WRONG[] = {
    "",
    "http://",
    "https://192.168.1.1/",
    "ftp://192.168.1.1/",
    "http://router.example/",
    "http://[2001:db8::1]/",
    "http://192.168.1.1:/",
    "http://192.168.1.1:0/",
    "http://192.168.1.1:65536/",
    "http://192.168.1.1:99999999999/",
    "http://192.168.1.1:80a/",
    "http://user@192.168.1.1/",
    "http://192.168.1.1/a b",
    "http://192.168.1.1/a\r\nX: y",
    "http://192.168.1.1/\xc3\xa9",
    "http://192.168.1/",
  };
  g_autofree char *long_one = g_strnfill (KH_UPNP_URL_MAX, 'a');
  KhUpnpUrl url, nothing = { 0 };

  memcpy (long_one, "http://192.168.1.1/", 19);
  for (guint i = 0; i < G_N_ELEMENTS (WRONG); i++)
    {
      g_assert_false (kh_upnp_read_url (&url, WRONG[i], strlen (WRONG[i])));
      g_assert_cmpmem (&url, sizeof url, &nothing, sizeof nothing);
    }
  g_assert_false (kh_upnp_read_url (&url, long_one, KH_UPNP_URL_MAX));
  g_assert_true (kh_upnp_read_url (&url, long_one, KH_UPNP_URL_MAX - 2));
}

static gboolean
is_found (const char *text)
{
  KhUpnpUrl url;

  return kh_upnp_read_found (&url, text, strlen (text));
}

static void
test_what_maps_ports_is_found (void)
{
  g_assert_true (is_found ("HTTP/1.1 200 OK\r\nST: " IGD "1\r\n"
                           "Location: http://192.168.1.1:5000/d\r\n\r\n"));
  g_assert_true (is_found ("HTTP/1.1 200 OK\nLOCATION:http://192.168.1.1:5000/d \r\n"
                           "X: y\nst:\t" IGD "2"));
  g_assert_true (is_found ("HTTP/1.1 200 OK\r\nST: urn:schemas-upnp-org:service:"
                           "WANIPConnection:2\r\nLocation: http://192.168.1.1/\r\n\r\n"));
}

static void
test_others_are_not_found (void)
{
  g_assert_false (is_found (""));
  g_assert_false (is_found ("NOTIFY * HTTP/1.1\r\nST: " IGD "1\r\n"
                            "Location: http://192.168.1.1:5000/d\r\n\r\n"));
  g_assert_false (is_found ("HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\n"
                            "Location: http://192.168.1.1:5000/d\r\n\r\n"));
  g_assert_false (is_found ("HTTP/1.1 200 OK\r\nST: " IGD "1\r\n\r\n"));
  g_assert_false (is_found ("HTTP/1.1 200 OK\r\n"
                            "Location: http://192.168.1.1:5000/d\r\n\r\n"));
  g_assert_false (is_found ("HTTP/1.1 200 OK\r\nST: " IGD "1\r\n"
                            "Location: http://router/d\r\n\r\n"));
}

static void
test_a_question_names_each_target (void)
{
  char bytes[257] = { 0 };
  KhWriter writer;

  for (guint i = 0; i < KH_UPNP_N_TARGETS; i++)
    {
      kh_writer_init (&writer, bytes, 256);
      g_assert_true (kh_upnp_write_search (&writer, i));
      bytes[writer.len] = '\0';
      g_assert_true (g_str_has_prefix (bytes, "M-SEARCH * HTTP/1.1\r\n"));
      g_assert_true (g_str_has_suffix (bytes, "\r\n\r\n"));
      g_assert_nonnull (strstr (bytes, "\r\nST: urn:schemas-upnp-org:"));
    }
  kh_writer_init (&writer, bytes, 100);
  g_assert_false (kh_upnp_write_search (&writer, 0));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/upnp/addresses-in-digits-are-read",
                   test_addresses_in_digits_are_read);
  g_test_add_func ("/upnp/other-addresses-are-none", test_other_addresses_are_none);
  g_test_add_func ("/upnp/what-maps-ports-is-found", test_what_maps_ports_is_found);
  g_test_add_func ("/upnp/others-are-not-found", test_others_are_not_found);
  g_test_add_func ("/upnp/a-question-names-each-target",
                   test_a_question_names_each_target);
  return g_test_run ();
}
