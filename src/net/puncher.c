/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/puncher-private.h"

#include "net/port.h"
#include "net/socket.h"
#include "net/source.h"

#include <sodium.h>
#include <string.h>

void
kh_puncher_report (KhPuncher *self, KhPunchEventKind kind, unsigned port, KhPathKind path,
                   const KhEndpoint *endpoint, unsigned n)
{
  KhPunchEvent event = {
    .kind = kind,
    .round = self->plan.round,
    .number = port,
    .path = path,
    .port = path == KH_PATH_RELAY ? 0 : self->ports[port].port,
    .n = n,
    .endpoint = *endpoint,
  };

  self->listener->event (self->data, &event);
}

/* Of the relay what is on its way stays, unless @relay. */
static void
close_all (KhPuncher *self, bool relay)
{
  for (guint i = self->connections->len; i > 0; i--)
    if (relay
        || kh_punch_connection_path (g_ptr_array_index (self->connections, i - 1))
               != KH_PATH_RELAY)
      g_ptr_array_remove_index_fast (self->connections, i - 1);
  self->n_inbound = 0;
  kh_puncher_stop_dials (self, relay);
  for (unsigned i = 0; i < KH_PUNCH_PORTS; i++)
    kh_puncher_close_port (&self->ports[i]);
}

/* --- One connection that came up ------------------------------------------ */

static void set_timer (KhPuncher *self);

static void
on_authenticated (gpointer data, KhPunchConnection *connection)
{
  KhPuncher *self = data;

  kh_punch_authenticated (&self->plan, g_get_monotonic_time (),
                          kh_punch_connection_path (connection));
  set_timer (self);
}

static void
nominate (KhPuncher *self)
{
  KhPunchConnection *best = NULL;

  for (guint i = 0; i < self->connections->len; i++)
    {
      KhPunchConnection *connection = g_ptr_array_index (self->connections, i);

      if (kh_punch_connection_is_authenticated (connection)
          && (best == NULL
              || kh_path_kind_is_better (kh_punch_connection_path (connection),
                                         kh_punch_connection_path (best))))
        best = connection;
    }
  if (best != NULL)
    kh_punch_connection_nominate (best);
  else
    kh_punch_nominee_lost (&self->plan);
}

/* The nominee is gone: another connection that has proved itself takes its place. */
static void
nominate_another (KhPuncher *self)
{
  kh_punch_nominee_lost (&self->plan);
  for (guint i = 0; i < self->connections->len; i++)
    {
      KhPunchConnection *connection = g_ptr_array_index (self->connections, i);

      if (kh_punch_connection_is_authenticated (connection))
        on_authenticated (self, connection);
    }
}

static void
on_ended (gpointer data, KhPunchConnection *connection, bool stranger)
{
  KhPuncher *self = data;
  unsigned pair = kh_punch_connection_pair (connection);
  KhPathKind path = kh_punch_connection_path (connection);
  bool nominated = kh_punch_connection_is_nominated (connection);

  /* Who is there is the server, and it has hung up. */
  stranger = stranger && path != KH_PATH_RELAY;
  if (stranger)
    kh_puncher_report (self, KH_PUNCH_EVENT_STRANGER,
                       kh_punch_connection_port (connection), path,
                       kh_punch_connection_remote (connection), 0);
  g_ptr_array_remove_fast (self->connections, connection);
  if (path == KH_PATH_RELAY)
    kh_puncher_relay_ended (self);
  else
    kh_punch_down (&self->plan, g_get_monotonic_time (), pair, stranger);
  if (nominated)
    nominate_another (self);
  kh_puncher_carry_out (self);
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
  close_all (self, true);
  kh_source_clear (&self->timer);
  self->over = true;
  self->listener->won (self->data, &win);
}

static const KhPunchConnectionListener connection_listener = {
  .authenticated = on_authenticated,
  .confirmed = on_confirmed,
  .ended = on_ended,
};

void
kh_puncher_begin_connection (KhPuncher *self, GSocket *socket, unsigned port,
                             unsigned pair, KhPathKind path)
{
  KhPunchRoute route = { .path = path, .port = port, .pair = pair };
  KhEndpoint peer;

  kh_socket_set_no_delay (g_socket_get_fd (socket));
  kh_socket_peer (g_socket_get_fd (socket), &peer);
  kh_puncher_report (self, KH_PUNCH_EVENT_UP, port, path, &peer, 0);
  if (path != KH_PATH_RELAY)
    kh_punch_up (&self->plan, pair);
  g_ptr_array_add (
      self->connections,
      kh_punch_connection_new (socket, &route, &self->ends, &connection_listener, self));
}

/* --- The plan --------------------------------------------------------------- */

static gboolean
on_deadline (gpointer data)
{
  KhPuncher *self = data;

  kh_source_clear (&self->timer);
  kh_punch_tick (&self->plan, g_get_monotonic_time ());
  kh_puncher_carry_out (self);
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
      kh_puncher_open_port (self, action->port);
      break;
    case KH_PUNCH_CONNECT:
      kh_puncher_dial_pair (self, action);
      break;
    case KH_PUNCH_SPRAY:
      kh_puncher_dial_spray (self, &action->spray);
      break;
    case KH_PUNCH_RELAY:
      kh_puncher_dial_relay (self);
      break;
    case KH_PUNCH_NOMINATE:
      nominate (self);
      break;
    case KH_PUNCH_SEND_GO:
      self->listener->send_go (self->data, action->round);
      break;
    case KH_PUNCH_SEND_ROUND:
      self->listener->send_round (self->data, action->round);
      break;
    case KH_PUNCH_CLOSE:
      close_all (self, self->plan.state == KH_PUNCH_FAILED);
      break;
    case KH_PUNCH_NOTHING:
      break;
    }
}

/* A spray is one line of the report, however many dials it has. */
static void
report_spray (KhPuncher *self, const KhPunchAction *action, unsigned n)
{
  KhEndpoint peer = action->endpoint;

  peer.port = 0;
  kh_puncher_report (self, KH_PUNCH_EVENT_DIALLED, 0, KH_PATH_PREDICTED, &peer, n);
}

void
kh_puncher_carry_out (KhPuncher *self)
{
  KhPunchAction action;
  KhPunchAction sprayed;
  unsigned n_sprayed = 0;

  if (self->over)
    return;
  while (kh_punch_next_action (&self->plan, g_get_monotonic_time (), &action))
    {
      if (action.kind == KH_PUNCH_SPRAY && n_sprayed++ == 0)
        sprayed = action;
      carry_out_one (self, &action);
    }
  if (n_sprayed > 0)
    report_spray (self, &sprayed, n_sprayed);
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
  kh_puncher_carry_out (self);
  return G_SOURCE_REMOVE;
}

KhPuncher *
kh_puncher_new (const KhPunchEnds *ends, const KhProbeServer *server, bool ipv6,
                bool many, const KhPuncherListener *listener, gpointer data)
{
  KhPuncher *self = g_new0 (KhPuncher, 1);
  KhPunchSetup setup = { .caller = ends->caller, .many = many, .server = server->main };

  self->ends = *ends;
  self->hello = g_memdup2 (ends->hello, ends->hello_len);
  self->ends.hello = self->hello;
  self->server = *server;
  self->listener = listener;
  self->data = data;
  self->connections
      = g_ptr_array_new_with_free_func ((GDestroyNotify)kh_punch_connection_free);
  for (unsigned i = 0; i < KH_PUNCH_PORTS; i++)
    kh_puncher_init_port (self, i);
  kh_puncher_stop_dials (self, true);
  setup.ipv6 = ipv6 && self->ports[KH_PUNCH_PORT_V6].first.server.family == 6;
  randombytes_buf (&setup.seed, sizeof setup.seed);
  kh_punch_start (&self->plan, g_get_monotonic_time (), &setup);
  self->timer = kh_source_after (0, on_begin, self);
  return self;
}

void
kh_puncher_free (KhPuncher *self)
{
  self->over = true;
  close_all (self, true);
  kh_source_clear (&self->timer);
  g_ptr_array_unref (self->connections);
  g_ptr_array_unref (self->spray);
  g_free (self->hello);
  sodium_memzero (self, sizeof *self);
  g_free (self);
}

void
kh_puncher_accepted (KhPuncher *self, gint64 rtt_us, KhNoiseCipher cipher, bool may_relay)
{
  self->ends.cipher = cipher;
  kh_punch_accepted (&self->plan, g_get_monotonic_time (), rtt_us, may_relay);
  kh_puncher_carry_out (self);
}

/* The server may be behind, or name an index that there is not. */
static bool
is_port (const KhPuncher *self, unsigned round, unsigned index)
{
  return round == self->plan.round && index < KH_PUNCH_PORTS;
}

void
kh_puncher_observed (KhPuncher *self, unsigned round, unsigned index,
                     const KhEndpoint *own)
{
  bool is_news = is_port (self, round, index) && self->plan.own.ports[index].family == 0;

  kh_punch_observed (&self->plan, g_get_monotonic_time (), round, index, own);
  if (is_news && self->plan.own.ports[index].family != 0)
    kh_puncher_report (self, KH_PUNCH_EVENT_OBSERVED, index,
                       kh_punch_path_kind (&self->plan, index, own), own, 0);
  kh_puncher_carry_out (self);
}

void
kh_puncher_endpoint (KhPuncher *self, unsigned round, unsigned index,
                     const KhEndpoint *peer)
{
  unsigned pair = index == KH_PUNCH_SEEN_MAPPED ? KH_PUNCH_PAIR_MAPPED : index;
  bool is_news = round == self->plan.round
                 && (index == KH_PUNCH_SEEN_MAPPED || index < KH_PUNCH_PORTS)
                 && self->plan.pairs[pair].peer.family == 0;

  kh_punch_endpoint (&self->plan, g_get_monotonic_time (), round, index, peer);
  if (is_news && self->plan.pairs[pair].peer.family != 0)
    kh_puncher_report (self, KH_PUNCH_EVENT_FOUND, self->plan.pairs[pair].port,
                       kh_punch_path_kind (&self->plan, pair, peer), peer, 0);
  kh_puncher_carry_out (self);
}

void
kh_puncher_lan (KhPuncher *self, const KhLanCandidates *candidates,
                const KhLanVerdict verdicts[KH_LAN_CANDIDATES_MAX])
{
  for (unsigned i = 0; i < candidates->n && candidates->round == self->plan.round; i++)
    {
      if (verdicts[i] == KH_LAN_NEVER)
        continue;
      kh_puncher_report (self, KH_PUNCH_EVENT_FOUND, 0, KH_PATH_LAN,
                         &candidates->endpoints[i], 0);
      kh_punch_lan (&self->plan, candidates->round, &candidates->endpoints[i],
                    verdicts[i] == KH_LAN_ON_LINK);
    }
  kh_puncher_carry_out (self);
}

void
kh_puncher_take (KhPuncher *self, GSocket *socket)
{
  if (self->over || self->n_inbound >= KH_PUNCHER_MAX_INBOUND
      || self->plan.began_at_us == KH_NEVER)
    return;
  self->n_inbound++;
  kh_puncher_begin_connection (self, socket, 0, KH_PUNCH_NO_PAIR, KH_PATH_MAPPED);
  kh_puncher_carry_out (self);
}

void
kh_puncher_go (KhPuncher *self, unsigned round)
{
  kh_punch_go (&self->plan, g_get_monotonic_time (), round);
  kh_puncher_carry_out (self);
}

void
kh_puncher_peer_round (KhPuncher *self, unsigned round)
{
  kh_punch_peer_round (&self->plan, g_get_monotonic_time (), round);
  kh_puncher_carry_out (self);
}

const KhPunch *
kh_puncher_plan (const KhPuncher *self)
{
  return &self->plan;
}
