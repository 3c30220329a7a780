/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/reader.h"
#include "proto/utf8.h"

#include <string.h>

static uint64_t
take_number (KhReader *self, size_t len)
{
  const uint8_t *bytes = kh_reader_bytes (self, len);
  uint64_t value = 0;

  if (bytes == NULL)
    return 0;
  for (size_t i = 0; i < len; i++)
    value = value << 8 | bytes[i];
  return value;
}

static KhText
take_text (KhReader *self, size_t len, size_t max_len)
{
  const KhText none = { .bytes = "", .len = 0 };
  const char *bytes;

  if (len > max_len)
    self->failed = true;
  bytes = (const char *)kh_reader_bytes (self, len);
  if (bytes == NULL)
    return none;

  if (!kh_utf8_valid (bytes, len) || (len > 0 && memchr (bytes, '\0', len) != NULL))
    {
      self->failed = true;
      return none;
    }
  return (KhText){ .bytes = bytes, .len = len };
}

void
kh_reader_init (KhReader *self, const void *bytes, size_t len)
{
  /* Never NULL, so that NULL from bytes() always means failure. */
  *self = (KhReader){ .at = bytes != NULL ? bytes : (const uint8_t *)"", .left = len };
}

uint8_t
kh_reader_u8 (KhReader *self)
{
  return (uint8_t)take_number (self, 1);
}

uint16_t
kh_reader_u16 (KhReader *self)
{
  return (uint16_t)take_number (self, 2);
}

uint32_t
kh_reader_u32 (KhReader *self)
{
  return (uint32_t)take_number (self, 4);
}

uint64_t
kh_reader_u64 (KhReader *self)
{
  return take_number (self, 8);
}

const uint8_t *
kh_reader_bytes (KhReader *self, size_t len)
{
  const uint8_t *bytes = self->at;

  if (self->failed || len > self->left)
    {
      self->failed = true;
      return NULL;
    }
  self->at += len;
  self->left -= len;
  return bytes;
}

bool
kh_reader_copy (KhReader *self, void *to, size_t len)
{
  const uint8_t *bytes = kh_reader_bytes (self, len);

  if (len == 0)
    return bytes != NULL;
  if (bytes == NULL)
    {
      memset (to, 0, len);
      return false;
    }
  memcpy (to, bytes, len);
  return true;
}

KhText
kh_reader_text8 (KhReader *self, size_t max_len)
{
  return take_text (self, kh_reader_u8 (self), max_len);
}

KhText
kh_reader_text16 (KhReader *self, size_t max_len)
{
  return take_text (self, kh_reader_u16 (self), max_len);
}

bool
kh_reader_done (const KhReader *self)
{
  return !self->failed;
}
