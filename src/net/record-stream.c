/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/record-stream.h"

#include <string.h>

#define LENGTH_LEN 2

void
kh_record_stream_init (KhRecordStream *self, GSocket *socket, size_t max_record)
{
  *self = (KhRecordStream){
    .socket = g_object_ref (socket),
    .out = g_byte_array_new (),
    .in = g_malloc (LENGTH_LEN + max_record),
    .max_record = max_record,
  };
}

void
kh_record_stream_clear (KhRecordStream *self)
{
  g_clear_object (&self->socket);
  g_clear_pointer (&self->out, g_byte_array_unref);
  g_clear_pointer (&self->in, g_free);
  self->in_at = self->in_len = 0;
}

bool
kh_record_stream_put (KhRecordStream *self, const uint8_t *record, size_t len)
{
  uint8_t length[LENGTH_LEN] = { (uint8_t)(len >> 8), (uint8_t)len };

  g_assert (len <= UINT16_MAX);
  if (self->out->len + LENGTH_LEN + len > KH_RECORD_STREAM_MAX_QUEUE)
    return false;
  g_byte_array_append (self->out, length, sizeof length);
  g_byte_array_append (self->out, record, (guint)len);
  return true;
}

KhStreamResult
kh_record_stream_flush (KhRecordStream *self)
{
  while (self->out->len > 0)
    {
      g_autoptr (GError) error = NULL;
      gssize n = g_socket_send (self->socket, (const char *)self->out->data,
                                self->out->len, NULL, &error);

      if (n < 0)
        return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)
                   ? KH_STREAM_BLOCKED
                   : KH_STREAM_ENDED;
      g_byte_array_remove_range (self->out, 0, (guint)n);
    }
  return KH_STREAM_OK;
}

static size_t
next_len (const KhRecordStream *self)
{
  return (size_t)self->in[self->in_at] << 8 | self->in[self->in_at + 1];
}

KhStreamResult
kh_record_stream_fill (KhRecordStream *self)
{
  g_autoptr (GError) error = NULL;
  size_t capacity = LENGTH_LEN + self->max_record;
  gssize n;

  self->in_len -= self->in_at;
  memmove (self->in, self->in + self->in_at, self->in_len);
  self->in_at = 0;
  if (self->in_len >= LENGTH_LEN && next_len (self) > self->max_record)
    return KH_STREAM_BAD;
  if (self->in_len == capacity)
    return KH_STREAM_OK;

  n = g_socket_receive (self->socket, (char *)self->in + self->in_len,
                        capacity - self->in_len, NULL, &error);
  if (n < 0)
    return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK) ? KH_STREAM_OK
                                                                       : KH_STREAM_ENDED;
  if (n == 0)
    return KH_STREAM_ENDED;
  self->in_len += (size_t)n;
  if (self->in_len >= LENGTH_LEN && next_len (self) > self->max_record)
    return KH_STREAM_BAD;
  return KH_STREAM_OK;
}

bool
kh_record_stream_take (KhRecordStream *self, uint8_t **record, size_t *len)
{
  size_t have = self->in_len - self->in_at;

  if (have < LENGTH_LEN || have < LENGTH_LEN + next_len (self))
    return false;
  *len = next_len (self);
  *record = self->in + self->in_at + LENGTH_LEN;
  self->in_at += LENGTH_LEN + *len;
  return true;
}

const uint8_t *
kh_record_stream_rest (const KhRecordStream *self, size_t *len)
{
  *len = self->in_len - self->in_at;
  return self->in + self->in_at;
}
