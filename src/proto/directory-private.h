/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * directory-private.h - what the files of directory share: directory.c (clients,
 * time, what goes out), directory-rooms.c (rooms and presence), directory-calls.c
 * (calls), directory-paths.c (what goes with a call beside its steps),
 * directory-tokens.c (tokens, and endpoints observed in calls), directory-probes.c
 * (probes, and dials to those who probe) and directory-relays.c (relays).
 */
#pragma once

#include "proto/chain.h"
#include "proto/directory.h"
#include "proto/rate-limit.h"
#include "proto/slot-index.h"
#include "proto/slots.h"
#include "proto/volume-limit.h"

/* Holds what one input makes the directory say: at most a WELCOME, an
 * introduction, 16 endpoints and 16 ended calls of two clients. */
#define KH_DIRECTORY_OUTBOX_LEN 4096
/* One expired client or call puts at most this much in it. */
#define KH_DIRECTORY_OUTBOX_STEP 1024
#define KH_DIRECTORY_JOIN_SLOTS 4096
#define KH_DIRECTORY_DIAL_SLOTS 1024
#define KH_DIRECTORY_VOLUME_SLOTS 4096
/* The tokens of one side of a call: those of a round, and one for the relay. */
#define KH_DIRECTORY_TOKEN_SLOTS (KH_CALL_TOKENS + 1)
#define KH_DIRECTORY_RELAY_SLOT KH_CALL_TOKENS

/* Both are also places in arrays. */
typedef enum
{
  KH_SIDE_CALLER = 0,
  KH_SIDE_CALLEE = 1,
} KhCallSideName;

typedef enum
{
  KH_CLIENT_ONLINE = 1,
  KH_CLIENT_GONE, /* kept until nothing names it any more */
} KhClientState;

typedef enum
{
  KH_LIST_NONE,  /* every list it is owed was sent */
  KH_LIST_READY, /* in the chain of those whose next page is made */
  KH_LIST_SENT,  /* a page is on its way: waits for ready() */
} KhListState;

typedef struct
{
  uint32_t link;
  KhLinks order; /* among the online by when they were last heard; among the dropped */
  KhLinks list_order;
  uint32_t first_member;
  uint32_t first_call[2]; /* by the side it is on */
  uint32_t listed;        /* the member whose room is being listed */
  uint32_t cursor;        /* how far */
  uint32_t n_gone;        /* members that still name it */
  uint32_t probe;         /* 0: none */
  uint8_t state : 2;
  uint8_t list_state : 2;
  bool drop_pending : 1; /* a DROP event names it */
  bool is_local : 1;     /* its address is the server's own */
  uint8_t n_rooms : 4;
  uint8_t n_classes : 4; /* changes that were told in that minute */
  uint8_t class_minute;  /* its lower eight bits */
  uint8_t nat_class;
  uint8_t n_calls[2];
  uint8_t name_len;
  uint64_t serial;
  int64_t heard_at_us;
  KhRateBucket messages;
  KhRateBucket joins;
  KhRateBucket calls;
  KhRateBucket dials;
  KhEndpoint endpoint;
  uint8_t id[KH_ID_LEN];
  char name[KH_NAME_LEN_MAX];
} KhClient;

typedef enum
{
  KH_MEMBER_CURSOR = 1, /* no member: how far a list has come */
  KH_MEMBER_FRESH,      /* joined or changed, and the room was not told yet */
  KH_MEMBER_SETTLED,
  KH_MEMBER_GONE, /* left, and the room was not told yet */
} KhMemberState;

/* A client in a room. */
typedef struct
{
  uint32_t link;
  KhLinks order; /* in the room */
  uint32_t next_of_client;
  uint32_t client;
  uint32_t room;
  uint8_t state;
  bool owed_list;
} KhMember;

typedef struct
{
  uint32_t link;
  KhLinks due_order; /* among those with something to tell */
  KhChain members;   /* the fresh ones, also who has news, are the end of it */
  KhChain gone;
  uint32_t first_fresh;
  uint32_t n_members;
  bool due;
  int64_t due_at_us;
  uint8_t id[KH_ROOM_ID_LEN];
} KhRoom;

typedef struct
{
  uint32_t next; /* in the bucket of by_token */
  uint8_t token[KH_TOKEN_LEN];
} KhTokenSlot;

/* What bit n of a byte is about is index n; the last of @unused is the relay's token. */
typedef struct
{
  uint32_t client;
  uint32_t next; /* the client's next call on this side */
  uint8_t round; /* 0: its tokens were never good */
  uint8_t unused;
  uint8_t seen;
  uint8_t given;  /* seen, and the peer was told */
  uint8_t scopes; /* of all rounds: bit n: seen at scope n */
  uint8_t scope[KH_CALL_INDICES];
  uint8_t n_candidates; /* that were passed on */
  uint16_t mapped_port; /* in this round; 0: none */
  int64_t good_until_us;
  KhEndpoint observed[KH_CALL_INDICES];
  KhTokenSlot tokens[KH_DIRECTORY_TOKEN_SLOTS];
} KhCallSide;

typedef enum
{
  KH_CALL_CALLED = 1,
  KH_CALL_ACCEPTED,
  KH_CALL_ENDED, /* until its event was taken */
} KhCallState;

typedef struct
{
  uint32_t link;
  KhLinks order; /* among the living by when they time out; among the ended */
  uint8_t state;
  uint32_t relay; /* 0: none */
  int64_t due_at_us;
  uint8_t id[KH_CALL_ID_LEN];
  KhCallSide side[2];
} KhCall;

typedef enum
{
  KH_RELAY_WAITING = 1, /* for the other side */
  KH_RELAY_STANDING,
  KH_RELAY_ENDED, /* until its event was taken */
} KhRelayState;

typedef struct
{
  uint8_t id[KH_ID_LEN];
  uint64_t network;
} KhRelaySide;

/* It outlives its call and its clients: it knows them by their ids. */
typedef struct
{
  uint32_t link;
  KhLinks order; /* among the waiting by when they have waited enough; among the ended */
  uint8_t state;
  uint8_t present; /* bit n: side n has come */
  uint32_t call;   /* 0: it has ended */
  int64_t due_at_us;
  uint8_t call_id[KH_CALL_ID_LEN];
  KhRelaySide side[2];
} KhRelay;

/* A dial that was asked for and has no result yet, or one to a named port that has: until
 * its probe ends it takes up a place, so that nobody learns when that was. */
typedef struct
{
  uint32_t number; /* 0: none */
  bool is_over;
  uint8_t index;
  uint8_t from;
} KhDial;

typedef struct
{
  uint32_t link;
  KhLinks order; /* among the living by age; among the ended, until its event was taken */
  uint32_t client; /* 0: ended */
  uint16_t unused; /* bit n: the token of index n */
  uint16_t seen;
  int64_t due_at_us;
  uint8_t id[KH_CALL_ID_LEN];
  KhEndpoint observed[KH_PROBE_INDICES];
  KhEndpoint local[KH_PROBE_INDICES]; /* where it was shown */
  KhTokenSlot tokens[KH_PROBE_INDICES];
  KhDial dials[KH_PROBE_DIALS_MAX];
} KhProbe;

struct KhDirectory
{
  KhDirectoryConfig config;
  int64_t now_us;
  KhRateLimit messages_limit;
  KhRateLimit joins_limit;
  KhRateLimit calls_limit;
  KhRateLimit dials_limit;
  KhRateTable joins_of_networks;
  KhRateTable dials_of_networks;
  KhVolumeTable relay_volumes;
  uint8_t secret_key[KH_DIRECTORY_KEY_LEN];
  uint8_t hash_key[16];
  uint64_t last_serial;
  KhEndpoint public_v4; /* of this server; family 0: none is known */
  uint32_t last_dial;
  uint32_t n_dials;              /* without a result */
  KhDirectoryEvent dial_to_make; /* its handle is 0: none */
  KhDirectoryStats stats;

  KhSlots clients;
  KhSlots members;
  KhSlots rooms;
  KhSlots calls;
  KhSlots probes;
  KhSlots relays;
  KhSlotIndex by_id;
  KhSlotIndex by_room_id;
  KhSlotIndex by_token;

  KhChain online;
  KhChain dropped;
  KhChain lists_ready;
  KhChain rooms_due;
  KhChain calls_due;
  KhChain calls_ended;
  KhChain probes_due;
  KhChain probes_ended;
  KhChain relays_waiting;
  KhChain relays_ended;

  /* A page of presence on its way to the members of a room. */
  uint32_t broadcast_at;   /* the next member, 0: none */
  uint32_t broadcast_only; /* the client that the page is about, if only one */
  size_t broadcast_len;

  size_t outbox_at;
  size_t outbox_len;
  uint8_t outbox[KH_DIRECTORY_OUTBOX_LEN];
  uint8_t broadcast[KH_MESSAGE_LEN_MAX];
  uint8_t page[KH_MESSAGE_LEN_MAX];
};

/* directory.c */
KhClient *kh_directory_client (const KhDirectory *self, uint32_t number);
uint32_t kh_directory_hash (const KhDirectory *self, const uint8_t *bytes, size_t len);
/* The online client of that id, or 0. */
uint32_t kh_directory_find (const KhDirectory *self, const uint8_t id[KH_ID_LEN]);
/* Puts @message in the outbox. */
void kh_directory_say (KhDirectory *self, uint32_t client, const KhMessage *message);
/* A message that has no place where it came. */
void kh_directory_drop_message (KhDirectory *self);
void kh_directory_compute_secret (const KhDirectory *self, const KhClient *client,
                                  uint8_t secret[KH_TOKEN_SECRET_LEN]);
/* Forgets a client that is gone, once nothing names it. */
void kh_directory_release_client (KhDirectory *self, uint32_t number);

/* directory-rooms.c */
void kh_directory_join (KhDirectory *self, uint32_t client, const KhMsgRoom *room);
void kh_directory_leave (KhDirectory *self, uint32_t client, const KhMsgRoom *room);
void kh_directory_leave_all (KhDirectory *self, uint32_t client);
void kh_directory_class (KhDirectory *self, uint32_t client, const KhMsgClass *msg);
bool kh_directory_share_room (const KhDirectory *self, uint32_t one, uint32_t other);
/* The next page of a list or of a broadcast. */
bool kh_directory_next_list (KhDirectory *self, uint32_t *client, const uint8_t **bytes,
                             size_t *len);
bool kh_directory_next_broadcast (KhDirectory *self, uint32_t *client,
                                  const uint8_t **bytes, size_t *len);

/* directory-calls.c */
KhCall *kh_directory_call_at (const KhDirectory *self, uint32_t number);
/* The client's living call of that id, or 0; and its side in it. */
uint32_t kh_directory_find_call (const KhDirectory *self, uint32_t client,
                                 const uint8_t id[KH_CALL_ID_LEN], KhCallSideName *side);
void kh_directory_call (KhDirectory *self, uint32_t client, const KhMsgCall *call);
void kh_directory_answer (KhDirectory *self, uint32_t client, const KhMsgAnswer *answer);
void kh_directory_round (KhDirectory *self, uint32_t client, const KhMsgRound *round);
void kh_directory_go (KhDirectory *self, uint32_t client, const KhMsgRound *go);
void kh_directory_hang_up (KhDirectory *self, uint32_t client,
                           const KhMsgHangUp *hang_up);
void kh_directory_hang_up_all (KhDirectory *self, uint32_t client);
/* Ends the first call whose time is over; false when there is none. */
bool kh_directory_expire_call (KhDirectory *self);

/* directory-paths.c */
void kh_directory_mapped (KhDirectory *self, uint32_t client, const KhMsgMapped *msg);
void kh_directory_candidates (KhDirectory *self, uint32_t client,
                              const KhMsgCandidates *msg);

/* directory-tokens.c. Token slots are numbered from 1: those of the calls, then those
 * of the probes. */
uint32_t kh_directory_probe_token (const KhDirectory *self, uint32_t probe,
                                   uint8_t index);
/* From here on the token that was written into that slot is good. */
void kh_directory_add_token (KhDirectory *self, uint32_t slot);
/* Wipes it. */
void kh_directory_remove_token (KhDirectory *self, uint32_t slot);
void kh_directory_open_round (KhDirectory *self, uint32_t call, KhCallSideName side,
                              uint8_t round);
void kh_directory_close_tokens (KhDirectory *self, uint32_t call, KhCallSideName side);
/* The tokens for the relay, of both sides. */
void kh_directory_open_relay_tokens (KhDirectory *self, uint32_t call);
void kh_directory_close_relay_tokens (KhDirectory *self, uint32_t call);
/* The token was shown: its call and side, or 0. */
uint32_t kh_directory_take_relay_token (KhDirectory *self,
                                        const uint8_t token[KH_TOKEN_LEN],
                                        KhCallSideName *side);
/* Gives each side the endpoints of the other that it may have by now. */
void kh_directory_give_endpoints (KhDirectory *self, uint32_t call);

/* directory-probes.c */
KhProbe *kh_directory_probe_at (const KhDirectory *self, uint32_t number);
void kh_directory_probe (KhDirectory *self, uint32_t client, const KhMsgProbe *msg);
void kh_directory_dial (KhDirectory *self, uint32_t client, const KhMsgDial *msg);
void kh_directory_end_probe_of (KhDirectory *self, uint32_t client);
/* Ends the oldest when its time is over; false when it is not. */
bool kh_directory_expire_probe (KhDirectory *self);
/* The token of @index was shown: a handle, or 0. */
uint32_t kh_directory_observe_probe (KhDirectory *self, uint32_t probe, uint8_t index,
                                     const KhEndpoint *remote, const KhEndpoint *local);
bool kh_directory_next_probe_event (KhDirectory *self, KhDirectoryEvent *event);

/* directory-relays.c */
/* The call ends: so does a relay where one still waits, and one that stands does not. */
void kh_directory_leave_relay (KhDirectory *self, uint32_t call);
int64_t kh_directory_relay_deadline (const KhDirectory *self);
/* Ends the first that has waited for too long; false when there is none. */
bool kh_directory_expire_relay (KhDirectory *self);
bool kh_directory_next_relay_event (KhDirectory *self, KhDirectoryEvent *event);
