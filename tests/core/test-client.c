/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "client-fixture.h"

#include <string.h>

typedef struct
{
  Server server;
  Person alice;
  Person bob;
} Fixture;

static void
set_up (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  server_start (&fixture->server, NULL, NULL);
  client_start (&fixture->alice, &fixture->server, "alice", KH_CONSENT_NONE, NULL);
  client_start (&fixture->bob, &fixture->server, "bob", KH_CONSENT_ALL, NULL);
  wait_until_sees (&fixture->alice, &fixture->bob);
}

static void
tear_down (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  client_close_and_remove (&fixture->alice);
  client_close_and_remove (&fixture->bob);
  server_stop (&fixture->server);
}

static void
expect_text (Person *person, const char *text)
{
  g_autoptr (Seen) seen = wait_for (person, KH_EVENT_MESSAGE);

  g_assert_cmpstr (seen->text, ==, text);
}

/* --- Calls ------------------------------------------------------------------------ */

/* Each side tells all eight steps, once. */
static void
test_both_tell_the_eight_steps (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  Person *people[] = { &fixture->alice, &fixture->bob };

  clients_connect (&fixture->alice, &fixture->bob);
  for (guint i = 0; i < G_N_ELEMENTS (people); i++)
    {
      guint told = 0;

      while (count_seen (people[i], KH_EVENT_PUNCH) > 0)
        {
          g_autoptr (Seen) seen = wait_for (people[i], KH_EVENT_PUNCH);

          g_assert_cmpuint (seen->event.step, >=, 1);
          g_assert_cmpuint (seen->event.step, <=, 8);
          g_assert_cmpuint (told & 1u << seen->event.step, ==, 0);
          told |= 1u << seen->event.step;
        }
      g_assert_cmphex (told, ==, 0x1fe);
    }
}

static void
test_nobody_is_connected_against_their_will (Fixture *fixture,
                                             G_GNUC_UNUSED gconstpointer data)
{
  g_autoptr (Seen) seen = NULL;

  wait_until_sees (&fixture->bob, &fixture->alice);
  kh_client_call (fixture->bob.client, &fixture->alice.id);
  seen = wait_for (&fixture->bob, KH_EVENT_CALL_ENDED);
  g_assert_cmpint (seen->event.call_end, ==, KH_CALL_END_DECLINED);
  g_assert_cmpuint (count_seen (&fixture->alice, KH_EVENT_PUNCH), ==, 0);
}

static void
test_both_may_call_at_once (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  wait_until_sees (&fixture->bob, &fixture->alice);
  for (guint i = 0; i < 10; i++)
    {
      kh_client_call (fixture->alice.client, &fixture->bob.id);
      kh_client_call (fixture->bob.client, &fixture->alice.id);
      wait_past (&fixture->alice, KH_EVENT_CONNECTED);
      wait_past (&fixture->bob, KH_EVENT_CONNECTED);
      kh_client_hang_up (fixture->alice.client, &fixture->bob.id);
      wait_past (&fixture->alice, KH_EVENT_DISCONNECTED);
      wait_past (&fixture->bob, KH_EVENT_DISCONNECTED);
      g_assert_cmpuint (count_seen (&fixture->alice, KH_EVENT_CALL_ENDED), ==, 0);
      g_assert_cmpuint (count_seen (&fixture->bob, KH_EVENT_CALL_ENDED), ==, 0);
    }
}

static void
test_a_second_call_replaces_the_channel (Fixture *fixture,
                                         G_GNUC_UNUSED gconstpointer data)
{
  g_autoptr (Seen) seen = NULL;

  clients_connect (&fixture->alice, &fixture->bob);
  kh_client_call (fixture->alice.client, &fixture->bob.id);
  seen = wait_for (&fixture->alice, KH_EVENT_DISCONNECTED);
  g_assert_cmpint (seen->event.link_end, ==, KH_LINK_END_REPLACED);
  wait_past (&fixture->alice, KH_EVENT_CONNECTED);
  wait_past (&fixture->bob, KH_EVENT_CONNECTED);
  say (&fixture->alice, &fixture->bob, "over the second one");
  expect_text (&fixture->bob, "over the second one");
}

static void
test_who_is_not_there_can_not_be_called (Fixture *fixture,
                                         G_GNUC_UNUSED gconstpointer data)
{
  g_autoptr (Seen) seen = NULL;
  KhPeerId nobody = { { 9 } };

  kh_client_call (fixture->alice.client, &nobody);
  seen = wait_for (&fixture->alice, KH_EVENT_CALL_ENDED);
  g_assert_cmpint (seen->event.call_end, ==, KH_CALL_END_NOT_ONLINE);
}

/* --- Messages ----------------------------------------------------------------------- */

static void
test_messages_go_both_ways_and_are_acknowledged (Fixture *fixture,
                                                 G_GNUC_UNUSED gconstpointer data)
{
  clients_connect (&fixture->alice, &fixture->bob);
  for (guint i = 0; i < 200; i++)
    {
      g_autofree char *text = g_strdup_printf ("message %u", i);

      say (&fixture->alice, &fixture->bob, text);
      say (&fixture->bob, &fixture->alice, text);
    }
  for (guint i = 0; i < 200; i++)
    {
      g_autofree char *text = g_strdup_printf ("message %u", i);

      expect_text (&fixture->alice, text);
      expect_text (&fixture->bob, text);
      wait_past (&fixture->alice, KH_EVENT_DELIVERED);
      wait_past (&fixture->bob, KH_EVENT_DELIVERED);
    }
}

static void
test_a_message_waits_for_the_next_channel (Fixture *fixture,
                                           G_GNUC_UNUSED gconstpointer data)
{
  say (&fixture->alice, &fixture->bob, "before any channel");
  clients_connect (&fixture->alice, &fixture->bob);
  expect_text (&fixture->bob, "before any channel");
  wait_past (&fixture->alice, KH_EVENT_DELIVERED);

  kh_client_hang_up (fixture->bob.client, &fixture->alice.id);
  wait_past (&fixture->alice, KH_EVENT_DISCONNECTED);
  wait_past (&fixture->bob, KH_EVENT_DISCONNECTED);
  say (&fixture->alice, &fixture->bob, "between two");
  clients_connect (&fixture->alice, &fixture->bob);
  expect_text (&fixture->bob, "between two");
  wait_past (&fixture->alice, KH_EVENT_DELIVERED);
  g_assert_cmpuint (count_seen (&fixture->bob, KH_EVENT_MESSAGE), ==, 0);
}

/* The channel is cut again and again while messages run: all come, in order, once. */
static void
test_no_cut_loses_or_doubles_a_message (Fixture *fixture,
                                        G_GNUC_UNUSED gconstpointer data)
{
  guint n = 0;

  for (guint cut = 0; cut < 8; cut++)
    {
      clients_connect (&fixture->alice, &fixture->bob);
      for (guint i = 0; i < 30; i++)
        {
          g_autofree char *text = g_strdup_printf ("%u", n++);

          say (&fixture->alice, &fixture->bob, text);
        }
      for (guint i = 0; i < (guint)g_test_rand_int_range (0, 60); i++)
        g_main_context_iteration (NULL, FALSE);
      kh_client_hang_up (cut % 2 == 0 ? fixture->alice.client : fixture->bob.client,
                         cut % 2 == 0 ? &fixture->bob.id : &fixture->alice.id);
      wait_past (&fixture->alice, KH_EVENT_DISCONNECTED);
      wait_past (&fixture->bob, KH_EVENT_DISCONNECTED);
    }
  clients_connect (&fixture->alice, &fixture->bob);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", i);

      expect_text (&fixture->bob, text);
    }
  while (n-- > 0)
    wait_past (&fixture->alice, KH_EVENT_DELIVERED);
  g_assert_cmpuint (count_seen (&fixture->bob, KH_EVENT_MESSAGE), ==, 0);
}

static void
test_a_message_survives_a_restart (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *folder = g_strdup (fixture->alice.folder);

  say (&fixture->alice, &fixture->bob, "from before");
  client_close (&fixture->alice);
  client_start (&fixture->alice, &fixture->server, "alice", KH_CONSENT_NONE, folder);
  wait_until_sees (&fixture->alice, &fixture->bob);
  clients_connect (&fixture->alice, &fixture->bob);
  expect_text (&fixture->bob, "from before");
  wait_past (&fixture->alice, KH_EVENT_DELIVERED);
}

static void
test_a_message_out_of_bounds_is_refused (Fixture *fixture,
                                         G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *text = g_strnfill (KH_MESSAGE_TEXT_MAX + 1, 'x');
  const char *bad[] = { "", "\xff\xfe", text };
  KhItemId id;

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (kh_client_send_message (fixture->alice.client, &fixture->bob.id,
                                              bad[i], &id, &error));
      g_assert_error (error, KH_CLIENT_ERROR, KH_CLIENT_ERROR_TEXT);
    }
  clients_connect (&fixture->alice, &fixture->bob);
  text[KH_MESSAGE_TEXT_MAX] = '\0';
  say (&fixture->alice, &fixture->bob, text);
  expect_text (&fixture->bob, text);
}

/* --- The server ------------------------------------------------------------------------
 */

static void
test_the_newer_login_replaces_the_older (Fixture *fixture,
                                         G_GNUC_UNUSED gconstpointer data)
{
  g_autoptr (Seen) seen = NULL;
  g_autofree char *folder = make_folder ();
  g_autofree char *from = g_build_filename (fixture->bob.folder, "knothole.db", NULL);
  g_autofree char *to = g_build_filename (folder, "knothole.db", NULL);
  g_autofree char *bobs = g_strdup (fixture->bob.folder);
  g_autoptr (GFile) source = g_file_new_for_path (from);
  g_autoptr (GFile) target = g_file_new_for_path (to);
  Person twin = { 0 };

  client_close (&fixture->bob);
  g_assert_true (g_file_copy (source, target, 0, NULL, NULL, NULL, NULL));
  client_start (&fixture->bob, &fixture->server, "bob", KH_CONSENT_ALL, bobs);
  client_start (&twin, &fixture->server, "bob", KH_CONSENT_ALL, folder);
  seen = wait_for (&fixture->bob, KH_EVENT_OFFLINE);
  g_assert_true (seen->event.final);
  g_assert_nonnull (strstr (seen->text, "elsewhere"));

  /* The older one comes back when it is asked to, and only then. */
  kh_client_go_online (fixture->bob.client);
  wait_past (&fixture->bob, KH_EVENT_ONLINE);
  wait_past (&twin, KH_EVENT_OFFLINE);
  client_close_and_remove (&twin);
}

static void
test_a_server_with_another_key_is_a_stop (Fixture *fixture,
                                          G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *host
      = g_strndup (fixture->server.address + strlen ("knothole://"),
                   strcspn (fixture->server.address + strlen ("knothole://"), "/"));
  g_autofree char *folder = g_strdup (fixture->alice.folder);
  g_autofree char *address = g_steal_pointer (&fixture->server.address);

  /* First use, without a key in the address: it is kept. */
  client_close (&fixture->alice);
  fixture->server.address = g_strdup (host);
  client_start (&fixture->alice, &fixture->server, "alice", KH_CONSENT_NONE, folder);
  client_close (&fixture->alice);

  /* Then another server answers there: with and without the key in the address. */
  server_stop (&fixture->server);
  server_start (&fixture->server, NULL, host);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (Seen) seen = NULL;
      Server old = { .address = i == 0 ? address : host };

      client_open (&fixture->alice, &old, "alice", KH_CONSENT_NONE, folder);
      seen = wait_for (&fixture->alice, KH_EVENT_OFFLINE);
      g_assert_true (seen->event.final);
      g_assert_nonnull (strstr (seen->text, "another key"));
      if (i == 0)
        client_close (&fixture->alice);
    }
}

static void
test_a_lost_server_is_found_again (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *host
      = g_strndup (fixture->server.address + strlen ("knothole://"),
                   strcspn (fixture->server.address + strlen ("knothole://"), "/"));
  g_autofree char *folder = g_strdup (fixture->server.folder);
  Server again;

  clients_connect (&fixture->alice, &fixture->bob);
  g_subprocess_force_exit (fixture->server.process);
  g_subprocess_wait (fixture->server.process, NULL, NULL);
  wait_past (&fixture->alice, KH_EVENT_OFFLINE);
  wait_past (&fixture->bob, KH_EVENT_OFFLINE);

  /* The channel does not need the server. */
  say (&fixture->alice, &fixture->bob, "without a server");
  expect_text (&fixture->bob, "without a server");

  server_start (&again, folder, host);
  wait_past (&fixture->alice, KH_EVENT_ONLINE);
  wait_past (&fixture->bob, KH_EVENT_ONLINE);
  g_clear_object (&fixture->server.process);
  g_free (fixture->server.folder);
  g_free (fixture->server.address);
  fixture->server = again;
}

/* --- People
 * ------------------------------------------------------------------------------ */

static void
test_names_are_bound_to_keys (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *whole = kh_peer_id_to_text (&fixture->bob.id);
  g_autofree char *beginning = g_strndup (whole, 16);
  g_autofree char *longer = NULL;
  g_autofree char *typo = g_strdup (whole);
  g_autofree char *bobs = g_strdup (fixture->bob.folder);
  KhPeerId id;
  Person other = { 0 };

  g_assert_cmpint (kh_client_find (fixture->alice.client, "bob", &id), ==, KH_FIND_NAME);
  g_assert_cmpint (kh_client_find (fixture->alice.client, whole, &id), ==, KH_FIND_ID);
  g_assert_cmpint (kh_client_find (fixture->alice.client, beginning, &id), ==,
                   KH_FIND_ID);
  longer = g_strndup (whole, 50);
  g_assert_cmpint (kh_client_find (fixture->alice.client, longer, &id), ==, KH_FIND_ID);
  typo[3] = typo[3] == 'a' ? 'b' : 'a';
  g_assert_cmpint (kh_client_find (fixture->alice.client, typo, &id), ==, KH_FIND_BAD_ID);
  g_assert_cmpint (kh_client_find (fixture->alice.client, "carol", &id), ==,
                   KH_FIND_NOBODY);

  kh_client_add_contact (fixture->alice.client, &fixture->bob.id);
  WAIT_UNTIL (kh_client_find (fixture->alice.client, "Bob", &id) == KH_FIND_CONTACT);

  client_close (&fixture->bob);
  wait_past (&fixture->alice, KH_EVENT_PEER);
  g_assert_cmpint (kh_client_find (fixture->alice.client, "bob", &id), ==,
                   KH_FIND_OFFLINE);

  /* Another key under the name of a contact. */
  client_start (&other, &fixture->server, "bob", KH_CONSENT_ALL, NULL);
  wait_until_sees (&fixture->alice, &other);
  g_assert_cmpint (kh_client_find (fixture->alice.client, "bob", &id), ==,
                   KH_FIND_OTHER_KEY);
  client_close_and_remove (&other);
  client_start (&fixture->bob, &fixture->server, "bob", KH_CONSENT_ALL, bobs);
}

int
main (int argc, char *argv[])
{
#define ADD(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)
  g_test_init (&argc, &argv, NULL);
  ADD ("/client/both-tell-the-eight-steps", test_both_tell_the_eight_steps);
  ADD ("/client/nobody-is-connected-against-their-will",
       test_nobody_is_connected_against_their_will);
  ADD ("/client/both-may-call-at-once", test_both_may_call_at_once);
  ADD ("/client/a-second-call-replaces-the-channel",
       test_a_second_call_replaces_the_channel);
  ADD ("/client/who-is-not-there-can-not-be-called",
       test_who_is_not_there_can_not_be_called);
  ADD ("/client/messages-go-both-ways-and-are-acknowledged",
       test_messages_go_both_ways_and_are_acknowledged);
  ADD ("/client/a-message-waits-for-the-next-channel",
       test_a_message_waits_for_the_next_channel);
  ADD ("/client/no-cut-loses-or-doubles-a-message",
       test_no_cut_loses_or_doubles_a_message);
  ADD ("/client/a-message-survives-a-restart", test_a_message_survives_a_restart);
  ADD ("/client/a-message-out-of-bounds-is-refused",
       test_a_message_out_of_bounds_is_refused);
  ADD ("/client/the-newer-login-replaces-the-older",
       test_the_newer_login_replaces_the_older);
  ADD ("/client/a-server-with-another-key-is-a-stop",
       test_a_server_with_another_key_is_a_stop);
  ADD ("/client/a-lost-server-is-found-again", test_a_lost_server_is_found_again);
  ADD ("/client/names-are-bound-to-keys", test_names_are_bound_to_keys);
#undef ADD
  return g_test_run ();
}
