/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/token.h"

#include <glib.h>
#include <sodium.h>
#include <string.h>

static void
compute (guint8 token[KH_TOKEN_LEN], guint8 round, guint8 index, KhTokenKind kind)
{
  guint8 secret[KH_TOKEN_SECRET_LEN], call_id[16];

  for (guint8 i = 0; i < sizeof secret; i++)
    secret[i] = i;
  for (guint8 i = 0; i < sizeof call_id; i++)
    call_id[i] = 0x40 + i;
  kh_token_compute (token, secret, call_id, round, index, kind);
}

/* From Python: hashlib.blake2b (b'knothole assist 1' + bytes (range (0x40, 0x50))
 * + bytes ([2, 4, 1]), key = bytes (range (32)), digest_size = 32). */
static void
test_another_implementation_agrees (void)
{
  static const guint8 expected[] = { 0xef, 0x04, 0x9b, 0x17, 0x69, 0xa2, 0xaf, 0xae,
                                     0x90, 0xa1, 0x2b, 0x14, 0x07, 0x8e, 0x08, 0x98 };
  guint8 token[KH_TOKEN_LEN];

  compute (token, 2, 4, KH_TOKEN_OBSERVE);
  g_assert_cmpmem (token, sizeof token, expected, sizeof expected);
}

static void
test_every_place_has_its_own (void)
{
  g_autoptr (GHashTable) seen
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint8 round = 1; round <= 3; round++)
    for (guint8 index = 0; index < 6; index++)
      for (guint kind = KH_TOKEN_OBSERVE; kind <= KH_TOKEN_RELAY; kind++)
        {
          guint8 token[KH_TOKEN_LEN];
          char *hex = g_malloc (2 * sizeof token + 1);

          compute (token, round, index, kind);
          sodium_bin2hex (hex, 2 * sizeof token + 1, token, sizeof token);
          g_assert_true (g_hash_table_add (seen, hex));
        }
  g_assert_cmpuint (g_hash_table_size (seen), ==, 36);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  g_test_add_func ("/token/another-implementation-agrees",
                   test_another_implementation_agrees);
  g_test_add_func ("/token/every-place-has-its-own", test_every_place_has_its_own);
  return g_test_run ();
}
