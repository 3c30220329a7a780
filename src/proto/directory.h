/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * directory.h - the brain of the rendezvous server: who is online, rooms, calls,
 * probes, which endpoint was observed for whom, and which two connections are relayed.
 *
 * Give init() zeroed memory of size() bytes. A client enters by login() with its
 * first transport message; from then on it is a number. Give its messages to
 * receive(), a token that came to an assist port to observe(), and to join_relay() if it
 * was not good there, the end of its connection to disconnect(). After each of these and
 * after tick(), take what is to be sent with next_send() until it returns false, then
 * what is to be done with next_event() until it returns false, before the next input.
 * Call tick() at deadline(). What became of a DIAL is told with dialled().
 *
 * A call or a probe is a handle outside: what its token brought here ends with it. A
 * relay is a number outside, from join_relay() to its event or end_relay(). It stands
 * when both sides have joined; from then on say with relayed() what came from which side.
 *
 * Lists of peers are long, so they come in pages: after a page for a client there
 * is no second one for it until ready() says that the first has left.
 *
 * Nothing here opens sockets, encrypts, logs, reads a clock or allocates. All state
 * is behind these functions. Times are microseconds on the caller's monotonic
 * clock; client numbers, handles and numbers of dials and relays begin at 1.
 *
 * Source: src/PROTOCOL.md, sections 2 and 3.
 */
#pragma once

#include "proto/messages.h"
#include "proto/token.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KH_DIRECTORY_KEY_LEN 32

typedef struct KhDirectory KhDirectory;

/* Where a number is above the maximum of messages.h, the maximum counts. */
typedef struct
{
  uint32_t max_clients;
  bool lobby;
  uint32_t rooms_max; /* of a client at a time */
  uint32_t calls_max; /* made by a client at a time; and as many received */
  uint32_t joins_per_minute;
  uint32_t calls_per_minute;
  uint32_t dials_per_minute;
  uint32_t messages_per_second;
  uint32_t messages_burst;
  bool relay;
  uint32_t relays_max;        /* at a time */
  uint32_t relays_per_client; /* the same of an identity, and of a network */
  uint64_t relay_volume;      /* bytes that an identity, or a network, sends in a day */
  int64_t silent_us;
  int64_t presence_us;
  int64_t call_us;
  int64_t token_us;
  int64_t relay_wait_us;
} KhDirectoryConfig;

typedef struct
{
  uint32_t n_clients;
  uint32_t n_rooms;
  uint32_t n_calls;
  uint32_t n_probes;
  uint32_t n_relays; /* also those where one waits for the other */
  uint64_t n_calls_ever;
  uint64_t n_relays_ever; /* where both came */
  uint64_t n_relayed_bytes;
  uint64_t n_dropped_messages; /* of unknown type, or that had no place */
} KhDirectoryStats;

/* Who logs in, from where, and what it is told about other ports and servers. */
typedef struct
{
  uint8_t id[KH_ID_LEN];
  KhEndpoint endpoint;
  KhEndpoint local; /* what it reached */
  uint8_t n_assist;
  KhEndpoint assist[KH_WELCOME_ASSIST_MAX];
  KhText helper;
} KhDirectoryLogin;

typedef enum
{
  KH_DIRECTORY_DROP,        /* end the connection of @client once it was sent what it is
                               owed; its number is not valid any more */
  KH_DIRECTORY_ENDED,       /* close the assist connections of @handle and give up its
                               dials; it will be another's */
  KH_DIRECTORY_DIAL,        /* connect as @dial says, for @handle of @client */
  KH_DIRECTORY_RELAY_ENDED, /* close both connections of @relay; it will be another's */
} KhDirectoryEventType;

/* A connection to a client from @from's kind of place. Who accepts it is sent @token,
 * and nothing at a closed port. */
typedef struct
{
  uint32_t number; /* never used again: for dialled() */
  KhProbeDial from;
  KhEndpoint remote; /* to a closed port: any but this one */
  KhEndpoint local;  /* what the client had dialled; to a named port none: what its main
                        connection reached */
  uint8_t token[KH_TOKEN_LEN];
} KhDirectoryDial;

typedef struct
{
  KhDirectoryEventType type;
  uint32_t client;
  uint32_t handle;
  uint32_t relay;
  KhDirectoryDial dial;
} KhDirectoryEvent;

/* The numbers of section 2.5 and 10,000 clients. */
KhDirectoryConfig kh_directory_defaults (void);

/* The highest client number there can be. */
uint32_t kh_directory_numbers (const KhDirectoryConfig *config);

size_t kh_directory_size (const KhDirectoryConfig *config);

/* @memory is zeroed and aligned to 64 bytes. @key is random: it makes the assist
 * secrets and keeps strangers from choosing hash collisions. */
KhDirectory *kh_directory_init (void *memory, const KhDirectoryConfig *config,
                                const uint8_t key[KH_DIRECTORY_KEY_LEN]);

/* @hello is a decrypted first message. 0 and a number in @client, or why not: a
 * KhRefusedCode. An older connection of the same id is dropped. */
uint8_t kh_directory_login (KhDirectory *self, int64_t now_us,
                            const KhDirectoryLogin *login, const uint8_t *hello,
                            size_t hello_len, uint32_t *client);

/* The IPv4 address that this server is reached at from outside, where those in its own
 * network have it too; the port does not matter. NULL, or one that is not public: none is
 * known, as at first. Endpoints that were given stay given. */
void kh_directory_set_public (KhDirectory *self, const KhEndpoint *address);

void kh_directory_receive (KhDirectory *self, int64_t now_us, uint32_t client,
                           const uint8_t *bytes, size_t len);

/* The page of a list that was sent to @client has left. May be called between two
 * next_send(). */
void kh_directory_ready (KhDirectory *self, uint32_t client);

/* The connection is gone. */
void kh_directory_disconnect (KhDirectory *self, int64_t now_us, uint32_t client);

/* Someone at @remote showed @token at the port @local. The handle whose end closes
 * that connection, or 0: the token is not good. */
uint32_t kh_directory_observe (KhDirectory *self, int64_t now_us,
                               const uint8_t token[KH_TOKEN_LEN],
                               const KhEndpoint *remote, const KhEndpoint *local);

/* The same with a token for the relay, which is none to observe(): the number of a relay
 * and in @side which of its two ends this is, 0 or 1; or 0. Then there may be something
 * to send before the next input. */
uint32_t kh_directory_join_relay (KhDirectory *self, int64_t now_us,
                                  const uint8_t token[KH_TOKEN_LEN],
                                  const KhEndpoint *remote, unsigned *side);

/* So much came from @side of a relay that stands. */
void kh_directory_relayed (KhDirectory *self, int64_t now_us, uint32_t relay,
                           unsigned side, uint64_t n_bytes);

/* Its connections have ended by themselves; it will be another's, and no event comes. */
void kh_directory_end_relay (KhDirectory *self, int64_t now_us, uint32_t relay);

/* What became of a dial; late ones are ignored. May be called between two
 * next_event(): then there may be something to send before the next input.
 * IMPOSSIBLE or LATER: nothing was sent. */
void kh_directory_dialled (KhDirectory *self, int64_t now_us, uint32_t handle,
                           uint32_t dial, KhProbeResult result);

void kh_directory_tick (KhDirectory *self, int64_t now_us);
/* INT64_MAX: nothing will happen by itself. */
int64_t kh_directory_deadline (const KhDirectory *self);

/* @bytes stay valid until the next call of any function but ready(). */
bool kh_directory_next_send (KhDirectory *self, uint32_t *client, const uint8_t **bytes,
                             size_t *len);
bool kh_directory_next_event (KhDirectory *self, KhDirectoryEvent *event);

KhDirectoryStats kh_directory_stats (const KhDirectory *self);

/* Wipes keys and all that is known. */
void kh_directory_clear (KhDirectory *self);
