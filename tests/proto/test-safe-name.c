/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/safe-name.h"

#include <glib.h>
#include <string.h>

#define BAD "\xef\xbf\xbd" /* U+FFFD */

static void
assert_safe_form (const char *name, gsize len, const char *expected)
{
  char out[KH_SAFE_NAME_LEN];

  g_test_message ("%s", name);
  g_assert_cmpint (kh_safe_name (name, len, out), ==,
                   len != strlen (expected) || memcmp (name, expected, len) != 0);
  g_assert_cmpstr (out, ==, expected);
}

static void
test_good_names_stay (void)
{
  static const char *const good[] = {
    "photo.jpg",
    "a",
    "_",
    "Report (final) v1.2.pdf",
    "no extension",
    "two  spaces.txt",
    "a.b.c",
    "\xc3\xbc\xc3\x9f.txt",
    "\xe6\xa3\xae\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x9a\x80.png",
    "con artist.mp3",
    "console",
    "com",
    "com10",
    "comb.txt",
    "lpt\xc2\xb4",
    "nulla",
    "~$'`!@#%^&()[]{}=+,;",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    assert_safe_form (good[i], strlen (good[i]), good[i]);
}

static void
test_bad_names_and_what_becomes_of_them (void)
{
  static const struct
  {
    const char *name;
    const char *safe;
  } known[] = {
    { "", "file" },
    { " ", "file" },
    { "/", "file" },
    { "a/ /", "file" },
    { ".", "_" },
    { "..", "_" },
    { "...", "_" },
    { ". .", "_" },
    { "../..", "_" },
    { "../../etc/x", "x" },
    { "/etc/passwd", "passwd" },
    { "folder/name//", "name" },
    { "..\\..\\x", "_._.._x" },
    { "C:\\x", "C__x" },
    { ".bashrc", "_bashrc" },
    { "..a", "_.a" },
    { "  a  ", "a" },
    { "a. . .", "a" },
    { "a.txt.", "a.txt" },
    { "what?.txt", "what_.txt" },
    { "<>:\"|?*", "_______" },
    { "a\nb\x1b[31m\x7f", "a_b_[31m_" },
    { "a\xc2\x80\xc2\x9f\xc2\xa0z", "a__\xc2\xa0z" },
    { "cod\xe2\x80\xaegpj.exe", "cod_gpj.exe" },
    { "\xe2\x80\xaa\xe2\x81\xa6\xe2\x81\xa9\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c", "______" },
    { "\xe2\x80\xa8\xe2\x80\xa9", "__" },
    { "a\xff\xc3(", "a" BAD BAD "(" },
    { "\xc0\xaf", BAD BAD },
    { "\xed\xa0\x80", BAD BAD BAD },
    { "CON", "_CON" },
    { "con.txt", "_con.txt" },
    { "cOn .tar.gz", "_cOn .tar.gz" },
    { "dir/prn", "_prn" },
    { "Aux.", "_Aux" },
    { " nul", "_nul" },
    { "COM0", "_COM0" },
    { "com9.x", "_com9.x" },
    { "LPT1", "_LPT1" },
    { "com\xc2\xb9", "_com\xc2\xb9" },
    { "lpt\xc2\xb3.txt", "_lpt\xc2\xb3.txt" },
    { "conin$", "_conin$" },
    { "CONOUT$.log", "_CONOUT$.log" },
    { "nul:", "nul_" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    assert_safe_form (known[i].name, strlen (known[i].name), known[i].safe);
  assert_safe_form ("a\0b.txt", 7, "a_b.txt");
}

/* @repeated as often as it takes to be over-long, between @head and @tail. */
static char *
make_long (const char *head, const char *repeated, const char *tail)
{
  GString *name = g_string_new (head);

  while (name->len < 5000)
    g_string_append (name, repeated);
  return g_string_free (g_string_append (name, tail), FALSE);
}

static void
test_long_names_are_cut_between_characters (void)
{
  static const struct
  {
    const char *head, *repeated, *tail;
    gsize len;
    const char *start, *end;
  } known[] = {
    { "", "a", "", 200, "aaa", "aaa" },
    { "", "a", ".jpeg", 200, "aaa", "aaa.jpeg" },
    { "", "a", ".tar.zst", 200, "aaa", "aaa.tar.zst" },
    { "", "\xe2\x82\xac", ".txt", 199, "\xe2\x82\xac", "\xe2\x82\xac.txt" },
    { "", "\xf0\x9f\x98\x80", "", 200, "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
    { "", "a", ".an-extension-to-0", 200, "aaa", "aaa" },
    { "", "a", ". b", 200, "aaa", "aaa" },
    { "", "a", ".b\xff", 200, "aaa", "aaa.b" BAD },
    { "", "a", ".123456\xff\xff\xff\xff\xff", 200, "aaa", "aaa" },
    { "a", " ", "b", 1, "a", "a" },
    { "a", ".", "b", 200, "a...", "...b" },
    { "CON", " ", "b", 4, "_CON", "_CON" },
    { "con", " ", ".txt", 200, "_con  ", "  .txt" },
    { ".", "x", ".y", 200, "_xx", "xx.y" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    {
      g_autofree char *name = make_long (known[i].head, known[i].repeated, known[i].tail);
      char out[KH_SAFE_NAME_LEN];

      g_test_message ("%s %s %s", known[i].head, known[i].repeated, known[i].tail);
      g_assert_true (kh_safe_name (name, strlen (name), out));
      g_assert_cmpuint (strlen (out), ==, known[i].len);
      g_assert_true (g_str_has_prefix (out, known[i].start));
      g_assert_true (g_str_has_suffix (out, known[i].end));
    }
}

static gboolean
is_forbidden (gunichar c)
{
  return g_unichar_iscntrl (c) || (c < 0x80 && strchr ("/\\<>:\"|?*", (int)c) != NULL)
         || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200e
         || c == 0x200f || c == 0x061c || c == 0x2028 || c == 0x2029;
}

static void
assert_safe (const char *name)
{
  static GRegex *device;
  gsize len = strlen (name);

  if (device == NULL)
    device = g_regex_new ("^(con|prn|aux|nul|(com|lpt)[0-9\xc2\xb9\xc2\xb2\xc2\xb3]|"
                          "con(in|out)\\$) *(\\.|$)",
                          G_REGEX_CASELESS, 0, NULL);
  g_assert_cmpuint (len, >, 0);
  g_assert_cmpuint (len, <=, KH_SAFE_NAME_MAX);
  g_assert_true (g_utf8_validate (name, -1, NULL));
  for (const char *at = name; *at != '\0'; at = g_utf8_next_char (at))
    g_assert_false (is_forbidden (g_utf8_get_char (at)));
  g_assert_null (strchr (". ", name[len - 1]));
  g_assert_null (strchr (". ", name[0]));
  g_assert_false (g_regex_match (device, name, 0, NULL));
}

/* Pieces that rules are about, and any bytes. */
static void
append_random (GString *name)
{
  static const char *const pieces[]
      = { ".",    "..",   " ",        "/",        "\\",           "con",  "NUL", "com1",
          "$",    ".tar", ".gz",      "conin$",   "lpt\xc2\xb2",  "?",    "_",   "a",
          "\xc2", "\xff", "\xe2\x80", "\xd8\x9c", "\xe2\x80\xae", "1234", "\n",  "file" };
  gsize times = g_test_rand_int_range (0, 10) == 0 ? 70 : 1;
  guint8 byte = (guint8)g_test_rand_int ();
  guint choice = (guint)g_test_rand_int_range (0, G_N_ELEMENTS (pieces) + 3);

  for (; times > 0; times--)
    if (choice < G_N_ELEMENTS (pieces))
      g_string_append (name, pieces[choice]);
    else
      g_string_append_c (name, (char)byte);
}

static void
test_any_bytes_become_a_safe_name_that_stays (void)
{
  for (guint round = 0; round < 20000; round++)
    {
      g_autoptr (GString) name = g_string_new (NULL);
      char out[KH_SAFE_NAME_LEN], again[KH_SAFE_NAME_LEN];

      for (gint i = g_test_rand_int_range (0, 8); i > 0; i--)
        append_random (name);
      kh_safe_name (name->str, name->len, out);
      assert_safe (out);
      g_assert_false (kh_safe_name (out, strlen (out), again));
      g_assert_cmpstr (again, ==, out);
    }
}

static void
test_number_stands_before_the_extension (void)
{
  static const struct
  {
    const char *name;
    guint n;
    const char *numbered;
  } known[] = {
    { "photo.jpg", 0, "photo.jpg" },     { "photo.jpg", 1, "photo.jpg" },
    { "photo.jpg", 2, "photo (2).jpg" }, { "photo", 10, "photo (10)" },
    { "a.tar.gz", 3, "a (3).tar.gz" },   { "a.tar", 3, "a (3).tar" },
    { ".tar.gz", 3, ".tar (3).gz" },     { "a.star.gz", 3, "a.star (3).gz" },
    { "v1.2.pdf", 2, "v1.2 (2).pdf" },   { "Mr. Smith", 2, "Mr. Smith (2)" },
    { ".hidden", 2, ".hidden (2)" },     { "a.", 4294967295, "a (4294967295)." },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    {
      char out[KH_SAFE_NAME_LEN];

      kh_safe_name_numbered (known[i].name, known[i].n, out);
      g_assert_cmpstr (out, ==, known[i].numbered);
    }
}

static void
test_number_fits_any_name (void)
{
  static const char euro[] = "\xe2\x82\xac";
  g_autoptr (GString) name = g_string_new (NULL);
  char out[KH_SAFE_NAME_LEN];

  while (name->len < 246)
    g_string_append (name, euro);
  g_string_append (name, ".document");
  g_assert_cmpuint (name->len, ==, 255);
  kh_safe_name_numbered (name->str, 1, out);
  g_assert_cmpstr (out, ==, name->str);
  kh_safe_name_numbered (name->str, 4294967295, out);
  g_assert_cmpuint (strlen (out), <=, 255);
  g_assert_true (g_utf8_validate (out, -1, NULL));
  g_assert_true (g_str_has_suffix (out, "\xe2\x82\xac (4294967295).document"));
}

/* A safe name with a number is as safe, but for its length. */
static void
test_numbered_name_is_safe (void)
{
  for (guint round = 0; round < 5000; round++)
    {
      g_autoptr (GString) name = g_string_new (NULL);
      char safe[KH_SAFE_NAME_LEN], numbered[KH_SAFE_NAME_LEN], again[KH_SAFE_NAME_LEN];

      for (gint i = g_test_rand_int_range (0, 3); i > 0; i--)
        append_random (name);
      kh_safe_name (name->str, name->len, safe);
      kh_safe_name_numbered (safe, (guint)g_test_rand_int_range (2, 2000), numbered);
      g_assert_cmpuint (strlen (numbered), >, strlen (safe));
      if (strlen (numbered) <= KH_SAFE_NAME_MAX)
        g_assert_false (kh_safe_name (numbered, strlen (numbered), again));
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/safe-name/good-names-stay", test_good_names_stay);
  g_test_add_func ("/safe-name/bad-names-and-what-becomes-of-them",
                   test_bad_names_and_what_becomes_of_them);
  g_test_add_func ("/safe-name/long-names-are-cut-between-characters",
                   test_long_names_are_cut_between_characters);
  g_test_add_func ("/safe-name/any-bytes-become-a-safe-name-that-stays",
                   test_any_bytes_become_a_safe_name_that_stays);
  g_test_add_func ("/safe-name/number-stands-before-the-extension",
                   test_number_stands_before_the_extension);
  g_test_add_func ("/safe-name/number-fits-any-name", test_number_fits_any_name);
  g_test_add_func ("/safe-name/numbered-name-is-safe", test_numbered_name_is_safe);
  return g_test_run ();
}
