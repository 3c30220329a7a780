/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/punch.h"

static bool
is_accepted (const KhPunch *self)
{
  return self->began_at_us != KH_NEVER;
}

/* Only the relay outlives a round: it takes the place of whatever else was the best. */
static void
forget_nomination (KhPunch *self, int64_t now_us)
{
  if (self->best == KH_PATH_RELAY)
    return;
  self->best = self->has_relay ? KH_PATH_RELAY : KH_PUNCH_NO_KIND;
  self->nominate_at_us = self->has_relay ? now_us : KH_NEVER;
  self->nominated = false;
}

static void
begin_round (KhPunch *self, int64_t now_us, unsigned round)
{
  self->to_close = self->round != 0;
  self->round = round;
  for (unsigned i = 0; i < KH_PUNCH_PORTS; i++)
    {
      self->to_open[i] = i != KH_PUNCH_PORT_V6 || self->setup.ipv6;
      self->is_lost[i] = false;
    }
  for (unsigned i = 0; i < KH_PUNCH_PAIRS; i++)
    self->pairs[i] = (KhPunchPair){
      .port = i < KH_PUNCH_PORTS ? i : 0,
      .retry_at_us = now_us,
      .taken_since_us = KH_NEVER,
    };
  self->own = self->peer = (KhPunchSeen){ 0 };
  self->spray = (KhSpray){ 0 };
  self->has_sprayed = false;
  self->gather_at_us = is_accepted (self) ? now_us + KH_PUNCH_GATHER_US : KH_NEVER;
  self->start_at_us = KH_NEVER;
  self->round_at_us = KH_NEVER;
  self->n_up = 0;
  self->to_send_go = false;
  forget_nomination (self, now_us);
}

/* A pair that was refused in this round is not silent, though it dials again. */
static void
note_silence (KhPunch *self)
{
  for (unsigned i = 0; i < KH_PUNCH_PAIRS; i++)
    self->seen_silence
        |= self->pairs[i].state == KH_PAIR_DIALLING && self->pairs[i].n_refused == 0;
}

static void
fail (KhPunch *self)
{
  note_silence (self);
  self->state = KH_PUNCH_FAILED;
  self->failure = kh_punch_reason (self);
  self->to_close = true;
}

static void
end_round (KhPunch *self, int64_t now_us)
{
  /* What can't be is tried once all the same: a forecast may be wrong. */
  if (self->round >= KH_PUNCH_ROUNDS || now_us >= self->total_at_us
      || (self->is_hopeless && !self->may_relay))
    {
      fail (self);
      return;
    }
  note_silence (self);
  begin_round (self, now_us, self->round + 1);
  self->to_send_round = true;
}

static void
start_dialling (KhPunch *self, int64_t at_us)
{
  self->start_at_us = at_us;
  self->gather_at_us = KH_NEVER;
  self->round_at_us
      = at_us + (self->round == 1 ? KH_PUNCH_FIRST_ROUND_US : KH_PUNCH_LATER_ROUND_US);
}

/* The caller leads: round 1 together, round 2 the callee first, round 3 the
 * caller first. A hole that one order shuts, the other may leave open. */
static int64_t
head_start (const KhPunch *self)
{
  if (self->round == 2)
    return self->rtt_us;
  return self->round == 1 ? self->rtt_us / 2 : 0;
}

static void
lead (KhPunch *self, int64_t now_us)
{
  self->to_send_go = true;
  start_dialling (self, now_us + head_start (self));
}

static void
lead_if_ready (KhPunch *self, int64_t now_us)
{
  if (!self->setup.caller || !is_accepted (self) || self->start_at_us != KH_NEVER)
    return;
  for (unsigned i = 0; i < KH_PUNCH_PORTS; i++)
    if (self->own.ports[i].family != 0 && self->peer.ports[i].family != 0)
      {
        lead (self, now_us);
        return;
      }
}

static bool
is_running (const KhPunch *self)
{
  return self->state == KH_PUNCH_RUNNING;
}

static bool
is_live (const KhPunch *self, unsigned pair)
{
  return is_running (self) && pair < KH_PUNCH_PAIRS;
}

/* Rounds come from the wire: anything else is dropped. */
static bool
is_current (const KhPunch *self, unsigned round)
{
  return is_running (self) && round == self->round;
}

/* A connection that authenticates may finish, but nothing waits for it for ever. */
static int64_t
with_grace (const KhPunch *self, int64_t at_us)
{
  return (self->n_up > 0 || self->nominated) && at_us != KH_NEVER
             ? at_us + KH_PUNCH_HANDSHAKE_US
             : at_us;
}

static int64_t
round_over_at (const KhPunch *self)
{
  return with_grace (self, self->round_at_us < self->gather_at_us ? self->round_at_us
                                                                  : self->gather_at_us);
}

/* --- Which ports the routers give
 * -------------------------------------------------------
 */

static bool
can_forecast (const KhPunch *self)
{
  return kh_punch_own_forecast (self).kind != KH_FORECAST_UNKNOWN
         && kh_punch_peer_forecast (self).kind != KH_FORECAST_UNKNOWN;
}

/* A plain dial would take the port that the peer expects of the spray. */
static bool
is_stepping (const KhPunch *self)
{
  return kh_punch_own_forecast (self).kind == KH_FORECAST_STEPS
         && kh_punch_peer_forecast (self).kind != KH_FORECAST_UNKNOWN;
}

/* So far all that is known is that the ports differ. */
static bool
may_be_stepping (const KhPunch *self)
{
  return kh_punch_own_forecast (self).kind == KH_FORECAST_STEPS
         || (kh_punch_own_forecast (self).kind == KH_FORECAST_UNKNOWN
             && self->own.ports[0].family != 0 && self->own.again.family != 0);
}

static void
set_times_of_spray (KhPunch *self, int64_t now_us)
{
  static const int64_t random_us[] = KH_PUNCH_SPRAY_ROUNDS_US;

  if (self->spray.kind == KH_SPRAY_OFF)
    return;
  if (!self->spray.random)
    {
      self->round_at_us = now_us + KH_PUNCH_FORETOLD_ROUND_US;
      return;
    }
  self->round_at_us = self->start_at_us + random_us[self->round - 1];
  self->total_at_us = self->began_at_us + KH_PUNCH_SPRAY_TOTAL_US;
}

/* Once a round, when it has started and it is known how the routers give ports. */
static void
consider_spray (KhPunch *self, int64_t now_us)
{
  KhForecast own, peer;

  if (self->has_sprayed || self->start_at_us > now_us || !can_forecast (self))
    return;
  self->has_sprayed = true;
  if (!kh_punch_is_credible (self, 0))
    return;
  own = kh_punch_own_forecast (self);
  peer = kh_punch_peer_forecast (self);
  kh_spray_begin (&self->spray, self->start_at_us, &own, &peer, &self->peer.ports[0],
                  self->setup.many, self->setup.seed + self->round);
  set_times_of_spray (self, now_us);
  self->is_hopeless = kh_spray_is_hopeless (&own, &peer);
  if (self->is_hopeless && self->relay_at_us != KH_NEVER
      && self->pairs[KH_PUNCH_PAIR_MAPPED].peer.family == 0)
    self->relay_at_us = now_us;
}

static bool
may_spray (const KhPunch *self)
{
  return is_running (self) && self->n_syns < KH_PUNCH_MAX_SYNS
         && (self->n_up == 0 || !self->spray.random);
}

/* When there is something to do about the spray. */
static int64_t
spray_at (const KhPunch *self)
{
  if (!is_running (self) || self->start_at_us == KH_NEVER)
    return KH_NEVER;
  if (!self->has_sprayed)
    return can_forecast (self) ? self->start_at_us : KH_NEVER;
  return may_spray (self) ? kh_spray_at (&self->spray) : KH_NEVER;
}

/* --- When a pair dials -----------------------------------------------------------------
 */

static bool
is_lan (unsigned pair)
{
  return pair >= KH_PUNCH_PAIR_LAN;
}

static bool
may_dial (const KhPunch *self, unsigned pair)
{
  const KhPunchPair *it = &self->pairs[pair];

  if (it->peer.family == 0 || self->to_open[it->port] || self->is_lost[it->port]
      || (!is_lan (pair) && !kh_punch_is_credible (self, pair)))
    return false;
  if (is_lan (pair) && !it->on_link)
    return self->own.ports[0].family != 0
           && kh_endpoint_same_address (&self->own.ports[0], &self->peer.ports[0]);
  return pair >= KH_PUNCH_PORTS_V4 || !is_stepping (self);
}

static int64_t
delay_of (const KhPunch *self, unsigned pair)
{
  if (pair < KH_PUNCH_PORTS_V4)
    return (int64_t)pair * KH_PUNCH_STAGGER_US
           + (may_be_stepping (self) ? KH_PUNCH_HOLD_US : 0);
  return pair == KH_PUNCH_PAIR_MAPPED && may_be_stepping (self) ? KH_SPRAY_HEAD_START_US
                                                                : 0;
}

/* When the pair may dial; KH_NEVER while something else must come first. */
static int64_t
dial_at (const KhPunch *self, unsigned pair)
{
  const KhPunchPair *it = &self->pairs[pair];
  int64_t at_us;

  if (it->state != KH_PAIR_WAITING || self->start_at_us == KH_NEVER
      || self->n_syns >= KH_PUNCH_MAX_SYNS || !may_dial (self, pair))
    return KH_NEVER;
  at_us = self->start_at_us + delay_of (self, pair);
  return at_us > it->retry_at_us ? at_us : it->retry_at_us;
}

/* --- What is said to it ----------------------------------------------------------------
 */

void
kh_punch_start (KhPunch *self, int64_t now_us, const KhPunchSetup *setup)
{
  *self = (KhPunch){ .setup = *setup,
                     .began_at_us = KH_NEVER,
                     .total_at_us = KH_NEVER,
                     .relay_at_us = KH_NEVER,
                     .nominate_at_us = KH_NEVER,
                     .best = KH_PUNCH_NO_KIND };
  begin_round (self, now_us, 1);
}

void
kh_punch_accepted (KhPunch *self, int64_t now_us, int64_t rtt_us, bool may_relay)
{
  if (!is_running (self) || is_accepted (self))
    return;
  self->rtt_us = rtt_us < 0                     ? 0
                 : rtt_us > KH_PUNCH_MAX_RTT_US ? KH_PUNCH_MAX_RTT_US
                                                : rtt_us;
  self->began_at_us = now_us;
  self->total_at_us = now_us + KH_PUNCH_TOTAL_US;
  self->may_relay = may_relay;
  if (may_relay)
    self->relay_at_us = now_us + KH_PUNCH_RELAY_US;
  if (self->start_at_us == KH_NEVER)
    self->gather_at_us = now_us + KH_PUNCH_GATHER_US;
  lead_if_ready (self, now_us);
}

/* NULL for one that says nothing about where a side is seen. */
static KhEndpoint *
place_of (KhPunchSeen *seen, unsigned index)
{
  if (index < KH_PUNCH_PORTS)
    return &seen->ports[index];
  return index == KH_PUNCH_SEEN_AGAIN ? &seen->again : NULL;
}

void
kh_punch_observed (KhPunch *self, int64_t now_us, unsigned round, unsigned index,
                   const KhEndpoint *own)
{
  KhEndpoint *place = place_of (&self->own, index);

  if (!is_current (self, round) || place == NULL)
    return;
  *place = *own;
  self->seen_own |= index < KH_PUNCH_PORTS;
  lead_if_ready (self, now_us);
}

void
kh_punch_endpoint (KhPunch *self, int64_t now_us, unsigned round, unsigned index,
                   const KhEndpoint *peer)
{
  KhEndpoint *place = place_of (&self->peer, index);
  unsigned pair = index;

  if (!is_current (self, round))
    return;
  if (place != NULL && place->family == 0)
    *place = *peer;
  if (index == KH_PUNCH_SEEN_MAPPED)
    pair = KH_PUNCH_PAIR_MAPPED;
  else if (index >= KH_PUNCH_PORTS)
    return;
  if (self->pairs[pair].peer.family != 0)
    return;
  self->pairs[pair].peer = *peer;
  self->seen_peer |= pair < KH_PUNCH_PORTS;
  lead_if_ready (self, now_us);
}

void
kh_punch_lan (KhPunch *self, unsigned round, const KhEndpoint *peer, bool on_link)
{
  if (!is_current (self, round))
    return;
  for (unsigned i = KH_PUNCH_PAIR_LAN; i < KH_PUNCH_PAIRS; i++)
    if (self->pairs[i].peer.family == 0 || kh_endpoint_equal (&self->pairs[i].peer, peer))
      {
        self->pairs[i].peer = *peer;
        self->pairs[i].on_link = on_link;
        return;
      }
}

void
kh_punch_go (KhPunch *self, int64_t now_us, unsigned round)
{
  if (is_current (self, round) && !self->setup.caller && self->start_at_us == KH_NEVER)
    start_dialling (self, now_us);
}

void
kh_punch_peer_round (KhPunch *self, int64_t now_us, unsigned round)
{
  /* The peer has closed every socket of the round before, a nominee too. */
  if (is_running (self) && round == self->round + 1 && round <= KH_PUNCH_ROUNDS)
    end_round (self, now_us);
}

void
kh_punch_not_opened (KhPunch *self, unsigned port)
{
  if (is_running (self) && port < KH_PUNCH_PORTS)
    self->is_lost[port] = true;
}

void
kh_punch_dialled (KhPunch *self, int64_t now_us, unsigned pair, KhDialResult result)
{
  KhPunchPair *it;

  if (!is_live (self, pair) || self->pairs[pair].state != KH_PAIR_DIALLING)
    return;
  it = &self->pairs[pair];
  if (result != KH_DIAL_TAKEN)
    it->taken_since_us = KH_NEVER;

  switch (result)
    {
    case KH_DIAL_PENDING:
      break;
    case KH_DIAL_UP:
      it->state = KH_PAIR_UP;
      break;
    case KH_DIAL_REFUSED:
      self->seen_refusal = true;
      it->n_refused++;
      it->state = KH_PAIR_WAITING;
      it->retry_at_us = it->n_refused > KH_PUNCH_QUICK_REFUSALS
                            ? now_us + KH_PUNCH_REFUSAL_PAUSE_US
                            : now_us;
      break;
    case KH_DIAL_TAKEN:
      if (it->taken_since_us == KH_NEVER)
        it->taken_since_us = now_us;
      it->state = now_us - it->taken_since_us >= KH_PUNCH_TAKEN_LIMIT_US
                      ? KH_PAIR_LOST
                      : KH_PAIR_WAITING;
      it->retry_at_us = now_us + KH_PUNCH_TAKEN_PAUSE_US;
      break;
    case KH_DIAL_NO_ROUTE:
      self->seen_no_route = true;
      it->state = KH_PAIR_LOST;
      break;
    }
}

void
kh_punch_sprayed (KhPunch *self, int64_t now_us, unsigned number, KhDialResult result)
{
  if (!is_running (self) || result != KH_DIAL_REFUSED)
    return;
  self->seen_refusal = true;
  kh_spray_refused (&self->spray, now_us, number);
}

/* --- Connections ----------------------------------------------------------------------
 */

void
kh_punch_up (KhPunch *self, unsigned pair)
{
  if (!is_running (self) || pair > KH_PUNCH_NO_PAIR)
    return;
  self->n_up++;
  if (!is_live (self, pair))
    return;
  self->pairs[pair].taken_since_us = KH_NEVER;
  if (self->pairs[pair].state == KH_PAIR_WAITING)
    self->pairs[pair].state = KH_PAIR_UP;
}

void
kh_punch_down (KhPunch *self, int64_t now_us, unsigned pair, bool stranger)
{
  KhPunchPair *it;

  if (!is_running (self) || pair > KH_PUNCH_NO_PAIR || self->n_up == 0)
    return;
  self->n_up--;
  self->seen_stranger |= stranger;
  if (!is_live (self, pair))
    return;
  it = &self->pairs[pair];
  if (stranger)
    it->n_strangers++;
  if (it->state != KH_PAIR_UP)
    return;
  it->state = it->n_strangers >= KH_PUNCH_STRANGERS ? KH_PAIR_LOST : KH_PAIR_WAITING;
  it->retry_at_us = now_us + KH_PUNCH_REFUSAL_PAUSE_US;
}

/* Whether a connection of a better kind may be about to come up. */
static bool
is_better_near (const KhPunch *self, KhPathKind kind)
{
  for (unsigned i = 0; i < KH_PUNCH_PAIRS; i++)
    if ((self->pairs[i].state == KH_PAIR_DIALLING || self->pairs[i].state == KH_PAIR_UP)
        && kh_path_kind_is_better (kh_punch_path_kind (self, i, &self->pairs[i].peer),
                                   kind))
      return true;
  return false;
}

void
kh_punch_authenticated (KhPunch *self, int64_t now_us, KhPathKind kind)
{
  int64_t at_us = now_us + (is_better_near (self, kind) ? KH_PUNCH_BETTER_US : 0);

  if (!is_running (self) || !self->setup.caller)
    return;
  self->has_relay |= kind == KH_PATH_RELAY;
  if (self->nominated)
    return;
  if (self->best == KH_PUNCH_NO_KIND || kh_path_kind_is_better (kind, self->best))
    self->best = kind;
  if (at_us < self->nominate_at_us)
    self->nominate_at_us = at_us;
}

void
kh_punch_nominee_lost (KhPunch *self)
{
  if (!is_running (self))
    return;
  self->best = KH_PUNCH_NO_KIND;
  self->has_relay = false;
  self->nominate_at_us = KH_NEVER;
  self->nominated = false;
}

void
kh_punch_confirmed (KhPunch *self)
{
  if (is_running (self))
    self->state = KH_PUNCH_WON;
}

/* --- Time ------------------------------------------------------------------------------
 */

/* The server did not tell enough: what is known otherwise is tried. */
static bool
start_with_what_is_there (KhPunch *self, int64_t now_us)
{
  if (self->start_at_us != KH_NEVER)
    return false;
  for (unsigned i = 0; i < KH_PUNCH_PAIRS; i++)
    if (may_dial (self, i))
      {
        self->to_send_go = self->setup.caller;
        start_dialling (self, now_us);
        return true;
      }
  return false;
}

void
kh_punch_tick (KhPunch *self, int64_t now_us)
{
  if (!is_running (self))
    return;
  consider_spray (self, now_us);
  if (now_us >= with_grace (self, self->total_at_us))
    fail (self);
  else if (now_us >= round_over_at (self) && !start_with_what_is_there (self, now_us))
    end_round (self, now_us);
}

static int64_t
earlier (int64_t one_us, int64_t other_us)
{
  return one_us < other_us ? one_us : other_us;
}

int64_t
kh_punch_deadline (const KhPunch *self)
{
  int64_t at_us = with_grace (self, self->total_at_us);

  if (!is_running (self))
    return KH_NEVER;
  at_us = earlier (at_us, round_over_at (self));
  at_us = earlier (at_us, spray_at (self));
  at_us = earlier (at_us, self->relay_at_us);
  at_us = earlier (at_us, self->nominate_at_us);
  for (unsigned i = 0; i < KH_PUNCH_PAIRS; i++)
    at_us = earlier (at_us, dial_at (self, i));
  return at_us;
}

/* --- What is to be done
 * -----------------------------------------------------------------
 */

static bool
take (bool *flag)
{
  bool was = *flag;

  *flag = false;
  return was;
}

static bool
take_time (int64_t *at_us, int64_t now_us)
{
  if (*at_us > now_us)
    return false;
  *at_us = KH_NEVER;
  return true;
}

static KhPunchActionKind
next_word (KhPunch *self, int64_t now_us)
{
  if (take (&self->to_close))
    return KH_PUNCH_CLOSE;
  if (!is_running (self))
    return KH_PUNCH_NOTHING;
  if (take (&self->to_send_round))
    return KH_PUNCH_SEND_ROUND;
  if (take (&self->to_send_go))
    return KH_PUNCH_SEND_GO;
  if (take_time (&self->nominate_at_us, now_us))
    {
      self->nominated = true;
      return KH_PUNCH_NOMINATE;
    }
  return take_time (&self->relay_at_us, now_us) ? KH_PUNCH_RELAY : KH_PUNCH_NOTHING;
}

static bool
next_port (KhPunch *self, KhPunchAction *action)
{
  for (unsigned i = 0; i < KH_PUNCH_PORTS; i++)
    if (take (&self->to_open[i]))
      {
        action->kind = KH_PUNCH_OPEN;
        action->port = i;
        return true;
      }
  return false;
}

static bool
next_dial (KhPunch *self, int64_t now_us, KhPunchAction *action)
{
  for (unsigned i = 0; i < KH_PUNCH_PAIRS; i++)
    if (dial_at (self, i) <= now_us)
      {
        action->kind = KH_PUNCH_CONNECT;
        action->pair = i;
        action->port = self->pairs[i].port;
        action->endpoint = self->pairs[i].peer;
        self->pairs[i].state = KH_PAIR_DIALLING;
        self->n_syns++;
        return true;
      }
  if (!may_spray (self) || !kh_spray_next (&self->spray, now_us, &action->spray))
    return false;
  action->kind = KH_PUNCH_SPRAY;
  action->endpoint = action->spray.peer;
  self->n_syns++;
  return true;
}

bool
kh_punch_next_action (KhPunch *self, int64_t now_us, KhPunchAction *action)
{
  *action = (KhPunchAction){ .round = self->round };
  if (self->state == KH_PUNCH_WON)
    return false;
  consider_spray (self, now_us);
  action->kind = next_word (self, now_us);
  if (action->kind != KH_PUNCH_NOTHING)
    return true;
  return is_running (self)
         && (next_port (self, action) || next_dial (self, now_us, action));
}
