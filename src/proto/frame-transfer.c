/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/frame-private.h"

/* --- What is sound -------------------------------------------------------------- */

static bool
entry_fits (const KhTreeEntry *entry)
{
  uint64_t largest = entry->kind == KH_TREE_FILE ? KH_FRAME_SIZE_MAX : 0;

  return entry->kind >= KH_TREE_FILE && entry->kind <= KH_TREE_LINK
         && entry->size <= largest
         && kh_tree_name_fits (entry->name.bytes, entry->name.len);
}

/* Looks through a copy, so that taking the entries later can't fail. */
static bool
page_fits (KhTreePage page)
{
  KhTreeEntry entry;

  if (page.len < 1 || page.len > KH_TREE_PAGE_MAX)
    return false;
  while (kh_tree_read (&page, &entry))
    if (!entry_fits (&entry))
      return false;
  return page.len == 0;
}

static bool
offer_fits (const KhFrame *frame)
{
  return frame->offer.n_entries >= 1 && frame->offer.n_entries <= KH_TREE_ENTRIES_MAX
         && frame->offer.n_files <= frame->offer.n_entries
         && frame->offer.total <= KH_FRAME_SIZE_MAX && page_fits (frame->offer.page);
}

static bool
reply_fits (const KhFrame *frame)
{
  return frame->reply.total <= KH_FRAME_SIZE_MAX
         && (frame->reply.verdict == KH_FRAME_ACCEPT
             || frame->reply.verdict == KH_FRAME_DECLINE);
}

static bool
run_fits (const KhFrame *frame)
{
  if (frame->run.n < 1 || frame->run.n > KH_FRAME_RUN_MAX
      || frame->run.first > KH_TREE_ENTRIES_MAX - frame->run.n)
    return false;
  return frame->run.offset == 0
         || (frame->run.n == 1 && frame->run.offset <= KH_FRAME_SIZE_MAX);
}

static bool
piece_fits (uint64_t offset, size_t len)
{
  return len >= 1 && len <= KH_FRAME_PIECE_MAX && offset <= KH_FRAME_SIZE_MAX - len;
}

bool
kh_frame_transfer_is_sound (const KhFrame *frame)
{
  switch (frame->type)
    {
    case KH_FRAME_OFFER:
      return offer_fits (frame);
    case KH_FRAME_REPLY:
      return reply_fits (frame);
    case KH_FRAME_TREE:
      return page_fits (frame->tree.page);
    case KH_FRAME_WANT:
    case KH_FRAME_FILE_DONE:
      return run_fits (frame);
    case KH_FRAME_PIECE:
      return piece_fits (frame->piece.offset, frame->piece.len);
    case KH_FRAME_FILE_BEGIN:
    case KH_FRAME_FILE_END:
      return frame->file.size <= KH_FRAME_SIZE_MAX;
    case KH_FRAME_CANCEL:
      return frame->cancel.status != KH_FRAME_STATUS_COMPLETE;
    case KH_FRAME_PAUSE:
      return frame->pause.paused <= 1;
    default:
      return true;
    }
}

/* --- The whole of a transfer ---------------------------------------------------- */

static void
write_offer (KhWriter *writer, const KhFrame *frame)
{
  kh_writer_bytes (writer, frame->offer.transfer, KH_FRAME_ID_LEN);
  kh_writer_u32 (writer, frame->offer.stream);
  kh_writer_u8 (writer, frame->offer.flags);
  kh_writer_u32 (writer, frame->offer.n_entries);
  kh_writer_u32 (writer, frame->offer.n_files);
  kh_writer_u64 (writer, frame->offer.total);
  kh_writer_bytes (writer, frame->offer.page.bytes, frame->offer.page.len);
}

static KhTreePage
read_page (KhReader *reader)
{
  KhTreePage page = { .len = reader->left };

  page.bytes = kh_reader_bytes (reader, reader->left);
  return page;
}

static void
read_offer (KhReader *reader, KhFrame *frame)
{
  kh_reader_copy (reader, frame->offer.transfer, KH_FRAME_ID_LEN);
  frame->offer.stream = kh_reader_u32 (reader);
  frame->offer.flags = kh_reader_u8 (reader);
  frame->offer.n_entries = kh_reader_u32 (reader);
  frame->offer.n_files = kh_reader_u32 (reader);
  frame->offer.total = kh_reader_u64 (reader);
  frame->offer.page = read_page (reader);
}

static void
write_reply (KhWriter *writer, const KhFrame *frame)
{
  kh_writer_bytes (writer, frame->reply.transfer, KH_FRAME_ID_LEN);
  kh_writer_u8 (writer, frame->reply.verdict);
  kh_writer_u8 (writer, frame->reply.flags);
  kh_writer_u32 (writer, frame->reply.n_files);
  kh_writer_u64 (writer, frame->reply.total);
}

static void
read_reply (KhReader *reader, KhFrame *frame)
{
  kh_reader_copy (reader, frame->reply.transfer, KH_FRAME_ID_LEN);
  frame->reply.verdict = kh_reader_u8 (reader);
  frame->reply.flags = kh_reader_u8 (reader);
  frame->reply.n_files = kh_reader_u32 (reader);
  frame->reply.total = kh_reader_u64 (reader);
}

static void
write_tree (KhWriter *writer, const KhFrame *frame)
{
  kh_writer_bytes (writer, frame->tree.transfer, KH_FRAME_ID_LEN);
  kh_writer_u32 (writer, frame->tree.first);
  if (frame->type == KH_FRAME_TREE)
    kh_writer_bytes (writer, frame->tree.page.bytes, frame->tree.page.len);
}

static void
read_tree (KhReader *reader, KhFrame *frame)
{
  kh_reader_copy (reader, frame->tree.transfer, KH_FRAME_ID_LEN);
  frame->tree.first = kh_reader_u32 (reader);
  if (frame->type == KH_FRAME_TREE)
    frame->tree.page = read_page (reader);
}

static void
write_finished (KhWriter *writer, const KhFrame *frame)
{
  kh_writer_bytes (writer, frame->finished.transfer, KH_FRAME_ID_LEN);
  kh_writer_u32 (writer, frame->finished.n_done);
  kh_writer_u32 (writer, frame->finished.n_there);
  kh_writer_u32 (writer, frame->finished.n_failed);
  kh_writer_u32 (writer, frame->finished.n_left_out);
}

static void
read_finished (KhReader *reader, KhFrame *frame)
{
  kh_reader_copy (reader, frame->finished.transfer, KH_FRAME_ID_LEN);
  frame->finished.n_done = kh_reader_u32 (reader);
  frame->finished.n_there = kh_reader_u32 (reader);
  frame->finished.n_failed = kh_reader_u32 (reader);
  frame->finished.n_left_out = kh_reader_u32 (reader);
}

static bool
write_whole (KhWriter *writer, const KhFrame *frame)
{
  switch (frame->type)
    {
    case KH_FRAME_OFFER:
      write_offer (writer, frame);
      return true;
    case KH_FRAME_REPLY:
      write_reply (writer, frame);
      return true;
    case KH_FRAME_TREE_WANT:
    case KH_FRAME_TREE:
      write_tree (writer, frame);
      return true;
    case KH_FRAME_CANCEL:
      kh_writer_bytes (writer, frame->cancel.transfer, KH_FRAME_ID_LEN);
      kh_writer_u8 (writer, frame->cancel.status);
      return true;
    case KH_FRAME_PAUSE:
      kh_writer_bytes (writer, frame->pause.transfer, KH_FRAME_ID_LEN);
      kh_writer_u8 (writer, frame->pause.paused);
      return true;
    case KH_FRAME_FINISHED:
      write_finished (writer, frame);
      return true;
    case KH_FRAME_RETRY:
      kh_writer_bytes (writer, frame->retry, KH_FRAME_ID_LEN);
      return true;
    case KH_FRAME_FIRST:
      kh_writer_bytes (writer, frame->first, KH_FRAME_ID_LEN);
      return true;
    case KH_FRAME_RATE:
      kh_writer_u64 (writer, frame->rate);
      return true;
    default:
      return false;
    }
}

static bool
read_whole (KhReader *reader, KhFrame *frame)
{
  switch (frame->type)
    {
    case KH_FRAME_OFFER:
      read_offer (reader, frame);
      return true;
    case KH_FRAME_REPLY:
      read_reply (reader, frame);
      return true;
    case KH_FRAME_TREE_WANT:
    case KH_FRAME_TREE:
      read_tree (reader, frame);
      return true;
    case KH_FRAME_CANCEL:
      kh_reader_copy (reader, frame->cancel.transfer, KH_FRAME_ID_LEN);
      frame->cancel.status = kh_reader_u8 (reader);
      return true;
    case KH_FRAME_PAUSE:
      kh_reader_copy (reader, frame->pause.transfer, KH_FRAME_ID_LEN);
      frame->pause.paused = kh_reader_u8 (reader);
      return true;
    case KH_FRAME_FINISHED:
      read_finished (reader, frame);
      return true;
    case KH_FRAME_RETRY:
      kh_reader_copy (reader, frame->retry, KH_FRAME_ID_LEN);
      return true;
    case KH_FRAME_FIRST:
      kh_reader_copy (reader, frame->first, KH_FRAME_ID_LEN);
      return true;
    case KH_FRAME_RATE:
      frame->rate = kh_reader_u64 (reader);
      return true;
    default:
      return false;
    }
}

/* --- Its files ------------------------------------------------------------------ */

static void
write_run (KhWriter *writer, const KhFrame *frame)
{
  kh_writer_u32 (writer, frame->run.stream);
  kh_writer_u32 (writer, frame->run.first);
  kh_writer_u32 (writer, frame->run.n);
  if (frame->type == KH_FRAME_WANT)
    kh_writer_u64 (writer, frame->run.offset);
}

static void
read_run (KhReader *reader, KhFrame *frame)
{
  frame->run.stream = kh_reader_u32 (reader);
  frame->run.first = kh_reader_u32 (reader);
  frame->run.n = kh_reader_u32 (reader);
  if (frame->type == KH_FRAME_WANT)
    frame->run.offset = kh_reader_u64 (reader);
}

static void
write_hash (KhWriter *writer, const KhFrame *frame)
{
  kh_writer_u32 (writer, frame->hash.stream);
  kh_writer_u32 (writer, frame->hash.file);
  kh_writer_bytes (writer, frame->hash.hash, KH_FRAME_HASH_LEN);
}

static void
read_hash (KhReader *reader, KhFrame *frame)
{
  frame->hash.stream = kh_reader_u32 (reader);
  frame->hash.file = kh_reader_u32 (reader);
  kh_reader_copy (reader, frame->hash.hash, KH_FRAME_HASH_LEN);
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
  if (frame->type != KH_FRAME_FILE_FAILED)
    kh_writer_u64 (writer, frame->file.size);
  if (frame->type == KH_FRAME_FILE_BEGIN)
    kh_writer_u64 (writer, frame->file.modified_ms);
  else
    kh_writer_u8 (writer, frame->file.status);
}

static void
read_file (KhReader *reader, KhFrame *frame)
{
  frame->file.stream = kh_reader_u32 (reader);
  frame->file.file = kh_reader_u32 (reader);
  if (frame->type != KH_FRAME_FILE_FAILED)
    frame->file.size = kh_reader_u64 (reader);
  if (frame->type == KH_FRAME_FILE_BEGIN)
    frame->file.modified_ms = kh_reader_u64 (reader);
  else
    frame->file.status = kh_reader_u8 (reader);
}

static bool
write_of_file (KhWriter *writer, const KhFrame *frame)
{
  switch (frame->type)
    {
    case KH_FRAME_WANT:
    case KH_FRAME_FILE_DONE:
      write_run (writer, frame);
      return true;
    case KH_FRAME_HASH:
      write_hash (writer, frame);
      return true;
    case KH_FRAME_PIECE:
      write_piece (writer, frame);
      return true;
    case KH_FRAME_FILE_BEGIN:
    case KH_FRAME_FILE_END:
    case KH_FRAME_FILE_FAILED:
      write_file (writer, frame);
      return true;
    default:
      return false;
    }
}

static bool
read_of_file (KhReader *reader, KhFrame *frame)
{
  switch (frame->type)
    {
    case KH_FRAME_WANT:
    case KH_FRAME_FILE_DONE:
      read_run (reader, frame);
      return true;
    case KH_FRAME_HASH:
      read_hash (reader, frame);
      return true;
    case KH_FRAME_PIECE:
      read_piece (reader, frame);
      return true;
    case KH_FRAME_FILE_BEGIN:
    case KH_FRAME_FILE_END:
    case KH_FRAME_FILE_FAILED:
      read_file (reader, frame);
      return true;
    default:
      return false;
    }
}

bool
kh_frame_transfer_write (KhWriter *writer, const KhFrame *frame)
{
  return write_whole (writer, frame) || write_of_file (writer, frame);
}

bool
kh_frame_transfer_read (KhReader *reader, KhFrame *frame)
{
  return read_whole (reader, frame) || read_of_file (reader, frame);
}
