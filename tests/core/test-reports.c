/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "timeline-fixture.h"

#include "core/attempt-private.h"
#include "core/client-private.h"
#include "core/history.h"
#include "net/port.h"
#include "net/socket.h"

KhSocketResult __real_kh_socket_connect (int fd, const KhEndpoint *to);
KhSocketResult __wrap_kh_socket_connect (int fd, const KhEndpoint *to);

/* Ports of this process can't be reached, but for the assist port. */
static KhSocketResult wall; /* DONE: there is none */
static guint16 assist_port;

KhSocketResult
__wrap_kh_socket_connect (int fd, const KhEndpoint *to)
{
  if (wall != KH_SOCKET_DONE && to->port != assist_port)
    return wall;
  return __real_kh_socket_connect (fd, to);
}

static void
set_up (Pair *pair, gconstpointer data)
{
  wall = KH_SOCKET_DONE;
  pair_set_up (pair, data);
}

static void
learn_assist_port (G_GNUC_UNUSED KhClient *client, gpointer data,
                   G_GNUC_UNUSED gpointer unused)
{
  const KhEvent *event = data;

  if (event->kind == KH_EVENT_PUNCH && event->step == 1)
    assist_port = event->remote.port;
}

static void
on_listed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  *(GPtrArray **)data
      = kh_client_list_attempts_finish (KH_CLIENT (source), result, &error);
  g_assert_no_error (error);
}

static GPtrArray *
list_attempts (Person *person, const KhPeerId *peer, guint limit)
{
  GPtrArray *attempts = NULL;

  kh_client_list_attempts_async (person->client, peer, limit, on_listed, &attempts);
  WAIT_UNTIL (attempts != NULL);
  return attempts;
}

/* --- Reports --------------------------------------------------------------------------
 */

static void
expect_a_winner (KhAttempt *attempt, gboolean caller)
{
  guint n_won = 0;

  g_assert_cmpint (kh_attempt_get_state (attempt), ==, KH_ATTEMPT_CONNECTED);
  g_assert_cmpint (kh_attempt_get_caller (attempt), ==, caller);
  g_assert_nonnull (kh_attempt_get_cipher (attempt));
  for (guint i = 1; i <= KH_ATTEMPT_STEPS; i++)
    g_assert_cmpint (kh_attempt_get_step (attempt, i)->at_ms, >=, 0);
  for (guint i = 0; i < kh_attempt_get_n_candidates (attempt); i++)
    {
      const KhCandidate *candidate = kh_attempt_get_candidate (attempt, i);

      n_won += candidate->outcome == KH_CANDIDATE_WON ? 1 : 0;
      g_assert_cmpuint (candidate->round, ==, 1);
      g_assert_cmpuint (candidate->port, !=, 0);
      g_assert_cmpint (candidate->kind, ==, KH_PATH_LAN);
      g_assert_cmpint (candidate->last_ms, >=, candidate->first_ms);
      /* There is no NAT here: it is seen as it is. */
      if (candidate->own.family != 0)
        g_assert_cmpuint (candidate->own.port, ==, candidate->port);
    }
  g_assert_cmpuint (n_won, ==, 1);
}

static void
test_both_sides_have_a_report_of_success (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  KhAttempt *alices;
  KhAttempt *bobs;

  pair_connect (pair);
  alices = kh_client_get_attempt (pair->alice.client, &pair->bob.id);
  bobs = kh_client_get_attempt (pair->bob.client, &pair->alice.id);
  expect_a_winner (alices, TRUE);
  expect_a_winner (bobs, FALSE);
  g_assert_cmpstr (kh_attempt_get_name (alices), ==, "bob");
}

static void
expect_all (KhAttempt *attempt, KhCandidateOutcome outcome)
{
  g_assert_cmpuint (kh_attempt_get_n_candidates (attempt), >=, KH_PUNCH_PORTS_V4);
  for (guint i = 0; i < kh_attempt_get_n_candidates (attempt); i++)
    {
      const KhCandidate *candidate = kh_attempt_get_candidate (attempt, i);

      g_assert_cmpint (candidate->outcome, ==, outcome);
      g_assert_cmpuint (candidate->peer.port, >=, KH_PORT_FIRST);
    }
}

/* What came of each way is in the report of a call that has failed. */
static void
test_a_report_of_failure_has_every_way (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  KhAttempt *attempt;

  g_signal_connect (pair->alice.client, "event", G_CALLBACK (learn_assist_port), NULL);
  kh_client_set_reach (pair->alice.client, &(KhReach){ .no_relay = TRUE });
  wall = KH_SOCKET_REFUSED;
  kh_client_call (pair->alice.client, &pair->bob.id);
  attempt = kh_client_get_attempt (pair->alice.client, &pair->bob.id);
  g_assert_cmpint (kh_attempt_get_state (attempt), ==, KH_ATTEMPT_CALLING);
  WAIT_UNTIL (kh_attempt_get_state (attempt) == KH_ATTEMPT_FAILED);
  g_assert_cmpint (kh_attempt_get_end (attempt), ==, KH_CALL_END_NO_PATH);
  g_assert_cmpint (kh_attempt_get_failure (attempt), ==, KH_PUNCH_REFUSED);
  g_assert_cmpuint (kh_attempt_get_round (attempt), ==, KH_PUNCH_ROUNDS);
  expect_all (attempt, KH_CANDIDATE_REFUSED);
  g_assert_cmpuint (kh_attempt_get_candidate (attempt, 0)->n_dials, >, 1);
}

static void
test_no_way_out_is_told_from_a_refusal (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  KhAttempt *attempt;

  g_signal_connect (pair->alice.client, "event", G_CALLBACK (learn_assist_port), NULL);
  kh_client_set_reach (pair->alice.client, &(KhReach){ .no_relay = TRUE });
  wall = KH_SOCKET_NO_ROUTE;
  kh_client_call (pair->alice.client, &pair->bob.id);
  attempt = kh_client_get_attempt (pair->alice.client, &pair->bob.id);
  WAIT_UNTIL (kh_attempt_get_state (attempt) == KH_ATTEMPT_FAILED);
  g_assert_cmpint (kh_attempt_get_failure (attempt), ==, KH_PUNCH_NO_ROUTE);
  expect_all (attempt, KH_CANDIDATE_NO_ROUTE);
}

static void
test_reports_are_kept (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  g_autoptr (GPtrArray) attempts = NULL;
  g_autoptr (GPtrArray) newest = NULL;
  gint64 began_at_ms;

  pair_connect (pair);
  pair_cut (pair);
  pair_connect (pair);
  began_at_ms = kh_attempt_get_began_at_ms (
      kh_client_get_attempt (pair->alice.client, &pair->bob.id));
  person_restart (&pair->alice, &pair->server, "alice", KH_CONSENT_ALL);
  g_assert_null (kh_client_get_attempt (pair->alice.client, &pair->bob.id));
  attempts = list_attempts (&pair->alice, &pair->bob.id, 10);
  newest = list_attempts (&pair->alice, &pair->bob.id, 1);
  g_assert_cmpuint (attempts->len, ==, 2);
  g_assert_cmpuint (newest->len, ==, 1);
  expect_a_winner (g_ptr_array_index (attempts, 0), TRUE);
  expect_a_winner (g_ptr_array_index (attempts, 1), TRUE);
  g_assert_cmpint (kh_attempt_get_began_at_ms (g_ptr_array_index (newest, 0)), ==,
                   began_at_ms);
}

/* With whom one talked and when is not kept where history is off. */
static void
test_without_history_no_report_is_kept (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  g_autoptr (GPtrArray) alices = NULL;
  g_autoptr (GPtrArray) bobs = NULL;

  kh_client_set_keeps_history (pair->alice.client, FALSE);
  pair_connect (pair);
  alices = list_attempts (&pair->alice, &pair->bob.id, 10);
  bobs = list_attempts (&pair->bob, &pair->alice.id, 10);
  g_assert_cmpuint (alices->len, ==, 0);
  g_assert_cmpuint (bobs->len, ==, 1);
  g_assert_nonnull (kh_client_get_attempt (pair->alice.client, &pair->bob.id));
}

/* What a stranger wanted, and nobody has granted, leaves nothing on the disk. */
static void
test_a_declined_request_leaves_nothing (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  g_autoptr (GPtrArray) bobs = NULL;
  g_autoptr (GPtrArray) alices = NULL;

  kh_client_call (pair->alice.client, &pair->bob.id);
  wait_past (&pair->bob, KH_EVENT_CALL_REQUEST);
  kh_client_answer_call (pair->bob.client, &pair->alice.id, FALSE);
  wait_past (&pair->alice, KH_EVENT_CALL_ENDED);
  bobs = list_attempts (&pair->bob, &pair->alice.id, 10);
  alices = list_attempts (&pair->alice, &pair->bob.id, 10);
  g_assert_cmpuint (bobs->len, ==, 0);
  g_assert_cmpuint (alices->len, ==, 1);
  g_assert_cmpint (kh_attempt_get_end (g_ptr_array_index (alices, 0)), ==,
                   KH_CALL_END_DECLINED);
}

/* --- The network -----------------------------------------------------------------------
 */

static void
test_the_network_of_one_computer (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  const KhNetworkInfo *info = kh_client_get_network (pair->alice.client);

  WAIT_UNTIL (info->server_round_trip_us > 0);
  g_assert_false (info->measuring);
  g_assert_cmpuint (info->local.family, ==, 4);
  g_assert_cmpint (kh_endpoint_kind (&info->local), ==, KH_ENDPOINT_LOOPBACK);
  g_assert_true (kh_endpoint_equal (&info->local, &info->public_seen));
  g_assert_cmpint (kh_endpoint_kind (&info->server), ==, KH_ENDPOINT_LOOPBACK);
  g_assert_cmpint (info->behind_nat, ==, KH_TRISTATE_NO);
  g_assert_cmpint (info->type, ==, KH_NAT_UNKNOWN);
  g_assert_cmpint (info->port_allocation, ==, KH_PORT_ALLOCATION_UNKNOWN);
  g_assert_cmpint (info->measured_at_ms, >, 0);
}

static void
test_the_network_can_be_tested_again (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  const KhNetworkInfo *info = kh_client_get_network (pair->alice.client);

  WAIT_UNTIL (info->server_round_trip_us > 0);
  while (count_seen (&pair->alice, KH_EVENT_NETWORK) > 0)
    wait_past (&pair->alice, KH_EVENT_NETWORK);
  kh_client_test_network (pair->alice.client);
  g_assert_true (info->measuring);
  wait_past (&pair->alice, KH_EVENT_NETWORK);
  wait_past (&pair->alice, KH_EVENT_NETWORK);
  WAIT_UNTIL (!info->measuring);
  g_assert_cmpint (info->tested_at_ms, >, 0);
  g_assert_cmpint (info->mapping, ==, KH_NAT_BEHAVIOUR_NONE);
  g_assert_cmpint (info->port_allocation, ==, KH_PORT_ALLOCATION_PRESERVING);
  /* The server dials no named port of its own computer: more can't be known here. */
  g_assert_cmpint (info->type, ==, KH_NAT_UNKNOWN);

  kh_client_go_offline (pair->alice.client);
  kh_client_test_network (pair->alice.client);
  g_assert_false (info->measuring);
}

/* But not of the channel that stands. */
static void
test_reports_go_with_the_history (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  g_autoptr (GPtrArray) none = NULL;

  pair_connect (pair);
  delete_history (&pair->alice, NULL);
  g_assert_nonnull (kh_client_get_attempt (pair->alice.client, &pair->bob.id));
  pair_cut (pair);
  delete_history (&pair->alice, NULL);
  g_assert_null (kh_client_get_attempt (pair->alice.client, &pair->bob.id));
  none = list_attempts (&pair->alice, &pair->bob.id, 9);
  g_assert_cmpuint (none->len, ==, 0);
}

static void
set_attempt_of (Person *person, const KhPeerId *peer)
{
  g_autoptr (KhAttempt) attempt = kh_attempt_new (peer, "?", FALSE);

  kh_client_set_attempt (person->client, attempt);
  kh_attempt_take_failed (attempt, KH_CALL_END_DECLINED, KH_PUNCH_FAILURE_NONE, FALSE, 0);
}

/* Each with an identity of its own. */
static void
test_many_strangers_fill_no_memory (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  KhPeerId contact = { { 255 } };

  kh_client_add_contact (pair->alice.client, &contact);
  set_attempt_of (&pair->alice, &contact);
  set_attempt_of (&pair->alice, &pair->bob.id);
  for (guint i = 0; i < 10000; i++)
    {
      KhPeerId stranger = { { 1, (guint8)i, (guint8)(i >> 8) } };

      set_attempt_of (&pair->alice, &stranger);
    }
  g_assert_cmpuint (g_hash_table_size (pair->alice.client->attempts), <=, 65);
  g_assert_nonnull (kh_client_get_attempt (pair->alice.client, &contact));
  g_assert_nonnull (kh_client_get_attempt (pair->alice.client, &pair->bob.id));
}

#define ADD(path, consent, test)                                                         \
  g_test_add ("/reports/" path, Pair, consent, set_up, test, pair_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("both-sides-have-a-report-of-success", NULL,
       test_both_sides_have_a_report_of_success);
  ADD ("a-report-of-failure-has-every-way", NULL, test_a_report_of_failure_has_every_way);
  ADD ("no-way-out-is-told-from-a-refusal", NULL, test_no_way_out_is_told_from_a_refusal);
  ADD ("reports-are-kept", NULL, test_reports_are_kept);
  ADD ("without-history-no-report-is-kept", NULL, test_without_history_no_report_is_kept);
  ADD ("a-declined-request-leaves-nothing", "ask",
       test_a_declined_request_leaves_nothing);
  ADD ("reports-go-with-the-history", NULL, test_reports_go_with_the_history);
  ADD ("many-strangers-fill-no-memory", NULL, test_many_strangers_fill_no_memory);
  ADD ("the-network-of-one-computer", NULL, test_the_network_of_one_computer);
  ADD ("the-network-can-be-tested-again", NULL, test_the_network_can_be_tested_again);
  return g_test_run ();
}
