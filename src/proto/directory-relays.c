/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/directory-private.h"

#include <sodium.h>
#include <string.h>

#define RELAY_ORDER offsetof (KhRelay, order)
#define BOTH 3u /* sides, as bits */

static KhRelay *
relay_at (const KhDirectory *self, uint32_t number)
{
  return kh_slots_at (&self->relays, number);
}

/* What counts for one side: its identity, and where it comes from, so that new
 * identities don't help. */
typedef struct
{
  uint8_t id[1 + KH_ID_LEN];
  uint8_t network[1 + 8];
} Payers;

static Payers
payers_of (const KhRelaySide *side)
{
  Payers payers = { .id = { 1 }, .network = { 2 } };

  memcpy (payers.id + 1, side->id, KH_ID_LEN);
  memcpy (payers.network + 1, &side->network, 8);
  return payers;
}

static bool
has_used_up (const KhDirectory *self, const KhRelaySide *side)
{
  Payers payers = payers_of (side);

  return kh_volume_limit_is_used_up (&self->relay_volumes, payers.id, sizeof payers.id,
                                     self->now_us)
         || kh_volume_limit_is_used_up (&self->relay_volumes, payers.network,
                                        sizeof payers.network, self->now_us);
}

/* To both, as far as they are logged in: a relay outlives logins. */
static void
say_refused (KhDirectory *self, const uint8_t call_id[KH_CALL_ID_LEN],
             const uint8_t ids[2][KH_ID_LEN], KhRelayRefusal reason)
{
  KhMessage message = { .type = KH_MESSAGE_RELAY_REFUSED,
                        .relay_refused = { .reason = (uint8_t)reason } };

  memcpy (message.relay_refused.call_id, call_id, KH_CALL_ID_LEN);
  for (unsigned side = 0; side < 2; side++)
    {
      uint32_t client = kh_directory_find (self, ids[side]);

      if (client != 0)
        kh_directory_say (self, client, &message);
    }
}

/* Forgets who waits for whom. What is left of the call's tokens has nobody to meet. */
static void
leave_call (KhDirectory *self, KhRelay *relay)
{
  if (relay->call != 0)
    {
      kh_directory_close_relay_tokens (self, relay->call);
      kh_directory_call_at (self, relay->call)->relay = 0;
    }
  relay->call = 0;
}

/* Its event tells whoever has the connections. */
static void
end_relay (KhDirectory *self, uint32_t number)
{
  KhRelay *relay = relay_at (self, number);

  leave_call (self, relay);
  if (relay->state == KH_RELAY_WAITING)
    kh_chain_remove (&self->relays_waiting, &self->relays, RELAY_ORDER, number);
  relay->state = KH_RELAY_ENDED;
  kh_chain_append (&self->relays_ended, &self->relays, RELAY_ORDER, number);
}

/* How many relays but @except have this identity, or this network, at an end. */
static void
count_relays (const KhDirectory *self, const KhRelaySide *own, uint32_t except,
              uint32_t *n_of_id, uint32_t *n_of_network)
{
  *n_of_id = *n_of_network = 0;
  for (uint32_t number = 1; number <= self->relays.n_touched; number++)
    {
      const KhRelay *relay = relay_at (self, number);
      bool has_id = false, has_network = false;

      for (unsigned side = 0; side < 2; side++)
        if (number != except && relay->present & 1u << side)
          {
            has_id |= memcmp (relay->side[side].id, own->id, KH_ID_LEN) == 0;
            has_network |= relay->side[side].network == own->network;
          }
      *n_of_id += has_id;
      *n_of_network += has_network;
    }
}

/* 0, or why this side can't have a relay now. */
static KhRelayRefusal
judge (const KhDirectory *self, const KhRelaySide *own, uint32_t relay)
{
  uint32_t n_of_id, n_of_network;

  if (!self->config.relay)
    return KH_RELAY_REFUSED_OFF;
  if (has_used_up (self, own))
    return KH_RELAY_REFUSED_VOLUME;
  count_relays (self, own, relay, &n_of_id, &n_of_network);
  if (n_of_id >= self->config.relays_per_client
      || n_of_network >= self->config.relays_per_client
      || (relay == 0 && self->relays.n_used == self->relays.n_slots))
    return KH_RELAY_REFUSED_BUSY;
  return (KhRelayRefusal)0;
}

static void
refuse (KhDirectory *self, uint32_t call_number, KhRelayRefusal reason)
{
  const KhCall *call = kh_directory_call_at (self, call_number);
  uint8_t ids[2][KH_ID_LEN];

  for (unsigned side = 0; side < 2; side++)
    memcpy (ids[side], kh_directory_client (self, call->side[side].client)->id,
            KH_ID_LEN);
  say_refused (self, call->id, ids, reason);
  kh_directory_close_relay_tokens (self, call_number);
  if (call->relay != 0)
    end_relay (self, call->relay);
}

/* The relay of a call, which waits from here on if it is a new one. */
static KhRelay *
take_relay (KhDirectory *self, uint32_t call_number, uint32_t *number)
{
  KhCall *call = kh_directory_call_at (self, call_number);
  KhRelay *relay;

  *number = call->relay;
  if (*number != 0)
    return relay_at (self, *number);
  *number = call->relay = kh_slots_take (&self->relays);
  relay = relay_at (self, *number);
  relay->state = KH_RELAY_WAITING;
  relay->call = call_number;
  relay->due_at_us = self->now_us + self->config.relay_wait_us;
  memcpy (relay->call_id, call->id, KH_CALL_ID_LEN);
  kh_chain_append (&self->relays_waiting, &self->relays, RELAY_ORDER, *number);
  return relay;
}

uint32_t
kh_directory_join_relay (KhDirectory *self, int64_t now_us,
                         const uint8_t token[KH_TOKEN_LEN], const KhEndpoint *remote,
                         unsigned *side)
{
  KhRelaySide own = { .network = kh_rate_limit_network (remote) };
  KhCallSideName name;
  uint32_t call, number;
  KhRelayRefusal refusal;
  KhRelay *relay;

  self->now_us = now_us;
  call = kh_directory_take_relay_token (self, token, &name);
  if (call == 0)
    return 0;
  memcpy (own.id,
          kh_directory_client (self, kh_directory_call_at (self, call)->side[name].client)
              ->id,
          KH_ID_LEN);
  refusal = judge (self, &own, kh_directory_call_at (self, call)->relay);
  if (refusal != 0)
    {
      refuse (self, call, refusal);
      return 0;
    }

  relay = take_relay (self, call, &number);
  relay->side[name] = own;
  relay->present |= (uint8_t)(1u << name);
  *side = (unsigned)name;
  if (relay->present == BOTH)
    {
      kh_chain_remove (&self->relays_waiting, &self->relays, RELAY_ORDER, number);
      relay->state = KH_RELAY_STANDING;
      self->stats.n_relays_ever++;
    }
  return number;
}

void
kh_directory_relayed (KhDirectory *self, int64_t now_us, uint32_t number, unsigned side,
                      uint64_t n_bytes)
{
  KhRelay *relay = relay_at (self, number);
  Payers payers = payers_of (&relay->side[side]);
  uint8_t ids[2][KH_ID_LEN];

  self->now_us = now_us;
  if (relay->state != KH_RELAY_STANDING)
    return;
  self->stats.n_relayed_bytes += n_bytes;
  kh_volume_limit_add (&self->relay_volumes, payers.id, sizeof payers.id, n_bytes,
                       now_us);
  kh_volume_limit_add (&self->relay_volumes, payers.network, sizeof payers.network,
                       n_bytes, now_us);
  if (!has_used_up (self, &relay->side[side]))
    return;
  for (unsigned i = 0; i < 2; i++)
    memcpy (ids[i], relay->side[i].id, KH_ID_LEN);
  say_refused (self, relay->call_id, ids, KH_RELAY_REFUSED_VOLUME);
  end_relay (self, number);
}

void
kh_directory_end_relay (KhDirectory *self, int64_t now_us, uint32_t number)
{
  KhRelay *relay = relay_at (self, number);

  self->now_us = now_us;
  if (relay->state == 0)
    return;
  leave_call (self, relay);
  if (relay->state == KH_RELAY_WAITING)
    kh_chain_remove (&self->relays_waiting, &self->relays, RELAY_ORDER, number);
  if (relay->state == KH_RELAY_ENDED)
    kh_chain_remove (&self->relays_ended, &self->relays, RELAY_ORDER, number);
  kh_slots_put (&self->relays, number);
}

void
kh_directory_leave_relay (KhDirectory *self, uint32_t call)
{
  uint32_t number = kh_directory_call_at (self, call)->relay;

  if (number == 0)
    kh_directory_close_relay_tokens (self, call);
  else if (relay_at (self, number)->state == KH_RELAY_WAITING)
    end_relay (self, number);
  else
    leave_call (self, relay_at (self, number));
}

int64_t
kh_directory_relay_deadline (const KhDirectory *self)
{
  uint32_t number = self->relays_waiting.first;

  return number != 0 ? relay_at (self, number)->due_at_us : INT64_MAX;
}

bool
kh_directory_expire_relay (KhDirectory *self)
{
  if (kh_directory_relay_deadline (self) > self->now_us)
    return false;
  end_relay (self, self->relays_waiting.first);
  return true;
}

bool
kh_directory_next_relay_event (KhDirectory *self, KhDirectoryEvent *event)
{
  uint32_t number = self->relays_ended.first;

  if (number == 0)
    return false;
  *event = (KhDirectoryEvent){ .type = KH_DIRECTORY_RELAY_ENDED, .relay = number };
  kh_chain_remove (&self->relays_ended, &self->relays, RELAY_ORDER, number);
  kh_slots_put (&self->relays, number);
  return true;
}
