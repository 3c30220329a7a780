/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "random-frame.h"

#include <string.h>

/* These end with the frame: there is no room for later fields. */
static gboolean
has_open_end (guint8 type)
{
  return type == KH_FRAME_OFFER || type == KH_FRAME_TREE || type == KH_FRAME_PIECE;
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

      random_frame (scratch, &frame, random_frame_types[round % RANDOM_FRAME_TYPES]);
      len = kh_frame_write (&frame, scratch->bytes, sizeof scratch->bytes);
      g_assert_cmpuint (len, >, 0);
      g_assert_cmpint (kh_frame_read (&back, scratch->bytes, len), ==, KH_FRAME_GOOD);
      g_assert_cmpuint (back.type, ==, frame.type);
      if (frame.type == KH_FRAME_MESSAGE)
        assert_same_text (back.message.text, frame.message.text);

      len_again = kh_frame_write (&back, scratch->again, sizeof scratch->again);
      g_assert_cmpmem (scratch->bytes, len, scratch->again, len_again);
    }
}

/* A frame cut anywhere is bad; but where the end is open, only before it. */
static void
test_short_frames_are_bad (void)
{
  g_autofree Scratch *scratch = g_new0 (Scratch, 1);

  for (guint round = 0; round < 200; round++)
    {
      guint8 type = random_frame_types[round % RANDOM_FRAME_TYPES];
      KhFrame frame, back = { .type = 0xee };
      gsize len, step;

      random_frame (scratch, &frame, type);
      if (type == KH_FRAME_PIECE)
        frame.piece.len = 1;
      if (type == KH_FRAME_OFFER)
        frame.offer.page = random_page (scratch, 1);
      if (type == KH_FRAME_TREE)
        frame.tree.page = random_page (scratch, 1);
      len = kh_frame_write (&frame, scratch->bytes, sizeof scratch->bytes);
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

  for (gsize i = 0; i < RANDOM_FRAME_TYPES; i++)
    {
      KhFrame frame, back;
      gsize len;

      if (has_open_end (random_frame_types[i]))
        continue;
      random_frame (scratch, &frame, random_frame_types[i]);
      len = kh_frame_write (&frame, scratch->bytes, sizeof scratch->bytes);
      g_assert_cmpint (kh_frame_read (&back, scratch->bytes, len + 3), ==, KH_FRAME_GOOD);
    }
}

static void
test_unknown_types_are_told_from_bad_ones (void)
{
  static const guint8 later[] = { 0x7f, 1, 2, 3 };
  static const guint8 reply[KH_FRAME_ID_LEN + 15] = { KH_FRAME_REPLY };
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

  scratch->bytes[0] = KH_FRAME_PING;
  g_assert_cmpint (kh_frame_read (&frame, scratch->bytes, KH_FRAME_MAX), ==,
                   KH_FRAME_GOOD);
  g_assert_cmpint (kh_frame_read (&frame, scratch->bytes, KH_FRAME_MAX + 1), ==,
                   KH_FRAME_BAD);

  /* No offset reaches beyond what a system call takes. */
  kh_frame_write_piece_header (scratch->bytes, 0, 0, KH_FRAME_SIZE_MAX - 1);
  g_assert_cmpint (kh_frame_read (&frame, scratch->bytes, 18), ==, KH_FRAME_GOOD);
  g_assert_cmpint (kh_frame_read (&frame, scratch->bytes, 19), ==, KH_FRAME_BAD);
  kh_frame_write_piece_header (scratch->bytes, 0, 0, UINT64_MAX);
  g_assert_cmpint (kh_frame_read (&frame, scratch->bytes, 18), ==, KH_FRAME_BAD);
}

/* Reading knows the same limits as writing: a byte of a good frame is changed, and what
 * still reads as good writes as just these bytes. Replay with --seed. */
static void
test_both_directions_agree (void)
{
  g_autofree Scratch *scratch = g_new0 (Scratch, 1);
  guint n_bad = 0;

  for (guint round = 0; round < 20000; round++)
    {
      KhFrame frame, back;
      gsize len, len_again;

      random_frame (scratch, &frame, random_frame_types[round % RANDOM_FRAME_TYPES]);
      if (frame.type == KH_FRAME_OFFER)
        frame.offer.page = random_page (scratch, 3);
      if (frame.type == KH_FRAME_TREE)
        frame.tree.page = random_page (scratch, 3);
      len = kh_frame_write (&frame, scratch->bytes, sizeof scratch->bytes);
      scratch->bytes[g_test_rand_int_range (0, MIN (len, 100))]
          = (guint8)g_test_rand_int ();
      if (kh_frame_read (&back, scratch->bytes, len) != KH_FRAME_GOOD)
        {
          n_bad++;
          continue;
        }
      len_again = kh_frame_write (&back, scratch->again, sizeof scratch->again);
      g_assert_cmpuint (len_again, >, 0);
      g_assert_cmpmem (scratch->again, len_again, scratch->bytes, len_again);
    }
  g_assert_cmpuint (n_bad, >, 100);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/frame/frames-come-back", test_frames_come_back);
  g_test_add_func ("/frame/short-frames-are-bad", test_short_frames_are_bad);
  g_test_add_func ("/frame/later-fields-are-ignored", test_later_fields_are_ignored);
  g_test_add_func ("/frame/unknown-types-are-told-from-bad-ones",
                   test_unknown_types_are_told_from_bad_ones);
  g_test_add_func ("/frame/limits-hold-in-both-directions",
                   test_limits_hold_in_both_directions);
  g_test_add_func ("/frame/both-directions-agree", test_both_directions_agree);
  return g_test_run ();
}
