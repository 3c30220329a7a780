/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/endpoint.h"

#include <glib.h>
#include <string.h>

#ifdef _WIN32
#include <winsock2.h>
#include <ws2tcpip.h>
#else
#include <arpa/inet.h>
#endif

static const struct
{
  const char *text;
  KhEndpointKind kind;
} KINDS[] = {
  { "0.0.0.0:1", KH_ENDPOINT_NONE },
  { "0.1.2.3:1", KH_ENDPOINT_NONE },
  { "9.255.255.255:1", KH_ENDPOINT_GLOBAL },
  { "10.0.0.0:1", KH_ENDPOINT_PRIVATE },
  { "10.255.255.255:1", KH_ENDPOINT_PRIVATE },
  { "11.0.0.0:1", KH_ENDPOINT_GLOBAL },
  { "100.63.255.255:1", KH_ENDPOINT_GLOBAL },
  { "100.64.0.0:1", KH_ENDPOINT_PRIVATE },
  { "100.127.255.255:1", KH_ENDPOINT_PRIVATE },
  { "100.128.0.0:1", KH_ENDPOINT_GLOBAL },
  { "127.0.0.1:1", KH_ENDPOINT_LOOPBACK },
  { "127.255.0.1:1", KH_ENDPOINT_LOOPBACK },
  { "169.254.0.1:1", KH_ENDPOINT_LINK_LOCAL },
  { "172.15.255.255:1", KH_ENDPOINT_GLOBAL },
  { "172.16.0.0:1", KH_ENDPOINT_PRIVATE },
  { "172.31.255.255:1", KH_ENDPOINT_PRIVATE },
  { "172.32.0.0:1", KH_ENDPOINT_GLOBAL },
  { "192.168.0.1:1", KH_ENDPOINT_PRIVATE },
  { "192.169.0.1:1", KH_ENDPOINT_GLOBAL },
  { "224.0.0.1:1", KH_ENDPOINT_MULTICAST },
  { "255.255.255.255:1", KH_ENDPOINT_MULTICAST },
  { "[::]:1", KH_ENDPOINT_NONE },
  { "[::1]:1", KH_ENDPOINT_LOOPBACK },
  { "[::2]:1", KH_ENDPOINT_GLOBAL },
  { "[2001:db8::1]:1", KH_ENDPOINT_GLOBAL },
  { "[fc00::1]:1", KH_ENDPOINT_PRIVATE },
  { "[fdff::1]:1", KH_ENDPOINT_PRIVATE },
  { "[fe80::1]:1", KH_ENDPOINT_LINK_LOCAL },
  { "[febf::1]:1", KH_ENDPOINT_LINK_LOCAL },
  { "[ff02::1]:1", KH_ENDPOINT_MULTICAST },
  { "[::ffff:10.1.2.3]:1", KH_ENDPOINT_PRIVATE },
};

static void
test_kinds (void)
{
  KhEndpoint endpoint;

  for (gsize i = 0; i < G_N_ELEMENTS (KINDS); i++)
    {
      g_test_message ("%s", KINDS[i].text);
      g_assert_true (kh_endpoint_parse (&endpoint, KINDS[i].text));
      g_assert_cmpint (kh_endpoint_kind (&endpoint), ==, KINDS[i].kind);
    }
  endpoint.family = 0;
  g_assert_cmpint (kh_endpoint_kind (&endpoint), ==, KH_ENDPOINT_NONE);
}

static void
test_mapped_ipv4_is_ipv4 (void)
{
  KhEndpoint plain, mapped;
  guint8 wire[KH_ENDPOINT_LEN_MAX] = { 6, [11] = 0xff, 0xff, 1, 2, 3, 4, 0x16, 0x2e };
  KhReader reader;

  g_assert_true (kh_endpoint_parse (&plain, "1.2.3.4:5678"));
  g_assert_true (kh_endpoint_parse (&mapped, "[::ffff:1.2.3.4]:5678"));
  g_assert_true (kh_endpoint_equal (&plain, &mapped));
  g_assert_true (kh_endpoint_parse (&mapped, "[::ffff:0102:0304]:5678"));
  g_assert_true (kh_endpoint_equal (&plain, &mapped));
  kh_reader_init (&reader, wire, sizeof wire);
  mapped = kh_endpoint_read (&reader);
  g_assert_true (kh_reader_done (&reader));
  g_assert_true (kh_endpoint_equal (&plain, &mapped));
  g_assert_cmpuint (mapped.family, ==, 4);
}

static void
test_bad_texts (void)
{
  static const char *const bad[] = { "",
                                     "1.2.3.4",
                                     "1.2.3.4:",
                                     "1.2.3:1",
                                     "1.2.3.4.5:1",
                                     "256.1.1.1:1",
                                     "01.2.3.4:1",
                                     "1.2.3.4:65536",
                                     "1.2.3.4:-1",
                                     "1.2.3.4: 1",
                                     "::1:1",
                                     "[::1]",
                                     "[::1]:",
                                     "[::1:1",
                                     "::1]:1",
                                     "[:::]:1",
                                     "[1::2::3]:1",
                                     "[12345::]:1",
                                     "[1:2:3:4:5:6:7]:1",
                                     "[1:2:3:4:5:6:7:8:9]:1",
                                     "[1:2:3:4:5:6:7:8::]:1",
                                     "[g::]:1",
                                     "[1.2.3.4]:1",
                                     "[::1.2.3]:1",
                                     "[::1.2.3.4:5]:1",
                                     "[1:]:1",
                                     "[:1]:1",
                                     "[]:1",
                                     ":1",
                                     "[fe80::1%eth0]:1",
                                     "localhost:1",
                                     "1.2.3.4:99999999999999999999" };
  KhEndpoint endpoint = { .family = 4, .address = { 9, 9, 9, 9 }, .port = 9 };
  const KhEndpoint before = endpoint;

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_test_message ("%s", bad[i]);
      g_assert_false (kh_endpoint_parse (&endpoint, bad[i]));
      g_assert_true (kh_endpoint_equal (&endpoint, &before));
    }
}

static KhEndpoint
random_endpoint (void)
{
  guint8 address[16];

  /* Many zero groups, so that every shape of "::" comes up. */
  for (gsize i = 0; i < 16; i += 2)
    {
      guint32 bits = g_test_rand_int ();

      address[i] = bits & 0x10000 ? 0 : (guint8)bits;
      address[i + 1] = bits & 0x30000 ? 0 : (guint8)(bits >> 8);
    }
  return g_test_rand_bit () ? kh_endpoint_v4 (address, (guint16)g_test_rand_int ())
                            : kh_endpoint_v6 (address, (guint16)g_test_rand_int ());
}

/* The C library prints the same; parsing and the wire bring the same back. */
static void
test_any_endpoint_comes_back (void)
{
  for (guint i = 0; i < 20000; i++)
    {
      KhEndpoint endpoint = random_endpoint (), back;
      char text[KH_ENDPOINT_TEXT_MAX], theirs[INET6_ADDRSTRLEN];
      g_autofree char *expected = NULL;
      guint8 wire[KH_ENDPOINT_LEN_MAX];
      KhWriter writer;
      KhReader reader;

      kh_endpoint_print (&endpoint, text);
      g_assert_nonnull (inet_ntop (endpoint.family == 4 ? AF_INET : AF_INET6,
                                   endpoint.address, theirs, sizeof theirs));
      expected = g_strdup_printf (endpoint.family == 4 ? "%s:%u" : "[%s]:%u", theirs,
                                  endpoint.port);
      /* glibc writes the deprecated ::1.2.3.4 for the first 2^32 addresses. */
      if (endpoint.family == 4 || strchr (theirs, '.') == NULL)
        g_assert_cmpstr (text, ==, expected);
      g_assert_true (kh_endpoint_parse (&back, text));
      g_assert_true (kh_endpoint_equal (&endpoint, &back));

      kh_writer_init (&writer, wire, sizeof wire);
      kh_endpoint_write (&endpoint, &writer);
      g_assert_true (kh_writer_done (&writer));
      kh_reader_init (&reader, wire, writer.len);
      back = kh_endpoint_read (&reader);
      g_assert_true (kh_reader_done (&reader));
      g_assert_cmpuint (reader.left, ==, 0);
      g_assert_true (kh_endpoint_equal (&endpoint, &back));
    }
}

static void
test_longest_text_fits (void)
{
  KhEndpoint endpoint;
  char text[KH_ENDPOINT_TEXT_MAX];
  static const char longest[] = "[1111:2222:3333:4444:5555:6666:7777:8888]:65535";

  G_STATIC_ASSERT (sizeof longest == KH_ENDPOINT_TEXT_MAX);
  g_assert_true (kh_endpoint_parse (&endpoint, longest));
  kh_endpoint_print (&endpoint, text);
  g_assert_cmpstr (text, ==, longest);
}

static void
test_no_endpoint_is_not_written_or_read (void)
{
  const KhEndpoint none = { 0 };
  guint8 wire[KH_ENDPOINT_LEN_MAX] = { 5 };
  char text[KH_ENDPOINT_TEXT_MAX];
  KhWriter writer;
  KhReader reader;

  kh_writer_init (&writer, wire + 1, sizeof wire - 1);
  kh_endpoint_write (&none, &writer);
  g_assert_false (kh_writer_done (&writer));
  kh_reader_init (&reader, wire, sizeof wire);
  g_assert_cmpuint (kh_endpoint_read (&reader).family, ==, 0);
  g_assert_false (kh_reader_done (&reader));
  g_assert_false (kh_endpoint_equal (&none, &none));
  kh_endpoint_print (&none, text);
  g_assert_cmpstr (text, ==, "none");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/endpoint/kinds", test_kinds);
  g_test_add_func ("/endpoint/mapped-ipv4-is-ipv4", test_mapped_ipv4_is_ipv4);
  g_test_add_func ("/endpoint/bad-texts-are-refused", test_bad_texts);
  g_test_add_func ("/endpoint/any-endpoint-comes-back", test_any_endpoint_comes_back);
  g_test_add_func ("/endpoint/longest-text-fits", test_longest_text_fits);
  g_test_add_func ("/endpoint/no-endpoint-is-not-written-or-read",
                   test_no_endpoint_is_not_written_or_read);
  return g_test_run ();
}
