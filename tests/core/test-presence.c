/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "client-fixture.h"

#include "core/client-private.h"

#include <string.h>

typedef struct
{
  Server server;
  Server second;
  Person alice;
  Person bob;
} Fixture;

static void
set_up (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  server_start (&fixture->server, NULL, NULL);
  server_start (&fixture->second, NULL, NULL);
  client_start (&fixture->alice, &fixture->server, "alice", KH_CONSENT_ALL, NULL);
  client_start (&fixture->bob, &fixture->server, "bob", KH_CONSENT_ALL, NULL);
  wait_until_sees (&fixture->alice, &fixture->bob);
  wait_until_sees (&fixture->bob, &fixture->alice);
}

static void
tear_down (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  client_close_and_remove (&fixture->alice);
  client_close_and_remove (&fixture->bob);
  server_stop (&fixture->server);
  server_stop (&fixture->second);
}

static void
expect_talk (Fixture *fixture)
{
  say (&fixture->alice, &fixture->bob, "still here");
  wait_past (&fixture->bob, KH_EVENT_MESSAGE);
}

/* --- Leaving --------------------------------------------------------------------------
 */

static void
test_who_leaves_is_gone_for_all (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  g_autoptr (Seen) left = NULL;

  g_assert_cmpint (kh_client_get_server_state (fixture->alice.client), ==,
                   KH_SERVER_ONLINE);
  while (count_seen (&fixture->alice, KH_EVENT_PEER) > 0)
    wait_past (&fixture->alice, KH_EVENT_PEER);
  kh_client_go_offline (fixture->alice.client);
  g_assert_cmpint (kh_client_get_server_state (fixture->alice.client), ==,
                   KH_SERVER_LEFT);
  left = wait_for (&fixture->alice, KH_EVENT_PEER);
  g_assert_false (left->event.online);
  g_assert_cmpstr (left->name, ==, "bob");
  wait_past (&fixture->alice, KH_EVENT_OFFLINE);
  WAIT_UNTIL (!kh_client_is_online (fixture->bob.client, &fixture->alice.id));

  kh_client_go_online (fixture->alice.client);
  wait_past (&fixture->alice, KH_EVENT_ONLINE);
  wait_until_sees (&fixture->bob, &fixture->alice);
}

static void
test_channels_outlive_the_server (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  clients_connect (&fixture->alice, &fixture->bob);
  kh_client_go_offline (fixture->alice.client);
  WAIT_UNTIL (!kh_client_is_online (fixture->bob.client, &fixture->alice.id));
  expect_talk (fixture);
  g_assert_cmpuint (count_seen (&fixture->alice, KH_EVENT_DISCONNECTED), ==, 0);
}

static void
test_calls_end_with_the_server (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  g_autoptr (Seen) ended = NULL;

  kh_client_call (fixture->alice.client, &fixture->bob.id);
  kh_client_go_offline (fixture->alice.client);
  ended = wait_for (&fixture->alice, KH_EVENT_CALL_ENDED);
  g_assert_cmpint (ended->event.call_end, ==, KH_CALL_END_OFFLINE);
  kh_client_call (fixture->alice.client, &fixture->bob.id);
  wait_past (&fixture->alice, KH_EVENT_CALL_ENDED);
}

static void
leave_at_once (KhClient *client, gpointer event, G_GNUC_UNUSED gpointer data)
{
  if (((const KhEvent *)event)->kind == KH_EVENT_ONLINE)
    kh_client_go_offline (client);
}

/* From inside what the main connection calls. */
static void
test_one_may_leave_on_any_event (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  kh_client_go_offline (fixture->alice.client);
  wait_past (&fixture->alice, KH_EVENT_OFFLINE);
  g_signal_connect (fixture->alice.client, "event", G_CALLBACK (leave_at_once), NULL);
  kh_client_go_online (fixture->alice.client);
  wait_past (&fixture->alice, KH_EVENT_OFFLINE);
  g_assert_cmpint (kh_client_get_server_state (fixture->alice.client), ==,
                   KH_SERVER_LEFT);
}

/* --- Another server --------------------------------------------------------------------
 */

static void
move (Person *person, const char *server, const char *room, const char *name)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (kh_client_set_server (person->client, server, room, name, &error));
  g_assert_no_error (error);
}

static void
test_one_can_move_to_another_server (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *server = NULL;

  clients_connect (&fixture->alice, &fixture->bob);
  move (&fixture->alice, fixture->second.address, "a room of ours", NULL);
  wait_past (&fixture->alice, KH_EVENT_ONLINE);
  wait_past (&fixture->alice, KH_EVENT_ONLINE); /* the first one was there before */
  WAIT_UNTIL (!kh_client_is_online (fixture->bob.client, &fixture->alice.id));
  expect_talk (fixture);
  move (&fixture->bob, fixture->second.address, "A-Room of ours ", NULL);
  wait_until_sees (&fixture->alice, &fixture->bob);
  server = kh_client_get_server (fixture->alice.client);
  g_assert_cmpstr (server, ==, fixture->second.address);
}

static void
test_what_was_wrong_changes_nothing (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  KhClient *alice = fixture->alice.client;
  g_autoptr (GError) address = NULL;
  g_autoptr (GError) room = NULL;
  g_autoptr (GError) name = NULL;
  g_autofree char *server = NULL;

  g_assert_false (kh_client_set_server (alice, "http://x", NULL, "new", &address));
  g_assert_error (address, KH_CLIENT_ERROR, KH_CLIENT_ERROR_ADDRESS);
  g_assert_false (
      kh_client_set_server (alice, fixture->second.address, "\x01", NULL, &room));
  g_assert_error (room, KH_CLIENT_ERROR, KH_CLIENT_ERROR_ROOM);
  g_assert_false (
      kh_client_set_server (alice, fixture->second.address, "room", "  ", &name));
  g_assert_error (name, KH_CLIENT_ERROR, KH_CLIENT_ERROR_NAME);
  server = kh_client_get_server (alice);
  g_assert_cmpstr (server, ==, fixture->server.address);
  g_assert_cmpstr (kh_client_get_room (alice), ==, "");
  g_assert_cmpstr (kh_client_get_name (alice), ==, "alice");
  g_assert_cmpint (kh_client_get_server_state (alice), ==, KH_SERVER_ONLINE);
}

static void
test_another_name_is_told (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  move (&fixture->alice, NULL, NULL, "alicia");
  for (;;)
    {
      g_autoptr (Seen) seen = wait_for (&fixture->bob, KH_EVENT_PEER);

      if (g_strcmp0 (seen->name, "alicia") == 0)
        break;
    }
}

static void
test_who_is_away_moves_in_silence (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  kh_client_go_offline (fixture->alice.client);
  wait_past (&fixture->alice, KH_EVENT_OFFLINE);
  wait_past (&fixture->alice, KH_EVENT_ONLINE);
  move (&fixture->alice, fixture->second.address, NULL, NULL);
  run_what_is_ready ();
  g_assert_cmpint (kh_client_get_server_state (fixture->alice.client), ==,
                   KH_SERVER_LEFT);
  kh_client_go_online (fixture->alice.client);
  wait_past (&fixture->alice, KH_EVENT_ONLINE);
}

/* An address without a key: the key that was seen first counts, at the second server too.
 */
static void
test_the_first_key_counts_after_moving (Fixture *fixture,
                                        G_GNUC_UNUSED gconstpointer data)
{
  g_auto (GStrv) parts
      = g_strsplit (fixture->second.address + strlen ("knothole://"), "/", 2);
  g_autofree char *folder = g_strdup (fixture->second.folder);
  g_autofree char *key = NULL;
  Server other;
  g_autoptr (Seen) refused = NULL;

  wait_past (&fixture->alice, KH_EVENT_ONLINE);
  move (&fixture->alice, parts[0], NULL, NULL);
  wait_past (&fixture->alice, KH_EVENT_ONLINE);
  move (&fixture->alice, fixture->server.address, NULL, NULL);
  wait_past (&fixture->alice, KH_EVENT_ONLINE);
  while (count_seen (&fixture->alice, KH_EVENT_OFFLINE) > 0)
    wait_past (&fixture->alice, KH_EVENT_OFFLINE);

  /* Somebody else has its place now. */
  server_stop (&fixture->second);
  server_start (&other, NULL, parts[0]);
  move (&fixture->alice, parts[0], NULL, NULL);
  do
    {
      g_clear_pointer (&refused, seen_free);
      refused = wait_for (&fixture->alice, KH_EVENT_OFFLINE);
    }
  while (!refused->event.final);
  g_assert_cmpint (refused->event.code, ==, KH_MAIN_ERROR_OTHER_KEY);
  g_assert_cmpint (kh_client_get_server_state (fixture->alice.client), ==,
                   KH_SERVER_REFUSED);
  fixture->second = other;
}

static void
test_an_invite_says_all_of_the_place (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *invite = NULL;
  g_autofree char *elsewhere = NULL;
  KhPeerId id;

  move (&fixture->alice, fixture->second.address, "attic", NULL);
  invite = kh_client_make_invite (fixture->alice.client, NULL, 0);
  elsewhere = kh_client_make_invite (fixture->alice.client, "host.example", 4321);
  g_assert_true (g_str_has_prefix (elsewhere, "knothole://host.example:4321/"));
  g_assert_false (kh_client_get_invited_by (fixture->bob.client, &id));
  move (&fixture->bob, invite, NULL, NULL);
  g_assert_true (kh_client_get_invited_by (fixture->bob.client, &id));
  g_assert_true (kh_peer_id_equal (&id, &fixture->alice.id));
  g_assert_cmpstr (kh_client_get_room (fixture->bob.client), ==, "attic");
  wait_until_sees (&fixture->bob, &fixture->alice);
}

/* --- Opening -------------------------------------------------------------------------
 */

typedef struct
{
  KhClient *client;
  GError *error;
  gboolean done;
} Opened;

static void
on_opened (G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
  Opened *opened = data;

  opened->client = kh_client_open_finish (result, &opened->error);
  opened->done = TRUE;
}

static Opened
open_in (const char *folder, const char *server, gboolean may_wait)
{
  Opened opened = { NULL };

  {
    g_autofree char *copy = g_strdup (folder);

    kh_client_open_async (&(KhClientOptions){ .data_dir = copy,
                                              .holder = "the test",
                                              .server = server,
                                              .save_to = may_wait ? folder : NULL,
                                              .may_wait = may_wait },
                          NULL, on_opened, &opened);
    memset (copy, 'x', strlen (copy)); /* nothing of it is needed any more */
  }
  WAIT_UNTIL (opened.done);
  return opened;
}

static void
on_closed (GObject *source, GAsyncResult *result, gpointer data)
{
  kh_client_close_finish (KH_CLIENT (source), result);
  *(gboolean *)data = TRUE;
}

static void
close_opened (Opened *opened)
{
  gboolean closed = FALSE;

  kh_client_close_async (opened->client, on_closed, &closed);
  WAIT_UNTIL (closed);
  g_assert_finalize_object (opened->client);
}

static void
remember_online (G_GNUC_UNUSED KhClient *client, gpointer event, gpointer data)
{
  if (((const KhEvent *)event)->kind == KH_EVENT_ONLINE)
    *(gboolean *)data = TRUE;
}

static void
test_a_client_may_wait_for_its_server (void)
{
  Server server;
  g_autofree char *folder = make_folder ();
  Opened opened = open_in (folder, NULL, TRUE);
  KhClient *client = opened.client;
  g_autoptr (GError) error = NULL;
  g_autofree char *none = NULL;
  gboolean online = FALSE;

  g_assert_no_error (opened.error);
  g_assert_cmpint (kh_client_get_server_state (client), ==, KH_SERVER_NONE);
  g_assert_cmpstr (kh_client_get_name (client), !=, "");
  none = kh_client_make_invite (client, NULL, 0);
  g_assert_null (none);
  kh_client_go_online (client);
  kh_client_call (client, kh_client_get_id (client));
  kh_client_test_network (client);
  kh_client_go_offline (client);
  kh_client_go_online (client);

  server_start (&server, NULL, NULL);
  g_signal_connect (client, "event", G_CALLBACK (remember_online), &online);
  g_assert_true (kh_client_set_server (client, server.address, NULL, "carol", &error));
  WAIT_UNTIL (online);
  g_assert_cmpint (kh_client_get_server_state (client), ==, KH_SERVER_ONLINE);
  close_opened (&opened);

  /* It was remembered. */
  opened = open_in (folder, NULL, FALSE);
  g_assert_no_error (opened.error);
  g_assert_cmpstr (kh_client_get_name (opened.client), ==, "carol");
  g_assert_cmpint (kh_client_get_server_state (opened.client), ==, KH_SERVER_LEFT);
  close_opened (&opened);
  server_stop (&server);
  remove_folder (folder);
}

static void
test_what_can_not_be_opened_is_an_error (void)
{
  g_autofree char *folder = make_folder ();
  Opened no_server = open_in (folder, NULL, FALSE);
  Opened first = open_in (folder, "127.0.0.1", FALSE);
  Opened second = open_in (folder, "127.0.0.1", FALSE);

  g_assert_error (no_server.error, KH_CLIENT_ERROR, KH_CLIENT_ERROR_NO_SERVER);
  g_assert_no_error (first.error);
  g_assert_error (second.error, KH_STORE_ERROR, KH_STORE_ERROR_FOLDER_IN_USE);
  g_clear_error (&no_server.error);
  g_clear_error (&second.error);
  close_opened (&first);
  remove_folder (folder);
}

static void
test_opening_can_be_given_up (void)
{
  g_autofree char *folder = make_folder ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Opened opened = { NULL };

  kh_client_open_async (&(KhClientOptions){ .data_dir = folder,
                                            .holder = "the test",
                                            .server = "127.0.0.1" },
                        cancellable, on_opened, &opened);
  g_cancellable_cancel (cancellable);
  WAIT_UNTIL (opened.done);
  g_assert_error (opened.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&opened.error);

  /* The folder is free again, once the other thread has seen it. */
  do
    {
      g_clear_error (&opened.error);
      opened = open_in (folder, "127.0.0.1", FALSE);
    }
  while (opened.client == NULL);
  close_opened (&opened);
  remove_folder (folder);
}

static void
test_settings_are_kept (void)
{
  g_autofree char *folder = make_folder ();
  g_autofree char *downloads = make_folder ();
  Opened opened = open_in (folder, NULL, TRUE);

  g_assert_null (kh_client_get_setting (opened.client, "app-window"));
  kh_client_set_setting (opened.client, "app-window", "800x600");
  kh_client_set_setting (opened.client, "app-relay", "no");
  kh_client_set_setting (opened.client, "app-relay", NULL);
  kh_client_set_save_to (opened.client, downloads);
  g_assert_cmpstr (kh_client_get_setting (opened.client, "app-window"), ==, "800x600");
  close_opened (&opened);

  opened = open_in (folder, NULL, TRUE);
  g_assert_cmpstr (kh_client_get_setting (opened.client, "app-window"), ==, "800x600");
  g_assert_null (kh_client_get_setting (opened.client, "app-relay"));
  g_assert_cmpstr (kh_client_get_save_to (opened.client), ==, downloads);
  close_opened (&opened);
  remove_folder (folder);
  remove_folder (downloads);
}

#define ADD(path, test)                                                                  \
  g_test_add ("/presence/" path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("who-leaves-is-gone-for-all", test_who_leaves_is_gone_for_all);
  ADD ("channels-outlive-the-server", test_channels_outlive_the_server);
  ADD ("calls-end-with-the-server", test_calls_end_with_the_server);
  ADD ("one-may-leave-on-any-event", test_one_may_leave_on_any_event);
  ADD ("one-can-move-to-another-server", test_one_can_move_to_another_server);
  ADD ("what-was-wrong-changes-nothing", test_what_was_wrong_changes_nothing);
  ADD ("another-name-is-told", test_another_name_is_told);
  ADD ("who-is-away-moves-in-silence", test_who_is_away_moves_in_silence);
  ADD ("the-first-key-counts-after-moving", test_the_first_key_counts_after_moving);
  ADD ("an-invite-says-all-of-the-place", test_an_invite_says_all_of_the_place);
  g_test_add_func ("/presence/a-client-may-wait-for-its-server",
                   test_a_client_may_wait_for_its_server);
  g_test_add_func ("/presence/what-can-not-be-opened-is-an-error",
                   test_what_can_not_be_opened_is_an_error);
  g_test_add_func ("/presence/opening-can-be-given-up", test_opening_can_be_given_up);
  g_test_add_func ("/presence/settings-are-kept", test_settings_are_kept);
  return g_test_run ();
}
