/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/directory-private.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#define MINUTE_US INT64_C (60000000)
#define SECOND_US INT64_C (1000000)
#define DAY_US (24 * 60 * MINUTE_US)

KhDirectoryConfig
kh_directory_defaults (void)
{
  return (KhDirectoryConfig){ .max_clients = 10000,
                              .lobby = true,
                              .rooms_max = KH_CLIENT_ROOMS_MAX,
                              .calls_max = KH_CLIENT_CALLS_MAX,
                              .joins_per_minute = 10,
                              .calls_per_minute = 120,
                              .dials_per_minute = 10,
                              .messages_per_second = 50,
                              .messages_burst = 200,
                              .relay = true,
                              .relays_max = 256,
                              .relays_per_client = 8,
                              .relay_volume = UINT64_C (2) << 30,
                              .silent_us = KH_MAIN_SILENT_US,
                              .presence_us = KH_MAIN_PRESENCE_US,
                              .call_us = KH_CALL_LONGEST_US,
                              .token_us = KH_TOKEN_GOOD_US,
                              .relay_wait_us = KH_RELAY_WAIT_US };
}

uint32_t
kh_directory_numbers (const KhDirectoryConfig *config)
{
  return 2 * config->max_clients + 64;
}

/* Where each table lies in the memory of the caller. */
typedef struct
{
  uint32_t n_clients, n_members, n_rooms, n_calls, n_probes;
  uint32_t n_ids, n_room_ids, n_tokens;
  size_t clients_at, members_at, rooms_at, calls_at, probes_at, relays_at;
  size_t ids_at, room_ids_at, tokens_at, joins_at, dials_at, volumes_at;
  size_t size;
} Layout;

static size_t
place (size_t *end, size_t len)
{
  size_t at = *end;

  *end = (at + len + 63) & ~(size_t)63;
  return at;
}

static Layout
lay_out (const KhDirectoryConfig *config)
{
  uint32_t max = config->max_clients;
  Layout l = { 0 };

  place (&l.size, sizeof (KhDirectory));
  /* Those that are gone stay until their rooms know: as many again, and some more
   * where few are allowed and they come and go quickly. */
  l.n_clients = kh_directory_numbers (config);
  /* As many again for those that left, and a cursor for each. */
  l.n_members = 2 * KH_CLIENT_ROOMS_MAX * max + max;
  l.n_rooms = 2 * KH_CLIENT_ROOMS_MAX * max;
  /* Each has one caller; as many again that ended and whose event waits. */
  l.n_calls = 2 * KH_CLIENT_CALLS_MAX * max;
  l.n_probes = 2 * KH_PROBES_MAX;
  l.n_ids = kh_slot_index_size (max);
  l.n_room_ids = kh_slot_index_size (max);
  l.n_tokens = kh_slot_index_size (max);
  l.clients_at = place (&l.size, l.n_clients * sizeof (KhClient));
  l.members_at = place (&l.size, l.n_members * sizeof (KhMember));
  l.rooms_at = place (&l.size, l.n_rooms * sizeof (KhRoom));
  l.calls_at = place (&l.size, l.n_calls * sizeof (KhCall));
  l.probes_at = place (&l.size, l.n_probes * sizeof (KhProbe));
  l.relays_at = place (&l.size, config->relays_max * sizeof (KhRelay));
  l.ids_at = place (&l.size, l.n_ids * sizeof (uint32_t));
  l.room_ids_at = place (&l.size, l.n_room_ids * sizeof (uint32_t));
  l.tokens_at = place (&l.size, l.n_tokens * sizeof (uint32_t));
  l.joins_at = place (&l.size, KH_DIRECTORY_JOIN_SLOTS * sizeof (KhRateSlot));
  l.dials_at = place (&l.size, KH_DIRECTORY_DIAL_SLOTS * sizeof (KhRateSlot));
  l.volumes_at = place (&l.size, KH_DIRECTORY_VOLUME_SLOTS * sizeof (KhVolumeSlot));
  return l;
}

size_t
kh_directory_size (const KhDirectoryConfig *config)
{
  return lay_out (config).size;
}

static void
derive (uint8_t *out, size_t len, const char *label, const uint8_t key[32])
{
  crypto_generichash (out, len, (const uint8_t *)label, strlen (label), key,
                      KH_DIRECTORY_KEY_LEN);
}

static uint32_t
at_most (uint32_t value, uint32_t max)
{
  return value < max ? value : max;
}

KhDirectory *
kh_directory_init (void *memory, const KhDirectoryConfig *config,
                   const uint8_t key[KH_DIRECTORY_KEY_LEN])
{
  KhDirectory *self = memory;
  uint8_t *base = memory;
  Layout l = lay_out (config);

  self->config = *config;
  self->config.rooms_max = at_most (config->rooms_max, KH_CLIENT_ROOMS_MAX);
  self->config.calls_max = at_most (config->calls_max, KH_CLIENT_CALLS_MAX);
  self->messages_limit = kh_rate_limit_new (config->messages_per_second, SECOND_US,
                                            config->messages_burst);
  self->joins_limit
      = kh_rate_limit_new (config->joins_per_minute, MINUTE_US, config->joins_per_minute);
  self->calls_limit
      = kh_rate_limit_new (config->calls_per_minute, MINUTE_US, config->calls_per_minute);
  self->dials_limit
      = kh_rate_limit_new (config->dials_per_minute, MINUTE_US, config->dials_per_minute);
  derive (self->secret_key, sizeof self->secret_key, "assist secrets", key);
  derive (self->hash_key, sizeof self->hash_key, "hashes", key);

  kh_slots_init (&self->clients, base + l.clients_at, sizeof (KhClient), l.n_clients);
  kh_slots_init (&self->members, base + l.members_at, sizeof (KhMember), l.n_members);
  kh_slots_init (&self->rooms, base + l.rooms_at, sizeof (KhRoom), l.n_rooms);
  kh_slots_init (&self->calls, base + l.calls_at, sizeof (KhCall), l.n_calls);
  kh_slots_init (&self->probes, base + l.probes_at, sizeof (KhProbe), l.n_probes);
  kh_slots_init (&self->relays, base + l.relays_at, sizeof (KhRelay), config->relays_max);
  kh_slot_index_init (&self->by_id, (uint32_t *)(void *)(base + l.ids_at), l.n_ids);
  kh_slot_index_init (&self->by_room_id, (uint32_t *)(void *)(base + l.room_ids_at),
                      l.n_room_ids);
  kh_slot_index_init (&self->by_token, (uint32_t *)(void *)(base + l.tokens_at),
                      l.n_tokens);
  kh_rate_limit_table_init (&self->joins_of_networks,
                            (KhRateSlot *)(void *)(base + l.joins_at),
                            KH_DIRECTORY_JOIN_SLOTS, &self->joins_limit, self->hash_key);
  kh_rate_limit_table_init (&self->dials_of_networks,
                            (KhRateSlot *)(void *)(base + l.dials_at),
                            KH_DIRECTORY_DIAL_SLOTS, &self->dials_limit, self->hash_key);
  kh_volume_limit_init (
      &self->relay_volumes, (KhVolumeSlot *)(void *)(base + l.volumes_at),
      KH_DIRECTORY_VOLUME_SLOTS, config->relay_volume, DAY_US, self->hash_key);
  return self;
}

KhClient *
kh_directory_client (const KhDirectory *self, uint32_t number)
{
  return kh_slots_at (&self->clients, number);
}

uint32_t
kh_directory_hash (const KhDirectory *self, const uint8_t *bytes, size_t len)
{
  uint8_t hash[crypto_shorthash_BYTES];
  uint32_t number;

  crypto_shorthash (hash, bytes, len, self->hash_key);
  memcpy (&number, hash, sizeof number);
  return number;
}

uint32_t
kh_directory_find (const KhDirectory *self, const uint8_t id[KH_ID_LEN])
{
  uint32_t number
      = kh_slot_index_first (&self->by_id, kh_directory_hash (self, id, KH_ID_LEN));

  while (number != 0
         && memcmp (kh_directory_client (self, number)->id, id, KH_ID_LEN) != 0)
    number = kh_slot_index_next (&self->clients, number);
  return number;
}

/* The outbox is a row of { u32 client, u16 length, message } in host order. */
void
kh_directory_say (KhDirectory *self, uint32_t client, const KhMessage *message)
{
  uint8_t *head = self->outbox + self->outbox_len;
  size_t room = sizeof self->outbox - self->outbox_len;
  KhWriter writer;
  uint16_t len;

  kh_writer_init (&writer, head + 6, room > 6 ? room - 6 : 0);
  if (room <= 6 || !kh_messages_write (&writer, message))
    {
      kh_directory_drop_message (self);
      return;
    }
  len = (uint16_t)writer.len;
  memcpy (head, &client, 4);
  memcpy (head + 4, &len, 2);
  self->outbox_len += 6 + writer.len;
}

void
kh_directory_drop_message (KhDirectory *self)
{
  self->stats.n_dropped_messages++;
}

void
kh_directory_compute_secret (const KhDirectory *self, const KhClient *client,
                             uint8_t secret[KH_TOKEN_SECRET_LEN])
{
  crypto_generichash (secret, KH_TOKEN_SECRET_LEN, (const uint8_t *)&client->serial,
                      sizeof client->serial, self->secret_key, sizeof self->secret_key);
}

void
kh_directory_release_client (KhDirectory *self, uint32_t number)
{
  KhClient *client = kh_directory_client (self, number);

  if (client->state == KH_CLIENT_GONE && client->n_gone == 0 && !client->drop_pending)
    kh_slots_put (&self->clients, number);
}

/* From here on nobody finds the client. */
static void
go_offline (KhDirectory *self, uint32_t number)
{
  KhClient *client = kh_directory_client (self, number);

  kh_directory_hang_up_all (self, number);
  kh_directory_end_probe_of (self, number);
  kh_directory_leave_all (self, number);
  kh_slot_index_remove (&self->by_id, &self->clients,
                        kh_directory_hash (self, client->id, KH_ID_LEN), number);
  kh_chain_remove (&self->online, &self->clients, offsetof (KhClient, order), number);
  client->state = KH_CLIENT_GONE;
  self->stats.n_clients--;
}

static void
drop (KhDirectory *self, uint32_t number)
{
  go_offline (self, number);
  kh_chain_append (&self->dropped, &self->clients, offsetof (KhClient, order), number);
  kh_directory_client (self, number)->drop_pending = true;
}

static void
refuse (KhDirectory *self, uint32_t number, KhRefusedCode code)
{
  kh_directory_say (
      self, number,
      &(KhMessage){ .type = KH_MESSAGE_REFUSED, .refused = { .code = (uint8_t)code } });
  drop (self, number);
}

static void
welcome (KhDirectory *self, uint32_t number, const KhDirectoryLogin *login)
{
  KhMessage message = { .type = KH_MESSAGE_WELCOME };
  KhMsgWelcome *w = &message.welcome;

  w->version = KH_MESSAGES_VERSION;
  w->flags = (self->config.lobby ? KH_WELCOME_LOBBY : 0)
             | (self->config.relay ? KH_WELCOME_RELAY : 0);
  w->endpoint = login->endpoint;
  w->n_assist = login->n_assist;
  memcpy (w->assist, login->assist, sizeof w->assist);
  w->helper = login->helper;
  kh_directory_compute_secret (self, kh_directory_client (self, number), w->secret);
  kh_directory_say (self, number, &message);
  sodium_memzero (&message, sizeof message);
}

uint8_t
kh_directory_login (KhDirectory *self, int64_t now_us, const KhDirectoryLogin *login,
                    const uint8_t *hello, size_t hello_len, uint32_t *client)
{
  uint32_t older = kh_directory_find (self, login->id);
  KhMessage message;
  KhClient *own;

  self->now_us = now_us;
  if (kh_messages_read (&message, hello, hello_len) != KH_MESSAGE_READ
      || message.type != KH_MESSAGE_HELLO)
    return KH_REFUSED_BAD_MESSAGE;
  if (message.hello.version == 0)
    return KH_REFUSED_VERSION;
  if (older == 0 && self->stats.n_clients >= self->config.max_clients)
    return KH_REFUSED_FULL;
  *client = kh_slots_take (&self->clients);
  if (*client == 0)
    return KH_REFUSED_FULL;

  if (older != 0)
    {
      kh_directory_say (self, older, &(KhMessage){ .type = KH_MESSAGE_REPLACED });
      drop (self, older);
    }
  own = kh_directory_client (self, *client);
  own->state = KH_CLIENT_ONLINE;
  own->serial = ++self->last_serial;
  own->heard_at_us = now_us;
  own->endpoint = login->endpoint;
  own->is_local = kh_endpoint_same_address (&login->endpoint, &login->local);
  memcpy (own->id, login->id, KH_ID_LEN);
  memcpy (own->name, message.hello.name.bytes, message.hello.name.len);
  own->name_len = (uint8_t)message.hello.name.len;
  kh_slot_index_add (&self->by_id, &self->clients,
                     kh_directory_hash (self, own->id, KH_ID_LEN), *client);
  kh_chain_append (&self->online, &self->clients, offsetof (KhClient, order), *client);
  self->stats.n_clients++;
  welcome (self, *client, login);
  return 0;
}

static void
dispatch (KhDirectory *self, uint32_t client, const KhMessage *message)
{
  switch ((int)message->type)
    {
    case KH_MESSAGE_JOIN:
      kh_directory_join (self, client, &message->room);
      break;
    case KH_MESSAGE_LEAVE:
      kh_directory_leave (self, client, &message->room);
      break;
    case KH_MESSAGE_PING:
      kh_directory_say (self, client,
                        &(KhMessage){ .type = KH_MESSAGE_PONG, .ping = message->ping });
      break;
    case KH_MESSAGE_CLASS:
      kh_directory_class (self, client, &message->klass);
      break;
    case KH_MESSAGE_CALL:
      kh_directory_call (self, client, &message->call);
      break;
    case KH_MESSAGE_ANSWER:
      kh_directory_answer (self, client, &message->answer);
      break;
    case KH_MESSAGE_ROUND:
      kh_directory_round (self, client, &message->round);
      break;
    case KH_MESSAGE_GO:
      kh_directory_go (self, client, &message->round);
      break;
    case KH_MESSAGE_HANG_UP:
      kh_directory_hang_up (self, client, &message->hang_up);
      break;
    case KH_MESSAGE_MAPPED:
      kh_directory_mapped (self, client, &message->mapped);
      break;
    case KH_MESSAGE_CANDIDATES:
      kh_directory_candidates (self, client, &message->candidates);
      break;
    case KH_MESSAGE_PROBE:
      kh_directory_probe (self, client, &message->probe);
      break;
    case KH_MESSAGE_DIAL:
      kh_directory_dial (self, client, &message->dial);
      break;
    default: /* a server's, or a second HELLO */
      kh_directory_drop_message (self);
    }
}

void
kh_directory_receive (KhDirectory *self, int64_t now_us, uint32_t number,
                      const uint8_t *bytes, size_t len)
{
  KhClient *client = kh_directory_client (self, number);
  KhMessage message;

  self->now_us = now_us;
  if (client->state != KH_CLIENT_ONLINE)
    return;

  client->heard_at_us = now_us;
  kh_chain_remove (&self->online, &self->clients, offsetof (KhClient, order), number);
  kh_chain_append (&self->online, &self->clients, offsetof (KhClient, order), number);
  if (!kh_rate_limit_take (&client->messages, &self->messages_limit, now_us))
    {
      refuse (self, number, KH_REFUSED_TOO_MANY_MESSAGES);
      return;
    }
  switch (kh_messages_read (&message, bytes, len))
    {
    case KH_MESSAGE_READ:
      dispatch (self, number, &message);
      break;
    case KH_MESSAGE_UNKNOWN:
      kh_directory_drop_message (self);
      break;
    case KH_MESSAGE_BAD:
      refuse (self, number, KH_REFUSED_BAD_MESSAGE);
      break;
    }
}

void
kh_directory_disconnect (KhDirectory *self, int64_t now_us, uint32_t number)
{
  KhClient *client = kh_directory_client (self, number);

  self->now_us = now_us;
  if (client->state != KH_CLIENT_ONLINE)
    return;
  go_offline (self, number);
  kh_directory_release_client (self, number);
}

/* Ends what has lasted too long, as far as the outbox holds what there is to say. */
void
kh_directory_tick (KhDirectory *self, int64_t now_us)
{
  self->now_us = now_us;
  while (sizeof self->outbox - self->outbox_len >= KH_DIRECTORY_OUTBOX_STEP)
    {
      uint32_t silent = self->online.first;

      if (kh_directory_expire_call (self) || kh_directory_expire_probe (self)
          || kh_directory_expire_relay (self))
        continue;
      if (silent == 0
          || kh_directory_client (self, silent)->heard_at_us + self->config.silent_us
                 > now_us)
        break;
      drop (self, silent);
    }
}

static void
advance_deadline (int64_t *deadline_us, int64_t due_at_us)
{
  if (due_at_us < *deadline_us)
    *deadline_us = due_at_us;
}

int64_t
kh_directory_deadline (const KhDirectory *self)
{
  int64_t deadline_us = INT64_MAX;

  if (self->online.first != 0)
    advance_deadline (&deadline_us,
                      kh_directory_client (self, self->online.first)->heard_at_us
                          + self->config.silent_us);
  if (self->calls_due.first != 0)
    advance_deadline (&deadline_us,
                      kh_directory_call_at (self, self->calls_due.first)->due_at_us);
  if (self->probes_due.first != 0)
    advance_deadline (&deadline_us,
                      kh_directory_probe_at (self, self->probes_due.first)->due_at_us);
  advance_deadline (&deadline_us, kh_directory_relay_deadline (self));
  if (self->rooms_due.first != 0)
    {
      const KhRoom *room = kh_slots_at (&self->rooms, self->rooms_due.first);

      advance_deadline (&deadline_us, room->due_at_us);
    }
  return deadline_us;
}

bool
kh_directory_next_send (KhDirectory *self, uint32_t *client, const uint8_t **bytes,
                        size_t *len)
{
  const uint8_t *head = self->outbox + self->outbox_at;
  uint16_t message_len;

  if (self->outbox_at == self->outbox_len)
    {
      self->outbox_at = self->outbox_len = 0;
      return kh_directory_next_list (self, client, bytes, len)
             || kh_directory_next_broadcast (self, client, bytes, len);
    }
  memcpy (client, head, 4);
  memcpy (&message_len, head + 4, 2);
  *bytes = head + 6;
  *len = message_len;
  self->outbox_at += 6 + (size_t)message_len;
  return true;
}

bool
kh_directory_next_event (KhDirectory *self, KhDirectoryEvent *event)
{
  uint32_t client = self->dropped.first;
  uint32_t call = self->calls_ended.first;

  if (client != 0)
    {
      *event = (KhDirectoryEvent){ .type = KH_DIRECTORY_DROP, .client = client };
      kh_chain_remove (&self->dropped, &self->clients, offsetof (KhClient, order),
                       client);
      kh_directory_client (self, client)->drop_pending = false;
      kh_directory_release_client (self, client);
      return true;
    }
  if (call != 0)
    {
      *event = (KhDirectoryEvent){ .type = KH_DIRECTORY_ENDED, .handle = call };
      kh_chain_remove (&self->calls_ended, &self->calls, offsetof (KhCall, order), call);
      kh_slots_put (&self->calls, call);
      return true;
    }
  return kh_directory_next_probe_event (self, event)
         || kh_directory_next_relay_event (self, event);
}

KhDirectoryStats
kh_directory_stats (const KhDirectory *self)
{
  KhDirectoryStats stats = self->stats;

  stats.n_rooms = self->rooms.n_used;
  stats.n_relays = self->relays.n_used;
  return stats;
}

void
kh_directory_clear (KhDirectory *self)
{
  sodium_memzero (self, kh_directory_size (&self->config));
}
