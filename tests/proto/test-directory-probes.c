/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "directory-world.h"

#include <sodium.h>
#include <string.h>

#define SECOND_US G_USEC_PER_SEC
#define ALICE 0
#define BOB 1
#define PROBE 9
#define OWN "203.0.113.1:40000"

static World *
new_world_of (guint max_clients)
{
  KhDirectoryConfig config = kh_directory_defaults ();
  World *world;

  config.max_clients = max_clients;
  config.silent_us = 1000 * SECOND_US;
  world = world_new (&config);
  world_login (world, ALICE);
  world_login (world, BOB);
  return world;
}

static World *
new_world (void)
{
  return new_world_of (WORLD_CLIENTS);
}

/* Alice has a probe and was seen at index 3; what was said about it is read. */
static World *
new_probe (void)
{
  World *world = new_world ();

  world_probe (world, ALICE, PROBE);
  g_assert_cmpuint (world_show (world, ALICE, PROBE, 3, OWN), !=, 0);
  world_letter_free (world_expect (world, ALICE, KH_MESSAGE_PROBED));
  return world;
}

static guint
expect_dialled (World *world, guint client, guint8 index, KhProbeDial from,
                KhProbeResult result)
{
  g_autoptr (WorldLetter) letter = world_expect (world, client, KH_MESSAGE_DIALLED);
  const KhMsgDial *dial = &letter->message.dial;

  g_assert_cmpuint (dial->probe_id[0], ==, PROBE);
  g_assert_cmpuint (dial->index, ==, index);
  g_assert_cmpuint (dial->from, ==, from);
  g_assert_cmpuint (dial->result, ==, result);
  return dial->wait_s;
}

static void
ask_and_expect (World *world, guint8 index, KhProbeDial from, guint16 port,
                KhProbeResult result)
{
  world_ask_dial (world, ALICE, PROBE, index, from, port);
  expect_dialled (world, ALICE, index, from, result);
}

static void
assert_endpoint (const KhEndpoint *endpoint, const char *expected)
{
  char text[KH_ENDPOINT_TEXT_MAX];

  kh_endpoint_print (endpoint, text);
  g_assert_cmpstr (text, ==, expected);
}

static void
test_what_was_seen_is_told (void)
{
  g_autoptr (World) world = new_world ();
  g_autoptr (WorldLetter) letter = NULL;

  world_probe (world, ALICE, PROBE);
  world_expect_nothing (world, ALICE);
  g_assert_cmpuint (world_show (world, ALICE, PROBE, 15, "[2001:db8::1]:7"), !=, 0);
  letter = world_expect (world, ALICE, KH_MESSAGE_PROBED);
  g_assert_cmpuint (letter->message.probed.index, ==, 15);
  g_assert_cmpuint (letter->message.probed.probe_id[0], ==, PROBE);
  assert_endpoint (&letter->message.probed.endpoint, "[2001:db8::1]:7");
  world_expect_nothing (world, ALICE);
  world_expect_nothing (world, BOB);
  g_assert_cmpuint (world->ended->len, ==, 0);
}

static void
test_each_token_is_good_once (void)
{
  g_autoptr (World) world = new_world ();

  world_probe (world, ALICE, PROBE);
  for (guint8 index = 0; index < KH_PROBE_INDICES; index++)
    {
      g_assert_cmpuint (world_show (world, ALICE, PROBE, index, OWN), !=, 0);
      g_assert_cmpuint (world_show (world, ALICE, PROBE, index, OWN), ==, 0);
    }
  g_assert_cmpuint (world_show (world, ALICE, PROBE, KH_PROBE_INDICES, OWN), ==, 0);
  g_assert_cmpuint (world_show (world, BOB, PROBE, 0, OWN), ==, 0);
}

static void
test_no_probe_no_tokens (void)
{
  g_autoptr (World) world = new_world ();

  g_assert_cmpuint (world_show (world, ALICE, PROBE, 0, OWN), ==, 0);
  world_probe (world, ALICE, PROBE);
  g_assert_cmpuint (world_show (world, ALICE, PROBE + 1, 0, OWN), ==, 0);
  g_assert_cmpuint (world_show (world, ALICE, PROBE, 0, "224.0.0.1:5"), ==, 0);
  g_assert_cmpuint (world_show (world, ALICE, PROBE, 1, "0.0.0.0:5"), ==, 0);
  world_expect_nothing (world, ALICE);
}

/* A call and a probe of one id: each has tokens and a handle of its own. */
static void
test_tokens_of_calls_and_probes_do_not_mix (void)
{
  g_autoptr (World) world = new_world ();
  guint8 id[KH_CALL_ID_LEN], token[KH_TOKEN_LEN];
  guint32 handle;

  world_join (world, ALICE, 5);
  world_join (world, BOB, 5);
  world_call (world, ALICE, BOB, PROBE);
  world_probe (world, ALICE, PROBE);
  world_call_id (PROBE, id);
  kh_token_compute (token, world->clients[ALICE].secret, id, 1, 0, KH_TOKEN_PROBE);
  g_assert_cmpuint (world_observe (world, token, OWN, OWN), ==, 0);
  kh_token_compute (token, world->clients[ALICE].secret, id, 0, 0, KH_TOKEN_OBSERVE);
  g_assert_cmpuint (world_observe (world, token, OWN, OWN), ==, 0);
  kh_token_compute (token, world->clients[ALICE].secret, id, 1, 0, KH_TOKEN_DIAL_BACK);
  g_assert_cmpuint (world_observe (world, token, OWN, OWN), ==, 0);

  handle = world_show (world, ALICE, PROBE, 0, OWN);
  world_letter_free (world_expect (world, ALICE, KH_MESSAGE_PROBED));
  world_token (world, ALICE, PROBE, 1, 0, token);
  g_assert_cmpuint (world_observe (world, token, OWN, OWN), !=, handle);
  world_letter_free (world_expect (world, ALICE, KH_MESSAGE_OBSERVED));

  /* The end of one is not that of the other. */
  world_hang_up (world, ALICE, PROBE, KH_HANG_UP_DONE);
  g_assert_cmpuint (world->ended->len, ==, 1);
  g_assert_cmpuint (g_array_index (world->ended, guint32, 0), !=, handle);
  g_assert_cmpuint (world_show (world, ALICE, PROBE, 1, OWN), ==, handle);
}

static void
test_a_probe_lasts_30_seconds (void)
{
  g_autoptr (World) world = new_probe ();

  world_pass (world, 30 * SECOND_US - 1);
  g_assert_cmpuint (world->ended->len, ==, 0);
  g_assert_cmpuint (world_show (world, ALICE, PROBE, 0, OWN), !=, 0);
  world_clear_inbox (world, ALICE);
  world_pass (world, 1);
  g_assert_cmpuint (world->ended->len, ==, 1);
  g_assert_cmpuint (world_show (world, ALICE, PROBE, 1, OWN), ==, 0);
  ask_and_expect (world, 3, KH_DIAL_FROM_OTHER_PORT, 0, KH_DIALLED_IMPOSSIBLE);
  g_assert_cmpuint (world->dials->len, ==, 0);
  g_assert_cmpuint (kh_directory_stats (world->directory).n_probes, ==, 0);
  g_assert_cmpint (kh_directory_deadline (world->directory), >,
                   world->now_us + SECOND_US);
}

/* Also where nobody has called tick() since. */
static void
test_a_probe_is_over_before_it_is_ended (void)
{
  g_autoptr (World) world = new_probe ();

  world->now_us += 30 * SECOND_US;
  g_assert_cmpuint (world_show (world, ALICE, PROBE, 0, OWN), ==, 0);
  ask_and_expect (world, 3, KH_DIAL_FROM_OTHER_PORT, 0, KH_DIALLED_IMPOSSIBLE);
}

static void
test_a_newer_probe_ends_the_older (void)
{
  g_autoptr (World) world = new_probe ();

  world_probe (world, ALICE, PROBE + 1);
  g_assert_cmpuint (world->ended->len, ==, 1);
  g_assert_cmpuint (kh_directory_stats (world->directory).n_probes, ==, 1);
  g_assert_cmpuint (world_show (world, ALICE, PROBE, 0, OWN), ==, 0);
  ask_and_expect (world, 3, KH_DIAL_FROM_OTHER_PORT, 0, KH_DIALLED_IMPOSSIBLE);
  g_assert_cmpuint (world_show (world, ALICE, PROBE + 1, 3, OWN), !=, 0);
  world_letter_free (world_expect (world, ALICE, KH_MESSAGE_PROBED));
  ask_and_expect (world, 3, KH_DIAL_FROM_OTHER_PORT, 0, KH_DIALLED_IMPOSSIBLE);
}

static void
test_a_probe_ends_with_its_client (void)
{
  g_autoptr (World) world = new_probe ();
  guint32 handle = world_show (world, ALICE, PROBE, 4, OWN);

  world_disconnect (world, ALICE);
  g_assert_cmpuint (world->ended->len, ==, 1);
  g_assert_cmpuint (g_array_index (world->ended, guint32, 0), ==, handle);
  g_assert_cmpuint (world_show (world, ALICE, PROBE, 0, OWN), ==, 0);
  g_assert_cmpint (kh_directory_deadline (world->directory), >,
                   world->now_us + 900 * SECOND_US);

  /* The same when it logs in again from elsewhere. */
  world_clear_inbox (world, ALICE);
  world_login (world, ALICE);
  world_probe (world, ALICE, PROBE);
  world_login (world, ALICE);
  g_assert_cmpuint (world->ended->len, ==, 2);
  g_assert_cmpuint (world_show (world, ALICE, PROBE, 0, OWN), ==, 0);
}

/* The world has too few clients for it. */
static guint32
log_in_stranger (World *world, guint number)
{
  static const guint8 hello[] = { KH_MESSAGE_HELLO, 0, 1, 0, 0, 0, 0, 0, 1, 'x' };
  KhDirectoryLogin login = { .endpoint = world->clients[BOB].endpoint };
  const guint8 *bytes;
  guint32 client, to;
  gsize len;

  memset (login.id, 0xaa, sizeof login.id);
  memcpy (login.id, &number, sizeof number);
  g_assert_cmpuint (kh_directory_login (world->directory, world->now_us, &login, hello,
                                        sizeof hello, &client),
                    ==, 0);
  while (kh_directory_next_send (world->directory, &to, &bytes, &len))
    ;
  return client;
}

static void
test_the_oldest_probe_makes_room (void)
{
  g_autoptr (World) world = new_world_of (KH_PROBES_MAX + 10);
  const guint8 probe[17] = { KH_MESSAGE_PROBE, 7 };
  KhDirectoryEvent event;
  guint32 handle;

  world_probe (world, ALICE, PROBE);
  world_pass (world, SECOND_US);
  world_probe (world, BOB, PROBE);
  handle = world_show (world, ALICE, PROBE, 3, OWN);
  for (guint i = 0; i < KH_PROBES_MAX; i++)
    {
      guint32 client = log_in_stranger (world, i);

      kh_directory_receive (world->directory, world->now_us, client, probe, sizeof probe);
      if (i < KH_PROBES_MAX - 2)
        {
          g_assert_false (kh_directory_next_event (world->directory, &event));
          continue;
        }
      g_assert_true (kh_directory_next_event (world->directory, &event));
      g_assert_cmpint (event.type, ==, KH_DIRECTORY_ENDED);
      if (i == KH_PROBES_MAX - 2)
        g_assert_cmpuint (event.handle, ==, handle);
      else
        g_assert_cmpuint (event.handle, !=, handle);
      g_assert_false (kh_directory_next_event (world->directory, &event));
      g_assert_cmpuint (world_show (world, BOB, PROBE, (guint8)(i % 2), OWN) != 0, ==,
                        i == KH_PROBES_MAX - 2);
    }
  g_assert_cmpuint (kh_directory_stats (world->directory).n_probes, ==, KH_PROBES_MAX);
}

static void
test_a_dial_goes_where_the_client_was_seen (void)
{
  g_autoptr (World) world = new_probe ();
  const KhDirectoryEvent *event;
  guint8 probe_id[KH_CALL_ID_LEN], token[KH_TOKEN_LEN];

  world_ask_dial (world, ALICE, PROBE, 3, KH_DIAL_FROM_OTHER_PORT, 77);
  event = world_dial_to_make (world);
  g_assert_cmpuint (event->handle, ==, world_show (world, ALICE, PROBE, 0, OWN));
  g_assert_cmpuint (event->client, ==, world->clients[ALICE].number);
  g_assert_cmpint (event->dial.from, ==, KH_DIAL_FROM_OTHER_PORT);
  assert_endpoint (&event->dial.remote, OWN);
  assert_endpoint (&event->dial.local, "198.51.100.1:7471");
  world_call_id (PROBE, probe_id);
  kh_token_compute (token, world->clients[ALICE].secret, probe_id,
                    KH_DIAL_FROM_OTHER_PORT, 3, KH_TOKEN_DIAL_BACK);
  g_assert_cmpmem (event->dial.token, KH_TOKEN_LEN, token, KH_TOKEN_LEN);
  world_clear_inbox (world, ALICE);
  world_dialled (world, KH_DIALLED_CONNECTED);
  g_assert_cmpuint (
      expect_dialled (world, ALICE, 3, KH_DIAL_FROM_OTHER_PORT, KH_DIALLED_CONNECTED), ==,
      0);
  world_expect_nothing (world, ALICE);
}

static void
test_every_result_is_told_of_a_port_that_was_seen (void)
{
  static const KhProbeResult results[]
      = { KH_DIALLED_CONNECTED, KH_DIALLED_REFUSED,    KH_DIALLED_UNREACHABLE,
          KH_DIALLED_SILENT,    KH_DIALLED_IMPOSSIBLE, KH_DIALLED_LATER };
  g_autoptr (World) world = new_probe ();

  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      world_ask_dial (world, ALICE, PROBE, 3, KH_DIAL_FROM_OTHER_ADDRESS, 0);
      world_expect_nothing (world, ALICE);
      world_dialled (world, results[i]);
      g_assert_cmpuint (
          expect_dialled (world, ALICE, 3, KH_DIAL_FROM_OTHER_ADDRESS, results[i]), ==,
          results[i] == KH_DIALLED_LATER ? 1 : 0);
    }
}

static void
test_a_closed_port_is_never_said_to_be_open (void)
{
  static const KhProbeResult results[][2]
      = { { KH_DIALLED_CONNECTED, KH_DIALLED_NOTHING },
          { KH_DIALLED_REFUSED, KH_DIALLED_REFUSED },
          { KH_DIALLED_UNREACHABLE, KH_DIALLED_UNREACHABLE },
          { KH_DIALLED_SILENT, KH_DIALLED_SILENT } };
  g_autoptr (World) world = new_probe ();

  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      world_ask_dial (world, ALICE, PROBE, 3, KH_DIAL_TO_CLOSED_PORT, 5555);
      world_expect_nothing (world, ALICE);
      assert_endpoint (&world_dial_to_make (world)->dial.remote, OWN);
      world_dialled (world, results[i][0]);
      expect_dialled (world, ALICE, 3, KH_DIAL_TO_CLOSED_PORT, results[i][1]);
    }
}

/* The answer is there before anything is known, and stays the only one. */
static void
test_nothing_is_told_of_a_named_port (void)
{
  static const KhProbeResult results[] = { KH_DIALLED_CONNECTED, KH_DIALLED_REFUSED,
                                           KH_DIALLED_UNREACHABLE, KH_DIALLED_SILENT };
  g_autoptr (World) world = new_probe ();

  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      const KhDirectoryDial *dial;

      ask_and_expect (world, 0, KH_DIAL_TO_NAMED_PORT, 1024, KH_DIALLED_NOTHING);
      dial = &world_dial_to_make (world)->dial;
      assert_endpoint (&dial->remote, "203.0.113.1:1024"); /* of the main connection */
      assert_endpoint (&dial->local, "none");
      world_dialled (world, results[i]);
      world_expect_nothing (world, ALICE);
    }
  /* But where the server could not even try. */
  ask_and_expect (world, 0, KH_DIAL_TO_NAMED_PORT, 1024, KH_DIALLED_NOTHING);
  world_dialled (world, KH_DIALLED_LATER);
  expect_dialled (world, ALICE, 0, KH_DIAL_TO_NAMED_PORT, KH_DIALLED_LATER);
}

static void
test_a_named_port_is_not_any (void)
{
  g_autoptr (World) world = new_probe ();

  ask_and_expect (world, 3, KH_DIAL_TO_NAMED_PORT, 0, KH_DIALLED_IMPOSSIBLE);
  ask_and_expect (world, 3, KH_DIAL_TO_NAMED_PORT, 1023, KH_DIALLED_IMPOSSIBLE);
  g_assert_cmpuint (world->dials->len, ==, 0);

  /* Whoever seems to be the server itself: a proxy beside it, for one. */
  world_disconnect (world, ALICE);
  g_assert_true (
      kh_endpoint_parse (&world->clients[ALICE].endpoint, "198.51.100.1:5000"));
  world_login (world, ALICE);
  world_probe (world, ALICE, PROBE);
  ask_and_expect (world, 3, KH_DIAL_TO_NAMED_PORT, 5000, KH_DIALLED_IMPOSSIBLE);
  g_assert_cmpuint (world->dials->len, ==, 0);
}

static void
test_only_what_was_seen_is_dialled (void)
{
  g_autoptr (World) world = new_probe ();

  for (int from = 0; from < 4; from++)
    ask_and_expect (world, 2, (KhProbeDial)from, 0, KH_DIALLED_IMPOSSIBLE);
  for (int from = KH_DIAL_TO_NAMED_PORT + 1; from < 100; from++)
    ask_and_expect (world, 3, (KhProbeDial)from, 2000, KH_DIALLED_IMPOSSIBLE);
  g_assert_cmpuint (world->dials->len, ==, 0);
  ask_and_expect (world, 3, KH_DIAL_TO_NAMED_PORT, 2000, KH_DIALLED_NOTHING);
}

static void
test_nobody_dials_with_the_probe_of_another (void)
{
  g_autoptr (World) world = new_probe ();

  world_ask_dial (world, BOB, PROBE, 3, KH_DIAL_FROM_OTHER_PORT, 0);
  expect_dialled (world, BOB, 3, KH_DIAL_FROM_OTHER_PORT, KH_DIALLED_IMPOSSIBLE);
  world_probe (world, BOB, PROBE); /* the same id, another probe */
  world_ask_dial (world, BOB, PROBE, 3, KH_DIAL_FROM_OTHER_PORT, 0);
  expect_dialled (world, BOB, 3, KH_DIAL_FROM_OTHER_PORT, KH_DIALLED_IMPOSSIBLE);
  g_assert_cmpuint (world->dials->len, ==, 0);
  world_expect_nothing (world, ALICE);
}

static void
test_ten_dials_a_minute (void)
{
  g_autoptr (World) world = new_probe ();

  for (guint i = 0; i < 10; i++)
    {
      world_ask_dial (world, ALICE, PROBE, 3, KH_DIAL_FROM_OTHER_PORT, 0);
      world_dialled (world, KH_DIALLED_REFUSED);
      expect_dialled (world, ALICE, 3, KH_DIAL_FROM_OTHER_PORT, KH_DIALLED_REFUSED);
    }
  world_pass (world, SECOND_US / 2);
  world_ask_dial (world, ALICE, PROBE, 3, KH_DIAL_FROM_OTHER_PORT, 0);
  g_assert_cmpuint (
      expect_dialled (world, ALICE, 3, KH_DIAL_FROM_OTHER_PORT, KH_DIALLED_LATER), ==, 6);
  g_assert_cmpuint (world->dials->len, ==, 0);
  world_probe (world, ALICE, PROBE); /* a new probe changes nothing */
  ask_and_expect (world, 3, KH_DIAL_TO_NAMED_PORT, 2000, KH_DIALLED_LATER);
  world_pass (world, 5 * SECOND_US + SECOND_US / 2);
  ask_and_expect (world, 3, KH_DIAL_TO_NAMED_PORT, 2000, KH_DIALLED_NOTHING);
  ask_and_expect (world, 3, KH_DIAL_TO_NAMED_PORT, 2000, KH_DIALLED_LATER);
}

/* What can't be done costs nothing. */
static void
test_impossible_dials_are_not_counted (void)
{
  g_autoptr (World) world = new_probe ();

  for (guint i = 0; i < 20; i++)
    ask_and_expect (world, 4, KH_DIAL_FROM_OTHER_PORT, 0, KH_DIALLED_IMPOSSIBLE);
  world_ask_dial (world, ALICE, PROBE, 3, KH_DIAL_FROM_OTHER_PORT, 0);
  g_assert_cmpuint (world->dials->len, ==, 1);
}

/* Two clients behind one address share its ten; a client at two addresses has its own
 * ten. */
static void
test_ten_dials_a_minute_to_an_address (void)
{
  g_autoptr (World) world = new_probe ();

  world_probe (world, BOB, PROBE);
  world_show (world, BOB, PROBE, 3, "203.0.113.1:50000");
  world_show (world, BOB, PROBE, 4, "203.0.113.2:50000");
  world_clear_inbox (world, BOB);
  for (guint i = 0; i < 10; i++)
    {
      guint client = i % 2 == 0 ? ALICE : BOB;

      world_ask_dial (world, client, PROBE, 3, KH_DIAL_FROM_OTHER_PORT, 0);
      world_dialled (world, KH_DIALLED_SILENT);
      expect_dialled (world, client, 3, KH_DIAL_FROM_OTHER_PORT, KH_DIALLED_SILENT);
    }
  world_ask_dial (world, BOB, PROBE, 3, KH_DIAL_FROM_OTHER_PORT, 0);
  g_assert_cmpuint (
      expect_dialled (world, BOB, 3, KH_DIAL_FROM_OTHER_PORT, KH_DIALLED_LATER), ==, 6);
  for (guint i = 0; i < 5; i++)
    {
      world_ask_dial (world, BOB, PROBE, 4, KH_DIAL_FROM_OTHER_PORT, 0);
      world_dialled (world, KH_DIALLED_SILENT);
      expect_dialled (world, BOB, 4, KH_DIAL_FROM_OTHER_PORT, KH_DIALLED_SILENT);
    }
  world_ask_dial (world, BOB, PROBE, 4, KH_DIAL_FROM_OTHER_PORT, 0);
  expect_dialled (world, BOB, 4, KH_DIAL_FROM_OTHER_PORT, KH_DIALLED_LATER);
}

static void
test_eight_dials_of_a_probe_at_a_time (void)
{
  g_autoptr (World) world = new_probe ();

  for (guint i = 0; i < KH_PROBE_DIALS_MAX; i++)
    world_ask_dial (world, ALICE, PROBE, 3, KH_DIAL_FROM_OTHER_PORT, 0);
  g_assert_cmpuint (world->dials->len, ==, KH_PROBE_DIALS_MAX);
  world_ask_dial (world, ALICE, PROBE, 3, KH_DIAL_FROM_OTHER_PORT, 0);
  g_assert_cmpuint (
      expect_dialled (world, ALICE, 3, KH_DIAL_FROM_OTHER_PORT, KH_DIALLED_LATER), ==, 1);
  world_dialled (world, KH_DIALLED_SILENT);
  expect_dialled (world, ALICE, 3, KH_DIAL_FROM_OTHER_PORT, KH_DIALLED_SILENT);
  world_ask_dial (world, ALICE, PROBE, 3, KH_DIAL_FROM_OTHER_PORT, 0);
  world_expect_nothing (world, ALICE);
  g_assert_cmpuint (world->dials->len, ==, KH_PROBE_DIALS_MAX);
}

/* Nor can it be found out by when there is room for another dial. */
static void
test_a_named_dial_takes_its_place_until_the_probe_ends (void)
{
  g_autoptr (World) world = new_probe ();

  for (guint i = 0; i < KH_PROBE_DIALS_MAX; i++)
    {
      ask_and_expect (world, 0, KH_DIAL_TO_NAMED_PORT, 2000, KH_DIALLED_NOTHING);
      if (i % 2 == 0)
        world_dialled (world, KH_DIALLED_REFUSED);
    }
  ask_and_expect (world, 0, KH_DIAL_TO_NAMED_PORT, 2000, KH_DIALLED_LATER);
  g_assert_cmpuint (world->dials->len, ==, KH_PROBE_DIALS_MAX / 2);

  world_probe (world, ALICE, PROBE);
  ask_and_expect (world, 0, KH_DIAL_TO_NAMED_PORT, 2000, KH_DIALLED_NOTHING);
}

static void
test_64_dials_of_a_server_at_a_time (void)
{
  g_autoptr (World) world = new_world ();
  const guint n = KH_DIALS_MAX / KH_PROBE_DIALS_MAX;

  for (guint i = 0; i <= n; i++)
    {
      if (world->clients[i].number == 0)
        world_login (world, i);
      world_probe (world, i, PROBE);
      for (guint k = 0; k < KH_PROBE_DIALS_MAX; k++)
        world_ask_dial (world, i, PROBE, 0, KH_DIAL_TO_NAMED_PORT, 2000);
      expect_dialled (world, i, 0, KH_DIAL_TO_NAMED_PORT,
                      i < n ? KH_DIALLED_NOTHING : KH_DIALLED_LATER);
    }
  g_assert_cmpuint (world->dials->len, ==, KH_DIALS_MAX);
  /* Those of a probe that ends are over too. */
  world_disconnect (world, 0);
  world_clear_inbox (world, n);
  world_ask_dial (world, n, PROBE, 0, KH_DIAL_TO_NAMED_PORT, 2000);
  expect_dialled (world, n, 0, KH_DIAL_TO_NAMED_PORT, KH_DIALLED_NOTHING);
  g_assert_cmpuint (world->dials->len, ==, KH_DIALS_MAX - KH_PROBE_DIALS_MAX + 1);
}

/* Its handle is another probe's by then. */
static void
test_late_results_are_ignored (void)
{
  g_autoptr (World) world = new_probe ();
  KhDirectoryEvent event;

  world_ask_dial (world, ALICE, PROBE, 3, KH_DIAL_FROM_OTHER_PORT, 0);
  event = *world_dial_to_make (world);
  world_dialled_as (world, event.handle, event.dial.number + 1, KH_DIALLED_SILENT);
  world_dialled_as (world, event.handle, 0, KH_DIALLED_SILENT);
  world_dialled_as (world, event.handle + 1, event.dial.number, KH_DIALLED_SILENT);
  world_dialled_as (world, event.handle - 1, event.dial.number, KH_DIALLED_SILENT);
  world_dialled_as (world, 1, event.dial.number, KH_DIALLED_SILENT);
  world_dialled_as (world, 0, event.dial.number, KH_DIALLED_SILENT);
  world_expect_nothing (world, ALICE);

  world_disconnect (world, ALICE);
  world_dialled_as (world, event.handle, event.dial.number, KH_DIALLED_SILENT);
  world_probe (world, BOB, PROBE);
  g_assert_cmpuint (world_show (world, BOB, PROBE, 3, OWN), ==, event.handle);
  world_ask_dial (world, BOB, PROBE, 3, KH_DIAL_FROM_OTHER_PORT, 0);
  world_clear_inbox (world, BOB);
  world_dialled_as (world, event.handle, event.dial.number, KH_DIALLED_SILENT);
  world_expect_nothing (world, BOB);
  world_dialled (world, KH_DIALLED_REFUSED);
  expect_dialled (world, BOB, 3, KH_DIAL_FROM_OTHER_PORT, KH_DIALLED_REFUSED);
  world_expect_nothing (world, BOB);
}

static void
test_welcome_names_the_helper (void)
{
  g_autoptr (World) world = new_world ();
  g_autoptr (WorldLetter) letter = NULL;
  KhText *helper;

  world->helper = "knothole://helper.example.org:7470/x";
  g_assert_cmpuint (world_try_login (world, 4), ==, 0);
  letter = world_expect (world, 4, KH_MESSAGE_WELCOME);
  helper = &letter->message.welcome.helper;
  g_assert_cmpmem (helper->bytes, helper->len, world->helper, strlen (world->helper));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
#define TEST(path, function) g_test_add_func ("/directory-probes/" path, function)
  TEST ("what-was-seen-is-told", test_what_was_seen_is_told);
  TEST ("each-token-is-good-once", test_each_token_is_good_once);
  TEST ("no-probe-no-tokens", test_no_probe_no_tokens);
  TEST ("tokens-of-calls-and-probes-do-not-mix",
        test_tokens_of_calls_and_probes_do_not_mix);
  TEST ("a-probe-lasts-30-seconds", test_a_probe_lasts_30_seconds);
  TEST ("a-probe-is-over-before-it-is-ended", test_a_probe_is_over_before_it_is_ended);
  TEST ("a-newer-probe-ends-the-older", test_a_newer_probe_ends_the_older);
  TEST ("a-probe-ends-with-its-client", test_a_probe_ends_with_its_client);
  TEST ("the-oldest-makes-room", test_the_oldest_probe_makes_room);
  TEST ("a-dial-goes-where-the-client-was-seen",
        test_a_dial_goes_where_the_client_was_seen);
  TEST ("every-result-is-told-of-a-port-that-was-seen",
        test_every_result_is_told_of_a_port_that_was_seen);
  TEST ("a-closed-port-is-never-said-to-be-open",
        test_a_closed_port_is_never_said_to_be_open);
  TEST ("nothing-is-told-of-a-named-port", test_nothing_is_told_of_a_named_port);
  TEST ("a-named-port-is-not-any", test_a_named_port_is_not_any);
  TEST ("only-what-was-seen-is-dialled", test_only_what_was_seen_is_dialled);
  TEST ("nobody-dials-with-the-probe-of-another",
        test_nobody_dials_with_the_probe_of_another);
  TEST ("ten-dials-a-minute", test_ten_dials_a_minute);
  TEST ("impossible-dials-are-not-counted", test_impossible_dials_are_not_counted);
  TEST ("ten-dials-a-minute-to-an-address", test_ten_dials_a_minute_to_an_address);
  TEST ("eight-dials-of-a-probe-at-a-time", test_eight_dials_of_a_probe_at_a_time);
  TEST ("a-named-dial-takes-its-place-until-the-probe-ends",
        test_a_named_dial_takes_its_place_until_the_probe_ends);
  TEST ("64-dials-of-a-server-at-a-time", test_64_dials_of_a_server_at_a_time);
  TEST ("late-results-are-ignored", test_late_results_are_ignored);
  TEST ("welcome-names-the-helper", test_welcome_names_the_helper);
  return g_test_run ();
}
