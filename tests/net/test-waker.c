/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/socket.h"
#include "net/waker.h"

#include "socket-pair.h"

#include <glib.h>

#define LONG_US G_GINT64_CONSTANT (20000000)

typedef struct
{
  KhWaker waker;
  int fds[2];
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_assert_true (kh_waker_init (&fixture->waker));
  socket_pair (fixture->fds);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  kh_waker_clear (&fixture->waker);
  kh_socket_close (fixture->fds[0]);
  kh_socket_close (fixture->fds[1]);
}

/* Would hang for LONG_US if it were lost; several count as one. */
static void
test_a_wake_before_the_wait_is_not_lost (Fixture *fixture, gconstpointer data)
{
  gint64 begin_us = g_get_monotonic_time ();

  kh_waker_wake (&fixture->waker);
  kh_waker_wake (&fixture->waker);
  g_assert_cmpuint (
      kh_waker_wait (&fixture->waker, fixture->fds[0], KH_WAKER_READ, LONG_US), ==, 0);
  g_assert_cmpint (g_get_monotonic_time () - begin_us, <, LONG_US);
  begin_us = g_get_monotonic_time ();
  kh_waker_wait (&fixture->waker, KH_SOCKET_NONE, 0, 20000);
  g_assert_cmpint (g_get_monotonic_time () - begin_us, >=, 20000);
}

static gpointer
wake (gpointer data)
{
  kh_waker_wake (data);
  return NULL;
}

static void
test_another_thread_wakes_it (Fixture *fixture, gconstpointer data)
{
  gint64 begin_us = g_get_monotonic_time ();
  GThread *thread = g_thread_new ("wake", wake, &fixture->waker);

  kh_waker_wait (&fixture->waker, fixture->fds[0], KH_WAKER_READ, LONG_US);
  g_assert_cmpint (g_get_monotonic_time () - begin_us, <, LONG_US);
  g_thread_join (thread);
}

static void
test_only_what_is_watched_is_told (Fixture *fixture, gconstpointer data)
{
  KhWaker *waker = &fixture->waker;
  int fd = fixture->fds[0];
  gsize n;

  g_assert_cmpuint (kh_waker_wait (waker, fd, KH_WAKER_READ, 0), ==, 0);
  g_assert_cmpuint (kh_waker_wait (waker, fd, KH_WAKER_WRITE, LONG_US), ==,
                    KH_WAKER_WRITE);
  g_assert_cmpint (kh_socket_write (fixture->fds[1], "x", 1, &n), ==, KH_SOCKET_DONE);
  socket_wait (fd, G_IO_IN);
  g_assert_cmpuint (kh_waker_wait (waker, fd, KH_WAKER_WRITE, LONG_US), ==,
                    KH_WAKER_WRITE);
  g_assert_cmpuint (kh_waker_wait (waker, fd, KH_WAKER_READ | KH_WAKER_WRITE, LONG_US),
                    ==, KH_WAKER_READ | KH_WAKER_WRITE);
}

static void
test_a_broken_socket_is_always_told (Fixture *fixture, gconstpointer data)
{
  socket_reset (fixture->fds[1]);
  fixture->fds[1] = KH_SOCKET_NONE;
  g_assert_cmpuint (kh_waker_wait (&fixture->waker, fixture->fds[0], 0, LONG_US), ==,
                    KH_WAKER_BROKEN);
}

#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/waker/a-wake-before-the-wait-is-not-lost",
       test_a_wake_before_the_wait_is_not_lost);
  ADD ("/waker/another-thread-wakes-it", test_another_thread_wakes_it);
  ADD ("/waker/only-what-is-watched-is-told", test_only_what_is_watched_is_told);
  ADD ("/waker/a-broken-socket-is-always-told", test_a_broken_socket_is_always_told);
  return g_test_run ();
}
