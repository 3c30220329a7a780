/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/reader.h"

#include <glib.h>
#include <string.h>

static void
test_numbers_are_big_endian (void)
{
  static const guint8 bytes[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
  KhReader reader;

  kh_reader_init (&reader, bytes, sizeof bytes);
  g_assert_cmpuint (kh_reader_u8 (&reader), ==, 0x01);
  g_assert_cmpuint (kh_reader_u16 (&reader), ==, 0x0203);
  g_assert_cmpuint (kh_reader_u32 (&reader), ==, 0x04050607);
  g_assert_cmpuint (kh_reader_u64 (&reader), ==, G_GUINT64_CONSTANT (0x08090a0b0c0d0e0f));
  g_assert_true (kh_reader_done (&reader));
  g_assert_cmpuint (reader.left, ==, 0);
}

static void
test_failure_sticks (void)
{
  static const guint8 bytes[] = { 0xff, 0xff, 0xff };
  guint8 copy[2] = { 1, 1 };
  KhReader reader;

  kh_reader_init (&reader, bytes, sizeof bytes);
  g_assert_cmpuint (kh_reader_u32 (&reader), ==, 0);
  g_assert_false (kh_reader_done (&reader));

  /* These would fit. */
  g_assert_cmpuint (kh_reader_u8 (&reader), ==, 0);
  g_assert_null (kh_reader_bytes (&reader, 1));
  g_assert_null (kh_reader_bytes (&reader, 0));
  g_assert_false (kh_reader_copy (&reader, copy, sizeof copy));
  g_assert_cmpuint (copy[0] | copy[1], ==, 0);
  g_assert_cmpuint (kh_reader_text8 (&reader, 255).len, ==, 0);
  g_assert_nonnull (kh_reader_text8 (&reader, 255).bytes);
  g_assert_false (kh_reader_done (&reader));
}

static void
test_nothing_is_readable (void)
{
  KhReader reader;

  kh_reader_init (&reader, NULL, 0);
  g_assert_nonnull (kh_reader_bytes (&reader, 0));
  g_assert_true (kh_reader_copy (&reader, NULL, 0));
  g_assert_true (kh_reader_done (&reader));
  kh_reader_u8 (&reader);
  g_assert_false (kh_reader_done (&reader));
}

static void
test_bytes_are_not_copied (void)
{
  static const guint8 bytes[] = { 1, 2, 3 };
  KhReader reader;

  kh_reader_init (&reader, bytes, sizeof bytes);
  kh_reader_u8 (&reader);
  g_assert_true (kh_reader_bytes (&reader, 2) == bytes + 1);
  g_assert_true (kh_reader_done (&reader));
}

/* @with_length is the text behind a length of one byte, @len bytes in all. */
static gboolean
reads_text (const char *with_length, gsize len, gsize max_len)
{
  KhReader reader;
  KhText text;

  kh_reader_init (&reader, with_length, len);
  text = kh_reader_text8 (&reader, max_len);
  if (!kh_reader_done (&reader))
    g_assert_cmpuint (text.len, ==, 0);
  return kh_reader_done (&reader);
}

static void
test_text_is_checked (void)
{
  g_assert_true (reads_text ("\0", 1, 0));
  g_assert_true (reads_text ("\3abc", 4, 3));
  g_assert_true (reads_text ("\2\xc3\xa4", 3, 2));
  g_assert_false (reads_text ("", 0, 9));
  g_assert_false (reads_text ("\3abc", 4, 2)); /* longer than allowed */
  g_assert_false (reads_text ("\4abc", 4, 9)); /* longer than what is there */
  g_assert_false (reads_text ("\3a\0b", 4, 9));
  g_assert_false (reads_text ("\2\xc3(", 3, 9));
  g_assert_false (reads_text ("\1\xc3", 2, 9));
}

static void
test_long_text (void)
{
  g_autofree char *bytes = g_malloc (2 + 65535 + 1);
  KhReader reader;
  KhText text;

  memset (bytes, 'x', 2 + 65535 + 1);
  memset (bytes, 0xff, 2);
  kh_reader_init (&reader, bytes, 2 + 65535 + 1);
  text = kh_reader_text16 (&reader, 65535);
  g_assert_true (kh_reader_done (&reader));
  g_assert_cmpuint (text.len, ==, 65535);
  g_assert_true (text.bytes == bytes + 2);
  g_assert_cmpuint (reader.left, ==, 1);

  kh_reader_init (&reader, bytes, 2 + 65535 + 1);
  kh_reader_text16 (&reader, 65534);
  g_assert_false (kh_reader_done (&reader));
}

static void
read_anything (KhReader *reader)
{
  guint8 copy[16];

  switch (g_test_rand_int_range (0, 8))
    {
    case 0:
      kh_reader_u8 (reader);
      break;
    case 1:
      kh_reader_u16 (reader);
      break;
    case 2:
      kh_reader_u32 (reader);
      break;
    case 3:
      kh_reader_u64 (reader);
      break;
    case 4:
      kh_reader_bytes (reader, (gsize)g_test_rand_int_range (0, 9));
      break;
    case 5:
      kh_reader_copy (reader, copy, (gsize)g_test_rand_int_range (0, 16));
      break;
    case 6:
      kh_reader_text8 (reader, 255);
      break;
    default:
      kh_reader_bytes (reader, SIZE_MAX);
      break;
    }
}

/* The cursor and what is left always add up to the end, in whatever order. */
static void
test_any_order_stays_inside (void)
{
  for (guint round = 0; round < 5000; round++)
    {
      guint8 bytes[40];
      gsize len = (gsize)g_test_rand_int_range (0, sizeof bytes + 1);
      KhReader reader;

      for (gsize i = 0; i < len; i++)
        bytes[i] = (guint8)g_test_rand_int_range (0, 40);
      kh_reader_init (&reader, bytes, len);
      for (guint step = 0; step < 12; step++)
        {
          gboolean failed = reader.failed;

          read_anything (&reader);
          g_assert_true (reader.at + reader.left == bytes + len);
          g_assert_true (!failed || reader.failed);
        }
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/reader/numbers-are-big-endian", test_numbers_are_big_endian);
  g_test_add_func ("/reader/failure-sticks", test_failure_sticks);
  g_test_add_func ("/reader/nothing-is-readable", test_nothing_is_readable);
  g_test_add_func ("/reader/bytes-are-not-copied", test_bytes_are_not_copied);
  g_test_add_func ("/reader/text-is-checked", test_text_is_checked);
  g_test_add_func ("/reader/long-text", test_long_text);
  g_test_add_func ("/reader/any-order-stays-inside", test_any_order_stays_inside);
  return g_test_run ();
}
