/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/safe-name.h"
#include "proto/reader.h"
#include "proto/utf8.h"

#include <stdint.h>
#include <string.h>

#define REPLACEMENT 0xfffd

static KhText
skip (KhText text, size_t len)
{
  return (KhText){ text.bytes + len, text.len - len };
}

static KhText
last_component (KhText path)
{
  size_t start;

  while (path.len > 0 && path.bytes[path.len - 1] == '/')
    path.len--;
  start = path.len;
  while (start > 0 && path.bytes[start - 1] != '/')
    start--;
  return skip (path, start);
}

static bool
is_direction (uint32_t c)
{
  return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200e
         || c == 0x200f || c == 0x061c;
}

static bool
is_unsafe (uint32_t c)
{
  static const char punctuation[] = "/\\<>:\"|?*";

  if (c < 0x20 || (c >= 0x7f && c < 0xa0))
    return true;
  if (c < 0x80)
    return strchr (punctuation, (int)c) != NULL;
  return is_direction (c) || c == 0x2028 || c == 0x2029;
}

/* Writes as many whole characters of @text, made safe, as @capacity holds. */
static size_t
put_safe (KhText text, char *out, size_t capacity, bool *fits)
{
  size_t len = 0;

  *fits = true;
  while (text.len > 0)
    {
      uint32_t c = REPLACEMENT;
      size_t step = kh_utf8_next (text.bytes, text.len, &c);
      char bytes[KH_UTF8_CHARACTER_MAX];
      size_t n_bytes = kh_utf8_write (is_unsafe (c) ? '_' : c, bytes);

      if (n_bytes > capacity - len)
        {
          *fits = false;
          break;
        }
      memcpy (out + len, bytes, n_bytes);
      len += n_bytes;
      text = skip (text, step > 0 ? step : 1);
    }
  return len;
}

static size_t
without_end (const char *bytes, size_t len)
{
  while (len > 0 && (bytes[len - 1] == '.' || bytes[len - 1] == ' '))
    len--;
  return len;
}

/* Where the last dot is that has something before it; @len without one. */
static size_t
last_dot (const char *bytes, size_t len)
{
  for (size_t i = len; i > 1; i--)
    if (bytes[i - 1] == '.')
      return i - 1;
  return len;
}

/* Where the extension begins, ".tar.gz" being one; @len without one. Something
 * long or with a space in it is a sentence with a dot. */
static size_t
find_extension (const char *bytes, size_t len)
{
  size_t at = last_dot (bytes, len);
  size_t before = last_dot (bytes, at);

  if (len - at > KH_SAFE_NAME_EXTENSION_MAX || memchr (bytes + at, ' ', len - at) != NULL)
    return len;
  if (at < len && at - before == 4 && memcmp (bytes + before, ".tar", 4) == 0
      && len - before <= KH_SAFE_NAME_EXTENSION_MAX)
    return before;
  return at;
}

/* The safe form of @text, without trailing dots and spaces, cut before the
 * extension. */
static size_t
assemble (KhText text, bool underscore, char *out)
{
  const size_t start = underscore ? 1 : 0;
  size_t stem_len = find_extension (text.bytes, text.len);
  char extension[KH_SAFE_NAME_EXTENSION_MAX];
  size_t extension_len;
  size_t len;
  bool fits;

  out[0] = '_';
  len = start + put_safe (text, out + start, KH_SAFE_NAME_MAX - start, &fits);
  if (fits)
    return len;

  extension_len = put_safe (skip (text, stem_len), extension, sizeof extension, &fits);
  if (!fits) /* bytes that were no UTF-8 made it longer */
    extension_len = 0;
  if (extension_len == 0)
    return without_end (out, len);
  len = start
        + put_safe ((KhText){ text.bytes, stem_len }, out + start,
                    KH_SAFE_NAME_MAX - start - extension_len, &fits);
  memcpy (out + len, extension, extension_len);
  return len + extension_len;
}

static bool
equals (KhText text, const char *upper)
{
  size_t i = 0;

  for (; i < text.len && upper[i] != '\0'; i++)
    {
      char c = text.bytes[i];

      if ((c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c) != upper[i])
        return false;
    }
  return i == text.len && upper[i] == '\0';
}

/* Windows takes such a name for a device, whatever follows the first dot. */
static bool
is_device (const char *bytes, size_t len)
{
  static const char *const names[] = { "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$" };
  static const char *const ports[] = { "COM", "LPT" };
  static const char *const digits[]
      = { "0", "1", "2", "3",        "4",        "5",       "6",
          "7", "8", "9", "\xc2\xb9", "\xc2\xb2", "\xc2\xb3" };
  const char *dot = memchr (bytes, '.', len);
  KhText stem = { bytes, dot != NULL ? (size_t)(dot - bytes) : len };

  while (stem.len > 0 && stem.bytes[stem.len - 1] == ' ')
    stem.len--;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (equals (stem, names[i]))
      return true;
  if (stem.len < 4
      || (!equals ((KhText){ bytes, 3 }, ports[0])
          && !equals ((KhText){ bytes, 3 }, ports[1])))
    return false;
  for (size_t i = 0; i < sizeof digits / sizeof *digits; i++)
    if (equals (skip (stem, 3), digits[i]))
      return true;
  return false;
}

bool
kh_safe_name (const char *name, size_t len, char out[KH_SAFE_NAME_LEN])
{
  KhText text = last_component ((KhText){ name, len });
  bool underscore = false;
  size_t out_len;

  while (text.len > 0 && text.bytes[0] == ' ')
    text = skip (text, 1);
  if (text.len > 0 && text.bytes[0] == '.')
    {
      text = skip (text, 1);
      underscore = true;
    }
  text.len = without_end (text.bytes, text.len);
  if (text.len == 0 && !underscore)
    text = (KhText){ "file", 4 };

  out_len = assemble (text, underscore, out);
  if (is_device (out, out_len))
    out_len = assemble (text, true, out);
  out[out_len] = '\0';
  return out_len != len || memcmp (out, name, len) != 0;
}

/* " (123)", without NUL. */
static size_t
write_number (unsigned n, char out[16])
{
  char digits[12];
  size_t at = sizeof digits;
  size_t len = 0;

  for (; n > 0; n /= 10)
    digits[--at] = (char)('0' + n % 10);
  out[len++] = ' ';
  out[len++] = '(';
  while (at < sizeof digits)
    out[len++] = digits[at++];
  out[len++] = ')';
  return len;
}

void
kh_safe_name_numbered (const char *name, unsigned n, char out[KH_SAFE_NAME_LEN])
{
  size_t len = strlen (name);
  size_t stem_len = find_extension (name, len);
  size_t extension_len = len - stem_len;
  char number[16];
  size_t number_len = n > 1 ? write_number (n, number) : 0;

  stem_len = kh_utf8_truncate (name, stem_len,
                               KH_SAFE_NAME_LEN - 1 - number_len - extension_len);
  memcpy (out, name, stem_len);
  memcpy (out + stem_len, number, number_len);
  memcpy (out + stem_len + number_len, name + len - extension_len, extension_len);
  out[stem_len + number_len + extension_len] = '\0';
}
