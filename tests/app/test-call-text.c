/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/call-text.h"

#include "attempts.h"

#include <string.h>

static void
test_every_end_has_a_sentence_and_one_next_step (void)
{
  for (int end = KH_CALL_END_NOT_ONLINE; end <= KH_CALL_END_INCOMPATIBLE; end++)
    for (int failure = KH_PUNCH_FAILURE_NONE; failure <= KH_PUNCH_BOTH_SYMMETRIC;
         failure++)
      {
        g_autofree char *why = kh_call_text_end (end, failure, "Bob");
        g_autofree char *advice
            = kh_call_text_advice (end, failure, KH_RELAY_UNKNOWN, "Bob");
        g_autofree char *label
            = kh_call_text_next_label (kh_call_text_next (end, failure), 0);

        g_assert_true (g_str_has_suffix (why, "."));
        g_assert_true (g_str_has_suffix (advice, "."));
        g_assert_cmpstr (label, !=, "");
      }
}

static void
test_the_next_step_fits_the_cause (void)
{
  g_assert_cmpint (kh_call_text_next (KH_CALL_END_WAIT, 0), ==, KH_NEXT_WAIT);
  g_assert_cmpint (kh_call_text_next (KH_CALL_END_OFFLINE, 0), ==, KH_NEXT_SERVER);
  g_assert_cmpint (kh_call_text_next (KH_CALL_END_DECLINED, 0), ==, KH_NEXT_CALL);
  g_assert_cmpint (kh_call_text_next (KH_CALL_END_INCOMPATIBLE, 0), ==, KH_NEXT_VERSION);
  g_assert_cmpint (kh_call_text_next (KH_CALL_END_NO_PATH, KH_PUNCH_NOT_OBSERVED), ==,
                   KH_NEXT_NETWORK);
  g_assert_cmpint (kh_call_text_next (KH_CALL_END_NO_PATH, KH_PUNCH_PEER_NOT_OBSERVED),
                   ==, KH_NEXT_REPORT);
  g_assert_cmpint (kh_call_text_next (KH_CALL_END_NO_PATH, KH_PUNCH_SILENT), ==,
                   KH_NEXT_CALL);
  g_assert_cmpint (kh_call_text_next (KH_CALL_END_NO_PATH, KH_PUNCH_BOTH_SYMMETRIC), ==,
                   KH_NEXT_WAYS);
}

static void
test_two_routers_without_a_way_are_named_as_the_reason (void)
{
  g_autoptr (KhAttempt) attempt
      = attempt_new_failed (KH_CALL_END_NO_PATH, KH_PUNCH_BOTH_SYMMETRIC);
  g_autofree char *text = kh_call_text_outcome (attempt, "Bob");
  static const char *const words[] = {
    [KH_RELAY_UNKNOWN] = "or allow the relay",
    [KH_RELAY_REFUSED_HERE] = "You have switched the relay off",
    [KH_RELAY_REFUSED_THERE] = "Ask Bob to allow the relay",
    [KH_RELAY_SWITCHED_OFF] = "This server relays nothing",
    [KH_RELAY_USED_UP] = "try tomorrow",
    [KH_RELAY_BUSY] = "in some minutes",
  };

  g_assert_true (g_str_has_prefix (text, "Both routers take another port"));
  for (guint relay = 0; relay < G_N_ELEMENTS (words); relay++)
    {
      g_autofree char *advice = kh_call_text_advice (
          KH_CALL_END_NO_PATH, KH_PUNCH_BOTH_SYMMETRIC, (KhRelayState)relay, "Bob");

      g_assert_nonnull (strstr (advice, "UPnP"));
      g_assert_nonnull (strstr (advice, words[relay]));
    }
}

/* Each kind of path, and only a relay is not called direct. */
static void
test_a_success_says_by_what (void)
{
  for (int kind = KH_PATH_LAN; kind <= KH_PATH_RELAY; kind++)
    {
      g_autoptr (KhAttempt) attempt = attempt_new_connected_by (kind, "192.0.2.1:7471");
      g_autofree char *text = kh_call_text_outcome (attempt, "Bob");
      const char *said = kind == KH_PATH_RELAY ? "Connected to Bob through the server in "
                         : kind == KH_PATH_LAN ? "Connected to Bob on this network in "
                                               : "Connected directly to Bob in ";

      g_assert_true (g_str_has_prefix (text, said));
    }
}

static void
test_a_wait_is_counted_down (void)
{
  g_autofree char *many = kh_call_text_next_label (KH_NEXT_WAIT, 25);
  g_autofree char *one = kh_call_text_next_label (KH_NEXT_WAIT, 1);
  g_autofree char *over = kh_call_text_next_label (KH_NEXT_WAIT, 0);

  g_assert_cmpstr (many, ==, "Try Again in 25 Seconds");
  g_assert_cmpstr (one, ==, "Try Again in 1 Second");
  g_assert_cmpstr (over, ==, "Try Again");
}

static void
test_steps_are_told_from_this_side (void)
{
  g_autoptr (KhAttempt) caller = attempt_new (KH_ATTEMPT_PUNCHING, TRUE, 3);
  g_autoptr (KhAttempt) callee = attempt_new (KH_ATTEMPT_PUNCHING, FALSE, 3);
  g_autofree char *ours = kh_call_text_progress (caller, "Bob");
  g_autofree char *theirs = kh_call_text_progress (callee, "Bob");

  g_assert_cmpstr (ours, ==, "A port was opened here, and the server called from it");
  g_assert_cmpstr (theirs, ==, "Bob opens a port and calls the server from it");
}

static void
test_every_step_has_a_title_and_a_sentence (void)
{
  g_autoptr (KhAttempt) attempt = attempt_new (KH_ATTEMPT_PUNCHING, TRUE, 8);

  for (guint step = 1; step <= KH_ATTEMPT_STEPS; step++)
    {
      g_autofree char *sentence = kh_call_text_step (attempt, step, "Bob");

      g_assert_cmpstr (kh_call_text_step_title (step), !=, "");
      g_assert_cmpstr (sentence, !=, "");
    }
  g_assert_cmpuint (kh_call_text_newest_step (attempt), ==, 8);
}

static void
test_before_the_punch_it_says_who_is_waited_for (void)
{
  g_autoptr (KhAttempt) waiting = attempt_new (KH_ATTEMPT_WAITING, TRUE, 2);
  g_autofree char *text = kh_call_text_progress (waiting, "Bob");

  g_assert_cmpstr (text, ==, "Waiting for Bob to accept");
}

static void
test_a_stranger_is_named_as_the_reason (void)
{
  g_autoptr (KhAttempt) attempt
      = attempt_new_failed (KH_CALL_END_NO_PATH, KH_PUNCH_STRANGER);
  g_autofree char *text = kh_call_text_outcome (attempt, "Bob");

  g_assert_cmpstr (text, ==, "Somebody else answered at the address of Bob.");
}

static void
test_every_end_of_a_channel_has_a_sentence (void)
{
  for (int end = KH_LINK_END_PEER_LEFT; end <= KH_LINK_END_REPLACED; end++)
    {
      g_autofree char *text = kh_call_text_link_end (end, "Bob");

      g_assert_true (g_str_has_suffix (text, "."));
    }
}

static void
test_durations_are_as_exact_as_they_are_short (void)
{
  g_autofree char *exact = kh_call_text_duration (420);
  g_autofree char *tenths = kh_call_text_duration (2420);
  g_autofree char *seconds = kh_call_text_duration (12345);
  g_autofree char *minutes = kh_call_text_duration (125000);

  g_assert_cmpstr (exact, ==, "420 ms");
  g_assert_cmpstr (tenths, ==, "2.4 s");
  g_assert_cmpstr (seconds, ==, "12 s");
  g_assert_cmpstr (minutes, ==, "2 min");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/call-text/every-end-has-a-sentence-and-one-next-step",
                   test_every_end_has_a_sentence_and_one_next_step);
  g_test_add_func ("/call-text/the-next-step-fits-the-cause",
                   test_the_next_step_fits_the_cause);
  g_test_add_func ("/call-text/two-routers-without-a-way-are-named-as-the-reason",
                   test_two_routers_without_a_way_are_named_as_the_reason);
  g_test_add_func ("/call-text/a-success-says-by-what", test_a_success_says_by_what);
  g_test_add_func ("/call-text/a-wait-is-counted-down", test_a_wait_is_counted_down);
  g_test_add_func ("/call-text/steps-are-told-from-this-side",
                   test_steps_are_told_from_this_side);
  g_test_add_func ("/call-text/every-step-has-a-title-and-a-sentence",
                   test_every_step_has_a_title_and_a_sentence);
  g_test_add_func ("/call-text/before-the-punch-it-says-who-is-waited-for",
                   test_before_the_punch_it_says_who_is_waited_for);
  g_test_add_func ("/call-text/a-stranger-is-named-as-the-reason",
                   test_a_stranger_is_named_as_the_reason);
  g_test_add_func ("/call-text/every-end-of-a-channel-has-a-sentence",
                   test_every_end_of_a_channel_has_a_sentence);
  g_test_add_func ("/call-text/durations-are-as-exact-as-they-are-short",
                   test_durations_are_as_exact_as_they_are_short);
  return g_test_run ();
}
