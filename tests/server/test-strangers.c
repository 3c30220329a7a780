/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What strangers and broken clients do to a real server: nothing that others notice.
 */
#include "live-server.h"

#include <sodium.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* Whoever has to be closed for something else is not closed for being slow: these take
 * longer than a test waits. */
#define NOBODY_IS_SLOW "login-ms=600000\nassist-token-ms=600000\n"

static void
assert_unharmed (const LiveServer *server, LiveClient *witness)
{
  g_autoptr (LiveClient) newcomer = live_client_new_from (server, 200, "127.0.0.9");

  live_client_expect_none (newcomer, KH_MESSAGE_REFUSED);
  live_client_expect_none (witness, KH_MESSAGE_REFUSED);
}

static void
test_garbage_ends_at_once (void)
{
  LiveServer *server = live_server_start (NOBODY_IS_SLOW, NULL);
  g_autoptr (LiveClient) witness = live_client_new (server, 1);
  static const struct
  {
    guint8 bytes[36];
    gsize len;
  } openings[] = {
    { "GET / HT", 8 },           /* a length that can't be */
    { { 0xff, 0xff, 1, 1 }, 4 }, /* huge */
    { { 0, 0 }, 2 },             /* nothing */
    { { 0, 99, 1, 1 }, 4 },      /* one more than there may be */
    { { 0, 34, 2, 2, 9 }, 36 },  /* another version, good but for that */
    { { 0, 4, 1, 3, 0, 0 }, 6 }, /* another pattern */
    { { 0, 4, 1, 1, 0, 0 }, 6 }, /* too short for Noise */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (openings); i++)
    {
      int fd = live_dial ("127.0.0.1", 0, server->port);

      g_test_message ("opening %" G_GSIZE_FORMAT, i);
      live_write (fd, openings[i].bytes, openings[i].len);
      g_assert_true (live_ends_within (fd, LIVE_PATIENCE_MS));
      close (fd);
    }
  assert_unharmed (server, witness);
  live_server_stop (server, SIGTERM, FALSE);
}

/* Random bytes after a good handshake, and random records before it. */
static void
test_random_bytes_end (void)
{
  LiveServer *server
      = live_server_start (NOBODY_IS_SLOW "handshakes-per-second=1000", NULL);
  g_autoptr (LiveClient) witness = live_client_new (server, 1);

  for (guint i = 0; i < 60; i++)
    {
      LiveClient *client;
      guint8 bytes[98];
      int fd = live_dial ("127.0.0.1", 0, server->port);

      randombytes_buf (bytes, sizeof bytes);
      if (i % 2 == 0)
        {
          bytes[0] = 0;
          bytes[1] = 96; /* a whole record */
          bytes[2] = 1;
          bytes[3] = (guint8)(1 + i / 2 % 2);
          live_write (fd, bytes, sizeof bytes);
          live_write (fd, bytes, sizeof bytes); /* any 32 bytes may begin XX */
          g_assert_true (live_ends_within (fd, LIVE_PATIENCE_MS));
          close (fd);
          continue;
        }
      client = live_client_handshake (server, fd, 2, i % 4 == 1);
      if (i % 3 == 0)
        live_client_hello (client);
      bytes[0] = 0;
      bytes[1] = 96;
      live_write (client->fd, bytes, sizeof bytes);
      g_assert_true (live_ends_within (client->fd, LIVE_PATIENCE_MS));
      live_client_free (client);
    }
  assert_unharmed (server, witness);
  live_server_stop (server, SIGTERM, FALSE);
}

static void
test_bytes_one_at_a_time_are_understood (void)
{
  LiveServer *server = live_server_start (NULL, NULL);
  LiveClient *client;
  KhNoiseHandshake noise;
  guint8 record[100], payload[100];
  gsize len = live_client_first_record (server, 3, record, &noise, FALSE), payload_len;
  int fd = live_dial ("127.0.0.1", 0, server->port);

  for (gsize i = 0; i < len; i++)
    live_write (fd, record + i, 1);
  g_assert_true (live_read (fd, record, 2));
  len = record[1];
  g_assert_true (live_read (fd, record, len));
  g_assert_true (kh_noise_handshake_read (&noise, record, len, payload, sizeof payload,
                                          &payload_len));
  client = g_new0 (LiveClient, 1);
  client->fd = fd;
  g_assert_true (kh_noise_handshake_split (&noise, &client->send, &client->receive));
  len = live_client_seal (client,
                          &(KhMessage){ .type = KH_MESSAGE_HELLO,
                                        .hello = { .version = 1, .name = { "x", 1 } } },
                          record);
  for (gsize i = 0; i < len; i++)
    live_write (fd, record + i, 1);
  live_client_expect (client, KH_MESSAGE_WELCOME);

  /* And two in one piece. */
  len = live_client_seal (client, &(KhMessage){ .type = KH_MESSAGE_PING }, record);
  len += live_client_seal (client, &(KhMessage){ .type = KH_MESSAGE_PING, .ping = { 2 } },
                           record + len);
  live_write (fd, record, len);
  g_assert_cmpuint (live_client_expect (client, KH_MESSAGE_PONG).ping.cookie, ==, 0);
  g_assert_cmpuint (live_client_expect (client, KH_MESSAGE_PONG).ping.cookie, ==, 2);
  live_client_free (client);
  live_server_stop (server, SIGTERM, FALSE);
}

static void
test_another_key_is_not_answered (void)
{
  LiveServer *server = live_server_start (NULL, NULL);
  LiveServer wrong = *server;

  wrong.id[0] ^= 1;
  g_assert_null (
      live_client_handshake (&wrong, live_dial ("127.0.0.1", 0, server->port), 1, FALSE));
  live_server_stop (server, SIGTERM, FALSE);
}

/* What was recorded of a login does nothing when it is played again. */
static void
test_a_recorded_login_does_nothing (void)
{
  LiveServer *server = live_server_start (NOBODY_IS_SLOW, NULL);
  LiveClient *client = g_new0 (LiveClient, 1);
  KhNoiseHandshake noise;
  guint8 first[100], second[200], answer[100], payload[100];
  gsize first_len = live_client_first_record (server, 3, first, &noise, FALSE);
  gsize second_len, payload_len;
  int replay;

  client->fd = live_dial ("127.0.0.1", 0, server->port);
  live_write (client->fd, first, first_len);
  g_assert_true (live_read (client->fd, answer, 2));
  g_assert_true (live_read (client->fd, answer + 2, answer[1]));
  g_assert_true (kh_noise_handshake_read (&noise, answer + 2, answer[1], payload,
                                          sizeof payload, &payload_len));
  g_assert_true (kh_noise_handshake_split (&noise, &client->send, &client->receive));
  second_len
      = live_client_seal (client,
                          &(KhMessage){ .type = KH_MESSAGE_HELLO,
                                        .hello = { .version = 1, .name = { "x", 1 } } },
                          second);
  live_write (client->fd, second, second_len);
  live_client_expect (client, KH_MESSAGE_WELCOME);

  replay = live_dial ("127.0.0.1", 0, server->port);
  live_write (replay, first, first_len);
  live_write (replay, second, second_len);
  g_assert_true (live_ends_within (replay, LIVE_PATIENCE_MS));
  close (replay);
  live_client_expect_none (client, KH_MESSAGE_REPLACED);
  live_client_free (client);
  live_server_stop (server, SIGTERM, FALSE);
}

static void
test_the_slow_and_silent_are_closed (void)
{
  /* Who is quick has time enough, on a machine that is busy too. */
  LiveServer *server
      = live_server_start ("login-ms=1500\nassist-token-ms=1500\nsilent-ms=8000", NULL);
  LiveClient *witness = live_client_new (server, 1);
  guint16 assist = witness->welcome.assist[0].port;
  gint64 start_us = g_get_monotonic_time ();
  int silent = live_dial ("127.0.0.1", 0, server->port);
  int half = live_dial ("127.0.0.1", 0, server->port);
  int assist_silent = live_dial ("127.0.0.1", 0, assist);
  int assist_half = live_dial ("127.0.0.1", 0, assist);
  LiveClient *no_hello = live_client_handshake (
      server, live_dial ("127.0.0.1", 0, server->port), 2, FALSE);

  live_write (half, "\0\x62\x01", 3);
  live_write (assist_half, "half", 4);
  g_assert_true (live_ends_within (silent, LIVE_PATIENCE_MS));
  g_assert_cmpint (g_get_monotonic_time () - start_us, >=, 1500000);
  g_assert_true (live_ends_within (half, LIVE_PATIENCE_MS));
  g_assert_true (live_ends_within (assist_silent, LIVE_PATIENCE_MS));
  g_assert_true (live_ends_within (assist_half, LIVE_PATIENCE_MS));
  g_assert_true (live_ends_within (no_hello->fd, LIVE_PATIENCE_MS));
  g_assert_cmpint (g_get_monotonic_time () - start_us, <, 8000000);
  g_assert_true (live_ends_within (witness->fd, LIVE_PATIENCE_MS)); /* 8 s of nothing */
  live_client_free (no_hello);
  live_client_free (witness);
  close (silent);
  close (half);
  close (assist_silent);
  close (assist_half);
  live_server_stop (server, SIGTERM, FALSE);
}

static void
test_bad_tokens_are_closed (void)
{
  LiveServer *server = live_server_start (NOBODY_IS_SLOW, NULL);
  g_autoptr (LiveClient) witness = live_client_new (server, 1);
  static const gsize lens[] = { KH_TOKEN_LEN, KH_TOKEN_LEN + 1, 5000 };

  for (gsize i = 0; i < G_N_ELEMENTS (lens); i++)
    {
      int fd = live_dial ("127.0.0.1", 0, witness->welcome.assist[0].port);
      g_autofree guint8 *bytes = g_malloc0 (lens[i]);

      live_write (fd, bytes, lens[i]);
      g_assert_true (live_ends_within (fd, LIVE_PATIENCE_MS));
      close (fd);
    }
  assert_unharmed (server, witness);
  live_server_stop (server, SIGTERM, FALSE);
}

/* A thousand connections from 40 addresses that say nothing, on both ports: each
 * address keeps 32, others still get in, and it costs little memory. */
static void
test_a_thousand_silent_ones_lock_nobody_out (void)
{
  LiveServer *server = live_server_start (NOBODY_IS_SLOW, NULL);
  g_autoptr (LiveClient) witness = live_client_new (server, 1);
  guint before_kb = live_server_memory_kb (server);
  g_autofree int *fds = g_new (int, 1000);

  for (guint i = 0; i < 1000; i++)
    {
      g_autofree char *source = g_strdup_printf ("127.0.1.%u", i / 25);

      fds[i]
          = live_dial (source, 0, i % 2 ? server->port : witness->welcome.assist[0].port);
      if (i % 4 == 1)
        live_write (fds[i], "\0", 1);
    }
  assert_unharmed (server, witness);
  g_assert_cmpuint (live_server_memory_kb (server), <, before_kb + 1024);
  for (guint i = 0; i < 1000; i++)
    close (fds[i]);
  assert_unharmed (server, witness);
  live_server_stop (server, SIGTERM, FALSE);
}

static void
test_one_address_keeps_32 (void)
{
  LiveServer *server = live_server_start (NOBODY_IS_SLOW, NULL);
  int fds[64];
  guint n_open = 0;
  LiveClient *client;

  for (guint i = 0; i < 64; i++)
    fds[i] = live_dial ("127.0.0.1", 0, server->port);
  client = live_client_new (server, 1); /* the same address */
  for (guint i = 0; i < 64; i++)
    {
      gboolean oldest = i <= 32; /* the client needed one more place */

      g_assert_cmpint (live_ends_within (fds[i], oldest ? LIVE_PATIENCE_MS : 1), ==,
                       oldest);
      n_open += !oldest;
      close (fds[i]);
    }
  g_assert_cmpuint (n_open, ==, 31);
  live_client_free (client);
  live_server_stop (server, SIGTERM, FALSE);
}

/* Whoever takes two seconds for six of them is within the limit: then six more follow. */
static void
test_handshakes_of_an_address_are_limited (void)
{
  LiveServer *server = live_server_start ("handshakes-per-second=2", NULL);
  guint n_good = 0, n_refused = 0;

  for (guint i = 0; i < 60 && (i % 6 != 0 || n_refused == 0); i++)
    {
      LiveClient *client = live_client_handshake (
          server, live_dial ("127.0.0.1", 0, server->port), 1, FALSE);

      n_good += client != NULL;
      n_refused += client == NULL;
      g_clear_pointer (&client, live_client_free);
    }
  g_assert_cmpuint (n_good, >=, 2);
  g_assert_cmpuint (n_refused, >, 0);
  live_client_free (live_client_new_from (server, 1, "127.0.0.2"));
  live_server_stop (server, SIGTERM, FALSE);
}

static void
test_who_does_not_read_is_dropped (void)
{
  LiveServer *server
      = live_server_start ("messages-per-second=1000000\nmessages-burst=1000000", NULL);
  g_autoptr (LiveClient) witness = live_client_new (server, 1);
  int fd = live_dial ("127.0.0.1", 0, server->port);
  LiveClient *client;
  guint8 record[64];
  guint n = 0;

  client = live_client_handshake (server, fd, 2, FALSE);
  live_client_hello (client);
  for (; n < 1000000; n++)
    {
      gsize len
          = live_client_seal (client, &(KhMessage){ .type = KH_MESSAGE_PING }, record);

      if (send (fd, record, len, MSG_NOSIGNAL) < 0)
        break;
    }
  g_test_message ("dropped after %u messages", n);
  g_assert_cmpuint (n, <, 1000000);
  g_assert_true (errno == EPIPE || errno == ECONNRESET);
  live_client_free (client);
  assert_unharmed (server, witness);
  live_server_stop (server, SIGTERM, FALSE);
}

static void
test_a_flood_is_refused (void)
{
  LiveServer *server = live_server_start ("messages-burst=20", NULL);
  g_autoptr (LiveClient) witness = live_client_new (server, 1);
  g_autoptr (LiveClient) client = live_client_new (server, 2);

  for (guint i = 0; i < 100; i++)
    live_client_send (client, &(KhMessage){ .type = KH_MESSAGE_PING });
  g_assert_cmpuint (live_client_expect (client, KH_MESSAGE_REFUSED).refused.code, ==,
                    KH_REFUSED_TOO_MANY_MESSAGES);
  g_assert_true (live_ends_within (client->fd, LIVE_PATIENCE_MS));
  assert_unharmed (server, witness);
  live_server_stop (server, SIGTERM, FALSE);
}

static void
test_what_strangers_do_is_not_logged (void)
{
  LiveServer *server = live_server_start (NOBODY_IS_SLOW, NULL);
  g_autofree char *errors = NULL;
  int fd = live_dial ("127.0.0.1", 0, server->port);

  live_write (fd, "GET / HTTP/1.1\r\n\r\n", 18);
  g_assert_true (live_ends_within (fd, LIVE_PATIENCE_MS));
  close (fd);
  errors = live_server_errors (server);
  g_assert_cmpstr (errors, ==, "");
  live_server_stop (server, SIGTERM, FALSE);
}

int
main (int argc, char *argv[])
{
  struct rlimit limit;

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  getrlimit (RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
#define TEST(path, function) g_test_add_func ("/strangers/" path, function)
  TEST ("garbage-ends-at-once", test_garbage_ends_at_once);
  TEST ("random-bytes-end", test_random_bytes_end);
  TEST ("bytes-one-at-a-time-are-understood", test_bytes_one_at_a_time_are_understood);
  TEST ("another-key-is-not-answered", test_another_key_is_not_answered);
  TEST ("a-recorded-login-does-nothing", test_a_recorded_login_does_nothing);
  TEST ("the-slow-and-silent-are-closed", test_the_slow_and_silent_are_closed);
  TEST ("bad-tokens-are-closed", test_bad_tokens_are_closed);
  TEST ("a-thousand-silent-ones-lock-nobody-out",
        test_a_thousand_silent_ones_lock_nobody_out);
  TEST ("one-address-keeps-32", test_one_address_keeps_32);
  TEST ("handshakes-of-an-address-are-limited",
        test_handshakes_of_an_address_are_limited);
  TEST ("who-does-not-read-is-dropped", test_who_does_not_read_is_dropped);
  TEST ("a-flood-is-refused", test_a_flood_is_refused);
  TEST ("what-strangers-do-is-not-logged", test_what_strangers_do_is_not_logged);
  return g_test_run ();
}
