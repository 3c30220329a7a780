/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/puncher-private.h"

#include "net/port.h"
#include "net/socket.h"
#include "net/source.h"

#include <errno.h>
#include <string.h>

/* Before a token on a main port: version and pattern (src/PROTOCOL.md section 2.1). */
#define OBSERVE_RECORD_LEN (2 + 2 + KH_TOKEN_LEN)

static void ask (KhPuncherAsking *asking);

/* --- Asking the server
 * ------------------------------------------------------------------
 */

static void
stop_asking (KhPuncherAsking *asking)
{
  kh_source_clear (&asking->source);
  kh_source_clear (&asking->timer);
  g_clear_object (&asking->socket);
}

static gboolean
on_pause_over (gpointer data)
{
  KhPuncherAsking *asking = data;

  kh_source_clear (&asking->timer);
  ask (asking);
  return G_SOURCE_REMOVE;
}

/* The server closed before it knew us, or could not be reached. */
static void
ask_again (KhPuncherAsking *asking)
{
  kh_source_clear (&asking->source);
  g_clear_object (&asking->socket);
  if (asking->n_tries < KH_PUNCHER_ASSIST_TRIES)
    asking->timer = kh_source_after (KH_PUNCHER_ASSIST_PAUSE_MS, on_pause_over, asking);
}

static bool
is_answered (const KhPuncherAsking *asking)
{
  const KhPunchSeen *own = &asking->port->puncher->plan.own;

  return asking->index == KH_PUNCH_SEEN_AGAIN ? own->again.family != 0
                                              : own->ports[asking->index].family != 0;
}

static gboolean
on_input (GSocket *socket, G_GNUC_UNUSED GIOCondition condition, gpointer data)
{
  KhPuncherAsking *asking = data;
  uint8_t bytes[16];
  size_t n;
  KhSocketResult result
      = kh_socket_read (g_socket_get_fd (socket), bytes, sizeof bytes, &n);

  if (result == KH_SOCKET_PENDING)
    return G_SOURCE_CONTINUE;
  /* Nothing is ever sent here; after the observation its end changes nothing. A main
   * port closes at once, and the observation comes another way. */
  if (is_answered (asking) || asking->is_main)
    kh_source_clear (&asking->source);
  else
    ask_again (asking);
  return G_SOURCE_REMOVE;
}

static bool
show_token (const KhPuncherAsking *asking)
{
  const KhPuncher *self = asking->port->puncher;
  uint8_t bytes[OBSERVE_RECORD_LEN] = { 0, 2 + KH_TOKEN_LEN, 1, 3 };
  size_t skipped = asking->is_main ? 0 : OBSERVE_RECORD_LEN - KH_TOKEN_LEN;
  size_t len = sizeof bytes - skipped;
  size_t n;

  kh_token_compute (bytes + sizeof bytes - KH_TOKEN_LEN, self->server.secret,
                    self->ends.call_id, (uint8_t)self->plan.round, (uint8_t)asking->index,
                    KH_TOKEN_OBSERVE);
  return kh_socket_write (g_socket_get_fd (asking->socket), bytes + skipped, len, &n)
             == KH_SOCKET_DONE
         && n == len;
}

static gboolean
on_connected (GSocket *socket, G_GNUC_UNUSED GIOCondition condition, gpointer data)
{
  KhPuncherAsking *asking = data;
  KhSocketResult result = kh_socket_take_error (g_socket_get_fd (socket));

  if (result == KH_SOCKET_PENDING)
    return G_SOURCE_CONTINUE;
  if (result != KH_SOCKET_DONE || !show_token (asking))
    {
      ask_again (asking);
      return G_SOURCE_REMOVE;
    }
  kh_source_clear (&asking->source);
  asking->source = kh_source_watch (socket, G_IO_IN, on_input, asking);
  return G_SOURCE_REMOVE;
}

static void
ask (KhPuncherAsking *asking)
{
  int fd = kh_puncher_bind_port (asking->port);
  KhSocketResult result;

  asking->n_tries++;
  if (fd == KH_SOCKET_NONE)
    return;
  result = kh_socket_connect (fd, &asking->server);
  asking->socket = kh_port_wrap (fd);
  if (asking->socket == NULL)
    return;
  if (result != KH_SOCKET_PENDING && result != KH_SOCKET_DONE)
    {
      ask_again (asking);
      return;
    }
  kh_socket_set_no_delay (fd);
  asking->source = kh_source_watch (asking->socket, G_IO_OUT, on_connected, asking);
}

/* --- The port
 * ---------------------------------------------------------------------------
 */

static const KhEndpoint *
choose_assist (const KhProbeServer *server, unsigned number)
{
  const KhEndpoint *near;

  if (number == KH_PUNCH_PORT_V6)
    return kh_probe_server_find (server, 6, NULL);
  near = kh_probe_server_near (server);
  return near != NULL || server->n_assist == 0 ? near : &server->assist[0];
}

/* From another place a router may show another port: a second address tells more than
 * another port of the first one. */
static void
choose_other_place (KhPuncherPort *port)
{
  const KhProbeServer *server = &port->puncher->server;
  const KhEndpoint *other = kh_probe_server_other (server);

  port->again.index = KH_PUNCH_SEEN_AGAIN;
  if (port->number != 0)
    return;
  if (other == NULL && kh_endpoint_same_address (&server->main, &port->first.server))
    {
      other = &server->main;
      port->again.is_main = true;
    }
  if (other != NULL && other->family == port->family)
    port->again.server = *other;
}

int
kh_puncher_bind_port (const KhPuncherPort *port)
{
  return kh_port_bind (port->family, port->port);
}

/* The peer's SYN comes in. */
static gboolean
on_inbound (GSocket *socket, G_GNUC_UNUSED GIOCondition condition, gpointer data)
{
  KhPuncherPort *port = data;
  KhPuncher *self = port->puncher;
  KhEndpoint remote;
  int fd;

  while ((fd = kh_socket_accept (g_socket_get_fd (socket), &remote)) != KH_SOCKET_NONE)
    {
      g_autoptr (GSocket) accepted = NULL;
      unsigned pair = kh_punch_find_pair (&self->plan, port->number, &remote);

      /* Before the call is accepted nobody has a reason to come here. */
      if (self->n_inbound >= KH_PUNCHER_MAX_INBOUND || self->plan.began_at_us == KH_NEVER)
        {
          kh_socket_close (fd);
          continue;
        }
      self->n_inbound++;
      accepted = kh_port_wrap (fd);
      if (accepted != NULL)
        kh_puncher_begin_connection (self, accepted, port->number, pair,
                                     kh_punch_path_kind (&self->plan, pair, &remote));
    }
  return G_SOURCE_CONTINUE;
}

void
kh_puncher_init_port (KhPuncher *self, unsigned number)
{
  KhPuncherPort *port = &self->ports[number];
  const KhEndpoint *assist = choose_assist (&self->server, number);

  *port = (KhPuncherPort){
    .puncher = self,
    .spare = KH_SOCKET_NONE,
    .number = number,
    .family = assist != NULL ? assist->family : 4,
    .first = { .port = port, .index = number },
    .again = { .port = port },
  };
  if (assist != NULL)
    port->first.server = *assist;
  choose_other_place (port);
}

/* Some systems refuse whatever else wants a port on which somebody listens, or a listener
 * where somebody dials. Dialling comes first then: where both sides dial at the same
 * time, TCP connects without a listener. */
static bool
bind_and_listen (KhPuncherPort *port)
{
  port->listener = kh_port_listen (port->family, KH_PUNCHER_MAX_INBOUND, &port->port);
  if (port->listener == NULL)
    {
      port->spare = kh_port_find (port->family, &port->port);
      return port->spare != KH_SOCKET_NONE;
    }
  port->spare = kh_puncher_bind_port (port);
  if (port->spare == KH_SOCKET_NONE && errno == EADDRINUSE)
    {
      g_clear_object (&port->listener);
      port->spare = kh_puncher_bind_port (port);
      return port->spare != KH_SOCKET_NONE;
    }
  return true;
}

/* Steps 3, 5 and 7: bind a fresh port, listen on it, dial the assist port from it. */
void
kh_puncher_open_port (KhPuncher *self, unsigned number)
{
  KhPuncherPort *port = &self->ports[number];

  kh_puncher_init_port (self, number);
  if (!bind_and_listen (port))
    {
      kh_punch_not_opened (&self->plan, number);
      return;
    }
  if (port->listener != NULL)
    port->listener_source = kh_source_watch (port->listener, G_IO_IN, on_inbound, port);
  kh_puncher_report (self, KH_PUNCH_EVENT_OPENED, number, KH_PATH_PUNCHED,
                     &port->first.server, port->listener != NULL);
  if (port->first.server.family != 0)
    ask (&port->first);
  if (port->again.server.family != 0)
    ask (&port->again);
}

void
kh_puncher_close_port (KhPuncherPort *port)
{
  stop_asking (&port->first);
  stop_asking (&port->again);
  kh_source_clear (&port->listener_source);
  g_clear_object (&port->listener);
  kh_socket_close (port->spare);
  port->spare = KH_SOCKET_NONE;
}
