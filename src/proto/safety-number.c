/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/safety-number.h"

#include <sodium.h>
#include <stdbool.h>
#include <string.h>

#define GROUPS 12
#define BYTES_OF_GROUP 5
#define DIGITS_OF_GROUP 5
#define DIGEST_LEN 64
#define BYTES_OF_PICTURES (KH_SAFETY_NUMBER_PICTURES * 6 / 8)

static void
write_group (const uint8_t bytes[BYTES_OF_GROUP], char digits[DIGITS_OF_GROUP])
{
  uint64_t value = 0;

  for (unsigned i = 0; i < BYTES_OF_GROUP; i++)
    value = value << 8 | bytes[i];
  for (unsigned i = DIGITS_OF_GROUP; i > 0; i--)
    {
      digits[i - 1] = (char)('0' + value % 10);
      value /= 10;
    }
}

/* Both sides get the same, whichever key is theirs. */
static void
digest (const uint8_t a[32], const uint8_t b[32], uint8_t hash[DIGEST_LEN])
{
  static const uint8_t label[] = "knothole safety number 1";
  bool in_order = memcmp (a, b, 32) <= 0;
  crypto_generichash_state state;

  crypto_generichash_init (&state, NULL, 0, DIGEST_LEN);
  crypto_generichash_update (&state, label, sizeof label - 1);
  crypto_generichash_update (&state, in_order ? a : b, 32);
  crypto_generichash_update (&state, in_order ? b : a, 32);
  crypto_generichash_final (&state, hash, DIGEST_LEN);
}

void
kh_safety_number (const uint8_t a[32], const uint8_t b[32],
                  char text[KH_SAFETY_NUMBER_LEN])
{
  uint8_t hash[DIGEST_LEN];

  digest (a, b, hash);
  for (unsigned i = 0; i < GROUPS; i++)
    {
      char *group = text + (DIGITS_OF_GROUP + 1) * i;

      write_group (hash + BYTES_OF_GROUP * i, group);
      group[DIGITS_OF_GROUP] = i + 1 < GROUPS ? ' ' : '\0';
    }
}

void
kh_safety_pictures (const uint8_t a[32], const uint8_t b[32],
                    uint8_t pictures[KH_SAFETY_NUMBER_PICTURES])
{
  uint8_t hash[DIGEST_LEN];
  uint64_t bits = 0;

  digest (a, b, hash);
  for (unsigned i = DIGEST_LEN - BYTES_OF_PICTURES; i < DIGEST_LEN; i++)
    bits = bits << 8 | hash[i];
  for (unsigned i = KH_SAFETY_NUMBER_PICTURES; i > 0; i--)
    {
      pictures[i - 1] = bits & 63;
      bits >>= 6;
    }
}
