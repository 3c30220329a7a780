/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/frame.h"
#include "proto/utf8.h"
#include "proto/writer.h"

#include <string.h>

static bool
text_fits (KhText text, size_t max_len)
{
  return text.len >= 1 && text.len <= max_len && kh_utf8_valid (text.bytes, text.len)
         && memchr (text.bytes, '\0', text.len) == NULL;
}

static bool
piece_fits (uint64_t offset, size_t len)
{
  return len >= 1 && len <= KH_FRAME_PIECE_MAX && offset <= KH_FRAME_SIZE_MAX - len;
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
    case KH_FRAME_OFFER:
      return frame->offer.n_files >= 1 && frame->offer.total <= KH_FRAME_SIZE_MAX
             && frame->offer.file.size <= frame->offer.total
             && text_fits (frame->offer.file.path, KH_FRAME_PATH_MAX);
    case KH_FRAME_REPLY:
      return frame->reply.offset <= KH_FRAME_SIZE_MAX
             && (frame->reply.verdict == KH_FRAME_ACCEPT
                 || frame->reply.verdict == KH_FRAME_DECLINE);
    case KH_FRAME_PIECE:
      return piece_fits (frame->piece.offset, frame->piece.len);
    case KH_FRAME_FILE_END:
      return frame->file.size <= KH_FRAME_SIZE_MAX;
    default:
      return true;
    }
}

static void
write_offer (KhWriter *writer, const KhFrame *frame)
{
  const KhFrameFile *file = &frame->offer.file;

  kh_writer_bytes (writer, frame->offer.transfer, KH_FRAME_ID_LEN);
  kh_writer_u32 (writer, frame->offer.stream);
  kh_writer_u8 (writer, frame->offer.flags);
  kh_writer_u32 (writer, frame->offer.n_files);
  kh_writer_u64 (writer, frame->offer.total);
  kh_writer_u8 (writer, file->kind);
  kh_writer_u64 (writer, file->size);
  kh_writer_u64 (writer, file->modified_ms);
  kh_writer_u16 (writer, file->mode);
  kh_writer_text16 (writer, file->path.bytes, file->path.len);
}

static void
read_offer (KhReader *reader, KhFrame *frame)
{
  KhFrameFile *file = &frame->offer.file;

  kh_reader_copy (reader, frame->offer.transfer, KH_FRAME_ID_LEN);
  frame->offer.stream = kh_reader_u32 (reader);
  frame->offer.flags = kh_reader_u8 (reader);
  frame->offer.n_files = kh_reader_u32 (reader);
  frame->offer.total = kh_reader_u64 (reader);
  file->kind = kh_reader_u8 (reader);
  file->size = kh_reader_u64 (reader);
  file->modified_ms = kh_reader_u64 (reader);
  file->mode = kh_reader_u16 (reader);
  file->path = kh_reader_text16 (reader, KH_FRAME_PATH_MAX);
}

static void
write_piece (KhWriter *writer, const KhFrame *frame)
{
  kh_writer_u32 (writer, frame->piece.stream);
  kh_writer_u32 (writer, frame->piece.file);
  kh_writer_u64 (writer, frame->piece.offset);
  kh_writer_bytes (writer, frame->piece.bytes, frame->piece.len);
}

static void
read_piece (KhReader *reader, KhFrame *frame)
{
  frame->piece.stream = kh_reader_u32 (reader);
  frame->piece.file = kh_reader_u32 (reader);
  frame->piece.offset = kh_reader_u64 (reader);
  frame->piece.len = reader->left;
  frame->piece.bytes = kh_reader_bytes (reader, reader->left);
}

static void
write_file (KhWriter *writer, const KhFrame *frame)
{
  kh_writer_u32 (writer, frame->file.stream);
  kh_writer_u32 (writer, frame->file.file);
  if (frame->type == KH_FRAME_FILE_END)
    kh_writer_u64 (writer, frame->file.size);
  if (frame->type != KH_FRAME_FILE_DONE)
    kh_writer_u8 (writer, frame->file.status);
}

static void
read_file (KhReader *reader, KhFrame *frame)
{
  frame->file.stream = kh_reader_u32 (reader);
  frame->file.file = kh_reader_u32 (reader);
  if (frame->type == KH_FRAME_FILE_END)
    frame->file.size = kh_reader_u64 (reader);
  if (frame->type != KH_FRAME_FILE_DONE)
    frame->file.status = kh_reader_u8 (reader);
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
    case KH_FRAME_OFFER:
      write_offer (writer, frame);
      return true;
    case KH_FRAME_REPLY:
      kh_writer_bytes (writer, frame->reply.transfer, KH_FRAME_ID_LEN);
      kh_writer_u8 (writer, frame->reply.verdict);
      kh_writer_u64 (writer, frame->reply.offset);
      return true;
    case KH_FRAME_PIECE:
      write_piece (writer, frame);
      return true;
    case KH_FRAME_FILE_END:
    case KH_FRAME_FILE_DONE:
    case KH_FRAME_FILE_FAILED:
      write_file (writer, frame);
      return true;
    case KH_FRAME_CANCEL:
      kh_writer_bytes (writer, frame->cancel.transfer, KH_FRAME_ID_LEN);
      kh_writer_u8 (writer, frame->cancel.status);
      return true;
    default:
      return false;
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
    case KH_FRAME_OFFER:
      read_offer (reader, frame);
      return true;
    case KH_FRAME_REPLY:
      kh_reader_copy (reader, frame->reply.transfer, KH_FRAME_ID_LEN);
      frame->reply.verdict = kh_reader_u8 (reader);
      frame->reply.offset = kh_reader_u64 (reader);
      return true;
    case KH_FRAME_PIECE:
      read_piece (reader, frame);
      return true;
    case KH_FRAME_FILE_END:
    case KH_FRAME_FILE_DONE:
    case KH_FRAME_FILE_FAILED:
      read_file (reader, frame);
      return true;
    case KH_FRAME_CANCEL:
      kh_reader_copy (reader, frame->cancel.transfer, KH_FRAME_ID_LEN);
      frame->cancel.status = kh_reader_u8 (reader);
      return true;
    default:
      return false;
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
