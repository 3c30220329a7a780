/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/identity.h"

#include <sodium.h>
#include <stdbool.h>
#include <string.h>

#define KEY_LEN 32
#define CHECKSUM_LEN 3

static const char ALPHABET[] = "abcdefghijklmnopqrstuvwxyz234567";

static void
compute_checksum (KhIdentityKind kind, const uint8_t key[KEY_LEN],
                  uint8_t checksum[CHECKSUM_LEN])
{
  const char *label
      = kind == KH_IDENTITY_PEER ? "knothole peer id 1" : "knothole server id 1";
  uint8_t hash[32];
  crypto_generichash_state state;

  crypto_generichash_init (&state, NULL, 0, sizeof hash);
  crypto_generichash_update (&state, (const uint8_t *)label, strlen (label));
  crypto_generichash_update (&state, key, KEY_LEN);
  crypto_generichash_final (&state, hash, sizeof hash);
  memcpy (checksum, hash, CHECKSUM_LEN);
}

static bool
checksum_fits (KhIdentityKind kind, const uint8_t bytes[KEY_LEN + CHECKSUM_LEN])
{
  uint8_t checksum[CHECKSUM_LEN];

  compute_checksum (kind, bytes, checksum);
  return memcmp (checksum, bytes + KEY_LEN, CHECKSUM_LEN) == 0;
}

/* Any scalar finds such points: X25519 makes each a multiple of 8, the cofactor,
 * and libsodium refuses the zero that comes out. */
static bool
is_low_order (const uint8_t key[KEY_LEN])
{
  static const uint8_t scalar[KEY_LEN] = { 8 };
  uint8_t product[KEY_LEN];

  return crypto_scalarmult_curve25519 (product, scalar, key) != 0;
}

/* -1 for a character that is none of base32. */
static int
value_of (char character)
{
  if (character >= 'a' && character <= 'z')
    return character - 'a';
  if (character >= 'A' && character <= 'Z')
    return character - 'A';
  if (character >= '2' && character <= '7')
    return character - '2' + 26;
  return -1;
}

void
kh_identity_to_text (KhIdentityKind kind, const uint8_t key[KEY_LEN],
                     char text[KH_IDENTITY_TEXT_LEN + 1])
{
  uint8_t bytes[KEY_LEN + CHECKSUM_LEN];
  uint32_t bits = 0;
  unsigned n_bits = 0;

  memcpy (bytes, key, KEY_LEN);
  compute_checksum (kind, key, bytes + KEY_LEN);
  for (size_t i = 0; i < sizeof bytes; i++)
    {
      bits = bits << 8 | bytes[i];
      for (n_bits += 8; n_bits >= 5; n_bits -= 5)
        *text++ = ALPHABET[bits >> (n_bits - 5) & 31];
    }
  *text = '\0';
}

KhIdentityError
kh_identity_from_text (KhIdentityKind kind, const char *text, size_t len,
                       uint8_t key[KEY_LEN], size_t *position)
{
  KhIdentityKind other = kind == KH_IDENTITY_PEER ? KH_IDENTITY_SERVER : KH_IDENTITY_PEER;
  uint8_t bytes[KEY_LEN + CHECKSUM_LEN];
  uint32_t bits = 0;

  if (len != KH_IDENTITY_TEXT_LEN)
    return KH_IDENTITY_WRONG_LENGTH;
  for (size_t i = 0; i < len; i++)
    {
      int value = value_of (text[i]);

      if (value < 0)
        {
          if (position != NULL)
            *position = i;
          return KH_IDENTITY_WRONG_CHARACTER;
        }
      /* A character that ends a byte leaves this many bits for the next one. */
      bits = bits << 5 | (uint32_t)value;
      if ((i + 1) * 5 / 8 > i * 5 / 8)
        bytes[i * 5 / 8] = (uint8_t)(bits >> ((i + 1) * 5 % 8));
    }

  if (!checksum_fits (kind, bytes))
    return checksum_fits (other, bytes) ? KH_IDENTITY_OTHER_KIND
                                        : KH_IDENTITY_WRONG_CHECKSUM;
  if (is_low_order (bytes))
    return KH_IDENTITY_LOW_ORDER;
  memcpy (key, bytes, KEY_LEN);
  return KH_IDENTITY_OK;
}
