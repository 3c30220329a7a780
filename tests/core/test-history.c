/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is kept of conversations, found in them and deleted.
 */
#include "timeline-fixture.h"

#include "core/history-private.h"
#include "core/history.h"
#include "store/contacts.h"

#include <string.h>

static KhTimelineItem *
item (const Watch *watch, guint index)
{
  return watch_get (watch, index);
}

static const char *
text_of (const Watch *watch, guint index)
{
  return kh_timeline_item_get_text (item (watch, index));
}

/* --- History off ----------------------------------------------------------------- */

static void
test_without_history_it_shows_and_is_gone (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *path = write_file (pair, "a", 5);
  Watch alices;
  Watch again;

  kh_client_set_keeps_history (pair->alice.client, FALSE);
  watch_load (&alices, &pair->alice, &pair->bob);
  pair_connect (pair);
  say (&pair->alice, &pair->bob, "from alice");
  wait_past (&pair->alice, KH_EVENT_DELIVERED);
  say (&pair->bob, &pair->alice, "from bob");
  wait_past (&pair->bob, KH_EVENT_DELIVERED);
  send_path (&pair->alice, &pair->bob, path);
  wait_past (&pair->alice, KH_EVENT_DONE);
  WAIT_UNTIL (alices.copy->len == 3);
  g_assert_cmpstr (text_of (&alices, 0), ==, "from alice");
  g_assert_cmpstr (text_of (&alices, 1), ==, "from bob");
  g_assert_cmpint (kh_timeline_item_get_message_state (item (&alices, 0)), ==,
                   KH_MESSAGE_DELIVERED);
  for (guint i = 0; i < 2; i++)
    g_assert_cmpint (kh_timeline_item_get_position (item (&alices, i)), ==, 0);

  watch_load (&again, &pair->alice, &pair->bob);
  g_assert_cmpuint (again.copy->len, ==, 1); /* the transfer, until the end */
  watch_close (&again);
  watch_close (&alices);
  person_restart (&pair->alice, &pair->server, "alice", KH_CONSENT_ALL);
  g_assert_false (kh_client_get_keeps_history (pair->alice.client));
  watch_load (&again, &pair->alice, &pair->bob);
  g_assert_cmpuint (again.copy->len, ==, 0);
  watch_close (&again);

  kh_client_set_keeps_history (pair->alice.client, TRUE);
  say (&pair->alice, &pair->bob, "kept again");
  person_restart (&pair->alice, &pair->server, "alice", KH_CONSENT_ALL);
  g_assert_true (kh_client_get_keeps_history (pair->alice.client));
  watch_load (&again, &pair->alice, &pair->bob);
  g_assert_cmpuint (again.copy->len, ==, 1);
  watch_close (&again);
}

/* What was written and waits is not hidden, but it is in no history. */
static void
test_what_waits_shows_without_history (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  Watch watch;

  kh_client_set_keeps_history (pair->alice.client, FALSE);
  say (&pair->alice, &pair->bob, "later");
  person_restart (&pair->alice, &pair->server, "alice", KH_CONSENT_ALL);
  watch_load (&watch, &pair->alice, &pair->bob);
  g_assert_cmpuint (watch.copy->len, ==, 1);
  g_assert_cmpstr (text_of (&watch, 0), ==, "later");
  g_assert_cmpint (kh_timeline_item_get_message_state (item (&watch, 0)), ==,
                   KH_MESSAGE_WAITING);
  pair_connect (pair);
  WAIT_UNTIL (kh_timeline_item_get_message_state (item (&watch, 0))
              == KH_MESSAGE_DELIVERED);
  watch_close (&watch);
  watch_load (&watch, &pair->alice, &pair->bob);
  g_assert_cmpuint (watch.copy->len, ==, 0);
  watch_close (&watch);
}

/* --- Deleting -------------------------------------------------------------------- */

typedef struct
{
  gboolean done;
  GPtrArray *hits;
  GError *error;
} Outcome;

static void
on_deleted (GObject *source, GAsyncResult *result, gpointer data)
{
  Outcome *outcome = data;

  g_assert_true (kh_client_delete_history_finish (KH_CLIENT (source), result, NULL));
  outcome->done = TRUE;
}

static gboolean
folder_has (const char *folder, const char *text)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *content = NULL;
      gsize len = 0;

      if (g_file_get_contents (path, &content, &len, NULL)
          && g_strstr_len (content, (gssize)len, text) != NULL)
        return TRUE;
      for (gsize i = 0; i + strlen (text) <= len; i++)
        if (memcmp (content + i, text, strlen (text)) == 0)
          return TRUE;
    }
  return FALSE;
}

static void
test_what_is_deleted_is_gone (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  KhPeerId other = { { 7 } };
  Person nobody = { .id = other };
  Outcome outcome = { 0 };
  Watch bobs;
  Watch others;
  Watch again;

  watch_load (&bobs, &pair->alice, &pair->bob);
  watch_load (&others, &pair->alice, &nobody);
  pair_connect (pair);
  say (&pair->alice, &pair->bob, "marmalade to bob");
  wait_past (&pair->alice, KH_EVENT_DELIVERED);
  say (&pair->bob, &pair->alice, "marmalade to alice");
  wait_past (&pair->alice, KH_EVENT_MESSAGE);
  pair_cut (pair);
  say (&pair->alice, &pair->bob, "marmalade that waits");
  say (&pair->alice, &nobody, "something else");
  kh_client_set_draft (pair->alice.client, &pair->bob.id, "marmalade begun");
  WAIT_UNTIL (bobs.copy->len == 3 && others.copy->len == 1);
  WAIT_UNTIL (kh_timeline_item_get_position (item (&others, 0)) > 0);
  g_assert_true (folder_has (pair->alice.folder, "marmalade"));

  kh_client_delete_history_async (pair->alice.client, &pair->bob.id, on_deleted,
                                  &outcome);
  /* This one was said after it. */
  say (&pair->alice, &pair->bob, "a new beginning");
  WAIT_UNTIL (outcome.done);
  g_assert_cmpuint (bobs.copy->len, ==, 1);
  g_assert_cmpstr (text_of (&bobs, 0), ==, "a new beginning");
  g_assert_cmpuint (others.copy->len, ==, 1);
  g_assert_null (kh_client_get_draft (pair->alice.client, &pair->bob.id));
  g_assert_false (folder_has (pair->alice.folder, "marmalade"));
  WAIT_UNTIL (kh_timeline_item_get_position (item (&bobs, 0)) > 0);
  watch_assert_reopens (&bobs, &pair->alice, &pair->bob);

  delete_history (&pair->alice, NULL);
  g_assert_cmpuint (bobs.copy->len + others.copy->len, ==, 0);
  watch_close (&bobs);
  watch_close (&others);
  person_restart (&pair->alice, &pair->server, "alice", KH_CONSENT_ALL);
  watch_load (&again, &pair->alice, &nobody);
  g_assert_cmpuint (again.copy->len, ==, 0);
  watch_close (&again);
}

/* A place in the store that is free again is no place that was read already. */
static void
test_what_is_said_afterwards_goes_out (Pair *pair, gconstpointer data)
{
  gboolean everybody = GPOINTER_TO_INT (data);
  Outcome outcome = { 0 };

  pair_connect (pair);
  for (guint i = 0; i < 3; i++)
    {
      say (&pair->alice, &pair->bob, "before");
      wait_past (&pair->alice, KH_EVENT_DELIVERED);
    }
  kh_client_delete_history_async (pair->alice.client, everybody ? NULL : &pair->bob.id,
                                  on_deleted, &outcome);
  WAIT_UNTIL (outcome.done);
  g_assert_no_error (outcome.error);
  for (guint i = 0; i < 4; i++)
    {
      say (&pair->alice, &pair->bob, "afterwards");
      wait_past (&pair->alice, KH_EVENT_DELIVERED);
    }
}

static void
test_what_lives_is_not_deleted (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *path = write_file (pair, "a", 5);
  Watch watch;

  watch_load (&watch, &pair->alice, &pair->bob);
  send_path (&pair->alice, &pair->bob, path);
  say (&pair->alice, &pair->bob, "goes");
  WAIT_UNTIL (watch.copy->len == 2
              && kh_timeline_item_get_position (item (&watch, 1)) > 0);
  delete_history (&pair->alice, &pair->bob.id);
  g_assert_cmpuint (watch.copy->len, ==, 1);
  g_assert_cmpint (kh_timeline_item_get_kind (item (&watch, 0)), ==, KH_ITEM_TRANSFER);
  pair_connect (pair);
  wait_past (&pair->alice, KH_EVENT_DONE);
  WAIT_UNTIL (kh_timeline_item_get_transfer (item (&watch, 0))->phase == KH_PHASE_DONE);
  g_assert_cmpuint (count_seen (&pair->bob, KH_EVENT_MESSAGE), ==, 0);
  watch_close (&watch);
}

static void
test_a_message_that_waits_is_taken_back (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  KhItemId first;
  KhItemId second;
  KhItemId third;
  Watch watch;

  watch_load (&watch, &pair->alice, &pair->bob);
  first = say (&pair->alice, &pair->bob, "one");
  second = say (&pair->alice, &pair->bob, "two");
  WAIT_UNTIL (kh_timeline_item_get_position (item (&watch, 1)) > 0);
  g_assert_true (kh_client_delete_message (pair->alice.client, &pair->bob.id, &first));
  third = say (&pair->alice, &pair->bob, "three");
  g_assert_true (kh_client_delete_message (pair->alice.client, &pair->bob.id, &third));
  WAIT_UNTIL (watch.copy->len == 1);
  g_assert_cmpstr (text_of (&watch, 0), ==, "two");
  pair_connect (pair);
  wait_past (&pair->alice, KH_EVENT_DELIVERED);
  g_assert_cmpuint (count_seen (&pair->bob, KH_EVENT_MESSAGE), ==, 1);

  second = say (&pair->alice, &pair->bob, "four");
  wait_past (&pair->alice, KH_EVENT_SENT);
  wait_past (&pair->alice, KH_EVENT_SENT);
  g_assert_false (kh_client_delete_message (pair->alice.client, &pair->bob.id, &second));
  wait_past (&pair->alice, KH_EVENT_DELIVERED);
  WAIT_UNTIL (watch.copy->len == 2);
  watch_assert_reopens (&watch, &pair->alice, &pair->bob);
  watch_close (&watch);
}

/* --- Drafts ---------------------------------------------------------------------- */

static void
test_a_draft_outlives_the_client (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  Person *alice = &pair->alice;

  g_assert_null (kh_client_get_draft (alice->client, &pair->bob.id));
  for (guint i = 0; i < 1000; i++)
    {
      g_autofree char *text = g_strdup_printf ("dear bob, %u", i);

      kh_client_set_draft (alice->client, &pair->bob.id, text);
      g_assert_cmpstr (kh_client_get_draft (alice->client, &pair->bob.id), ==, text);
    }
  person_restart (alice, &pair->server, "alice", KH_CONSENT_ALL);
  g_assert_cmpstr (kh_client_get_draft (alice->client, &pair->bob.id), ==,
                   "dear bob, 999");
  kh_client_set_draft (alice->client, &pair->bob.id, "");
  g_assert_null (kh_client_get_draft (alice->client, &pair->bob.id));
  person_restart (alice, &pair->server, "alice", KH_CONSENT_ALL);
  g_assert_null (kh_client_get_draft (alice->client, &pair->bob.id));
}

/* --- Search ---------------------------------------------------------------------- */

static void
on_searched (GObject *source, GAsyncResult *result, gpointer data)
{
  Outcome *outcome = data;

  outcome->hits = kh_client_search_finish (KH_CLIENT (source), result, &outcome->error);
  outcome->done = TRUE;
}

static GPtrArray *
search (Person *person, const KhPeerId *peer, const char *text)
{
  Outcome outcome = { 0 };

  kh_client_search_async (person->client, peer, text, 10, NULL, on_searched, &outcome);
  WAIT_UNTIL (outcome.done);
  g_assert_no_error (outcome.error);
  return outcome.hits;
}

static void
test_what_was_said_is_found (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  g_autoptr (GPtrArray) hits = NULL;
  g_autoptr (GPtrArray) others = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  const KhSearchHit *hit;
  KhPeerId other = { { 7 } };
  Outcome outcome = { 0 };
  Watch watch;

  watch_load (&watch, &pair->alice, &pair->bob);
  say (&pair->alice, &pair->bob, "Where is the Keller?");
  say (&pair->alice, &pair->bob, "down the stairs");
  hits = search (&pair->alice, NULL, "kell where");
  g_assert_cmpuint (hits->len, ==, 1);
  hit = g_ptr_array_index (hits, 0);
  g_assert_cmpstr (hit->text, ==, "Where is the Keller?");
  g_assert_true (hit->outgoing);
  g_assert_true (kh_peer_id_equal (&hit->peer, &pair->bob.id));
  g_assert_cmpint (hit->position, ==, kh_timeline_item_get_position (item (&watch, 0)));
  others = search (&pair->alice, &other, "keller");
  g_assert_cmpuint (others->len, ==, 0);

  kh_client_search_async (pair->alice.client, NULL, "stairs", 10, cancellable,
                          on_searched, &outcome);
  g_cancellable_cancel (cancellable);
  WAIT_UNTIL (outcome.done);
  g_assert_error (outcome.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&outcome.error);
  watch_close (&watch);
}

/* --- Notes ----------------------------------------------------------------------- */

static gboolean
has_contact (Person *person, const KhPeerId *id)
{
  g_autoptr (GPtrArray) infos = kh_client_list_peers (person->client);

  for (guint i = 0; i < infos->len; i++)
    {
      const KhPeerInfo *info = g_ptr_array_index (infos, i);

      if (info->petname != NULL && kh_peer_id_equal (&info->id, id))
        return TRUE;
    }
  return FALSE;
}

static void
test_another_name_is_noted (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  Watch watch;

  kh_client_add_contact (pair->bob.client, &pair->alice.id);
  WAIT_UNTIL (has_contact (&pair->bob, &pair->alice.id));
  watch_load (&watch, &pair->bob, &pair->alice);
  person_restart (&pair->alice, &pair->server, "alice", KH_CONSENT_ALL);
  wait_until_sees (&pair->bob, &pair->alice);
  pair_connect (pair);
  g_assert_cmpuint (watch.copy->len, ==, 0); /* the same name is no news */

  person_restart (&pair->alice, &pair->server, "queen", KH_CONSENT_ALL);
  WAIT_UNTIL (watch.copy->len == 1);
  g_assert_cmpint (kh_timeline_item_get_kind (item (&watch, 0)), ==, KH_ITEM_NOTE);
  g_assert_cmpint (kh_timeline_item_get_note_kind (item (&watch, 0)), ==,
                   KH_NOTE_RENAMED);
  g_assert_cmpstr (text_of (&watch, 0), ==, "alice\nqueen");
  watch_assert_reopens (&watch, &pair->bob, &pair->alice);
  watch_close (&watch);
}

static gboolean
last_tells (const Watch *watch, const char *text)
{
  return watch->copy->len > 0
         && g_strcmp0 (kh_timeline_item_get_text (watch_last (watch)), text) == 0;
}

/* However often: one note until something else happens. */
static void
test_names_fill_no_conversation (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  Watch watch;

  kh_client_add_contact (pair->bob.client, &pair->alice.id);
  WAIT_UNTIL (has_contact (&pair->bob, &pair->alice.id));
  watch_load (&watch, &pair->bob, &pair->alice);
  for (guint i = 1; i <= 300; i++)
    {
      g_autofree char *name = g_strdup_printf ("queen %u", i);

      kh_client_saw (pair->bob.client, &pair->alice.id, name);
    }
  WAIT_UNTIL (last_tells (&watch, "alice\nqueen 300"));
  g_assert_cmpuint (watch.copy->len, ==, 1);
  watch_assert_reopens (&watch, &pair->bob, &pair->alice);

  /* Back again where nobody has spoken: nothing has happened. */
  kh_client_saw (pair->bob.client, &pair->alice.id, "alice");
  WAIT_UNTIL (watch.copy->len == 0);
  watch_assert_reopens (&watch, &pair->bob, &pair->alice);

  kh_client_saw (pair->bob.client, &pair->alice.id, "queen");
  WAIT_UNTIL (last_tells (&watch, "alice\nqueen"));
  say (&pair->bob, &pair->alice, "What are you up to?");
  WAIT_UNTIL (kh_timeline_item_get_position (watch_last (&watch)) > 0);
  kh_client_saw (pair->bob.client, &pair->alice.id, "alice");
  WAIT_UNTIL (last_tells (&watch, "queen\nalice"));
  kh_client_set_contact (pair->bob.client, &pair->alice.id, KH_CONTACT_VERIFIED, TRUE);
  WAIT_UNTIL (last_tells (&watch, ""));
  kh_client_saw (pair->bob.client, &pair->alice.id, "queen");
  WAIT_UNTIL (last_tells (&watch, "alice\nqueen"));
  g_assert_cmpuint (watch.copy->len, ==, 5);
  watch_assert_reopens (&watch, &pair->bob, &pair->alice);
  watch_close (&watch);
}

static void
test_who_was_seen_when_is_kept (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *folder = g_strdup (pair->bob.folder);
  g_autoptr (KhStoredContact) contact = NULL;
  gint64 before_ms;
  KhFolderLock *lock;
  KhStore *store;

  kh_client_add_contact (pair->bob.client, &pair->alice.id);
  WAIT_UNTIL (has_contact (&pair->bob, &pair->alice.id));
  before_ms = g_get_real_time () / 1000;
  client_close (&pair->bob); /* alice is there until now */
  store = store_open_in (folder, &lock);
  g_assert_true (kh_contacts_get (store, pair->alice.id.bytes, &contact, NULL));
  g_assert_cmpint (contact->last_seen_at_ms, >=, before_ms);
  g_assert_cmpstr (contact->announced_name, ==, "alice");
  store_close_in (store, lock);
  client_start (&pair->bob, &pair->server, "bob", KH_CONSENT_ALL, folder);
}

#define ADD_WITH(path, data, test)                                                       \
  g_test_add ("/history/" path, Pair, GINT_TO_POINTER (data), pair_set_up, test,         \
              pair_tear_down)
#define ADD(path, test) ADD_WITH (path, 0, test)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("without-history-it-shows-and-is-gone", test_without_history_it_shows_and_is_gone);
  ADD ("what-waits-shows-without-history", test_what_waits_shows_without_history);
  ADD ("what-is-deleted-is-gone", test_what_is_deleted_is_gone);
  ADD_WITH ("what-is-said-afterwards-goes-out", FALSE,
            test_what_is_said_afterwards_goes_out);
  ADD_WITH ("what-is-said-after-all-was-deleted-goes-out", TRUE,
            test_what_is_said_afterwards_goes_out);
  ADD ("what-lives-is-not-deleted", test_what_lives_is_not_deleted);
  ADD ("a-message-that-waits-is-taken-back", test_a_message_that_waits_is_taken_back);
  ADD ("a-draft-outlives-the-client", test_a_draft_outlives_the_client);
  ADD ("what-was-said-is-found", test_what_was_said_is_found);
  ADD ("another-name-is-noted", test_another_name_is_noted);
  ADD ("names-fill-no-conversation", test_names_fill_no_conversation);
  ADD ("who-was-seen-when-is-kept", test_who_was_seen_when_is_kept);
  return g_test_run ();
}
