/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "simulated-network.h"

#include <string.h>

#define FIRST_PORT 20000

/* What Linux does: one second between the first SYNs, 200 ms for data. */
#define RESEND_SYN_US G_GINT64_CONSTANT (1000000)
#define RESEND_DATA_US G_GINT64_CONSTANT (200000)
/* A client whose token came too early dials assist again. */
#define ASSIST_PAUSE_US G_GINT64_CONSTANT (150000)

#define CALLER 0
#define CALLEE 1

/* The handshake of a connection, as data. */
enum
{
  NO_DATA,
  HANDSHAKE_1,
  HANDSHAKE_2,
  NOMINATE,
  HELLO,
};

typedef enum
{
  ACCEPTED,
  TOKEN_AT_SERVER,
  ROUND_AT_SERVER,
  GO_AT_SERVER,
  OBSERVED,
  ENDPOINT,
  GO,
  ROUND,
  SEGMENT,
  RESEND,
  TIMEOUT,
} EventKind;

typedef struct
{
  gint64 at_us;
  EventKind kind;
  guint side;
  guint round;
  guint pair;
  guint serial; /* of a socket */
  KhEndpoint endpoint;
  SimulatedSegment segment;
} Event;

static void
post (SimulatedNetwork *self, gint64 at_us, Event event)
{
  event.at_us = at_us;
  g_array_append_val (self->events, event);
}

/* The first of the earliest ones; @self has some. */
static guint
find_next (const SimulatedNetwork *self)
{
  guint next = 0;

  for (guint i = 1; i < self->events->len; i++)
    if (g_array_index (self->events, Event, i).at_us
        < g_array_index (self->events, Event, next).at_us)
      next = i;
  return next;
}

static gboolean
is_lost (SimulatedNetwork *self)
{
  return g_rand_int_range (self->random, 0, 100) < (gint32)self->scenario.loss_percent;
}

/* What losses cost a segment that is sent again until it arrives. */
static gint64
stall_us (SimulatedNetwork *self, gint64 resend_us)
{
  gint64 stall = 0;

  while (is_lost (self))
    stall += resend_us;
  return stall;
}

static gint64
hop_us (const SimulatedNetwork *self)
{
  return self->scenario.delay_us / 2;
}

/* --- The main connection and the server ----------------------------------------- */

static void
tell_server (SimulatedNetwork *self, Event event)
{
  SimulatedSide *side = &self->sides[event.side];
  gint64 at_us = self->now_us + hop_us (self) + stall_us (self, RESEND_DATA_US);

  side->up_arrived_us = MAX (side->up_arrived_us, at_us);
  post (self, side->up_arrived_us, event);
}

static void
tell_side (SimulatedNetwork *self, gint64 from_us, Event event)
{
  SimulatedSide *side = &self->sides[event.side];
  gint64 at_us = from_us + hop_us (self) + stall_us (self, RESEND_DATA_US);

  side->down_arrived_us = MAX (side->down_arrived_us, at_us);
  post (self, side->down_arrived_us, event);
}

static void
dial_assist (SimulatedNetwork *self, guint who, guint pair)
{
  Event token = {
    .kind = TOKEN_AT_SERVER,
    .side = who,
    .round = self->sides[who].punch.round,
    .pair = pair,
  };
  gint64 handshake_us = 2 * hop_us (self) + stall_us (self, RESEND_SYN_US)
                        + stall_us (self, RESEND_SYN_US);

  if (!self->scenario.no_assist[who])
    post (self,
          self->now_us + handshake_us + hop_us (self) + stall_us (self, RESEND_DATA_US),
          token);
}

static void
serve_token (SimulatedNetwork *self, const Event *token)
{
  SimulatedSide *side = &self->sides[token->side];
  Event event = *token;

  if (token->round != side->punch.round)
    return;
  if (token->round > side->round_at_server)
    {
      post (self, self->now_us + 4 * hop_us (self) + ASSIST_PAUSE_US, event);
      return;
    }
  event.endpoint = simulated_nat_public (&side->nat, side->ports[token->pair]);
  event.kind = OBSERVED;
  tell_side (self, self->now_us, event);
  event.kind = ENDPOINT;
  event.side = 1 - token->side;
  tell_side (self, MAX (self->now_us, self->accepted_us), event);
}

static void
relay (SimulatedNetwork *self, const Event *event)
{
  Event onward = *event;

  onward.side = 1 - event->side;
  onward.kind = event->kind == GO_AT_SERVER ? GO : ROUND;
  if (event->kind == ROUND_AT_SERVER)
    self->sides[event->side].round_at_server = event->round;
  tell_side (self, self->now_us + (onward.kind == GO ? self->scenario.skew_us : 0),
             onward);
}

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
  Event event = { .kind = SEGMENT, .side = to, .segment = *segment };
  gint64 stall = 0;

  if (self->scenario.no_path)
    return;
  if (segment->data != NO_DATA)
    stall = stall_us (self, RESEND_DATA_US) + stall_us (self, RESEND_DATA_US);
  else if (is_lost (self) || is_lost (self))
    return;
  post (self, self->now_us + self->scenario.delay_us + stall, event);
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
  Event resend = { .kind = RESEND, .side = who, .serial = ++self->n_serials };

  g_assert_nonnull (socket);
  *socket = (SimulatedSocket){
    .serial = self->n_serials,
    .pair = pair,
    .local = *local,
    .remote = *remote,
    .isn = g_rand_int (self->random),
  };
  post (self, self->now_us + RESEND_SYN_US, resend);
  return socket;
}

static void
dial (SimulatedNetwork *self, guint who, guint pair, const KhEndpoint *remote)
{
  SimulatedSide *side = &self->sides[who];
  KhEndpoint local = side->nat.host;
  SimulatedSocket *socket;

  local.port = side->ports[pair];
  if (find_socket (side, &local, remote) != NULL)
    {
      kh_punch_dialled (&side->punch, self->now_us, pair, KH_DIAL_TAKEN);
      return;
    }
  socket = new_socket (self, who, pair, &local, remote);
  socket->dialled = TRUE;
  kh_punch_dialled (&side->punch, self->now_us, pair, KH_DIAL_PENDING);
  transmit_from (self, who, socket, SIMULATED_SYN, NO_DATA);
}

/* A connection that stood tells its peer; an attempt just vanishes. */
static void
close_socket (SimulatedNetwork *self, guint who, SimulatedSocket *socket)
{
  if (socket->state == SIMULATED_UP)
    transmit_from (self, who, socket, SIMULATED_RST, NO_DATA);
  memset (socket, 0, sizeof *socket);
}

static void
close_all (SimulatedNetwork *self, guint who, const SimulatedSocket *except)
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
  Event timeout = { .kind = TIMEOUT, .side = who, .serial = socket->serial };

  socket->state = SIMULATED_UP;
  side->up_us = MIN (side->up_us, self->now_us);
  post (self, self->now_us + KH_PUNCH_HANDSHAKE_US, timeout);
  if (socket->dialled)
    kh_punch_dialled (&side->punch, self->now_us, socket->pair, KH_DIAL_UP);
  kh_punch_up (&side->punch, socket->pair);
  if (who == CALLER)
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
      close_all (self, who, socket);
    }
}

static void
nominate (SimulatedNetwork *self, guint who)
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

static void
time_out (SimulatedNetwork *self, const Event *event)
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
  guint pair = 0;

  if (segment->kind == SIMULATED_RST)
    return;
  while (pair < KH_PUNCH_PORTS_V4 && side->ports[pair] != segment->to.port)
    pair++;
  if (pair == KH_PUNCH_PORTS_V4 || segment->kind != SIMULATED_SYN)
    {
      refuse (self, who, segment);
      return;
    }
  socket = new_socket (self, who, pair, &segment->to, &segment->from);
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
    kh_punch_dialled (&self->sides[who].punch, self->now_us, gone.pair, KH_DIAL_REFUSED);
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

static void
pass_router (SimulatedNetwork *self, const Event *event)
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

static void
resend (SimulatedNetwork *self, const Event *event)
{
  SimulatedSocket *socket = find_serial (&self->sides[event->side], event->serial);

  if (socket == NULL || socket->state == SIMULATED_UP)
    return;
  transmit_from (self, event->side, socket,
                 socket->state == SIMULATED_SYN_SENT ? SIMULATED_SYN : SIMULATED_SYN_ACK,
                 NO_DATA);
  post (self, self->now_us + RESEND_SYN_US, *event);
}

/* --- Time ------------------------------------------------------------------------------
 */

static void
accept_call (SimulatedNetwork *self, guint who)
{
  SimulatedSide *side = &self->sides[who];

  side->started = TRUE;
  kh_punch_accepted (&side->punch, self->now_us, 4 * hop_us (self), false);
}

static void
happen (SimulatedNetwork *self, const Event *event)
{
  KhPunch *punch = &self->sides[event->side].punch;

  switch (event->kind)
    {
    case ACCEPTED:
      accept_call (self, event->side);
      break;
    case TOKEN_AT_SERVER:
      serve_token (self, event);
      break;
    case ROUND_AT_SERVER:
    case GO_AT_SERVER:
      relay (self, event);
      break;
    case OBSERVED:
      kh_punch_observed (punch, self->now_us, event->round, event->pair,
                         &event->endpoint);
      break;
    case ENDPOINT:
      kh_punch_endpoint (punch, self->now_us, event->round, event->pair,
                         &event->endpoint);
      break;
    case GO:
      kh_punch_go (punch, self->now_us, event->round);
      break;
    case ROUND:
      kh_punch_peer_round (punch, self->now_us, event->round);
      break;
    case SEGMENT:
      pass_router (self, event);
      break;
    case RESEND:
      resend (self, event);
      break;
    case TIMEOUT:
      time_out (self, event);
      break;
    }
}

static void
carry_out (SimulatedNetwork *self, guint who, const KhPunchAction *action)
{
  Event event = { .side = who, .round = action->round };

  switch (action->kind)
    {
    case KH_PUNCH_OPEN:
      self->sides[who].ports[action->port] = (guint16)(FIRST_PORT + self->n_ports++);
      dial_assist (self, who, action->port);
      break;
    case KH_PUNCH_SEND_GO:
      self->go_us = MIN (self->go_us, self->now_us);
      event.kind = GO_AT_SERVER;
      tell_server (self, event);
      break;
    case KH_PUNCH_SEND_ROUND:
      event.kind = ROUND_AT_SERVER;
      tell_server (self, event);
      break;
    case KH_PUNCH_CONNECT:
      dial (self, who, action->pair, &action->endpoint);
      break;
    case KH_PUNCH_CLOSE:
      close_all (self, who, NULL);
      break;
    case KH_PUNCH_NOMINATE:
      nominate (self, who);
      break;
    case KH_PUNCH_SPRAY:
    case KH_PUNCH_RELAY:
      g_assert_not_reached ();
    case KH_PUNCH_NOTHING:
      break;
    }
}

static void
settle (SimulatedNetwork *self, guint who)
{
  SimulatedSide *side = &self->sides[who];
  KhPunchAction action;

  if (!side->started)
    return;
  if (kh_punch_deadline (&side->punch) <= self->now_us)
    kh_punch_tick (&side->punch, self->now_us);
  for (guint n = 0; kh_punch_next_action (&side->punch, self->now_us, &action); n++)
    {
      g_assert_cmpuint (n, <, 200);
      carry_out (self, who, &action);
    }
  if (side->punch.state != KH_PUNCH_RUNNING)
    side->over_us = MIN (side->over_us, self->now_us);
}

static void
take_one_step (SimulatedNetwork *self)
{
  gint64 deadline_us = MIN (kh_punch_deadline (&self->sides[CALLER].punch),
                            kh_punch_deadline (&self->sides[CALLEE].punch));
  guint next = self->events->len > 0 ? find_next (self) : 0;

  if (self->events->len > 0
      && g_array_index (self->events, Event, next).at_us <= deadline_us)
    {
      Event event = g_array_index (self->events, Event, next);

      g_array_remove_index (self->events, next);
      self->now_us = event.at_us;
      happen (self, &event);
    }
  else
    {
      g_assert_cmpint (deadline_us, !=, KH_NEVER);
      self->now_us = deadline_us;
    }
  settle (self, CALLER);
  settle (self, CALLEE);
}

static void
init_side (SimulatedNetwork *self, guint who)
{
  const SimulatedScenario *scenario = &self->scenario;
  const guint8 host[4] = { 10, 0, (guint8)who, 2 };
  const guint8 wan[4] = { 198, 51, 100, (guint8)(1 + who) };
  KhEndpoint inside = kh_endpoint_v4 (host, 0), outside = kh_endpoint_v4 (wan, 0);
  SimulatedSide *side = &self->sides[who];

  side->round_at_server = 1;
  side->up_us = KH_NEVER;
  side->over_us = KH_NEVER;
  simulated_nat_init (&side->nat, scenario->nat[who], scenario->rejects[who], &inside,
                      &outside);
}

void
simulated_network_run (SimulatedNetwork *self, const SimulatedScenario *scenario,
                       guint32 seed)
{
  *self = (SimulatedNetwork){
    .scenario = *scenario,
    .random = g_rand_new_with_seed (seed),
    .events = g_array_new (FALSE, FALSE, sizeof (Event)),
    .go_us = KH_NEVER,
  };
  init_side (self, CALLER);
  init_side (self, CALLEE);
  self->accepted_us = 3 * hop_us (self);

  /* CALL goes out at zero; tokens of the first round are good from then on. */
  self->sides[CALLER].started = TRUE;
  kh_punch_start (&self->sides[CALLER].punch, 0, &(KhPunchSetup){ .caller = true });
  kh_punch_start (&self->sides[CALLEE].punch, 0, &(KhPunchSetup){ 0 });
  post (self, 2 * hop_us (self), (Event){ .kind = ACCEPTED, .side = CALLEE });
  post (self, 4 * hop_us (self), (Event){ .kind = ACCEPTED, .side = CALLER });
  settle (self, CALLER);
  for (guint n = 0;
       self->sides[CALLER].over_us == KH_NEVER || self->sides[CALLEE].over_us == KH_NEVER;
       n++)
    {
      g_assert_cmpuint (n, <, 100000);
      take_one_step (self);
    }
}

void
simulated_network_clear (SimulatedNetwork *self)
{
  for (guint who = 0; who < 2; who++)
    simulated_nat_clear (&self->sides[who].nat);
  g_array_unref (self->events);
  g_rand_free (self->random);
}

gboolean
simulated_network_met (const SimulatedNetwork *self)
{
  return self->sides[CALLER].punch.state == KH_PUNCH_WON
         && self->sides[CALLEE].punch.state == KH_PUNCH_WON;
}
