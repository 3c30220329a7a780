/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/room.h"
#include "proto/reader.h"
#include "proto/utf8.h"

#include <sodium.h>
#include <string.h>

/* As a person may type it: twelve letters are some 40 bits if they are words. */
#define STRONG_CHARACTERS 12

static bool
is_separator (char c)
{
  return c == ' ' || c == '-' || c == '_' || (c >= '\t' && c <= '\r');
}

/* Takes the next part between separators. False when there is none left. */
static bool
take_part (KhText *word, KhText *part)
{
  while (word->len > 0 && is_separator (word->bytes[0]))
    *word = (KhText){ word->bytes + 1, word->len - 1 };
  *part = (KhText){ word->bytes, 0 };
  while (word->len > 0 && !is_separator (word->bytes[0]))
    {
      *word = (KhText){ word->bytes + 1, word->len - 1 };
      part->len++;
    }
  return part->len > 0;
}

void
kh_room_id (uint8_t id[32], const uint8_t server_key[32], const char *word, size_t len)
{
  KhText left = { word, len };
  KhText part;
  crypto_generichash_state state;

  memset (id, 0, 32);
  if (!take_part (&left, &part))
    return;

  crypto_generichash_init (&state, NULL, 0, 32);
  crypto_generichash_update (&state, server_key, 32);
  crypto_generichash_update (&state, (const uint8_t *)part.bytes, part.len);
  while (take_part (&left, &part))
    {
      crypto_generichash_update (&state, (const uint8_t *)"-", 1);
      crypto_generichash_update (&state, (const uint8_t *)part.bytes, part.len);
    }
  crypto_generichash_final (&state, id, 32);
  sodium_memzero (&state, sizeof state);
}

bool
kh_room_word_weak (const char *word, size_t len)
{
  KhText left = { word, len };
  KhText part;
  size_t n_characters = 0;

  while (take_part (&left, &part))
    {
      n_characters += n_characters > 0 ? 1 : 0;
      for (size_t at = 0; at < part.len; n_characters++)
        {
          uint32_t character;
          size_t step = kh_utf8_next (part.bytes + at, part.len - at, &character);

          at += step > 0 ? step : 1;
        }
    }
  return n_characters < STRONG_CHARACTERS;
}

/* 16 bits as five letters. */
static void
write_proquint (uint32_t bits, char out[5])
{
  static const char consonants[] = "bdfghjklmnprstvz";
  static const char vowels[] = "aiou";

  out[0] = consonants[bits >> 12 & 15];
  out[1] = vowels[bits >> 10 & 3];
  out[2] = consonants[bits >> 6 & 15];
  out[3] = vowels[bits >> 4 & 3];
  out[4] = consonants[bits & 15];
}

void
kh_room_word_make (const uint8_t random[KH_ROOM_RANDOM_LEN], char out[KH_ROOM_MADE_LEN])
{
  for (unsigned i = 0; i < KH_ROOM_RANDOM_LEN / 2; i++)
    {
      write_proquint ((uint32_t)random[2 * i] << 8 | random[2 * i + 1], out + 6 * i);
      out[6 * i + 5] = '-';
    }
  out[6 * (KH_ROOM_RANDOM_LEN / 2) - 1] = '\0';
}
