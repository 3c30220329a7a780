/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/directory-private.h"

#include <sodium.h>
#include <string.h>

#define PROBE_ORDER offsetof (KhProbe, order)
#define SECOND_US INT64_C (1000000)

KhProbe *
kh_directory_probe_at (const KhDirectory *self, uint32_t number)
{
  return kh_slots_at (&self->probes, number);
}

/* Handles are those of the calls, then those of the probes. */
static uint32_t
handle_of (const KhDirectory *self, uint32_t number)
{
  return self->calls.n_slots + number;
}

/* The client's living probe of that id, or 0. */
static uint32_t
find_probe (const KhDirectory *self, uint32_t client, const uint8_t id[KH_CALL_ID_LEN])
{
  uint32_t number = kh_directory_client (self, client)->probe;

  if (number == 0 || kh_directory_probe_at (self, number)->due_at_us <= self->now_us
      || memcmp (kh_directory_probe_at (self, number)->id, id, KH_CALL_ID_LEN) != 0)
    return 0;
  return number;
}

static void
close_token (KhDirectory *self, uint32_t number, uint8_t index)
{
  kh_directory_remove_token (self, kh_directory_probe_token (self, number, index));
  kh_directory_probe_at (self, number)->unused &= (uint16_t) ~(1u << index);
}

static void
forget_dial (KhDirectory *self, KhDial *dial)
{
  if (dial->number != 0 && !dial->is_over)
    self->n_dials--;
  *dial = (KhDial){ 0 };
}

static void
end_probe (KhDirectory *self, uint32_t number)
{
  KhProbe *probe = kh_directory_probe_at (self, number);

  for (uint8_t index = 0; index < KH_PROBE_INDICES; index++)
    if (probe->unused & 1u << index)
      close_token (self, number, index);
  for (unsigned i = 0; i < KH_PROBE_DIALS_MAX; i++)
    forget_dial (self, &probe->dials[i]);
  if (self->dial_to_make.handle == handle_of (self, number))
    self->dial_to_make = (KhDirectoryEvent){ 0 };
  kh_directory_client (self, probe->client)->probe = 0;
  probe->client = 0;
  kh_chain_remove (&self->probes_due, &self->probes, PROBE_ORDER, number);
  kh_chain_append (&self->probes_ended, &self->probes, PROBE_ORDER, number);
  self->stats.n_probes--;
}

void
kh_directory_end_probe_of (KhDirectory *self, uint32_t client)
{
  uint32_t number = kh_directory_client (self, client)->probe;

  if (number != 0)
    end_probe (self, number);
}

static void
open_tokens (KhDirectory *self, uint32_t number)
{
  KhProbe *probe = kh_directory_probe_at (self, number);
  uint8_t secret[KH_TOKEN_SECRET_LEN];

  kh_directory_compute_secret (self, kh_directory_client (self, probe->client), secret);
  for (uint8_t index = 0; index < KH_PROBE_INDICES; index++)
    {
      kh_token_compute (probe->tokens[index].token, secret, probe->id, 0, index,
                        KH_TOKEN_PROBE);
      kh_directory_add_token (self, kh_directory_probe_token (self, number, index));
      probe->unused |= (uint16_t)(1u << index);
    }
  sodium_memzero (secret, sizeof secret);
}

void
kh_directory_probe (KhDirectory *self, uint32_t client, const KhMsgProbe *msg)
{
  uint32_t number;
  KhProbe *probe;

  kh_directory_end_probe_of (self, client);
  if (self->stats.n_probes == KH_PROBES_MAX)
    end_probe (self, self->probes_due.first);
  number = kh_slots_take (&self->probes);
  if (number == 0)
    {
      kh_directory_drop_message (self);
      return;
    }
  probe = kh_directory_probe_at (self, number);
  probe->client = client;
  probe->due_at_us = self->now_us + self->config.token_us;
  memcpy (probe->id, msg->probe_id, KH_CALL_ID_LEN);
  kh_directory_client (self, client)->probe = number;
  kh_chain_append (&self->probes_due, &self->probes, PROBE_ORDER, number);
  self->stats.n_probes++;
  open_tokens (self, number);
}

bool
kh_directory_expire_probe (KhDirectory *self)
{
  uint32_t number = self->probes_due.first;

  if (number == 0 || kh_directory_probe_at (self, number)->due_at_us > self->now_us)
    return false;
  end_probe (self, number);
  return true;
}

static bool
can_be_dialled (const KhEndpoint *endpoint)
{
  KhEndpointKind kind = kh_endpoint_kind (endpoint);

  return kind != KH_ENDPOINT_NONE && kind != KH_ENDPOINT_MULTICAST && endpoint->port != 0;
}

uint32_t
kh_directory_observe_probe (KhDirectory *self, uint32_t number, uint8_t index,
                            const KhEndpoint *remote, const KhEndpoint *local)
{
  KhProbe *probe = kh_directory_probe_at (self, number);
  KhMessage message
      = { .type = KH_MESSAGE_PROBED, .probed = { .index = index, .endpoint = *remote } };

  close_token (self, number, index);
  if (probe->due_at_us <= self->now_us || !can_be_dialled (remote))
    return 0;
  probe->observed[index] = *remote;
  probe->local[index] = *local;
  probe->seen |= (uint16_t)(1u << index);
  memcpy (message.probed.probe_id, probe->id, KH_CALL_ID_LEN);
  kh_directory_say (self, probe->client, &message);
  return handle_of (self, number);
}

/* Where a dial goes and what it comes from; false when there is no such thing. */
static bool
aim (const KhDirectory *self, uint32_t client, uint32_t number, const KhMsgDial *msg,
     KhDirectoryDial *dial)
{
  const KhClient *own = kh_directory_client (self, client);
  const KhProbe *probe = number != 0 ? kh_directory_probe_at (self, number) : NULL;

  dial->from = (KhProbeDial)msg->from;
  if (probe == NULL)
    return false;
  switch (msg->from)
    {
    case KH_DIAL_TO_NAMED_PORT:
      dial->remote = own->endpoint;
      dial->remote.port = msg->port;
      return msg->port >= KH_PROBE_PORT_MIN && !own->is_local
             && can_be_dialled (&dial->remote);
    case KH_DIAL_FROM_OTHER_PORT:
    case KH_DIAL_FROM_OTHER_ADDRESS:
    case KH_DIAL_TO_CLOSED_PORT:
      dial->remote = probe->observed[msg->index];
      dial->local = probe->local[msg->index];
      return (probe->seen & 1u << msg->index) != 0;
    default:
      return false;
    }
}

static KhDial *
find_dial (KhProbe *probe, uint32_t number)
{
  for (unsigned i = 0; i < KH_PROBE_DIALS_MAX; i++)
    if (probe->dials[i].number == number && !probe->dials[i].is_over)
      return &probe->dials[i];
  return NULL;
}

/* How long until one more may be made to that place; 0 where it was counted. */
static int64_t
take_dial (KhDirectory *self, uint32_t client, uint32_t number, const KhEndpoint *remote)
{
  KhRateBucket *bucket = &kh_directory_client (self, client)->dials;
  int64_t wait_us = kh_rate_limit_wait (bucket, &self->dials_limit, self->now_us);
  int64_t network_wait_us
      = kh_rate_limit_table_wait (&self->dials_of_networks, remote, self->now_us);

  if (network_wait_us > wait_us)
    wait_us = network_wait_us;
  if (wait_us > 0)
    return wait_us;
  if (self->n_dials == KH_DIALS_MAX || self->dial_to_make.handle != 0
      || find_dial (kh_directory_probe_at (self, number), 0) == NULL)
    return SECOND_US;
  kh_rate_limit_take (bucket, &self->dials_limit, self->now_us);
  kh_rate_limit_table_take (&self->dials_of_networks, remote, NULL, 0, self->now_us);
  return 0;
}

static void
say_dialled (KhDirectory *self, uint32_t client, const KhMsgDial *msg,
             KhProbeResult result, int64_t wait_us)
{
  KhMessage message = { .type = KH_MESSAGE_DIALLED, .dial = *msg };
  int64_t wait_s = wait_us / SECOND_US + (wait_us % SECOND_US != 0);

  message.dial.result = (uint8_t)result;
  message.dial.wait_s = (uint16_t)(wait_s < UINT16_MAX ? wait_s : UINT16_MAX);
  kh_directory_say (self, client, &message);
}

static void
compute_dial_back (const KhDirectory *self, uint32_t client, const KhMsgDial *msg,
                   uint8_t token[KH_TOKEN_LEN])
{
  uint8_t secret[KH_TOKEN_SECRET_LEN];

  kh_directory_compute_secret (self, kh_directory_client (self, client), secret);
  kh_token_compute (token, secret, msg->probe_id, msg->from, msg->index,
                    KH_TOKEN_DIAL_BACK);
  sodium_memzero (secret, sizeof secret);
}

void
kh_directory_dial (KhDirectory *self, uint32_t client, const KhMsgDial *msg)
{
  uint32_t number = find_probe (self, client, msg->probe_id);
  KhDirectoryDial dial = { 0 };
  KhDial *pending;
  int64_t wait_us;

  if (!aim (self, client, number, msg, &dial))
    {
      say_dialled (self, client, msg, KH_DIALLED_IMPOSSIBLE, 0);
      return;
    }
  wait_us = take_dial (self, client, number, &dial.remote);
  if (wait_us > 0)
    {
      say_dialled (self, client, msg, KH_DIALLED_LATER, wait_us);
      return;
    }

  if (++self->last_dial == 0)
    self->last_dial++;
  dial.number = self->last_dial;
  compute_dial_back (self, client, msg, dial.token);
  pending = find_dial (kh_directory_probe_at (self, number), 0);
  *pending = (KhDial){ .number = dial.number, .index = msg->index, .from = msg->from };
  self->n_dials++;
  self->dial_to_make = (KhDirectoryEvent){ .type = KH_DIRECTORY_DIAL,
                                           .client = client,
                                           .handle = handle_of (self, number),
                                           .dial = dial };
  /* At once: how long it takes would tell what is there. */
  if (msg->from == KH_DIAL_TO_NAMED_PORT)
    say_dialled (self, client, msg, KH_DIALLED_NOTHING, 0);
}

/* The probe of a handle, or 0. One that has ended has no dials. */
static uint32_t
find_handle (const KhDirectory *self, uint32_t handle)
{
  uint32_t n_calls = self->calls.n_slots;

  return handle > n_calls && handle - n_calls <= self->probes.n_touched ? handle - n_calls
                                                                        : 0;
}

void
kh_directory_dialled (KhDirectory *self, int64_t now_us, uint32_t handle, uint32_t dial,
                      KhProbeResult result)
{
  uint32_t number = find_handle (self, handle);
  KhProbe *probe = number != 0 ? kh_directory_probe_at (self, number) : NULL;
  KhDial *pending = probe != NULL && dial != 0 ? find_dial (probe, dial) : NULL;
  bool was_made = result != KH_DIALLED_IMPOSSIBLE && result != KH_DIALLED_LATER;
  KhMsgDial msg = { 0 };

  self->now_us = now_us;
  if (pending == NULL)
    return;
  msg.index = pending->index;
  msg.from = pending->from;
  memcpy (msg.probe_id, probe->id, KH_CALL_ID_LEN);
  if (msg.from == KH_DIAL_TO_NAMED_PORT && was_made)
    {
      /* It was said before anything was known. */
      pending->is_over = true;
      self->n_dials--;
      return;
    }
  forget_dial (self, pending);
  if (msg.from == KH_DIAL_TO_CLOSED_PORT && result == KH_DIALLED_CONNECTED)
    result = KH_DIALLED_NOTHING;
  say_dialled (self, probe->client, &msg, result,
               result == KH_DIALLED_LATER ? SECOND_US : 0);
}

bool
kh_directory_next_probe_event (KhDirectory *self, KhDirectoryEvent *event)
{
  uint32_t number = self->probes_ended.first;

  if (number != 0)
    {
      *event = (KhDirectoryEvent){ .type = KH_DIRECTORY_ENDED,
                                   .handle = handle_of (self, number) };
      kh_chain_remove (&self->probes_ended, &self->probes, PROBE_ORDER, number);
      kh_slots_put (&self->probes, number);
      return true;
    }
  if (self->dial_to_make.handle != 0)
    {
      *event = self->dial_to_make;
      sodium_memzero (&self->dial_to_make, sizeof self->dial_to_make);
      return true;
    }
  return false;
}
