/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/socket.h"

#include "socket-pair.h"

#include <gio/gio.h>
#include <string.h>

static const guint8 loopback[] = { 127, 0, 0, 1 };

/* A listener on a port of the system's choice. */
static int
begin_listening (KhEndpoint *at)
{
  KhEndpoint any = kh_endpoint_v4 (loopback, 0);
  int fd = kh_socket_bound (&any);

  g_assert_cmpint (fd, !=, KH_SOCKET_NONE);
  g_assert_true (kh_socket_listen (fd, 4));
  g_assert_true (kh_socket_local (fd, at));
  g_assert_cmpuint (at->port, !=, 0);
  return fd;
}

/* Dials @to from a fresh socket at @from until it is settled. */
static KhSocketResult
dial (const KhEndpoint *from, const KhEndpoint *to, int *fd)
{
  KhSocketResult result;

  *fd = kh_socket_bound (from);
  g_assert_cmpint (*fd, !=, KH_SOCKET_NONE);
  result = kh_socket_connect (*fd, to);
  if (result != KH_SOCKET_PENDING)
    return result;
  socket_wait (*fd, G_IO_OUT);
  return kh_socket_take_error (*fd);
}

static void
test_one_port_listens_and_dials (void)
{
  KhEndpoint here, there, seen;
  int listener = begin_listening (&here);
  int other = begin_listening (&there);
  int fd, accepted;

  g_assert_cmpint (dial (&here, &there, &fd), ==, KH_SOCKET_DONE);
  socket_wait (other, G_IO_IN);
  accepted = kh_socket_accept (other, &seen);
  g_assert_cmpint (accepted, !=, KH_SOCKET_NONE);
  g_assert_true (kh_endpoint_equal (&seen, &here));
  g_assert_true (kh_socket_peer (fd, &seen));
  g_assert_true (kh_endpoint_equal (&seen, &there));
  g_assert_cmpint (kh_socket_accept (other, NULL), ==, KH_SOCKET_NONE);

  kh_socket_close (fd);
  kh_socket_close (accepted);
  kh_socket_close (other);
  kh_socket_close (listener);
}

static void
test_nobody_there_is_a_refusal (void)
{
  KhEndpoint here = kh_endpoint_v4 (loopback, 0), there = here;
  int holder = kh_socket_bound (&there), fd;

  /* Bound, so that nobody else gets the port, but not listening. */
  g_assert_true (kh_socket_local (holder, &there));
  g_assert_cmpint (dial (&here, &there, &fd), ==, KH_SOCKET_REFUSED);
  kh_socket_close (fd);
  kh_socket_close (holder);
}

static void
test_a_pair_in_use_is_told_from_a_refusal (void)
{
  KhEndpoint here = kh_endpoint_v4 (loopback, 0), there;
  int listener = begin_listening (&there);
  int fd, again;

  g_assert_cmpint (dial (&here, &there, &fd), ==, KH_SOCKET_DONE);
  g_assert_true (kh_socket_local (fd, &here));
  g_assert_cmpint (dial (&here, &there, &again), ==, KH_SOCKET_TAKEN);
  kh_socket_close (fd);
  kh_socket_close (again);
  kh_socket_close (listener);
}

static void
test_a_foreign_address_can_not_be_bound (void)
{
  static const guint8 documentation[] = { 192, 0, 2, 1 };
  KhEndpoint foreign = kh_endpoint_v4 (documentation, 0);

  g_assert_cmpint (kh_socket_bound (&foreign), ==, KH_SOCKET_NONE);
}

static void
test_both_families_have_the_same_port (void)
{
  static const guint8 loopback6[16] = { [15] = 1 };
  KhEndpoint four, six;
  int listener = begin_listening (&four), listener6;

  six = kh_endpoint_v6 (loopback6, four.port);
  listener6 = kh_socket_bound (&six);
  if (listener6 == KH_SOCKET_NONE)
    g_test_skip ("no IPv6 on this computer");
  else
    g_assert_true (kh_socket_listen (listener6, 1));
  kh_socket_close (listener6);
  kh_socket_close (listener);
}

static void
test_bytes_and_the_end_arrive (void)
{
  KhEndpoint here = kh_endpoint_v4 (loopback, 0), there;
  int listener = begin_listening (&there), fd, accepted;
  char bytes[16];
  gsize n = 0;

  g_assert_cmpint (dial (&here, &there, &fd), ==, KH_SOCKET_DONE);
  socket_wait (listener, G_IO_IN);
  accepted = kh_socket_accept (listener, NULL);

  g_assert_true (kh_socket_set_no_delay (fd));
  g_assert_true (kh_socket_set_unsent_max (fd, 65536));
  g_assert_true (kh_socket_set_user_timeout (fd, 20000) || !SOCKETS_TELL_ALL);
  g_assert_false (kh_socket_set_congestion (fd, "no such thing"));

  g_assert_cmpint (kh_socket_read (accepted, bytes, 16, &n), ==, KH_SOCKET_PENDING);
  g_assert_cmpint (kh_socket_write (fd, "hello", 5, &n), ==, KH_SOCKET_DONE);
  g_assert_cmpuint (n, ==, 5);
  socket_wait (accepted, G_IO_IN);
  g_assert_cmpint (kh_socket_read (accepted, bytes, 16, &n), ==, KH_SOCKET_DONE);
  g_assert_cmpmem (bytes, n, "hello", 5);

  kh_socket_shut_down (fd);
  socket_wait (accepted, G_IO_IN);
  g_assert_cmpint (kh_socket_read (accepted, bytes, 16, &n), ==, KH_SOCKET_ENDED);
  kh_socket_close (accepted);
  kh_socket_close (fd);
  kh_socket_close (listener);
}

/* Once more has arrived than before. The peer may read it ahead of our system's hearing
 * that it has come. */
static KhSocketPath
path_after (int fd, guint64 delivered)
{
  gint64 until_us = g_get_monotonic_time () + SOCKET_DEADLINE_MS * 1000;
  KhSocketPath path;

  for (;;)
    {
      g_assert_true (kh_socket_path (fd, &path));
      if (path.delivered > delivered)
        return path;
      g_assert_cmpint (g_get_monotonic_time (), <, until_us);
      g_usleep (1000);
    }
}

static void
test_the_system_tells_of_the_path (void)
{
  KhEndpoint here = kh_endpoint_v4 (loopback, 0), there;
  int listener = begin_listening (&there), fd, accepted;
  KhSocketPath before, after;
  gsize n = 0;

  g_assert_cmpint (dial (&here, &there, &fd), ==, KH_SOCKET_DONE);
  socket_wait (listener, G_IO_IN);
  accepted = kh_socket_accept (listener, NULL);
  g_assert_true (kh_socket_path (fd, &before));
  g_assert_true (kh_socket_set_pacing (fd, 1000000));
  g_assert_true (kh_socket_set_pacing (fd, 0));
  g_assert_cmpint (kh_socket_write (fd, "hello", 5, &n), ==, KH_SOCKET_DONE);
  socket_wait (accepted, G_IO_IN);
  after = path_after (fd, before.delivered);
  g_assert_cmpint (after.rtt_us, >, 0);
  g_assert_cmpuint (after.unsent, ==, 0);
  g_assert_false (kh_socket_path (0, &after)); /* no socket */
  kh_socket_close (accepted);
  kh_socket_close (fd);
  kh_socket_close (listener);
}

/* And no SIGPIPE ends the test. */
static void
test_a_reset_is_a_loss (void)
{
  KhEndpoint here = kh_endpoint_v4 (loopback, 0), there;
  int listener = begin_listening (&there), fd, accepted;
  char byte;
  gsize n;

  g_assert_cmpint (dial (&here, &there, &fd), ==, KH_SOCKET_DONE);
  socket_wait (listener, G_IO_IN);
  accepted = kh_socket_accept (listener, NULL);
  socket_reset (accepted);
  socket_wait (fd, G_IO_IN);
  g_assert_cmpint (kh_socket_read (fd, &byte, 1, &n), ==, KH_SOCKET_LOST);
  g_assert_cmpint (kh_socket_write (fd, "x", 1, &n), ==, KH_SOCKET_LOST);
  kh_socket_close (fd);
  kh_socket_close (listener);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/socket/one-port-listens-and-dials", test_one_port_listens_and_dials);
  g_test_add_func ("/socket/nobody-there-is-a-refusal", test_nobody_there_is_a_refusal);
  g_test_add_func ("/socket/a-pair-in-use-is-told-from-a-refusal",
                   test_a_pair_in_use_is_told_from_a_refusal);
  g_test_add_func ("/socket/a-foreign-address-can-not-be-bound",
                   test_a_foreign_address_can_not_be_bound);
  g_test_add_func ("/socket/both-families-have-the-same-port",
                   test_both_families_have_the_same_port);
  g_test_add_func ("/socket/bytes-and-the-end-arrive", test_bytes_and_the_end_arrive);
  g_test_add_func ("/socket/the-system-tells-of-the-path",
                   test_the_system_tells_of_the_path);
  g_test_add_func ("/socket/a-reset-is-a-loss", test_a_reset_is_a_loss);
  return g_test_run ();
}
