/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Messages that the store does not take.
 */
#include "timeline-fixture.h"

#include "core/client-private.h"
#include "core/history.h"
#include "store/store-private.h"

static gboolean
run_allow_growth (KhStore *store, gpointer allow, G_GNUC_UNUSED GError **error)
{
  const char *limit = GPOINTER_TO_INT (allow) ? "PRAGMA max_page_count = 4294967294"
                                              : "PRAGMA max_page_count = 1";

  g_assert_cmpint (sqlite3_exec (store->db, limit, NULL, NULL, NULL), ==, SQLITE_OK);
  return TRUE;
}

/* Whether the database may be larger than it is. */
static void
allow_growth (Person *person, gboolean allow)
{
  kh_store_thread_push (person->client->store, run_allow_growth, NULL,
                        GINT_TO_POINTER (allow), NULL);
}

static KhMessageState
state_of (const Watch *watch, guint index)
{
  return kh_timeline_item_get_message_state (watch_get (watch, index));
}

static guint
n_queued (Person *person, const Person *peer)
{
  return kh_client_get_conversation (person->client, &peer->id)->n_queued;
}

/* So long that the database has to grow. */
static char *
long_text (void)
{
  return g_strnfill (KH_MESSAGE_TEXT_MAX, 'x');
}

static void
test_what_the_disk_did_not_take_can_be_sent_again (Pair *pair,
                                                   G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *text = long_text ();
  KhItemId id;
  Watch watch;
  Watch late;

  watch_load (&watch, &pair->alice, &pair->bob);
  allow_growth (&pair->alice, FALSE);
  id = say (&pair->alice, &pair->bob, text);
  wait_past (&pair->alice, KH_EVENT_TROUBLE);
  WAIT_UNTIL (state_of (&watch, 0) == KH_MESSAGE_FAILED);
  g_assert_cmpuint (n_queued (&pair->alice, &pair->bob), ==, 0);
  watch_load (&late, &pair->alice, &pair->bob);
  g_assert_cmpuint (late.copy->len, ==, 1);
  g_assert_cmpint (state_of (&late, 0), ==, KH_MESSAGE_FAILED);
  g_assert_cmpstr (kh_timeline_item_get_text (watch_get (&late, 0)), ==, text);

  g_assert_true (kh_client_send_again (pair->alice.client, &id));
  g_assert_false (kh_client_send_again (pair->alice.client, &id));
  wait_past (&pair->alice, KH_EVENT_TROUBLE);
  WAIT_UNTIL (state_of (&watch, 0) == KH_MESSAGE_FAILED);
  allow_growth (&pair->alice, TRUE);
  g_assert_true (kh_client_send_again (pair->alice.client, &id));
  g_assert_cmpuint (n_queued (&pair->alice, &pair->bob), ==, 1);
  pair_connect (pair);
  WAIT_UNTIL (state_of (&watch, 0) == KH_MESSAGE_DELIVERED);
  WAIT_UNTIL (state_of (&late, 0) == KH_MESSAGE_DELIVERED);
  g_assert_cmpuint (watch.copy->len, ==, 1);
  g_assert_cmpuint (n_queued (&pair->alice, &pair->bob), ==, 0);
  g_assert_cmpuint (count_seen (&pair->bob, KH_EVENT_MESSAGE), ==, 1);
  watch_assert_reopens (&watch, &pair->alice, &pair->bob);
  watch_close (&late);
  watch_close (&watch);
}

static void
test_what_the_disk_did_not_take_can_be_dropped (Pair *pair,
                                                G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *text = long_text ();
  KhItemId id;
  Watch watch;

  watch_load (&watch, &pair->alice, &pair->bob);
  allow_growth (&pair->alice, FALSE);
  id = say (&pair->alice, &pair->bob, text);
  say (&pair->alice, &pair->bob, text);
  WAIT_UNTIL (watch.copy->len == 2 && state_of (&watch, 1) == KH_MESSAGE_FAILED);
  g_assert_true (kh_client_delete_message (pair->alice.client, &pair->bob.id, &id));
  g_assert_cmpuint (watch.copy->len, ==, 1);
  g_assert_cmpuint (n_queued (&pair->alice, &pair->bob), ==, 0);
  allow_growth (&pair->alice, TRUE);
  delete_history (&pair->alice, NULL);
  g_assert_cmpuint (watch.copy->len, ==, 0);
  watch_assert_reopens (&watch, &pair->alice, &pair->bob);
  watch_close (&watch);
}

/* The disk has room again when the client ends. */
static void
test_what_was_not_stored_is_a_draft_at_the_end (Pair *pair,
                                                G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *text = long_text ();
  g_autofree char *wanted = g_strconcat (text, "\n", "and more", NULL);

  allow_growth (&pair->alice, FALSE);
  say (&pair->alice, &pair->bob, text);
  wait_past (&pair->alice, KH_EVENT_TROUBLE);
  allow_growth (&pair->alice, TRUE);
  kh_client_set_draft (pair->alice.client, &pair->bob.id, "and more");
  person_restart (&pair->alice, &pair->server, "alice", KH_CONSENT_ALL);
  g_assert_cmpstr (kh_client_get_draft (pair->alice.client, &pair->bob.id), ==, wanted);
}

#define ADD(path, test)                                                                  \
  g_test_add ("/unsaved/" path, Pair, NULL, pair_set_up, test, pair_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("it-can-be-sent-again", test_what_the_disk_did_not_take_can_be_sent_again);
  ADD ("it-can-be-dropped", test_what_the_disk_did_not_take_can_be_dropped);
  ADD ("it-is-a-draft-at-the-end", test_what_was_not_stored_is_a_draft_at_the_end);
  return g_test_run ();
}
