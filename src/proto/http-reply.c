/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/http-reply.h"

#include <string.h>

static char
lower (char c)
{
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Whether @text begins with @word, whatever the case; @word is in lower case. */
static bool
begins (const char *text, const char *word)
{
  for (; *word != '\0'; text++, word++)
    if (lower (*text) != *word)
      return false;
  return true;
}

/* Digits at @text as a number up to @max; false where there are none or too many. */
static bool
read_number (const char *text, unsigned base, size_t max, size_t *value)
{
  size_t n = 0;

  *value = 0;
  for (;; text++, n++)
    {
      char c = lower (*text);
      unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                       : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
                                              : 16;

      if (digit >= base)
        return n > 0;
      if (*value > (max - digit) / base)
        return false;
      *value = *value * base + digit;
    }
}

static const char *
field_value (const char *line, const char *name)
{
  if (!begins (line, name))
    return NULL;
  line += strlen (name);
  while (*line == ' ' || *line == '\t')
    line++;
  return line;
}

static void
take_status (KhHttpReply *self)
{
  size_t status;

  /* "HTTP/1.1 200 OK" */
  if (!begins (self->line, "http/1.") || strlen (self->line) < 12 || self->line[8] != ' '
      || !read_number (self->line + 9, 10, 999, &status) || status < 100)
    {
      self->state = KH_HTTP_REPLY_FAILED;
      return;
    }
  self->status = (unsigned)status;
  self->is_chunked = self->has_length = false;
  self->state = KH_HTTP_REPLY_FIELDS;
}

static void
begin_body (KhHttpReply *self)
{
  if (self->status < 200)
    self->state = KH_HTTP_REPLY_STATUS; /* the answer is still to come */
  else if (self->is_chunked)
    self->state = KH_HTTP_REPLY_CHUNK_SIZE;
  else if (!self->has_length)
    self->state = KH_HTTP_REPLY_BODY_TO_END;
  else if (self->length > self->capacity)
    self->state = KH_HTTP_REPLY_FAILED;
  else
    self->state = self->length == 0 ? KH_HTTP_REPLY_DONE : KH_HTTP_REPLY_BODY;
  self->left = self->length;
}

static void
take_field (KhHttpReply *self)
{
  const char *value;

  if (self->line_len == 0)
    begin_body (self);
  else if ((value = field_value (self->line, "content-length:")) != NULL)
    {
      self->has_length = read_number (value, 10, SIZE_MAX, &self->length);
      if (!self->has_length)
        self->state = KH_HTTP_REPLY_FAILED;
    }
  else if ((value = field_value (self->line, "transfer-encoding:")) != NULL)
    self->is_chunked = begins (value, "chunked");
}

static void
take_chunk_size (KhHttpReply *self)
{
  if (!read_number (self->line, 16, self->capacity - self->body_len, &self->left))
    self->state = KH_HTTP_REPLY_FAILED;
  else
    self->state = self->left > 0 ? KH_HTTP_REPLY_CHUNK : KH_HTTP_REPLY_TRAILER;
}

static void
take_line (KhHttpReply *self)
{
  if (self->line_len > 0 && self->line[self->line_len - 1] == '\r')
    self->line_len--;
  self->line[self->line_len] = '\0';
  switch (self->state)
    {
    case KH_HTTP_REPLY_STATUS:
      take_status (self);
      break;
    case KH_HTTP_REPLY_FIELDS:
      take_field (self);
      break;
    case KH_HTTP_REPLY_CHUNK_SIZE:
      take_chunk_size (self);
      break;
    case KH_HTTP_REPLY_CHUNK_END:
      self->state = self->line_len == 0 ? KH_HTTP_REPLY_CHUNK_SIZE : KH_HTTP_REPLY_FAILED;
      break;
    default: /* TRAILER */
      if (self->line_len == 0)
        self->state = KH_HTTP_REPLY_DONE;
    }
  self->line_len = 0;
}

static void
take_head_byte (KhHttpReply *self, uint8_t byte)
{
  if (++self->n_head > KH_HTTP_REPLY_HEAD_MAX || byte == '\0')
    self->state = KH_HTTP_REPLY_FAILED;
  else if (byte == '\n')
    take_line (self);
  else if (self->line_len < sizeof self->line - 1)
    self->line[self->line_len++] = (char)byte;
}

/* As much of @bytes as belongs to the body; returns how much. */
static size_t
take_body (KhHttpReply *self, const uint8_t *bytes, size_t len)
{
  bool to_end = self->state == KH_HTTP_REPLY_BODY_TO_END;
  size_t n = to_end || len < self->left ? len : self->left;

  if (n > self->capacity - self->body_len)
    {
      self->state = KH_HTTP_REPLY_FAILED;
      return len;
    }
  memcpy (self->body + self->body_len, bytes, n);
  self->body_len += n;
  if (to_end)
    return n;
  self->left -= n;
  if (self->left == 0)
    self->state = self->state == KH_HTTP_REPLY_CHUNK ? KH_HTTP_REPLY_CHUNK_END
                                                     : KH_HTTP_REPLY_DONE;
  return n;
}

void
kh_http_reply_init (KhHttpReply *self, void *body, size_t capacity)
{
  *self = (KhHttpReply){ .body = body, .capacity = capacity };
}

void
kh_http_reply_receive (KhHttpReply *self, const void *bytes, size_t len)
{
  const uint8_t *at = bytes;

  while (len > 0 && self->state != KH_HTTP_REPLY_DONE
         && self->state != KH_HTTP_REPLY_FAILED)
    {
      size_t n = 1;

      if (self->state == KH_HTTP_REPLY_BODY || self->state == KH_HTTP_REPLY_BODY_TO_END
          || self->state == KH_HTTP_REPLY_CHUNK)
        n = take_body (self, at, len);
      else
        take_head_byte (self, *at);
      at += n;
      len -= n;
    }
}

void
kh_http_reply_end (KhHttpReply *self)
{
  if (self->state == KH_HTTP_REPLY_BODY_TO_END)
    self->state = KH_HTTP_REPLY_DONE;
  else if (self->state != KH_HTTP_REPLY_DONE)
    self->state = KH_HTTP_REPLY_FAILED;
}
