/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/directory-private.h"

#include <sodium.h>
#include <string.h>

#define SIDES 2
#define RELAY_BIT (1u << KH_DIRECTORY_RELAY_SLOT)
#define SCOPE_OWN 7 /* an address of the server itself; the others are KhEndpointKind */

/* Whose a token is: a call's or a probe's. The other number is 0. */
typedef struct
{
  uint32_t call;
  KhCallSideName side;
  uint32_t probe;
  uint8_t index;
} Place;

static uint32_t
number_slot (uint32_t call, KhCallSideName side, uint8_t index)
{
  return ((call - 1) * SIDES + side) * KH_DIRECTORY_TOKEN_SLOTS + index + 1;
}

static uint32_t
count_slots_of_calls (const KhDirectory *self)
{
  return self->calls.n_slots * SIDES * KH_DIRECTORY_TOKEN_SLOTS;
}

uint32_t
kh_directory_probe_token (const KhDirectory *self, uint32_t probe, uint8_t index)
{
  return count_slots_of_calls (self) + (probe - 1) * KH_PROBE_INDICES + index + 1;
}

static Place
place_of (const KhDirectory *self, uint32_t slot)
{
  uint32_t n = count_slots_of_calls (self);
  uint32_t at = slot - 1;

  if (at >= n)
    return (Place){ .probe = (at - n) / KH_PROBE_INDICES + 1,
                    .index = (uint8_t)((at - n) % KH_PROBE_INDICES) };
  return (Place){ .call = at / KH_DIRECTORY_TOKEN_SLOTS / SIDES + 1,
                  .side = at / KH_DIRECTORY_TOKEN_SLOTS % SIDES,
                  .index = (uint8_t)(at % KH_DIRECTORY_TOKEN_SLOTS) };
}

static KhTokenSlot *
slot_at (const KhDirectory *self, uint32_t slot)
{
  Place place = place_of (self, slot);

  if (place.probe != 0)
    return &kh_directory_probe_at (self, place.probe)->tokens[place.index];
  return &kh_directory_call_at (self, place.call)->side[place.side].tokens[place.index];
}

static uint32_t *
bucket_of (const KhDirectory *self, const uint8_t token[KH_TOKEN_LEN])
{
  return &self->by_token.buckets[kh_directory_hash (self, token, KH_TOKEN_LEN)
                                 & self->by_token.mask];
}

void
kh_directory_add_token (KhDirectory *self, uint32_t number)
{
  KhTokenSlot *slot = slot_at (self, number);
  uint32_t *bucket = bucket_of (self, slot->token);

  slot->next = *bucket;
  *bucket = number;
}

void
kh_directory_remove_token (KhDirectory *self, uint32_t number)
{
  KhTokenSlot *slot = slot_at (self, number);
  uint32_t *at = bucket_of (self, slot->token);

  while (*at != number)
    at = &slot_at (self, *at)->next;
  *at = slot->next;
  sodium_memzero (slot, sizeof *slot);
}

static void
close_token (KhDirectory *self, uint32_t call, KhCallSideName side, uint8_t index)
{
  kh_directory_remove_token (self, number_slot (call, side, index));
  kh_directory_call_at (self, call)->side[side].unused &= (uint8_t) ~(1u << index);
}

void
kh_directory_close_tokens (KhDirectory *self, uint32_t call, KhCallSideName side)
{
  for (uint8_t index = 0; index < KH_CALL_TOKENS; index++)
    if (kh_directory_call_at (self, call)->side[side].unused & 1u << index)
      close_token (self, call, side, index);
}

void
kh_directory_open_relay_tokens (KhDirectory *self, uint32_t number)
{
  KhCall *call = kh_directory_call_at (self, number);
  uint8_t secret[KH_TOKEN_SECRET_LEN];

  for (KhCallSideName side = KH_SIDE_CALLER; side <= KH_SIDE_CALLEE; side++)
    {
      KhCallSide *own = &call->side[side];

      kh_directory_compute_secret (self, kh_directory_client (self, own->client), secret);
      kh_token_compute (own->tokens[KH_DIRECTORY_RELAY_SLOT].token, secret, call->id, 0,
                        0, KH_TOKEN_RELAY);
      kh_directory_add_token (self, number_slot (number, side, KH_DIRECTORY_RELAY_SLOT));
      own->unused |= RELAY_BIT;
    }
  sodium_memzero (secret, sizeof secret);
}

void
kh_directory_close_relay_tokens (KhDirectory *self, uint32_t call)
{
  for (KhCallSideName side = KH_SIDE_CALLER; side <= KH_SIDE_CALLEE; side++)
    if (kh_directory_call_at (self, call)->side[side].unused & RELAY_BIT)
      close_token (self, call, side, KH_DIRECTORY_RELAY_SLOT);
}

/* Counts the client's unused tokens but those for relays, and finds the side of a call
 * that has the oldest of them. */
static unsigned
count_unused (const KhDirectory *self, uint32_t client, uint32_t *oldest_call,
              KhCallSideName *oldest_side)
{
  unsigned n = 0;
  int64_t oldest_us = INT64_MAX;

  for (KhCallSideName side = KH_SIDE_CALLER; side <= KH_SIDE_CALLEE; side++)
    {
      uint32_t number = kh_directory_client (self, client)->first_call[side];

      for (; number != 0; number = kh_directory_call_at (self, number)->side[side].next)
        {
          const KhCallSide *own = &kh_directory_call_at (self, number)->side[side];

          unsigned unused = own->unused & ~RELAY_BIT;

          if (unused == 0)
            continue;
          n += (unsigned)__builtin_popcount (unused);
          if (own->good_until_us >= oldest_us)
            continue;
          oldest_us = own->good_until_us;
          *oldest_call = number;
          *oldest_side = side;
        }
    }
  return n;
}

static void
make_room_for_tokens (KhDirectory *self, uint32_t client)
{
  /* IPv6 first: most rounds that leave tokens unused have no IPv6. */
  static const uint8_t order[KH_CALL_TOKENS]
      = { 5, 4, KH_CALL_INDEX_V6, KH_CALL_INDEX_AGAIN, 2, 1, 0 };
  uint32_t call = 0;
  KhCallSideName side = KH_SIDE_CALLER;

  while (count_unused (self, client, &call, &side) + KH_CALL_TOKENS
         > KH_CLIENT_TOKENS_MAX)
    {
      uint8_t unused = kh_directory_call_at (self, call)->side[side].unused;
      unsigned i = 0;

      while (!(unused & 1u << order[i]))
        i++;
      close_token (self, call, side, order[i]);
    }
}

void
kh_directory_open_round (KhDirectory *self, uint32_t call, KhCallSideName side,
                         uint8_t round)
{
  KhCallSide *own = &kh_directory_call_at (self, call)->side[side];
  uint8_t secret[KH_TOKEN_SECRET_LEN];

  kh_directory_close_tokens (self, call, side);
  make_room_for_tokens (self, own->client);
  kh_directory_compute_secret (self, kh_directory_client (self, own->client), secret);
  own->round = round;
  own->seen = own->given = 0;
  own->mapped_port = 0;
  own->good_until_us = self->now_us + self->config.token_us;
  for (uint8_t index = 0; index < KH_CALL_TOKENS; index++)
    {
      kh_token_compute (own->tokens[index].token, secret,
                        kh_directory_call_at (self, call)->id, round, index,
                        KH_TOKEN_OBSERVE);
      kh_directory_add_token (self, number_slot (call, side, index));
      own->unused |= (uint8_t)(1u << index);
    }
  sodium_memzero (secret, sizeof secret);
}

static void
say_endpoint (KhDirectory *self, KhMessageType type, uint32_t client, const KhCall *call,
              KhCallSideName side, uint8_t index)
{
  KhMessage message = { .type = type };

  memcpy (message.endpoint.call_id, call->id, KH_CALL_ID_LEN);
  message.endpoint.round = call->side[side].round;
  message.endpoint.index = index;
  message.endpoint.endpoint = call->side[side].observed[index];
  kh_directory_say (self, client, &message);
}

/* An address that only some can reach goes to those who were seen at such a one. */
static bool
may_give (const KhCallSide *from, uint8_t index, const KhCallSide *to)
{
  uint8_t scope = from->scope[index];

  return scope == KH_ENDPOINT_GLOBAL || (to->scopes & 1u << scope) != 0;
}

/* The indices at which the address of a mapped port may have been observed. */
static const uint8_t MAPPED_AT[] = { 0, 1, 2, KH_CALL_INDEX_AGAIN };

/* An IPv4 address that was observed in this round and that @to may have. */
static bool
find_observed (const KhCallSide *from, const KhCallSide *to, KhEndpoint *address)
{
  for (unsigned i = 0; i < sizeof MAPPED_AT; i++)
    if (from->seen & 1u << MAPPED_AT[i] && from->observed[MAPPED_AT[i]].family == 4
        && may_give (from, MAPPED_AT[i], to))
      {
        *address = from->observed[MAPPED_AT[i]];
        return true;
      }
  return false;
}

/* Who is in the network of this server is behind the same address, for those outside. */
static bool
find_public (const KhDirectory *self, const KhCallSide *from, const KhCallSide *to,
             KhEndpoint *address)
{
  if (self->public_v4.family == 0 || (to->scopes & 1u << KH_ENDPOINT_GLOBAL) == 0)
    return false;
  for (unsigned i = 0; i < sizeof MAPPED_AT; i++)
    {
      uint8_t scope = from->scope[MAPPED_AT[i]];

      if (from->seen & 1u << MAPPED_AT[i] && from->observed[MAPPED_AT[i]].family == 4
          && (scope == SCOPE_OWN || scope == KH_ENDPOINT_PRIVATE))
        {
          *address = self->public_v4;
          return true;
        }
    }
  return false;
}

static void
give_mapped (KhDirectory *self, const KhCall *call, KhCallSideName side, KhCallSide *from)
{
  const KhCallSide *to = &call->side[1 - side];
  KhEndpoint address;

  if (from->mapped_port == 0 || from->given & 1u << KH_CALL_INDEX_MAPPED
      || (!find_observed (from, to, &address) && !find_public (self, from, to, &address)))
    return;
  address.port = from->mapped_port;
  from->observed[KH_CALL_INDEX_MAPPED] = address;
  from->given |= 1u << KH_CALL_INDEX_MAPPED;
  say_endpoint (self, KH_MESSAGE_ENDPOINT, to->client, call, side, KH_CALL_INDEX_MAPPED);
}

void
kh_directory_give_endpoints (KhDirectory *self, uint32_t number)
{
  KhCall *call = kh_directory_call_at (self, number);

  if (call->state != KH_CALL_ACCEPTED)
    return;
  for (KhCallSideName side = KH_SIDE_CALLER; side <= KH_SIDE_CALLEE; side++)
    {
      KhCallSide *from = &call->side[side];
      KhCallSide *to = &call->side[1 - side];

      for (uint8_t index = 0; index < KH_CALL_TOKENS; index++)
        if (from->seen & ~from->given & 1u << index && may_give (from, index, to))
          {
            from->given |= (uint8_t)(1u << index);
            say_endpoint (self, KH_MESSAGE_ENDPOINT, to->client, call, side, index);
          }
      give_mapped (self, call, side, from);
    }
}

static uint32_t
find_token (const KhDirectory *self, const uint8_t token[KH_TOKEN_LEN])
{
  uint32_t slot = *bucket_of (self, token);

  while (slot != 0
         && sodium_memcmp (slot_at (self, slot)->token, token, KH_TOKEN_LEN) != 0)
    slot = slot_at (self, slot)->next;
  return slot;
}

static uint32_t
observe_call (KhDirectory *self, const Place *place, const KhEndpoint *remote,
              const KhEndpoint *local)
{
  KhCallSide *own = &kh_directory_call_at (self, place->call)->side[place->side];
  KhEndpointKind kind = kh_endpoint_kind (remote);
  uint8_t index = place->index;

  close_token (self, place->call, place->side, index);
  if (own->good_until_us < self->now_us || kind == KH_ENDPOINT_NONE
      || kind == KH_ENDPOINT_MULTICAST)
    return 0;

  own->observed[index] = *remote;
  own->scope[index]
      = kh_endpoint_same_address (remote, local) ? SCOPE_OWN : (uint8_t)kind;
  own->scopes |= (uint8_t)(1u << own->scope[index]);
  own->seen |= (uint8_t)(1u << index);
  say_endpoint (self, KH_MESSAGE_OBSERVED, own->client,
                kh_directory_call_at (self, place->call), place->side, index);
  kh_directory_give_endpoints (self, place->call);
  return place->call;
}

uint32_t
kh_directory_observe (KhDirectory *self, int64_t now_us,
                      const uint8_t token[KH_TOKEN_LEN], const KhEndpoint *remote,
                      const KhEndpoint *local)
{
  uint32_t slot;
  Place place;

  self->now_us = now_us;
  slot = find_token (self, token);
  if (slot == 0)
    return 0;
  place = place_of (self, slot);
  if (place.probe != 0)
    return kh_directory_observe_probe (self, place.probe, place.index, remote, local);
  if (place.index == KH_DIRECTORY_RELAY_SLOT)
    return 0;
  return observe_call (self, &place, remote, local);
}

uint32_t
kh_directory_take_relay_token (KhDirectory *self, const uint8_t token[KH_TOKEN_LEN],
                               KhCallSideName *side)
{
  uint32_t slot = find_token (self, token);
  Place place = slot != 0 ? place_of (self, slot) : (Place){ 0 };

  if (place.call == 0 || place.index != KH_DIRECTORY_RELAY_SLOT)
    return 0;
  close_token (self, place.call, place.side, place.index);
  *side = place.side;
  return place.call;
}
