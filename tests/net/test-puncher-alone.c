/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A puncher where the system lets nothing listen on a port that dials: setsockopt() below
 * takes the place of the system's, and without SO_REUSEPORT Linux lets nobody have a port
 * on which somebody listens.
 */
#include "net/puncher.h"
#include "net/socket.h"

#include "scratch-folder.h"

#include <sodium.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define WAIT_S 60

static gboolean refuses_to_share;

typedef struct
{
  guint16 ports[KH_PUNCH_PORTS_V4];
  guint n_opened;
  guint n_listening;
  guint n_up;
} Seen;

int
setsockopt (int fd, int level, int option, const void *value, socklen_t len)
{
  if (refuses_to_share && level == SOL_SOCKET && option == SO_REUSEPORT)
    return 0;
  return (int)syscall (SYS_setsockopt, fd, level, option, value, len);
}

static void
ignore_round (gpointer data, unsigned round)
{
}

static void
on_event (gpointer data, const KhPunchEvent *event)
{
  Seen *seen = data;

  seen->n_up += event->kind == KH_PUNCH_EVENT_UP;
  if (event->kind != KH_PUNCH_EVENT_OPENED || event->round != 1)
    return;
  seen->ports[event->number] = event->port;
  seen->n_opened++;
  seen->n_listening += event->n;
}

static void
on_won (gpointer data, KhPunchWin *win)
{
  kh_punch_win_clear (win);
}

static void
on_failed (gpointer data, KhPunchFailure failure)
{
}

static const KhPuncherListener listener = {
  .send_go = ignore_round,
  .send_round = ignore_round,
  .event = on_event,
  .won = on_won,
  .failed = on_failed,
};

static gboolean
on_too_late (gpointer data)
{
  g_error ("what must come has not come");
  return G_SOURCE_REMOVE;
}

static void
wait_until (const guint *n, guint least)
{
  guint timer = g_timeout_add_seconds (WAIT_S, on_too_late, NULL);

  while (*n < least)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timer);
}

static KhEndpoint
loopback (guint16 port)
{
  return kh_endpoint_v4 ((const uint8_t[]){ 127, 0, 0, 1 }, port);
}

/* Accepts, and says nothing. */
static int
listen_anywhere (KhEndpoint *at)
{
  int fd;

  *at = loopback (0);
  fd = kh_socket_bound (at);
  g_assert_true (kh_socket_listen (fd, 64));
  g_assert_true (kh_socket_local (fd, at));
  return fd;
}

static KhPuncher *
make_puncher (const KhEndpoint *assist, Seen *seen)
{
  KhProbeServer server = { .n_assist = 1 };
  const uint8_t hello[] = { 2 };
  KhPunchEnds ends = { .caller = true, .hello = hello, .hello_len = sizeof hello };
  KhKeyPair peer;

  crypto_box_keypair (ends.identity.public_key, ends.identity.secret_key);
  crypto_box_keypair (peer.public_key, peer.secret_key);
  memcpy (ends.peer, peer.public_key, sizeof ends.peer);
  server.assist[0] = *assist;
  return kh_puncher_new (&ends, &server, false, true, &listener, seen);
}

static void
test_where_ports_are_shared_it_listens (void)
{
  KhEndpoint at;
  int assist = listen_anywhere (&at);
  Seen seen = { 0 };
  KhPuncher *puncher = make_puncher (&at, &seen);

  wait_until (&seen.n_opened, KH_PUNCH_PORTS_V4);
  g_assert_cmpuint (seen.n_listening, ==, KH_PUNCH_PORTS_V4);
  kh_puncher_free (puncher);
  kh_socket_close (assist);
}

/* Nothing else is in the way of who dials from the port, and what dials gets through. */
static void
test_where_they_are_not_it_dials (void)
{
  KhEndpoint assist_at, peer_at;
  int assist = listen_anywhere (&assist_at), peer = listen_anywhere (&peer_at);
  guint n_before = scratch_count_open ();
  Seen seen = { 0 };
  KhPuncher *puncher;

  refuses_to_share = TRUE;
  puncher = make_puncher (&assist_at, &seen);
  wait_until (&seen.n_opened, KH_PUNCH_PORTS_V4);
  g_assert_cmpuint (seen.n_listening, ==, 0);
  for (unsigned i = 0; i < KH_PUNCH_PORTS_V4; i++)
    {
      KhEndpoint own = loopback (seen.ports[i]);
      int fd = kh_socket_bound (&own);

      g_assert_cmpint (fd, !=, KH_SOCKET_NONE);
      kh_socket_close (fd);
      kh_puncher_observed (puncher, 1, i, &own);
    }
  kh_puncher_accepted (puncher, 1000, KH_NOISE_CHACHAPOLY, false);
  kh_puncher_endpoint (puncher, 1, 0, &peer_at);
  kh_puncher_go (puncher, 1);
  wait_until (&seen.n_up, 1);
  kh_puncher_free (puncher);
  refuses_to_share = FALSE;
  g_assert_cmpuint (scratch_count_open (), <=, n_before + 1); /* the main loop's own */
  kh_socket_close (peer);
  kh_socket_close (assist);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  g_test_add_func ("/puncher-alone/where-ports-are-shared-it-listens",
                   test_where_ports_are_shared_it_listens);
  g_test_add_func ("/puncher-alone/where-they-are-not-it-dials",
                   test_where_they_are_not_it_dials);
  return g_test_run ();
}
