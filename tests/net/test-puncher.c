/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/port.h"
#include "net/puncher.h"
#include "net/socket.h"
#include "net/source.h"

#include "scratch-folder.h"
#include "socket-pair.h"

#include <sodium.h>
#include <string.h>

#define N_KINDS (KH_PUNCH_EVENT_STRANGER + 1)
#define N_PATHS (KH_PATH_RELAY + 1)

static const uint8_t secret[KH_TOKEN_SECRET_LEN] = { 1 };
static const uint8_t call_id[16] = { 2 };

/* A puncher whose ports are known, with nobody but strangers around it. */
typedef struct
{
  KhPuncher *puncher;
  int assist; /* accepts, and says nothing */
  KhEndpoint assist_at;
  KhKeyPair own;
  KhKeyPair peer;
  guint16 ports[KH_PUNCH_PORTS_V4];
  guint n_opened; /* in the first round */
  guint n_events[N_KINDS][N_PATHS];
  guint n_up;
  guint n_strangers;
  bool over;
  bool won;
  KhPathKind path; /* that won */
} Fixture;

static gboolean
on_too_late (gpointer data)
{
  *(gboolean *)data = TRUE;
  return G_SOURCE_REMOVE;
}

/* Lets the main loop run until it is true. */
#define WAIT_FOR(what)                                                                   \
  G_STMT_START                                                                           \
  {                                                                                      \
    gboolean too_late = FALSE;                                                           \
    guint timer = g_timeout_add_seconds (60, on_too_late, &too_late);                    \
                                                                                         \
    while (!(what) && !too_late)                                                         \
      g_main_context_iteration (NULL, TRUE);                                             \
    g_assert_true (what);                                                                \
    if (!too_late)                                                                       \
      g_source_remove (timer);                                                           \
  }                                                                                      \
  G_STMT_END

static void
ignore_round (G_GNUC_UNUSED gpointer data, G_GNUC_UNUSED unsigned round)
{
}

static void
on_event (gpointer data, const KhPunchEvent *event)
{
  Fixture *fixture = data;

  if (event->kind == KH_PUNCH_EVENT_OPENED && event->round == 1)
    {
      fixture->ports[event->number] = event->port;
      fixture->n_opened++;
    }
  fixture->n_events[event->kind][event->path]++;
  fixture->n_up += event->kind == KH_PUNCH_EVENT_UP;
  fixture->n_strangers += event->kind == KH_PUNCH_EVENT_STRANGER;
}

static void
on_won (gpointer data, KhPunchWin *win)
{
  Fixture *fixture = data;

  fixture->path = win->path;
  fixture->won = true;
  fixture->over = true;
  kh_punch_win_clear (win);
}

static void
on_failed (gpointer data, G_GNUC_UNUSED KhPunchFailure failure)
{
  ((Fixture *)data)->over = true;
}

static const KhPuncherListener listener = {
  .send_go = ignore_round,
  .send_round = ignore_round,
  .event = on_event,
  .won = on_won,
  .failed = on_failed,
};

static KhEndpoint
loopback (guint16 port)
{
  return kh_endpoint_v4 ((const uint8_t[]){ 127, 0, 0, 1 }, port);
}

static void
make_puncher (Fixture *fixture, bool caller)
{
  KhProbeServer server = { .n_assist = 1 };
  const uint8_t hello[] = { 2 };
  KhPunchEnds ends = {
    .caller = caller, .identity = fixture->own, .hello = hello, .hello_len = sizeof hello
  };

  memcpy (server.secret, secret, sizeof secret);
  memcpy (ends.call_id, call_id, sizeof call_id);
  memcpy (ends.peer, fixture->peer.public_key, sizeof ends.peer);
  server.assist[0] = fixture->assist_at;
  fixture->n_opened = fixture->n_up = 0;
  fixture->over = false;
  memset (fixture->n_events, 0, sizeof fixture->n_events);
  fixture->puncher = kh_puncher_new (&ends, &server, false, true, &listener, fixture);
}

static int
listen_anywhere (int backlog, KhEndpoint *at)
{
  int fd;

  *at = loopback (0);
  fd = kh_socket_bound (at);
  g_assert_true (kh_socket_listen (fd, backlog));
  g_assert_true (kh_socket_local (fd, at));
  return fd;
}

static void
set_up (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  g_assert_cmpint (sodium_init (), >=, 0);
  crypto_box_keypair (fixture->own.public_key, fixture->own.secret_key);
  crypto_box_keypair (fixture->peer.public_key, fixture->peer.secret_key);
  fixture->assist = listen_anywhere (64, &fixture->assist_at);
  make_puncher (fixture, false);
  WAIT_FOR (fixture->n_opened == KH_PUNCH_PORTS_V4);
}

static void
tear_down (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  g_clear_pointer (&fixture->puncher, kh_puncher_free);
  kh_socket_close (fixture->assist);
}

static void
accept_call (Fixture *fixture, bool may_relay)
{
  kh_puncher_accepted (fixture->puncher, 1000, KH_NOISE_CHACHAPOLY, may_relay);
}

/* --- Visitors -------------------------------------------------------------------------
 */

static int
dial (const KhEndpoint *remote)
{
  KhEndpoint local = loopback (0);
  int fd = kh_socket_bound (&local);

  g_assert_cmpint (kh_socket_connect (fd, remote), !=, KH_SOCKET_REFUSED);
  return fd;
}

static gboolean
on_sent_away (G_GNUC_UNUSED GSocket *socket, G_GNUC_UNUSED GIOCondition condition,
              gpointer data)
{
  *(gboolean *)data = TRUE;
  return G_SOURCE_REMOVE;
}

/* Takes @fd, whose other end is closed, or soon will be. */
static void
wait_to_be_sent_away (int fd)
{
  g_autoptr (GSocket) socket = kh_port_wrap (fd);
  gboolean is_readable = FALSE;
  GSource *source = kh_source_watch (socket, G_IO_IN, on_sent_away, &is_readable);
  char bytes[64];
  size_t n;

  WAIT_FOR (is_readable);
  g_assert_cmpint (kh_socket_read (fd, bytes, sizeof bytes, &n), !=, KH_SOCKET_DONE);
  kh_source_clear (&source);
}

static void
say_something (int fd)
{
  size_t n;

  kh_socket_write (fd,
                   "\0\60"
                   "GET / HTTP/1.1, which is forty-eight bytes long.",
                   50, &n);
}

/* Comes to the port, says something that no peer would, and waits to be sent away. */
static void
visit (guint16 port)
{
  KhEndpoint remote = loopback (port);
  int fd = dial (&remote);

  say_something (fd);
  wait_to_be_sent_away (fd);
}

/* A connection that came to a mapped port; returns the end of whoever came. */
static int
come_to_mapped_port (Fixture *fixture)
{
  g_autoptr (GSocket) accepted = NULL;
  KhEndpoint at;
  int mapped = listen_anywhere (1, &at);
  int fd = dial (&at);

  socket_wait (mapped, G_IO_IN);
  accepted = kh_port_wrap (kh_socket_accept (mapped, NULL));
  g_assert_nonnull (accepted);
  kh_socket_close (mapped);
  kh_puncher_take (fixture->puncher, accepted);
  return fd;
}

static void
test_nobody_comes_in_before_the_call_is_accepted (Fixture *fixture,
                                                  G_GNUC_UNUSED gconstpointer data)
{
  for (guint i = 0; i < 10; i++)
    visit (fixture->ports[i % KH_PUNCH_PORTS_V4]);
  g_assert_cmpuint (fixture->n_up, ==, 0);
  g_assert_false (fixture->over);
}

/* One after the other counts as much as all at once. */
static void
test_strangers_are_counted_for_the_whole_round (Fixture *fixture,
                                                G_GNUC_UNUSED gconstpointer data)
{
  accept_call (fixture, false);
  for (guint i = 0; i < 3 * KH_PUNCHER_MAX_INBOUND; i++)
    visit (fixture->ports[i % KH_PUNCH_PORTS_V4]);
  g_assert_cmpuint (fixture->n_up, ==, KH_PUNCHER_MAX_INBOUND);
  g_assert_cmpuint (fixture->n_strangers, ==, KH_PUNCHER_MAX_INBOUND);
  g_assert_true (kh_puncher_plan (fixture->puncher)->seen_stranger);
  g_assert_false (fixture->over);
}

/* --- A mapped port --------------------------------------------------------------------
 */

static void
test_nobody_is_taken_before_the_call_is_accepted (Fixture *fixture,
                                                  G_GNUC_UNUSED gconstpointer data)
{
  wait_to_be_sent_away (come_to_mapped_port (fixture));
  g_assert_cmpuint (fixture->n_up, ==, 0);
}

static void
test_a_stranger_at_a_mapped_port_is_noticed (Fixture *fixture,
                                             G_GNUC_UNUSED gconstpointer data)
{
  int fd;

  accept_call (fixture, false);
  fd = come_to_mapped_port (fixture);
  g_assert_cmpuint (fixture->n_events[KH_PUNCH_EVENT_UP][KH_PATH_MAPPED], ==, 1);
  say_something (fd);
  wait_to_be_sent_away (fd);
  g_assert_cmpuint (fixture->n_events[KH_PUNCH_EVENT_STRANGER][KH_PATH_MAPPED], ==, 1);
}

/* They count with those that come to the ports of the round. */
static void
test_strangers_at_a_mapped_port_are_counted (Fixture *fixture,
                                             G_GNUC_UNUSED gconstpointer data)
{
  accept_call (fixture, false);
  visit (fixture->ports[0]);
  for (guint i = 0; i < 2 * KH_PUNCHER_MAX_INBOUND; i++)
    {
      int fd = come_to_mapped_port (fixture);

      say_something (fd);
      wait_to_be_sent_away (fd);
    }
  g_assert_cmpuint (fixture->n_up, ==, KH_PUNCHER_MAX_INBOUND);
  g_assert_cmpuint (fixture->n_events[KH_PUNCH_EVENT_UP][KH_PATH_MAPPED], ==,
                    KH_PUNCHER_MAX_INBOUND - 1);
}

/* --- The relay ------------------------------------------------------------------------
 */

/* What comes to the assist port; an end for each, until it is over. */
typedef struct
{
  Fixture *fixture;
  GArray *fds;
  guint n_relay; /* of the right token, and closed at once */
  guint timer;
} Server;

static bool
is_relay (int fd)
{
  uint8_t token[KH_TOKEN_LEN], said[KH_TOKEN_LEN];
  size_t n;

  kh_token_compute (token, secret, call_id, 0, 0, KH_TOKEN_RELAY);
  return kh_socket_read (fd, said, sizeof said, &n) == KH_SOCKET_DONE && n == sizeof said
         && memcmp (said, token, sizeof token) == 0;
}

static gboolean
on_time_to_serve (gpointer data)
{
  Server *server = data;
  int fd;

  while ((fd = kh_socket_accept (server->fixture->assist, NULL)) != KH_SOCKET_NONE)
    g_array_append_val (server->fds, fd);
  for (guint i = server->fds->len; i > 0; i--)
    if (is_relay (g_array_index (server->fds, int, i - 1)))
      {
        server->n_relay++;
        kh_socket_close (g_array_index (server->fds, int, i - 1));
        g_array_remove_index_fast (server->fds, i - 1);
      }
  return G_SOURCE_CONTINUE;
}

static void
start_server (Server *server, Fixture *fixture)
{
  *server = (Server){ .fixture = fixture,
                      .fds = g_array_new (FALSE, FALSE, sizeof (int)),
                      .timer = g_timeout_add (5, on_time_to_serve, server) };
}

static void
stop_server (Server *server)
{
  g_source_remove (server->timer);
  for (guint i = 0; i < server->fds->len; i++)
    kh_socket_close (g_array_index (server->fds, int, i));
  g_array_unref (server->fds);
}

/* Not that of a stranger: the server may not know yet that the call was accepted. */
static void
test_a_relay_that_hangs_up_is_tried_four_times (Fixture *fixture,
                                                G_GNUC_UNUSED gconstpointer data)
{
  Server server;

  start_server (&server, fixture);
  accept_call (fixture, true);
  WAIT_FOR (server.n_relay == KH_PUNCHER_RELAY_TRIES);
  WAIT_FOR (fixture->over);
  on_time_to_serve (&server);
  g_assert_cmpuint (server.n_relay, ==, KH_PUNCHER_RELAY_TRIES);
  g_assert_cmpuint (fixture->n_events[KH_PUNCH_EVENT_DIALLED][KH_PATH_RELAY], ==,
                    KH_PUNCHER_RELAY_TRIES);
  g_assert_cmpuint (fixture->n_events[KH_PUNCH_EVENT_UP][KH_PATH_RELAY], ==,
                    KH_PUNCHER_RELAY_TRIES);
  g_assert_cmpuint (fixture->n_strangers, ==, 0);

  /* And nobody is taken any more. */
  wait_to_be_sent_away (come_to_mapped_port (fixture));
  g_assert_cmpuint (fixture->n_up, ==, KH_PUNCHER_RELAY_TRIES);
  stop_server (&server);
}

/* --- What is left of it ---------------------------------------------------------------
 */

/* A port of this computer where a SYN is not answered: its queue is full. */
typedef struct
{
  int fd;
  KhEndpoint at;
  int fillers[8];
} Silence;

static void
make_silence (Silence *self)
{
  self->fd = listen_anywhere (0, &self->at);
  for (guint i = 0; i < G_N_ELEMENTS (self->fillers); i++)
    self->fillers[i] = dial (&self->at);
}

static void
clear_silence (Silence *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->fillers); i++)
    kh_socket_close (self->fillers[i]);
  kh_socket_close (self->fd);
}

/* What the server sees of both sides, port by port in the order of the forecast. */
static void
tell_endpoints (Fixture *fixture, const KhEndpoint own[KH_FORECAST_SEEN],
                const KhEndpoint peer[KH_FORECAST_SEEN])
{
  static const unsigned indices[KH_FORECAST_SEEN] = { 0, KH_PUNCH_SEEN_AGAIN, 1, 2 };

  for (guint i = 0; i < KH_FORECAST_SEEN; i++)
    {
      kh_puncher_observed (fixture->puncher, 1, indices[i], &own[i]);
      kh_puncher_endpoint (fixture->puncher, 1, indices[i], &peer[i]);
    }
}

static void
reach_opened (Fixture *fixture, G_GNUC_UNUSED const Silence *silence)
{
  WAIT_FOR (fixture->n_opened == KH_PUNCH_PORTS_V4);
}

static void
reach_accepted (Fixture *fixture, const Silence *silence)
{
  reach_opened (fixture, silence);
  accept_call (fixture, true);
}

static void
reach_dialling (Fixture *fixture, const Silence *silence)
{
  const KhEndpoint own = loopback (20000);

  reach_accepted (fixture, silence);
  kh_puncher_observed (fixture->puncher, 1, 0, &own);
  kh_puncher_endpoint (fixture->puncher, 1, 0, &silence->at);
  kh_puncher_go (fixture->puncher, 1);
  WAIT_FOR (fixture->n_events[KH_PUNCH_EVENT_DIALLED][KH_PATH_LAN] == 1);
}

/* From eight fresh ports. */
static void
reach_spraying (Fixture *fixture, const Silence *silence)
{
  const KhEndpoint own[]
      = { loopback (20000), loopback (20001), loopback (20002), loopback (20003) };
  const KhEndpoint peer[] = { silence->at, silence->at, silence->at, silence->at };

  reach_accepted (fixture, silence);
  tell_endpoints (fixture, own, peer);
  kh_puncher_go (fixture->puncher, 1);
  WAIT_FOR (fixture->n_events[KH_PUNCH_EVENT_DIALLED][KH_PATH_PREDICTED] == 1);
}

static void
reach_next_round (Fixture *fixture, const Silence *silence)
{
  reach_dialling (fixture, silence);
  kh_puncher_peer_round (fixture->puncher, 2);
  WAIT_FOR (fixture->n_events[KH_PUNCH_EVENT_OPENED][KH_PATH_PUNCHED]
            == 2 * KH_PUNCH_PORTS_V4);
}

static void
tell_hopeless (Fixture *fixture)
{
  const KhEndpoint any[]
      = { loopback (30000), loopback (40000), loopback (50000), loopback (35000) };

  tell_endpoints (fixture, any, any);
  kh_puncher_go (fixture->puncher, 1);
}

static void
reach_relay (Fixture *fixture, const Silence *silence)
{
  reach_accepted (fixture, silence);
  tell_hopeless (fixture);
  WAIT_FOR (fixture->n_events[KH_PUNCH_EVENT_UP][KH_PATH_RELAY] == 1);
}

static void
reach_second_relay (Fixture *fixture, const Silence *silence)
{
  Server server;

  reach_accepted (fixture, silence);
  start_server (&server, fixture);
  tell_hopeless (fixture);
  WAIT_FOR (fixture->n_events[KH_PUNCH_EVENT_DIALLED][KH_PATH_RELAY] == 2);
  stop_server (&server);
}

/* Where it is hopeless and nothing may be relayed the next round is none. */
static void
reach_failed (Fixture *fixture, const Silence *silence)
{
  reach_opened (fixture, silence);
  accept_call (fixture, false);
  tell_hopeless (fixture);
  kh_puncher_peer_round (fixture->puncher, 2);
  g_assert_true (fixture->over);
}

static void
reach_nothing (G_GNUC_UNUSED Fixture *fixture, G_GNUC_UNUSED const Silence *silence)
{
}

static void
test_it_leaves_no_descriptor_wherever_it_ends (Fixture *fixture,
                                               G_GNUC_UNUSED gconstpointer data)
{
  static const struct
  {
    void (*reach) (Fixture *fixture, const Silence *silence);
    bool holds; /* descriptors, before it is freed */
  } stages[] = {
    { reach_nothing, false }, { reach_opened, true },       { reach_accepted, true },
    { reach_dialling, true }, { reach_spraying, true },     { reach_next_round, true },
    { reach_relay, true },    { reach_second_relay, true }, { reach_failed, false },
  };
  Silence silence;
  guint n_before;

  make_silence (&silence);
  g_clear_pointer (&fixture->puncher, kh_puncher_free);
  n_before = scratch_count_open ();
  for (guint i = 0; i < G_N_ELEMENTS (stages); i++)
    {
      make_puncher (fixture, false);
      stages[i].reach (fixture, &silence);
      g_assert_cmpint (scratch_count_open () > n_before, ==, stages[i].holds);
      g_clear_pointer (&fixture->puncher, kh_puncher_free);
      g_assert_cmpuint (scratch_count_open (), ==, n_before);
    }
  clear_silence (&silence);
}

static void
test_the_relay_is_not_dialled_where_a_person_forbids_it (Fixture *fixture,
                                                         G_GNUC_UNUSED gconstpointer data)
{
  accept_call (fixture, false);
  tell_hopeless (fixture);
  WAIT_FOR (fixture->over);
  g_assert_cmpuint (fixture->n_events[KH_PUNCH_EVENT_DIALLED][KH_PATH_RELAY], ==, 0);
}

/* With somebody who has come in, and says nothing. */
static void
test_it_leaves_no_visitor (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  KhEndpoint port = loopback (fixture->ports[1]);
  int visitors[2];

  accept_call (fixture, false);
  visitors[0] = dial (&port);
  WAIT_FOR (fixture->n_up == 1);
  visitors[1] = come_to_mapped_port (fixture);
  g_assert_cmpuint (fixture->n_up, ==, 2);
  g_clear_pointer (&fixture->puncher, kh_puncher_free);
  for (guint i = 0; i < G_N_ELEMENTS (visitors); i++)
    wait_to_be_sent_away (visitors[i]);
}

/* --- Two of them ----------------------------------------------------------------------
 */

static void
tell_ports_of (const Fixture *fixture, Fixture *other)
{
  for (guint i = 0; i < KH_PUNCH_PORTS_V4; i++)
    {
      KhEndpoint own = loopback (other->ports[i]), peer = loopback (fixture->ports[i]);

      kh_puncher_observed (other->puncher, 1, i, &own);
      kh_puncher_endpoint (other->puncher, 1, i, &peer);
    }
}

static void
test_two_meet_and_leave_nothing (Fixture *callee, G_GNUC_UNUSED gconstpointer data)
{
  Fixture caller
      = { .assist_at = callee->assist_at, .own = callee->peer, .peer = callee->own };
  guint n_before;

  g_clear_pointer (&callee->puncher, kh_puncher_free);
  n_before = scratch_count_open ();
  make_puncher (callee, false);
  make_puncher (&caller, true);
  WAIT_FOR (callee->n_opened == KH_PUNCH_PORTS_V4
            && caller.n_opened == KH_PUNCH_PORTS_V4);
  accept_call (callee, false);
  accept_call (&caller, false);
  tell_ports_of (&caller, callee);
  tell_ports_of (callee, &caller);
  kh_puncher_go (callee->puncher, 1);
  WAIT_FOR (callee->over && caller.over);
  g_assert_true (callee->won && caller.won);
  g_assert_cmpint (callee->path, ==, KH_PATH_LAN);
  g_assert_cmpint (caller.path, ==, KH_PATH_LAN);

  /* What has won is the owner's, and closed by now. */
  g_assert_cmpuint (scratch_count_open (), ==, n_before);
  kh_puncher_free (caller.puncher);
  g_clear_pointer (&callee->puncher, kh_puncher_free);
  g_assert_cmpuint (scratch_count_open (), ==, n_before);
}

int
main (int argc, char *argv[])
{
#define ADD(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)
  g_test_init (&argc, &argv, NULL);
  ADD ("/puncher/nobody-comes-in-before-the-call-is-accepted",
       test_nobody_comes_in_before_the_call_is_accepted);
  ADD ("/puncher/strangers-are-counted-for-the-whole-round",
       test_strangers_are_counted_for_the_whole_round);
  ADD ("/puncher/nobody-is-taken-before-the-call-is-accepted",
       test_nobody_is_taken_before_the_call_is_accepted);
  ADD ("/puncher/a-stranger-at-a-mapped-port-is-noticed",
       test_a_stranger_at_a_mapped_port_is_noticed);
  ADD ("/puncher/strangers-at-a-mapped-port-are-counted",
       test_strangers_at_a_mapped_port_are_counted);
  ADD ("/puncher/a-relay-that-hangs-up-is-tried-four-times",
       test_a_relay_that_hangs_up_is_tried_four_times);
  ADD ("/puncher/the-relay-is-not-dialled-where-a-person-forbids-it",
       test_the_relay_is_not_dialled_where_a_person_forbids_it);
  ADD ("/puncher/it-leaves-no-descriptor-wherever-it-ends",
       test_it_leaves_no_descriptor_wherever_it_ends);
  ADD ("/puncher/it-leaves-no-visitor", test_it_leaves_no_visitor);
  ADD ("/puncher/two-meet-and-leave-nothing", test_two_meet_and_leave_nothing);
#undef ADD
  return g_test_run ();
}
