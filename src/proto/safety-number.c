/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/safety-number.h"

#include <sodium.h>
#include <stdbool.h>
#include <string.h>

#define GROUPS 12
#define BYTES_OF_GROUP 5
#define DIGITS_OF_GROUP 5

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

void
kh_safety_number (const uint8_t a[32], const uint8_t b[32],
                  char text[KH_SAFETY_NUMBER_LEN])
{
  static const uint8_t label[] = "knothole safety number 1";
  bool in_order = memcmp (a, b, 32) <= 0;
  uint8_t hash[64];
  crypto_generichash_state state;

  crypto_generichash_init (&state, NULL, 0, sizeof hash);
  crypto_generichash_update (&state, label, sizeof label - 1);
  crypto_generichash_update (&state, in_order ? a : b, 32);
  crypto_generichash_update (&state, in_order ? b : a, 32);
  crypto_generichash_final (&state, hash, sizeof hash);

  for (unsigned i = 0; i < GROUPS; i++)
    {
      char *group = text + (DIGITS_OF_GROUP + 1) * i;

      write_group (hash + BYTES_OF_GROUP * i, group);
      group[DIGITS_OF_GROUP] = i + 1 < GROUPS ? ' ' : '\0';
    }
}
