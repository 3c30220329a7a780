/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What an idle client costs the server: memory of its own.
 */
#include "live-server.h"

#include <sodium.h>

#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#define N_CLIENTS 5000
/* What mosquitto 2.0.11 needs for a client that is connected and subscribed. */
#define BYTES_MAX 734

static void
log_in (const LiveServer *server, guint i, GPtrArray *clients)
{
  g_autofree char *source = g_strdup_printf ("127.0.%u.%u", 1 + i / 250, 1 + i % 250);
  LiveClient *client = live_client_handshake (server, live_dial (source, 0, server->port),
                                              1000 + i, FALSE);
  KhMessage join = { .type = KH_MESSAGE_JOIN };

  g_assert_nonnull (client);
  live_client_hello (client);
  live_client_expect (client, KH_MESSAGE_WELCOME);
  /* Rooms of ten: a lobby of thousands would cost the clients time, not the server
   * memory. */
  join.room.id[0] = 1;
  memcpy (join.room.id + 1, &(guint){ i / 10 }, sizeof (guint));
  live_client_send (client, &join);
  live_client_expect (client, KH_MESSAGE_JOINED);
  g_ptr_array_add (clients, client);
}

/* Or the figure is about something else. */
static void
assert_all_are_there (const LiveServer *server, guint n)
{
  g_autofree char *expected = g_strdup_printf ("%u clients,", n);
  gint64 until_us = g_get_monotonic_time () + LIVE_PATIENCE_MS * 1000;
  gboolean found = FALSE;

  g_assert_cmpint (kill (server->pid, SIGUSR1), ==, 0);
  while (!found)
    {
      g_autofree char *errors = live_server_errors (server);

      g_assert_cmpint (g_get_monotonic_time (), <, until_us);
      found = g_str_has_prefix (errors, expected);
    }
}

static void
test_an_idle_client_is_small (void)
{
  LiveServer *server = live_server_start (NULL, NULL);
  g_autoptr (GPtrArray) clients
      = g_ptr_array_new_with_free_func ((GDestroyNotify)live_client_free);
  guint before_kb, after_kb;
  double bytes;

  for (guint i = 0; i < 50; i++) /* what is there once */
    log_in (server, i, clients);
  before_kb = live_server_memory_kb (server);
  for (guint i = 50; i < 50 + N_CLIENTS; i++)
    log_in (server, i, clients);
  after_kb = live_server_memory_kb (server);
  bytes = (after_kb - before_kb) * 1024.0 / N_CLIENTS;
  g_test_message ("%u clients: %.0f bytes each (%u kB, then %u kB)", N_CLIENTS, bytes,
                  before_kb, after_kb);
  g_assert_cmpfloat (bytes, <=, BYTES_MAX);
  assert_all_are_there (server, 50 + N_CLIENTS);
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
  if (limit.rlim_max < N_CLIENTS + 200)
    {
      g_test_message ("too few descriptors here");
      return 77;
    }
  g_test_add_func ("/idle-clients/an-idle-client-is-small", test_an_idle_client_is_small);
  return g_test_run ();
}
