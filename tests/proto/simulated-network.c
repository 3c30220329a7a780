/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "simulated-network-private.h"

#define FIRST_PORT 20000

/* A client whose token came too early dials assist again. */
#define ASSIST_PAUSE_US G_GINT64_CONSTANT (150000)

/* No instant asks for more than this: what opens a round, the quick refusals of each
 * pair, and a spray. */
#define MAX_ACTIONS 2000

static gint
compare_events (gconstpointer one, gconstpointer other, G_GNUC_UNUSED gpointer data)
{
  const SimulatedEvent *first = one, *second = other;

  if (first->at_us != second->at_us)
    return first->at_us < second->at_us ? -1 : 1;
  return first->order < second->order ? -1 : first->order > second->order;
}

void
simulated_post (SimulatedNetwork *self, gint64 at_us, SimulatedEvent event)
{
  event.at_us = at_us;
  event.order = self->n_events++;
  g_sequence_insert_sorted (self->events, g_memdup2 (&event, sizeof event),
                            compare_events, NULL);
}

gboolean
simulated_is_lost (SimulatedNetwork *self)
{
  return g_rand_int_range (self->random, 0, 100) < (gint32)self->scenario.loss_percent;
}

gint64
simulated_stall_us (SimulatedNetwork *self, gint64 resend_us)
{
  gint64 stall = 0;

  while (simulated_is_lost (self))
    stall += resend_us;
  return stall;
}

guint16
simulated_fresh_port (SimulatedNetwork *self)
{
  return (guint16)(FIRST_PORT + self->n_ports++);
}

static gint64
hop_us (const SimulatedNetwork *self)
{
  return self->scenario.delay_us / 2;
}

/* --- The main connection and the server ----------------------------------------- */

static void
tell_server (SimulatedNetwork *self, SimulatedEvent event)
{
  SimulatedSide *side = &self->sides[event.side];
  gint64 at_us = self->now_us + hop_us (self)
                 + simulated_stall_us (self, SIMULATED_RESEND_DATA_US);

  side->up_arrived_us = MAX (side->up_arrived_us, at_us);
  simulated_post (self, side->up_arrived_us, event);
}

static void
tell_side (SimulatedNetwork *self, gint64 from_us, SimulatedEvent event)
{
  SimulatedSide *side = &self->sides[event.side];
  gint64 at_us
      = from_us + hop_us (self) + simulated_stall_us (self, SIMULATED_RESEND_DATA_US);

  side->down_arrived_us = MAX (side->down_arrived_us, at_us);
  simulated_post (self, side->down_arrived_us, event);
}

/* The router gives a port when the SYN leaves. */
static KhEndpoint
show (SimulatedNetwork *self, guint who, guint16 port, gboolean other_place)
{
  const guint8 address[4] = { 192, 0, 2, other_place ? 2 : 1 };
  SimulatedNat *nat = &self->sides[who].nat;
  SimulatedSegment syn = { .kind = SIMULATED_SYN,
                           .from = nat->host,
                           .to = kh_endpoint_v4 (address, 7471),
                           .isn = 1 };

  syn.from.port = port;
  simulated_nat_out (nat, &syn);
  return simulated_nat_public (nat, port, &syn.to);
}

static void
dial_assist (SimulatedNetwork *self, guint who, guint port, guint index)
{
  SimulatedEvent token = {
    .kind = TOKEN_AT_SERVER,
    .side = who,
    .round = self->sides[who].punch.round,
    .index = index,
    .endpoint
    = show (self, who, self->sides[who].ports[port], index == KH_PUNCH_SEEN_AGAIN),
  };
  gint64 handshake_us = 2 * hop_us (self)
                        + simulated_stall_us (self, SIMULATED_RESEND_SYN_US)
                        + simulated_stall_us (self, SIMULATED_RESEND_SYN_US);

  if (!self->scenario.no_assist[who])
    simulated_post (self,
                    self->now_us + handshake_us + hop_us (self)
                        + simulated_stall_us (self, SIMULATED_RESEND_DATA_US),
                    token);
}

static void
serve_token (SimulatedNetwork *self, const SimulatedEvent *token)
{
  SimulatedSide *side = &self->sides[token->side];
  SimulatedEvent event = *token;

  if (token->round != side->punch.round)
    return;
  if (token->round > side->round_at_server)
    {
      simulated_post (self, self->now_us + 4 * hop_us (self) + ASSIST_PAUSE_US, event);
      return;
    }
  event.kind = OBSERVED;
  tell_side (self, self->now_us, event);
  event.kind = ENDPOINT;
  event.side = 1 - token->side;
  tell_side (self, MAX (self->now_us, self->accepted_us), event);
}

static void
relay (SimulatedNetwork *self, const SimulatedEvent *event)
{
  SimulatedEvent onward = *event;

  onward.side = 1 - event->side;
  onward.kind = event->kind == GO_AT_SERVER ? GO : ROUND;
  if (event->kind == ROUND_AT_SERVER)
    self->sides[event->side].round_at_server = event->round;
  tell_side (self, self->now_us + (onward.kind == GO ? self->scenario.skew_us : 0),
             onward);
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
happen (SimulatedNetwork *self, const SimulatedEvent *event)
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
      kh_punch_observed (punch, self->now_us, event->round, event->index,
                         &event->endpoint);
      break;
    case ENDPOINT:
      kh_punch_endpoint (punch, self->now_us, event->round, event->index,
                         &event->endpoint);
      break;
    case GO:
      kh_punch_go (punch, self->now_us, event->round);
      break;
    case ROUND:
      kh_punch_peer_round (punch, self->now_us, event->round);
      break;
    case SEGMENT:
      simulated_arrive (self, event);
      break;
    case RESEND:
      simulated_resend (self, event);
      break;
    case TIMEOUT:
      simulated_time_out (self, event);
      break;
    }
}

/* In this order: the first port to both places, the others to one. */
static void
open_port (SimulatedNetwork *self, guint who, guint port)
{
  self->sides[who].ports[port] = simulated_fresh_port (self);
  dial_assist (self, who, port, port);
  if (port == 0)
    dial_assist (self, who, port, KH_PUNCH_SEEN_AGAIN);
}

static void
carry_out (SimulatedNetwork *self, guint who, const KhPunchAction *action)
{
  SimulatedEvent event = { .side = who, .round = action->round };

  switch (action->kind)
    {
    case KH_PUNCH_OPEN:
      open_port (self, who, action->port);
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
      simulated_dial_pair (self, who, action);
      break;
    case KH_PUNCH_CLOSE:
      simulated_close_all (self, who, NULL);
      break;
    case KH_PUNCH_NOMINATE:
      simulated_nominate (self, who);
      break;
    case KH_PUNCH_SPRAY:
      simulated_dial_spray (self, who, action);
      break;
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
      g_assert_cmpuint (n, <, MAX_ACTIONS);
      carry_out (self, who, &action);
    }
  if (side->punch.state != KH_PUNCH_RUNNING)
    side->over_us = MIN (side->over_us, self->now_us);
}

static void
take_one_step (SimulatedNetwork *self)
{
  gint64 deadline_us = MIN (kh_punch_deadline (&self->sides[SIMULATED_CALLER].punch),
                            kh_punch_deadline (&self->sides[SIMULATED_CALLEE].punch));
  GSequenceIter *next = g_sequence_get_begin_iter (self->events);
  const SimulatedEvent *event
      = g_sequence_iter_is_end (next) ? NULL : g_sequence_get (next);

  if (event != NULL && event->at_us <= deadline_us)
    {
      SimulatedEvent copy = *event;

      g_sequence_remove (next);
      self->now_us = copy.at_us;
      happen (self, &copy);
    }
  else
    {
      g_assert_cmpint (deadline_us, !=, KH_NEVER);
      self->now_us = deadline_us;
    }
  settle (self, SIMULATED_CALLER);
  settle (self, SIMULATED_CALLEE);
}

static void
init_side (SimulatedNetwork *self, guint who)
{
  const SimulatedScenario *scenario = &self->scenario;
  /* Without translation it has a public address itself. */
  gboolean is_public
      = scenario->nat[who] == SIMULATED_OPEN || scenario->nat[who] == SIMULATED_FIREWALL;
  const guint8 host[4] = { is_public ? 11 : 10, 0, (guint8)who, 2 };
  const guint8 wan[4] = { 198, 51, 100, (guint8)(1 + who) };
  KhEndpoint inside = kh_endpoint_v4 (host, 0), outside = kh_endpoint_v4 (wan, 0);
  SimulatedSide *side = &self->sides[who];

  side->round_at_server = 1;
  side->up_us = KH_NEVER;
  side->over_us = KH_NEVER;
  simulated_nat_init (&side->nat, scenario->nat[who], scenario->rejects[who], &inside,
                      &outside, g_rand_int (self->random));
}

void
simulated_network_run (SimulatedNetwork *self, const SimulatedScenario *scenario,
                       guint32 seed)
{
  *self = (SimulatedNetwork){
    .scenario = *scenario,
    .random = g_rand_new_with_seed (seed),
    .events = g_sequence_new (g_free),
    .go_us = KH_NEVER,
  };
  init_side (self, SIMULATED_CALLER);
  init_side (self, SIMULATED_CALLEE);
  self->accepted_us = 3 * hop_us (self);

  /* CALL goes out at zero; tokens of the first round are good from then on. */
  self->sides[SIMULATED_CALLER].started = TRUE;
  for (guint who = 0; who < 2; who++)
    kh_punch_start (&self->sides[who].punch, 0,
                    &(KhPunchSetup){
                        .caller = who == SIMULATED_CALLER,
                        .many = scenario->many != 0,
                        .seed = (guint64)g_rand_int (self->random) << 32,
                    });
  simulated_post (self, 2 * hop_us (self),
                  (SimulatedEvent){ .kind = ACCEPTED, .side = SIMULATED_CALLEE });
  simulated_post (self, 4 * hop_us (self),
                  (SimulatedEvent){ .kind = ACCEPTED, .side = SIMULATED_CALLER });
  settle (self, SIMULATED_CALLER);
  for (guint n = 0; self->sides[SIMULATED_CALLER].over_us == KH_NEVER
                    || self->sides[SIMULATED_CALLEE].over_us == KH_NEVER;
       n++)
    {
      g_assert_cmpuint (n, <, 1000000);
      take_one_step (self);
    }
}

void
simulated_network_clear (SimulatedNetwork *self)
{
  for (guint who = 0; who < 2; who++)
    simulated_nat_clear (&self->sides[who].nat);
  g_sequence_free (self->events);
  g_rand_free (self->random);
}

gboolean
simulated_network_met (const SimulatedNetwork *self)
{
  return self->sides[SIMULATED_CALLER].punch.state == KH_PUNCH_WON
         && self->sides[SIMULATED_CALLEE].punch.state == KH_PUNCH_WON;
}
