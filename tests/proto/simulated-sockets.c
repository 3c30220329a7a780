/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "simulated-network-private.h"

#include <string.h>

/* The handshake of a connection, as data. */
enum
{
  NO_DATA,
  HANDSHAKE_1,
  HANDSHAKE_2,
  NOMINATE,
  HELLO,
};

/* --- Sockets -------------------------------------------------------------------- */

static SimulatedSocket *
find_socket (SimulatedSide *side, const KhEndpoint *local, const KhEndpoint *remote)
{
  for (guint i = 0; i < SIMULATED_SOCKETS; i++)
    {
      SimulatedSocket *socket = &side->sockets[i];

      if (socket->serial != 0 && kh_endpoint_equal (&socket->local, local)
          && kh_endpoint_equal (&socket->remote, remote))
        return socket;
    }
  return NULL;
}

static SimulatedSocket *
find_serial (SimulatedSide *side, guint serial)
{
  for (guint i = 0; i < SIMULATED_SOCKETS; i++)
    if (side->sockets[i].serial == serial)
      return &side->sockets[i];
  return NULL;
}

/* Over the access links of both ends; data is sent again until it arrives. */
static void
travel (SimulatedNetwork *self, guint to, const SimulatedSegment *segment)
{
  SimulatedEvent event = { .kind = SEGMENT, .side = to, .segment = *segment };
  gint64 stall = 0;

  if (self->scenario.no_path)
    return;
  if (segment->data != NO_DATA)
    stall = simulated_stall_us (self, SIMULATED_RESEND_DATA_US)
            + simulated_stall_us (self, SIMULATED_RESEND_DATA_US);
  else if (simulated_is_lost (self) || simulated_is_lost (self))
    return;
  simulated_post (self, self->now_us + self->scenario.delay_us + stall, event);
}

static void
transmit (SimulatedNetwork *self, guint who, SimulatedSegment segment)
{
  if (simulated_nat_out (&self->sides[who].nat, &segment) == SIMULATED_PASS)
    travel (self, 1 - who, &segment);
}

static void
transmit_from (SimulatedNetwork *self, guint who, const SimulatedSocket *socket,
               SimulatedSegmentKind kind, guint data)
{
  transmit (self, who,
            (SimulatedSegment){
                .kind = kind,
                .from = socket->local,
                .to = socket->remote,
                .isn = socket->isn,
                .peer = kind == SIMULATED_SYN ? 0 : socket->peer_isn,
                .data = data,
            });
}

static SimulatedSocket *
new_socket (SimulatedNetwork *self, guint who, guint pair, const KhEndpoint *local,
            const KhEndpoint *remote)
{
  SimulatedSocket *socket = find_serial (&self->sides[who], 0);
  SimulatedEvent resend = { .kind = RESEND, .side = who, .serial = ++self->n_serials };

  g_assert_nonnull (socket);
  *socket = (SimulatedSocket){
    .serial = self->n_serials,
    .pair = pair,
    .local = *local,
    .remote = *remote,
    .isn = g_rand_int (self->random),
  };
  simulated_post (self, self->now_us + SIMULATED_RESEND_SYN_US, resend);
  return socket;
}

/* What became of a dial, to whoever asked for it. */
static void
report (SimulatedNetwork *self, guint who, const SimulatedSocket *socket,
        KhDialResult result)
{
  KhPunch *punch = &self->sides[who].punch;

  if (socket->pair == KH_PUNCH_NO_PAIR)
    kh_punch_sprayed (punch, self->now_us, socket->number, result);
  else
    kh_punch_dialled (punch, self->now_us, socket->pair, result);
}

static void
dial (SimulatedNetwork *self, guint who, guint16 port, const SimulatedSocket *asked)
{
  SimulatedSide *side = &self->sides[who];
  KhEndpoint local = side->nat.host;
  SimulatedSocket *socket;

  local.port = port;
  if (find_socket (side, &local, &asked->remote) != NULL)
    {
      report (self, who, asked, KH_DIAL_TAKEN);
      return;
    }
  socket = new_socket (self, who, asked->pair, &local, &asked->remote);
  socket->number = asked->number;
  socket->dialled = TRUE;
  report (self, who, socket, KH_DIAL_PENDING);
  transmit_from (self, who, socket, SIMULATED_SYN, NO_DATA);
}

void
simulated_dial_pair (SimulatedNetwork *self, guint who, const KhPunchAction *action)
{
  SimulatedSocket asked = { .pair = action->pair, .remote = action->endpoint };

  dial (self, who, self->sides[who].ports[action->port], &asked);
}

void
simulated_dial_spray (SimulatedNetwork *self, guint who, const KhPunchAction *action)
{
  SimulatedSocket asked = { .pair = KH_PUNCH_NO_PAIR,
                            .number = action->spray.number,
                            .remote = action->endpoint };
  guint16 port = self->sides[who].ports[0];

  if (action->spray.fresh)
    port = simulated_fresh_port (self);
  dial (self, who, port, &asked);
}

/* A connection that stood tells its peer; an attempt just vanishes. */
static void
close_socket (SimulatedNetwork *self, guint who, SimulatedSocket *socket)
{
  if (socket->state == SIMULATED_UP)
    transmit_from (self, who, socket, SIMULATED_RST, NO_DATA);
  memset (socket, 0, sizeof *socket);
}

void
simulated_close_all (SimulatedNetwork *self, guint who, const SimulatedSocket *except)
{
  SimulatedSide *side = &self->sides[who];

  for (guint i = 0; i < SIMULATED_SOCKETS; i++)
    if (side->sockets[i].serial != 0 && &side->sockets[i] != except)
      close_socket (self, who, &side->sockets[i]);
  memset (side->ports, 0, sizeof side->ports);
}

/* --- The handshake of a connection ------------------------------------------------ */

static void
come_up (SimulatedNetwork *self, guint who, SimulatedSocket *socket)
{
  SimulatedSide *side = &self->sides[who];
  SimulatedEvent timeout = { .kind = TIMEOUT, .side = who, .serial = socket->serial };

  socket->state = SIMULATED_UP;
  side->up_us = MIN (side->up_us, self->now_us);
  simulated_post (self, self->now_us + KH_PUNCH_HANDSHAKE_US, timeout);
  if (socket->dialled)
    report (self, who, socket, KH_DIAL_UP);
  kh_punch_up (&side->punch, socket->pair);
  if (who == SIMULATED_CALLER)
    transmit_from (self, who, socket, SIMULATED_ACK, HANDSHAKE_1);
}

static void
go_down (SimulatedNetwork *self, guint who, SimulatedSocket *socket, gboolean stranger)
{
  KhPunch *punch = &self->sides[who].punch;
  guint pair = socket->pair;

  if (socket->nominated)
    kh_punch_nominee_lost (punch);
  memset (socket, 0, sizeof *socket);
  kh_punch_down (punch, self->now_us, pair, stranger);
}

static void
read_data (SimulatedNetwork *self, guint who, SimulatedSocket *socket, guint data)
{
  KhPunch *punch = &self->sides[who].punch;
  guint answer = data == HANDSHAKE_1 ? HANDSHAKE_2 : data == NOMINATE ? HELLO : NO_DATA;

  socket->authenticated = TRUE;
  if (data == HANDSHAKE_2)
    kh_punch_authenticated (punch, self->now_us,
                            kh_punch_path_kind (punch, socket->pair, &socket->remote));
  if (answer != NO_DATA)
    transmit_from (self, who, socket, SIMULATED_ACK, answer);
  if (data >= NOMINATE)
    {
      kh_punch_confirmed (punch);
      simulated_close_all (self, who, socket);
    }
}

void
simulated_nominate (SimulatedNetwork *self, guint who)
{
  SimulatedSide *side = &self->sides[who];

  for (guint i = 0; i < SIMULATED_SOCKETS; i++)
    if (side->sockets[i].serial != 0 && side->sockets[i].authenticated)
      {
        side->sockets[i].nominated = TRUE;
        transmit_from (self, who, &side->sockets[i], SIMULATED_ACK, NOMINATE);
        return;
      }
  kh_punch_nominee_lost (&side->punch);
}

void
simulated_time_out (SimulatedNetwork *self, const SimulatedEvent *event)
{
  SimulatedSide *side = &self->sides[event->side];
  SimulatedSocket *socket = find_serial (side, event->serial);

  if (socket == NULL || side->punch.state != KH_PUNCH_RUNNING)
    return;
  transmit_from (self, event->side, socket, SIMULATED_RST, NO_DATA);
  go_down (self, event->side, socket, !socket->authenticated);
}

/* --- Segments come in ----------------------------------------------------------------
 */

static void
refuse (SimulatedNetwork *self, guint who, const SimulatedSegment *segment)
{
  transmit (self, who,
            (SimulatedSegment){
                .kind = SIMULATED_RST,
                .from = segment->to,
                .to = segment->from,
                .isn = segment->peer,
                .peer = segment->isn,
            });
}

/* No socket of that pair of endpoints: perhaps the listener has the port. */
static void
receive_new (SimulatedNetwork *self, guint who, const SimulatedSegment *segment)
{
  SimulatedSide *side = &self->sides[who];
  SimulatedSocket *socket;
  guint port = 0;

  if (segment->kind == SIMULATED_RST)
    return;
  while (port < KH_PUNCH_PORTS_V4 && side->ports[port] != segment->to.port)
    port++;
  if (port == KH_PUNCH_PORTS_V4 || segment->kind != SIMULATED_SYN)
    {
      refuse (self, who, segment);
      return;
    }
  socket = new_socket (self, who, kh_punch_find_pair (&side->punch, port, &segment->from),
                       &segment->to, &segment->from);
  socket->state = SIMULATED_SYN_RECEIVED;
  socket->peer_isn = segment->isn;
  transmit_from (self, who, socket, SIMULATED_SYN_ACK, NO_DATA);
}

static void
receive_reset (SimulatedNetwork *self, guint who, SimulatedSocket *socket,
               const SimulatedSegment *segment)
{
  SimulatedSocket gone = *socket;

  if (socket->state == SIMULATED_SYN_SENT ? segment->peer != socket->isn
                                          : segment->isn != socket->peer_isn)
    return;
  if (socket->state == SIMULATED_UP)
    {
      go_down (self, who, socket, FALSE);
      return;
    }
  memset (socket, 0, sizeof *socket);
  if (gone.dialled)
    report (self, who, &gone, KH_DIAL_REFUSED);
}

static void
receive_in_syn_sent (SimulatedNetwork *self, guint who, SimulatedSocket *socket,
                     const SimulatedSegment *segment)
{
  if (segment->kind == SIMULATED_SYN)
    {
      /* Simultaneous open: the same socket, the same sequence number. */
      socket->state = SIMULATED_SYN_RECEIVED;
      socket->peer_isn = segment->isn;
      transmit_from (self, who, socket, SIMULATED_SYN_ACK, NO_DATA);
      return;
    }
  if (segment->kind != SIMULATED_SYN_ACK || segment->peer != socket->isn)
    {
      refuse (self, who, segment);
      return;
    }
  socket->peer_isn = segment->isn;
  transmit_from (self, who, socket, SIMULATED_ACK, NO_DATA);
  come_up (self, who, socket);
}

static void
receive (SimulatedNetwork *self, guint who, const SimulatedSegment *segment)
{
  SimulatedSocket *socket = find_socket (&self->sides[who], &segment->to, &segment->from);

  if (socket == NULL)
    receive_new (self, who, segment);
  else if (segment->kind == SIMULATED_RST)
    receive_reset (self, who, socket, segment);
  else if (socket->state == SIMULATED_SYN_SENT)
    receive_in_syn_sent (self, who, socket, segment);
  else if (segment->isn != socket->peer_isn)
    transmit_from (self, who, socket, SIMULATED_ACK, NO_DATA);
  else if (segment->kind == SIMULATED_SYN)
    transmit_from (self, who, socket, SIMULATED_SYN_ACK, NO_DATA);
  else
    {
      if (segment->kind == SIMULATED_SYN_ACK)
        transmit_from (self, who, socket, SIMULATED_ACK, NO_DATA);
      if (socket->state == SIMULATED_SYN_RECEIVED)
        come_up (self, who, socket);
      if (segment->data != NO_DATA)
        read_data (self, who, socket, segment->data);
    }
}

void
simulated_arrive (SimulatedNetwork *self, const SimulatedEvent *event)
{
  SimulatedSegment segment = event->segment;
  SimulatedSegment refusal = {
    .kind = SIMULATED_RST,
    .from = segment.to,
    .to = segment.from,
    .peer = segment.isn,
  };

  switch (simulated_nat_in (&self->sides[event->side].nat, &segment))
    {
    case SIMULATED_PASS:
      receive (self, event->side, &segment);
      break;
    case SIMULATED_REJECT:
      travel (self, 1 - event->side, &refusal);
      break;
    case SIMULATED_DROP:
      break;
    }
}

void
simulated_resend (SimulatedNetwork *self, const SimulatedEvent *event)
{
  SimulatedSocket *socket = find_serial (&self->sides[event->side], event->serial);

  if (socket == NULL || socket->state == SIMULATED_UP)
    return;
  transmit_from (self, event->side, socket,
                 socket->state == SIMULATED_SYN_SENT ? SIMULATED_SYN : SIMULATED_SYN_ACK,
                 NO_DATA);
  simulated_post (self, self->now_us + SIMULATED_RESEND_SYN_US, *event);
}
