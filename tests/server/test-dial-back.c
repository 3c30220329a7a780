/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Probes of a real server over loopback: what it says it saw, and that it dials back, and
 * from where.
 */
#include "live-server.h"

#include <sodium.h>

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ADDRESS "127.0.0.1"
/* Less than a dial may take. */
#define AT_ONCE_MS 3000
/* No timer fires that would carry out by chance what was forgotten. */
#define NO_OTHER_TIMERS "login-ms=60000\nassist-token-ms=60000"

static const guint8 probe_id[KH_CALL_ID_LEN] = { 5, 6, 7 };

/* A client with a probe. */
static LiveClient *
new_prober (const LiveServer *server, const char *source)
{
  LiveClient *client = live_client_new_from (server, 1, source);
  KhMessage probe = { .type = KH_MESSAGE_PROBE };

  memcpy (probe.probe.probe_id, probe_id, sizeof probe_id);
  live_client_send (client, &probe);
  return client;
}

static void
compute_token (const LiveClient *client, guint8 index, guint8 token[KH_TOKEN_LEN])
{
  kh_token_compute (token, client->welcome.secret, probe_id, 0, index, KH_TOKEN_PROBE);
}

static guint16
port_of (int fd)
{
  struct sockaddr_in own;
  socklen_t len = sizeof own;

  g_assert_cmpint (getsockname (fd, (struct sockaddr *)&own, &len), ==, 0);
  return ntohs (own.sin_port);
}

/* Listens at an address and a port that may have a connection already. */
static int
listen_at (const char *address, guint16 port, int backlog)
{
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in own = { .sin_family = AF_INET, .sin_port = htons (port) };

  setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof (int));
  inet_pton (AF_INET, address, &own.sin_addr);
  g_assert_cmpint (bind (fd, (struct sockaddr *)&own, sizeof own), ==, 0);
  g_assert_cmpint (listen (fd, backlog), ==, 0);
  return fd;
}

/* Shows the token of @index at the assist port and waits for PROBED. @listener may be
 * NULL: then nobody listens at that port. */
static int
probe_from (LiveClient *client, guint8 index, int *listener)
{
  int fd = live_dial (ADDRESS, 0, client->welcome.assist[0].port);
  guint8 token[KH_TOKEN_LEN];
  KhMessage message;

  if (listener != NULL)
    *listener = listen_at (ADDRESS, port_of (fd), 8);
  compute_token (client, index, token);
  live_write (fd, token, sizeof token);
  message = live_client_expect (client, KH_MESSAGE_PROBED);
  g_assert_cmpmem (message.probed.probe_id, 16, probe_id, 16);
  g_assert_cmpuint (message.probed.index, ==, index);
  g_assert_cmpuint (message.probed.endpoint.port, ==, port_of (fd));
  return fd;
}

static void
ask (LiveClient *client, guint8 index, KhProbeDial from, guint16 port)
{
  KhMessage dial = { .type = KH_MESSAGE_DIAL,
                     .dial = { .index = index, .from = (guint8)from, .port = port } };

  memcpy (dial.dial.probe_id, probe_id, sizeof probe_id);
  live_client_send (client, &dial);
}

static KhMsgDial
expect_dialled (LiveClient *client, guint8 index, KhProbeDial from, KhProbeResult result)
{
  KhMsgDial dial = live_client_expect (client, KH_MESSAGE_DIALLED).dial;

  g_assert_cmpmem (dial.probe_id, 16, probe_id, 16);
  g_assert_cmpuint (dial.index, ==, index);
  g_assert_cmpuint (dial.from, ==, from);
  g_assert_cmpuint (dial.result, ==, result);
  return dial;
}

/* Takes what comes to @listener: the right 16 bytes and then the end, not a reset. */
static struct sockaddr_in
accept_dial (const LiveClient *client, int listener, guint8 index, KhProbeDial from)
{
  struct pollfd poll_fd = { .fd = listener, .events = POLLIN };
  struct sockaddr_in remote;
  socklen_t len = sizeof remote;
  guint8 token[KH_TOKEN_LEN], bytes[KH_TOKEN_LEN + 1];
  int fd;

  g_assert_cmpint (poll (&poll_fd, 1, LIVE_PATIENCE_MS), ==, 1);
  fd = accept (listener, (struct sockaddr *)&remote, &len);
  g_assert_cmpint (fd, >=, 0);
  live_write (fd, "who is there?", 13); /* must not turn its end into a reset */
  g_assert_true (live_read (fd, bytes, KH_TOKEN_LEN));
  kh_token_compute (token, client->welcome.secret, probe_id, (guint8)from, index,
                    KH_TOKEN_DIAL_BACK);
  g_assert_cmpmem (bytes, KH_TOKEN_LEN, token, KH_TOKEN_LEN);
  poll_fd.fd = fd;
  g_assert_cmpint (poll (&poll_fd, 1, LIVE_PATIENCE_MS), ==, 1);
  g_assert_cmpint (recv (fd, bytes, sizeof bytes, 0), ==, 0);
  close (fd);
  return remote;
}

static void
assert_comes_from (const struct sockaddr_in *remote, const char *expected)
{
  char text[INET_ADDRSTRLEN];

  inet_ntop (AF_INET, &remote->sin_addr, text, sizeof text);
  g_assert_cmpstr (text, ==, expected);
}

static void
test_a_dial_from_another_port (void)
{
  LiveServer *server = live_server_start (NULL, NULL);
  g_autoptr (LiveClient) client = new_prober (server, ADDRESS);
  int listener, fd = probe_from (client, 4, &listener);
  struct sockaddr_in remote;

  ask (client, 4, KH_DIAL_FROM_OTHER_PORT, 0);
  remote = accept_dial (client, listener, 4, KH_DIAL_FROM_OTHER_PORT);
  assert_comes_from (&remote, ADDRESS);
  g_assert_cmpuint (ntohs (remote.sin_port), !=, server->port);
  g_assert_cmpuint (ntohs (remote.sin_port), !=, client->welcome.assist[0].port);
  expect_dialled (client, 4, KH_DIAL_FROM_OTHER_PORT, KH_DIALLED_CONNECTED);
  g_assert_false (live_ends_within (fd, 50)); /* open until the probe ends */
  close (fd);
  close (listener);
  g_assert_cmpint (live_server_stop (server, SIGTERM, FALSE), ==, 0);
}

static void
test_a_dial_from_another_address (void)
{
  /* Two addresses: the later line of a file counts. */
  LiveServer *server
      = live_server_start ("\n[server]\nassist=127.0.0.1:0;127.0.0.2:0", NULL);
  g_autoptr (LiveClient) client = new_prober (server, ADDRESS);
  int listener, fd = probe_from (client, 0, &listener);
  struct sockaddr_in remote;

  g_assert_cmpuint (client->welcome.n_assist, ==, 2);
  ask (client, 0, KH_DIAL_FROM_OTHER_ADDRESS, 0);
  remote = accept_dial (client, listener, 0, KH_DIAL_FROM_OTHER_ADDRESS);
  assert_comes_from (&remote, "127.0.0.2");
  g_assert_cmpuint (ntohs (remote.sin_port), !=, client->welcome.assist[1].port);
  expect_dialled (client, 0, KH_DIAL_FROM_OTHER_ADDRESS, KH_DIALLED_CONNECTED);
  close (fd);
  close (listener);
  live_server_stop (server, SIGTERM, FALSE);
}

static void
test_a_server_with_one_address_has_no_other (void)
{
  LiveServer *server = live_server_start (NO_OTHER_TIMERS, NULL);
  g_autoptr (LiveClient) client = new_prober (server, ADDRESS);
  int listener, fd = probe_from (client, 0, &listener);

  ask (client, 0, KH_DIAL_FROM_OTHER_ADDRESS, 0);
  expect_dialled (client, 0, KH_DIAL_FROM_OTHER_ADDRESS, KH_DIALLED_IMPOSSIBLE);
  ask (client, 1, KH_DIAL_FROM_OTHER_PORT, 0);
  expect_dialled (client, 1, KH_DIAL_FROM_OTHER_PORT, KH_DIALLED_IMPOSSIBLE);
  close (fd);
  close (listener);
  live_server_stop (server, SIGTERM, FALSE);
}

static void
test_where_nobody_listens_it_is_refused (void)
{
  LiveServer *server = live_server_start (NULL, NULL);
  g_autoptr (LiveClient) client = new_prober (server, ADDRESS);
  int listener, fd = probe_from (client, 0, NULL), open_fd;
  KhMsgDial dial;

  ask (client, 0, KH_DIAL_FROM_OTHER_PORT, 0);
  expect_dialled (client, 0, KH_DIAL_FROM_OTHER_PORT, KH_DIALLED_REFUSED);

  /* And at the port that the server picks, which is not the one that listens. */
  open_fd = probe_from (client, 1, &listener);
  ask (client, 1, KH_DIAL_TO_CLOSED_PORT, port_of (listener));
  dial = live_client_expect (client, KH_MESSAGE_DIALLED).dial;
  if (dial.result != KH_DIALLED_NOTHING) /* another program's port */
    g_assert_cmpuint (dial.result, ==, KH_DIALLED_REFUSED);
  g_assert_cmpint (poll (&(struct pollfd){ .fd = listener, .events = POLLIN }, 1, 50), ==,
                   0);
  close (fd);
  close (open_fd);
  close (listener);
  live_server_stop (server, SIGTERM, FALSE);
}

static void
test_a_named_port (void)
{
  static const char own[] = "127.0.0.5";
  LiveServer *server = live_server_start (NULL, NULL);
  g_autoptr (LiveClient) client = new_prober (server, own);
  int listener = listen_at (own, 0, 8);
  guint16 port = port_of (listener);
  struct sockaddr_in remote;

  ask (client, 9, KH_DIAL_TO_NAMED_PORT, port);
  expect_dialled (client, 9, KH_DIAL_TO_NAMED_PORT, KH_DIALLED_NOTHING);
  remote = accept_dial (client, listener, 9, KH_DIAL_TO_NAMED_PORT);
  assert_comes_from (&remote, ADDRESS);

  /* Where nobody listens the same is said, and no more. */
  close (listener);
  ask (client, 9, KH_DIAL_TO_NAMED_PORT, port);
  expect_dialled (client, 9, KH_DIAL_TO_NAMED_PORT, KH_DIALLED_NOTHING);
  g_usleep (100000);
  live_client_expect_none (client, KH_MESSAGE_DIALLED);
  live_server_stop (server, SIGTERM, FALSE);
}

static void
test_the_server_does_not_dial_itself (void)
{
  LiveServer *server = live_server_start (NULL, NULL);
  g_autoptr (LiveClient) client = new_prober (server, ADDRESS);

  ask (client, 0, KH_DIAL_TO_NAMED_PORT, server->port);
  expect_dialled (client, 0, KH_DIAL_TO_NAMED_PORT, KH_DIALLED_IMPOSSIBLE);
  live_server_stop (server, SIGTERM, FALSE);
}

static void
test_dials_are_limited (void)
{
  LiveServer *server = live_server_start ("dials-per-minute=2", NULL);
  g_autoptr (LiveClient) client = new_prober (server, ADDRESS);
  int fd = probe_from (client, 0, NULL);
  KhMsgDial dial;

  for (guint i = 0; i < 2; i++)
    {
      ask (client, 0, KH_DIAL_FROM_OTHER_PORT, 0);
      expect_dialled (client, 0, KH_DIAL_FROM_OTHER_PORT, KH_DIALLED_REFUSED);
    }
  ask (client, 0, KH_DIAL_FROM_OTHER_PORT, 0);
  dial = expect_dialled (client, 0, KH_DIAL_FROM_OTHER_PORT, KH_DIALLED_LATER);
  g_assert_cmpuint (dial.wait_s, >, 10);
  g_assert_cmpuint (dial.wait_s, <=, 30);
  close (fd);
  live_server_stop (server, SIGTERM, FALSE);
}

/* Takes no more at the port of @fd: what comes is dropped by the system. */
static void
become_deaf (int fd, int fds[2])
{
  fds[0] = listen_at (ADDRESS, port_of (fd), 0);
  fds[1] = live_dial (ADDRESS, 0, port_of (fd));
}

/* The server has this many descriptors of connections open, soon. */
static void
wait_for_connections (const LiveServer *server, guint n)
{
  g_autofree char *expected = g_strdup_printf (", %u connections,", n);
  gint64 until_us = g_get_monotonic_time () + LIVE_PATIENCE_MS * 1000;
  gsize before = 0;

  for (;;)
    {
      g_autofree char *errors = NULL;

      g_assert_cmpint (g_get_monotonic_time (), <, until_us);
      g_assert_cmpint (kill (server->pid, SIGUSR1), ==, 0);
      g_usleep (20000);
      errors = live_server_errors (server);
      if (strstr (errors + before, expected) != NULL)
        return;
      before = strlen (errors);
    }
}

static void
test_silence_is_given_up (void)
{
  LiveServer *server = live_server_start (NO_OTHER_TIMERS, NULL);
  g_autoptr (LiveClient) client = new_prober (server, ADDRESS);
  int fd = probe_from (client, 0, NULL), deaf[2];
  gint64 began_us, took_us;

  become_deaf (fd, deaf);
  began_us = g_get_monotonic_time ();
  ask (client, 0, KH_DIAL_FROM_OTHER_PORT, 0);
  expect_dialled (client, 0, KH_DIAL_FROM_OTHER_PORT, KH_DIALLED_SILENT);
  took_us = g_get_monotonic_time () - began_us;
  g_assert_cmpint (took_us, >=, KH_PROBE_DIAL_US);
  g_assert_cmpint (took_us, <, KH_PROBE_DIAL_US + 3 * G_USEC_PER_SEC);
  wait_for_connections (server, 2);
  close (fd);
  close (deaf[0]);
  close (deaf[1]);
  live_server_stop (server, SIGTERM, FALSE);
}

/* A newer one ends it: its connections are closed, and the dial is given up. */
static void
test_the_end_of_a_probe_ends_all_of_it (void)
{
  LiveServer *server = live_server_start (NULL, NULL);
  g_autoptr (LiveClient) client = new_prober (server, ADDRESS);
  int fd = probe_from (client, 0, NULL), deaf[2];
  KhMessage probe = { .type = KH_MESSAGE_PROBE };
  gint64 began_us = g_get_monotonic_time ();

  become_deaf (fd, deaf);
  ask (client, 0, KH_DIAL_FROM_OTHER_PORT, 0);
  wait_for_connections (server, 3);
  live_client_send (client, &probe);
  g_assert_true (live_ends_within (fd, AT_ONCE_MS));
  wait_for_connections (server, 1);
  g_assert_cmpint (g_get_monotonic_time () - began_us, <, AT_ONCE_MS * 1000);
  live_client_expect_none (client, KH_MESSAGE_DIALLED);

  /* Nor does one that is under way keep the server from ending. */
  close (fd);
  close (deaf[0]);
  close (deaf[1]);
  live_client_free (g_steal_pointer (&client));
  client = new_prober (server, ADDRESS);
  fd = probe_from (client, 0, NULL);
  become_deaf (fd, deaf);
  ask (client, 0, KH_DIAL_FROM_OTHER_PORT, 0);
  live_client_expect_none (client, KH_MESSAGE_DIALLED);
  g_assert_cmpint (live_server_stop (server, SIGTERM, FALSE), ==, 0);
  close (fd);
  close (deaf[0]);
  close (deaf[1]);
}

static int
show_at_main_port (const LiveServer *server, const guint8 token[KH_TOKEN_LEN])
{
  int fd = live_dial (ADDRESS, 0, server->port);
  guint8 record[4 + KH_TOKEN_LEN] = { 0, 2 + KH_TOKEN_LEN, 1, 3 };

  memcpy (record + 4, token, KH_TOKEN_LEN);
  live_write (fd, record, 9); /* in two parts */
  live_write (fd, record + 9, sizeof record - 9);
  return fd;
}

/* Ends in order: nothing, then the end. */
static void
assert_ended (int fd)
{
  guint8 byte;

  g_assert_cmpint (
      poll (&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, LIVE_PATIENCE_MS), ==, 1);
  g_assert_cmpint (recv (fd, &byte, 1, 0), ==, 0);
  close (fd);
}

/* Also where an address has no handshakes left: it needs none. */
static void
test_a_main_port_observes_too (void)
{
  LiveServer *server = live_server_start ("handshakes-per-second=1", NULL);
  g_autoptr (LiveClient) client = new_prober (server, ADDRESS);
  guint8 token[KH_TOKEN_LEN];

  for (guint8 index = 0; index < 4; index++)
    {
      KhMessage message;
      int fd;

      compute_token (client, index, token);
      fd = show_at_main_port (server, token);
      message = live_client_expect (client, KH_MESSAGE_PROBED);
      g_assert_cmpuint (message.probed.index, ==, index);
      g_assert_cmpuint (message.probed.endpoint.port, ==, port_of (fd));
      assert_ended (fd);
    }
  assert_ended (show_at_main_port (server, token)); /* used */
  token[0] ^= 1;
  assert_ended (show_at_main_port (server, token));
  live_client_expect_none (client, KH_MESSAGE_PROBED);
  wait_for_connections (server, 1);
  live_server_stop (server, SIGTERM, FALSE);
}

/* Dialled back, it does not matter which kind of port saw it. */
static void
test_a_dial_to_what_a_main_port_saw (void)
{
  LiveServer *server = live_server_start (NULL, NULL);
  g_autoptr (LiveClient) client = new_prober (server, ADDRESS);
  struct sockaddr_in remote;
  guint8 token[KH_TOKEN_LEN];
  int fd, listener;

  compute_token (client, 2, token);
  fd = show_at_main_port (server, token);
  listener = listen_at (ADDRESS, port_of (fd), 8);
  live_client_expect (client, KH_MESSAGE_PROBED);
  ask (client, 2, KH_DIAL_FROM_OTHER_PORT, 0);
  remote = accept_dial (client, listener, 2, KH_DIAL_FROM_OTHER_PORT);
  g_assert_cmpuint (ntohs (remote.sin_port), !=, server->port);
  close (fd);
  close (listener);
  live_server_stop (server, SIGTERM, FALSE);
}

static void
test_welcome_names_the_helper (void)
{
  LiveServer *helper = live_server_start (NULL, NULL);
  g_autofree char *flag = g_strdup_printf ("--helper=%s", helper->address);
  LiveServer *server = live_server_start (NULL, flag);
  LiveClient *client
      = live_client_handshake (server, live_dial (ADDRESS, 0, server->port), 1, FALSE);
  KhText text;

  live_client_hello (client);
  text = live_client_expect (client, KH_MESSAGE_WELCOME).welcome.helper;
  g_assert_cmpmem (text.bytes, text.len, helper->address, strlen (helper->address));
  live_client_free (client);
  live_server_stop (server, SIGTERM, FALSE);
  live_server_stop (helper, SIGTERM, FALSE);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
#define TEST(path, function) g_test_add_func ("/dial-back/" path, function)
  TEST ("from-another-port", test_a_dial_from_another_port);
  TEST ("from-another-address", test_a_dial_from_another_address);
  TEST ("no-other-address", test_a_server_with_one_address_has_no_other);
  TEST ("refused", test_where_nobody_listens_it_is_refused);
  TEST ("a-named-port", test_a_named_port);
  TEST ("not-itself", test_the_server_does_not_dial_itself);
  TEST ("limited", test_dials_are_limited);
  TEST ("silence-is-given-up", test_silence_is_given_up);
  TEST ("the-end-of-a-probe-ends-all-of-it", test_the_end_of_a_probe_ends_all_of_it);
  TEST ("a-main-port-observes-too", test_a_main_port_observes_too);
  TEST ("to-what-a-main-port-saw", test_a_dial_to_what_a_main_port_saw);
  TEST ("welcome-names-the-helper", test_welcome_names_the_helper);
  return g_test_run ();
}
