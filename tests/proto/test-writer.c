/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/reader.h"
#include "proto/writer.h"

#include <glib.h>
#include <string.h>

static void
test_fields_come_back (void)
{
  guint8 bytes[64];
  KhWriter writer;
  KhReader reader;
  KhText text;

  kh_writer_init (&writer, bytes, sizeof bytes);
  kh_writer_u8 (&writer, 0x01);
  kh_writer_u16 (&writer, 0x0203);
  kh_writer_u32 (&writer, 0x04050607);
  kh_writer_u64 (&writer, G_GUINT64_CONSTANT (0x08090a0b0c0d0e0f));
  kh_writer_text8 (&writer, "short", 5);
  kh_writer_text16 (&writer, "", 0);
  kh_writer_bytes (&writer, "raw", 3);
  g_assert_true (kh_writer_done (&writer));
  g_assert_cmpuint (writer.len, ==, 15 + 6 + 2 + 3);

  for (guint8 i = 0; i < 15; i++)
    g_assert_cmpuint (bytes[i], ==, i + 1);
  kh_reader_init (&reader, bytes + 15, writer.len - 15);
  text = kh_reader_text8 (&reader, 5);
  g_assert_cmpmem (text.bytes, text.len, "short", 5);
  g_assert_cmpuint (kh_reader_text16 (&reader, 5).len, ==, 0);
  g_assert_cmpmem (kh_reader_bytes (&reader, 3), 3, "raw", 3);
  g_assert_true (kh_reader_done (&reader));
}

static void
test_failure_sticks (void)
{
  guint8 bytes[4] = { 9, 9, 9, 9 };
  KhWriter writer;

  kh_writer_init (&writer, bytes, 3);
  kh_writer_u16 (&writer, 1);
  kh_writer_u16 (&writer, 2);
  g_assert_false (kh_writer_done (&writer));
  kh_writer_u8 (&writer, 3); /* would fit */
  g_assert_null (kh_writer_reserve (&writer, 0));
  g_assert_cmpuint (writer.len, ==, 2);
  g_assert_cmpuint (bytes[2], ==, 9);
  g_assert_cmpuint (bytes[3], ==, 9);
}

static void
test_text_is_whole_or_absent (void)
{
  g_autofree guint8 *bytes = g_malloc (70000);
  g_autofree char *text = g_strnfill (65536, 'x');
  KhWriter writer;

  kh_writer_init (&writer, bytes, 70000);
  kh_writer_text8 (&writer, text, 255);
  g_assert_true (kh_writer_done (&writer));
  kh_writer_text8 (&writer, text, 256);
  g_assert_false (kh_writer_done (&writer));
  g_assert_cmpuint (writer.len, ==, 256);

  kh_writer_init (&writer, bytes, 70000);
  kh_writer_text16 (&writer, text, 65535);
  g_assert_true (kh_writer_done (&writer));
  kh_writer_init (&writer, bytes, 70000);
  kh_writer_text16 (&writer, text, 65536);
  g_assert_false (kh_writer_done (&writer));

  /* Room for the length and for part of the text. */
  kh_writer_init (&writer, bytes, 4);
  kh_writer_text8 (&writer, "abcd", 4);
  g_assert_cmpuint (writer.len, ==, 0);
  kh_writer_init (&writer, bytes, 4);
  kh_writer_text16 (&writer, "abc", 3);
  g_assert_cmpuint (writer.len, ==, 0);
}

static void
test_reserved_bytes_are_patched_later (void)
{
  guint8 bytes[8];
  guint8 *length, *count;
  KhWriter writer;

  memset (bytes, 0xff, sizeof bytes);
  kh_writer_init (&writer, bytes, 5);
  length = kh_writer_reserve (&writer, 2);
  count = kh_writer_reserve (&writer, 2);
  kh_writer_u8 (&writer, 7);
  g_assert_cmpmem (bytes, 5, "\0\0\0\0\7", 5);
  kh_writer_patch_u16 (length, 0x0102);
  kh_writer_patch_u16 (count, 0x0304);
  g_assert_cmpmem (bytes, 6, "\1\2\3\4\7\xff", 6);

  kh_writer_patch_u16 (kh_writer_reserve (&writer, 2), 1);
  g_assert_false (kh_writer_done (&writer));
}

static void
test_never_beyond_capacity (void)
{
  for (guint round = 0; round < 5000; round++)
    {
      guint8 bytes[24];
      gsize capacity = (gsize)g_test_rand_int_range (0, 17);
      KhWriter writer;

      memset (bytes, 0xaa, sizeof bytes);
      kh_writer_init (&writer, bytes, capacity);
      for (guint step = 0; step < 8; step++)
        {
          switch (g_test_rand_int_range (0, 6))
            {
            case 0:
              kh_writer_u8 (&writer, 1);
              break;
            case 1:
              kh_writer_u64 (&writer, 1);
              break;
            case 2:
              kh_writer_text8 (&writer, "texts", 5);
              break;
            case 3:
              kh_writer_text16 (&writer, "texts", 5);
              break;
            case 4:
              kh_writer_reserve (&writer, SIZE_MAX);
              break;
            default:
              kh_writer_bytes (&writer, "abc", 3);
              break;
            }
          g_assert_cmpuint (writer.len, <=, capacity);
        }
      for (gsize i = capacity; i < sizeof bytes; i++)
        g_assert_cmpuint (bytes[i], ==, 0xaa);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/writer/fields-come-back", test_fields_come_back);
  g_test_add_func ("/writer/failure-sticks", test_failure_sticks);
  g_test_add_func ("/writer/text-is-whole-or-absent", test_text_is_whole_or_absent);
  g_test_add_func ("/writer/reserved-bytes-are-patched-later",
                   test_reserved_bytes_are_patched_later);
  g_test_add_func ("/writer/never-beyond-capacity", test_never_beyond_capacity);
  return g_test_run ();
}
