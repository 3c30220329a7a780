/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/writer.h"

#include <string.h>

static void
put_number (uint8_t *at, uint64_t value, size_t len)
{
  for (size_t i = len; at != NULL && i > 0; i--)
    {
      at[i - 1] = (uint8_t)value;
      value >>= 8;
    }
}

void
kh_writer_init (KhWriter *self, void *bytes, size_t capacity)
{
  *self = (KhWriter){ .bytes = bytes, .capacity = capacity };
}

void
kh_writer_u8 (KhWriter *self, uint8_t value)
{
  put_number (kh_writer_reserve (self, 1), value, 1);
}

void
kh_writer_u16 (KhWriter *self, uint16_t value)
{
  put_number (kh_writer_reserve (self, 2), value, 2);
}

void
kh_writer_u32 (KhWriter *self, uint32_t value)
{
  put_number (kh_writer_reserve (self, 4), value, 4);
}

void
kh_writer_u64 (KhWriter *self, uint64_t value)
{
  put_number (kh_writer_reserve (self, 8), value, 8);
}

void
kh_writer_bytes (KhWriter *self, const void *bytes, size_t len)
{
  uint8_t *at = kh_writer_reserve (self, len);

  if (at != NULL && len > 0)
    memcpy (at, bytes, len);
}

void
kh_writer_text8 (KhWriter *self, const char *text, size_t len)
{
  if (len > UINT8_MAX || self->capacity - self->len < 1 + len)
    self->failed = true;
  kh_writer_u8 (self, (uint8_t)len);
  kh_writer_bytes (self, text, len);
}

void
kh_writer_text16 (KhWriter *self, const char *text, size_t len)
{
  if (len > UINT16_MAX || self->capacity - self->len < 2 + len)
    self->failed = true;
  kh_writer_u16 (self, (uint16_t)len);
  kh_writer_bytes (self, text, len);
}

uint8_t *
kh_writer_reserve (KhWriter *self, size_t len)
{
  uint8_t *at;

  if (self->failed || len > self->capacity - self->len)
    {
      self->failed = true;
      return NULL;
    }
  at = self->bytes + self->len;
  if (len > 0)
    memset (at, 0, len);
  self->len += len;
  return at;
}

void
kh_writer_patch_u16 (uint8_t *at, uint16_t value)
{
  put_number (at, value, 2);
}

bool
kh_writer_done (const KhWriter *self)
{
  return !self->failed;
}
