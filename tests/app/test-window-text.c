/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/window-text.h"

static void
test_the_title_counts_what_is_unread (void)
{
  g_autofree char *none = kh_window_text_title (0);
  g_autofree char *some = kh_window_text_title (3);

  g_assert_cmpstr (none, ==, "Knothole");
  g_assert_cmpstr (some, ==, "(3) Knothole");
}

static void
test_a_choice_to_be_offline_is_told_apart (void)
{
  g_assert_cmpstr (kh_window_text_server (KH_SERVER_ONLINE, FALSE), ==, "Online");
  g_assert_cmpstr (kh_window_text_server (KH_SERVER_CONNECTING, FALSE), ==,
                   "Connecting…");
  g_assert_cmpstr (kh_window_text_server (KH_SERVER_LEFT, TRUE), ==, "Appearing offline");
  g_assert_cmpstr (kh_window_text_server (KH_SERVER_LEFT, FALSE), ==, "Offline");
  g_assert_cmpstr (kh_window_text_server (KH_SERVER_REFUSED, FALSE), ==, "Offline");
}

static void
test_a_size_is_read_as_it_was_written (void)
{
  g_autofree char *small = kh_window_text_size (360, 640, FALSE);
  g_autofree char *large = kh_window_text_size (1000, 700, TRUE);
  int width, height;
  gboolean maximized;

  g_assert_cmpstr (small, ==, "360x640");
  g_assert_cmpstr (large, ==, "maximized:1000x700");
  g_assert_true (kh_window_parse_size (small, &width, &height, &maximized));
  g_assert_cmpint (width, ==, 360);
  g_assert_cmpint (height, ==, 640);
  g_assert_false (maximized);
  g_assert_true (kh_window_parse_size (large, &width, &height, &maximized));
  g_assert_cmpint (width, ==, 1000);
  g_assert_true (maximized);
}

static void
test_nonsense_is_no_size (void)
{
  const char *const texts[]
      = { NULL,     "",        "x",           "360",       "360x",
          "10x640", "-5x-640", "90000x90000", "1000x700x", "maximized:" };
  int width, height;
  gboolean maximized;

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_assert_false (kh_window_parse_size (texts[i], &width, &height, &maximized));
}

static void
test_whoever_is_not_there_is_not_told_to_invite (void)
{
  KhNobodyText text = kh_window_text_nobody (KH_SERVER_ONLINE, TRUE);

  g_assert_cmpstr (text.action, ==, "app.invite");
  text = kh_window_text_nobody (KH_SERVER_LEFT, TRUE);
  g_assert_cmpstr (text.action, ==, "app.go-online");
  text = kh_window_text_nobody (KH_SERVER_CONNECTING, TRUE);
  g_assert_null (text.button);
  text = kh_window_text_nobody (KH_SERVER_LEFT, FALSE);
  g_assert_null (text.button);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/window-text/the-title-counts-what-is-unread",
                   test_the_title_counts_what_is_unread);
  g_test_add_func ("/window-text/a-choice-to-be-offline-is-told-apart",
                   test_a_choice_to_be_offline_is_told_apart);
  g_test_add_func ("/window-text/whoever-is-not-there-is-not-told-to-invite",
                   test_whoever_is_not_there_is_not_told_to_invite);
  g_test_add_func ("/window-text/a-size-is-read-as-it-was-written",
                   test_a_size_is_read_as_it_was_written);
  g_test_add_func ("/window-text/nonsense-is-no-size", test_nonsense_is_no_size);
  return g_test_run ();
}
