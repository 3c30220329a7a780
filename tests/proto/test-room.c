/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/room.h"

#include <glib.h>
#include <sodium.h>
#include <string.h>

static const guint8 SERVER_KEY[32]
    = { 0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
        16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31 };

static void
assert_same_room (const char *one, const char *other)
{
  guint8 id[32], other_id[32];

  kh_room_id (id, SERVER_KEY, one, strlen (one));
  kh_room_id (other_id, SERVER_KEY, other, strlen (other));
  g_assert_cmpmem (id, 32, other_id, 32);
}

/* From Python's hashlib. */
static void
test_ids_of_another_implementation (void)
{
  static const struct
  {
    const char *word;
    const char *id;
  } known[] = {
    { "under the old oak",
      "7567c779e54c2d7d8e8225bd4636779fc89897b864b6532a9ffa5ddcb39e7adb" },
    { "\xc3\xbc"
      "bung-macht-den-meister",
      "8ae41268938d066a1e647dd247f74230bb94f638aaa47c9821a62914e99acc4f" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    {
      guint8 id[32];
      char hex[65];

      kh_room_id (id, SERVER_KEY, known[i].word, strlen (known[i].word));
      sodium_bin2hex (hex, sizeof hex, id, 32);
      g_assert_cmpstr (hex, ==, known[i].id);
    }
}

static void
test_separators_are_all_alike (void)
{
  assert_same_room ("under the old oak", "under-the_old--oak");
  assert_same_room ("under the old oak", "  under - the\told\n oak_-");
}

static void
test_other_words_and_servers_are_other_rooms (void)
{
  static const guint8 other_key[32] = { 1 };
  guint8 id[32], other[32];

  kh_room_id (id, SERVER_KEY, "oak tree", 8);
  kh_room_id (other, SERVER_KEY, "oaktree", 7);
  g_assert_cmpint (memcmp (id, other, 32), !=, 0);
  kh_room_id (other, other_key, "oak tree", 8);
  g_assert_cmpint (memcmp (id, other, 32), !=, 0);
}

static void
test_nothing_is_the_lobby (void)
{
  static const char *const empty[] = { "", " ", "-", " _- \t" };

  for (gsize i = 0; i < G_N_ELEMENTS (empty); i++)
    {
      guint8 id[32] = { 1 };

      kh_room_id (id, SERVER_KEY, empty[i], strlen (empty[i]));
      g_assert_true (sodium_is_zero (id, sizeof id));
    }
}

/* An even mix of letters and separators: joining the parts with one hyphen, done
 * by GLib, never changes the room. */
static void
test_any_word_equals_its_normal_form (void)
{
  for (guint round = 0; round < 2000; round++)
    {
      char word[20] = "";
      g_auto (GStrv) parts = NULL;
      g_autoptr (GStrvBuilder) filled = g_strv_builder_new ();
      g_auto (GStrv) kept = NULL;
      g_autofree char *normal = NULL;

      for (gint i = g_test_rand_int_range (0, sizeof word); i > 0; i--)
        word[i - 1] = "ab c-_"[g_test_rand_int_range (0, 6)];
      parts = g_strsplit_set (word, " -_", -1);
      for (gsize i = 0; parts[i] != NULL; i++)
        if (*parts[i] != '\0')
          g_strv_builder_add (filled, parts[i]);
      kept = g_strv_builder_end (filled);
      normal = g_strjoinv ("-", kept);
      assert_same_room (word, normal);
      g_assert_cmpint (kh_room_word_weak (word, strlen (word)), ==, strlen (normal) < 12);
    }
}

static void
test_weak_is_under_twelve_characters (void)
{
  static const struct
  {
    const char *word;
    gboolean weak;
  } known[] = {
    { "", TRUE },
    { "elevenchars", TRUE },
    { "twelve-chars", FALSE },
    { "twelve  -  ch", TRUE },
    { "      short      ", TRUE },
    { "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4", TRUE },
    { "\xe6\xa3\xae\xe6\xa3\xae\xe6\xa3\xae\xe6\xa3\xae\xe6\xa3\xae\xe6\xa3\xae"
      "\xe6\xa3\xae\xe6\xa3\xae\xe6\xa3\xae\xe6\xa3\xae\xe6\xa3\xae\xe6\xa3\xae",
      FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    g_assert_cmpint (kh_room_word_weak (known[i].word, strlen (known[i].word)), ==,
                     known[i].weak);
}

/* The addresses are examples of the paper: 127.0.0.1, 63.84.220.193, 63.118. */
static void
test_made_words_are_proquints (void)
{
  static const guint8 random[KH_ROOM_RANDOM_LEN]
      = { 127, 0, 0, 1, 63, 84, 220, 193, 63, 118 };
  char word[KH_ROOM_MADE_LEN];

  kh_room_word_make (random, word);
  g_assert_cmpstr (word, ==, "lusab-babad-gutih-tugad-gutuk");
  g_assert_false (kh_room_word_weak (word, strlen (word)));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/room/ids-of-another-implementation",
                   test_ids_of_another_implementation);
  g_test_add_func ("/room/separators-are-all-alike", test_separators_are_all_alike);
  g_test_add_func ("/room/other-words-and-servers-are-other-rooms",
                   test_other_words_and_servers_are_other_rooms);
  g_test_add_func ("/room/nothing-is-the-lobby", test_nothing_is_the_lobby);
  g_test_add_func ("/room/any-word-equals-its-normal-form",
                   test_any_word_equals_its_normal_form);
  g_test_add_func ("/room/weak-is-under-twelve-characters",
                   test_weak_is_under_twelve_characters);
  g_test_add_func ("/room/made-words-are-proquints", test_made_words_are_proquints);
  return g_test_run ();
}
