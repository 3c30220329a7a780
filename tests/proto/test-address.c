/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/address.h"

#include <glib.h>
#include <sodium.h>
#include <string.h>

#define PEER "aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dypufaln"
#define SERVER "aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dyp4db4q"
#define LABEL_63 "a23456789b23456789c23456789d23456789e23456789f23456789g23456789"

static const guint8 COUNTING[32]
    = { 0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
        16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31 };

static void
assert_same (const KhAddress *one, const KhAddress *other)
{
  g_assert_cmpstr (one->host, ==, other->host);
  g_assert_cmpuint (one->port, ==, other->port);
  g_assert_cmpint (one->has_key, ==, other->has_key);
  g_assert_cmpmem (one->key, 32, other->key, 32);
  g_assert_cmpstr (one->room, ==, other->room);
  g_assert_cmpint (one->has_peer, ==, other->has_peer);
  g_assert_cmpmem (one->peer, 32, other->peer, 32);
}

static void
test_host_and_port (void)
{
  static const struct
  {
    const char *text;
    const char *host;
    guint16 port;
  } good[] = {
    { "example.org", "example.org", 7470 },
    { "example.org.", "example.org.", 7470 },
    { "  Example.ORG:1\n", "example.org", 1 },
    { "knothole://a", "a", 7470 },
    { "KnotHole://a:65535", "a", 65535 },
    { "knothole://x--1.example/", "x--1.example", 7470 },
    { "knothole:80", "knothole", 80 },
    { "192.0.2.1:07470", "192.0.2.1", 7470 },
    { "1.example", "1.example", 7470 },
    { "[::1]", "::1", 7470 },
    { "knothole://[2001:DB8::1]:99", "2001:db8::1", 99 },
    { "[::ffff:1.2.3.4]:5", "::ffff:1.2.3.4", 5 },
    { LABEL_63 ".org", LABEL_63 ".org", 7470 },
    { LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_63, NULL /* 255 bytes */, 0 },
    { LABEL_63 "." LABEL_63 "." LABEL_63 ".a23456789b23456789c23456789d23456789e23456789"
               "f23456789g234567",
      LABEL_63 "." LABEL_63 "." LABEL_63 ".a23456789b23456789c23456789d23456789e23456789"
               "f23456789g234567",
      7470 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      KhAddress address;
      KhAddressError error = kh_address_parse (good[i].text, &address);

      g_test_message ("%s", good[i].text);
      if (good[i].host == NULL)
        {
          g_assert_cmpint (error, ==, KH_ADDRESS_WRONG_HOST);
          continue;
        }
      g_assert_cmpint (error, ==, KH_ADDRESS_OK);
      g_assert_cmpstr (address.host, ==, good[i].host);
      g_assert_cmpuint (address.port, ==, good[i].port);
      g_assert_false (address.has_key || address.has_peer || address.room[0] != '\0');
    }
}

static void
test_ids_and_room (void)
{
  static const char *const same[] = {
    "knothole://h/" SERVER "#room=old%20oak&peer=" PEER,
    "knothole://h/" SERVER "#peer=" PEER "&room=old%20oak",
    "h/" SERVER "#x=%zz&room=old oak&&peer=" PEER "&room2=no&ROO",
    "h/" SERVER "#Room=other&rOOm=%6f%6C%64%20oak&Peer=" PEER "&",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (same); i++)
    {
      KhAddress address;

      g_test_message ("%s", same[i]);
      g_assert_cmpint (kh_address_parse (same[i], &address), ==, KH_ADDRESS_OK);
      g_assert_true (address.has_key && address.has_peer);
      g_assert_cmpmem (address.key, 32, COUNTING, 32);
      g_assert_cmpmem (address.peer, 32, COUNTING, 32);
      g_assert_cmpstr (address.room, ==, "old oak");
    }
}

static const struct
{
  const char *text;
  KhAddressError error;
} WRONG[] = {
  { "", KH_ADDRESS_EMPTY },
  { " \t\n", KH_ADDRESS_EMPTY },
  { "https://example.org", KH_ADDRESS_WRONG_SCHEME },
  { "://example.org", KH_ADDRESS_WRONG_SCHEME },
  { "knothole://", KH_ADDRESS_NO_HOST },
  { "knothole://#room=x", KH_ADDRESS_NO_HOST },
  { ":7470", KH_ADDRESS_NO_HOST },
  { "/" SERVER, KH_ADDRESS_NO_HOST },
  { "a b", KH_ADDRESS_WRONG_HOST },
  { "a..b", KH_ADDRESS_WRONG_HOST },
  { ".", KH_ADDRESS_WRONG_HOST },
  { "a..", KH_ADDRESS_WRONG_HOST },
  { "-a.b", KH_ADDRESS_WRONG_HOST },
  { "a-.b", KH_ADDRESS_WRONG_HOST },
  { "a_b", KH_ADDRESS_WRONG_HOST },
  { "me@host", KH_ADDRESS_WRONG_HOST },
  { "m\xc3\xbcller.example", KH_ADDRESS_WRONG_HOST },
  { LABEL_63 "x.org", KH_ADDRESS_WRONG_HOST },
  { "256.1.1.1", KH_ADDRESS_WRONG_IPV4 },
  { "1.2.3", KH_ADDRESS_WRONG_IPV4 },
  { "7470", KH_ADDRESS_WRONG_IPV4 },
  { "[1.2.3.4]", KH_ADDRESS_WRONG_IPV6 },
  { "[::1", KH_ADDRESS_WRONG_IPV6 },
  { "[]", KH_ADDRESS_WRONG_IPV6 },
  { "[fe80::1%eth0]", KH_ADDRESS_WRONG_IPV6 },
  { "::1", KH_ADDRESS_IPV6_WITHOUT_BRACKETS },
  { "knothole://2001:db8::1", KH_ADDRESS_IPV6_WITHOUT_BRACKETS },
  { "h:", KH_ADDRESS_WRONG_PORT },
  { "h:0", KH_ADDRESS_WRONG_PORT },
  { "h:65536", KH_ADDRESS_WRONG_PORT },
  { "h:4294967297", KH_ADDRESS_WRONG_PORT },
  { "h:-1", KH_ADDRESS_WRONG_PORT },
  { "h:7x", KH_ADDRESS_WRONG_PORT },
  { "h:1:2", KH_ADDRESS_WRONG_PORT },
  { "[::1]7470", KH_ADDRESS_WRONG_PORT },
  { "h/abc", KH_ADDRESS_SERVER_ID_WRONG_LENGTH },
  { "h/" SERVER "/", KH_ADDRESS_SERVER_ID_WRONG_LENGTH },
  { "h/1aaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dyp4db4q",
    KH_ADDRESS_SERVER_ID_WRONG_CHARACTER },
  { "h/baaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dyp4db4q",
    KH_ADDRESS_SERVER_ID_WRONG_CHECKSUM },
  { "h/" PEER, KH_ADDRESS_SERVER_ID_OF_PERSON },
  { "h#peer=", KH_ADDRESS_PEER_ID_WRONG_LENGTH },
  { "h#peer=1aaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dypufaln",
    KH_ADDRESS_PEER_ID_WRONG_CHARACTER },
  { "h#peer=baaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dypufaln",
    KH_ADDRESS_PEER_ID_WRONG_CHECKSUM },
  { "h#peer=" SERVER, KH_ADDRESS_PEER_ID_OF_SERVER },
  { "h#room=%", KH_ADDRESS_ROOM_WRONG_ESCAPE },
  { "h#room=a%4", KH_ADDRESS_ROOM_WRONG_ESCAPE },
  { "h#room=a%4&x=1", KH_ADDRESS_ROOM_WRONG_ESCAPE },
  { "h#room=%g0", KH_ADDRESS_ROOM_WRONG_ESCAPE },
  { "h#room=%ff", KH_ADDRESS_ROOM_NOT_TEXT },
  { "h#room=%C0%80", KH_ADDRESS_ROOM_NOT_TEXT },
  { "h#room=a%00b", KH_ADDRESS_ROOM_NOT_TEXT },
  { "h#room=%1b[31m", KH_ADDRESS_ROOM_NOT_TEXT },
  { "h#room=%c2%9b", KH_ADDRESS_ROOM_NOT_TEXT },
};

static void
test_wrong_part_is_named (void)
{
  static const KhAddress nothing;

  for (gsize i = 0; i < G_N_ELEMENTS (WRONG); i++)
    {
      KhAddress address;

      g_test_message ("%s", WRONG[i].text);
      g_assert_cmpint (kh_address_parse (WRONG[i].text, &address), ==, WRONG[i].error);
      assert_same (&address, &nothing);
    }
}

static void
test_id_of_low_order_is_refused (void)
{
  static const guint8 zero[32];
  char id[KH_IDENTITY_TEXT_LEN + 1], text[100];
  KhAddress address;

  kh_identity_to_text (KH_IDENTITY_SERVER, zero, id);
  g_snprintf (text, sizeof text, "h/%s", id);
  g_assert_cmpint (kh_address_parse (text, &address), ==, KH_ADDRESS_SERVER_ID_LOW_ORDER);
  kh_identity_to_text (KH_IDENTITY_PEER, zero, id);
  g_snprintf (text, sizeof text, "h#peer=%s", id);
  g_assert_cmpint (kh_address_parse (text, &address), ==, KH_ADDRESS_PEER_ID_LOW_ORDER);
}

static void
test_room_of_128_bytes_and_no_more (void)
{
  g_autofree char *room = g_strnfill (128, 'x');
  g_autofree char *fits = g_strconcat ("h#room=", room, NULL);
  g_autofree char *too_long = g_strconcat (fits, "%20", NULL);
  KhAddress address;

  g_assert_cmpint (kh_address_parse (fits, &address), ==, KH_ADDRESS_OK);
  g_assert_cmpstr (address.room, ==, room);
  g_assert_cmpint (kh_address_parse (too_long, &address), ==, KH_ADDRESS_ROOM_TOO_LONG);
}

static void
test_every_error_has_its_own_sentence (void)
{
  g_autoptr (GHashTable) seen
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  char sentence[KH_ADDRESS_PROBLEM_MAX];
  char cut[9];

  g_assert_true (kh_address_explain (KH_ADDRESS_OK, sentence, sizeof sentence));
  g_assert_cmpstr (sentence, ==, "");
  for (guint i = KH_ADDRESS_EMPTY; i <= KH_ADDRESS_ROOM_TOO_LONG; i++)
    {
      g_assert_false (kh_address_explain ((KhAddressError)i, sentence, sizeof sentence));
      g_assert_cmpuint (strlen (sentence), >, 10);
      g_assert_cmpuint (strlen (sentence), <, sizeof sentence - 1); /* not cut */
      g_assert_true (g_hash_table_add (seen, g_strdup (sentence)));
    }

  kh_address_explain (KH_ADDRESS_WRONG_PORT, sentence, sizeof sentence);
  g_assert_cmpstr (sentence, ==, "The port is not a number from 1 to 65535");
  kh_address_explain (KH_ADDRESS_WRONG_PORT, cut, sizeof cut);
  g_assert_cmpstr (cut, ==, "The port");
}

static void
test_known_texts (void)
{
  KhAddress address = { .host = "2001:db8::1", .port = 7470 };
  char text[KH_ADDRESS_TEXT_MAX];

  g_assert_true (kh_address_to_text (&address, text, sizeof text));
  g_assert_cmpstr (text, ==, "knothole://[2001:db8::1]");

  g_strlcpy (address.host, "example.org", sizeof address.host);
  g_strlcpy (address.room, "\xc3\xbc & 100%~", sizeof address.room);
  address.port = 10203;
  address.has_key = address.has_peer = true;
  memcpy (address.key, COUNTING, 32);
  memcpy (address.peer, COUNTING, 32);
  g_assert_true (kh_address_to_text (&address, text, sizeof text));
  g_assert_cmpstr (text, ==,
                   "knothole://example.org:10203/" SERVER
                   "#room=%C3%BC%20%26%20100%25~&peer=" PEER);
}

static KhAddress
any_address (void)
{
  static const char *const hosts[]
      = { "a", "example.org", "192.0.2.77", "::", "2001:db8::ffff:1" };
  KhAddress address = { .port = (guint16)g_test_rand_int_range (1, 65536) };
  gint left = g_test_rand_int_range (0, KH_ROOM_WORD_MAX + 1);
  char *at = address.room;

  if (g_test_rand_bit ())
    address.port = KH_ADDRESS_DEFAULT_PORT;
  g_strlcpy (address.host, hosts[g_test_rand_int_range (0, G_N_ELEMENTS (hosts))],
             sizeof address.host);
  address.has_key = g_test_rand_bit ();
  address.has_peer = g_test_rand_bit ();
  for (guint i = 0; i < 32; i++)
    {
      address.key[i] = address.has_key ? (guint8)g_test_rand_int () : 0;
      address.peer[i] = address.has_peer ? (guint8)g_test_rand_int () : 0;
    }
  for (; left > 3 && g_test_rand_int_range (0, 40) > 0; left -= 3)
    at += g_unichar_to_utf8 (g_test_rand_bit ()
                                 ? (gunichar)g_test_rand_int_range (32, 127)
                                 : (gunichar)g_test_rand_int_range (160, 0xd800),
                             at);
  return address;
}

static void
test_text_is_read_back_as_the_same (void)
{
  for (guint round = 0; round < 2000; round++)
    {
      KhAddress address = any_address (), read;
      char text[KH_ADDRESS_TEXT_MAX];

      g_assert_true (kh_address_to_text (&address, text, sizeof text));
      g_assert_cmpint (kh_address_parse (text, &read), ==, KH_ADDRESS_OK);
      assert_same (&read, &address);
    }
}

static void
test_longest_text_fits_exactly (void)
{
  KhAddress address = { .port = 65535, .has_key = true, .has_peer = true };
  char text[KH_ADDRESS_TEXT_MAX];

  memset (address.host, 'a', KH_ADDRESS_HOST_MAX);
  memset (address.room, '%', KH_ROOM_WORD_MAX);
  g_assert_true (kh_address_to_text (&address, text, sizeof text));
  g_assert_cmpuint (strlen (text), ==, KH_ADDRESS_TEXT_MAX - 1 - 2); /* no brackets */
  g_assert_false (kh_address_to_text (&address, text, strlen (text)));
  g_assert_cmpstr (text, ==, "");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  g_test_add_func ("/address/host-and-port", test_host_and_port);
  g_test_add_func ("/address/ids-and-room", test_ids_and_room);
  g_test_add_func ("/address/wrong-part-is-named", test_wrong_part_is_named);
  g_test_add_func ("/address/id-of-low-order-is-refused",
                   test_id_of_low_order_is_refused);
  g_test_add_func ("/address/room-of-128-bytes-and-no-more",
                   test_room_of_128_bytes_and_no_more);
  g_test_add_func ("/address/every-error-has-its-own-sentence",
                   test_every_error_has_its_own_sentence);
  g_test_add_func ("/address/known-texts", test_known_texts);
  g_test_add_func ("/address/text-is-read-back-as-the-same",
                   test_text_is_read_back_as_the_same);
  g_test_add_func ("/address/longest-text-fits-exactly", test_longest_text_fits_exactly);
  return g_test_run ();
}
