/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/source.h"

#include "net/port.h"
#include "net/socket.h"

#include "socket-pair.h"

/* More than any system can wait for handle by handle. */
#define MANY 200

typedef struct
{
  guint n;
  gboolean again; /* what the callback returns */
} Heard;

static gboolean
on_ready (GSocket *socket, GIOCondition condition, gpointer data)
{
  Heard *heard = data;

  heard->n++;
  return heard->again;
}

static gboolean
on_too_late (gpointer data)
{
  g_error ("what must come has not come");
  return G_SOURCE_REMOVE;
}

static void
wait_until (const guint *n, guint least)
{
  guint timer = g_timeout_add (SOCKET_DEADLINE_MS, on_too_late, NULL);

  while (*n < least)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timer);
}

/* Until the loop would sleep. */
static void
settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
say (int fd)
{
  gsize n;

  g_assert_cmpint (kh_socket_write (fd, "x", 1, &n), ==, KH_SOCKET_DONE);
}

/* The loop has looked at everything, and would sleep now. */
static int said_when_asleep = KH_SOCKET_NONE;

static int
say_and_poll (GPollFD *fds, guint n, int timeout_ms)
{
  if (timeout_ms != 0 && said_when_asleep != KH_SOCKET_NONE)
    {
      say (said_when_asleep);
      said_when_asleep = KH_SOCKET_NONE;
    }
  return g_poll (fds, n, timeout_ms);
}

static void
hear (GSocket *socket)
{
  char byte;
  gsize n;

  g_assert_cmpint (kh_socket_read (g_socket_get_fd (socket), &byte, 1, &n), ==,
                   KH_SOCKET_DONE);
}

static void
test_each_byte_is_heard (void)
{
  Heard heard = { .again = TRUE };
  g_autoptr (GSocket) socket = NULL;
  GSource *source;
  int fds[2];

  socket_pair (fds);
  socket = kh_port_wrap (fds[0]);
  source = kh_source_watch (socket, G_IO_IN, on_ready, &heard);
  for (guint i = 0; i < 100; i++)
    {
      settle ();
      heard.n = 0;
      said_when_asleep = fds[1];
      wait_until (&heard.n, 1);
      hear (socket);
    }
  kh_source_clear (&source);
  say (fds[1]);
  socket_wait (g_socket_get_fd (socket), G_IO_IN);
  heard.n = 0;
  settle ();
  g_assert_cmpuint (heard.n, ==, 0);
  kh_socket_close (fds[1]);
}

static void
test_two_watches_both_hear (void)
{
  Heard readable = { 0 }, writable = { 0 };
  g_autoptr (GSocket) socket = NULL;
  GSource *in, *out;
  int fds[2];

  socket_pair (fds);
  socket = kh_port_wrap (fds[0]);
  in = kh_source_watch (socket, G_IO_IN, on_ready, &readable);
  out = kh_source_watch (socket, G_IO_OUT, on_ready, &writable);
  wait_until (&writable.n, 1);
  settle ();
  g_assert_cmpuint (readable.n, ==, 0);
  said_when_asleep = fds[1];
  wait_until (&readable.n, 1);
  g_assert_cmpuint (writable.n, ==, 1);
  kh_source_clear (&in);
  kh_source_clear (&out);
  kh_socket_close (fds[1]);
}

static void
test_many_are_watched_at_once (void)
{
  GSocket *sockets[MANY];
  GSource *sources[MANY];
  int peers[MANY];
  Heard heard = { 0 };

  for (guint i = 0; i < MANY; i++)
    {
      int fds[2];

      socket_pair (fds);
      peers[i] = fds[1];
      sockets[i] = kh_port_wrap (fds[0]);
      sources[i] = kh_source_watch (sockets[i], G_IO_IN, on_ready, &heard);
    }
  for (guint i = 0; i < MANY; i++)
    {
      settle ();
      g_assert_cmpuint (heard.n, ==, i);
      said_when_asleep = peers[MANY - 1 - i];
      wait_until (&heard.n, i + 1);
    }
  for (guint i = 0; i < MANY; i++)
    {
      kh_source_clear (&sources[i]);
      g_object_unref (sockets[i]);
      kh_socket_close (peers[i]);
    }
}

typedef struct
{
  GSocket *socket;
  GSource *source;
  Heard heard;
  guint n_connected;
} Client;

static void
on_connected (GObject *object, GAsyncResult *result, gpointer data)
{
  Client *self = data;
  g_autoptr (GSocketConnection) connection
      = g_socket_client_connect_to_host_finish (G_SOCKET_CLIENT (object), result, NULL);

  g_assert_nonnull (connection);
  self->socket = g_object_ref (g_socket_connection_get_socket (connection));
  self->source = kh_source_watch (self->socket, G_IO_IN, on_ready, &self->heard);
  self->n_connected++;
}

/* In that callback GIO still watches the socket itself. */
static void
test_what_gio_connected_is_heard (void)
{
  static const guint8 loopback[] = { 127, 0, 0, 1 };
  KhEndpoint at = kh_endpoint_v4 (loopback, 0);
  int listener = kh_socket_bound (&at);

  g_assert_true (kh_socket_listen (listener, 10));
  g_assert_true (kh_socket_local (listener, &at));
  for (guint i = 0; i < 10; i++)
    {
      g_autoptr (GSocketClient) client = g_socket_client_new ();
      Client self = { 0 };
      int accepted;

      g_socket_client_set_enable_proxy (client, FALSE);
      g_socket_client_connect_to_host_async (client, "127.0.0.1", at.port, NULL,
                                             on_connected, &self);
      wait_until (&self.n_connected, 1);
      settle ();
      socket_wait (listener, G_IO_IN);
      accepted = kh_socket_accept (listener, NULL);
      said_when_asleep = accepted;
      wait_until (&self.heard.n, 1);
      kh_source_clear (&self.source);
      g_object_unref (self.socket);
      kh_socket_close (accepted);
    }
  kh_socket_close (listener);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_main_context_set_poll_func (NULL, say_and_poll);
  g_test_add_func ("/source/each-byte-is-heard", test_each_byte_is_heard);
  g_test_add_func ("/source/two-watches-both-hear", test_two_watches_both_hear);
  g_test_add_func ("/source/many-are-watched-at-once", test_many_are_watched_at_once);
  g_test_add_func ("/source/what-gio-connected-is-heard",
                   test_what_gio_connected_is_heard);
  return g_test_run ();
}
