/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/path-text.h"

#include "attempts.h"

static void
test_round_trips_are_told_in_milliseconds (void)
{
  g_autofree char *none = kh_path_text_round_trip (0);
  g_autofree char *short_one = kh_path_text_round_trip (400);
  g_autofree char *rounded = kh_path_text_round_trip (22600);

  g_assert_null (none);
  g_assert_cmpstr (short_one, ==, "less than 1 ms");
  g_assert_cmpstr (rounded, ==, "23 ms");
}

static void
test_speed_is_told_only_while_files_run (void)
{
  g_autofree char *none = kh_path_text_speed (0, 0);
  g_autofree char *up = kh_path_text_speed (1200000, 0);
  g_autofree char *both = kh_path_text_speed (1200000, 3000000);

  g_assert_null (none);
  g_assert_true (g_str_has_prefix (up, "↑"));
  g_assert_null (strstr (up, "↓"));
  g_assert_nonnull (strstr (both, "↓"));
}

static void
test_every_kind_has_words_and_an_icon (void)
{
  for (int kind = KH_PATH_LAN; kind <= KH_PATH_PUNCHED; kind++)
    {
      g_assert_cmpstr (kh_path_text_kind (kind), !=, "");
      g_assert_true (g_str_has_suffix (kh_path_text_meaning (kind), "."));
      g_assert_true (g_str_has_suffix (kh_path_text_icon (kind), "-symbolic"));
      g_assert_cmpstr (kh_path_text_class (kind), ==, "success");
    }
}

static void
test_ciphers_have_their_whole_name (void)
{
  g_assert_cmpstr (kh_path_text_cipher ("ChaCha20-Poly1305"), ==, "ChaCha20-Poly1305");
  g_assert_cmpstr (kh_path_text_cipher ("AES-GCM"), ==, "AES-256-GCM");
  g_assert_cmpstr (kh_path_text_cipher (NULL), ==, "Encrypted");
}

static void
test_details_leave_out_what_is_not_known (void)
{
  KhPathInfo path = { .remote = endpoint ("[2001:db8::1]:5"), .cipher = "AES-GCM" };
  g_autofree char *at_first = kh_path_text_details (&path);
  g_autofree char *later = NULL;

  path.round_trip_us = 23000;
  later = kh_path_text_details (&path);
  g_assert_cmpstr (at_first, ==, "IPv6 · AES-256-GCM");
  g_assert_cmpstr (later, ==, "IPv6 · 23 ms · AES-256-GCM");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/path-text/round-trips-are-told-in-milliseconds",
                   test_round_trips_are_told_in_milliseconds);
  g_test_add_func ("/path-text/speed-is-told-only-while-files-run",
                   test_speed_is_told_only_while_files_run);
  g_test_add_func ("/path-text/every-kind-has-words-and-an-icon",
                   test_every_kind_has_words_and_an_icon);
  g_test_add_func ("/path-text/ciphers-have-their-whole-name",
                   test_ciphers_have_their_whole_name);
  g_test_add_func ("/path-text/details-leave-out-what-is-not-known",
                   test_details_leave_out_what_is_not_known);
  return g_test_run ();
}
