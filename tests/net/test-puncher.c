/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/puncher.h"
#include "net/socket.h"

#include <sodium.h>
#include <string.h>

/* A puncher whose ports are known, with nobody but strangers around it. */
typedef struct
{
  KhPuncher *puncher;
  int assist; /* accepts, and says nothing */
  guint16 ports[KH_PUNCH_PORTS_V4];
  guint n_opened;
  guint n_up;
  guint n_strangers;
  bool over;
} Fixture;

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
  fixture->n_up += event->kind == KH_PUNCH_EVENT_UP;
  fixture->n_strangers += event->kind == KH_PUNCH_EVENT_STRANGER;
}

static void
on_won (gpointer data, KhPunchWin *win)
{
  kh_punch_win_clear (win);
  ((Fixture *)data)->over = true;
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
set_up (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  KhProbeServer server = { .secret = { 1 }, .n_assist = 1 };
  const uint8_t hello[] = { 2 };
  KhEndpoint assist = loopback (0);
  KhPunchEnds ends = { .hello = hello, .hello_len = sizeof hello };
  KhKeyPair peer;

  g_assert_cmpint (sodium_init (), >=, 0);
  crypto_box_keypair (ends.identity.public_key, ends.identity.secret_key);
  crypto_box_keypair (peer.public_key, peer.secret_key);
  memcpy (ends.peer, peer.public_key, sizeof ends.peer);
  fixture->assist = kh_socket_bound (&assist);
  g_assert_true (kh_socket_listen (fixture->assist, 16));
  g_assert_true (kh_socket_local (fixture->assist, &assist));
  server.assist[0] = assist;
  fixture->puncher = kh_puncher_new (&ends, &server, false, false, &listener, fixture);
  while (fixture->n_opened < KH_PUNCH_PORTS_V4)
    g_main_context_iteration (NULL, TRUE);
}

static void
tear_down (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  kh_puncher_free (fixture->puncher);
  kh_socket_close (fixture->assist);
}

static gboolean
on_deadline (gpointer data)
{
  *(gboolean *)data = TRUE;
  return G_SOURCE_REMOVE;
}

/* Comes to the port, says something that no peer would, and waits to be sent away. */
static void
visit (guint16 port)
{
  gboolean too_late = FALSE;
  guint timer = g_timeout_add_seconds (60, on_deadline, &too_late);
  KhEndpoint local = loopback (0);
  KhEndpoint remote = loopback (port);
  KhSocketResult result;
  char bytes[64];
  size_t n;
  int fd = kh_socket_bound (&local);

  g_assert_cmpint (kh_socket_connect (fd, &remote), !=, KH_SOCKET_REFUSED);
  kh_socket_write (fd,
                   "\0\60"
                   "GET / HTTP/1.1, which is forty-eight bytes long.",
                   50, &n);
  while ((result = kh_socket_read (fd, bytes, sizeof bytes, &n)) == KH_SOCKET_PENDING
         && !too_late)
    g_main_context_iteration (NULL, FALSE);
  g_assert_false (too_late);
  g_assert_cmpint (result, !=, KH_SOCKET_DONE);
  g_source_remove (timer);
  kh_socket_close (fd);
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
  kh_puncher_accepted (fixture->puncher, 1000, KH_NOISE_CHACHAPOLY, false);
  for (guint i = 0; i < 3 * KH_PUNCHER_MAX_INBOUND; i++)
    visit (fixture->ports[i % KH_PUNCH_PORTS_V4]);
  g_assert_cmpuint (fixture->n_up, ==, KH_PUNCHER_MAX_INBOUND);
  g_assert_cmpuint (fixture->n_strangers, ==, KH_PUNCHER_MAX_INBOUND);
  g_assert_true (kh_puncher_plan (fixture->puncher)->seen_stranger);
  g_assert_false (fixture->over);
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
#undef ADD
  return g_test_run ();
}
