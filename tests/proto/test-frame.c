/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/frame.h"

#include <glib.h>
#include <string.h>

static const guint8 all_types[] = {
  KH_FRAME_NOMINATE,    KH_FRAME_HELLO,   KH_FRAME_PING,      KH_FRAME_PONG,
  KH_FRAME_BYE,         KH_FRAME_MESSAGE, KH_FRAME_DELIVERED, KH_FRAME_OFFER,
  KH_FRAME_REPLY,       KH_FRAME_PIECE,   KH_FRAME_FILE_END,  KH_FRAME_FILE_DONE,
  KH_FRAME_FILE_FAILED, KH_FRAME_CANCEL,
};

typedef struct
{
  char text[KH_FRAME_TEXT_MAX];
  guint8 bytes[KH_FRAME_MAX + 1];
  guint8 again[KH_FRAME_MAX + 1];
} Scratch;

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

static void
randomize_offer (Scratch *scratch, KhFrame *frame)
{
  fill (frame->offer.transfer, KH_FRAME_ID_LEN);
  frame->offer.stream = (guint32)g_test_rand_int ();
  frame->offer.n_files = (guint32)g_test_rand_int_range (1, 1000);
  frame->offer.total = random_u64 () >> 1;
  frame->offer.file.kind = (guint8)g_test_rand_int ();
  frame->offer.file.size = frame->offer.total / 2;
  frame->offer.file.modified_ms = random_u64 ();
  frame->offer.file.mode = (guint16)g_test_rand_int ();
  frame->offer.file.path = random_text (scratch, KH_FRAME_PATH_MAX);
}

/* Any frame that may be sent. */
static void
randomize (Scratch *scratch, KhFrame *frame, guint8 type)
{
  *frame = (KhFrame){ .type = type };
  switch (type)
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
    case KH_FRAME_OFFER:
      randomize_offer (scratch, frame);
      break;
    case KH_FRAME_REPLY:
      fill (frame->reply.transfer, KH_FRAME_ID_LEN);
      frame->reply.verdict = g_test_rand_bit () ? KH_FRAME_ACCEPT : KH_FRAME_DECLINE;
      frame->reply.offset = random_u64 () >> 1;
      break;
    case KH_FRAME_PIECE:
      frame->piece.stream = (guint32)g_test_rand_int ();
      frame->piece.file = (guint32)g_test_rand_int ();
      frame->piece.offset = random_u64 () >> 2;
      frame->piece.bytes = (const guint8 *)scratch->text;
      frame->piece.len = (gsize)g_test_rand_int_range (1, KH_FRAME_TEXT_MAX);
      break;
    case KH_FRAME_FILE_END:
      frame->file.size = random_u64 () >> 1;
      frame->file.stream = (guint32)g_test_rand_int ();
      frame->file.status = (guint8)g_test_rand_int ();
      break;
    case KH_FRAME_CANCEL:
      fill (frame->cancel.transfer, KH_FRAME_ID_LEN);
      frame->cancel.status = KH_FRAME_STATUS_CANCELLED;
      break;
    default:
      break;
    }
}

static void
assert_same_text (KhText one, KhText other)
{
  g_assert_cmpmem (one.bytes, one.len, other.bytes, other.len);
}

/* What was written reads back, and writes the same bytes again; so no field is
 * lost on either way. */
static void
test_frames_come_back (void)
{
  g_autofree Scratch *scratch = g_new0 (Scratch, 1);

  for (guint round = 0; round < 2000; round++)
    {
      KhFrame frame, back;
      gsize len, len_again;

      randomize (scratch, &frame, all_types[round % G_N_ELEMENTS (all_types)]);
      len = kh_frame_write (&frame, scratch->bytes, sizeof scratch->bytes);
      g_assert_cmpuint (len, >, 0);
      g_assert_cmpint (kh_frame_read (&back, scratch->bytes, len), ==, KH_FRAME_GOOD);
      g_assert_cmpuint (back.type, ==, frame.type);
      if (frame.type == KH_FRAME_MESSAGE)
        assert_same_text (back.message.text, frame.message.text);
      if (frame.type == KH_FRAME_OFFER)
        assert_same_text (back.offer.file.path, frame.offer.file.path);

      len_again = kh_frame_write (&back, scratch->again, sizeof scratch->again);
      g_assert_cmpmem (scratch->bytes, len, scratch->again, len_again);
    }
}

/* A frame cut anywhere is bad; but a piece has no end of its own. */
static void
test_short_frames_are_bad (void)
{
  g_autofree Scratch *scratch = g_new0 (Scratch, 1);

  for (guint round = 0; round < 200; round++)
    {
      guint8 type = all_types[round % G_N_ELEMENTS (all_types)];
      KhFrame frame, back = { .type = 0xee };
      gsize len, step;

      randomize (scratch, &frame, type);
      len = kh_frame_write (&frame, scratch->bytes, sizeof scratch->bytes);
      if (type == KH_FRAME_PIECE)
        len = KH_FRAME_PIECE_HEADER_LEN + 1;
      step = MAX (1, len / 100);
      for (gsize cut = 0; cut < len; cut += step)
        g_assert_cmpint (kh_frame_read (&back, scratch->bytes, cut), ==, KH_FRAME_BAD);
      g_assert_cmpuint (back.type, ==, 0xee);
    }
}

static void
test_later_fields_are_ignored (void)
{
  g_autofree Scratch *scratch = g_new0 (Scratch, 1);

  for (gsize i = 0; i < G_N_ELEMENTS (all_types); i++)
    {
      KhFrame frame, back;
      gsize len;

      randomize (scratch, &frame, all_types[i]);
      len = kh_frame_write (&frame, scratch->bytes, sizeof scratch->bytes);
      g_assert_cmpint (kh_frame_read (&back, scratch->bytes, len + 3), ==, KH_FRAME_GOOD);
    }
}

static void
test_layout_is_the_documented_one (void)
{
  static const guint8 offer[] = {
    0x20, 'i', 'd', 0, 0,   0,   0,   0, 0,
    0,    0,   0,   0, 0,   0,   0,   0, /* type, transfer */
    0,    0,   0,   7, 0,   0,   0,   0, 1,
    0,    0,   0,   0, 0,   0,   2,   0, /* stream, flags, n, total */
    1,    0,   0,   0, 0,   0,   0,   2, 0,
    0,    0,   0,   0, 0,   0,   0,   9, /* kind, size, modified */
    0,    1,   0,   3, 'a', '.', 'c',    /* mode, path */
  };
  static const guint8 end[] = { 0x23, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3, 1 };
  static const guint8 done[] = { 0x24, 0, 0, 0, 1, 0, 0, 0, 2 };
  static const guint8 failed[] = { 0x25, 0, 0, 0, 1, 0, 0, 0, 2, 10 };
  static const guint8 piece[] = { 0x22, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 1, 0, 0 };
  KhFrame frame;
  guint8 header[KH_FRAME_PIECE_HEADER_LEN];

  g_assert_cmpint (kh_frame_read (&frame, offer, sizeof offer), ==, KH_FRAME_GOOD);
  g_assert_cmpuint (frame.offer.stream, ==, 7);
  g_assert_cmpuint (frame.offer.n_files, ==, 1);
  g_assert_cmpuint (frame.offer.total, ==, 512);
  g_assert_cmpuint (frame.offer.file.kind, ==, KH_FRAME_KIND_FILE);
  g_assert_cmpuint (frame.offer.file.size, ==, 512);
  g_assert_cmpuint (frame.offer.file.modified_ms, ==, 9);
  g_assert_cmpuint (frame.offer.file.mode, ==, KH_FRAME_MODE_EXECUTABLE);
  g_assert_cmpmem (frame.offer.file.path.bytes, frame.offer.file.path.len, "a.c", 3);

  g_assert_cmpint (kh_frame_read (&frame, end, sizeof end), ==, KH_FRAME_GOOD);
  g_assert_cmpuint (frame.file.file, ==, 2);
  g_assert_cmpuint (frame.file.size, ==, 3);
  g_assert_cmpuint (frame.file.status, ==, KH_FRAME_STATUS_SHRANK);
  g_assert_cmpint (kh_frame_read (&frame, done, sizeof done), ==, KH_FRAME_GOOD);
  g_assert_cmpint (kh_frame_read (&frame, failed, sizeof failed), ==, KH_FRAME_GOOD);
  g_assert_cmpuint (frame.file.status, ==, KH_FRAME_STATUS_DISK_FULL);

  kh_frame_write_piece_header (header, 1, 2, 65536);
  g_assert_cmpmem (header, sizeof header, piece, sizeof piece);
}

static void
test_unknown_types_are_told_from_bad_ones (void)
{
  static const guint8 later[] = { 0x7f, 1, 2, 3 };
  static const guint8 reply[KH_FRAME_ID_LEN + 10] = { KH_FRAME_REPLY };
  KhFrame frame = { .type = 0x7f };
  guint8 out[64];

  g_assert_cmpint (kh_frame_read (&frame, later, sizeof later), ==, KH_FRAME_UNKNOWN);
  g_assert_cmpint (kh_frame_read (&frame, later, 0), ==, KH_FRAME_BAD);
  g_assert_cmpint (kh_frame_read (&frame, reply, sizeof reply), ==, KH_FRAME_BAD);
  g_assert_cmpuint (kh_frame_write (&frame, out, sizeof out), ==, 0);
}

static void
test_limits_hold_in_both_directions (void)
{
  g_autofree Scratch *scratch = g_new0 (Scratch, 1);
  g_autofree char *text = g_strnfill (KH_FRAME_TEXT_MAX + 1, 'x');
  KhFrame frame = { .type = KH_FRAME_MESSAGE };
  gsize len;

  frame.message.text = (KhText){ text, KH_FRAME_TEXT_MAX };
  len = kh_frame_write (&frame, scratch->bytes, sizeof scratch->bytes);
  g_assert_cmpuint (len, ==, 1 + 16 + 8 + 2 + KH_FRAME_TEXT_MAX);
  g_assert_cmpuint (kh_frame_write (&frame, scratch->bytes, len - 1), ==, 0);
  frame.message.text.len++;
  g_assert_cmpuint (kh_frame_write (&frame, scratch->bytes, sizeof scratch->bytes), ==,
                    0);
  frame.message.text = (KhText){ "", 0 };
  g_assert_cmpuint (kh_frame_write (&frame, scratch->bytes, sizeof scratch->bytes), ==,
                    0);

  /* The largest piece fills a frame to the last byte, and one more is no frame. */
  memset (scratch->bytes, 0, sizeof scratch->bytes);
  kh_frame_write_piece_header (scratch->bytes, 0, 0, 0);
  g_assert_cmpint (kh_frame_read (&frame, scratch->bytes, KH_FRAME_MAX), ==,
                   KH_FRAME_GOOD);
  g_assert_cmpuint (frame.piece.len, ==, KH_FRAME_PIECE_MAX);
  g_assert_cmpint (kh_frame_read (&frame, scratch->bytes, KH_FRAME_MAX + 1), ==,
                   KH_FRAME_BAD);

  /* No offset reaches beyond what a system call takes. */
  kh_frame_write_piece_header (scratch->bytes, 0, 0, KH_FRAME_SIZE_MAX - 1);
  g_assert_cmpint (kh_frame_read (&frame, scratch->bytes, 18), ==, KH_FRAME_GOOD);
  g_assert_cmpint (kh_frame_read (&frame, scratch->bytes, 19), ==, KH_FRAME_BAD);
  kh_frame_write_piece_header (scratch->bytes, 0, 0, UINT64_MAX);
  g_assert_cmpint (kh_frame_read (&frame, scratch->bytes, 18), ==, KH_FRAME_BAD);
}

static void
test_an_offer_holds_together (void)
{
  g_autofree Scratch *scratch = g_new0 (Scratch, 1);
  KhFrame frame;

  randomize (scratch, &frame, KH_FRAME_OFFER);
  frame.offer.file.size = frame.offer.total + 1;
  g_assert_cmpuint (kh_frame_write (&frame, scratch->bytes, sizeof scratch->bytes), ==,
                    0);
  randomize (scratch, &frame, KH_FRAME_OFFER);
  frame.offer.n_files = 0;
  g_assert_cmpuint (kh_frame_write (&frame, scratch->bytes, sizeof scratch->bytes), ==,
                    0);
  randomize (scratch, &frame, KH_FRAME_OFFER);
  frame.offer.total = UINT64_MAX;
  g_assert_cmpuint (kh_frame_write (&frame, scratch->bytes, sizeof scratch->bytes), ==,
                    0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/frame/frames-come-back", test_frames_come_back);
  g_test_add_func ("/frame/short-frames-are-bad", test_short_frames_are_bad);
  g_test_add_func ("/frame/later-fields-are-ignored", test_later_fields_are_ignored);
  g_test_add_func ("/frame/layout-is-the-documented-one",
                   test_layout_is_the_documented_one);
  g_test_add_func ("/frame/unknown-types-are-told-from-bad-ones",
                   test_unknown_types_are_told_from_bad_ones);
  g_test_add_func ("/frame/limits-hold-in-both-directions",
                   test_limits_hold_in_both_directions);
  g_test_add_func ("/frame/an-offer-holds-together", test_an_offer_holds_together);
  return g_test_run ();
}
