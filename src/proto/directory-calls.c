/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/directory-private.h"

#include <string.h>

#define CALL_ORDER offsetof (KhCall, order)

KhCall *
kh_directory_call_at (const KhDirectory *self, uint32_t number)
{
  return kh_slots_at (&self->calls, number);
}

uint32_t
kh_directory_find_call (const KhDirectory *self, uint32_t client,
                        const uint8_t id[KH_CALL_ID_LEN], KhCallSideName *side)
{
  for (*side = KH_SIDE_CALLER; *side <= KH_SIDE_CALLEE; (*side)++)
    {
      uint32_t number = kh_directory_client (self, client)->first_call[*side];

      for (; number != 0; number = kh_directory_call_at (self, number)->side[*side].next)
        if (memcmp (kh_directory_call_at (self, number)->id, id, KH_CALL_ID_LEN) == 0)
          return number;
    }
  return 0;
}

static bool
has_call_id (const KhDirectory *self, uint32_t client, const uint8_t id[KH_CALL_ID_LEN])
{
  KhCallSideName side;

  return kh_directory_find_call (self, client, id, &side) != 0;
}

static bool
calls_already (const KhDirectory *self, uint32_t caller, uint32_t callee)
{
  uint32_t number = kh_directory_client (self, caller)->first_call[KH_SIDE_CALLER];

  for (; number != 0;
       number = kh_directory_call_at (self, number)->side[KH_SIDE_CALLER].next)
    if (kh_directory_call_at (self, number)->side[KH_SIDE_CALLEE].client == callee)
      return true;
  return false;
}

static uint32_t
peer_of (const KhCall *call, KhCallSideName side)
{
  return call->side[1 - side].client;
}

static void
say_hung_up (KhDirectory *self, uint32_t client, const uint8_t id[KH_CALL_ID_LEN],
             uint8_t reason)
{
  KhMessage message = { .type = KH_MESSAGE_HUNG_UP, .hang_up = { .reason = reason } };

  memcpy (message.hang_up.call_id, id, KH_CALL_ID_LEN);
  kh_directory_say (self, client, &message);
}

static void
add_to_client (KhDirectory *self, uint32_t client, uint32_t number, KhCallSideName side)
{
  KhClient *c = kh_directory_client (self, client);
  KhCallSide *own = &kh_directory_call_at (self, number)->side[side];

  own->client = client;
  own->next = c->first_call[side];
  c->first_call[side] = number;
  c->n_calls[side]++;
}

static void
remove_from_client (KhDirectory *self, uint32_t number, KhCallSideName side)
{
  KhCallSide *own = &kh_directory_call_at (self, number)->side[side];
  KhClient *client = kh_directory_client (self, own->client);
  uint32_t *at = &client->first_call[side];

  while (*at != number)
    at = &kh_directory_call_at (self, *at)->side[side].next;
  *at = own->next;
  client->n_calls[side]--;
}

static void
end_call (KhDirectory *self, uint32_t number)
{
  KhCall *call = kh_directory_call_at (self, number);

  kh_directory_close_tokens (self, number, KH_SIDE_CALLER);
  kh_directory_close_tokens (self, number, KH_SIDE_CALLEE);
  kh_directory_leave_relay (self, number);
  remove_from_client (self, number, KH_SIDE_CALLER);
  remove_from_client (self, number, KH_SIDE_CALLEE);
  kh_chain_remove (&self->calls_due, &self->calls, CALL_ORDER, number);
  kh_chain_append (&self->calls_ended, &self->calls, CALL_ORDER, number);
  call->state = KH_CALL_ENDED;
  self->stats.n_calls--;
}

static void
restart_clock (KhDirectory *self, uint32_t number)
{
  kh_directory_call_at (self, number)->due_at_us = self->now_us + self->config.call_us;
  kh_chain_append (&self->calls_due, &self->calls, CALL_ORDER, number);
}

/* Whether the call may be made: KH_HANG_UP_DONE, or the reason against it. */
static KhHangUpReason
judge_call (KhDirectory *self, uint32_t client, uint32_t callee, const KhMsgCall *call)
{
  KhClient *caller = kh_directory_client (self, client);

  /* First, so that nobody finds out quickly who is online. */
  if (!kh_rate_limit_take (&caller->calls, &self->calls_limit, self->now_us))
    return KH_HANG_UP_TOO_MANY;
  if (callee == 0
      || (callee != client && !kh_directory_share_room (self, client, callee)))
    return KH_HANG_UP_NOT_ONLINE;
  if (callee == client || has_call_id (self, client, call->call_id)
      || has_call_id (self, callee, call->call_id))
    return KH_HANG_UP_BAD_CALL;
  if (caller->n_calls[KH_SIDE_CALLER] >= self->config.calls_max
      || kh_directory_client (self, callee)->n_calls[KH_SIDE_CALLEE]
             >= self->config.calls_max
      || calls_already (self, client, callee))
    return KH_HANG_UP_TOO_MANY;
  return KH_HANG_UP_DONE;
}

void
kh_directory_call (KhDirectory *self, uint32_t client, const KhMsgCall *msg)
{
  uint32_t callee = kh_directory_find (self, msg->peer_id);
  KhHangUpReason reason = judge_call (self, client, callee, msg);
  const KhClient *caller = kh_directory_client (self, client);
  KhMessage called = { .type = KH_MESSAGE_CALLED, .call = *msg };
  uint32_t number = 0;

  if (reason == KH_HANG_UP_DONE && (number = kh_slots_take (&self->calls)) == 0)
    reason = KH_HANG_UP_TOO_MANY;
  if (reason != KH_HANG_UP_DONE)
    {
      say_hung_up (self, client, msg->call_id, (uint8_t)reason);
      return;
    }

  kh_directory_call_at (self, number)->state = KH_CALL_CALLED;
  memcpy (kh_directory_call_at (self, number)->id, msg->call_id, KH_CALL_ID_LEN);
  add_to_client (self, client, number, KH_SIDE_CALLER);
  add_to_client (self, callee, number, KH_SIDE_CALLEE);
  restart_clock (self, number);
  self->stats.n_calls++;
  self->stats.n_calls_ever++;
  kh_directory_open_round (self, number, KH_SIDE_CALLER, 1);

  memcpy (called.call.peer_id, caller->id, KH_ID_LEN);
  called.call.name = (KhText){ .bytes = caller->name, .len = caller->name_len };
  kh_directory_say (self, callee, &called);
}

static void
accept_call (KhDirectory *self, uint32_t number)
{
  KhCall *call = kh_directory_call_at (self, number);

  call->state = KH_CALL_ACCEPTED;
  kh_chain_remove (&self->calls_due, &self->calls, CALL_ORDER, number);
  restart_clock (self, number);
  /* A person may have been asked for longer than the caller's tokens were good. */
  call->side[KH_SIDE_CALLER].good_until_us = self->now_us + self->config.token_us;
  kh_directory_open_round (self, number, KH_SIDE_CALLEE, 1);
  kh_directory_open_relay_tokens (self, number);
  kh_directory_give_endpoints (self, number);
}

void
kh_directory_answer (KhDirectory *self, uint32_t client, const KhMsgAnswer *msg)
{
  KhMessage answered = { .type = KH_MESSAGE_ANSWERED, .answer = *msg };
  KhCallSideName side;
  uint32_t number = kh_directory_find_call (self, client, msg->call_id, &side);

  if (number == 0 || side != KH_SIDE_CALLEE
      || kh_directory_call_at (self, number)->state != KH_CALL_CALLED
      || msg->verdict < KH_VERDICT_ASKING || msg->verdict > KH_VERDICT_BUSY)
    {
      kh_directory_drop_message (self);
      return;
    }
  kh_directory_say (self, peer_of (kh_directory_call_at (self, number), side), &answered);
  if (msg->verdict == KH_VERDICT_ACCEPT)
    accept_call (self, number);
  else if (msg->verdict != KH_VERDICT_ASKING)
    end_call (self, number);
}

/* The accepted call that a ROUND or GO is about, or 0. */
static uint32_t
find_accepted (const KhDirectory *self, uint32_t client, const KhMsgRound *msg,
               KhCallSideName *side)
{
  uint32_t number = kh_directory_find_call (self, client, msg->call_id, side);

  if (number == 0 || kh_directory_call_at (self, number)->state != KH_CALL_ACCEPTED)
    return 0;
  return number;
}

void
kh_directory_round (KhDirectory *self, uint32_t client, const KhMsgRound *msg)
{
  KhMessage round = { .type = KH_MESSAGE_PEER_ROUND, .round = *msg };
  KhCallSideName side;
  uint32_t number = find_accepted (self, client, msg, &side);
  KhCall *call = number != 0 ? kh_directory_call_at (self, number) : NULL;

  if (call == NULL || msg->round != call->side[side].round + 1)
    {
      kh_directory_drop_message (self);
      return;
    }
  kh_directory_open_round (self, number, side, msg->round);
  kh_directory_say (self, peer_of (call, side), &round);
}

void
kh_directory_go (KhDirectory *self, uint32_t client, const KhMsgRound *msg)
{
  KhMessage go = { .type = KH_MESSAGE_PEER_GO, .round = *msg };
  KhCallSideName side;
  uint32_t number = find_accepted (self, client, msg, &side);

  if (number != 0)
    kh_directory_say (self, peer_of (kh_directory_call_at (self, number), side), &go);
  else
    kh_directory_drop_message (self);
}

void
kh_directory_hang_up (KhDirectory *self, uint32_t client, const KhMsgHangUp *msg)
{
  KhCallSideName side;
  uint32_t number = kh_directory_find_call (self, client, msg->call_id, &side);

  if (number == 0)
    {
      kh_directory_drop_message (self); /* both hung up at once */
      return;
    }
  say_hung_up (self, peer_of (kh_directory_call_at (self, number), side), msg->call_id,
               msg->reason);
  end_call (self, number);
}

void
kh_directory_hang_up_all (KhDirectory *self, uint32_t client)
{
  for (KhCallSideName side = KH_SIDE_CALLER; side <= KH_SIDE_CALLEE; side++)
    {
      uint32_t number;

      while ((number = kh_directory_client (self, client)->first_call[side]) != 0)
        {
          const KhCall *call = kh_directory_call_at (self, number);

          say_hung_up (self, peer_of (call, side), call->id, KH_HANG_UP_NOT_ONLINE);
          end_call (self, number);
        }
    }
}

bool
kh_directory_expire_call (KhDirectory *self)
{
  uint32_t number = self->calls_due.first;
  KhCall *call = number != 0 ? kh_directory_call_at (self, number) : NULL;

  if (call == NULL || call->due_at_us > self->now_us)
    return false;
  say_hung_up (self, call->side[KH_SIDE_CALLER].client, call->id, KH_HANG_UP_TIMEOUT);
  say_hung_up (self, call->side[KH_SIDE_CALLEE].client, call->id, KH_HANG_UP_TIMEOUT);
  end_call (self, number);
  return true;
}
