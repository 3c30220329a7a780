/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/puncher.h"

#include "net/port.h"
#include "net/socket.h"
#include "net/source.h"

#include <sodium.h>
#include <string.h>

typedef struct
{
  /* Borrowed */
  KhPuncher *puncher;

  /* Owned */
  GSocket *assist;
  GSource *assist_source;
  GSource *assist_timer;
  GSocket *listener;
  GSource *listener_source;
  GSocket *dial; /* the one SYN on its way to the peer */
  GSource *dial_source;
  int spare; /* bound in advance: no moment without a connecting socket */

  /* State */
  unsigned pair;
  uint16_t port;
  unsigned n_assist_tries;
} Port;

struct _KhPuncher
{
  /* Owned */
  KhPunchEnds ends;
  uint8_t *hello;
  uint8_t assist_secret[KH_TOKEN_SECRET_LEN];
  Port ports[KH_PUNCH_PAIRS];
  GPtrArray *connections;
  GSource *timer;

  /* Borrowed */
  const KhPuncherListener *listener;
  gpointer data;

  /* State */
  KhPunch plan;
  KhEndpoint assist;
  unsigned n_inbound; /* accepted in this round */
  bool over;          /* won or failed: the owner has been told */
};

static void carry_out (KhPuncher *self);
static void dial_assist (Port *port);

static void
report (const Port *port, KhPunchEventKind kind, const KhEndpoint *endpoint)
{
  KhPuncher *self = port->puncher;
  KhPunchEvent event = {
    .kind = kind,
    .round = self->plan.round,
    .pair = port->pair,
    .port = port->port,
  };

  event.endpoint = *endpoint;
  self->listener->event (self->data, &event);
}

static int
bind_port (const Port *port)
{
  return kh_port_bind (port->puncher->assist.family, port->port);
}

static void
close_port (Port *port)
{
  kh_source_clear (&port->assist_source);
  kh_source_clear (&port->assist_timer);
  kh_source_clear (&port->listener_source);
  kh_source_clear (&port->dial_source);
  g_clear_object (&port->dial);
  g_clear_object (&port->listener);
  g_clear_object (&port->assist);
  kh_socket_close (port->spare);
  port->spare = KH_SOCKET_NONE;
}

static void
close_all (KhPuncher *self)
{
  g_ptr_array_set_size (self->connections, 0);
  self->n_inbound = 0;
  for (unsigned i = 0; i < KH_PUNCH_PAIRS; i++)
    close_port (&self->ports[i]);
}

/* --- One connection that came up ------------------------------------------ */

static bool
on_authenticated (gpointer data, G_GNUC_UNUSED KhPunchConnection *connection)
{
  KhPuncher *self = data;

  return kh_punch_nominate (&self->plan);
}

/* The nominee is gone: another connection that has proved itself takes its place. */
static void
nominate_another (KhPuncher *self)
{
  for (guint i = 0; i < self->connections->len; i++)
    {
      KhPunchConnection *connection = g_ptr_array_index (self->connections, i);

      if (kh_punch_connection_is_authenticated (connection)
          && kh_punch_nominate (&self->plan))
        {
          kh_punch_connection_nominate (connection);
          return;
        }
    }
}

static void
on_ended (gpointer data, KhPunchConnection *connection, bool stranger)
{
  KhPuncher *self = data;
  unsigned pair = kh_punch_connection_pair (connection);
  bool nominated;

  if (stranger)
    report (&self->ports[pair], KH_PUNCH_EVENT_STRANGER,
            kh_punch_connection_remote (connection));
  nominated = kh_punch_connection_is_nominated (connection);
  g_ptr_array_remove_fast (self->connections, connection);
  kh_punch_down (&self->plan, g_get_monotonic_time (), pair, stranger);
  if (nominated)
    {
      kh_punch_nominee_lost (&self->plan);
      nominate_another (self);
    }
  carry_out (self);
}

static void
on_confirmed (gpointer data, KhPunchConnection *connection)
{
  KhPuncher *self = data;
  KhPunchWin win;

  if (!kh_punch_connection_steal (connection, &win))
    {
      on_ended (data, connection, false);
      return;
    }
  win.round = self->plan.round;
  kh_punch_confirmed (&self->plan);
  close_all (self);
  kh_source_clear (&self->timer);
  self->over = true;
  self->listener->won (self->data, &win);
}

static const KhPunchConnectionListener connection_listener = {
  .authenticated = on_authenticated,
  .confirmed = on_confirmed,
  .ended = on_ended,
};

static void
begin_connection (Port *port, GSocket *socket)
{
  KhPuncher *self = port->puncher;
  KhEndpoint peer;

  kh_socket_set_no_delay (g_socket_get_fd (socket));
  kh_socket_peer (g_socket_get_fd (socket), &peer);
  report (port, KH_PUNCH_EVENT_UP, &peer);
  kh_punch_up (&self->plan, port->pair);
  g_ptr_array_add (self->connections,
                   kh_punch_connection_new (socket, port->pair, &self->ends,
                                            &connection_listener, self));
}

/* --- The peer's SYN comes in ---------------------------------------------- */

static gboolean
on_inbound (GSocket *socket, G_GNUC_UNUSED GIOCondition condition, gpointer data)
{
  Port *port = data;
  KhPuncher *self = port->puncher;
  int fd;

  while ((fd = kh_socket_accept (g_socket_get_fd (socket), NULL)) != KH_SOCKET_NONE)
    {
      g_autoptr (GSocket) accepted = NULL;

      /* Before the call is accepted nobody has a reason to come here. */
      if (self->n_inbound >= KH_PUNCHER_MAX_INBOUND || self->plan.total_at_us == KH_NEVER)
        {
          kh_socket_close (fd);
          continue;
        }
      self->n_inbound++;
      accepted = kh_port_wrap (fd);
      if (accepted == NULL)
        continue;
      begin_connection (port, accepted);
    }
  return G_SOURCE_CONTINUE;
}

/* --- Our SYN goes out ------------------------------------------------------ */

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

/* Tells the plan; the socket of a dial that ended is gone. */
static void
end_dial (Port *port, KhDialResult result)
{
  KhPuncher *self = port->puncher;
  g_autoptr (GSocket) socket = g_steal_pointer (&port->dial);

  kh_source_clear (&port->dial_source);
  if (result == KH_DIAL_REFUSED)
    report (port, KH_PUNCH_EVENT_REFUSED, &self->plan.pairs[port->pair].peer);
  kh_punch_dialled (&self->plan, g_get_monotonic_time (), port->pair, result);
  if (result == KH_DIAL_UP)
    begin_connection (port, socket);
}

static gboolean
on_dial_ended (GSocket *socket, G_GNUC_UNUSED GIOCondition condition, gpointer data)
{
  Port *port = data;
  KhPuncher *self = port->puncher;
  KhDialResult result = dial_result (kh_socket_take_error (g_socket_get_fd (socket)));

  if (result == KH_DIAL_PENDING)
    return G_SOURCE_CONTINUE;
  end_dial (port, result);
  /* A refusal has shut the hole: the repeat leaves from this very callback. */
  carry_out (self);
  return G_SOURCE_REMOVE;
}

/* Steps 6 and 8: connect from our port to the peer's public endpoint. */
static void
dial_peer (KhPuncher *self, unsigned pair, const KhEndpoint *peer)
{
  Port *port = &self->ports[pair];
  int fd = port->spare != KH_SOCKET_NONE ? port->spare : bind_port (port);
  KhSocketResult result;

  port->spare = KH_SOCKET_NONE;
  if (fd == KH_SOCKET_NONE)
    {
      kh_punch_dialled (&self->plan, g_get_monotonic_time (), pair, KH_DIAL_TAKEN);
      return;
    }
  result = kh_socket_connect (fd, peer);
  port->dial = kh_port_wrap (fd);
  port->spare = bind_port (port);
  if (port->dial == NULL)
    result = KH_SOCKET_TAKEN;
  report (port,
          result == KH_SOCKET_NO_ROUTE ? KH_PUNCH_EVENT_NO_ROUTE : KH_PUNCH_EVENT_DIALLED,
          peer);
  if (result != KH_SOCKET_PENDING)
    {
      end_dial (port, dial_result (result));
      return;
    }
  port->dial_source = kh_source_watch (port->dial, G_IO_OUT, on_dial_ended, port);
}

/* --- The assist port ------------------------------------------------------- */

static gboolean
on_assist_pause_over (gpointer data)
{
  Port *port = data;

  kh_source_clear (&port->assist_timer);
  dial_assist (port);
  return G_SOURCE_REMOVE;
}

/* The server closed before it knew us, or could not be reached. */
static void
assist_failed (Port *port)
{
  kh_source_clear (&port->assist_source);
  g_clear_object (&port->assist);
  if (port->n_assist_tries < KH_PUNCHER_ASSIST_TRIES)
    port->assist_timer
        = kh_source_after (KH_PUNCHER_ASSIST_PAUSE_MS, on_assist_pause_over, port);
}

static gboolean
on_assist_input (GSocket *socket, G_GNUC_UNUSED GIOCondition condition, gpointer data)
{
  Port *port = data;
  KhPuncher *self = port->puncher;
  uint8_t bytes[16];
  size_t n;
  KhSocketResult result
      = kh_socket_read (g_socket_get_fd (socket), bytes, sizeof bytes, &n);

  if (result == KH_SOCKET_PENDING)
    return G_SOURCE_CONTINUE;
  /* Nothing is ever sent here; after the observation its end changes nothing. */
  if (self->plan.pairs[port->pair].own.family == 0)
    assist_failed (port);
  else
    kh_source_clear (&port->assist_source);
  return G_SOURCE_REMOVE;
}

static gboolean
on_assist_connected (GSocket *socket, G_GNUC_UNUSED GIOCondition condition, gpointer data)
{
  Port *port = data;
  KhPuncher *self = port->puncher;
  uint8_t token[KH_TOKEN_LEN];
  size_t n;
  KhSocketResult result = kh_socket_take_error (g_socket_get_fd (socket));

  if (result == KH_SOCKET_PENDING)
    return G_SOURCE_CONTINUE;
  kh_token_compute (token, self->assist_secret, self->ends.call_id,
                    (uint8_t)self->plan.round, (uint8_t)port->pair, KH_TOKEN_OBSERVE);
  if (result != KH_SOCKET_DONE
      || kh_socket_write (g_socket_get_fd (socket), token, sizeof token, &n)
             != KH_SOCKET_DONE
      || n != sizeof token)
    {
      assist_failed (port);
      return G_SOURCE_REMOVE;
    }
  kh_source_clear (&port->assist_source);
  port->assist_source = kh_source_watch (socket, G_IO_IN, on_assist_input, port);
  return G_SOURCE_REMOVE;
}

static void
dial_assist (Port *port)
{
  KhPuncher *self = port->puncher;
  int fd = bind_port (port);
  KhSocketResult result;

  port->n_assist_tries++;
  if (fd == KH_SOCKET_NONE)
    return;
  result = kh_socket_connect (fd, &self->assist);
  port->assist = kh_port_wrap (fd);
  if (port->assist == NULL)
    return;
  if (result != KH_SOCKET_PENDING && result != KH_SOCKET_DONE)
    {
      assist_failed (port);
      return;
    }
  kh_socket_set_no_delay (fd);
  port->assist_source
      = kh_source_watch (port->assist, G_IO_OUT, on_assist_connected, port);
}

/* --- Opening a port -------------------------------------------------------- */

/* Steps 3, 5 and 7: bind a fresh port, listen on it, dial the assist port from it. */
static void
open_port (KhPuncher *self, unsigned pair)
{
  Port *port = &self->ports[pair];

  *port = (Port){ .puncher = self, .pair = pair, .spare = KH_SOCKET_NONE };
  port->listener
      = kh_port_listen (self->assist.family, KH_PUNCHER_MAX_INBOUND, &port->port);
  if (port->listener == NULL)
    {
      kh_punch_not_opened (&self->plan, pair);
      return;
    }
  port->listener_source = kh_source_watch (port->listener, G_IO_IN, on_inbound, port);
  report (port, KH_PUNCH_EVENT_OPENED, &self->assist);
  dial_assist (port);
  port->spare = bind_port (port);
}

/* --- The plan --------------------------------------------------------------- */

static gboolean
on_deadline (gpointer data)
{
  KhPuncher *self = data;

  kh_source_clear (&self->timer);
  kh_punch_tick (&self->plan, g_get_monotonic_time ());
  carry_out (self);
  return G_SOURCE_REMOVE;
}

static void
set_timer (KhPuncher *self)
{
  gint64 deadline_us = kh_punch_deadline (&self->plan);

  kh_source_clear (&self->timer);
  if (deadline_us == KH_NEVER)
    return;
  self->timer = kh_source_at (deadline_us, on_deadline, self);
}

static void
carry_out_one (KhPuncher *self, const KhPunchAction *action)
{
  switch (action->kind)
    {
    case KH_PUNCH_OPEN:
      open_port (self, action->pair);
      break;
    case KH_PUNCH_CONNECT:
      dial_peer (self, action->pair, &action->endpoint);
      break;
    case KH_PUNCH_SEND_GO:
      self->listener->send_go (self->data, action->round);
      break;
    case KH_PUNCH_SEND_ROUND:
      self->listener->send_round (self->data, action->round);
      break;
    case KH_PUNCH_CLOSE:
      close_all (self);
      break;
    case KH_PUNCH_NOTHING:
      break;
    }
}

/* The last thing a callback does: the owner may free the puncher in failed(). */
static void
carry_out (KhPuncher *self)
{
  KhPunchAction action;

  if (self->over)
    return;
  while (kh_punch_next_action (&self->plan, g_get_monotonic_time (), &action))
    carry_out_one (self, &action);
  set_timer (self);
  if (self->plan.state == KH_PUNCH_FAILED)
    {
      self->over = true;
      self->listener->failed (self->data, self->plan.failure);
    }
}

static gboolean
on_begin (gpointer data)
{
  KhPuncher *self = data;

  kh_source_clear (&self->timer);
  carry_out (self);
  return G_SOURCE_REMOVE;
}

KhPuncher *
kh_puncher_new (const KhPunchEnds *ends, const KhEndpoint *assist,
                const uint8_t assist_secret[KH_TOKEN_SECRET_LEN],
                const KhPuncherListener *listener, gpointer data)
{
  KhPuncher *self = g_new0 (KhPuncher, 1);

  self->ends = *ends;
  self->hello = g_memdup2 (ends->hello, ends->hello_len);
  self->ends.hello = self->hello;
  self->assist = *assist;
  memcpy (self->assist_secret, assist_secret, sizeof self->assist_secret);
  self->listener = listener;
  self->data = data;
  self->connections
      = g_ptr_array_new_with_free_func ((GDestroyNotify)kh_punch_connection_free);
  for (unsigned i = 0; i < KH_PUNCH_PAIRS; i++)
    self->ports[i] = (Port){ .puncher = self, .pair = i, .spare = KH_SOCKET_NONE };
  kh_punch_start (&self->plan, g_get_monotonic_time (), ends->caller);
  self->timer = kh_source_after (0, on_begin, self);
  return self;
}

void
kh_puncher_free (KhPuncher *self)
{
  close_all (self);
  kh_source_clear (&self->timer);
  g_ptr_array_unref (self->connections);
  g_free (self->hello);
  sodium_memzero (self, sizeof *self);
  g_free (self);
}

void
kh_puncher_accepted (KhPuncher *self, gint64 rtt_us, KhNoiseCipher cipher)
{
  self->ends.cipher = cipher;
  kh_punch_accepted (&self->plan, g_get_monotonic_time (), rtt_us);
  carry_out (self);
}

/* The server may be behind, or name a pair that there is not. */
static bool
is_current (const KhPuncher *self, unsigned round, unsigned pair)
{
  return round == self->plan.round && pair < KH_PUNCH_PAIRS;
}

void
kh_puncher_observed (KhPuncher *self, unsigned round, unsigned pair,
                     const KhEndpoint *own)
{
  bool known = is_current (self, round, pair) && self->plan.pairs[pair].own.family != 0;

  kh_punch_observed (&self->plan, g_get_monotonic_time (), round, pair, own);
  if (!known && is_current (self, round, pair) && self->plan.pairs[pair].own.family != 0)
    report (&self->ports[pair], KH_PUNCH_EVENT_OBSERVED, own);
  carry_out (self);
}

void
kh_puncher_endpoint (KhPuncher *self, unsigned round, unsigned pair,
                     const KhEndpoint *peer)
{
  bool known = is_current (self, round, pair) && self->plan.pairs[pair].peer.family != 0;

  kh_punch_endpoint (&self->plan, g_get_monotonic_time (), round, pair, peer);
  if (!known && is_current (self, round, pair) && self->plan.pairs[pair].peer.family != 0)
    report (&self->ports[pair], KH_PUNCH_EVENT_FOUND, peer);
  carry_out (self);
}

void
kh_puncher_go (KhPuncher *self, unsigned round)
{
  kh_punch_go (&self->plan, g_get_monotonic_time (), round);
  carry_out (self);
}

void
kh_puncher_peer_round (KhPuncher *self, unsigned round)
{
  kh_punch_peer_round (&self->plan, g_get_monotonic_time (), round);
  carry_out (self);
}

const KhPunch *
kh_puncher_plan (const KhPuncher *self)
{
  return &self->plan;
}
