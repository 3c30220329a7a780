/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "timeline-fixture.h"

#include "core/client-private.h"
#include "core/people.h"

static const KhNetworkInfo ORDINARY = { .type = KH_NAT_PORT_RESTRICTED_CONE };
static const KhNetworkInfo RANDOM
    = { .type = KH_NAT_SYMMETRIC, .port_allocation = KH_PORT_ALLOCATION_RANDOM };
static const KhNetworkInfo SEQUENTIAL
    = { .type = KH_NAT_SYMMETRIC, .port_allocation = KH_PORT_ALLOCATION_SEQUENTIAL };
static const KhNetworkInfo OPEN = { .type = KH_NAT_OPEN };

/* As if a test had just found it. */
static void
be_in (Person *person, const KhNetworkInfo *network)
{
  KhNetworkInfo *info = &person->client->network;

  info->type = network->type;
  info->port_allocation = network->port_allocation;
  info->port_mapping = network->port_mapping;
  info->mapped_port = network->mapped_port;
  info->tested_at_ms = g_get_real_time () / 1000;
  kh_client_network_round_trip (person->client, 1000);
}

static KhNatClass
seen_class (const Person *person, const Person *other)
{
  return kh_client_class_of (person->client, &other->id);
}

static KhOutlook
outlook (const Person *person, const Person *other)
{
  return kh_client_outlook_of (person->client, &other->id);
}

static void
forget_seen (Person *person, KhEventKind kind)
{
  while (count_seen (person, kind) > 0)
    wait_past (person, kind);
}

/* --- What others learn
 * ------------------------------------------------------------------
 */

static void
test_nothing_is_told_before_a_test (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  g_assert_cmpuint (pair->alice.client->told_class, ==, 0);
  g_assert_cmpuint (seen_class (&pair->bob, &pair->alice), ==, 0);
  g_assert_cmpint (outlook (&pair->bob, &pair->alice), ==, KH_OUTLOOK_UNKNOWN);
}

/* Of who stays nothing is told but that: nobody comes or goes. */
static void
test_a_class_reaches_others_and_changes (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  g_autoptr (Seen) first = NULL;
  g_autoptr (Seen) second = NULL;

  forget_seen (&pair->bob, KH_EVENT_PEER);
  be_in (&pair->alice, &ORDINARY);
  first = wait_for (&pair->bob, KH_EVENT_PEER_NETWORK);
  g_assert_true (kh_peer_id_equal (&first->peer, &pair->alice.id));
  g_assert_cmpstr (first->name, ==, "alice");
  g_assert_true (first->event.online);
  g_assert_cmpuint (first->event.nat_class, ==, KH_NAT_KIND_PORT_RESTRICTED_CONE);
  g_assert_cmpint (first->event.outlook, ==, KH_OUTLOOK_POSSIBLE);

  be_in (&pair->alice, &SEQUENTIAL);
  second = wait_for (&pair->bob, KH_EVENT_PEER_NETWORK);
  g_assert_cmpuint (second->event.nat_class, ==, KH_NAT_KIND_SEQUENTIAL);
  g_assert_cmpuint (seen_class (&pair->bob, &pair->alice), ==, KH_NAT_KIND_SEQUENTIAL);
  g_assert_cmpuint (count_seen (&pair->bob, KH_EVENT_PEER), ==, 0);
}

/* A measured round trip is no reason to say it all again. */
static void
test_what_was_told_is_not_told_again (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  be_in (&pair->alice, &ORDINARY);
  wait_past (&pair->bob, KH_EVENT_PEER_NETWORK);
  be_in (&pair->alice, &ORDINARY);
  be_in (&pair->alice, &ORDINARY);
  be_in (&pair->alice, &OPEN);
  WAIT_UNTIL (seen_class (&pair->bob, &pair->alice) == KH_NAT_KIND_OPEN);
  g_assert_cmpuint (count_seen (&pair->bob, KH_EVENT_PEER_NETWORK), ==, 1);
}

static void
test_every_login_tells_it (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  be_in (&pair->alice, &ORDINARY);
  WAIT_UNTIL (seen_class (&pair->bob, &pair->alice) == KH_NAT_KIND_PORT_RESTRICTED_CONE);
  kh_client_go_offline (pair->alice.client);
  WAIT_UNTIL (!kh_client_is_online (pair->bob.client, &pair->alice.id));
  g_assert_cmpuint (seen_class (&pair->bob, &pair->alice), ==, 0);
  g_assert_cmpint (outlook (&pair->bob, &pair->alice), ==, KH_OUTLOOK_UNKNOWN);
  kh_client_go_online (pair->alice.client);
  WAIT_UNTIL (seen_class (&pair->bob, &pair->alice) == KH_NAT_KIND_PORT_RESTRICTED_CONE);
}

static void
test_who_comes_later_hears_it_too (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  Person carol = { 0 };
  g_autoptr (Seen) came = NULL;

  be_in (&pair->alice, &SEQUENTIAL);
  be_in (&pair->bob, &SEQUENTIAL);
  WAIT_UNTIL (seen_class (&pair->bob, &pair->alice) == KH_NAT_KIND_SEQUENTIAL);
  client_start (&carol, &pair->server, "carol", KH_CONSENT_ALL, NULL);
  g_assert_cmpuint (seen_class (&carol, &pair->alice), ==, KH_NAT_KIND_SEQUENTIAL);
  g_assert_cmpuint (seen_class (&carol, &pair->bob), ==, KH_NAT_KIND_SEQUENTIAL);
  came = wait_for (&carol, KH_EVENT_PEER);
  g_assert_cmpuint (came->event.nat_class, ==, KH_NAT_KIND_SEQUENTIAL);
  client_close_and_remove (&carol);
}

/* --- What it means
 * ----------------------------------------------------------------------
 */

/* Of which it is both ends that count, and whether the server relays. */
static void
test_both_ends_count (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  static const KhNetworkInfo MAPPED = { .type = KH_NAT_SYMMETRIC,
                                        .port_mapping = KH_MAPPED_BY_PCP,
                                        .mapped_port = 40000 };
  Person *alice = &pair->alice;
  Person *bob = &pair->bob;

  be_in (alice, &RANDOM);
  be_in (bob, &ORDINARY);
  WAIT_UNTIL (outlook (alice, bob) == KH_OUTLOOK_POSSIBLE);
  WAIT_UNTIL (outlook (bob, alice) == KH_OUTLOOK_POSSIBLE);
  be_in (bob, &SEQUENTIAL);
  WAIT_UNTIL (seen_class (alice, bob) == KH_NAT_KIND_SEQUENTIAL);
  alice->client->welcome.flags |= KH_WELCOME_RELAY;
  g_assert_cmpint (outlook (alice, bob), ==, KH_OUTLOOK_RELAY_ONLY);
  alice->client->reach.no_relay = TRUE;
  g_assert_cmpint (outlook (alice, bob), ==, KH_OUTLOOK_NEEDS_MAPPING);
  be_in (alice, &RANDOM);
  WAIT_UNTIL (seen_class (bob, alice) == (KH_NAT_KIND_RANDOM | KH_NAT_CLASS_NO_RELAY));
  bob->client->welcome.flags |= KH_WELCOME_RELAY;
  g_assert_cmpint (outlook (bob, alice), ==, KH_OUTLOOK_NEEDS_MAPPING);
  be_in (bob, &MAPPED);
  WAIT_UNTIL (outlook (alice, bob) == KH_OUTLOOK_LIKELY);
  g_assert_cmpint (outlook (bob, alice), ==, KH_OUTLOOK_LIKELY);
}

/* An address that the server can't be dialled by is no way for a call. */
static void
test_ipv6_counts_where_the_server_has_it (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  KhClient *alice = pair->alice.client;

  alice->network.ipv6 = KH_TRISTATE_YES;
  g_assert_cmpint (kh_client_judge (alice, KH_NAT_CLASS_IPV6), ==, KH_OUTLOOK_UNKNOWN);
  alice->welcome.assist[alice->welcome.n_assist++].family = 6;
  g_assert_cmpint (kh_client_judge (alice, KH_NAT_CLASS_IPV6), ==, KH_OUTLOOK_LIKELY);
  alice->network.ipv6 = KH_TRISTATE_UNKNOWN;
  g_assert_cmpint (kh_client_judge (alice, KH_NAT_CLASS_IPV6), ==, KH_OUTLOOK_UNKNOWN);
}

static void
count (G_GNUC_UNUSED KhPerson *person, gpointer data)
{
  ++*(guint *)data;
}

/* Also when it is the own network that has become another one. */
static void
test_a_person_says_when_it_changes (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  g_autoptr (KhPeople) people = kh_people_new (pair->bob.client);
  KhPerson *alice = kh_people_find (people, &pair->alice.id);
  guint n_changed = 0;

  g_signal_connect (alice, "changed", G_CALLBACK (count), &n_changed);
  g_assert_cmpint (kh_person_get_outlook (alice), ==, KH_OUTLOOK_UNKNOWN);
  be_in (&pair->alice, &ORDINARY);
  WAIT_UNTIL (n_changed == 1);
  g_assert_cmpuint (kh_person_get_nat_class (alice), ==,
                    KH_NAT_KIND_PORT_RESTRICTED_CONE);
  g_assert_cmpint (kh_person_get_outlook (alice), ==, KH_OUTLOOK_POSSIBLE);
  be_in (&pair->bob, &OPEN);
  WAIT_UNTIL (n_changed == 2);
  g_assert_cmpint (kh_person_get_outlook (alice), ==, KH_OUTLOOK_LIKELY);
  kh_client_go_offline (pair->alice.client);
  WAIT_UNTIL (!kh_person_is_online (alice));
  g_assert_cmpint (kh_person_get_outlook (alice), ==, KH_OUTLOOK_UNKNOWN);
  g_signal_handlers_disconnect_by_data (alice, &n_changed);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, test)                                                                  \
  g_test_add ("/client-network/" path, Pair, NULL, pair_set_up, test, pair_tear_down)
  ADD ("nothing-is-told-before-a-test", test_nothing_is_told_before_a_test);
  ADD ("a-class-reaches-others-and-changes", test_a_class_reaches_others_and_changes);
  ADD ("what-was-told-is-not-told-again", test_what_was_told_is_not_told_again);
  ADD ("every-login-tells-it", test_every_login_tells_it);
  ADD ("who-comes-later-hears-it-too", test_who_comes_later_hears_it_too);
  ADD ("both-ends-count", test_both_ends_count);
  ADD ("ipv6-counts-where-the-server-has-it", test_ipv6_counts_where_the_server_has_it);
  ADD ("a-person-says-when-it-changes", test_a_person_says_when_it_changes);
  return g_test_run ();
}
