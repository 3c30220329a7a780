/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/path-text.h"

#include "attempts.h"

#include <string.h>

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
  for (int kind = KH_PATH_LAN; kind <= KH_PATH_RELAY; kind++)
    {
      g_assert_cmpstr (kh_path_text_kind (kind), !=, "");
      g_assert_cmpstr (kh_path_text_status (kind), !=, "");
      g_assert_true (g_str_has_suffix (kh_path_text_meaning (kind), "."));
      g_assert_true (g_str_has_suffix (kh_path_text_icon (kind), "-symbolic"));
      g_assert_cmpstr (kh_path_text_class (kind), ==,
                       kind == KH_PATH_RELAY ? "warning" : "success");
    }
}

/* What one reads tells any two of them apart. */
static void
test_no_two_kinds_look_the_same (void)
{
  for (int one = KH_PATH_LAN; one <= KH_PATH_RELAY; one++)
    for (int other = KH_PATH_LAN; other < one; other++)
      {
        g_assert_cmpstr (kh_path_text_status (one), !=, kh_path_text_status (other));
        g_assert_cmpstr (kh_path_text_meaning (one), !=, kh_path_text_meaning (other));
      }
}

static void
test_a_relay_is_never_called_direct (void)
{
  KhPathInfo path = { .kind = KH_PATH_RELAY,
                      .own = endpoint ("192.168.1.2:40001"),
                      .remote = endpoint ("192.0.2.1:7471"),
                      .round_trip_us = 23000,
                      .cipher = "AES-GCM" };
  g_autofree char *details = kh_path_text_details (&path);
  g_autofree char *sentences = kh_path_text_sentences (&path);
  g_autofree char *direct = NULL;

  g_assert_cmpstr (kh_path_text_kind (path.kind), ==, "Through the server");
  g_assert_cmpstr (details, ==,
                   "encrypted end to end, looks for a direct path · 23 ms · AES-256-GCM");
  g_assert_nonnull (strstr (sentences, "to the server at 192.0.2.1:7471"));
  g_assert_null (strstr (sentences, "No message or file byte"));
  g_assert_nonnull (strstr (kh_path_text_promise (path.kind), "through the server"));
  g_assert_cmpstr (kh_path_text_icon (path.kind), !=,
                   kh_path_text_icon (KH_PATH_PUNCHED));

  path.kind = KH_PATH_MAPPED;
  direct = kh_path_text_sentences (&path);
  g_assert_nonnull (strstr (direct, "No message or file byte goes through any server."));
  g_assert_null (strstr (direct, "the server at"));
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
  g_test_add_func ("/path-text/no-two-kinds-look-the-same",
                   test_no_two_kinds_look_the_same);
  g_test_add_func ("/path-text/a-relay-is-never-called-direct",
                   test_a_relay_is_never_called_direct);
  g_test_add_func ("/path-text/ciphers-have-their-whole-name",
                   test_ciphers_have_their_whole_name);
  g_test_add_func ("/path-text/details-leave-out-what-is-not-known",
                   test_details_leave_out_what_is_not_known);
  return g_test_run ();
}
