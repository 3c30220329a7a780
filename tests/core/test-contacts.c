/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "timeline-fixture.h"

#include "core/client-private.h"
#include "core/resume.h"

#include <string.h>

/* Nothing is to come: so long is waited for it. */
#define SILENCE_MS 300

/* bob, who is asked, and alice; both call for what waits. */
static void
set_up (Pair *pair, gconstpointer data)
{
  pair->alice.resume = KH_RESUME_ALL;
  pair->bob.resume = KH_RESUME_ALL;
  pair_set_up (pair, data);
}

static const KhPeerInfo *
find (GPtrArray *infos, const KhPeerId *id)
{
  for (guint i = 0; i < infos->len; i++)
    if (kh_peer_id_equal (&((const KhPeerInfo *)g_ptr_array_index (infos, i))->id, id))
      return g_ptr_array_index (infos, i);
  return NULL;
}

static void
expect_petname (Person *person, const KhPeerId *id, const char *petname)
{
  g_autoptr (GPtrArray) infos = kh_client_list_peers (person->client);
  const KhPeerInfo *info = find (infos, id);

  g_assert_cmpstr (info != NULL ? info->petname : NULL, ==, petname);
}

static guint
n_queued (Person *person, const KhPeerId *id)
{
  const KhConversation *conversation = kh_client_get_conversation (person->client, id);

  return conversation != NULL ? conversation->n_queued : 0;
}

/* --- Facts ---------------------------------------------------------------------------
 */

static void
test_what_is_chosen_is_kept (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  static const KhContactFlag flags[]
      = { KH_CONTACT_VERIFIED, KH_CONTACT_BLOCKED, KH_CONTACT_MUTED,
          KH_CONTACT_ACCEPTS_CALLS, KH_CONTACT_ACCEPTS_OFFERS };
  const KhStoredContact *contact;

  for (guint i = 0; i < G_N_ELEMENTS (flags); i++)
    {
      kh_client_set_contact (pair->alice.client, &pair->bob.id, flags[i], TRUE);
      wait_past (&pair->alice, KH_EVENT_CONTACT);
    }
  kh_client_set_contact (pair->alice.client, &pair->bob.id, KH_CONTACT_MUTED, FALSE);
  wait_past (&pair->alice, KH_EVENT_CONTACT);
  /* What is so already is no news. */
  kh_client_set_contact (pair->alice.client, &pair->bob.id, KH_CONTACT_MUTED, FALSE);
  g_assert_cmpuint (count_seen (&pair->alice, KH_EVENT_CONTACT), ==, 0);

  person_restart (&pair->alice, &pair->server, "alice", KH_CONSENT_ALL);
  contact = kh_client_get_contact (pair->alice.client, &pair->bob.id);
  g_assert_nonnull (contact);
  g_assert_cmpint (contact->verified_at_ms, >, 0);
  g_assert_true (contact->blocked);
  g_assert_false (contact->muted);
  g_assert_true (contact->accepts_calls);
  g_assert_true (contact->accepts_offers);
  g_assert_cmpint (contact->last_seen_at_ms, >, 0);
}

static void
test_a_name_is_one_contacts (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  KhClient *alice = pair->alice.client;
  KhPeerId other = { { 9 } };
  g_autoptr (GError) taken = NULL;
  g_autoptr (GError) blank = NULL;
  g_autoptr (GError) length = NULL;
  g_autofree char *too_long = g_strnfill (65, 'x');
  g_autoptr (GError) error = NULL;

  g_assert_true (kh_client_rename_contact (alice, &pair->bob.id, "  Bobby ", &error));
  expect_petname (&pair->alice, &pair->bob.id, "Bobby");
  g_assert_false (kh_client_rename_contact (alice, &other, "BOBBY", &taken));
  g_assert_error (taken, KH_CLIENT_ERROR, KH_CLIENT_ERROR_PETNAME);
  g_assert_false (kh_client_rename_contact (alice, &other, " ", &blank));
  g_assert_error (blank, KH_CLIENT_ERROR, KH_CLIENT_ERROR_NAME);
  g_assert_false (kh_client_rename_contact (alice, &other, too_long, &length));
  g_assert_error (length, KH_CLIENT_ERROR, KH_CLIENT_ERROR_NAME_LONG);
  expect_petname (&pair->alice, &other, NULL);
  /* Its own in other letters is its own. */
  g_assert_true (kh_client_rename_contact (alice, &pair->bob.id, "bobby", &error));
  g_assert_no_error (error);
  person_restart (&pair->alice, &pair->server, "alice", KH_CONSENT_ALL);
  expect_petname (&pair->alice, &pair->bob.id, "bobby");
}

/* Two of one name: the number is the same here and in the store. */
static void
test_a_second_of_a_name_gets_a_number (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  KhPeerId other = { { 9 } };
  KhMsgPeer peer = { .online = true, .name = { "Bob", 3 } };

  memcpy (peer.id, other.bytes, sizeof peer.id);
  kh_client_set_peer (pair->alice.client, &peer);
  kh_client_add_contact (pair->alice.client, &pair->bob.id);
  kh_client_add_contact (pair->alice.client, &other);
  expect_petname (&pair->alice, &other, "Bob 2");
  person_restart (&pair->alice, &pair->server, "alice", KH_CONSENT_ALL);
  expect_petname (&pair->alice, &other, "Bob 2");
  expect_petname (&pair->alice, &pair->bob.id, "bob");
}

static void
test_who_is_forgotten_is_no_contact (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  pair_connect (pair);
  kh_client_add_contact (pair->alice.client, &pair->bob.id);
  kh_client_forget_contact (pair->alice.client, &pair->bob.id, TRUE);
  wait_past (&pair->alice, KH_EVENT_DISCONNECTED);
  expect_petname (&pair->alice, &pair->bob.id, NULL);
  person_restart (&pair->alice, &pair->server, "alice", KH_CONSENT_ALL);
  g_assert_null (kh_client_get_contact (pair->alice.client, &pair->bob.id));
}

static void
test_both_see_the_same_pictures (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  guint8 alices[KH_SAFETY_PICTURES];
  guint8 bobs[KH_SAFETY_PICTURES];
  g_autofree char *one
      = kh_client_safety_number (pair->alice.client, &pair->bob.id, alices);
  g_autofree char *other
      = kh_client_safety_number (pair->bob.client, &pair->alice.id, bobs);

  g_assert_cmpstr (one, ==, other);
  g_assert_cmpmem (alices, sizeof alices, bobs, sizeof bobs);
}

/* --- Blocking --------------------------------------------------------------------------
 */

static void
test_who_is_blocked_reaches_nobody_and_is_not_told (Pair *pair,
                                                    G_GNUC_UNUSED gconstpointer data)
{
  pair_connect (pair);
  kh_client_set_contact (pair->bob.client, &pair->alice.id, KH_CONTACT_BLOCKED, TRUE);
  wait_past (&pair->bob, KH_EVENT_DISCONNECTED);
  wait_past (&pair->alice, KH_EVENT_DISCONNECTED);

  kh_client_call (pair->alice.client, &pair->bob.id);
  /* As everybody whom a person has to answer first. */
  wait_past (&pair->alice, KH_EVENT_CALL_WAITING);
  wait_in_silence (SILENCE_MS);
  g_assert_cmpuint (count_seen (&pair->bob, KH_EVENT_CALL_REQUEST), ==, 0);
  g_assert_cmpuint (count_seen (&pair->alice, KH_EVENT_CALL_ENDED), ==, 0);
  g_assert_false (kh_client_is_connected (pair->bob.client, &pair->alice.id));

  kh_client_hang_up (pair->alice.client, &pair->bob.id);
  wait_past (&pair->alice, KH_EVENT_CALL_ENDED);
  kh_client_set_contact (pair->bob.client, &pair->alice.id, KH_CONTACT_BLOCKED, FALSE);
  pair_connect (pair);
}

static void
test_blocking_who_asks_says_nothing (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  kh_client_call (pair->alice.client, &pair->bob.id);
  wait_past (&pair->bob, KH_EVENT_CALL_REQUEST);
  wait_past (&pair->alice, KH_EVENT_CALL_WAITING);
  kh_client_set_contact (pair->bob.client, &pair->alice.id, KH_CONTACT_BLOCKED, TRUE);
  wait_in_silence (SILENCE_MS);
  g_assert_cmpuint (count_seen (&pair->alice, KH_EVENT_CALL_ENDED), ==, 0);
  kh_client_answer_call (pair->bob.client, &pair->alice.id, TRUE);
  wait_in_silence (SILENCE_MS);
  g_assert_false (kh_client_is_connected (pair->alice.client, &pair->bob.id));
}

/* --- What waits ------------------------------------------------------------------------
 */

static void
let_alice_in (Pair *pair)
{
  kh_client_set_contact (pair->bob.client, &pair->alice.id, KH_CONTACT_ACCEPTS_CALLS,
                         TRUE);
  kh_client_add_contact (pair->alice.client, &pair->bob.id);
}

static void
test_what_was_written_meanwhile_comes_when_they_are_back (Pair *pair, gconstpointer data)
{
  g_autoptr (Seen) seen = NULL;
  g_autofree char *folder = g_strdup (pair->bob.folder);

  let_alice_in (pair);
  client_close (&pair->bob);
  WAIT_UNTIL (!kh_client_is_online (pair->alice.client, &pair->bob.id));
  say (&pair->alice, &pair->bob, "one");
  say (&pair->alice, &pair->bob, "two");
  g_assert_cmpuint (n_queued (&pair->alice, &pair->bob.id), ==, 2);
  person_restart (&pair->alice, &pair->server, "alice", KH_CONSENT_ALL);
  g_assert_cmpuint (n_queued (&pair->alice, &pair->bob.id), ==, 2);

  client_start (&pair->bob, &pair->server, "bob", KH_CONSENT_ASK, folder);
  seen = wait_for (&pair->bob, KH_EVENT_MESSAGE);
  g_assert_cmpstr (seen->text, ==, "one");
  wait_past (&pair->bob, KH_EVENT_MESSAGE);
  WAIT_UNTIL (n_queued (&pair->alice, &pair->bob.id) == 0);
  g_assert_cmpuint (count_seen (&pair->bob, KH_EVENT_CALL_REQUEST), ==, 0);
}

static void
test_a_message_to_a_contact_who_is_there_calls (Pair *pair,
                                                G_GNUC_UNUSED gconstpointer data)
{
  let_alice_in (pair);
  say (&pair->alice, &pair->bob, "at once");
  wait_past (&pair->bob, KH_EVENT_MESSAGE);
}

static void
test_a_message_to_a_stranger_calls_nobody (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  say (&pair->alice, &pair->bob, "do you know me?");
  wait_in_silence (SILENCE_MS);
  g_assert_cmpuint (count_seen (&pair->bob, KH_EVENT_CALL_REQUEST), ==, 0);
}

/* As a script has it: it listens, and calls only for what it sends or takes. */
static void
test_only_who_says_so_calls_for_messages (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  let_alice_in (pair);
  pair->alice.resume = KH_RESUME_TRANSFERS;
  person_restart (&pair->alice, &pair->server, "alice", KH_CONSENT_ALL);
  wait_until_sees (&pair->alice, &pair->bob);
  say (&pair->alice, &pair->bob, "when you call");
  wait_in_silence (SILENCE_MS);
  g_assert_false (kh_client_is_connected (pair->alice.client, &pair->bob.id));
  g_assert_cmpuint (count_seen (&pair->bob, KH_EVENT_MESSAGE), ==, 0);
  kh_client_call (pair->bob.client, &pair->alice.id);
  wait_past (&pair->bob, KH_EVENT_MESSAGE);
}

/* Who said no is not asked again for a message. */
static void
test_who_does_not_want_is_left_alone (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  g_autoptr (Seen) seen = NULL;

  kh_client_add_contact (pair->alice.client, &pair->bob.id);
  say (&pair->alice, &pair->bob, "please");
  wait_past (&pair->bob, KH_EVENT_CALL_REQUEST);
  kh_client_answer_call (pair->bob.client, &pair->alice.id, FALSE);
  seen = wait_for (&pair->alice, KH_EVENT_CALL_ENDED);
  g_assert_cmpint (seen->event.call_end, ==, KH_CALL_END_DECLINED);
  say (&pair->alice, &pair->bob, "please, please");
  wait_in_silence (KH_RESUME_FIRST_US / 1000 + SILENCE_MS);
  g_assert_cmpuint (count_seen (&pair->bob, KH_EVENT_CALL_REQUEST), ==, 0);
  g_assert_cmpuint (n_queued (&pair->alice, &pair->bob.id), ==, 2);
}

#define ADD(path, consent, test)                                                         \
  g_test_add ("/contacts/" path, Pair, consent, set_up, test, pair_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("what-is-chosen-is-kept", NULL, test_what_is_chosen_is_kept);
  ADD ("a-name-is-one-contacts", NULL, test_a_name_is_one_contacts);
  ADD ("a-second-of-a-name-gets-a-number", NULL, test_a_second_of_a_name_gets_a_number);
  ADD ("who-is-forgotten-is-no-contact", NULL, test_who_is_forgotten_is_no_contact);
  ADD ("both-see-the-same-pictures", NULL, test_both_see_the_same_pictures);
  ADD ("who-is-blocked-reaches-nobody-and-is-not-told", "ask",
       test_who_is_blocked_reaches_nobody_and_is_not_told);
  ADD ("blocking-who-asks-says-nothing", "ask", test_blocking_who_asks_says_nothing);
  ADD ("what-was-written-meanwhile-comes-when-they-are-back", "ask",
       test_what_was_written_meanwhile_comes_when_they_are_back);
  ADD ("a-message-to-a-contact-who-is-there-calls", "ask",
       test_a_message_to_a_contact_who_is_there_calls);
  ADD ("a-message-to-a-stranger-calls-nobody", "ask",
       test_a_message_to_a_stranger_calls_nobody);
  ADD ("only-who-says-so-calls-for-messages", "ask",
       test_only_who_says_so_calls_for_messages);
  ADD ("who-does-not-want-is-left-alone", "ask", test_who_does_not_want_is_left_alone);
  return g_test_run ();
}
