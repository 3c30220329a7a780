/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/report-text.h"

#include "attempts.h"
#include "core/attempt-private.h"

/* The address of @endpoint stands nowhere in @text, with or without its port. */
static void
assert_absent (const char *text, const KhEndpoint *endpoint)
{
  char printed[KH_ENDPOINT_TEXT_MAX];
  g_autofree char *address = NULL;

  if (endpoint->family == 0)
    return;
  kh_endpoint_print (endpoint, printed);
  *strrchr (printed, ':') = '\0';
  address = endpoint->family == 6 ? g_strndup (printed + 1, strlen (printed) - 2)
                                  : g_strdup (printed);
  g_assert_null (strstr (text, address));
}

static void
test_what_is_given_away_has_no_address_and_no_name (void)
{
  g_autoptr (KhAttempt) attempt = attempt_new_connected ("198.51.100.9:50001");
  g_autofree char *text = kh_report_text_new (attempt);
  g_autofree char *id = kh_peer_id_to_text (kh_attempt_get_peer (attempt));

  for (guint step = 1; step <= KH_ATTEMPT_STEPS; step++)
    {
      assert_absent (text, &kh_attempt_get_step (attempt, step)->own);
      assert_absent (text, &kh_attempt_get_step (attempt, step)->remote);
    }
  for (guint i = 0; i < kh_attempt_get_n_candidates (attempt); i++)
    {
      assert_absent (text, &kh_attempt_get_candidate (attempt, i)->own);
      assert_absent (text, &kh_attempt_get_candidate (attempt, i)->peer);
    }
  g_assert_null (strstr (text, "Bob"));
  g_assert_null (strstr (text, id));
}

static void
test_one_address_has_one_placeholder (void)
{
  g_autoptr (KhAttempt) attempt = attempt_new_connected ("198.51.100.9:50001");
  g_autofree char *text = kh_report_text_new (attempt);

  /* The server's comes first, then this side's, then the peer's: ports tell that two are
   * the same router. */
  g_assert_nonnull (strstr (text, "address-1:7471"));
  g_assert_nonnull (strstr (text, "address-2:40001"));
  g_assert_nonnull (strstr (text, "address-2:40003"));
  g_assert_nonnull (strstr (text, "address-3:50001"));
  g_assert_nonnull (strstr (text, "address-3:50003"));
  g_assert_null (strstr (text, "address-4"));
  g_assert_nonnull (strstr (text, "address-1: IPv6"));
  g_assert_nonnull (strstr (text, "address-3: IPv4, public"));
}

static void
test_parts_that_are_read_here_have_addresses (void)
{
  g_autoptr (KhAttempt) attempt = attempt_new_connected ("198.51.100.9:50001");
  g_autofree char *way = kh_report_text_way (kh_attempt_get_candidate (attempt, 0));
  g_autofree char *ends = kh_report_text_step_ends (kh_attempt_get_step (attempt, 3));

  g_assert_nonnull (strstr (way, "198.51.100.9:50001"));
  g_assert_nonnull (strstr (ends, "port 40001"));
  g_assert_null (strstr (way, "address-"));
  g_assert_null (strstr (ends, "address-"));
}

static void
test_a_failure_says_why_and_what_to_do (void)
{
  g_autoptr (KhAttempt) attempt
      = attempt_new_failed (KH_CALL_END_NO_PATH, KH_PUNCH_SILENT);
  g_autofree char *text = kh_report_text_new (attempt);

  g_assert_nonnull (strstr (text, "Nothing came back from the router of Peer."));
  g_assert_nonnull (strstr (text, "Try once more."));
}

/* Though nothing came of the rest. */
static void
test_a_stranger_is_reason_and_advice (void)
{
  g_autoptr (KhAttempt) attempt
      = attempt_new (KH_ATTEMPT_PUNCHING, TRUE, KH_ATTEMPT_STEPS);
  g_autofree char *text = NULL;

  kh_attempt_take_failed (attempt, KH_CALL_END_NO_PATH, KH_PUNCH_SILENT, TRUE, 0);
  text = kh_report_text_new (attempt);
  g_assert_nonnull (strstr (text, "Somebody else answered at the address of Peer."));
  g_assert_nonnull (strstr (text, "Nothing was told to them."));
}

static void
test_an_attempt_without_candidates_says_so (void)
{
  g_autoptr (KhAttempt) attempt = attempt_new (KH_ATTEMPT_WAITING, TRUE, 2);
  g_autofree char *text = kh_report_text_new (attempt);

  g_assert_nonnull (strstr (text, "No way to the other computer became known"));
}

static void
test_every_outcome_has_words (void)
{
  for (int outcome = KH_CANDIDATE_FOUND; outcome <= KH_CANDIDATE_WON; outcome++)
    {
      g_assert_cmpstr (kh_report_text_outcome (outcome), !=, "");
      g_assert_cmpstr (kh_report_text_outcome_class (outcome), !=, "");
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/report-text/what-is-given-away-has-no-address-and-no-name",
                   test_what_is_given_away_has_no_address_and_no_name);
  g_test_add_func ("/report-text/one-address-has-one-placeholder",
                   test_one_address_has_one_placeholder);
  g_test_add_func ("/report-text/parts-that-are-read-here-have-addresses",
                   test_parts_that_are_read_here_have_addresses);
  g_test_add_func ("/report-text/a-failure-says-why-and-what-to-do",
                   test_a_failure_says_why_and_what_to_do);
  g_test_add_func ("/report-text/a-stranger-is-reason-and-advice",
                   test_a_stranger_is_reason_and_advice);
  g_test_add_func ("/report-text/an-attempt-without-candidates-says-so",
                   test_an_attempt_without_candidates_says_so);
  g_test_add_func ("/report-text/every-outcome-has-words", test_every_outcome_has_words);
  return g_test_run ();
}
