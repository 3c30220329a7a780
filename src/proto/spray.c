/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/spray.h"

#define FIRST_PORT 1024
#define N_PORTS 64512 /* 2^10 3^2 7 */

bool
kh_spray_is_hopeless (const KhForecast *own, const KhForecast *peer)
{
  return own->kind >= KH_FORECAST_STEPS && peer->kind >= KH_FORECAST_STEPS
         && (own->kind == KH_FORECAST_NONE || peer->kind == KH_FORECAST_NONE);
}

/* A stride without a factor of the number of ports walks through all of them. */
static void
choose_random_ports (KhSpray *self, uint64_t seed)
{
  self->offset = (uint32_t)(seed % N_PORTS);
  self->stride = (uint32_t)(seed / N_PORTS % N_PORTS) | 1;
  while (self->stride % 3 == 0 || self->stride % 7 == 0)
    self->stride += 2;
}

static KhSprayKind
choose_kind (const KhForecast *own, const KhForecast *peer, bool many)
{
  if (own->kind == KH_FORECAST_SAME && peer->kind == KH_FORECAST_STEPS)
    return KH_SPRAY_TO_MANY;
  if (own->kind == KH_FORECAST_STEPS && peer->kind == KH_FORECAST_SAME)
    return KH_SPRAY_FROM_MANY;
  if (own->kind == KH_FORECAST_STEPS && peer->kind == KH_FORECAST_STEPS)
    return KH_SPRAY_DIAGONAL;
  if (many && own->kind == KH_FORECAST_SAME && peer->kind == KH_FORECAST_NONE)
    return KH_SPRAY_TO_MANY;
  if (many && own->kind == KH_FORECAST_NONE && peer->kind == KH_FORECAST_SAME)
    return KH_SPRAY_FROM_MANY;
  return KH_SPRAY_OFF;
}

static unsigned
count_dials (const KhSpray *self)
{
  if (self->random)
    return self->kind == KH_SPRAY_TO_MANY ? KH_SPRAY_TARGETS : KH_SPRAY_PORTS;
  return self->kind == KH_SPRAY_FROM_MANY ? KH_SPRAY_STEPPING : KH_SPRAY_FORETOLD;
}

void
kh_spray_begin (KhSpray *self, int64_t now_us, const KhForecast *own,
                const KhForecast *peer, const KhEndpoint *peer_first, bool many,
                uint64_t seed)
{
  *self = (KhSpray){
    .kind = choose_kind (own, peer, many),
    .random = own->kind == KH_FORECAST_NONE || peer->kind == KH_FORECAST_NONE,
    .ahead = *peer,
    .peer = *peer_first,
  };
  if (self->kind == KH_SPRAY_OFF)
    return;
  self->n = count_dials (self);
  self->begin_at_us = now_us + (self->random ? KH_SPRAY_HEAD_START_US : 0);
  self->next_at_us = self->begin_at_us;
  choose_random_ports (self, seed);
}

static bool
has_more (const KhSpray *self)
{
  return self->kind != KH_SPRAY_OFF && self->n_dials < KH_SPRAY_MAX_DIALS
         && (self->n_begun < self->n || self->n_again > 0);
}

int64_t
kh_spray_at (const KhSpray *self)
{
  if (!has_more (self) || self->next_at_us >= self->begin_at_us + KH_SPRAY_LONGEST_US)
    return KH_NEVER;
  return self->next_at_us;
}

/* Those that are refused come after those that were never dialled. */
static unsigned
take_number (KhSpray *self)
{
  unsigned number;

  if (self->n_begun < self->n)
    return self->n_begun++;
  self->n_again--;
  if (self->random)
    return self->n_dials;
  number = (unsigned)__builtin_ctz (self->again);
  self->again &= self->again - 1;
  return number;
}

static uint16_t
port_of (const KhSpray *self, unsigned number)
{
  if (self->kind == KH_SPRAY_FROM_MANY)
    return self->peer.port;
  if (!self->random)
    return kh_forecast_port (&self->ahead, number + 1);
  return (uint16_t)(FIRST_PORT
                    + (self->offset + (uint64_t)self->n_dials * self->stride) % N_PORTS);
}

static void
end_batch (KhSpray *self, int64_t now_us)
{
  if (!self->random || ++self->n_in_batch < self->n / KH_SPRAY_BATCHES)
    return;
  self->n_in_batch = 0;
  self->next_at_us = now_us + KH_SPRAY_BATCH_US;
}

bool
kh_spray_next (KhSpray *self, int64_t now_us, KhSprayDial *dial)
{
  while (kh_spray_at (self) <= now_us)
    {
      *dial = (KhSprayDial){ .peer = self->peer,
                             .fresh = self->kind != KH_SPRAY_TO_MANY,
                             .number = take_number (self) };
      dial->peer.port = port_of (self, dial->number);
      if (dial->peer.port == 0)
        continue;
      self->n_dials++;
      end_batch (self, now_us);
      return true;
    }
  return false;
}

void
kh_spray_refused (KhSpray *self, int64_t now_us, unsigned number)
{
  if (self->kind == KH_SPRAY_OFF)
    return;
  if (self->random)
    {
      /* Whatever is to be dialled already is not put off. */
      if (!has_more (self) && self->next_at_us < now_us + KH_SPRAY_BATCH_US)
        self->next_at_us = now_us + KH_SPRAY_BATCH_US;
      self->n_again++;
      return;
    }
  if (number >= KH_SPRAY_FORETOLD || (self->again & 1u << number) != 0
      || ++self->n_refused[number] > KH_SPRAY_MAX_REFUSALS)
    return;
  self->again |= 1u << number;
  self->n_again++;
}
