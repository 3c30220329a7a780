/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "random-frame.h"

#include <string.h>

/* The fields of frames as they are documented, in hexadecimal. */
static const struct
{
  KhFrame frame;
  const char *golden;
} layouts[] = {
  { { .type = KH_FRAME_OFFER,
      .offer = { .transfer = "id",
                 .stream = 7,
                 .flags = KH_FRAME_OFFER_PAUSED,
                 .n_entries = 2,
                 .n_files = 1,
                 .total = 512,
                 .page = { (const guint8 *)"\2\0\0\0\0\0\0\0\0\0"
                                           "\0\0\0\0\0\0\0\x9\0\0\1s",
                           22 } } },
    "20 69640000000000000000000000000000 00000007 02 00000002 00000001"
    "0000000000000200 0200000000000000000000000000000000090000 01 73" },
  { { .type = KH_FRAME_REPLY,
      .reply = { .transfer = "id",
                 .verdict = KH_FRAME_ACCEPT,
                 .flags = KH_FRAME_OFFER_PAUSED,
                 .n_files = 1,
                 .total = 512 } },
    "21 69640000000000000000000000000000 01 02 00000001 0000000000000200" },
  { { .type = KH_FRAME_PIECE,
      .piece = { .stream = 1,
                 .file = 2,
                 .offset = 65536,
                 .bytes = (const guint8 *)"ab",
                 .len = 2 } },
    "22 00000001 00000002 0000000000010000 6162" },
  { { .type = KH_FRAME_FILE_END,
      .file = { .stream = 1, .file = 2, .size = 3, .status = KH_FRAME_STATUS_SHRANK } },
    "23 00000001 00000002 0000000000000003 01" },
  { { .type = KH_FRAME_FILE_DONE, .run = { .stream = 1, .first = 2, .n = 1024 } },
    "24 00000001 00000002 00000400" },
  { { .type = KH_FRAME_FILE_FAILED,
      .file = { .stream = 1, .file = 2, .status = KH_FRAME_STATUS_DISK_FULL } },
    "25 00000001 00000002 0a" },
  { { .type = KH_FRAME_CANCEL,
      .cancel = { .transfer = "id", .status = KH_FRAME_STATUS_CANCELLED } },
    "26 69640000000000000000000000000000 14" },
  { { .type = KH_FRAME_TREE_WANT, .tree = { .transfer = "id", .first = 258 } },
    "27 69640000000000000000000000000000 00000102" },
  { { .type = KH_FRAME_TREE,
      .tree = { .transfer = "id",
                .first = 258,
                .page = { (const guint8 *)"\3\1\0\0\0\0\0\0\0\0"
                                          "\0\0\0\0\0\0\0\x9\0\0\1l",
                          22 } } },
    "28 69640000000000000000000000000000 00000102"
    "0301000000000000000000000000000000090000 01 6c" },
  { { .type = KH_FRAME_WANT, .run = { .stream = 1, .first = 2, .n = 1, .offset = 3 } },
    "29 00000001 00000002 00000001 0000000000000003" },
  { { .type = KH_FRAME_HASH, .hash = { .stream = 1, .file = 2, .hash = "hash" } },
    "2a 00000001 00000002"
    "6861736800000000000000000000000000000000000000000000000000000000" },
  { { .type = KH_FRAME_FILE_BEGIN,
      .file = { .stream = 1, .file = 2, .size = 3, .modified_ms = 4 } },
    "2b 00000001 00000002 0000000000000003 0000000000000004" },
  { { .type = KH_FRAME_PAUSE, .pause = { .transfer = "id", .paused = 1 } },
    "2c 69640000000000000000000000000000 01" },
  { { .type = KH_FRAME_FINISHED,
      .finished
      = { .transfer = "id", .n_done = 1, .n_there = 2, .n_failed = 3, .n_left_out = 4 } },
    "2d 69640000000000000000000000000000 00000001 00000002 00000003 00000004" },
  { { .type = KH_FRAME_RETRY, .retry = "id" }, "2e 69640000000000000000000000000000" },
  { { .type = KH_FRAME_FIRST, .first = "id" }, "30 69640000000000000000000000000000" },
  { { .type = KH_FRAME_RATE, .rate = 65536 }, "2f 0000000000010000" },
};

static GByteArray *
from_hex (const char *hex)
{
  GByteArray *bytes = g_byte_array_new ();

  while (*hex != '\0')
    {
      guint8 byte;

      if (*hex == ' ')
        {
          hex++;
          continue;
        }
      byte = (guint8)(g_ascii_xdigit_value (hex[0]) << 4 | g_ascii_xdigit_value (hex[1]));
      g_byte_array_append (bytes, &byte, 1);
      hex += 2;
    }
  return bytes;
}

static void
test_layout_is_the_documented_one (void)
{
  g_autofree Scratch *scratch = g_new0 (Scratch, 1);
  guint8 header[KH_FRAME_PIECE_HEADER_LEN];

  for (gsize i = 0; i < G_N_ELEMENTS (layouts); i++)
    {
      g_autoptr (GByteArray) golden = from_hex (layouts[i].golden);
      KhFrame back;
      gsize len
          = kh_frame_write (&layouts[i].frame, scratch->bytes, sizeof scratch->bytes);

      g_assert_cmpmem (scratch->bytes, len, golden->data, golden->len);
      g_assert_cmpint (kh_frame_read (&back, golden->data, golden->len), ==,
                       KH_FRAME_GOOD);
      len = kh_frame_write (&back, scratch->again, sizeof scratch->again);
      g_assert_cmpmem (scratch->again, len, golden->data, golden->len);
      if (back.type != KH_FRAME_PIECE)
        continue;
      kh_frame_write_piece_header (header, 1, 2, 65536);
      g_assert_cmpmem (header, sizeof header, golden->data, sizeof header);
    }
}

static void
assert_unsound (Scratch *scratch, const KhFrame *frame)
{
  g_assert_cmpuint (kh_frame_write (frame, scratch->bytes, sizeof scratch->bytes), ==, 0);
}

static void
assert_sound (Scratch *scratch, const KhFrame *frame)
{
  KhFrame back;
  gsize len = kh_frame_write (frame, scratch->bytes, sizeof scratch->bytes);

  g_assert_cmpuint (len, >, 0);
  g_assert_cmpint (kh_frame_read (&back, scratch->bytes, len), ==, KH_FRAME_GOOD);
}

static void
test_an_offer_keeps_to_the_limits (void)
{
  g_autofree Scratch *scratch = g_new0 (Scratch, 1);
  KhFrame frame;

  random_frame (scratch, &frame, KH_FRAME_OFFER);
  frame.offer.n_entries = frame.offer.n_files = KH_TREE_ENTRIES_MAX;
  frame.offer.total = KH_FRAME_SIZE_MAX;
  assert_sound (scratch, &frame);
  frame.offer.n_entries++;
  assert_unsound (scratch, &frame);
  frame.offer.n_entries = frame.offer.n_files - 1;
  assert_unsound (scratch, &frame);
  frame.offer.n_entries = frame.offer.n_files = 0;
  assert_unsound (scratch, &frame);
  frame.offer.n_entries = 1;
  assert_sound (scratch, &frame);
  frame.offer.total++;
  assert_unsound (scratch, &frame);
}

/* Changes byte @at of a page of one entry in an offer and in a TREE. */
static KhFrameVerdict
read_spoiled (const KhTreeEntry *entry, gsize at, guint8 byte)
{
  static const guint8 types[] = { KH_FRAME_OFFER, KH_FRAME_TREE };
  g_autofree Scratch *scratch = g_new0 (Scratch, 1);
  KhTreePage page = { scratch->page, kh_tree_write (entry, scratch->page, 0) };
  KhFrameVerdict verdicts[G_N_ELEMENTS (types)];
  KhFrame frame, back;

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      gsize len;

      random_frame (scratch, &frame, types[i]);
      page.len = kh_tree_write (entry, scratch->page, 0);
      if (types[i] == KH_FRAME_OFFER)
        frame.offer.page = page;
      else
        frame.tree.page = page;
      len = kh_frame_write (&frame, scratch->bytes, sizeof scratch->bytes);
      g_assert_cmpuint (len, >, page.len);
      scratch->bytes[len - page.len + at] = byte;
      verdicts[i] = kh_frame_read (&back, scratch->bytes, len);
    }
  g_assert_cmpint (verdicts[0], ==, verdicts[1]);
  return verdicts[0];
}

static void
test_a_page_is_looked_through (void)
{
  const KhTreeEntry file = { .kind = KH_TREE_FILE, .size = 9, .name = { "abc", 3 } };
  const KhTreeEntry folder = { .kind = KH_TREE_FOLDER, .name = { "..c", 3 } };
  static const struct
  {
    gboolean of_folder;
    gsize at;
    guint8 byte;
    KhFrameVerdict expected;
  } changes[] = {
    { FALSE, 0, 0, KH_FRAME_BAD },     /* the kind */
    { FALSE, 0, 1, KH_FRAME_GOOD },    /* */
    { FALSE, 0, 2, KH_FRAME_BAD },     /* a folder with a size */
    { FALSE, 0, 3, KH_FRAME_BAD },     /* */
    { TRUE, 0, 0, KH_FRAME_BAD },      /* */
    { TRUE, 0, 3, KH_FRAME_GOOD },     /* */
    { TRUE, 0, 4, KH_FRAME_BAD },      /* */
    { FALSE, 2, 0x7f, KH_FRAME_GOOD }, /* the size */
    { FALSE, 2, 0x80, KH_FRAME_BAD },  /* */
    { TRUE, 9, 1, KH_FRAME_BAD },      /* */
    { FALSE, 20, 2, KH_FRAME_BAD },    /* the length of the name: too short */
    { FALSE, 20, 4, KH_FRAME_BAD },    /* and too long */
    { FALSE, 20, 0, KH_FRAME_BAD },    /* none */
    { FALSE, 22, '/', KH_FRAME_BAD },  /* the name */
    { FALSE, 22, 0, KH_FRAME_BAD },    /* */
    { FALSE, 22, 0xff, KH_FRAME_BAD }, /* */
    { FALSE, 22, '.', KH_FRAME_GOOD }, /* */
    { TRUE, 23, '.', KH_FRAME_GOOD },  /* three dots */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (changes); i++)
    g_assert_cmpint (read_spoiled (changes[i].of_folder ? &folder : &file, changes[i].at,
                                   changes[i].byte),
                     ==, changes[i].expected);
}

/* None, as much as may be, and one entry more; and a bad one behind many good ones. */
static void
test_a_page_has_its_bounds (void)
{
  g_autofree Scratch *scratch = g_new0 (Scratch, 1);
  g_autofree guint8 *page = g_malloc (KH_TREE_PAGE_MAX + 32);
  KhTreeEntry entry = { .kind = KH_TREE_LINK, .name = { "0123456789a", 11 } };
  KhFrame frame = { .type = KH_FRAME_TREE };

  for (gsize len = 0; len < KH_TREE_PAGE_MAX; len += 32)
    g_assert_cmpuint (kh_tree_write (&entry, page, len), ==, len + 32);
  memcpy (page + KH_TREE_PAGE_MAX, page, 32);
  assert_unsound (scratch, &frame);
  frame.tree.page = (KhTreePage){ page, KH_TREE_PAGE_MAX };
  assert_sound (scratch, &frame);
  frame.tree.page.len = KH_TREE_PAGE_MAX - 1;
  assert_unsound (scratch, &frame);
  frame.tree.page.len = KH_TREE_PAGE_MAX + 32;
  assert_unsound (scratch, &frame);

  page[KH_TREE_PAGE_MAX - 1] = '/';
  frame.tree.page.len = KH_TREE_PAGE_MAX;
  assert_unsound (scratch, &frame);
}

static void
test_runs_stay_in_the_tree (void)
{
  static const struct
  {
    guint32 first;
    guint32 n;
    guint64 offset;
    gboolean is_sound;
  } runs[] = {
    { 0, 1, 0, TRUE },
    { 0, 0, 0, FALSE },
    { 0, KH_FRAME_RUN_MAX, 0, TRUE },
    { 0, KH_FRAME_RUN_MAX + 1, 0, FALSE },
    { KH_TREE_ENTRIES_MAX - 1, 1, 0, TRUE },
    { KH_TREE_ENTRIES_MAX, 1, 0, FALSE },
    { KH_TREE_ENTRIES_MAX - 1, 2, 0, FALSE },
    { KH_TREE_ENTRIES_MAX - KH_FRAME_RUN_MAX, KH_FRAME_RUN_MAX, 0, TRUE },
    { G_MAXUINT32, 1, 0, FALSE },
    { G_MAXUINT32 - 1, 2, 0, FALSE },
    { 1, G_MAXUINT32, 0, FALSE },
    { 0, 1, 1, TRUE },
    { 0, 1, KH_FRAME_SIZE_MAX, TRUE },
    { 0, 1, (guint64)KH_FRAME_SIZE_MAX + 1, FALSE },
    { 0, 2, 1, FALSE },
  };
  g_autofree Scratch *scratch = g_new0 (Scratch, 1);

  for (gsize i = 0; i < G_N_ELEMENTS (runs); i++)
    {
      KhFrame frame
          = { .type = KH_FRAME_WANT,
              .run
              = { .first = runs[i].first, .n = runs[i].n, .offset = runs[i].offset } };

      for (guint round = 0; round < 2; round++)
        {
          if (runs[i].is_sound)
            assert_sound (scratch, &frame);
          else
            assert_unsound (scratch, &frame);
          frame.type = KH_FRAME_FILE_DONE;
        }
    }
}

static void
test_what_has_one_limit_keeps_to_it (void)
{
  static const guint8 with_size[] = { KH_FRAME_FILE_BEGIN, KH_FRAME_FILE_END };
  g_autofree Scratch *scratch = g_new0 (Scratch, 1);
  KhFrame frame;

  for (guint i = 0; i < G_N_ELEMENTS (with_size); i++)
    {
      frame = (KhFrame){ .type = with_size[i], .file = { .size = KH_FRAME_SIZE_MAX } };
      assert_sound (scratch, &frame);
      frame.file.size++;
      assert_unsound (scratch, &frame);
    }

  frame
      = (KhFrame){ .type = KH_FRAME_REPLY,
                   .reply = { .verdict = KH_FRAME_DECLINE, .total = KH_FRAME_SIZE_MAX } };
  assert_sound (scratch, &frame);
  frame.reply.verdict++;
  assert_unsound (scratch, &frame);
  frame.reply.verdict = KH_FRAME_ACCEPT;
  assert_sound (scratch, &frame);
  frame.reply.total++;
  assert_unsound (scratch, &frame);

  frame = (KhFrame){ .type = KH_FRAME_CANCEL };
  assert_unsound (scratch, &frame);
  frame.cancel.status = KH_FRAME_STATUS_GONE;
  assert_sound (scratch, &frame);

  frame = (KhFrame){ .type = KH_FRAME_PAUSE };
  assert_sound (scratch, &frame);
  frame.pause.paused = 1;
  assert_sound (scratch, &frame);
  frame.pause.paused = 2;
  assert_unsound (scratch, &frame);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/frame-transfer/layout-is-the-documented-one",
                   test_layout_is_the_documented_one);
  g_test_add_func ("/frame-transfer/an-offer-keeps-to-the-limits",
                   test_an_offer_keeps_to_the_limits);
  g_test_add_func ("/frame-transfer/a-page-is-looked-through",
                   test_a_page_is_looked_through);
  g_test_add_func ("/frame-transfer/a-page-has-its-bounds", test_a_page_has_its_bounds);
  g_test_add_func ("/frame-transfer/runs-stay-in-the-tree", test_runs_stay_in_the_tree);
  g_test_add_func ("/frame-transfer/what-has-one-limit-keeps-to-it",
                   test_what_has_one_limit_keeps_to_it);
  return g_test_run ();
}
