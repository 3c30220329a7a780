/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Calls that are relayed, over loopback: what arrives, what is refused, and what it
 * costs the server.
 */
#include "live-server.h"

#include <sodium.h>

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ROOM 5
#define MIB (1024 * 1024)
/* More than a kernel keeps for two connections, by far. */
#define MORE_THAN_FITS (256 * (gsize)MIB)
#define FAST "relay-rate-total=1000000000000\n[server]\nrelay-rate=1000000000\n"

/* Two clients in a call that was accepted. */
typedef struct
{
  LiveServer *server;
  LiveClient *alice;
  LiveClient *bob;
  guint8 call_id[KH_CALL_ID_LEN];
} Call;

static void
join (LiveClient *client)
{
  KhMessage message = { .type = KH_MESSAGE_JOIN };

  memset (message.room.id, ROOM, KH_ROOM_ID_LEN);
  live_client_send (client, &message);
  live_client_expect (client, KH_MESSAGE_JOINED);
}

static void
accept_call (const Call *self)
{
  const guint8 introduction[] = { 1, 3, 0, 0, 0, 0 };
  KhMessage call
      = { .type = KH_MESSAGE_CALL, .call = { .introduction = { introduction, 6 } } };
  KhMessage answer = { .type = KH_MESSAGE_ANSWER,
                       .answer = { .verdict = KH_VERDICT_ACCEPT,
                                   .introduction = { introduction, 6 } } };

  memcpy (call.call.call_id, self->call_id, KH_CALL_ID_LEN);
  memcpy (answer.answer.call_id, self->call_id, KH_CALL_ID_LEN);
  memcpy (call.call.peer_id, self->bob->key.public_key, KH_ID_LEN);
  live_client_send (self->alice, &call);
  live_client_expect (self->bob, KH_MESSAGE_CALLED);
  live_client_send (self->bob, &answer);
  live_client_expect (self->alice, KH_MESSAGE_ANSWERED);
}

/* Under another id. */
static void
call_again (Call *self)
{
  KhMessage hang_up = { .type = KH_MESSAGE_HANG_UP };

  memcpy (hang_up.hang_up.call_id, self->call_id, KH_CALL_ID_LEN);
  live_client_send (self->alice, &hang_up);
  live_client_expect (self->bob, KH_MESSAGE_HUNG_UP);
  self->call_id[0]++;
  accept_call (self);
}

static Call *
call_new (const char *limits, const char *argument)
{
  Call *self = g_new0 (Call, 1);

  self->server = live_server_start (limits, argument);
  self->alice = live_client_new (self->server, 1);
  self->bob = live_client_new (self->server, 2);
  memset (self->call_id, 77, sizeof self->call_id);
  join (self->alice);
  join (self->bob);
  accept_call (self);
  return self;
}

static void
call_free (Call *self)
{
  live_client_free (self->alice);
  live_client_free (self->bob);
  g_assert_cmpint (live_server_stop (self->server, SIGTERM, FALSE), ==, 0);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Call, call_free)

static void
compute_token (const Call *self, const LiveClient *client, guint8 token[KH_TOKEN_LEN])
{
  kh_token_compute (token, client->welcome.secret, self->call_id, 0, 0, KH_TOKEN_RELAY);
}

/* A connection of @client to the assist port, with its token shown. */
static int
dial_relay (const Call *self, const LiveClient *client)
{
  int fd = live_dial ("127.0.0.1", 0, client->welcome.assist[0].port);
  guint8 token[KH_TOKEN_LEN];

  compute_token (self, client, token);
  live_write (fd, token, sizeof token);
  return fd;
}

static guint8
pattern_at (gsize i)
{
  return (guint8)(i ^ i >> 8 ^ i >> 16);
}

typedef struct
{
  int fd;
  gsize len;
} Load;

/* For g_thread_new(): writes a pattern and ends its direction. */
static gpointer
write_pattern (gpointer data)
{
  Load *load = data;
  guint8 bytes[8192];

  for (gsize at = 0; at < load->len; at += sizeof bytes)
    {
      gsize n = MIN (sizeof bytes, load->len - at);

      for (gsize i = 0; i < n; i++)
        bytes[i] = pattern_at (at + i);
      live_write (load->fd, bytes, n);
    }
  shutdown (load->fd, SHUT_WR);
  return NULL;
}

/* Reads to the end; how much came, all of it as it was written. */
static gsize
read_pattern (int fd)
{
  guint8 bytes[8192];
  gsize at = 0;

  for (;;)
    {
      struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
      ssize_t n;

      g_assert_cmpint (poll (&poll_fd, 1, LIVE_PATIENCE_MS), ==, 1);
      n = recv (fd, bytes, sizeof bytes, 0);
      if (n <= 0)
        return at;
      for (ssize_t i = 0; i < n; i++)
        if (bytes[i] != pattern_at (at + (gsize)i))
          g_error ("byte %zu is another", at + (gsize)i);
      at += (gsize)n;
    }
}

/* @text is in what the server says of itself, at last. */
static void
wait_for_statistics (const LiveServer *server, const char *text)
{
  gint64 until_us = g_get_monotonic_time () + LIVE_PATIENCE_MS * 1000;
  gboolean found = FALSE;

  while (!found)
    {
      g_autofree char *before = live_server_errors (server);
      g_autofree char *after = NULL;

      g_assert_cmpint (g_get_monotonic_time (), <, until_us);
      g_assert_cmpint (kill (server->pid, SIGUSR1), ==, 0);
      do
        {
          g_free (after);
          after = live_server_errors (server);
          g_assert_cmpint (g_get_monotonic_time (), <, until_us);
        }
      while (!g_str_has_suffix (after, "assist ports\n")
             || strlen (after) == strlen (before));
      found = strstr (after + strlen (before), text) != NULL;
    }
}

static void
expect_refused (const Call *self, LiveClient *client, KhRelayRefusal reason)
{
  KhMessage message = live_client_expect (client, KH_MESSAGE_RELAY_REFUSED);

  g_assert_cmpmem (message.relay_refused.call_id, KH_CALL_ID_LEN, self->call_id,
                   KH_CALL_ID_LEN);
  g_assert_cmpuint (message.relay_refused.reason, ==, reason);
}

static void
assert_carries (int from, int to)
{
  const char question[] = "carried?";
  char got[sizeof question];

  live_write (from, question, sizeof question);
  g_assert_true (live_read (to, got, sizeof got));
  g_assert_cmpstr (got, ==, question);
}

/* Who comes first writes at once, in one piece with its token. */
static void
test_early_bytes_arrive (void)
{
  g_autoptr (Call) call = call_new (FAST, NULL);
  g_autofree guint8 *early = g_malloc (KH_TOKEN_LEN + 50000);
  g_autofree guint8 *got = g_malloc (50000);
  int alices = live_dial ("127.0.0.1", 0, call->alice->welcome.assist[0].port);
  int bobs;

  g_assert_true (call->alice->welcome.flags & KH_WELCOME_RELAY);
  compute_token (call, call->alice, early);
  for (gsize i = 0; i < 50000; i++)
    early[KH_TOKEN_LEN + i] = pattern_at (i);
  live_write (alices, early, KH_TOKEN_LEN + 50000);
  wait_for_statistics (call->server, "1 relays now, 0 in all, 0 bytes relayed");
  bobs = dial_relay (call, call->bob);
  g_assert_true (live_read (bobs, got, 50000));
  g_assert_cmpmem (got, 50000, early + KH_TOKEN_LEN, 50000);
  assert_carries (bobs, alices);
  assert_carries (alices, bobs);
  wait_for_statistics (call->server, "1 relays now, 1 in all, 50018 bytes relayed");
  close (alices);
  close (bobs);
  wait_for_statistics (call->server, "0 relays now, 1 in all, 50018 bytes relayed");
}

static void
test_the_end_of_one_direction_is_passed_on (void)
{
  g_autoptr (Call) call = call_new (FAST, NULL);
  int alices = dial_relay (call, call->alice);
  int bobs = dial_relay (call, call->bob);
  Load load = { .fd = alices, .len = 3 * MIB + 5 };
  GThread *writer = g_thread_new ("writer", write_pattern, &load);

  g_assert_cmpuint (read_pattern (bobs), ==, load.len);
  g_thread_join (writer);
  assert_carries (bobs, alices); /* the other direction goes on */
  wait_for_statistics (call->server, "1 relays now");
  load = (Load){ .fd = bobs, .len = 100000 };
  write_pattern (&load);
  g_assert_cmpuint (read_pattern (alices), ==, load.len);
  wait_for_statistics (call->server, "0 relays now");
  close (alices);
  close (bobs);
}

static void
test_both_directions_at_once (void)
{
  g_autoptr (Call) call = call_new (FAST, NULL);
  int alices = dial_relay (call, call->alice);
  int bobs = dial_relay (call, call->bob);
  Load there = { .fd = alices, .len = 20 * MIB + 1 };
  Load back = { .fd = bobs, .len = 2 * MIB + 7 };
  GThread *first = g_thread_new ("first", write_pattern, &there);
  GThread *second = g_thread_new ("second", write_pattern, &back);

  g_assert_cmpuint (read_pattern (bobs), ==, there.len);
  g_assert_cmpuint (read_pattern (alices), ==, back.len);
  g_thread_join (first);
  g_thread_join (second);
  close (alices);
  close (bobs);
}

/* Writes until nothing more is taken; how much that was. */
static gsize
fill_up (int fd)
{
  guint8 bytes[8192];
  struct pollfd poll_fd = { .fd = fd, .events = POLLOUT };
  gsize at = 0;

  /* One that is only slow for a moment makes this a weaker test, not a wrong one. */
  while (at < MORE_THAN_FITS && poll (&poll_fd, 1, 1500) == 1)
    {
      ssize_t n;

      for (gsize i = 0; i < sizeof bytes; i++)
        bytes[i] = pattern_at (at + i);
      n = send (fd, bytes, sizeof bytes, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n > 0)
        at += (gsize)n;
    }
  return at;
}

static void
test_a_slow_reader_costs_little (void)
{
  g_autoptr (Call) call = call_new (FAST, NULL);
  int alices = dial_relay (call, call->alice);
  int bobs = dial_relay (call, call->bob);
  guint before_kb, after_kb;
  gsize len;

  assert_carries (bobs, alices);
  before_kb = live_server_memory_kb (call->server);
  len = fill_up (alices);
  after_kb = live_server_memory_kb (call->server);
  g_test_message ("%zu bytes were taken, %u kB then %u kB", len, before_kb, after_kb);
  g_assert_cmpuint (len, <, MORE_THAN_FITS);
  g_assert_cmpuint (after_kb, <=, before_kb + 1024);
  assert_carries (bobs, alices); /* the other direction does not wait */
  shutdown (alices, SHUT_WR);
  g_assert_cmpuint (read_pattern (bobs), ==, len);
  close (alices);
  close (bobs);
}

/* Carries @len bytes; how long that took. */
static gint64
carry (int from, int to, gsize len)
{
  Load load = { .fd = from, .len = len };
  gint64 began_at_us = g_get_monotonic_time ();
  GThread *writer = g_thread_new ("writer", write_pattern, &load);

  g_assert_cmpuint (read_pattern (to), ==, len);
  g_thread_join (writer);
  return g_get_monotonic_time () - began_at_us;
}

static void
test_the_rate_of_a_relay_holds (void)
{
  g_autoptr (Call) call = call_new (NULL, "--relay-rate=1000000");
  int alices = dial_relay (call, call->alice);
  int bobs = dial_relay (call, call->bob);
  gint64 took_us = carry (alices, bobs, 2000000);

  /* But for what may come at once. */
  g_test_message ("2 MB at 1 MB/s took %.2f s", (double)took_us / G_USEC_PER_SEC);
  g_assert_cmpint (took_us, >, 18 * G_USEC_PER_SEC / 10);
  close (alices);
  close (bobs);
}

static void
test_the_rate_of_all_relays_holds (void)
{
  g_autoptr (Call) call
      = call_new ("relay-rate-total=1000000\n[server]\nrelay-rate=100000000\n", NULL);
  int first[2] = { dial_relay (call, call->alice), dial_relay (call, call->bob) };
  int second[2];
  Load loads[2];
  GThread *writers[2];
  gint64 began_at_us, took_us;

  assert_carries (first[0], first[1]);
  call_again (call);
  second[0] = dial_relay (call, call->alice);
  second[1] = dial_relay (call, call->bob);

  began_at_us = g_get_monotonic_time ();
  loads[0] = (Load){ .fd = first[0], .len = 1000000 };
  loads[1] = (Load){ .fd = second[0], .len = 1000000 };
  for (guint i = 0; i < 2; i++)
    writers[i] = g_thread_new ("writer", write_pattern, &loads[i]);
  g_assert_cmpuint (read_pattern (first[1]), ==, 1000000);
  g_assert_cmpuint (read_pattern (second[1]), ==, 1000000);
  took_us = g_get_monotonic_time () - began_at_us;
  for (guint i = 0; i < 2; i++)
    g_thread_join (writers[i]);
  g_test_message ("2 MB at 1 MB/s took %.2f s", (double)took_us / G_USEC_PER_SEC);
  g_assert_cmpint (took_us, >, 18 * G_USEC_PER_SEC / 10);
  for (guint i = 0; i < 2; i++)
    {
      close (first[i]);
      close (second[i]);
    }
}

static void
test_the_volume_of_a_day_ends_it (void)
{
  g_autoptr (Call) call = call_new (FAST "relay-volume=300000\n", NULL);
  int alices = dial_relay (call, call->alice);
  int bobs = dial_relay (call, call->bob);
  Load load = { .fd = alices, .len = 1000000 };
  GThread *writer = g_thread_new ("writer", write_pattern, &load);
  gsize len = read_pattern (bobs);
  int again;

  g_thread_join (writer);
  g_assert_cmpuint (len, <, 300000 + 2 * 16384);
  g_assert_true (live_ends_within (alices, LIVE_PATIENCE_MS));
  expect_refused (call, call->alice, KH_RELAY_REFUSED_VOLUME);
  expect_refused (call, call->bob, KH_RELAY_REFUSED_VOLUME);
  wait_for_statistics (call->server, "0 relays now, 1 in all");

  call_again (call);
  again = dial_relay (call, call->alice);
  expect_refused (call, call->alice, KH_RELAY_REFUSED_VOLUME);
  g_assert_true (live_ends_within (again, LIVE_PATIENCE_MS));
  close (again);
  close (alices);
  close (bobs);
}

static void
test_it_can_be_off (void)
{
  g_autoptr (Call) call = call_new (NULL, "--relay=off");
  int fd = dial_relay (call, call->bob);

  g_assert_false (call->bob->welcome.flags & KH_WELCOME_RELAY);
  g_assert_true (live_ends_within (fd, LIVE_PATIENCE_MS));
  expect_refused (call, call->bob, KH_RELAY_REFUSED_OFF);
  expect_refused (call, call->alice, KH_RELAY_REFUSED_OFF);
  close (fd);
}

static void
assert_is_closed (int fd)
{
  g_assert_true (live_ends_within (fd, LIVE_PATIENCE_MS));
  close (fd);
}

static void
test_nobody_else_gets_in (void)
{
  g_autoptr (Call) call = call_new ("assist-token-ms=600000", NULL);
  g_autoptr (LiveClient) mallory = live_client_new (call->server, 3);
  int alices = dial_relay (call, call->alice);
  guint16 port = call->alice->welcome.assist[0].port;
  guint8 token[KH_TOKEN_LEN];
  int stranger, bobs;

  wait_for_statistics (call->server, "1 relays now, 0 in all");
  join (mallory);
  assert_is_closed (dial_relay (call, mallory));     /* knows the call's id */
  assert_is_closed (dial_relay (call, call->alice)); /* twice */
  compute_token (call, call->bob, token);
  token[3] ^= 1;
  stranger = live_dial ("127.0.0.1", 0, port);
  live_write (stranger, token, sizeof token);
  assert_is_closed (stranger);
  bobs = dial_relay (call, call->bob);
  assert_carries (alices, bobs);
  assert_is_closed (dial_relay (call, call->bob));
  assert_carries (bobs, alices);
  close (alices);
  close (bobs);
}

/* A main port takes tokens that are observed, and this is none: it stays good. */
static void
test_a_main_port_relays_nothing (void)
{
  g_autoptr (Call) call = call_new (NULL, NULL);
  guint8 record[2 + 2 + KH_TOKEN_LEN] = { 0, 2 + KH_TOKEN_LEN, 1, 3 };
  int fd = live_dial ("127.0.0.1", 0, call->server->port);
  int alices, bobs;

  compute_token (call, call->alice, record + 4);
  live_write (fd, record, sizeof record);
  assert_is_closed (fd);
  alices = dial_relay (call, call->alice);
  bobs = dial_relay (call, call->bob);
  assert_carries (alices, bobs);
  close (alices);
  close (bobs);
}

static void
test_one_end_that_vanishes_ends_the_other (void)
{
  g_autoptr (Call) call = call_new (NULL, NULL);
  int alices = dial_relay (call, call->alice);
  int bobs = dial_relay (call, call->bob);
  const struct linger reset = { .l_onoff = 1 };

  assert_carries (alices, bobs);
  setsockopt (alices, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  close (alices);
  assert_is_closed (bobs);
  wait_for_statistics (call->server, "0 relays now, 1 in all");
}

static void
test_it_outlives_the_main_connections (void)
{
  g_autoptr (Call) call = call_new (NULL, NULL);
  int alices = dial_relay (call, call->alice);
  int bobs = dial_relay (call, call->bob);

  assert_carries (alices, bobs);
  live_client_free (call->alice);
  live_client_expect (call->bob, KH_MESSAGE_HUNG_UP);
  live_client_free (call->bob);
  wait_for_statistics (call->server, "0 clients, ");
  assert_carries (alices, bobs);
  call->alice = live_client_new (call->server, 1);
  call->bob = live_client_new (call->server, 2);
  assert_carries (bobs, alices);
  wait_for_statistics (call->server, "1 relays now, 1 in all");
  close (alices);
  close (bobs);
}

static void
test_nobody_waits_for_ever (void)
{
  g_autoptr (Call) call = call_new ("relay-wait-ms=300\nrelay-idle-ms=300", NULL);
  int bobs;

  assert_is_closed (dial_relay (call, call->alice));
  bobs = dial_relay (call, call->bob);
  assert_is_closed (bobs); /* there is nobody whom he could meet */
}

static void
test_an_idle_relay_ends (void)
{
  g_autoptr (Call) call = call_new ("relay-idle-ms=700", NULL);
  int alices = dial_relay (call, call->alice);
  int bobs = dial_relay (call, call->bob);

  assert_is_closed (alices);
  assert_is_closed (bobs);
  wait_for_statistics (call->server, "0 relays now, 1 in all");
}

/* With bytes on their way in both directions, and with somebody who waits. */
static void
test_the_server_ends_with_relays (void)
{
  Call *call = call_new (FAST, NULL);
  int alices = dial_relay (call, call->alice);
  int bobs = dial_relay (call, call->bob);
  int waiting;

  assert_carries (bobs, alices);
  fill_up (alices);
  call->call_id[0]++;
  {
    Call back = *call;

    back.alice = call->bob;
    back.bob = call->alice;
    accept_call (&back);
    waiting = dial_relay (&back, back.alice);
  }
  wait_for_statistics (call->server, "2 relays now, 1 in all");
  call_free (call);
  assert_is_closed (waiting);
  assert_is_closed (alices);
  assert_is_closed (bobs);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
#define TEST(path, function) g_test_add_func ("/relay/" path, function)
  TEST ("early-bytes-arrive", test_early_bytes_arrive);
  TEST ("the-end-of-one-direction-is-passed-on",
        test_the_end_of_one_direction_is_passed_on);
  TEST ("both-directions-at-once", test_both_directions_at_once);
  TEST ("a-slow-reader-costs-little", test_a_slow_reader_costs_little);
  TEST ("the-rate-of-one-holds", test_the_rate_of_a_relay_holds);
  TEST ("the-rate-of-all-holds", test_the_rate_of_all_relays_holds);
  TEST ("the-volume-of-a-day-ends-it", test_the_volume_of_a_day_ends_it);
  TEST ("it-can-be-off", test_it_can_be_off);
  TEST ("nobody-else-gets-in", test_nobody_else_gets_in);
  TEST ("a-main-port-relays-nothing", test_a_main_port_relays_nothing);
  TEST ("one-end-that-vanishes-ends-the-other",
        test_one_end_that_vanishes_ends_the_other);
  TEST ("outlives-the-main-connections", test_it_outlives_the_main_connections);
  TEST ("nobody-waits-for-ever", test_nobody_waits_for_ever);
  TEST ("an-idle-relay-ends", test_an_idle_relay_ends);
  TEST ("the-server-ends-with-relays", test_the_server_ends_with_relays);
  return g_test_run ();
}
