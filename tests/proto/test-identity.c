/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/identity.h"

#include <glib.h>
#include <sodium.h>
#include <string.h>

static const guint8 COUNTING[32]
    = { 0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
        16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31 };

/* From Python's hashlib and base64. */
static const char COUNTING_PEER[]
    = "aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dypufaln";
static const char COUNTING_SERVER[]
    = "aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dyp4db4q";

/* cr.yp.to/ecdh.html: all points of low order, with p and 2p added where it fits.
 * Each is also refused with the highest bit set, which X25519 ignores. */
static const char *const LOW_ORDER[] = {
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};

static KhIdentityError
parse (KhIdentityKind kind, const char *text)
{
  guint8 key[32];

  return kh_identity_from_text (kind, text, strlen (text), key, NULL);
}

static void
fill_random (guint8 key[32])
{
  for (guint i = 0; i < 32; i++)
    key[i] = (guint8)g_test_rand_int ();
}

static void
test_texts_of_another_implementation (void)
{
  char text[KH_IDENTITY_TEXT_LEN + 1];
  guint8 key[32];

  kh_identity_to_text (KH_IDENTITY_PEER, COUNTING, text);
  g_assert_cmpstr (text, ==, COUNTING_PEER);
  kh_identity_to_text (KH_IDENTITY_SERVER, COUNTING, text);
  g_assert_cmpstr (text, ==, COUNTING_SERVER);

  g_assert_cmpint (kh_identity_from_text (KH_IDENTITY_SERVER, text, 56, key, NULL), ==,
                   KH_IDENTITY_OK);
  g_assert_cmpmem (key, 32, COUNTING, 32);
}

static void
test_every_key_comes_back_in_any_case (void)
{
  for (guint round = 0; round < 500; round++)
    {
      KhIdentityKind kind = g_test_rand_bit () ? KH_IDENTITY_PEER : KH_IDENTITY_SERVER;
      char text[KH_IDENTITY_TEXT_LEN + 1];
      guint8 key[32], read[32];

      fill_random (key);
      kh_identity_to_text (kind, key, text);
      g_assert_cmpuint (strlen (text), ==, KH_IDENTITY_TEXT_LEN);
      for (guint i = 0; i < KH_IDENTITY_TEXT_LEN; i++)
        if (g_test_rand_bit ())
          text[i] = g_ascii_toupper (text[i]);
      g_assert_cmpint (kh_identity_from_text (kind, text, 56, read, NULL), ==,
                       KH_IDENTITY_OK);
      g_assert_cmpmem (read, 32, key, 32);
    }
}

static void
test_wrong_length (void)
{
  guint8 key[32];

  for (gsize len = 0; len < 56; len++)
    g_assert_cmpint (
        kh_identity_from_text (KH_IDENTITY_PEER, COUNTING_PEER, len, key, NULL), ==,
        KH_IDENTITY_WRONG_LENGTH);
  g_assert_cmpint (kh_identity_from_text (KH_IDENTITY_PEER, COUNTING_PEER, 57, key, NULL),
                   ==, KH_IDENTITY_WRONG_LENGTH);
}

static void
test_wrong_character_and_where (void)
{
  static const char wrong[] = "0189-= \n{`[@/\x80\xff";

  for (gsize i = 0; i < sizeof wrong; i++) /* and NUL */
    {
      gsize place = (gsize)g_test_rand_int_range (0, 56), position = 99;
      guint8 key[32];
      char text[57];

      memcpy (text, COUNTING_PEER, sizeof text);
      text[place] = wrong[i];
      g_assert_cmpint (kh_identity_from_text (KH_IDENTITY_PEER, text, 56, key, &position),
                       ==, KH_IDENTITY_WRONG_CHARACTER);
      g_assert_cmpuint (position, ==, place);
    }
}

/* With 24 bits of checksum, no typo of one letter in these texts goes unseen. */
static void
test_typo_is_seen_and_leaves_the_key_alone (void)
{
  for (guint place = 0; place < 56; place++)
    for (guint step = 1; step < 26; step++)
      {
        guint8 key[32] = { 0 };
        gsize position = 99;
        char text[57];

        memcpy (text, COUNTING_SERVER, sizeof text);
        if (!g_ascii_isalpha (text[place]))
          continue;
        text[place] = (char)('a' + (text[place] - 'a' + (int)step) % 26);
        g_assert_cmpint (
            kh_identity_from_text (KH_IDENTITY_SERVER, text, 56, key, &position), ==,
            KH_IDENTITY_WRONG_CHECKSUM);
        g_assert_cmpuint (position, ==, 99);
        g_assert_true (sodium_is_zero (key, sizeof key));
      }
}

static void
test_other_kind_is_named (void)
{
  g_assert_cmpint (parse (KH_IDENTITY_PEER, COUNTING_SERVER), ==, KH_IDENTITY_OTHER_KIND);
  g_assert_cmpint (parse (KH_IDENTITY_SERVER, COUNTING_PEER), ==, KH_IDENTITY_OTHER_KIND);
}

static void
test_keys_of_low_order_are_refused (void)
{
  for (guint i = 0; i < 2 * G_N_ELEMENTS (LOW_ORDER); i++)
    {
      char text[KH_IDENTITY_TEXT_LEN + 1];
      guint8 key[32];

      sodium_hex2bin (key, sizeof key, LOW_ORDER[i / 2], 64, NULL, NULL, NULL);
      key[31] |= i % 2 == 1 ? 0x80 : 0;
      kh_identity_to_text (KH_IDENTITY_PEER, key, text);
      g_assert_cmpint (parse (KH_IDENTITY_PEER, text), ==, KH_IDENTITY_LOW_ORDER);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  g_test_add_func ("/identity/texts-of-another-implementation",
                   test_texts_of_another_implementation);
  g_test_add_func ("/identity/every-key-comes-back-in-any-case",
                   test_every_key_comes_back_in_any_case);
  g_test_add_func ("/identity/wrong-length", test_wrong_length);
  g_test_add_func ("/identity/wrong-character-and-where", test_wrong_character_and_where);
  g_test_add_func ("/identity/typo-is-seen-and-leaves-the-key-alone",
                   test_typo_is_seen_and_leaves_the_key_alone);
  g_test_add_func ("/identity/other-kind-is-named", test_other_kind_is_named);
  g_test_add_func ("/identity/keys-of-low-order-are-refused",
                   test_keys_of_low_order_are_refused);
  return g_test_run ();
}
