/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What honest clients get from a real server over loopback.
 */
#include "live-server.h"

#include <sodium.h>

#include <arpa/inet.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void
join (LiveClient *client, guint8 room)
{
  KhMessage message = { .type = KH_MESSAGE_JOIN };

  memset (message.room.id, room, KH_ROOM_ID_LEN);
  live_client_send (client, &message);
  g_assert_cmpuint (live_client_expect (client, KH_MESSAGE_JOINED).room.result, ==,
                    KH_JOINED);
}

static void
test_login (void)
{
  LiveServer *server = live_server_start (NULL, NULL);
  g_autoptr (LiveClient) client = live_client_new (server, 1);
  struct sockaddr_in own;
  socklen_t len = sizeof own;

  g_assert_cmpuint (client->welcome.flags, ==, KH_WELCOME_LOBBY | KH_WELCOME_RELAY);
  g_assert_cmpuint (client->welcome.n_assist, ==, 1);
  g_assert_cmpuint (client->welcome.assist[0].family, ==, 4);
  g_assert_cmpuint (client->welcome.assist[0].address[0], ==, 127);
  getsockname (client->fd, (struct sockaddr *)&own, &len);
  g_assert_cmpuint (client->welcome.endpoint.port, ==, ntohs (own.sin_port));
  g_assert_cmpuint (client->welcome.endpoint.family, ==, 4);
  live_client_send (client, &(KhMessage){ .type = KH_MESSAGE_PING, .ping = { 77 } });
  g_assert_cmpuint (live_client_expect (client, KH_MESSAGE_PONG).ping.cookie, ==, 77);
  g_assert_cmpint (live_server_stop (server, SIGTERM, FALSE), ==, 0);
}

static void
test_login_without_knowing_the_key (void)
{
  LiveServer *server = live_server_start (NULL, NULL);
  LiveClient *client
      = live_client_handshake (server, live_dial ("127.0.0.1", 0, server->port), 1, TRUE);

  live_client_hello (client);
  live_client_expect (client, KH_MESSAGE_WELCOME);
  live_client_free (client);
  live_server_stop (server, SIGTERM, FALSE);
}

static void
test_peers_of_a_room_see_each_other (void)
{
  LiveServer *server = live_server_start ("presence-ms=20", NULL);
  g_autoptr (LiveClient) alice = live_client_new (server, 1);
  g_autoptr (LiveClient) bob = live_client_new (server, 2);
  KhMessage message;
  KhMsgPeer peer;

  join (alice, 5);
  g_assert_false (kh_messages_next_peer (
      &(KhMsgPeers){ .n_left
                     = live_client_expect (alice, KH_MESSAGE_PEERS).peers.n_left },
      &peer));
  join (bob, 5);
  message = live_client_expect (bob, KH_MESSAGE_PEERS);
  g_assert_cmpuint (message.peers.flags, ==, KH_PEERS_FIRST | KH_PEERS_LAST);
  g_assert_true (kh_messages_next_peer (&message.peers, &peer));
  g_assert_cmpmem (peer.id, 32, alice->key.public_key, 32);
  g_assert_cmpmem (peer.name.bytes, peer.name.len, "somebody", 8);

  message = live_client_expect (alice, KH_MESSAGE_PEERS);
  g_assert_cmpuint (message.peers.flags, ==, 0);
  while (kh_messages_next_peer (&message.peers, &peer)
         && memcmp (peer.id, bob->key.public_key, 32) != 0)
    ;
  g_assert_cmpmem (peer.id, 32, bob->key.public_key, 32);
  g_assert_true (peer.online);
  shutdown (bob->fd, SHUT_RDWR);
  message = live_client_expect (alice, KH_MESSAGE_PEERS);
  g_assert_true (kh_messages_next_peer (&message.peers, &peer));
  g_assert_cmpmem (peer.id, 32, bob->key.public_key, 32);
  g_assert_false (peer.online);
  live_server_stop (server, SIGTERM, FALSE);
}

/* Dials assist from a port of its own and shows the token; returns socket and port. */
static int
dial_assist (const LiveClient *client, const guint8 call_id[KH_CALL_ID_LEN],
             const char *source, guint8 index, guint16 *port)
{
  int fd = live_dial (source, 0, client->welcome.assist[0].port);
  struct sockaddr_in own;
  socklen_t len = sizeof own;
  guint8 token[KH_TOKEN_LEN];

  getsockname (fd, (struct sockaddr *)&own, &len);
  *port = ntohs (own.sin_port);
  kh_token_compute (token, client->welcome.secret, call_id, 1, index, KH_TOKEN_OBSERVE);
  live_write (fd, token, 7); /* in two parts */
  live_write (fd, token + 7, sizeof token - 7);
  return fd;
}

static void
test_a_whole_call (void)
{
  LiveServer *server = live_server_start ("presence-ms=20", NULL);
  g_autoptr (LiveClient) alice = live_client_new (server, 1);
  g_autoptr (LiveClient) bob = live_client_new (server, 2);
  const guint8 call_id[KH_CALL_ID_LEN] = { 9, 9 };
  const guint8 introduction[] = { 1, 3, 0, 0, 0, 0 };
  KhMessage call
      = { .type = KH_MESSAGE_CALL, .call = { .introduction = { introduction, 6 } } };
  KhMessage answer = { .type = KH_MESSAGE_ANSWER,
                       .answer = { .verdict = KH_VERDICT_ACCEPT,
                                   .introduction = { introduction, 6 } } };
  KhMessage go = { .type = KH_MESSAGE_GO, .round = { .round = 1 } };
  KhMessage hang_up = { .type = KH_MESSAGE_HANG_UP };
  KhMessage message;
  guint16 alices_port, bobs_port;
  int alices_fd, bobs_fd;

  join (alice, 5);
  join (bob, 5);
  memcpy (call.call.call_id, call_id, sizeof call_id);
  memcpy (call.call.peer_id, bob->key.public_key, KH_ID_LEN);
  live_client_send (alice, &call);
  message = live_client_expect (bob, KH_MESSAGE_CALLED);
  g_assert_cmpmem (message.call.peer_id, 32, alice->key.public_key, 32);
  g_assert_cmpmem (message.call.introduction.bytes, message.call.introduction.len,
                   introduction, 6);

  alices_fd = dial_assist (alice, call_id, "127.0.0.1", 0, &alices_port);
  message = live_client_expect (alice, KH_MESSAGE_OBSERVED);
  g_assert_cmpuint (message.endpoint.endpoint.port, ==, alices_port);
  live_client_expect_none (bob, KH_MESSAGE_ENDPOINT);

  memcpy (answer.answer.call_id, call_id, sizeof call_id);
  live_client_send (bob, &answer);
  live_client_expect (alice, KH_MESSAGE_ANSWERED);
  bobs_fd = dial_assist (bob, call_id, "127.0.0.1", 0, &bobs_port);
  message = live_client_expect (bob, KH_MESSAGE_OBSERVED);
  g_assert_cmpuint (message.endpoint.endpoint.port, ==, bobs_port);
  message = live_client_expect (bob, KH_MESSAGE_ENDPOINT);
  g_assert_cmpuint (message.endpoint.endpoint.port, ==, alices_port);
  message = live_client_expect (alice, KH_MESSAGE_ENDPOINT);
  g_assert_cmpuint (message.endpoint.endpoint.port, ==, bobs_port);

  memcpy (go.round.call_id, call_id, sizeof call_id);
  live_client_send (alice, &go);
  live_client_expect (bob, KH_MESSAGE_PEER_GO);
  g_assert_false (live_ends_within (alices_fd, 50)); /* open until the call ends */
  memcpy (hang_up.hang_up.call_id, call_id, sizeof call_id);
  live_client_send (alice, &hang_up);
  live_client_expect (bob, KH_MESSAGE_HUNG_UP);
  g_assert_true (live_ends_within (alices_fd, LIVE_PATIENCE_MS));
  g_assert_true (live_ends_within (bobs_fd, LIVE_PATIENCE_MS));
  close (alices_fd);
  close (bobs_fd);
  live_server_stop (server, SIGTERM, FALSE);
}

/* The port of index 0 once more, where a server has no second assist port. */
static void
test_a_main_port_observes_for_a_call (void)
{
  LiveServer *server = live_server_start ("presence-ms=20", NULL);
  g_autoptr (LiveClient) alice = live_client_new (server, 1);
  g_autoptr (LiveClient) bob = live_client_new (server, 2);
  const guint8 call_id[KH_CALL_ID_LEN] = { 9, 9 };
  KhMessage call = { .type = KH_MESSAGE_CALL };
  guint8 record[2 + 2 + KH_TOKEN_LEN] = { 0, 2 + KH_TOKEN_LEN, 1, 3 };
  KhMessage message;
  guint16 port;
  int assist_fd, fd;

  join (alice, 5);
  join (bob, 5);
  memcpy (call.call.call_id, call_id, sizeof call_id);
  memcpy (call.call.peer_id, bob->key.public_key, KH_ID_LEN);
  live_client_send (alice, &call);
  live_client_expect (bob, KH_MESSAGE_CALLED);
  assist_fd = dial_assist (alice, call_id, "127.0.0.1", 0, &port);
  live_client_expect (alice, KH_MESSAGE_OBSERVED);

  kh_token_compute (record + 4, alice->welcome.secret, call_id, 1, KH_CALL_INDEX_AGAIN,
                    KH_TOKEN_OBSERVE);
  fd = live_dial ("127.0.0.1", port, server->port);
  live_write (fd, record, sizeof record);
  message = live_client_expect (alice, KH_MESSAGE_OBSERVED);
  g_assert_cmpuint (message.endpoint.index, ==, KH_CALL_INDEX_AGAIN);
  g_assert_cmpuint (message.endpoint.endpoint.port, ==, port);
  g_assert_true (live_ends_within (fd, LIVE_PATIENCE_MS));
  g_assert_false (live_ends_within (assist_fd, 50)); /* that one stays */
  close (fd);
  close (assist_fd);
  live_server_stop (server, SIGTERM, FALSE);
}

static void
test_a_newer_login_replaces (void)
{
  LiveServer *server = live_server_start (NULL, NULL);
  g_autoptr (LiveClient) older = live_client_new (server, 1);
  g_autoptr (LiveClient) newer = live_client_new (server, 1);

  live_client_expect (older, KH_MESSAGE_REPLACED);
  g_assert_true (live_ends_within (older->fd, LIVE_PATIENCE_MS));
  live_client_expect_none (newer, KH_MESSAGE_REPLACED);
  live_server_stop (server, SIGTERM, FALSE);
}

static void
test_a_full_server_says_so (void)
{
  /* It is not for being slow that the second one is closed. */
  LiveServer *server = live_server_start ("login-ms=600000", "--max-clients=1");
  g_autoptr (LiveClient) first = live_client_new (server, 1);
  LiveClient *second = live_client_handshake (
      server, live_dial ("127.0.0.1", 0, server->port), 2, FALSE);

  live_client_hello (second);
  g_assert_cmpuint (live_client_expect (second, KH_MESSAGE_REFUSED).refused.code, ==,
                    KH_REFUSED_FULL);
  g_assert_true (live_ends_within (second->fd, LIVE_PATIENCE_MS));
  live_client_free (second);
  live_client_expect_none (first, KH_MESSAGE_REFUSED);
  live_server_stop (server, SIGTERM, FALSE);
}

static void
test_the_end_is_announced (void)
{
  static const int numbers[] = { SIGTERM, SIGINT };

  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      LiveServer *server = live_server_start (NULL, NULL);
      g_autoptr (LiveClient) client = live_client_new (server, 1);

      g_assert_cmpint (kill (server->pid, numbers[i]), ==, 0);
      g_assert_cmpuint (live_client_expect (client, KH_MESSAGE_REFUSED).refused.code, ==,
                        KH_REFUSED_SHUTTING_DOWN);
      g_assert_true (live_ends_within (client->fd, LIVE_PATIENCE_MS));
      shutdown (client->fd, SHUT_RDWR);
      /* A second signal changes nothing, whenever it comes. */
      g_assert_cmpint (live_server_stop (server, numbers[i], FALSE), ==, 0);
    }
}

static void
test_hang_ups_of_a_terminal_change_nothing (void)
{
  LiveServer *server = live_server_start (NULL, NULL);
  g_autoptr (LiveClient) client = live_client_new (server, 1);

  g_assert_cmpint (kill (server->pid, SIGHUP), ==, 0);
  g_assert_cmpint (kill (server->pid, SIGPIPE), ==, 0);
  live_client_expect_none (client, KH_MESSAGE_REFUSED);
  g_assert_cmpint (live_server_stop (server, SIGTERM, FALSE), ==, 0);
}

static void
test_bytes_are_counted (void)
{
  LiveServer *server = live_server_start (NULL, NULL);
  LiveClient *client = live_client_new (server, 1);
  g_autofree char *path = g_build_filename (server->dir, "errors", NULL);
  g_autofree char *dir = g_strdup (server->dir);
  g_autofree char *text = NULL;
  unsigned long long in, out, assist_in, assist_out;

  live_client_free (client);
  live_server_stop (server, SIGTERM, TRUE);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpint (sscanf (text,
                           "carried %llu bytes in, %llu bytes out on main ports, %llu "
                           "bytes in, %llu bytes out on assist ports",
                           &in, &out, &assist_in, &assist_out),
                   ==, 4);
  /* Version, pattern and IK; HELLO of 17 bytes. */
  g_assert_cmpuint (in, ==, 2 + 98 + 2 + 17 + 16);
  g_assert_cmpuint (out, >, 100);
  g_assert_cmpuint (assist_in + assist_out, ==, 0);
  g_assert_cmpint (
      live_server_stop (live_server_start_in (dir, NULL, NULL), SIGTERM, FALSE), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  g_test_add_func ("/server/login", test_login);
  g_test_add_func ("/server/login-without-knowing-the-key",
                   test_login_without_knowing_the_key);
  g_test_add_func ("/server/peers-of-a-room-see-each-other",
                   test_peers_of_a_room_see_each_other);
  g_test_add_func ("/server/a-whole-call", test_a_whole_call);
  g_test_add_func ("/server/a-main-port-observes-for-a-call",
                   test_a_main_port_observes_for_a_call);
  g_test_add_func ("/server/a-newer-login-replaces", test_a_newer_login_replaces);
  g_test_add_func ("/server/a-full-server-says-so", test_a_full_server_says_so);
  g_test_add_func ("/server/the-end-is-announced", test_the_end_is_announced);
  g_test_add_func ("/server/hang-ups-of-a-terminal-change-nothing",
                   test_hang_ups_of_a_terminal_change_nothing);
  g_test_add_func ("/server/bytes-are-counted", test_bytes_are_counted);
  return g_test_run ();
}
