/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/notification-text.h"

static void
check_body (const KhNews *news, const char *expected)
{
  g_autofree char *body = kh_news_text_body (news);

  g_assert_cmpstr (body, ==, expected);
}

static void
test_one_message_is_shown_and_more_are_counted (void)
{
  KhNews news = { 0 };

  g_assert_true (kh_news_is_empty (&news));
  kh_news_add_message (&news, "Hello");
  check_body (&news, "Hello");
  for (guint i = 0; i < 4; i++)
    kh_news_add_message (&news, "again");
  check_body (&news, "5 new messages");
  g_assert_false (kh_news_is_empty (&news));
  kh_news_clear (&news);
  g_assert_true (kh_news_is_empty (&news));
}

static void
test_different_things_stand_in_lines (void)
{
  KhNews news = { 0 };

  kh_news_add_message (&news, "Look");
  kh_news_add_offer (&news, "a picture.png");
  news.calls = TRUE;
  check_body (&news, "Wants to talk to you\nLook\nWants to send you a picture.png");
  news.calls = FALSE;
  kh_news_add_offer (&news, "another.png");
  kh_news_set_outcome (&news, "song.ogg has arrived");
  check_body (&news, "Look\n2 offers of files\nsong.ogg has arrived");
  kh_news_clear (&news);
}

/* What is accepted is what was read. */
static void
test_the_offer_that_is_left_is_named (void)
{
  KhNews news = { 0 };

  kh_news_add_offer (&news, "first");
  kh_news_add_offer (&news, "second");
  kh_news_remove_offer (&news, 1);
  check_body (&news, "Wants to send you first");
  kh_news_remove_offer (&news, 0);
  g_assert_true (kh_news_is_empty (&news));
  kh_news_clear (&news);
}

static void
test_no_name_turns_the_line (void)
{
  KhNews news = { 0 };

  kh_news_add_offer (&news, "photo\u202egnp.exe");
  check_body (&news, "Wants to send you photognp.exe");
  kh_news_remove_offer (&news, 0);
  kh_news_add_offer (&news, "أحمد.png");
  check_body (&news, "Wants to send you \u200e\u2068أحمد.png\u2069");
  kh_news_clear (&news);
}

static void
test_a_long_text_is_cut_between_characters (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *same = kh_news_text_shorten ("ü");
  g_autofree char *cut = NULL;

  for (guint i = 0; i < 1000; i++)
    g_string_append (text, "ü");
  cut = kh_news_text_shorten (text->str);
  g_assert_cmpstr (same, ==, "ü");
  g_assert_true (g_utf8_validate (cut, -1, NULL));
  g_assert_cmpint (g_utf8_strlen (cut, -1), ==, 200);
  g_assert_true (g_str_has_suffix (cut, "…"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/notification-text/one-message-is-shown-and-more-are-counted",
                   test_one_message_is_shown_and_more_are_counted);
  g_test_add_func ("/notification-text/different-things-stand-in-lines",
                   test_different_things_stand_in_lines);
  g_test_add_func ("/notification-text/the-offer-that-is-left-is-named",
                   test_the_offer_that_is_left_is_named);
  g_test_add_func ("/notification-text/no-name-turns-the-line",
                   test_no_name_turns_the_line);
  g_test_add_func ("/notification-text/a-long-text-is-cut-between-characters",
                   test_a_long_text_is_cut_between_characters);
  return g_test_run ();
}
