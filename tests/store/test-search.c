/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/search.h"
#include "scratch-tree.h"
#include "store/forget.h"
#include "store/store-private.h"

#include <string.h>

/* The ids' last bytes of what is found with @peer (0: with all), newest first; of a
 * transfer with a "t" before. */
static char *
find (Scratch *self, guint peer, const char *text, gint64 before, guint limit)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) hits
      = kh_search_find (self->store, peer != 0 ? scratch_peer (peer) : NULL, text, before,
                        limit, NULL, NULL, &error);
  g_autoptr (GString) found = g_string_new (NULL);

  g_assert_no_error (error);
  for (guint i = 0; i < hits->len; i++)
    {
      const KhStoredHit *hit = g_ptr_array_index (hits, i);
      g_autoptr (GPtrArray) page
          = kh_things_page (self->store, hit->peer, hit->seq + 1, 1, NULL);
      const KhStoredThing *thing = g_ptr_array_index (page, 0);

      g_assert_cmpint (thing->seq, ==, hit->seq);
      g_assert_cmpint (hit->kind, ==, thing->kind);
      g_assert_cmpint (hit->at_ms, ==, thing->at_ms);
      g_string_append_printf (
          found, "%s%s%u", i > 0 ? " " : "", thing->message == NULL ? "t" : "",
          thing->message != NULL ? thing->message->id[KH_FRAME_ID_LEN - 1]
                                 : thing->transfer->id[KH_FRAME_ID_LEN - 1]);
    }
  return g_string_free (g_steal_pointer (&found), FALSE);
}

static void
assert_found (Scratch *self, const char *text, const char *expected)
{
  g_autofree char *found = find (self, 0, text, 0, 100);

  g_assert_cmpstr (found, ==, expected);
}

/* The messages that @number are of peer 1, those of peer 2 are from 100 on. */
static void
fill (Scratch *self)
{
  static const char *const texts[]
      = { "The Lighthouse keeper",
          "light house",
          "STRASSE stra\u00dfe",
          "\u4eca\u5929\u7684\u5929\u6c14\u5f88\u597d",
          "100% \"sure\" OR NOT (maybe*) a_b ^x -y NEAR(z) col:umn",
          "\u041f\u0440\u0438\u0432\u0435\u0442",
          "it's\nTHE\tend; DROP TABLE messages",
          "\U0001F600 e\u0301t\u00e9",
          "full \uff37\uff29\uff24\uff34\uff28" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    scratch_receive (self, 1, i + 1, texts[i]);
  scratch_receive (self, 2, 100, "the lighthouse again");
}

/* With what is in the index and with what is not yet. */
static void
index_all (Scratch *self, gboolean indexed)
{
  sqlite3_stmt *stmt;

  if (!indexed)
    return;
  for (guint i = 0; i < 300; i++)
    scratch_receive (self, 3, i + 1, "........");
  assert_found (self, "nothing has this", "");
  g_assert_cmpint (
      sqlite3_prepare_v2 (self->store->db, "SELECT 1 FROM unindexed", -1, &stmt, NULL),
      ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_step (stmt), ==, SQLITE_DONE);
  g_assert_cmpint (sqlite3_finalize (stmt), ==, SQLITE_OK);
}

static const struct
{
  const char *text;
  const char *found;
} cases[] = {
  { "lighthouse", "100 1" },
  { "LIGHT", "100 2 1" },
  { "ighth", "100 1" },
  { "keeper light", "1" },
  { "  light \u3000 keep  ", "1" },
  { "house light", "100 2 1" },
  { "the", "100 7 1" },
  { "th", "100 9 7 1" },
  { "stra\u00dfe", "3" },
  { "strasse", "3" },
  { "\u5929", "4" },
  { "\u5929\u6c14", "4" },
  { "\u5929\u6c14\u5f88", "4" },
  { "\u5929\u5f88", "" },
  { "\u043f\u0440\u0418\u0432", "6" },
  { "\u041f\u0420", "6" },
  { "\u00c9T\u00c9", "8" },
  { "\u00e9t", "8" },
  { "\U0001F600", "8" },
  { "width", "9" },
  { "\"sure\"", "5" },
  { "100%", "5" },
  { "%", "5" },
  { "_", "5" },
  { "\"", "5" },
  { "(maybe*)", "5" },
  { "maybe* OR lighthouse", "" },
  { "NOT", "5" },
  { "near(z)", "5" },
  { "col:umn", "5" },
  { "text:light", "" },
  { "^x", "5" },
  { "'; DROP", "" },
  { "it's drop", "7" },
  { "end;", "7" },
  { "", "" },
  { " \n\t", "" },
  { "\xff\xfe", "" },
  { "zzzz", "" },
};

static void
test_parts_of_words_are_found (Scratch *self, gconstpointer unused)
{
  (void)unused;
  fill (self);
  for (guint indexed = 0; indexed < 2; indexed++)
    {
      index_all (self, indexed);
      for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
        {
          g_autofree char *found = find (self, 0, cases[i].text, 0, 100);

          if (strcmp (found, cases[i].found) != 0)
            g_error ("%s (indexed %u): found %s, not %s", cases[i].text, indexed, found,
                     cases[i].found);
        }
    }
}

static void
test_one_peer_pages_and_limits (Scratch *self, gconstpointer unused)
{
  (void)unused;
  fill (self);
  for (guint indexed = 0; indexed < 2; indexed++)
    {
      static const char *const texts[] = { "light", "th" };

      index_all (self, indexed);
      for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
        {
          g_autoptr (GPtrArray) first
              = kh_search_find (self->store, NULL, texts[i], 0, 1, NULL, NULL, NULL);
          g_autofree char *of_peer = find (self, 2, texts[i], 0, 9);
          g_autofree char *one = find (self, 0, texts[i], 0, 1);
          g_autofree char *next
              = find (self, 0, texts[i], ((KhStoredHit *)first->pdata[0])->seq, 1);

          g_assert_cmpstr (of_peer, ==, "100");
          g_assert_cmpstr (one, ==, "100");
          g_assert_cmpstr (next, ==, i == 0 ? "2" : "9");
        }
    }
}

/* Whatever the index holds: what is found is what holds the words. */
static void
test_finds_what_a_look_at_each_finds (Scratch *self, gconstpointer unused)
{
  static const char *const pieces[]
      = { "ab", "ba", "c", " ", "\u5929", "\u00c9", "\"", "d" };

  (void)unused;
  for (guint i = 1; i < 250; i++)
    {
      g_autoptr (GString) text = g_string_new ("x");

      for (guint piece = 0; piece < 6; piece++)
        g_string_append (text, pieces[g_test_rand_int_range (0, G_N_ELEMENTS (pieces))]);
      scratch_receive (self, 1, i, text->str);
    }
  for (guint round = 0; round < 200; round++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (GPtrArray) hits = NULL;
      g_autoptr (GPtrArray) all = NULL;
      guint n = 0;

      for (gint piece = g_test_rand_int_range (1, 4); piece > 0; piece--)
        g_string_append (text, pieces[g_test_rand_int_range (0, G_N_ELEMENTS (pieces))]);
      hits = kh_search_find (self->store, NULL, text->str, 0, 999, NULL, NULL, NULL);
      all = kh_things_page (self->store, scratch_peer (1), 0, 999, NULL);
      for (guint i = 0; i < all->len && *g_strstrip (text->str) != '\0'; i++)
        {
          const char *message = ((KhStoredThing *)all->pdata[i])->message->text;
          g_auto (GStrv) words = g_strsplit (text->str, " ", -1);
          gboolean holds = TRUE;

          for (guint word = 0; words[word] != NULL; word++)
            holds = holds && strstr (message, words[word]) != NULL;
          n += holds ? 1 : 0;
        }
      g_assert_cmpuint (hits->len, ==, n);
    }
}

static void
test_names_of_transfers_and_what_waits_are_found (Scratch *self, gconstpointer unused)
{
  (void)unused;
  for (guint i = 1; i <= 300; i++)
    scratch_send (self, 1, i, i % 100 == 0 ? "it's waiting" : "no");
  scratch_transfer (self, 7, KH_STORE_OUTGOING);
  assert_found (self, "it's", "t7 44 200 100");
  assert_found (self, "it's waiting", "44 200 100");
  assert_found (self, "z'", "");
  g_assert_true (kh_messages_mark_delivered (self->store, scratch_peer (1),
                                             scratch_id (200), NULL, NULL));
  assert_found (self, "it's", "t7 44 200 100");
  g_assert_true (kh_forget_queued_message (self->store, scratch_peer (1),
                                           scratch_id (300), NULL, NULL));
  assert_found (self, "it's", "t7 200 100");
}

static void
test_what_was_forgotten_is_not_found (Scratch *self, gconstpointer unused)
{
  (void)unused;
  fill (self);
  index_all (self, TRUE);
  g_assert_true (kh_forget_history (self->store, scratch_peer (1), 0, NULL));
  assert_found (self, "lighthouse", "100");
  index_all (self, FALSE);
  scratch_receive (self, 1, 50, "lighthouse, new");
  assert_found (self, "lighthouse", "50 100");
  assert_found (self, "th", "50 100");
}

static gboolean
count_down (gpointer data)
{
  guint *n = data;

  return *n == 0 || --*n == 0;
}

static void
test_search_can_be_stopped (Scratch *self, gconstpointer unused)
{
  (void)unused;
  for (guint i = 1; i <= 1000; i++)
    scratch_receive (self, 1, i, "something");
  for (guint n = 0; n < 2500; n += 50)
    {
      guint left = n;
      g_autoptr (GPtrArray) hits
          = kh_search_find (self->store, NULL, "some", 0, 2000, count_down, &left, NULL);

      g_assert_nonnull (hits);
      g_assert_cmpuint (hits->len, <=, n);
    }
}

static void
test_another_process_searches_without_writing (Scratch *self, gconstpointer unused)
{
  g_autoptr (KhStore) reader = NULL;
  g_autoptr (GPtrArray) hits = NULL;
  g_autoptr (GError) error = NULL;

  (void)unused;
  for (guint i = 1; i <= 500; i++)
    scratch_receive (self, 1, i, "something");
  reader = kh_store_open_for_reading (self->folder, &error);
  g_assert_no_error (error);
  hits = kh_search_find (reader, NULL, "some", 0, 999, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (hits->len, ==, 500);
}

/* Sorting them all would take seconds for each. */
static void
test_heaps_of_marks_take_no_time (Scratch *self, gconstpointer unused)
{
  g_autoptr (GString) heap = g_string_new ("a");
  gint64 began_us;

  (void)unused;
  while (heap->len + 9 < KH_FRAME_TEXT_MAX)
    g_string_append (heap, "\u0f73\u0345\u0315\u0300");
  for (guint i = 1; i <= 20; i++)
    scratch_receive (self, 1, i, heap->str);
  scratch_receive (self, 1, 21, "z\u0351\u036b\u0343a\u0323\u0302 end");
  began_us = g_get_monotonic_time ();
  assert_found (self, "\u1ead END", "21");
  g_assert_cmpint (g_get_monotonic_time () - began_us, <, 5 * G_USEC_PER_SEC);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  SCRATCH_ADD ("/search/parts-of-words-are-found", test_parts_of_words_are_found);
  SCRATCH_ADD ("/search/one-peer-pages-and-limits", test_one_peer_pages_and_limits);
  SCRATCH_ADD ("/search/finds-what-a-look-at-each-finds",
               test_finds_what_a_look_at_each_finds);
  SCRATCH_ADD ("/search/names-of-transfers-and-what-waits-are-found",
               test_names_of_transfers_and_what_waits_are_found);
  SCRATCH_ADD ("/search/what-was-forgotten-is-not-found",
               test_what_was_forgotten_is_not_found);
  SCRATCH_ADD ("/search/heaps-of-marks-take-no-time", test_heaps_of_marks_take_no_time);
  SCRATCH_ADD ("/search/search-can-be-stopped", test_search_can_be_stopped);
  SCRATCH_ADD ("/search/another-process-searches-without-writing",
               test_another_process_searches_without_writing);
  return g_test_run ();
}
