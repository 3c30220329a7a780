/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/endpoint.h"

#include <string.h>

static const uint8_t V4_IN_V6[12] = { [10] = 0xff, [11] = 0xff };

KhEndpoint
kh_endpoint_v4 (const uint8_t address[4], uint16_t port)
{
  KhEndpoint self = { .family = 4, .port = port };

  memcpy (self.address, address, 4);
  return self;
}

KhEndpoint
kh_endpoint_v6 (const uint8_t address[16], uint16_t port)
{
  KhEndpoint self = { .family = 6, .port = port };

  if (memcmp (address, V4_IN_V6, sizeof V4_IN_V6) == 0)
    return kh_endpoint_v4 (address + sizeof V4_IN_V6, port);
  memcpy (self.address, address, 16);
  return self;
}

bool
kh_endpoint_same_address (const KhEndpoint *one, const KhEndpoint *other)
{
  return one->family == other->family && one->family != 0
         && memcmp (one->address, other->address, sizeof one->address) == 0;
}

bool
kh_endpoint_equal (const KhEndpoint *one, const KhEndpoint *other)
{
  return kh_endpoint_same_address (one, other) && one->port == other->port;
}

static KhEndpointKind
kind_of_v4 (const uint8_t a[4])
{
  if (a[0] == 0)
    return KH_ENDPOINT_NONE;
  if (a[0] == 127)
    return KH_ENDPOINT_LOOPBACK;
  if (a[0] >= 224)
    return KH_ENDPOINT_MULTICAST;
  if (a[0] == 169 && a[1] == 254)
    return KH_ENDPOINT_LINK_LOCAL;
  if (a[0] == 10 || (a[0] == 172 && (a[1] & 0xf0) == 16) || (a[0] == 192 && a[1] == 168)
      || (a[0] == 100 && (a[1] & 0xc0) == 64))
    return KH_ENDPOINT_PRIVATE;
  return KH_ENDPOINT_GLOBAL;
}

static KhEndpointKind
kind_of_v6 (const uint8_t a[16])
{
  static const uint8_t unspecified[16];
  static const uint8_t loopback[16] = { [15] = 1 };

  if (memcmp (a, unspecified, 16) == 0)
    return KH_ENDPOINT_NONE;
  if (memcmp (a, loopback, 16) == 0)
    return KH_ENDPOINT_LOOPBACK;
  if (a[0] == 0xff)
    return KH_ENDPOINT_MULTICAST;
  if (a[0] == 0xfe && (a[1] & 0xc0) == 0x80)
    return KH_ENDPOINT_LINK_LOCAL;
  if ((a[0] & 0xfe) == 0xfc)
    return KH_ENDPOINT_PRIVATE;
  return KH_ENDPOINT_GLOBAL;
}

KhEndpointKind
kh_endpoint_kind (const KhEndpoint *self)
{
  if (self->family == 4)
    return kind_of_v4 (self->address);
  if (self->family == 6)
    return kind_of_v6 (self->address);
  return KH_ENDPOINT_NONE;
}

KhEndpoint
kh_endpoint_read (KhReader *reader)
{
  uint8_t family = kh_reader_u8 (reader);
  size_t len = family == 4 ? 4 : 16;
  const uint8_t *address = kh_reader_bytes (reader, len);
  uint16_t port = kh_reader_u16 (reader);

  if (family != 4 && family != 6)
    reader->failed = true;
  if (!kh_reader_done (reader))
    return (KhEndpoint){ 0 };
  return family == 4 ? kh_endpoint_v4 (address, port) : kh_endpoint_v6 (address, port);
}

void
kh_endpoint_write (const KhEndpoint *self, KhWriter *writer)
{
  if (self->family != 4 && self->family != 6)
    {
      writer->failed = true;
      return;
    }
  kh_writer_u8 (writer, self->family);
  kh_writer_bytes (writer, self->address, self->family == 4 ? 4 : 16);
  kh_writer_u16 (writer, self->port);
}

/* proto has no printf: it may not include stdio.h. */
static char *
print_number (char *at, unsigned value, unsigned base)
{
  char digits[8];
  size_t n = 0;

  do
    digits[n++] = "0123456789abcdef"[value % base];
  while ((value /= base) != 0);
  while (n > 0)
    *at++ = digits[--n];
  return at;
}

/* Where the longest run of two or more zero groups begins, 8 if there is none. */
static size_t
find_longest_zeroes (const unsigned groups[8], size_t *len)
{
  size_t best = 8;

  *len = 1;
  for (size_t start = 0; start < 8; start++)
    {
      size_t end = start;

      while (end < 8 && groups[end] == 0)
        end++;
      if (end - start > *len)
        {
          best = start;
          *len = end - start;
        }
    }
  return best;
}

static char *
print_v6 (char *at, const uint8_t address[16])
{
  unsigned groups[8];
  size_t zeroes_at, n_zeroes;

  for (size_t i = 0; i < 8; i++)
    groups[i] = (unsigned)(address[2 * i] << 8 | address[2 * i + 1]);
  zeroes_at = find_longest_zeroes (groups, &n_zeroes);

  for (size_t i = 0; i < 8; i++)
    {
      if (i == zeroes_at)
        {
          *at++ = ':';
          *at++ = ':';
          i += n_zeroes - 1;
          continue;
        }
      if (i > 0 && i != zeroes_at + n_zeroes)
        *at++ = ':';
      at = print_number (at, groups[i], 16);
    }
  return at;
}

void
kh_endpoint_print (const KhEndpoint *self, char out[KH_ENDPOINT_TEXT_MAX])
{
  char *at = out;

  if (self->family == 4)
    {
      for (size_t i = 0; i < 4; i++)
        {
          if (i > 0)
            *at++ = '.';
          at = print_number (at, self->address[i], 10);
        }
    }
  else if (self->family == 6)
    {
      *at++ = '[';
      at = print_v6 (at, self->address);
      *at++ = ']';
    }
  else
    {
      memcpy (out, "none", 5);
      return;
    }
  *at++ = ':';
  at = print_number (at, self->port, 10);
  *at = '\0';
}

/* Takes decimal digits without a leading zero, at most @max. */
static bool
parse_decimal (const char **at, const char *end, unsigned max, unsigned *value)
{
  const char *start = *at;

  *value = 0;
  while (*at < end && **at >= '0' && **at <= '9' && *value <= max)
    *value = *value * 10 + (unsigned)(*(*at)++ - '0');
  return *at > start && *value <= max && (*start != '0' || *at == start + 1);
}

static bool
parse_v4 (const char *at, const char *end, uint8_t address[4])
{
  for (size_t i = 0; i < 4; i++)
    {
      unsigned value;

      if (i > 0 && (at == end || *at++ != '.'))
        return false;
      if (!parse_decimal (&at, end, 255, &value))
        return false;
      address[i] = (uint8_t)value;
    }
  return at == end;
}

static bool
parse_group (const char **at, const char *end, unsigned *value)
{
  const char *start = *at;

  *value = 0;
  for (; *at < end && *at - start < 4; (*at)++)
    {
      char c = **at;

      if (c >= '0' && c <= '9')
        *value = *value << 4 | (unsigned)(c - '0');
      else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
        *value = *value << 4 | (unsigned)((c | 0x20) - 'a' + 10);
      else
        break;
    }
  return *at > start;
}

/* Whether an IPv4 address ends the text: then a dot comes before any colon. */
static bool
is_v4_tail (const char *at, const char *end)
{
  while (at < end && *at != ':' && *at != '.')
    at++;
  return at < end && *at == '.';
}

static bool
parse_v6 (const char *at, const char *end, uint8_t address[16])
{
  uint8_t bytes[16] = { 0 };
  size_t n = 0, gap_at = 17; /* 17: no "::" seen */

  if (end - at >= 2 && at[0] == ':' && at[1] == ':')
    {
      gap_at = 0;
      at += 2;
    }
  while (at < end)
    {
      unsigned group;

      if (is_v4_tail (at, end))
        {
          if (n > 12 || !parse_v4 (at, end, bytes + n))
            return false;
          n += 4;
          break;
        }
      if (n == 16 || !parse_group (&at, end, &group))
        return false;
      bytes[n++] = (uint8_t)(group >> 8);
      bytes[n++] = (uint8_t)group;
      if (at == end)
        break;
      if (*at++ != ':' || at == end)
        return false;
      if (*at == ':' && gap_at != 17)
        return false;
      if (*at == ':')
        {
          gap_at = n;
          at++;
        }
    }
  if (gap_at == 17 ? n != 16 : n > 14)
    return false;

  memcpy (address, bytes, 16);
  if (gap_at != 17)
    {
      memset (address + gap_at, 0, 16 - gap_at);
      memcpy (address + 16 - (n - gap_at), bytes + gap_at, n - gap_at);
    }
  return true;
}

bool
kh_endpoint_parse_address (KhEndpoint *self, const char *text, size_t len, uint16_t port)
{
  uint8_t address[16];

  if (parse_v4 (text, text + len, address))
    *self = kh_endpoint_v4 (address, port);
  else if (parse_v6 (text, text + len, address))
    *self = kh_endpoint_v6 (address, port);
  else
    return false;
  return true;
}

bool
kh_endpoint_parse (KhEndpoint *self, const char *text)
{
  const char *end = text + strlen (text);
  const char *colon = strrchr (text, ':');
  const char *at = colon != NULL ? colon + 1 : end;
  size_t len;
  unsigned port;

  if (colon == NULL || !parse_decimal (&at, end, UINT16_MAX, &port) || at != end)
    return false;

  len = (size_t)(colon - text);
  if (memchr (text, ':', len) == NULL && text[0] != '[')
    return kh_endpoint_parse_address (self, text, len, (uint16_t)port);
  if (len < 2 || text[0] != '[' || text[len - 1] != ']'
      || memchr (text, ':', len) == NULL)
    return false;
  return kh_endpoint_parse_address (self, text + 1, len - 2, (uint16_t)port);
}
