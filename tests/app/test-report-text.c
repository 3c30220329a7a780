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

/* As it is here, and as it is given away. */
static void
check_way (KhAttempt *attempt, const KhAttemptWay *way, const char *title,
           const char *here, const char *given)
{
  const KhCandidate *candidate
      = kh_attempt_get_candidate (attempt, kh_attempt_get_n_candidates (attempt) - 1);
  g_autofree char *text = kh_report_text_new (attempt);
  g_autofree char *said = kh_report_text_way (candidate);
  g_autofree char *tries = kh_report_text_tries (candidate);

  g_assert_true (kh_endpoint_equal (&candidate->peer, &way->peer));
  g_assert_cmpstr (kh_report_text_kind (candidate->kind), ==, title);
  g_assert_cmpstr (said, ==, here);
  g_assert_nonnull (strstr (text, given));
  g_assert_null (strstr (text, ":0\n"));
  g_assert_null (strstr (text, "port 0"));
  g_assert_null (strstr (tries, "1024"));
}

static void
test_many_guesses_are_one_line (void)
{
  g_autoptr (KhAttempt) attempt
      = attempt_new (KH_ATTEMPT_PUNCHING, TRUE, KH_ATTEMPT_STEPS);
  KhAttemptWay spray
      = { .round = 1, .kind = KH_PATH_PREDICTED, .peer = endpoint ("203.0.113.77:0") };
  KhAttemptWay hit = { .round = 1,
                       .kind = KH_PATH_PREDICTED,
                       .peer = endpoint ("203.0.113.77:50123") };
  guint n = kh_attempt_get_n_candidates (attempt);

  kh_attempt_take_outcome (attempt, &spray, KH_CANDIDATE_DIALLED, 1000);
  kh_attempt_take_outcome (attempt, &spray, KH_CANDIDATE_DIALLED, 24);
  g_assert_cmpuint (kh_attempt_get_n_candidates (attempt), ==, n + 1);
  check_way (attempt, &spray, "By guessed ports",
             "1024 pairs of ports at once, with 203.0.113.77",
             "1024 pairs of ports at once, with address-4\n");
  kh_attempt_take_outcome (attempt, &hit, KH_CANDIDATE_UP, 0);
  check_way (attempt, &hit, "By guessed ports", "With 203.0.113.77:50123",
             "With address-4:50123\n");
}

static void
test_a_relay_has_the_server_and_no_port_here (void)
{
  g_autoptr (KhAttempt) attempt
      = attempt_new_connected_by (KH_PATH_RELAY, "192.0.2.1:7471");
  KhAttemptWay way = { .peer = endpoint ("192.0.2.1:7471") };

  check_way (attempt, &way, "Through the server", "To the server at 192.0.2.1:7471",
             "To the server at address-4:7471\n");
}

/* Who dialled knows from where, who was dialled only who came. */
static void
test_an_open_port_is_told_from_both_sides (void)
{
  g_autoptr (KhAttempt) theirs
      = attempt_new_connected_by (KH_PATH_MAPPED, "203.0.113.77:30000");
  g_autoptr (KhAttempt) ours = attempt_new (KH_ATTEMPT_PUNCHING, TRUE, KH_ATTEMPT_STEPS);
  KhAttemptWay way
      = { .round = 1, .kind = KH_PATH_MAPPED, .peer = endpoint ("203.0.113.77:30000") };

  check_way (theirs, &way, "By an open port",
             "From port 40001 (outside 203.0.113.7:40001) to 203.0.113.77:30000",
             "(outside address-2:40001) to address-4:30000\n");
  kh_attempt_take_outcome (ours, &way, KH_CANDIDATE_UP, 0);
  check_way (ours, &way, "By an open port",
             "From 203.0.113.77:30000 to the open port here",
             "From address-4:30000 to the open port here\n");
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

static void
test_every_kind_has_words_of_its_own (void)
{
  for (int one = KH_PATH_LAN; one <= KH_PATH_RELAY; one++)
    for (int other = KH_PATH_LAN; other < one; other++)
      g_assert_cmpstr (kh_report_text_kind (one), !=, kh_report_text_kind (other));
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
  g_test_add_func ("/report-text/many-guesses-are-one-line",
                   test_many_guesses_are_one_line);
  g_test_add_func ("/report-text/a-relay-has-the-server-and-no-port-here",
                   test_a_relay_has_the_server_and_no_port_here);
  g_test_add_func ("/report-text/an-open-port-is-told-from-both-sides",
                   test_an_open_port_is_told_from_both_sides);
  g_test_add_func ("/report-text/a-failure-says-why-and-what-to-do",
                   test_a_failure_says_why_and_what_to_do);
  g_test_add_func ("/report-text/a-stranger-is-reason-and-advice",
                   test_a_stranger_is_reason_and_advice);
  g_test_add_func ("/report-text/an-attempt-without-candidates-says-so",
                   test_an_attempt_without_candidates_says_so);
  g_test_add_func ("/report-text/every-outcome-has-words", test_every_outcome_has_words);
  g_test_add_func ("/report-text/every-kind-has-words-of-its-own",
                   test_every_kind_has_words_of_its_own);
  return g_test_run ();
}
