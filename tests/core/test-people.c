/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "timeline-fixture.h"

#include "core/people-private.h"

#include <string.h>

#define CROWD 2000

/* alice's list, and how it has changed. */
typedef struct
{
  Pair pair;
  KhPeople *people;
  guint n_items_changed;
  guint n_changed;
  guint n_items; /* as items-changed has told */
} Fixture;

static void
on_items_changed (GListModel *model, G_GNUC_UNUSED guint position, guint removed,
                  guint added, gpointer data)
{
  Fixture *fixture = data;

  fixture->n_items_changed++;
  fixture->n_items += added;
  fixture->n_items -= removed;
  g_assert_cmpuint (fixture->n_items, ==, g_list_model_get_n_items (model));
}

static void
on_changed (G_GNUC_UNUSED KhPeople *people, gpointer data)
{
  ((Fixture *)data)->n_changed++;
}

static void
make_list (Fixture *fixture)
{
  fixture->people = kh_people_new (fixture->pair.alice.client);
  fixture->n_items = g_list_model_get_n_items (G_LIST_MODEL (fixture->people));
  g_signal_connect (fixture->people, "items-changed", G_CALLBACK (on_items_changed),
                    fixture);
  g_signal_connect (fixture->people, "changed", G_CALLBACK (on_changed), fixture);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  pair_set_up (&fixture->pair, data);
  make_list (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_finalize_object (fixture->people);
  pair_tear_down (&fixture->pair, data);
}

static KhPerson *
bob (Fixture *fixture)
{
  return kh_people_find (fixture->people, &fixture->pair.bob.id);
}

static void
wait_for_batch (Fixture *fixture)
{
  guint before = fixture->n_changed;

  WAIT_UNTIL (fixture->n_changed > before);
}

/* The server says that a stranger with this number comes or goes. */
static KhPeerId
tell_of (Fixture *fixture, guint number, const char *name, bool online)
{
  KhMsgPeer peer = { .online = online, .name = { name, strlen (name) } };
  KhPeerId id = { { 0 } };

  memcpy (peer.id, &number, sizeof number);
  peer.id[31] = 1;
  memcpy (id.bytes, peer.id, sizeof id.bytes);
  kh_client_set_peer (fixture->pair.alice.client, &peer);
  return id;
}

/* --- Who is listed ------------------------------------------------------------------ */

static void
test_who_is_online_is_listed (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  g_autoptr (KhPerson) person = g_list_model_get_item (G_LIST_MODEL (fixture->people), 0);

  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->people)), ==, 1);
  g_assert_true (person == bob (fixture));
  g_assert_cmpstr (kh_person_get_name (person), ==, "bob");
  g_assert_null (kh_person_get_announced_name (person));
  g_assert_true (kh_person_is_online (person));
  g_assert_false (kh_person_is_contact (person));
  g_assert_cmpint (kh_person_get_state (person), ==, KH_PERSON_IDLE);
}

static void
test_a_crowd_is_one_change (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  for (guint i = 0; i < CROWD; i++)
    tell_of (fixture, i, "one of many", true);
  wait_for_batch (fixture);
  g_assert_cmpuint (fixture->n_items_changed, ==, 1);
  g_assert_cmpuint (fixture->n_items, ==, CROWD + 1);

  for (guint i = 0; i < CROWD; i++)
    tell_of (fixture, i, "", false);
  WAIT_UNTIL (fixture->n_items == 1);
  g_assert_cmpuint (fixture->n_items_changed, ==, 2);
  g_assert_true (kh_people_find (fixture->people, &fixture->pair.bob.id) != NULL);
}

/* A few go one by one, wherever they stand, and the others stay what they are. */
static void
test_few_go_from_their_places (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  KhPeerId ids[10];
  KhPerson *stays;

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    ids[i] = tell_of (fixture, i, "someone", true);
  wait_for_batch (fixture);
  stays = kh_people_find (fixture->people, &ids[5]);
  for (guint i = 0; i < G_N_ELEMENTS (ids); i += 2)
    tell_of (fixture, i, "", false);
  WAIT_UNTIL (fixture->n_items == 1 + G_N_ELEMENTS (ids) / 2);
  g_assert_true (kh_people_find (fixture->people, &ids[5]) == stays);
  g_assert_null (kh_people_find (fixture->people, &ids[4]));
}

static void
test_who_goes_stays_where_something_was_said (Fixture *fixture,
                                              G_GNUC_UNUSED gconstpointer data)
{
  KhPeerId silent = tell_of (fixture, 1, "silent", true);
  KhPeerId asked_for = tell_of (fixture, 2, "asked for", true);
  KhPeerId contact = tell_of (fixture, 3, "kept", true);

  wait_for_batch (fixture);
  kh_people_require (fixture->people, &asked_for);
  kh_client_add_contact (fixture->pair.alice.client, &contact);
  for (guint i = 1; i <= 3; i++)
    tell_of (fixture, i, "", false);
  WAIT_UNTIL (kh_people_find (fixture->people, &silent) == NULL);
  g_assert_cmpuint (fixture->n_items, ==, 3);
  g_assert_false (kh_person_is_online (kh_people_find (fixture->people, &asked_for)));
  g_assert_cmpint (
      kh_person_get_last_seen_at_ms (kh_people_find (fixture->people, &contact)), >, 0);
}

/* --- Names ---------------------------------------------------------------------------
 */

static void
test_one_name_of_two_is_ambiguous (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  KhPeerId other = tell_of (fixture, 1, "BOB", true);

  wait_for_batch (fixture);
  g_assert_true (kh_person_is_ambiguous (bob (fixture)));
  g_assert_true (kh_person_is_ambiguous (kh_people_find (fixture->people, &other)));
  tell_of (fixture, 1, "robert", true);
  wait_for_batch (fixture);
  g_assert_false (kh_person_is_ambiguous (bob (fixture)));
  g_assert_cmpstr (kh_person_get_former_name (kh_people_find (fixture->people, &other)),
                   ==, "BOB");
}

static void
test_a_contacts_name_under_another_key_is_noticed (Fixture *fixture,
                                                   G_GNUC_UNUSED gconstpointer data)
{
  KhClient *alice = fixture->pair.alice.client;
  KhPeerId other = tell_of (fixture, 1, "Bob", true);
  KhPerson *impostor;

  wait_for_batch (fixture);
  impostor = kh_people_find (fixture->people, &other);
  g_assert_null (kh_person_get_namesake (impostor));
  kh_client_add_contact (alice, &fixture->pair.bob.id);
  wait_for_batch (fixture);
  g_assert_true (kh_person_get_namesake (impostor) == bob (fixture));
  g_assert_null (kh_person_get_namesake (bob (fixture)));

  /* What nobody sees makes no other name. */
  other = tell_of (fixture, 1, "B\342\200\213o\342\200\256b\357\270\217", true);
  wait_for_batch (fixture);
  g_assert_true (kh_person_get_namesake (impostor) == bob (fixture));
  other = tell_of (fixture, 1, "Bob", true);
  wait_for_batch (fixture);

  /* A person says that it is somebody else. */
  kh_client_add_contact (alice, &other);
  wait_for_batch (fixture);
  g_assert_null (kh_person_get_namesake (impostor));
  g_assert_cmpstr (kh_person_get_name (impostor), ==, "Bob 2");
  g_assert_cmpstr (kh_person_get_announced_name (impostor), ==, "Bob");

  /* Without the contact the name is anybody's. */
  kh_client_forget_contact (alice, &other, FALSE);
  kh_client_forget_contact (alice, &fixture->pair.bob.id, FALSE);
  wait_for_batch (fixture);
  g_assert_null (kh_person_get_namesake (impostor));
}

/* Names come and go in any order: what is told of them is what a look at all says. */
static void
test_any_order_of_names (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  static const char *const names[] = { "ann", "Ann", "ben", "cas", "BEN" };
  GListModel *model = G_LIST_MODEL (fixture->people);

  for (guint round = 0; round < 20; round++)
    {
      for (guint i = 0; i < 30; i++)
        {
          const char *name = names[g_test_rand_int_range (0, G_N_ELEMENTS (names))];
          KhPeerId id = tell_of (fixture, (guint)g_test_rand_int_range (0, 20), name,
                                 g_test_rand_bit ());

          if (g_test_rand_int_range (0, 10) == 0)
            kh_client_add_contact (fixture->pair.alice.client, &id);
          else if (g_test_rand_int_range (0, 10) == 0)
            kh_client_forget_contact (fixture->pair.alice.client, &id, FALSE);
        }
      WAIT_UNTIL (fixture->people->batch_source == 0);
      for (guint i = 0; i < g_list_model_get_n_items (model); i++)
        {
          g_autoptr (KhPerson) one = g_list_model_get_item (model, i);
          g_autofree char *folded = g_utf8_casefold (kh_person_get_name (one), -1);
          gboolean ambiguous = FALSE;
          KhPerson *namesake = NULL;

          for (guint k = 0; k < g_list_model_get_n_items (model); k++)
            {
              g_autoptr (KhPerson) other = g_list_model_get_item (model, k);
              g_autofree char *name = g_utf8_casefold (kh_person_get_name (other), -1);

              if (k == i || strcmp (folded, name) != 0 || *name == '\0')
                continue;
              ambiguous = TRUE;
              if (kh_person_is_contact (other) && !kh_person_is_contact (one))
                namesake = other;
            }
          g_assert_cmpint (kh_person_is_ambiguous (one), ==, ambiguous);
          g_assert_true (kh_person_get_namesake (one) == namesake);
        }
    }
}

/* --- Channels ------------------------------------------------------------------------
 */

static void
test_a_call_is_seen_from_its_beginning_to_its_end (Fixture *fixture, gconstpointer data)
{
  KhPerson *person = bob (fixture);
  KhLinkEnd end;

  kh_people_watch (fixture->people, &fixture->pair.bob.id);
  kh_client_call (fixture->pair.alice.client, &fixture->pair.bob.id);
  WAIT_UNTIL (kh_person_get_state (person) == KH_PERSON_CALLING);
  wait_past (&fixture->pair.alice, KH_EVENT_CONNECTED);
  g_assert_cmpint (kh_person_get_state (person), ==, KH_PERSON_CONNECTED);
  g_assert_cmpint (kh_person_get_path (person)->kind, ==, KH_PATH_LAN);
  g_assert_nonnull (kh_person_get_path (person)->cipher);
  g_assert_cmpint (kh_attempt_get_state (kh_person_get_attempt (person)), ==,
                   KH_ATTEMPT_CONNECTED);
  WAIT_UNTIL (kh_person_get_path (person)->round_trip_us > 0);

  kh_client_hang_up (fixture->pair.alice.client, &fixture->pair.bob.id);
  WAIT_UNTIL (kh_person_get_state (person) == KH_PERSON_IDLE);
  g_assert_null (kh_person_get_path (person));
  g_assert_true (kh_person_get_link_end (person, &end));
  g_assert_cmpint (end, ==, KH_LINK_END_LEFT);
}

static void
test_a_request_is_seen (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  KhPeople *bobs = kh_people_new (fixture->pair.bob.client);
  KhPerson *alice = kh_people_find (bobs, &fixture->pair.alice.id);

  kh_client_call (fixture->pair.alice.client, &fixture->pair.bob.id);
  WAIT_UNTIL (kh_person_get_state (alice) == KH_PERSON_REQUEST);
  kh_client_answer_call (fixture->pair.bob.client, &fixture->pair.alice.id, FALSE);
  WAIT_UNTIL (kh_person_get_state (alice) == KH_PERSON_IDLE);
  WAIT_UNTIL (kh_attempt_get_end (kh_person_get_attempt (bob (fixture)))
              == KH_CALL_END_DECLINED);
  WAIT_UNTIL (kh_person_get_state (bob (fixture)) == KH_PERSON_IDLE);
  g_assert_finalize_object (bobs);
}

static void
test_speed_falls_to_nothing (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *path = write_file (&fixture->pair, "large", 8 << 20);
  const KhPathInfo *info;

  pair_connect (&fixture->pair);
  kh_client_set_limits (fixture->pair.alice.client, 2 << 20, 0);
  send_path (&fixture->pair.alice, &fixture->pair.bob, path);
  info = kh_person_get_path (bob (fixture));
  WAIT_UNTIL (info->up_rate > 1 << 19);
  g_assert_cmpuint (info->down_rate, ==, 0);
  wait_past (&fixture->pair.alice, KH_EVENT_DONE);
  WAIT_UNTIL (info->up_rate == 0);
}

/* --- What is unread --------------------------------------------------------------------
 */

static void
test_what_nobody_has_looked_at_is_unread (Fixture *fixture,
                                          G_GNUC_UNUSED gconstpointer data)
{
  Pair *pair = &fixture->pair;

  pair_connect (pair);
  say (&pair->bob, &pair->alice, "one");
  say (&pair->bob, &pair->alice, "two");
  WAIT_UNTIL (kh_people_get_unread (fixture->people) == 2);
  g_assert_cmpuint (kh_person_get_unread (bob (fixture)), ==, 2);
  g_assert_cmpint (kh_person_get_active_at_ms (bob (fixture)), >, 0);
  kh_people_mark_read (fixture->people, &pair->bob.id);
  g_assert_cmpuint (kh_person_get_unread (bob (fixture)), ==, 0);

  kh_people_watch (fixture->people, &pair->bob.id);
  kh_people_mark_read (fixture->people, &pair->bob.id);
  say (&pair->bob, &pair->alice, "three, seen at once");
  wait_past (&pair->bob, KH_EVENT_DELIVERED);
  wait_past (&pair->bob, KH_EVENT_DELIVERED);
  wait_past (&pair->bob, KH_EVENT_DELIVERED);
  g_assert_cmpuint (kh_people_get_unread (fixture->people), ==, 0);

  kh_people_watch (fixture->people, NULL);
  say (&pair->bob, &pair->alice, "four");
  WAIT_UNTIL (kh_people_get_unread (fixture->people) == 1);
}

static void
test_what_was_read_stays_read (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  Pair *pair = &fixture->pair;

  pair_connect (pair);
  say (&pair->bob, &pair->alice, "read");
  WAIT_UNTIL (kh_people_get_unread (fixture->people) == 1);
  kh_people_mark_read (fixture->people, &pair->bob.id);
  say (&pair->bob, &pair->alice, "not read");
  WAIT_UNTIL (kh_people_get_unread (fixture->people) == 1);

  g_clear_object (&fixture->people);
  person_restart (&pair->alice, &pair->server, "alice", KH_CONSENT_ALL);
  make_list (fixture);
  g_assert_cmpuint (kh_person_get_unread (bob (fixture)), ==, 1);
  g_assert_cmpint (kh_person_get_active_at_ms (bob (fixture)), >, 0);
}

static void
test_muted_people_are_not_counted (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  Pair *pair = &fixture->pair;

  kh_client_set_contact (pair->alice.client, &pair->bob.id, KH_CONTACT_MUTED, TRUE);
  pair_connect (pair);
  say (&pair->bob, &pair->alice, "psst");
  WAIT_UNTIL (kh_person_get_unread (bob (fixture)) == 1);
  g_assert_true (kh_person_is_muted (bob (fixture)));
  g_assert_cmpuint (kh_people_get_unread (fixture->people), ==, 0);
}

/* --- The server
 * --------------------------------------------------------------------------
 */

/* Who was there is shown until the server has said who is there now. */
static void
test_a_lost_server_empties_no_list (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  Pair *pair = &fixture->pair;

  g_subprocess_send_signal (pair->server.process, 15);
  wait_past (&pair->alice, KH_EVENT_OFFLINE);
  WAIT_UNTIL (!kh_person_is_online (bob (fixture)));
  g_assert_cmpuint (fixture->n_items, ==, 1);
}

static void
test_who_leaves_the_server_sees_nobody (Fixture *fixture,
                                        G_GNUC_UNUSED gconstpointer data)
{
  kh_client_go_offline (fixture->pair.alice.client);
  WAIT_UNTIL (fixture->n_items == 0);
  kh_client_go_online (fixture->pair.alice.client);
  WAIT_UNTIL (fixture->n_items == 1);
}

#define ADD(path, consent, test)                                                         \
  g_test_add ("/people/" path, Fixture, consent, set_up, test, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("who-is-online-is-listed", NULL, test_who_is_online_is_listed);
  ADD ("a-crowd-is-one-change", NULL, test_a_crowd_is_one_change);
  ADD ("few-go-from-their-places", NULL, test_few_go_from_their_places);
  ADD ("who-goes-stays-where-something-was-said", NULL,
       test_who_goes_stays_where_something_was_said);
  ADD ("one-name-of-two-is-ambiguous", NULL, test_one_name_of_two_is_ambiguous);
  ADD ("a-contacts-name-under-another-key-is-noticed", NULL,
       test_a_contacts_name_under_another_key_is_noticed);
  ADD ("any-order-of-names", NULL, test_any_order_of_names);
  ADD ("a-call-is-seen-from-its-beginning-to-its-end", NULL,
       test_a_call_is_seen_from_its_beginning_to_its_end);
  ADD ("a-request-is-seen", "ask", test_a_request_is_seen);
  ADD ("speed-falls-to-nothing", NULL, test_speed_falls_to_nothing);
  ADD ("what-nobody-has-looked-at-is-unread", NULL,
       test_what_nobody_has_looked_at_is_unread);
  ADD ("what-was-read-stays-read", NULL, test_what_was_read_stays_read);
  ADD ("muted-people-are-not-counted", NULL, test_muted_people_are_not_counted);
  ADD ("a-lost-server-empties-no-list", NULL, test_a_lost_server_empties_no_list);
  ADD ("who-leaves-the-server-sees-nobody", NULL, test_who_leaves_the_server_sees_nobody);
  return g_test_run ();
}
