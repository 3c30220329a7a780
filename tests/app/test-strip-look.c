/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/strip-look.h"

#include "attempts.h"

typedef struct
{
  KhStripFacts facts;
  KhStripLook look;
} Fixture;

/* Somebody online, and nothing has been tried. */
static void
set_up (Fixture *self, gconstpointer data)
{
  self->facts = (KhStripFacts){
    .name = "Bob",
    .id = "abcdefghijklmnopqrstuvwxyz",
    .has_server = TRUE,
    .online = TRUE,
  };
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_clear_object (&self->facts.attempt);
  kh_strip_look_clear (&self->look);
}

static void
look (Fixture *self)
{
  kh_strip_look_clear (&self->look);
  kh_strip_look (&self->facts, &self->look);
}

static void
test_who_is_online_can_be_called (Fixture *self, gconstpointer data)
{
  look (self);
  g_assert_cmpint (self->look.state, ==, KH_STRIP_IDLE);
  g_assert_cmpstr (self->look.title, ==, "Not connected");
  g_assert_cmpint (self->look.verbs[0], ==, KH_STRIP_CONNECT);
}

/* And it keeps nobody from clicking. */
static void
test_what_to_expect_is_said_before_the_click (Fixture *self, gconstpointer data)
{
  look (self);
  g_assert_cmpstr (self->look.detail, ==, "Bob is online.");
  g_assert_null (kh_strip_look_verb_description (&self->facts, KH_STRIP_CONNECT));
  for (int outlook = KH_OUTLOOK_LIKELY; outlook <= KH_OUTLOOK_RELAY_ONLY; outlook++)
    {
      self->facts.outlook = outlook;
      look (self);
      g_assert_cmpint (self->look.state, ==, KH_STRIP_IDLE);
      g_assert_cmpint (self->look.verbs[0], ==, KH_STRIP_CONNECT);
      g_assert_true (g_str_has_prefix (self->look.detail, "Bob is online. "));
      g_assert_nonnull (kh_strip_look_verb_description (&self->facts, KH_STRIP_CONNECT));
      g_assert_nonnull (
          kh_strip_look_verb_description (&self->facts, KH_STRIP_RECONNECT));
      g_assert_null (kh_strip_look_verb_description (&self->facts, KH_STRIP_CANCEL));
    }
}

static void
test_who_is_offline_can_be_written_to_only (Fixture *self, gconstpointer data)
{
  self->facts.online = FALSE;
  look (self);
  g_assert_cmpint (self->look.state, ==, KH_STRIP_OFFLINE);
  g_assert_cmpstr (self->look.title, ==, "Bob is offline.");
  g_assert_cmpint (self->look.verbs[0], ==, KH_STRIP_NOTHING);
  self->facts.has_server = FALSE;
  look (self);
  g_assert_cmpstr (self->look.title, ==, "You are offline.");
}

static void
test_a_call_can_be_cancelled (Fixture *self, gconstpointer data)
{
  self->facts.state = KH_PERSON_CALLING;
  self->facts.attempt = attempt_new (KH_ATTEMPT_WAITING, TRUE, 2);
  look (self);
  g_assert_cmpstr (self->look.title, ==, "Waiting for Bob to accept");
  g_assert_cmpint (self->look.verbs[0], ==, KH_STRIP_CANCEL);
  g_assert_true (kh_strip_look_has_picture (&self->facts, &self->look));
  g_assert_false (kh_strip_look_has_steps (&self->look));
}

static void
test_a_request_says_what_accepting_gives_away (Fixture *self, gconstpointer data)
{
  self->facts.state = KH_PERSON_REQUEST;
  look (self);
  g_assert_cmpstr (self->look.title, ==, "Bob wants to connect with you.");
  g_assert_nonnull (strstr (self->look.detail, "internet address"));
  g_assert_nonnull (strstr (self->look.detail, "abcdefghijklmnop."));
  g_assert_cmpint (self->look.verbs[0], ==, KH_STRIP_ACCEPT);
  g_assert_cmpint (self->look.verbs[1], ==, KH_STRIP_DECLINE);
  g_assert_cmpint (self->look.verbs[2], ==, KH_STRIP_BLOCK);
}

static void
test_a_later_round_is_counted (Fixture *self, gconstpointer data)
{
  self->facts.state = KH_PERSON_PUNCHING;
  self->facts.attempt = attempt_new_in_round (2);
  look (self);
  g_assert_cmpstr (self->look.title, ==, "Connecting to Bob, attempt 2 of 3");
  g_assert_true (kh_strip_look_has_steps (&self->look));
}

static void
test_a_connection_is_told_in_one_line (Fixture *self, gconstpointer data)
{
  KhPathInfo path = { .kind = KH_PATH_PUNCHED,
                      .remote = endpoint ("198.51.100.9:50001"),
                      .round_trip_us = 23000,
                      .cipher = "AES-GCM" };

  self->facts.state = KH_PERSON_CONNECTED;
  self->facts.path = &path;
  look (self);
  g_assert_cmpstr (self->look.title, ==, "Direct connection");
  g_assert_cmpstr (self->look.detail, ==, "IPv4 · 23 ms · AES-256-GCM");
  g_assert_cmpstr (self->look.style, ==, "success");
}

/* And says so, in another colour and with another picture. */
static void
test_a_relay_is_shown_as_one (Fixture *self, gconstpointer data)
{
  KhPathInfo path = { .kind = KH_PATH_RELAY,
                      .remote = endpoint ("192.0.2.1:7471"),
                      .cipher = "AES-GCM" };

  self->facts.state = KH_PERSON_CONNECTED;
  self->facts.path = &path;
  look (self);
  g_assert_cmpint (self->look.state, ==, KH_STRIP_CONNECTED);
  g_assert_cmpstr (self->look.title, ==, "Through the server");
  g_assert_true (g_str_has_prefix (self->look.detail, "encrypted end to end, "));
  g_assert_cmpstr (self->look.icon, ==, "kh-relay-symbolic");
  g_assert_cmpstr (self->look.style, ==, "warning");

  path.kind = KH_PATH_PUNCHED;
  look (self);
  g_assert_cmpstr (self->look.title, ==, "Direct connection");
  g_assert_cmpstr (self->look.icon, ==, "kh-direct-symbolic");
  g_assert_cmpstr (self->look.style, ==, "success");
}

/* Between an attempt that has won and its channel nothing else is said. */
static void
test_a_success_is_followed_by_its_connection (Fixture *self, gconstpointer data)
{
  self->facts.attempt = attempt_new_connected ("198.51.100.9:50001");
  look (self);
  g_assert_cmpint (self->look.state, ==, KH_STRIP_CONNECTING);
  self->facts.has_link_end = TRUE;
  self->facts.link_end = KH_LINK_END_LOST;
  look (self);
  g_assert_cmpint (self->look.state, ==, KH_STRIP_LOST);
}

static void
test_a_failure_offers_one_next_step (Fixture *self, gconstpointer data)
{
  g_autofree char *label = NULL;

  self->facts.attempt = attempt_new_failed (KH_CALL_END_NO_PATH, KH_PUNCH_SILENT);
  look (self);
  label = kh_strip_look_verb_label (&self->facts, &self->look, self->look.verbs[0]);
  g_assert_cmpint (self->look.state, ==, KH_STRIP_FAILED);
  g_assert_cmpstr (label, ==, "Try Again");
  g_assert_cmpint (self->look.verbs[1], ==, KH_STRIP_DETAILS);
  g_assert_true (kh_strip_look_has_picture (&self->facts, &self->look));
}

/* The report is the next step itself: it is not offered twice. */
static void
test_the_report_is_offered_once (Fixture *self, gconstpointer data)
{
  self->facts.attempt
      = attempt_new_failed (KH_CALL_END_NO_PATH, KH_PUNCH_PEER_NOT_OBSERVED);
  look (self);
  g_assert_cmpint (self->look.verbs[0], ==, KH_STRIP_NEXT);
  g_assert_cmpint (self->look.verbs[1], ==, KH_STRIP_NOTHING);
}

static void
test_a_wait_ends (Fixture *self, gconstpointer data)
{
  self->facts.attempt = attempt_new_failed_with_wait (25000);
  self->facts.now_ms = kh_attempt_get_began_at_ms (self->facts.attempt)
                       + kh_attempt_get_ms (self->facts.attempt) + 500;
  look (self);
  g_assert_cmpint (self->look.wait_s, ==, 25);
  self->facts.now_ms += 25000;
  look (self);
  g_assert_cmpint (self->look.wait_s, ==, 0);
  g_assert_false (kh_strip_look_has_picture (&self->facts, &self->look));
}

static void
test_what_was_cancelled_is_no_failure (Fixture *self, gconstpointer data)
{
  self->facts.attempt = attempt_new_failed (KH_CALL_END_CANCELLED, 0);
  look (self);
  g_assert_cmpint (self->look.state, ==, KH_STRIP_IDLE);
}

static void
test_a_lost_connection_can_be_made_again (Fixture *self, gconstpointer data)
{
  self->facts.has_link_end = TRUE;
  self->facts.link_end = KH_LINK_END_PEER_LEFT;
  look (self);
  g_assert_cmpint (self->look.state, ==, KH_STRIP_LOST);
  g_assert_cmpstr (self->look.title, ==, "Bob closed the connection.");
  g_assert_cmpint (self->look.verbs[0], ==, KH_STRIP_RECONNECT);
  self->facts.online = FALSE;
  look (self);
  g_assert_cmpint (self->look.verbs[0], ==, KH_STRIP_NOTHING);
  self->facts.online = TRUE;
  self->facts.link_end = KH_LINK_END_LEFT;
  look (self);
  g_assert_cmpint (self->look.state, ==, KH_STRIP_IDLE);
}

/* Whatever else is so: no call and no message before a person has decided. */
static void
test_a_namesake_is_a_stop (Fixture *self, gconstpointer data)
{
  self->facts.namesake = "Bob";
  for (int state = KH_PERSON_IDLE; state <= KH_PERSON_CONNECTED; state++)
    {
      self->facts.state = state;
      look (self);
      g_assert_cmpint (self->look.state, ==, KH_STRIP_NAMESAKE);
      g_assert_cmpstr (self->look.title, ==, "This is not the Bob you know.");
      g_assert_cmpint (self->look.verbs[0], ==, KH_STRIP_SOMEBODY_ELSE);
      g_assert_cmpint (self->look.verbs[1], ==, KH_STRIP_BLOCK);
    }
}

static void
test_who_is_blocked_can_be_unblocked (Fixture *self, gconstpointer data)
{
  self->facts.blocked = TRUE;
  self->facts.namesake = "Bob";
  look (self);
  g_assert_cmpstr (self->look.title, ==, "You have blocked Bob.");
  g_assert_cmpint (self->look.verbs[0], ==, KH_STRIP_UNBLOCK);
}

static void
test_a_name_turns_no_sentence (Fixture *self, gconstpointer data)
{
  self->facts.state = KH_PERSON_REQUEST;
  self->facts.name = "أحمد";
  look (self);
  g_assert_cmpstr (self->look.title, ==,
                   "\u200e\u2068أحمد\u2069 wants to connect with you.");
}

#define ADD(name, function)                                                              \
  g_test_add ("/strip-look/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("who-is-online-can-be-called", test_who_is_online_can_be_called);
  ADD ("what-to-expect-is-said-before-the-click",
       test_what_to_expect_is_said_before_the_click);
  ADD ("who-is-offline-can-be-written-to-only",
       test_who_is_offline_can_be_written_to_only);
  ADD ("a-call-can-be-cancelled", test_a_call_can_be_cancelled);
  ADD ("a-request-says-what-accepting-gives-away",
       test_a_request_says_what_accepting_gives_away);
  ADD ("a-later-round-is-counted", test_a_later_round_is_counted);
  ADD ("a-connection-is-told-in-one-line", test_a_connection_is_told_in_one_line);
  ADD ("a-relay-is-shown-as-one", test_a_relay_is_shown_as_one);
  ADD ("a-success-is-followed-by-its-connection",
       test_a_success_is_followed_by_its_connection);
  ADD ("a-failure-offers-one-next-step", test_a_failure_offers_one_next_step);
  ADD ("the-report-is-offered-once", test_the_report_is_offered_once);
  ADD ("a-wait-ends", test_a_wait_ends);
  ADD ("what-was-cancelled-is-no-failure", test_what_was_cancelled_is_no_failure);
  ADD ("a-lost-connection-can-be-made-again", test_a_lost_connection_can_be_made_again);
  ADD ("a-namesake-is-a-stop", test_a_namesake_is_a_stop);
  ADD ("who-is-blocked-can-be-unblocked", test_who_is_blocked_can_be_unblocked);
  ADD ("a-name-turns-no-sentence", test_a_name_turns_no_sentence);
  return g_test_run ();
}
