/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "random-frame.h"

#include <string.h>

const guint8 random_frame_types[RANDOM_FRAME_TYPES] = {
  KH_FRAME_NOMINATE,    KH_FRAME_HELLO,   KH_FRAME_PING,       KH_FRAME_PONG,
  KH_FRAME_BYE,         KH_FRAME_MESSAGE, KH_FRAME_DELIVERED,  KH_FRAME_OFFER,
  KH_FRAME_REPLY,       KH_FRAME_PIECE,   KH_FRAME_FILE_END,   KH_FRAME_FILE_DONE,
  KH_FRAME_FILE_FAILED, KH_FRAME_CANCEL,  KH_FRAME_TREE_WANT,  KH_FRAME_TREE,
  KH_FRAME_WANT,        KH_FRAME_HASH,    KH_FRAME_FILE_BEGIN, KH_FRAME_PAUSE,
  KH_FRAME_FINISHED,    KH_FRAME_RETRY,   KH_FRAME_RATE,       KH_FRAME_FIRST,
};

static void
fill (guint8 *bytes, gsize len)
{
  for (gsize i = 0; i < len; i++)
    bytes[i] = (guint8)g_test_rand_int ();
}

static guint64
random_u64 (void)
{
  return (guint64)(guint32)g_test_rand_int () << 32 | (guint32)g_test_rand_int ();
}

static KhText
random_text (Scratch *scratch, gsize max_len)
{
  gsize len = (gsize)g_test_rand_int_range (1, (gint)max_len + 1);

  for (gsize i = 0; i < len; i++)
    scratch->text[i] = (char)g_test_rand_int_range (1, 128);
  return (KhText){ .bytes = scratch->text, .len = len };
}

KhTreePage
random_page (Scratch *scratch, guint n_most)
{
  gsize len = 0, longer;

  for (gint n = g_test_rand_int_range (1, (gint)n_most + 1); n > 0; n--)
    {
      guint8 kind = (guint8)g_test_rand_int_range (KH_TREE_FILE, KH_TREE_LINK + 1);
      KhTreeEntry entry = {
        .kind = kind,
        .depth = (guint8)g_test_rand_int_range (0, 3),
        .mode = (guint16)g_test_rand_int (),
        .size = kind == KH_TREE_FILE ? random_u64 () >> 1 : 0,
        .modified_ms = random_u64 (),
        .name = { "Übung.txt", (gsize)g_test_rand_int_range (2, 11) },
      };

      longer = kh_tree_write (&entry, scratch->page, len);
      if (longer > 0)
        len = longer;
    }
  return (KhTreePage){ scratch->page, len };
}

static void
randomize_conversation (Scratch *scratch, KhFrame *frame)
{
  switch (frame->type)
    {
    case KH_FRAME_HELLO:
      frame->hello.version = (guint16)g_test_rand_int ();
      frame->hello.capabilities = (guint32)g_test_rand_int ();
      frame->hello.name = random_text (scratch, KH_FRAME_NAME_MAX);
      break;
    case KH_FRAME_PING:
    case KH_FRAME_PONG:
      frame->cookie = random_u64 ();
      break;
    case KH_FRAME_BYE:
      frame->reason = (guint8)g_test_rand_int ();
      break;
    case KH_FRAME_MESSAGE:
      fill (frame->message.id, KH_FRAME_ID_LEN);
      frame->message.sent_at_ms = random_u64 ();
      frame->message.text = random_text (scratch, KH_FRAME_TEXT_MAX);
      break;
    case KH_FRAME_DELIVERED:
      fill (frame->delivered, KH_FRAME_ID_LEN);
      break;
    default:
      break;
    }
}

static void
randomize_offer (Scratch *scratch, KhFrame *frame)
{
  fill (frame->offer.transfer, KH_FRAME_ID_LEN);
  frame->offer.stream = (guint32)g_test_rand_int ();
  frame->offer.flags = (guint8)g_test_rand_int ();
  frame->offer.n_entries = (guint32)g_test_rand_int_range (1, KH_TREE_ENTRIES_MAX + 1);
  frame->offer.n_files
      = (guint32)g_test_rand_int_range (0, (gint)frame->offer.n_entries + 1);
  frame->offer.total = random_u64 () >> 1;
  frame->offer.page = random_page (scratch, 2000);
}

static void
randomize_whole (Scratch *scratch, KhFrame *frame)
{
  switch (frame->type)
    {
    case KH_FRAME_OFFER:
      randomize_offer (scratch, frame);
      break;
    case KH_FRAME_REPLY:
      fill (frame->reply.transfer, KH_FRAME_ID_LEN);
      frame->reply.verdict = g_test_rand_bit () ? KH_FRAME_ACCEPT : KH_FRAME_DECLINE;
      frame->reply.flags = (guint8)g_test_rand_int ();
      frame->reply.n_files = (guint32)g_test_rand_int ();
      frame->reply.total = random_u64 () >> 1;
      break;
    case KH_FRAME_TREE_WANT:
    case KH_FRAME_TREE:
      fill (frame->tree.transfer, KH_FRAME_ID_LEN);
      frame->tree.first = (guint32)g_test_rand_int ();
      if (frame->type == KH_FRAME_TREE)
        frame->tree.page = random_page (scratch, 2000);
      break;
    case KH_FRAME_CANCEL:
      fill (frame->cancel.transfer, KH_FRAME_ID_LEN);
      frame->cancel.status = (guint8)g_test_rand_int_range (1, 256);
      break;
    case KH_FRAME_PAUSE:
      fill (frame->pause.transfer, KH_FRAME_ID_LEN);
      frame->pause.paused = g_test_rand_bit ();
      break;
    case KH_FRAME_FINISHED:
      fill ((guint8 *)&frame->finished, sizeof frame->finished);
      break;
    case KH_FRAME_FIRST:
      fill (frame->first, KH_FRAME_ID_LEN);
      break;
    case KH_FRAME_RETRY:
      fill (frame->retry, KH_FRAME_ID_LEN);
      break;
    case KH_FRAME_RATE:
      frame->rate = random_u64 ();
      break;
    default:
      break;
    }
}

static void
randomize_of_file (Scratch *scratch, KhFrame *frame)
{
  switch (frame->type)
    {
    case KH_FRAME_WANT:
    case KH_FRAME_FILE_DONE:
      frame->run.stream = (guint32)g_test_rand_int ();
      frame->run.n = g_test_rand_bit ()
                         ? 1
                         : (guint32)g_test_rand_int_range (1, KH_FRAME_RUN_MAX + 1);
      frame->run.first = (guint32)g_test_rand_int_range (
          0, (gint)(KH_TREE_ENTRIES_MAX - frame->run.n + 1));
      if (frame->type == KH_FRAME_WANT && frame->run.n == 1)
        frame->run.offset = random_u64 () >> 1;
      break;
    case KH_FRAME_HASH:
      fill ((guint8 *)&frame->hash, sizeof frame->hash);
      break;
    case KH_FRAME_PIECE:
      frame->piece.stream = (guint32)g_test_rand_int ();
      frame->piece.file = (guint32)g_test_rand_int ();
      frame->piece.offset = random_u64 () >> 2;
      frame->piece.bytes = (const guint8 *)scratch->text;
      frame->piece.len = (gsize)g_test_rand_int_range (1, KH_FRAME_TEXT_MAX);
      break;
    case KH_FRAME_FILE_BEGIN:
    case KH_FRAME_FILE_END:
    case KH_FRAME_FILE_FAILED:
      frame->file.stream = (guint32)g_test_rand_int ();
      frame->file.file = (guint32)g_test_rand_int ();
      frame->file.size = random_u64 () >> 1;
      frame->file.modified_ms = random_u64 ();
      frame->file.status = (guint8)g_test_rand_int ();
      break;
    default:
      break;
    }
}

void
random_frame (Scratch *scratch, KhFrame *frame, guint8 type)
{
  *frame = (KhFrame){ .type = type };
  randomize_conversation (scratch, frame);
  randomize_whole (scratch, frame);
  randomize_of_file (scratch, frame);
}
