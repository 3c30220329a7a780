/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/punch.h"

static void
begin_round (KhPunch *self, int64_t now_us, unsigned round)
{
  self->to_close = self->round != 0;
  self->round = round;
  for (unsigned i = 0; i < KH_PUNCH_PAIRS; i++)
    self->pairs[i] = (KhPunchPair){
      .to_open = true,
      .retry_at_us = now_us,
      .taken_since_us = KH_NEVER,
    };
  self->gather_at_us
      = self->total_at_us == KH_NEVER ? KH_NEVER : now_us + KH_PUNCH_GATHER_US;
  self->start_at_us = KH_NEVER;
  self->round_at_us = KH_NEVER;
  self->n_up = 0;
  self->nominated = false;
  self->to_send_go = false;
}

KhPunchFailure
kh_punch_reason (const KhPunch *self)
{
  if (self->seen_stranger)
    return KH_PUNCH_STRANGER;
  if (!self->seen_own)
    return KH_PUNCH_NOT_OBSERVED;
  if (!self->seen_peer)
    return KH_PUNCH_PEER_NOT_OBSERVED;
  if (self->seen_silence)
    return KH_PUNCH_SILENT;
  if (self->seen_refusal)
    return KH_PUNCH_REFUSED;
  return self->seen_no_route ? KH_PUNCH_NO_ROUTE : KH_PUNCH_SILENT;
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
  if (self->round >= KH_PUNCH_ROUNDS || now_us >= self->total_at_us)
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
lead_if_ready (KhPunch *self, int64_t now_us)
{
  if (!self->caller || self->total_at_us == KH_NEVER || self->start_at_us != KH_NEVER)
    return;
  for (unsigned i = 0; i < KH_PUNCH_PAIRS; i++)
    if (self->pairs[i].own.family != 0 && self->pairs[i].peer.family != 0)
      {
        self->to_send_go = true;
        start_dialling (self, now_us + head_start (self));
        return;
      }
}

static bool
is_live (const KhPunch *self, unsigned pair)
{
  return self->state == KH_PUNCH_RUNNING && pair < KH_PUNCH_PAIRS;
}

/* Rounds and pairs come from the wire: anything else is dropped. */
static bool
is_current (const KhPunch *self, unsigned round, unsigned pair)
{
  return is_live (self, pair) && round == self->round;
}

/* A connection that authenticates may finish, but nothing waits for it for ever. */
static int64_t
with_grace (const KhPunch *self, int64_t at_us)
{
  return self->n_up > 0 && at_us != KH_NEVER ? at_us + KH_PUNCH_HANDSHAKE_US : at_us;
}

static int64_t
round_over_at (const KhPunch *self)
{
  return with_grace (self, self->round_at_us < self->gather_at_us ? self->round_at_us
                                                                  : self->gather_at_us);
}

/* When the pair may dial; KH_NEVER while something else must come first. */
static int64_t
dial_at (const KhPunch *self, unsigned pair)
{
  const KhPunchPair *it = &self->pairs[pair];
  int64_t at_us;

  if (it->state != KH_PAIR_WAITING || it->to_open || it->peer.family == 0
      || self->start_at_us == KH_NEVER || self->n_syns >= KH_PUNCH_MAX_SYNS)
    return KH_NEVER;
  at_us = self->start_at_us + (int64_t)pair * KH_PUNCH_STAGGER_US;
  return at_us > it->retry_at_us ? at_us : it->retry_at_us;
}

void
kh_punch_start (KhPunch *self, int64_t now_us, bool caller)
{
  *self = (KhPunch){ .caller = caller, .total_at_us = KH_NEVER };
  begin_round (self, now_us, 1);
}

void
kh_punch_accepted (KhPunch *self, int64_t now_us, int64_t rtt_us)
{
  if (self->state != KH_PUNCH_RUNNING || self->total_at_us != KH_NEVER)
    return;
  self->rtt_us = rtt_us < 0                     ? 0
                 : rtt_us > KH_PUNCH_MAX_RTT_US ? KH_PUNCH_MAX_RTT_US
                                                : rtt_us;
  self->total_at_us = now_us + KH_PUNCH_TOTAL_US;
  if (self->start_at_us == KH_NEVER)
    self->gather_at_us = now_us + KH_PUNCH_GATHER_US;
  lead_if_ready (self, now_us);
}

void
kh_punch_observed (KhPunch *self, int64_t now_us, unsigned round, unsigned pair,
                   const KhEndpoint *own)
{
  if (!is_current (self, round, pair))
    return;
  self->pairs[pair].own = *own;
  self->seen_own = true;
  lead_if_ready (self, now_us);
}

void
kh_punch_endpoint (KhPunch *self, int64_t now_us, unsigned round, unsigned pair,
                   const KhEndpoint *peer)
{
  if (!is_current (self, round, pair) || self->pairs[pair].peer.family != 0)
    return;
  self->pairs[pair].peer = *peer;
  self->seen_peer = true;
  lead_if_ready (self, now_us);
}

void
kh_punch_go (KhPunch *self, int64_t now_us, unsigned round)
{
  if (is_current (self, round, 0) && !self->caller && self->start_at_us == KH_NEVER)
    start_dialling (self, now_us);
}

void
kh_punch_peer_round (KhPunch *self, int64_t now_us, unsigned round)
{
  /* The peer has closed every socket of the round before, a nominee too. */
  if (self->state == KH_PUNCH_RUNNING && round == self->round + 1
      && round <= KH_PUNCH_ROUNDS)
    end_round (self, now_us);
}

void
kh_punch_not_opened (KhPunch *self, unsigned pair)
{
  if (is_live (self, pair))
    self->pairs[pair].state = KH_PAIR_LOST;
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
kh_punch_up (KhPunch *self, unsigned pair)
{
  if (!is_live (self, pair))
    return;
  self->n_up++;
  self->pairs[pair].taken_since_us = KH_NEVER;
  if (self->pairs[pair].state == KH_PAIR_WAITING)
    self->pairs[pair].state = KH_PAIR_UP;
}

void
kh_punch_down (KhPunch *self, int64_t now_us, unsigned pair, bool stranger)
{
  KhPunchPair *it;

  if (!is_live (self, pair) || self->n_up == 0)
    return;
  it = &self->pairs[pair];
  self->n_up--;
  self->seen_stranger |= stranger;
  if (stranger)
    it->n_strangers++;
  if (it->state != KH_PAIR_UP)
    return;
  it->state = it->n_strangers >= KH_PUNCH_STRANGERS ? KH_PAIR_LOST : KH_PAIR_WAITING;
  it->retry_at_us = now_us + KH_PUNCH_REFUSAL_PAUSE_US;
}

bool
kh_punch_nominate (KhPunch *self)
{
  if (self->state != KH_PUNCH_RUNNING || !self->caller || self->nominated)
    return false;
  self->nominated = true;
  return true;
}

void
kh_punch_nominee_lost (KhPunch *self)
{
  if (self->state == KH_PUNCH_RUNNING)
    self->nominated = false;
}

void
kh_punch_confirmed (KhPunch *self)
{
  if (self->state == KH_PUNCH_RUNNING)
    self->state = KH_PUNCH_WON;
}

void
kh_punch_tick (KhPunch *self, int64_t now_us)
{
  if (self->state != KH_PUNCH_RUNNING)
    return;
  if (now_us >= with_grace (self, self->total_at_us))
    fail (self);
  else if (now_us >= round_over_at (self))
    end_round (self, now_us);
}

int64_t
kh_punch_deadline (const KhPunch *self)
{
  int64_t at_us = with_grace (self, self->total_at_us);

  if (self->state != KH_PUNCH_RUNNING)
    return KH_NEVER;
  if (round_over_at (self) < at_us)
    at_us = round_over_at (self);
  for (unsigned i = 0; i < KH_PUNCH_PAIRS; i++)
    {
      int64_t dial_at_us = dial_at (self, i);

      at_us = dial_at_us < at_us ? dial_at_us : at_us;
    }
  return at_us;
}

static bool
take (bool *flag)
{
  bool was = *flag;

  *flag = false;
  return was;
}

bool
kh_punch_next_action (KhPunch *self, int64_t now_us, KhPunchAction *action)
{
  *action = (KhPunchAction){ .round = self->round };
  if (self->state == KH_PUNCH_WON)
    return false;
  if (take (&self->to_close))
    action->kind = KH_PUNCH_CLOSE;
  else if (self->state != KH_PUNCH_RUNNING)
    return false;
  else if (take (&self->to_send_round))
    action->kind = KH_PUNCH_SEND_ROUND;
  else if (take (&self->to_send_go))
    action->kind = KH_PUNCH_SEND_GO;
  if (action->kind != KH_PUNCH_NOTHING)
    return true;

  for (unsigned i = 0; i < KH_PUNCH_PAIRS; i++)
    {
      action->pair = i;
      if (self->pairs[i].state == KH_PAIR_WAITING && take (&self->pairs[i].to_open))
        {
          action->kind = KH_PUNCH_OPEN;
          return true;
        }
    }
  for (unsigned i = 0; i < KH_PUNCH_PAIRS; i++)
    if (dial_at (self, i) <= now_us)
      {
        action->kind = KH_PUNCH_CONNECT;
        action->pair = i;
        action->endpoint = self->pairs[i].peer;
        self->pairs[i].state = KH_PAIR_DIALLING;
        self->n_syns++;
        return true;
      }
  return false;
}
