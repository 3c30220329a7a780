/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/frame-private.h"
#include "proto/utf8.h"

#include <string.h>

static bool
text_fits (KhText text, size_t max_len)
{
  return text.len >= 1 && text.len <= max_len && kh_utf8_valid (text.bytes, text.len)
         && memchr (text.bytes, '\0', text.len) == NULL;
}

/* What the fields' own lengths don't say; the same for both directions. */
static bool
is_sound (const KhFrame *frame)
{
  switch (frame->type)
    {
    case KH_FRAME_HELLO:
      return text_fits (frame->hello.name, KH_FRAME_NAME_MAX);
    case KH_FRAME_MESSAGE:
      return text_fits (frame->message.text, KH_FRAME_TEXT_MAX);
    default:
      return kh_frame_transfer_is_sound (frame);
    }
}

/* Returns whether the type is known. */
static bool
write_body (KhWriter *writer, const KhFrame *frame)
{
  switch (frame->type)
    {
    case KH_FRAME_NOMINATE:
      return true;
    case KH_FRAME_HELLO:
      kh_writer_u16 (writer, frame->hello.version);
      kh_writer_u32 (writer, frame->hello.capabilities);
      kh_writer_text8 (writer, frame->hello.name.bytes, frame->hello.name.len);
      return true;
    case KH_FRAME_PING:
    case KH_FRAME_PONG:
      kh_writer_u64 (writer, frame->cookie);
      return true;
    case KH_FRAME_BYE:
      kh_writer_u8 (writer, frame->reason);
      return true;
    case KH_FRAME_MESSAGE:
      kh_writer_bytes (writer, frame->message.id, KH_FRAME_ID_LEN);
      kh_writer_u64 (writer, frame->message.sent_at_ms);
      kh_writer_text16 (writer, frame->message.text.bytes, frame->message.text.len);
      return true;
    case KH_FRAME_DELIVERED:
      kh_writer_bytes (writer, frame->delivered, KH_FRAME_ID_LEN);
      return true;
    default:
      return kh_frame_transfer_write (writer, frame);
    }
}

/* Returns whether the type is known. */
static bool
read_body (KhReader *reader, KhFrame *frame)
{
  switch (frame->type)
    {
    case KH_FRAME_NOMINATE:
      return true;
    case KH_FRAME_HELLO:
      frame->hello.version = kh_reader_u16 (reader);
      frame->hello.capabilities = kh_reader_u32 (reader);
      frame->hello.name = kh_reader_text8 (reader, KH_FRAME_NAME_MAX);
      return true;
    case KH_FRAME_PING:
    case KH_FRAME_PONG:
      frame->cookie = kh_reader_u64 (reader);
      return true;
    case KH_FRAME_BYE:
      frame->reason = kh_reader_u8 (reader);
      return true;
    case KH_FRAME_MESSAGE:
      kh_reader_copy (reader, frame->message.id, KH_FRAME_ID_LEN);
      frame->message.sent_at_ms = kh_reader_u64 (reader);
      frame->message.text = kh_reader_text16 (reader, KH_FRAME_TEXT_MAX);
      return true;
    case KH_FRAME_DELIVERED:
      kh_reader_copy (reader, frame->delivered, KH_FRAME_ID_LEN);
      return true;
    default:
      return kh_frame_transfer_read (reader, frame);
    }
}

size_t
kh_frame_write (const KhFrame *frame, uint8_t *out, size_t capacity)
{
  KhWriter writer;

  if (!is_sound (frame))
    return 0;
  kh_writer_init (&writer, out, capacity < KH_FRAME_MAX ? capacity : KH_FRAME_MAX);
  kh_writer_u8 (&writer, frame->type);
  if (!write_body (&writer, frame) || !kh_writer_done (&writer))
    return 0;
  return writer.len;
}

KhFrameVerdict
kh_frame_read (KhFrame *frame, const uint8_t *bytes, size_t len)
{
  KhReader reader;
  KhFrame read = { 0 };

  if (len > KH_FRAME_MAX)
    return KH_FRAME_BAD;
  kh_reader_init (&reader, bytes, len);
  read.type = kh_reader_u8 (&reader);
  if (!kh_reader_done (&reader))
    return KH_FRAME_BAD;
  if (!read_body (&reader, &read))
    return KH_FRAME_UNKNOWN;
  if (!kh_reader_done (&reader) || !is_sound (&read))
    return KH_FRAME_BAD;
  *frame = read;
  return KH_FRAME_GOOD;
}

void
kh_frame_write_piece_header (uint8_t out[KH_FRAME_PIECE_HEADER_LEN], uint32_t stream,
                             uint32_t file, uint64_t offset)
{
  KhWriter writer;

  kh_writer_init (&writer, out, KH_FRAME_PIECE_HEADER_LEN);
  kh_writer_u8 (&writer, KH_FRAME_PIECE);
  kh_writer_u32 (&writer, stream);
  kh_writer_u32 (&writer, file);
  kh_writer_u64 (&writer, offset);
}
