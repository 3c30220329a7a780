/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/utf8.h"

#include <glib.h>
#include <string.h>

/* From the tables of RFC 3629 and the usual decoder stress tests. */
static const struct
{
  const char *bytes;
  gboolean valid;
} known[] = {
  { "", TRUE },
  { "plain", TRUE },
  { "\x7f", TRUE },
  { "\xc2\x80", TRUE },
  { "\xdf\xbf", TRUE },
  { "\xe0\xa0\x80", TRUE },
  { "\xed\x9f\xbf", TRUE },
  { "\xee\x80\x80", TRUE },
  { "\xef\xbf\xbf", TRUE },
  { "\xf0\x90\x80\x80", TRUE },
  { "\xf4\x8f\xbf\xbf", TRUE },
  { "\x80", FALSE },             /* no lead */
  { "a\xbf", FALSE },            /* no lead */
  { "\xc2", FALSE },             /* cut off */
  { "\xe2\x82", FALSE },         /* cut off */
  { "\xf0\x9f\x98", FALSE },     /* cut off */
  { "\xc2z", FALSE },            /* no continuation */
  { "\xe2\x28\xa1", FALSE },     /* no continuation */
  { "\xc0\x80", FALSE },         /* overlong */
  { "\xc1\xbf", FALSE },         /* overlong */
  { "\xe0\x9f\xbf", FALSE },     /* overlong */
  { "\xf0\x8f\xbf\xbf", FALSE }, /* overlong */
  { "\xed\xa0\x80", FALSE },     /* surrogate */
  { "\xed\xbf\xbf", FALSE },     /* surrogate */
  { "\xf4\x90\x80\x80", FALSE }, /* above U+10FFFF */
  { "\xf8\x88\x80\x80\x80", FALSE },
  { "\xfe", FALSE },
  { "\xff", FALSE },
};

static void
test_known_forms (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    g_assert_cmpint (kh_utf8_valid (known[i].bytes, strlen (known[i].bytes)), ==,
                     known[i].valid);
}

static void
test_nul_is_a_character (void)
{
  guint32 character = 1;

  g_assert_true (kh_utf8_valid ("a\0b", 3));
  g_assert_cmpuint (kh_utf8_next ("\0", 1, &character), ==, 1);
  g_assert_cmpuint (character, ==, 0);
}

static void
test_every_character_comes_back (void)
{
  for (guint32 character = 0; character <= 0x10ffff; character++)
    {
      char bytes[KH_UTF8_CHARACTER_MAX];
      guint32 read = 0;
      gsize len;

      if (character >= 0xd800 && character <= 0xdfff)
        continue;
      len = kh_utf8_write (character, bytes);
      g_assert_cmpuint (kh_utf8_next (bytes, len, &read), ==, len);
      g_assert_cmpuint (read, ==, character);
      g_assert_cmpuint (kh_utf8_next (bytes, len - 1, &read), ==, 0);
    }
}

/* Bytes that are often nearly UTF-8. */
static gsize
fill_random (char *bytes, gsize max)
{
  static const guint8 likely[]
      = { 'a', 0x80, 0xbf, 0xc2, 0xe0, 0xe2, 0xed, 0xf0, 0xf4, 0xa0 };
  gsize len = (gsize)g_test_rand_int_range (0, (gint32)max + 1);

  for (gsize i = 0; i < len; i++)
    bytes[i] = (char)(g_test_rand_bit ()
                          ? likely[g_test_rand_int_range (0, G_N_ELEMENTS (likely))]
                          : g_test_rand_int_range (0, 256));
  return len;
}

/* GLib's own check, written by others, is the reference. */
static void
test_agrees_with_glib (void)
{
  for (guint round = 0; round < 200000; round++)
    {
      char bytes[8];
      gsize len = fill_random (bytes, sizeof bytes);

      if (memchr (bytes, 0, len) == NULL)
        g_assert_cmpint (kh_utf8_valid (bytes, len), ==,
                         g_utf8_validate_len (bytes, len, NULL));
    }
}

static void
test_cut_text_is_longest_and_valid (void)
{
  static const char text[] = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z";
  const gsize len = sizeof text - 1;

  for (gsize max = 0; max <= len + 2; max++)
    {
      gsize cut = kh_utf8_truncate (text, len, max);
      guint32 character;

      g_assert_cmpuint (cut, <=, MIN (max, len));
      g_assert_true (kh_utf8_valid (text, cut));
      if (cut < len)
        g_assert_cmpuint (cut + kh_utf8_next (text + cut, len - cut, &character), >, max);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/utf8/known-forms", test_known_forms);
  g_test_add_func ("/utf8/nul-is-a-character", test_nul_is_a_character);
  g_test_add_func ("/utf8/every-character-comes-back", test_every_character_comes_back);
  g_test_add_func ("/utf8/agrees-with-glib", test_agrees_with_glib);
  g_test_add_func ("/utf8/cut-text-is-longest-and-valid",
                   test_cut_text_is_longest_and_valid);
  return g_test_run ();
}
