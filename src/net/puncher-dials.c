/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/puncher-private.h"

#include "net/port.h"
#include "net/socket.h"
#include "net/source.h"

static KhDialResult
dial_result (KhSocketResult result)
{
  switch (result)
    {
    case KH_SOCKET_DONE:
      return KH_DIAL_UP;
    case KH_SOCKET_PENDING:
      return KH_DIAL_PENDING;
    case KH_SOCKET_TAKEN:
      return KH_DIAL_TAKEN;
    case KH_SOCKET_NO_ROUTE:
      return KH_DIAL_NO_ROUTE;
    default:
      return KH_DIAL_REFUSED;
    }
}

static void
stop_dial (KhPuncherDial *dial)
{
  kh_source_clear (&dial->source);
  g_clear_object (&dial->socket);
}

static void
free_dial (gpointer data)
{
  stop_dial (data);
  g_free (data);
}

/* --- Pairs ----------------------------------------------------------------------------
 */

/* A mapped port is for all calls of its owner: the first bytes say which is meant. */
static bool
say_whose (KhPuncher *self, GSocket *socket)
{
  uint8_t tag[KH_TOKEN_LEN];
  size_t n;

  kh_token_mapped (tag, self->ends.call_id, self->ends.identity.public_key);
  return kh_socket_write (g_socket_get_fd (socket), tag, sizeof tag, &n) == KH_SOCKET_DONE
         && n == sizeof tag;
}

/* Tells the plan; the socket of a dial that ended is gone. */
static void
end_pair (KhPuncherDial *dial, KhDialResult result)
{
  KhPuncher *self = dial->puncher;
  unsigned port = self->plan.pairs[dial->pair].port;
  KhPathKind path = kh_punch_path_kind (&self->plan, dial->pair, &dial->peer);
  g_autoptr (GSocket) socket = g_steal_pointer (&dial->socket);

  kh_source_clear (&dial->source);
  if (result == KH_DIAL_UP && dial->pair == KH_PUNCH_PAIR_MAPPED
      && !say_whose (self, socket))
    result = KH_DIAL_REFUSED;
  if (result == KH_DIAL_REFUSED)
    kh_puncher_report (self, KH_PUNCH_EVENT_REFUSED, port, path, &dial->peer, 0);
  kh_punch_dialled (&self->plan, g_get_monotonic_time (), dial->pair, result);
  if (result == KH_DIAL_UP)
    kh_puncher_begin_connection (self, socket, port, dial->pair, path);
}

static gboolean
on_pair_ended (GSocket *socket, G_GNUC_UNUSED GIOCondition condition, gpointer data)
{
  KhPuncherDial *dial = data;
  KhDialResult result = dial_result (kh_socket_take_error (g_socket_get_fd (socket)));

  if (result == KH_DIAL_PENDING)
    return G_SOURCE_CONTINUE;
  end_pair (dial, result);
  /* A refusal has shut the hole: the repeat leaves from this very callback. */
  kh_puncher_carry_out (dial->puncher);
  return G_SOURCE_REMOVE;
}

/* Steps 6 and 8: connect from our port to an endpoint of the peer. */
void
kh_puncher_dial_pair (KhPuncher *self, const KhPunchAction *action)
{
  KhPuncherPort *port = &self->ports[action->port];
  KhPuncherDial *dial = &self->dials[action->pair];
  int fd = port->spare != KH_SOCKET_NONE ? port->spare : kh_puncher_bind_port (port);
  KhSocketResult result;

  port->spare = KH_SOCKET_NONE;
  dial->peer = action->endpoint;
  if (fd == KH_SOCKET_NONE)
    {
      kh_punch_dialled (&self->plan, g_get_monotonic_time (), action->pair,
                        KH_DIAL_TAKEN);
      return;
    }
  result = kh_socket_connect (fd, &dial->peer);
  dial->socket = kh_port_wrap (fd);
  port->spare = kh_puncher_bind_port (port);
  if (dial->socket == NULL)
    result = KH_SOCKET_TAKEN;
  kh_puncher_report (
      self,
      result == KH_SOCKET_NO_ROUTE ? KH_PUNCH_EVENT_NO_ROUTE : KH_PUNCH_EVENT_DIALLED,
      action->port, kh_punch_path_kind (&self->plan, action->pair, &dial->peer),
      &dial->peer, 1);
  if (result != KH_SOCKET_PENDING)
    {
      end_pair (dial, dial_result (result));
      return;
    }
  dial->source = kh_source_watch (dial->socket, G_IO_OUT, on_pair_ended, dial);
}

/* --- The spray ------------------------------------------------------------------------
 */

static void
end_spray (KhPuncherDial *dial, KhDialResult result)
{
  KhPuncher *self = dial->puncher;
  g_autoptr (GSocket) socket = g_steal_pointer (&dial->socket);
  unsigned number = dial->number;

  g_ptr_array_remove_fast (self->spray, dial);
  kh_punch_sprayed (&self->plan, g_get_monotonic_time (), number, result);
  if (result == KH_DIAL_UP)
    kh_puncher_begin_connection (self, socket, 0, KH_PUNCH_NO_PAIR, KH_PATH_PREDICTED);
}

static gboolean
on_spray_ended (GSocket *socket, G_GNUC_UNUSED GIOCondition condition, gpointer data)
{
  KhPuncherDial *dial = data;
  KhPuncher *self = dial->puncher;
  KhDialResult result = dial_result (kh_socket_take_error (g_socket_get_fd (socket)));

  if (result == KH_DIAL_PENDING)
    return G_SOURCE_CONTINUE;
  end_spray (dial, result);
  kh_puncher_carry_out (self);
  return G_SOURCE_REMOVE;
}

void
kh_puncher_dial_spray (KhPuncher *self, const KhSprayDial *action)
{
  const KhPuncherPort *port = &self->ports[0];
  int fd = kh_port_bind (port->family, action->fresh ? 0 : port->port);
  KhPuncherDial *dial;
  KhSocketResult result;

  if (fd == KH_SOCKET_NONE)
    return;
  result = kh_socket_connect (fd, &action->peer);
  dial = g_new (KhPuncherDial, 1);
  *dial = (KhPuncherDial){ .puncher = self,
                           .socket = kh_port_wrap (fd),
                           .pair = KH_PUNCH_NO_PAIR,
                           .number = action->number,
                           .peer = action->peer };
  g_ptr_array_add (self->spray, dial);
  if (dial->socket == NULL || result != KH_SOCKET_PENDING)
    end_spray (dial, dial->socket == NULL ? KH_DIAL_TAKEN : dial_result (result));
  else
    dial->source = kh_source_watch (dial->socket, G_IO_OUT, on_spray_ended, dial);
}

/* --- The relay ------------------------------------------------------------------------
 */

static gboolean
on_relay_pause_over (gpointer data)
{
  KhPuncher *self = data;

  kh_source_clear (&self->relay_timer);
  kh_puncher_dial_relay (self);
  return G_SOURCE_REMOVE;
}

void
kh_puncher_relay_ended (KhPuncher *self)
{
  stop_dial (&self->relay);
  if (self->n_relay_tries < KH_PUNCHER_RELAY_TRIES && !self->over)
    self->relay_timer
        = kh_source_after (KH_PUNCHER_RELAY_PAUSE_MS, on_relay_pause_over, self);
}

static gboolean
on_relay_connected (GSocket *socket, G_GNUC_UNUSED GIOCondition condition, gpointer data)
{
  KhPuncher *self = data;
  g_autoptr (GSocket) connected = NULL;
  uint8_t token[KH_TOKEN_LEN];
  KhSocketResult result = kh_socket_take_error (g_socket_get_fd (socket));
  size_t n;

  if (result == KH_SOCKET_PENDING)
    return G_SOURCE_CONTINUE;
  kh_token_compute (token, self->server.secret, self->ends.call_id, 0, 0, KH_TOKEN_RELAY);
  if (result != KH_SOCKET_DONE
      || kh_socket_write (g_socket_get_fd (socket), token, sizeof token, &n)
             != KH_SOCKET_DONE
      || n != sizeof token)
    {
      kh_puncher_relay_ended (self);
      return G_SOURCE_REMOVE;
    }
  connected = g_steal_pointer (&self->relay.socket);
  kh_source_clear (&self->relay.source);
  kh_puncher_begin_connection (self, connected, 0, KH_PUNCH_NO_PAIR, KH_PATH_RELAY);
  kh_puncher_carry_out (self);
  return G_SOURCE_REMOVE;
}

/* From any port: this one is no secret that a router must keep. */
void
kh_puncher_dial_relay (KhPuncher *self)
{
  const KhEndpoint *assist = &self->ports[0].first.server;
  int fd = assist->family != 0 ? kh_port_bind (assist->family, 0) : KH_SOCKET_NONE;
  KhSocketResult result;

  self->n_relay_tries++;
  if (fd == KH_SOCKET_NONE)
    return;
  result = kh_socket_connect (fd, assist);
  self->relay.socket = kh_port_wrap (fd);
  self->relay.peer = *assist;
  kh_puncher_report (self, KH_PUNCH_EVENT_DIALLED, 0, KH_PATH_RELAY, assist, 1);
  if (self->relay.socket == NULL
      || (result != KH_SOCKET_PENDING && result != KH_SOCKET_DONE))
    {
      kh_puncher_relay_ended (self);
      return;
    }
  kh_socket_set_no_delay (fd);
  self->relay.source
      = kh_source_watch (self->relay.socket, G_IO_OUT, on_relay_connected, self);
}

void
kh_puncher_stop_dials (KhPuncher *self, bool relay)
{
  for (unsigned i = 0; i < KH_PUNCH_PAIRS; i++)
    {
      stop_dial (&self->dials[i]);
      self->dials[i] = (KhPuncherDial){ .puncher = self, .pair = i };
    }
  if (self->spray == NULL)
    self->spray = g_ptr_array_new_with_free_func (free_dial);
  g_ptr_array_set_size (self->spray, 0);
  if (!relay)
    return;
  stop_dial (&self->relay);
  kh_source_clear (&self->relay_timer);
}
