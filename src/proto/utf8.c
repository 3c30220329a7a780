/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/utf8.h"

/* The smallest character that needs so many bytes. */
static const uint32_t smallest[KH_UTF8_CHARACTER_MAX + 1]
    = { 0, 0, 0x80, 0x800, 0x10000 };

/* 0 for a byte that no character starts with. */
static size_t
length_from_lead (uint8_t lead)
{
  if (lead < 0x80)
    return 1;
  if (lead < 0xc0)
    return 0;
  if (lead < 0xe0)
    return 2;
  if (lead < 0xf0)
    return 3;
  return lead < 0xf8 ? 4 : 0;
}

static bool
is_continuation (char byte)
{
  return ((uint8_t)byte & 0xc0) == 0x80;
}

size_t
kh_utf8_next (const char *bytes, size_t len, uint32_t *character)
{
  size_t need = len > 0 ? length_from_lead ((uint8_t)bytes[0]) : 0;
  uint32_t value;

  if (need == 0 || need > len)
    return 0;

  /* A lead byte of n > 1 bytes carries 7 - n bits. */
  value = need == 1 ? (uint8_t)bytes[0] : (uint8_t)bytes[0] & (0x7fu >> need);
  for (size_t i = 1; i < need; i++)
    {
      if (!is_continuation (bytes[i]))
        return 0;
      value = value << 6 | ((uint8_t)bytes[i] & 0x3f);
    }

  if (value < smallest[need] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
    return 0;

  *character = value;
  return need;
}

size_t
kh_utf8_write (uint32_t character, char out[KH_UTF8_CHARACTER_MAX])
{
  size_t len = 1;

  if (character < 0x80)
    {
      out[0] = (char)character;
      return 1;
    }

  while (len < KH_UTF8_CHARACTER_MAX && character >= smallest[len + 1])
    len++;
  for (size_t i = len - 1; i > 0; i--)
    {
      out[i] = (char)(0x80 | (character & 0x3f));
      character >>= 6;
    }
  out[0] = (char)((0xf00u >> len & 0xff) | character);
  return len;
}

bool
kh_utf8_valid (const char *bytes, size_t len)
{
  uint32_t character;

  for (size_t at = 0; at < len;)
    {
      size_t step = kh_utf8_next (bytes + at, len - at, &character);

      if (step == 0)
        return false;
      at += step;
    }
  return true;
}

size_t
kh_utf8_truncate (const char *bytes, size_t len, size_t max)
{
  if (len <= max)
    return len;
  while (max > 0 && is_continuation (bytes[max]))
    max--;
  return max;
}
