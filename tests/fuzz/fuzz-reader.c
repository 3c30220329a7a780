/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The reader, the writer and UTF-8. The first byte says how many of the next ones
 * say what to read; the rest is what is read. What was read is written again and has
 * to come out as the same bytes.
 */
#include "proto/reader.h"
#include "proto/utf8.h"
#include "proto/writer.h"

#include <glib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

static void
check_text (KhText text, gsize max)
{
  gsize at = 0, step;

  g_assert_nonnull (text.bytes);
  g_assert_cmpuint (text.len, <=, max);
  for (; at < text.len; at += step)
    {
      char written[KH_UTF8_CHARACTER_MAX];
      guint32 character = 0;

      step = kh_utf8_next (text.bytes + at, text.len - at, &character);
      g_assert_cmpuint (character, !=, 0);
      g_assert_cmpmem (written, kh_utf8_write (character, written), text.bytes + at,
                       step);
    }
  for (gsize cut = 0; cut < MIN (text.len, 40); cut++)
    {
      gsize len = kh_utf8_truncate (text.bytes, text.len, cut);

      g_assert_cmpuint (len, <=, cut);
      g_assert_true (kh_utf8_valid (text.bytes, len));
    }
}

/* GLib forbids NUL here and is otherwise as strict. */
static void
check_utf8 (const char *bytes, gsize len)
{
  if (len > 0 && memchr (bytes, 0, len) == NULL)
    g_assert_cmpint (kh_utf8_valid (bytes, len), ==,
                     g_utf8_validate_len (bytes, len, NULL));
}

static void
copy_text8 (KhReader *reader, KhWriter *writer, gsize max)
{
  KhText text = kh_reader_text8 (reader, max);

  check_text (text, max);
  if (kh_reader_done (reader))
    kh_writer_text8 (writer, text.bytes, text.len);
}

static void
copy_text16 (KhReader *reader, KhWriter *writer, gsize max)
{
  KhText text = kh_reader_text16 (reader, max);

  check_text (text, max);
  if (kh_reader_done (reader))
    kh_writer_text16 (writer, text.bytes, text.len);
}

static void
copy_number (KhReader *reader, KhWriter *writer, guint8 what)
{
  guint64 value = what == 0   ? kh_reader_u8 (reader)
                  : what == 1 ? kh_reader_u16 (reader)
                  : what == 2 ? kh_reader_u32 (reader)
                              : kh_reader_u64 (reader);

  if (!kh_reader_done (reader))
    g_assert_cmpuint (value, ==, 0);
  else if (what == 0)
    kh_writer_u8 (writer, (guint8)value);
  else if (what == 1)
    kh_writer_u16 (writer, (guint16)value);
  else if (what == 2)
    kh_writer_u32 (writer, (guint32)value);
  else
    kh_writer_u64 (writer, value);
}

static void
copy_bytes (KhReader *reader, KhWriter *writer, gsize len, gboolean in_place)
{
  guint8 copy[32] = { 0xaa };
  const guint8 *bytes = copy;

  if (in_place)
    bytes = kh_reader_bytes (reader, len);
  else
    kh_reader_copy (reader, copy, len);
  if (kh_reader_done (reader))
    kh_writer_bytes (writer, bytes, len);
  else if (in_place)
    g_assert_null (bytes);
}

/* @order: three bits of what, five of how much. */
static void
copy_field (KhReader *reader, KhWriter *writer, guint8 order)
{
  guint8 what = order & 7, amount = order >> 3;

  if (what < 4)
    copy_number (reader, writer, what);
  else if (what < 6)
    copy_bytes (reader, writer, amount, what == 4);
  else if (what == 6)
    copy_text8 (reader, writer, amount * 8u);
  else
    copy_text16 (reader, writer, amount * 64u);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  gsize n_orders = size > 0 ? MIN (data[0], size - 1) : 0;
  gsize start = MIN (size, 1 + n_orders);
  gsize len = size - start;
  g_autofree guint8 *copy = g_malloc (len + 1);
  KhReader reader;
  KhWriter writer;

  check_utf8 ((const char *)data + start, len);
  kh_reader_init (&reader, data + start, len);
  kh_writer_init (&writer, copy, len);
  for (gsize i = 1; i <= n_orders; i++)
    {
      copy_field (&reader, &writer, data[i]);
      g_assert_true (reader.at + reader.left == data + size);
    }
  g_assert_true (kh_writer_done (&writer));
  g_assert_cmpmem (copy, writer.len, data + start, writer.len);
  if (kh_reader_done (&reader))
    g_assert_cmpuint (writer.len, ==, len - reader.left);
  return 0;
}
