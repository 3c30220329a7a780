/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/people-order.h"

#include <string.h>
#include <time.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KhPeopleKey, kh_people_key_free)

#define ID "abcd2345efgh"

static KhPersonFacts
somebody (const char *name)
{
  return (KhPersonFacts){ .name = name, .short_id = "abcd2345", .online = TRUE };
}

/* @one stands before @other, and not only by chance. */
static void
check_before (const KhPersonFacts *one, const KhPersonFacts *other)
{
  g_autoptr (KhPeopleKey) first = kh_people_key_new (one, ID);
  g_autoptr (KhPeopleKey) second = kh_people_key_new (other, ID);

  g_assert_cmpint (kh_people_key_compare (first, second), <, 0);
  g_assert_cmpint (kh_people_key_compare (second, first), >, 0);
  g_assert_cmpint (kh_people_key_compare (first, first), ==, 0);
}

static void
test_who_asks_is_first_and_who_is_blocked_last (void)
{
  KhPersonFacts asks = somebody ("Zoe");
  KhPersonFacts here = somebody ("Yan");
  KhPersonFacts away = somebody ("Bea");
  KhPersonFacts blocked = somebody ("Ann");

  asks.state = KH_PERSON_REQUEST;
  away.online = FALSE;
  away.active_at_ms = 1000;
  blocked.blocked = TRUE;
  blocked.active_at_ms = 2000;
  check_before (&asks, &here);
  check_before (&here, &away);
  check_before (&away, &blocked);
}

static void
test_the_latest_conversation_is_first_then_names (void)
{
  KhPersonFacts old = somebody ("Ann");
  KhPersonFacts recent = somebody ("Zoe");
  KhPersonFacts silent = somebody ("Anton");
  KhPersonFacts other = somebody ("bert");

  old.active_at_ms = 1000;
  recent.active_at_ms = 2000;
  check_before (&recent, &old);
  check_before (&old, &silent);
  check_before (&silent, &other);
}

static void
test_unread_words_of_who_left_stay_in_sight (void)
{
  KhPersonFacts left = somebody ("Ann");
  KhPersonFacts here = somebody ("Bea");

  left.online = FALSE;
  left.unread = 1;
  left.active_at_ms = 1000;
  check_before (&left, &here);
}

static gboolean
finds (const KhPersonFacts *facts, const char *text, gboolean show_blocked)
{
  g_autoptr (KhPeopleKey) key = kh_people_key_new (facts, ID);
  g_auto (GStrv) words = kh_people_words (text);

  return kh_people_key_matches (key, words, show_blocked);
}

static void
test_a_search_finds_parts_of_names_in_any_case (void)
{
  KhPersonFacts facts = somebody ("Änne von Straße");

  facts.announced_name = "Annie";
  g_assert_true (finds (&facts, "änne", FALSE));
  g_assert_true (finds (&facts, "STRASSE", FALSE));
  g_assert_true (finds (&facts, " von   änn ", FALSE));
  g_assert_true (finds (&facts, "annie", FALSE));
  g_assert_true (finds (&facts, "abcd2345ef", FALSE));
  g_assert_false (finds (&facts, "änne bert", FALSE));
  g_assert_false (finds (&facts, "q", FALSE));
}

static void
test_a_search_without_words_is_none (void)
{
  g_auto (GStrv) none = kh_people_words ("  \t ");
  g_auto (GStrv) some = kh_people_words (" a  b ");

  g_assert_null (none);
  g_assert_cmpuint (g_strv_length (some), ==, 2);
}

static void
test_who_is_blocked_shows_when_looked_for (void)
{
  KhPersonFacts facts = somebody ("Ann");

  facts.blocked = TRUE;
  g_assert_false (finds (&facts, "", FALSE));
  g_assert_true (finds (&facts, "", TRUE));
  g_assert_true (finds (&facts, "ann", FALSE));
}

/* Typing in a list of two thousand has to keep up with a person: 100 ms of CPU. */
static void
test_two_thousand_are_searched_at_once (void)
{
  g_autoptr (GPtrArray) keys
      = g_ptr_array_new_with_free_func ((GDestroyNotify)kh_people_key_free);
  g_auto (GStrv) words = kh_people_words ("person 19");
  guint found = 0;
  clock_t began;

  for (guint i = 0; i < 2000; i++)
    {
      g_autofree char *name = g_strdup_printf ("Person %u", i);
      KhPersonFacts facts = somebody (name);

      g_ptr_array_add (keys, kh_people_key_new (&facts, ID));
    }
  began = clock ();
  for (guint i = 0; i < keys->len; i++)
    found += kh_people_key_matches (g_ptr_array_index (keys, i), words, FALSE);
  g_assert_cmpint (clock () - began, <, CLOCKS_PER_SEC / 10);
  g_assert_cmpuint (found, >=, 111);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/people-order/who-asks-is-first-and-who-is-blocked-last",
                   test_who_asks_is_first_and_who_is_blocked_last);
  g_test_add_func ("/people-order/the-latest-conversation-is-first-then-names",
                   test_the_latest_conversation_is_first_then_names);
  g_test_add_func ("/people-order/unread-words-of-who-left-stay-in-sight",
                   test_unread_words_of_who_left_stay_in_sight);
  g_test_add_func ("/people-order/a-search-finds-parts-of-names-in-any-case",
                   test_a_search_finds_parts_of_names_in_any_case);
  g_test_add_func ("/people-order/a-search-without-words-is-none",
                   test_a_search_without_words_is_none);
  g_test_add_func ("/people-order/who-is-blocked-shows-when-looked-for",
                   test_who_is_blocked_shows_when_looked_for);
  g_test_add_func ("/people-order/two-thousand-are-searched-at-once",
                   test_two_thousand_are_searched_at_once);
  return g_test_run ();
}
