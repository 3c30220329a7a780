/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Transfers between two clients of this process, whose channels come and go.
 */
#include "client-fixture.h"

#include "core/profile.h"
#include "core/resume.h"
#include "store/contacts.h"

#include <glib/gstdio.h>
#include <stdbool.h>

#define LARGE (48u << 20)
/* Of alice, so that something can be done while a file of that size is on its way: 6 s.
 */
#define SLOW (8u << 20)

typedef struct
{
  Server server;
  Person alice;
  Person bob;
  char *source; /* what alice sends is in here */
} Fixture;

static void
set_up (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  server_start (&fixture->server, NULL, NULL);
  client_start (&fixture->alice, &fixture->server, "alice", KH_CONSENT_NONE, NULL);
  client_start (&fixture->bob, &fixture->server, "bob", KH_CONSENT_ALL, NULL);
  wait_until_sees (&fixture->alice, &fixture->bob);
  fixture->source = make_folder ();
}

static void
tear_down (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  client_close_and_remove (&fixture->alice);
  client_close_and_remove (&fixture->bob);
  server_stop (&fixture->server);
  remove_folder (fixture->source);
  g_free (fixture->source);
}

static void
assert_same (const char *path, const char *other)
{
  g_autofree char *one = NULL;
  g_autofree char *two = NULL;
  gsize one_len;
  gsize two_len;

  g_assert_true (g_file_get_contents (path, &one, &one_len, NULL));
  g_assert_true (g_file_get_contents (other, &two, &two_len, NULL));
  g_assert_cmpmem (one, one_len, two, two_len);
}

/* @name below the folders of both. */
static void
assert_arrived (Fixture *fixture, const char *name)
{
  g_autofree char *path = g_build_filename (fixture->source, name, NULL);
  g_autofree char *other = g_build_filename (fixture->bob.folder, name, NULL);

  assert_same (path, other);
}

/* Hidden partial files in bob's folder. */
static guint
count_partials (const Fixture *fixture)
{
  g_autoptr (GDir) dir = g_dir_open (fixture->bob.folder, 0, NULL);
  const char *name;
  guint n = 0;

  while ((name = g_dir_read_name (dir)) != NULL)
    n += g_str_has_suffix (name, ".part");
  return n;
}

/* --- One after the other ----------------------------------------------------------- */

static void
test_a_file_arrives_and_nothing_is_overwritten (Fixture *fixture,
                                                G_GNUC_UNUSED gconstpointer data)
{
  clients_connect (&fixture->alice, &fixture->bob);
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *path
          = write_pattern (fixture->source, "note.txt", 5 + i, (guint8)i);
      g_autofree char *name = NULL;
      g_autoptr (Seen) file = NULL;

      send_path (&fixture->alice, &fixture->bob, path);
      file = wait_for (&fixture->bob, KH_EVENT_FILE);
      assert_same (path, file->text);
      name = g_path_get_basename (file->text);
      g_assert_cmpstr (name, ==, i == 0 ? "note.txt" : "note (2).txt");
      wait_past (&fixture->alice, KH_EVENT_DONE);
      wait_past (&fixture->bob, KH_EVENT_DONE);
    }
  g_assert_cmpuint (count_partials (fixture), ==, 0);
}

static void
test_a_tree_arrives_with_its_empty_folders (Fixture *fixture,
                                            G_GNUC_UNUSED gconstpointer data)
{
  static const char *const names[]
      = { "tree/a", "tree/b.txt", "tree/in/c", "tree/in/deeper/d", "tree/in/e" };
  g_autofree char *tree = g_build_filename (fixture->source, "tree", NULL);
  g_autofree char *empty = g_build_filename (tree, "empty", NULL);
  g_autofree char *arrived
      = g_build_filename (fixture->bob.folder, "tree", "empty", NULL);
  g_autoptr (Seen) done = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_free (write_pattern (fixture->source, names[i], i * 70000, (guint8)i));
  g_assert_cmpint (g_mkdir (empty, 0700), ==, 0);
  clients_connect (&fixture->alice, &fixture->bob);
  send_path (&fixture->alice, &fixture->bob, tree);
  done = wait_for (&fixture->bob, KH_EVENT_DONE);
  g_assert_cmpuint (done->event.n_files, ==, G_N_ELEMENTS (names));
  wait_past (&fixture->alice, KH_EVENT_DONE);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    assert_arrived (fixture, names[i]);
  g_assert_true (g_file_test (arrived, G_FILE_TEST_IS_DIR));
}

static void
test_many_transfers_go_in_order (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  clients_connect (&fixture->alice, &fixture->bob);
  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u", i);
      g_autofree char *path = write_pattern (fixture->source, name, 1000, (guint8)i);

      send_path (&fixture->alice, &fixture->bob, path);
    }
  for (guint i = 0; i < 100; i++)
    {
      g_autoptr (Seen) done = wait_for (&fixture->alice, KH_EVENT_DONE);
      g_autofree char *name = g_strdup_printf ("%u", i);

      g_assert_cmpstr (done->text, ==, name);
      assert_arrived (fixture, name);
    }
}

/* What is there already and came from the same peer is not sent again, nor what got a
 * number when it came. */
static void
test_what_is_there_is_not_sent_again (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *tree = g_build_filename (fixture->source, "tree", NULL);
  g_autofree char *other = g_build_filename (tree, "other", NULL);
  g_autofree char *changed
      = g_build_filename (fixture->bob.folder, "tree", "other (2)", NULL);
  g_autofree char *again
      = g_build_filename (fixture->bob.folder, "tree", "other (3)", NULL);

  g_free (write_pattern (fixture->source, "tree/same", 300000, 1));
  g_free (write_pattern (fixture->source, "tree/other", 300000, 2));
  clients_connect (&fixture->alice, &fixture->bob);
  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (Seen) done = NULL;

      send_path (&fixture->alice, &fixture->bob, tree);
      done = wait_for (&fixture->bob, KH_EVENT_DONE);
      g_assert_cmpuint (done->event.n_there, ==, MIN (i, 2));
      wait_past (&fixture->alice, KH_EVENT_DONE);
      if (i == 0)
        g_free (write_pattern (fixture->source, "tree/other", 300001, 3));
    }
  assert_arrived (fixture, "tree/same");
  assert_same (changed, other);
  g_assert_false (g_file_test (again, G_FILE_TEST_EXISTS));
}

/* --- Consent ----------------------------------------------------------------------- */

static void
test_an_offer_may_be_declined_or_taken_in_part (Fixture *fixture,
                                                G_GNUC_UNUSED gconstpointer data)
{
  static const char *const only[] = { "*.jpg", NULL };
  g_autofree char *tree = g_build_filename (fixture->source, "tree", NULL);
  g_autofree char *bobs = g_strdup (fixture->bob.folder);
  g_autofree char *unwanted = g_build_filename (bobs, "tree", "b.txt", NULL);
  g_autoptr (Seen) offer = NULL;
  g_autoptr (Seen) ended = NULL;
  g_autoptr (Seen) done = NULL;

  client_close (&fixture->bob);
  client_start (&fixture->bob, &fixture->server, "bob", KH_CONSENT_ASK, bobs);
  wait_until_sees (&fixture->alice, &fixture->bob);
  g_free (write_pattern (fixture->source, "tree/a.jpg", 10, 1));
  g_free (write_pattern (fixture->source, "tree/b.txt", 20, 2));
  kh_client_call (fixture->alice.client, &fixture->bob.id);
  wait_past (&fixture->bob, KH_EVENT_CALL_REQUEST);
  kh_client_answer_call (fixture->bob.client, &fixture->alice.id, TRUE);
  wait_past (&fixture->alice, KH_EVENT_CONNECTED);

  send_path (&fixture->alice, &fixture->bob, tree);
  offer = wait_for (&fixture->bob, KH_EVENT_OFFER);
  g_assert_true (offer->event.waiting);
  g_assert_cmpuint (offer->event.n_files, ==, 2);
  g_assert_cmpuint (offer->event.total, ==, 30);
  kh_client_answer_offer (fixture->bob.client, &fixture->alice.id, &offer->item, FALSE,
                          NULL, NULL);
  ended = wait_for (&fixture->alice, KH_EVENT_TRANSFER_ENDED);
  g_assert_cmpint (ended->event.transfer_end, ==, KH_TRANSFER_END_DECLINED);

  send_path (&fixture->alice, &fixture->bob, tree);
  seen_free (g_steal_pointer (&offer));
  offer = wait_for (&fixture->bob, KH_EVENT_OFFER);
  kh_client_answer_offer (fixture->bob.client, &fixture->alice.id, &offer->item, TRUE,
                          NULL, only);
  done = wait_for (&fixture->alice, KH_EVENT_DONE);
  g_assert_cmpuint (done->event.n_files, ==, 1);
  g_assert_cmpuint (done->event.n_left_out, ==, 1);
  assert_arrived (fixture, "tree/a.jpg");
  g_assert_false (g_file_test (unwanted, G_FILE_TEST_EXISTS));
}

/* In the folder of a client that is not running. */
static void
make_verified_contact (const char *folder, const KhPeerId *id)
{
  g_autoptr (GError) error = NULL;
  KhFolderLock *lock = kh_folder_lock_take (folder, "the test", &error);
  KhStore *store = lock != NULL ? kh_store_open (lock, &error) : NULL;
  g_autoptr (KhStoredContact) contact = NULL;

  g_assert_no_error (error);
  g_assert_true (kh_contacts_get (store, id->bytes, &contact, &error));
  if (contact == NULL)
    contact = kh_contacts_add (store, id->bytes, "alice", "alice", 1, &error);
  g_assert_no_error (error);
  g_assert_true (kh_contacts_set_verified (store, id->bytes, 2, &error));
  g_assert_no_error (error);
  kh_store_close (store);
  kh_folder_lock_release (lock);
}

static void
assert_executable (const Fixture *fixture, const char *name, bool expected)
{
  g_autofree char *path = g_build_filename (fixture->bob.folder, name, NULL);

  g_assert_true (g_file_test (path, G_FILE_TEST_IS_REGULAR));
  g_assert_cmpint (g_file_test (path, G_FILE_TEST_IS_EXECUTABLE), ==, expected);
}

/* Whoever else sends a program can't make a click start it. */
static void
test_programs_come_from_verified_contacts_only (Fixture *fixture,
                                                G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *tree = g_build_filename (fixture->source, "tree", NULL);
  g_autofree char *program = write_pattern (fixture->source, "tree/program", 10, 1);
  g_autofree char *bobs = g_strdup (fixture->bob.folder);

  g_free (write_pattern (fixture->source, "tree/text", 10, 2));
  g_assert_cmpint (g_chmod (program, 0755), ==, 0);
  clients_connect (&fixture->alice, &fixture->bob);
  send_path (&fixture->alice, &fixture->bob, tree);
  wait_past (&fixture->bob, KH_EVENT_DONE);
  wait_past (&fixture->alice, KH_EVENT_DONE);
  assert_executable (fixture, "tree/program", false);
  assert_executable (fixture, "tree/text", false);

  client_close (&fixture->bob);
  wait_past (&fixture->alice, KH_EVENT_DISCONNECTED);
  make_verified_contact (bobs, &fixture->alice.id);
  client_start (&fixture->bob, &fixture->server, "bob", KH_CONSENT_ALL, bobs);
  wait_until_sees (&fixture->alice, &fixture->bob);
  clients_connect (&fixture->alice, &fixture->bob);
  g_free (g_steal_pointer (&program));
  program = write_pattern (fixture->source, "tree/program", 11, 1);
  g_assert_cmpint (g_chmod (program, 0755), ==, 0);
  send_path (&fixture->alice, &fixture->bob, tree);
  wait_past (&fixture->bob, KH_EVENT_DONE);
  wait_past (&fixture->alice, KH_EVENT_DONE);
  assert_executable (fixture, "tree/program (2)", true);
  assert_executable (fixture, "tree/text", false);
}

/* --- Control ----------------------------------------------------------------------- */

static void
test_a_cancelled_transfer_ends_at_both (Fixture *fixture,
                                        G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *path = write_pattern (fixture->source, "large", LARGE, 0);
  g_autoptr (Seen) here = NULL;
  g_autoptr (Seen) there = NULL;
  KhItemId id;

  kh_client_set_limits (fixture->alice.client, SLOW, 0);
  clients_connect (&fixture->alice, &fixture->bob);
  id = send_path (&fixture->alice, &fixture->bob, path);
  wait_past (&fixture->bob, KH_EVENT_PROGRESS);
  g_assert_true (kh_client_cancel_transfer (fixture->bob.client, &fixture->alice.id, &id,
                                            FALSE, NULL));
  here = wait_for (&fixture->bob, KH_EVENT_TRANSFER_ENDED);
  there = wait_for (&fixture->alice, KH_EVENT_TRANSFER_ENDED);
  g_assert_cmpint (here->event.transfer_end, ==, KH_TRANSFER_END_CANCELLED);
  g_assert_cmpint (there->event.transfer_end, ==, KH_TRANSFER_END_CANCELLED);
  clients_cut (&fixture->alice, &fixture->bob);
  g_assert_cmpuint (count_partials (fixture), ==, 0);
  g_assert_false (kh_client_cancel_transfer (fixture->bob.client, &fixture->alice.id, &id,
                                             FALSE, NULL));
}

static guint
count_open (Person *person)
{
  g_autoptr (GPtrArray) open = kh_client_list_transfers (person->client);

  return open->len;
}

/* At whatever moment: also before bob has taken in what he was offered. */
static void
test_who_cancels_at_once_is_heard (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *path = write_pattern (fixture->source, "large", LARGE, 0);

  kh_client_set_limits (fixture->alice.client, 1 << 20, 0);
  clients_connect (&fixture->alice, &fixture->bob);
  for (guint steps = 0; steps < 60; steps++)
    {
      KhItemId id = send_path (&fixture->alice, &fixture->bob, path);

      for (guint i = 0; i < steps; i++)
        {
          g_main_context_iteration (NULL, FALSE);
          g_usleep (200);
        }
      g_assert_true (kh_client_cancel_transfer (fixture->alice.client, &fixture->bob.id,
                                                &id, FALSE, NULL));
    }
  WAIT_UNTIL (count_open (&fixture->bob) == 0);
}

static void
cancel_at_first_file (KhClient *client, gpointer data, gpointer n_told)
{
  const KhEvent *event = data;

  if (event->kind != KH_EVENT_FILE)
    return;
  (*(guint *)n_told)++;
  kh_client_cancel_transfer (client, &event->peer, &event->item, FALSE, NULL);
}

/* Whoever is told of a file may end the transfer at once; then no other is told of. */
static void
test_an_event_may_end_the_transfer (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *tree = g_build_filename (fixture->source, "tree", NULL);
  Person *people[] = { &fixture->bob, &fixture->alice };

  for (guint i = 0; i < 50; i++)
    {
      g_autofree char *name = g_strdup_printf ("tree/%u", i);

      g_free (write_pattern (fixture->source, name, 10, (guint8)i));
    }
  clients_connect (&fixture->alice, &fixture->bob);
  for (guint i = 0; i < G_N_ELEMENTS (people); i++)
    {
      guint n_told = 0;
      gulong handler = g_signal_connect (people[i]->client, "event",
                                         G_CALLBACK (cancel_at_first_file), &n_told);

      send_path (&fixture->alice, &fixture->bob, tree);
      wait_past (people[i], KH_EVENT_TRANSFER_ENDED);
      g_assert_cmpuint (n_told, ==, 1);
      /* When she hears of the first file, he may have all of them. */
      if (people[i] == &fixture->bob)
        wait_past (&fixture->alice, KH_EVENT_TRANSFER_ENDED);
      g_signal_handler_disconnect (people[i]->client, handler);
    }
}

/* Each side has its own switch; nothing flows while either is on. */
static void
test_pieces_flow_while_neither_pauses (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *path = write_pattern (fixture->source, "large", LARGE, 0);
  KhItemId id;

  kh_client_set_limits (fixture->alice.client, SLOW, 0);
  clients_connect (&fixture->alice, &fixture->bob);
  id = send_path (&fixture->alice, &fixture->bob, path);
  wait_past (&fixture->bob, KH_EVENT_PROGRESS);
  g_assert_true (kh_client_pause_transfer (fixture->alice.client, &fixture->bob.id, &id,
                                           TRUE, NULL));
  g_assert_true (kh_client_pause_transfer (fixture->bob.client, &fixture->alice.id, &id,
                                           TRUE, NULL));
  for (;;)
    {
      g_autoptr (Seen) state = wait_for (&fixture->alice, KH_EVENT_TRANSFER);

      if (state->event.paused_here && state->event.paused_there)
        break;
    }
  g_assert_true (kh_client_pause_transfer (fixture->bob.client, &fixture->alice.id, &id,
                                           FALSE, NULL));
  for (;;)
    {
      g_autoptr (Seen) state = wait_for (&fixture->alice, KH_EVENT_TRANSFER);

      if (state->event.paused_here && !state->event.paused_there)
        break;
    }
  g_assert_cmpuint (count_seen (&fixture->alice, KH_EVENT_DONE), ==, 0);
  kh_client_set_limits (fixture->alice.client, 0, 0);
  g_assert_true (kh_client_pause_transfer (fixture->alice.client, &fixture->bob.id, &id,
                                           FALSE, NULL));
  wait_past (&fixture->alice, KH_EVENT_DONE);
  assert_arrived (fixture, "large");
}

/* --- Going on ---------------------------------------------------------------------- */

/* The channel is lost again and again; the sender calls by itself. */
static void
test_a_transfer_goes_on_over_the_next_channel (Fixture *fixture,
                                               G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *path = write_pattern (fixture->source, "large", LARGE, 0);

  kh_client_set_limits (fixture->alice.client, SLOW, 0);
  clients_connect (&fixture->alice, &fixture->bob);
  send_path (&fixture->alice, &fixture->bob, path);
  for (guint i = 0; i < 3; i++)
    {
      wait_past (&fixture->bob, KH_EVENT_PROGRESS);
      clients_cut (&fixture->alice, &fixture->bob);
      wait_past (&fixture->alice, KH_EVENT_INTERRUPTED);
      wait_past (&fixture->alice, KH_EVENT_CONNECTED);
      wait_past (&fixture->bob, KH_EVENT_CONNECTED);
    }
  kh_client_set_limits (fixture->alice.client, 0, 0);
  wait_past (&fixture->alice, KH_EVENT_DONE);
  wait_past (&fixture->bob, KH_EVENT_DONE);
  assert_arrived (fixture, "large");
  g_assert_cmpuint (count_partials (fixture), ==, 0);
  g_assert_cmpuint (count_seen (&fixture->alice, KH_EVENT_FILE_RESTARTED), ==, 0);
}

/* Neither side calls by itself then, but whoever wants something does. */
static void
test_who_has_hung_up_is_not_called_back (Fixture *fixture, gconstpointer hangs_up)
{
  g_autofree char *large = write_pattern (fixture->source, "large", LARGE, 0);
  g_autofree char *small = write_pattern (fixture->source, "small", 1000, 0);
  gboolean sender = GPOINTER_TO_INT (hangs_up);

  kh_client_set_limits (fixture->alice.client, SLOW, 0);
  clients_connect (&fixture->alice, &fixture->bob);
  send_path (&fixture->alice, &fixture->bob, large);
  wait_past (&fixture->bob, KH_EVENT_PROGRESS);
  if (sender)
    kh_client_hang_up (fixture->alice.client, &fixture->bob.id);
  else
    kh_client_hang_up (fixture->bob.client, &fixture->alice.id);
  wait_past (&fixture->alice, KH_EVENT_INTERRUPTED);
  wait_past (&fixture->alice, KH_EVENT_DISCONNECTED);
  wait_past (&fixture->bob, KH_EVENT_DISCONNECTED);
  wait_in_silence (sender ? KH_RESUME_RECEIVER_US / 1000 + 500 : 500);
  g_assert_cmpuint (count_seen (&fixture->alice, KH_EVENT_CONNECTED), ==, 0);
  g_assert_false (kh_client_is_connected (fixture->alice.client, &fixture->bob.id));
  kh_client_set_limits (fixture->alice.client, 0, 0);
  send_path (&fixture->alice, &fixture->bob, small);
  for (guint i = 0; i < 2; i++)
    {
      wait_past (&fixture->alice, KH_EVENT_DONE);
      wait_past (&fixture->bob, KH_EVENT_DONE);
    }
  assert_arrived (fixture, "large");
  assert_arrived (fixture, "small");
}

/* Nobody else would: the peer is online already. */
static void
test_what_is_sent_without_a_channel_calls (Fixture *fixture,
                                           G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *path = write_pattern (fixture->source, "file", 1000, 0);

  clients_connect (&fixture->alice, &fixture->bob);
  clients_cut (&fixture->alice, &fixture->bob);
  send_path (&fixture->alice, &fixture->bob, path);
  wait_past (&fixture->alice, KH_EVENT_DONE);
  wait_past (&fixture->bob, KH_EVENT_DONE);
  assert_arrived (fixture, "file");
}

static void
test_a_transfer_goes_on_after_restarts (Fixture *fixture,
                                        G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *path = write_pattern (fixture->source, "large", LARGE, 0);
  g_autofree char *alices = g_strdup (fixture->alice.folder);
  g_autofree char *bobs = g_strdup (fixture->bob.folder);

  kh_client_set_limits (fixture->alice.client, SLOW, 0);
  clients_connect (&fixture->alice, &fixture->bob);
  send_path (&fixture->alice, &fixture->bob, path);
  wait_past (&fixture->bob, KH_EVENT_PROGRESS);
  client_close (&fixture->bob);
  client_start (&fixture->bob, &fixture->server, "bob", KH_CONSENT_ALL, bobs);
  wait_past (&fixture->bob, KH_EVENT_PROGRESS);
  client_close (&fixture->alice);
  client_start (&fixture->alice, &fixture->server, "alice", KH_CONSENT_NONE, alices);
  kh_client_call (fixture->alice.client, &fixture->bob.id);
  wait_past (&fixture->alice, KH_EVENT_DONE);
  wait_past (&fixture->bob, KH_EVENT_DONE);
  assert_arrived (fixture, "large");
  g_assert_cmpuint (count_partials (fixture), ==, 0);
}

/* What the list says of the one transfer in @folder, which no client has open. */
static guint64
read_done_bytes (const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KhProfile) profile = kh_profile_open (folder, "the test", &error);
  g_autoptr (GPtrArray) infos = NULL;

  g_assert_no_error (error);
  infos = kh_profile_list_transfers (profile, 9, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (infos->len, ==, 1);
  return ((KhTransferInfo *)g_ptr_array_index (infos, 0))->done_bytes;
}

/* At both ends, and also where no file is whole yet. */
static void
test_how_far_it_is_outlives_a_restart (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *path = write_pattern (fixture->source, "large", LARGE, 0);
  g_autofree char *alices = g_strdup (fixture->alice.folder);
  g_autofree char *bobs = g_strdup (fixture->bob.folder);
  guint64 seen = 0;

  kh_client_set_limits (fixture->alice.client, SLOW, 0);
  clients_connect (&fixture->alice, &fixture->bob);
  send_path (&fixture->alice, &fixture->bob, path);
  for (guint i = 0; i < 5; i++)
    {
      g_autoptr (Seen) progress = wait_for (&fixture->bob, KH_EVENT_PROGRESS);

      seen = progress->event.bytes;
    }
  g_assert_cmpuint (seen, >, 0);
  client_close (&fixture->bob);
  wait_past (&fixture->alice, KH_EVENT_INTERRUPTED);
  client_close (&fixture->alice);
  g_assert_cmpuint (read_done_bytes (bobs), >=, seen);
  g_assert_cmpuint (read_done_bytes (bobs), <, LARGE);
  g_assert_cmpuint (read_done_bytes (alices), >, 0);
  g_assert_cmpuint (read_done_bytes (alices), <, LARGE);
  client_start (&fixture->bob, &fixture->server, "bob", KH_CONSENT_ALL, bobs);
  client_start (&fixture->alice, &fixture->server, "alice", KH_CONSENT_NONE, alices);
  kh_client_call (fixture->alice.client, &fixture->bob.id);
  wait_past (&fixture->alice, KH_EVENT_DONE);
  wait_past (&fixture->bob, KH_EVENT_DONE);
  client_close (&fixture->bob);
  g_assert_cmpuint (read_done_bytes (bobs), ==, LARGE);
  client_start (&fixture->bob, &fixture->server, "bob", KH_CONSENT_ALL, bobs);
}

/* It is another file when the channel is back: from the beginning, and both say so. */
static void
test_a_changed_source_begins_again (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *path = write_pattern (fixture->source, "large", LARGE, 0);

  kh_client_set_limits (fixture->alice.client, SLOW, 0);
  clients_connect (&fixture->alice, &fixture->bob);
  send_path (&fixture->alice, &fixture->bob, path);
  wait_past (&fixture->bob, KH_EVENT_PROGRESS);
  clients_cut (&fixture->alice, &fixture->bob);
  kh_client_set_limits (fixture->alice.client, 0, 0);
  g_free (write_pattern (fixture->source, "large", LARGE + 1, 7));
  wait_past (&fixture->alice, KH_EVENT_FILE_RESTARTED);
  wait_past (&fixture->bob, KH_EVENT_FILE_RESTARTED);
  wait_past (&fixture->alice, KH_EVENT_DONE);
  wait_past (&fixture->bob, KH_EVENT_DONE);
  assert_arrived (fixture, "large");
}

/* What fails is told at both ends, and tried again when a person wants it. */
static void
test_what_failed_can_be_tried_again (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *tree = g_build_filename (fixture->source, "tree", NULL);
  g_autofree char *bad = write_pattern (fixture->source, "tree/bad", 10, 1);
  g_autoptr (Seen) here = NULL;
  g_autoptr (Seen) there = NULL;
  KhItemId id;

  g_free (write_pattern (fixture->source, "tree/good", 10, 2));
  id = send_path (&fixture->alice, &fixture->bob, tree);
  for (;;)
    {
      g_autoptr (Seen) state = wait_for (&fixture->alice, KH_EVENT_TRANSFER);

      if (state->event.phase == KH_PHASE_OFFERED)
        break;
    }
  g_assert_cmpint (g_unlink (bad), ==, 0);
  clients_connect (&fixture->alice, &fixture->bob);
  here = wait_for (&fixture->alice, KH_EVENT_TRANSFER_ENDED);
  there = wait_for (&fixture->bob, KH_EVENT_TRANSFER_ENDED);
  g_assert_cmpint (here->event.transfer_end, ==, KH_TRANSFER_END_FAILED);
  g_assert_cmpuint (here->event.n_failed, ==, 1);
  g_assert_cmpuint (there->event.n_failed, ==, 1);
  assert_arrived (fixture, "tree/good");

  g_free (write_pattern (fixture->source, "tree/bad", 10, 1));
  g_assert_true (
      kh_client_retry_transfer (fixture->bob.client, &fixture->alice.id, &id, NULL));
  wait_past (&fixture->alice, KH_EVENT_DONE);
  wait_past (&fixture->bob, KH_EVENT_DONE);
  assert_arrived (fixture, "tree/bad");
}

int
main (int argc, char *argv[])
{
#define ADD(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)
  g_test_init (&argc, &argv, NULL);
  ADD ("/transfers/a-file-arrives-and-nothing-is-overwritten",
       test_a_file_arrives_and_nothing_is_overwritten);
  ADD ("/transfers/a-tree-arrives-with-its-empty-folders",
       test_a_tree_arrives_with_its_empty_folders);
  ADD ("/transfers/many-transfers-go-in-order", test_many_transfers_go_in_order);
  ADD ("/transfers/what-is-there-is-not-sent-again",
       test_what_is_there_is_not_sent_again);
  ADD ("/transfers/an-offer-may-be-declined-or-taken-in-part",
       test_an_offer_may_be_declined_or_taken_in_part);
  ADD ("/transfers/programs-come-from-verified-contacts-only",
       test_programs_come_from_verified_contacts_only);
  ADD ("/transfers/a-cancelled-transfer-ends-at-both",
       test_a_cancelled_transfer_ends_at_both);
  ADD ("/transfers/who-cancels-at-once-is-heard", test_who_cancels_at_once_is_heard);
  ADD ("/transfers/an-event-may-end-the-transfer", test_an_event_may_end_the_transfer);
  ADD ("/transfers/pieces-flow-while-neither-pauses",
       test_pieces_flow_while_neither_pauses);
  ADD ("/transfers/a-transfer-goes-on-over-the-next-channel",
       test_a_transfer_goes_on_over_the_next_channel);
  g_test_add ("/transfers/who-has-hung-up-is-not-called-back", Fixture,
              GINT_TO_POINTER (TRUE), set_up, test_who_has_hung_up_is_not_called_back,
              tear_down);
  g_test_add ("/transfers/of-whom-the-other-has-hung-up-neither", Fixture,
              GINT_TO_POINTER (FALSE), set_up, test_who_has_hung_up_is_not_called_back,
              tear_down);
  ADD ("/transfers/what-is-sent-without-a-channel-calls",
       test_what_is_sent_without_a_channel_calls);
  ADD ("/transfers/a-transfer-goes-on-after-restarts",
       test_a_transfer_goes_on_after_restarts);
  ADD ("/transfers/how-far-it-is-outlives-a-restart",
       test_how_far_it_is_outlives_a_restart);
  ADD ("/transfers/a-changed-source-begins-again", test_a_changed_source_begins_again);
  ADD ("/transfers/what-failed-can-be-tried-again", test_what_failed_can_be_tried_again);
#undef ADD
  return g_test_run ();
}
