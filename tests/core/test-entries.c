/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is known of the files of a transfer, at both ends, while it runs and later.
 */
#include "client-fixture.h"

#include <glib/gstdio.h>

typedef struct
{
  Server server;
  Person alice;
  Person bob;
  char *source; /* what alice sends is in here */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  server_start (&fixture->server, NULL, NULL);
  client_start (&fixture->alice, &fixture->server, "alice", KH_CONSENT_NONE, NULL);
  client_start (&fixture->bob, &fixture->server, "bob", KH_CONSENT_ALL, NULL);
  wait_until_sees (&fixture->alice, &fixture->bob);
  fixture->source = make_folder ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  client_close_and_remove (&fixture->alice);
  client_close_and_remove (&fixture->bob);
  server_stop (&fixture->server);
  remove_folder (fixture->source);
  g_free (fixture->source);
}

static char *
write_file (Fixture *fixture, const char *name, const char *text)
{
  char *path = g_build_filename (fixture->source, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

/* "top" with "top/inner" and a file beside it. */
static void
write_tree (Fixture *fixture)
{
  g_autofree char *top = g_build_filename (fixture->source, "top", NULL);

  g_assert_cmpint (g_mkdir (top, 0700), ==, 0);
  g_free (write_file (fixture, "top/inner", "12345"));
  g_free (write_file (fixture, "beside.txt", "1234567"));
}

typedef struct
{
  gboolean done;
  GPtrArray *entries;
  KhItemId item;
  GError *error;
} Answer;

static void
on_roots (GObject *source, GAsyncResult *result, gpointer data)
{
  Answer *answer = data;

  answer->entries
      = kh_client_list_roots_finish (KH_CLIENT (source), result, &answer->error);
  answer->done = TRUE;
}

static void
on_sent (GObject *source, GAsyncResult *result, gpointer data)
{
  Answer *answer = data;

  kh_client_send_finish (KH_CLIENT (source), result, &answer->item, &answer->error);
  answer->done = TRUE;
}

static GPtrArray *
list (Person *person, const KhPeerId *peer, const KhItemId *item, gboolean roots)
{
  Answer answer = { 0 };

  if (roots)
    kh_client_list_roots_async (person->client, peer, item, 100, NULL, on_roots, &answer);
  else
    kh_client_list_entries_async (person->client, peer, item, 0, 100, on_roots, &answer);
  WAIT_UNTIL (answer.done);
  g_assert_no_error (answer.error);
  return answer.entries;
}

static void
assert_entry (const GPtrArray *entries, guint i, const char *path, guint depth,
              KhEntryStatus state, const char *place)
{
  const KhEntryInfo *entry = g_ptr_array_index (entries, i);

  g_assert_cmpstr (entry->path, ==, path);
  g_assert_cmpuint (entry->depth, ==, depth);
  g_assert_cmpint (entry->state, ==, state);
  g_assert_cmpstr (entry->place, ==, place);
}

/* Sends top and beside.txt, and waits until it has ended at both. */
static KhItemId
send_tree (Fixture *fixture)
{
  g_autofree char *top = g_build_filename (fixture->source, "top", NULL);
  g_autofree char *beside = g_build_filename (fixture->source, "beside.txt", NULL);
  const char *paths[] = { top, beside, NULL };
  Answer answer = { 0 };

  write_tree (fixture);
  kh_client_call (fixture->alice.client, &fixture->bob.id);
  wait_past (&fixture->alice, KH_EVENT_CONNECTED);
  kh_client_send_async (fixture->alice.client, &fixture->bob.id, paths, NULL, on_sent,
                        &answer);
  WAIT_UNTIL (answer.done);
  g_assert_no_error (answer.error);
  wait_past (&fixture->alice, KH_EVENT_DONE);
  wait_past (&fixture->bob, KH_EVENT_DONE);
  return answer.item;
}

static void
test_the_top_is_known_at_both_ends (Fixture *fixture, gconstpointer data)
{
  KhItemId item = send_tree (fixture);
  g_autoptr (GPtrArray) sent = list (&fixture->alice, &fixture->bob.id, &item, TRUE);
  g_autoptr (GPtrArray) received = list (&fixture->bob, &fixture->alice.id, &item, TRUE);
  g_autofree char *top = g_build_filename (fixture->source, "top", NULL);
  g_autofree char *here = g_build_filename (fixture->bob.folder, "beside.txt", NULL);

  g_assert_cmpuint (sent->len, ==, 2);
  assert_entry (sent, 0, "top", 0, KH_ENTRY_IS_DONE, top);
  g_assert_cmpuint (received->len, ==, 2);
  assert_entry (received, 1, "beside.txt", 0, KH_ENTRY_IS_DONE, here);
  g_assert_true (g_file_test (here, G_FILE_TEST_IS_REGULAR));
}

static void
test_an_offer_has_entries_and_no_places (Fixture *fixture, gconstpointer data)
{
  g_autofree char *top = g_build_filename (fixture->source, "top", NULL);
  const char *paths[] = { top, NULL };
  g_autofree char *inner = g_build_filename (top, "inner", NULL);
  g_autoptr (GPtrArray) sent = NULL;
  g_autoptr (GError) error = NULL;
  KhItemId item;

  write_tree (fixture);
  g_assert_true (
      kh_client_send (fixture->alice.client, &fixture->bob.id, paths, &item, &error));
  for (gboolean is_listed = FALSE; !is_listed;)
    {
      g_autoptr (Seen) state = wait_for (&fixture->alice, KH_EVENT_TRANSFER);

      is_listed = state->event.phase == KH_PHASE_OFFERED;
    }
  sent = list (&fixture->alice, &fixture->bob.id, &item, FALSE);
  g_assert_cmpuint (sent->len, ==, 2);
  assert_entry (sent, 0, "top", 0, KH_ENTRY_IS_PENDING, top);
  assert_entry (sent, 1, "top/inner", 1, KH_ENTRY_IS_PENDING, inner);
}

static void
test_what_is_not_there_is_not_sent (Fixture *fixture, gconstpointer data)
{
  const char *paths[] = { "/nonexistent/file", NULL };
  Answer answer = { 0 };

  kh_client_send_async (fixture->alice.client, &fixture->bob.id, paths, NULL, on_sent,
                        &answer);
  WAIT_UNTIL (answer.done);
  g_assert_error (answer.error, KH_CLIENT_ERROR, KH_CLIENT_ERROR_FILE);
  g_error_free (answer.error);
}

static void
test_no_such_transfer_is_an_error (Fixture *fixture, gconstpointer data)
{
  KhItemId none = { { 1 } };
  Answer answer = { 0 };

  kh_client_list_roots_async (fixture->alice.client, &fixture->bob.id, &none, 10, NULL,
                              on_roots, &answer);
  WAIT_UNTIL (answer.done);
  g_assert_error (answer.error, KH_CLIENT_ERROR, KH_CLIENT_ERROR_TRANSFER);
  g_error_free (answer.error);
}

#define ADD(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/entries/the-top-is-known-at-both-ends", test_the_top_is_known_at_both_ends);
  ADD ("/entries/an-offer-has-entries-and-no-places",
       test_an_offer_has_entries_and_no_places);
  ADD ("/entries/what-is-not-there-is-not-sent", test_what_is_not_there_is_not_sent);
  ADD ("/entries/no-such-transfer-is-an-error", test_no_such_transfer_is_an_error);
  return g_test_run ();
}
