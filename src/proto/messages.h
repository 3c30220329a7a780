/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * messages.h - everything that client and server say to each other on the main
 * connection: layouts, codes and limits.
 *
 * To send, fill in a KhMessage and write() it into a buffer of KH_MESSAGE_LEN_MAX
 * bytes (PEERS has write functions of its own, it is written piece by piece). To
 * receive, read() the plaintext of one record and look at @type first. Texts and
 * byte ranges in a message that was read point into those bytes.
 *
 * Nothing here encrypts, and nothing judges who may send what when.
 *
 * Lengths are bytes, intervals are microseconds. Source: src/PROTOCOL.md,
 * section 2; what a limit is for stands in section 2.5.
 */
#pragma once

#include "proto/endpoint.h"
#include "proto/reader.h"
#include "proto/token.h"
#include "proto/writer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KH_MESSAGES_VERSION 1

#define KH_MAIN_PORT 7470
#define KH_ASSIST_PORT 7471

/* Layout */
#define KH_ID_LEN 32
#define KH_CALL_ID_LEN 16
#define KH_ROOM_ID_LEN 32
#define KH_NAME_LEN_MAX 64
#define KH_INTRODUCTION_LEN_MAX 1024
#define KH_WELCOME_ASSIST_MAX 8
#define KH_WELCOME_HELPER_LEN_MAX 400
#define KH_CANDIDATES_LEN_MAX 512 /* four sealed addresses, and room to grow */

/* Plaintext of one message; bounds what one record can make anyone hold. */
#define KH_MESSAGE_LEN_MAX 16384
/* The same from client to server. The longest there is, CALL, has 1,075: a server
 * with ten thousand clients in the middle of a record holds a tenth of what it
 * would otherwise. */
#define KH_MESSAGE_FROM_CLIENT_LEN_MAX 2048
/* Before everything else: version, pattern, Noise message 1 of IK. */
#define KH_FIRST_RECORD_LEN_MAX 98
#define KH_RECORD_TAG_LEN 16

/* Times: NAT timeouts of carriers begin at 30 s, so 25 s; the server allows three
 * PINGs to be lost. */
#define KH_MAIN_LOGIN_US INT64_C (10000000)
#define KH_MAIN_PING_US INT64_C (25000000)
#define KH_MAIN_PONG_US INT64_C (10000000)
#define KH_MAIN_SILENT_US INT64_C (75000000)
#define KH_MAIN_PRESENCE_US INT64_C (250000)
/* A call until it is accepted, and from then until it must have ended. */
#define KH_CALL_LONGEST_US INT64_C (60000000)
#define KH_TOKEN_GOOD_US INT64_C (30000000)
#define KH_ASSIST_TOKEN_US INT64_C (5000000)
#define KH_ASSIST_LONGEST_US INT64_C (60000000)
/* A SYN of the server, and those that its system sends again after 1, 2 and 3 s or
 * after 1 and 3 s. */
#define KH_PROBE_DIAL_US INT64_C (3500000)
/* Who comes first to a relay waits for the other, whose dial may be lost a few times. */
#define KH_RELAY_WAIT_US INT64_C (15000000)
/* Without a byte: a channel sends a PING every 5 s and is lost after 20. */
#define KH_RELAY_IDLE_US INT64_C (120000000)

/* Counts */
#define KH_CALL_ROUNDS 3
/* 0 to 2 are the IPv4 ports of a round, 3 to 5 the IPv6 ones. */
#define KH_CALL_INDICES 8
#define KH_CALL_INDEX_V6 3
#define KH_CALL_INDEX_AGAIN 6    /* the port of 0, dialled to another endpoint */
#define KH_CALL_INDEX_MAPPED 7   /* a port that was named with MAPPED: no token */
#define KH_CALL_TOKENS 7         /* of a round: those of the indices before */
#define KH_CALL_PORT_MIN 1024    /* of a peer: below live services of a host */
#define KH_CALL_CANDIDATES_MAX 4 /* messages of a side */
#define KH_PROBE_INDICES 16
#define KH_PROBE_PORT_MIN 1024 /* of a named port: below live services of a host */
#define KH_PROBES_MAX 256      /* at a server */
#define KH_PROBE_DIALS_MAX 8   /* of a probe at a time */
#define KH_DIALS_MAX 64        /* of a server at a time */
#define KH_CLIENT_ROOMS_MAX 8
#define KH_CLIENT_CALLS_MAX 8   /* made; and as many received */
#define KH_CLIENT_TOKENS_MAX 16 /* not used yet */
#define KH_CLIENT_UNREAD_MAX 65536
#define KH_CLIENT_CLASSES_MAX 10 /* changes a minute: each is told to whole rooms */

typedef enum
{
  /* Client to server */
  KH_MESSAGE_HELLO = 0x01,
  KH_MESSAGE_JOIN = 0x02,
  KH_MESSAGE_LEAVE = 0x03,
  KH_MESSAGE_PING = 0x04,
  KH_MESSAGE_CLASS = 0x05,
  KH_MESSAGE_CALL = 0x10,
  KH_MESSAGE_ANSWER = 0x11,
  KH_MESSAGE_ROUND = 0x12,
  KH_MESSAGE_GO = 0x13,
  KH_MESSAGE_HANG_UP = 0x14,
  KH_MESSAGE_MAPPED = 0x15,
  KH_MESSAGE_CANDIDATES = 0x16,
  KH_MESSAGE_PROBE = 0x20,
  KH_MESSAGE_DIAL = 0x21,
  /* Server to client */
  KH_MESSAGE_WELCOME = 0x81,
  KH_MESSAGE_JOINED = 0x82,
  KH_MESSAGE_PEERS = 0x83,
  KH_MESSAGE_PONG = 0x84,
  KH_MESSAGE_REPLACED = 0x85,
  KH_MESSAGE_REFUSED = 0x86,
  KH_MESSAGE_CALLED = 0x90,
  KH_MESSAGE_ANSWERED = 0x91,
  KH_MESSAGE_OBSERVED = 0x92,
  KH_MESSAGE_ENDPOINT = 0x93,
  KH_MESSAGE_PEER_GO = 0x94,
  KH_MESSAGE_HUNG_UP = 0x95,
  KH_MESSAGE_PEER_ROUND = 0x96,
  KH_MESSAGE_PEER_CANDIDATES = 0x97,
  KH_MESSAGE_RELAY_REFUSED = 0x98,
  KH_MESSAGE_PROBED = 0xa0,
  KH_MESSAGE_DIALLED = 0xa1,
} KhMessageType;

typedef enum
{
  KH_WELCOME_LOBBY = 1 << 0, /* there is a lobby */
  KH_WELCOME_RELAY = 1 << 1,
} KhWelcomeFlags;

typedef enum
{
  KH_JOINED = 0,
  KH_JOINED_WAIT = 1, /* too many joins of late */
  KH_JOINED_REFUSED = 2,
  KH_JOINED_TOO_MANY = 3, /* in too many rooms already */
} KhJoinedResult;

typedef enum
{
  KH_PEERS_FIRST = 1 << 0, /* a full list begins: forget who was known in the room */
  KH_PEERS_LAST = 1 << 1,  /* the full list is whole */
} KhPeersFlags;

typedef enum
{
  KH_REFUSED_VERSION = 1,
  KH_REFUSED_FULL = 2,
  KH_REFUSED_SHUTTING_DOWN = 3,
  KH_REFUSED_BAD_MESSAGE = 4,
  KH_REFUSED_TOO_SLOW = 5,
  KH_REFUSED_TOO_MANY_MESSAGES = 6,
} KhRefusedCode;

typedef enum
{
  KH_VERDICT_ASKING = 1,
  KH_VERDICT_ACCEPT = 2,
  KH_VERDICT_DECLINE = 3,
  KH_VERDICT_BUSY = 4,
} KhVerdict;

typedef enum
{
  KH_HANG_UP_DONE = 0,
  KH_HANG_UP_NOT_ONLINE = 1,
  KH_HANG_UP_TOO_MANY = 2,
  KH_HANG_UP_TIMEOUT = 3,
  KH_HANG_UP_CANCELLED = 4,
  KH_HANG_UP_DECLINED = 5,
  KH_HANG_UP_NO_PATH = 6,
  KH_HANG_UP_SUPERSEDED = 7,
  KH_HANG_UP_BAD_CALL = 8,
} KhHangUpReason;

typedef enum
{
  KH_RELAY_REFUSED_OFF = 1,    /* the operator has switched it off */
  KH_RELAY_REFUSED_VOLUME = 2, /* what one of the two may send in a day is used up */
  KH_RELAY_REFUSED_BUSY = 3,   /* the server relays too much right now */
} KhRelayRefusal;

/* From where, and to which of a client's ports, the server dials back. */
typedef enum
{
  KH_DIAL_FROM_OTHER_PORT = 1,
  KH_DIAL_FROM_OTHER_ADDRESS = 2,
  KH_DIAL_TO_CLOSED_PORT = 3,
  KH_DIAL_TO_NAMED_PORT = 4,
} KhProbeDial;

typedef enum
{
  KH_DIALLED_NOTHING = 0, /* nothing to tell */
  KH_DIALLED_CONNECTED = 1,
  KH_DIALLED_REFUSED = 2,     /* RST */
  KH_DIALLED_UNREACHABLE = 3, /* ICMP */
  KH_DIALLED_SILENT = 4,
  KH_DIALLED_IMPOSSIBLE = 5, /* no such address of the server, no such index */
  KH_DIALLED_LATER = 6,      /* too many of late */
} KhProbeResult;

/* HELLO */
typedef struct
{
  uint16_t version;
  uint32_t capabilities;
  uint8_t flags;
  KhText name; /* 1 to KH_NAME_LEN_MAX */
} KhMsgHello;

/* JOIN, LEAVE, JOINED */
typedef struct
{
  uint8_t id[KH_ROOM_ID_LEN];
  uint8_t result; /* KhJoinedResult, in JOINED only */
} KhMsgRoom;

/* PING, PONG */
typedef struct
{
  uint32_t cookie;
} KhMsgPing;

/* WELCOME */
typedef struct
{
  uint16_t version;
  uint32_t capabilities;
  uint8_t flags;       /* KhWelcomeFlags */
  KhEndpoint endpoint; /* the client's own, as the server sees it */
  uint8_t secret[KH_TOKEN_SECRET_LEN];
  uint8_t n_assist; /* writing: at most KH_WELCOME_ASSIST_MAX; further ones in
                       what is read are skipped */
  KhEndpoint assist[KH_WELCOME_ASSIST_MAX];
  KhText helper; /* address of another server that dials back; empty: none. At most
                    KH_WELCOME_HELPER_LEN_MAX */
} KhMsgWelcome;

/* CLASS */
typedef struct
{
  uint8_t nat_class; /* what the peers are told is its lower seven bits */
} KhMsgClass;

/* One entry of PEERS. */
typedef struct
{
  bool online;
  uint8_t nat_class; /* at most 127; 0: not known, and of those who are not online */
  uint8_t id[KH_ID_LEN];
  KhText name; /* empty unless online */
} KhMsgPeer;

/* PEERS: take each entry with kh_messages_next_peer(). */
typedef struct
{
  uint8_t room_id[KH_ROOM_ID_LEN];
  uint8_t flags; /* KhPeersFlags */
  uint16_t n_left;
  KhReader entries;
} KhMsgPeers;

/* REFUSED */
typedef struct
{
  uint8_t code; /* KhRefusedCode */
} KhMsgRefused;

/* What the server passes on unread; kh_messages_read_introduction() reads it. */
typedef struct
{
  const uint8_t *bytes;
  size_t len; /* at most KH_INTRODUCTION_LEN_MAX */
} KhMsgOpaque;

/* CALL, CALLED */
typedef struct
{
  uint8_t call_id[KH_CALL_ID_LEN];
  uint8_t peer_id[KH_ID_LEN]; /* whom to call; in CALLED who calls */
  KhText name;                /* in CALLED only */
  KhMsgOpaque introduction;
} KhMsgCall;

/* ANSWER, ANSWERED */
typedef struct
{
  uint8_t call_id[KH_CALL_ID_LEN];
  uint8_t verdict; /* KhVerdict */
  KhMsgOpaque introduction;
} KhMsgAnswer;

/* ROUND, GO, PEER_ROUND, PEER_GO */
typedef struct
{
  uint8_t call_id[KH_CALL_ID_LEN];
  uint8_t round; /* 1 to KH_CALL_ROUNDS */
} KhMsgRound;

/* HANG_UP, HUNG_UP */
typedef struct
{
  uint8_t call_id[KH_CALL_ID_LEN];
  uint8_t reason; /* KhHangUpReason */
} KhMsgHangUp;

/* MAPPED */
typedef struct
{
  uint8_t call_id[KH_CALL_ID_LEN];
  uint8_t round; /* 1 to KH_CALL_ROUNDS */
  uint16_t port; /* any: judged by the directory */
} KhMsgMapped;

/* CANDIDATES, PEER_CANDIDATES */
typedef struct
{
  uint8_t call_id[KH_CALL_ID_LEN];
  KhMsgOpaque sealed; /* at most KH_CANDIDATES_LEN_MAX */
} KhMsgCandidates;

/* RELAY_REFUSED */
typedef struct
{
  uint8_t call_id[KH_CALL_ID_LEN];
  uint8_t reason; /* KhRelayRefusal */
} KhMsgRelayRefused;

/* OBSERVED, ENDPOINT */
typedef struct
{
  uint8_t call_id[KH_CALL_ID_LEN];
  uint8_t round;
  uint8_t index; /* below KH_CALL_INDICES */
  KhEndpoint endpoint;
} KhMsgEndpoint;

/* PROBE */
typedef struct
{
  uint8_t probe_id[KH_CALL_ID_LEN];
} KhMsgProbe;

/* DIAL, DIALLED */
typedef struct
{
  uint8_t probe_id[KH_CALL_ID_LEN];
  uint8_t index;   /* below KH_PROBE_INDICES */
  uint8_t from;    /* KhProbeDial */
  uint16_t port;   /* in DIAL only, for a named one */
  uint8_t result;  /* KhProbeResult, in DIALLED only */
  uint16_t wait_s; /* in DIALLED only, for LATER */
} KhMsgDial;

/* PROBED */
typedef struct
{
  uint8_t probe_id[KH_CALL_ID_LEN];
  uint8_t index; /* below KH_PROBE_INDICES */
  KhEndpoint endpoint;
} KhMsgProbed;

typedef struct
{
  KhMessageType type;
  union
  {
    KhMsgHello hello;
    KhMsgRoom room;
    KhMsgPing ping;
    KhMsgClass klass;
    KhMsgWelcome welcome;
    KhMsgPeers peers;
    KhMsgRefused refused;
    KhMsgCall call;
    KhMsgAnswer answer;
    KhMsgRound round;
    KhMsgHangUp hang_up;
    KhMsgMapped mapped;
    KhMsgCandidates candidates;
    KhMsgRelayRefused relay_refused;
    KhMsgEndpoint endpoint;
    KhMsgProbe probe;
    KhMsgDial dial;
    KhMsgProbed probed;
  };
} KhMessage;

typedef enum
{
  KH_MESSAGE_READ,
  KH_MESSAGE_UNKNOWN, /* a later version's: drop and count */
  KH_MESSAGE_BAD,     /* does not keep to its layout */
} KhMessageResult;

/* @message is only valid after KH_MESSAGE_READ. What is read keeps the layout and
 * the ranges noted beside the fields above; codes may be unknown ones. */
KhMessageResult kh_messages_read (KhMessage *message, const uint8_t *bytes, size_t len);

/* Any type but PEERS. False when it does not fit the writer or breaks a range. */
bool kh_messages_write (KhWriter *writer, const KhMessage *message);

/* The next entry; false when there is none left. */
bool kh_messages_next_peer (KhMsgPeers *peers, KhMsgPeer *peer);

/* PEERS is begun, filled with entries while add() says that there is room, and
 * ended. Several can't be open at a time on one writer. */
typedef struct
{
  KhWriter *writer;
  uint8_t *flags_at;
  uint8_t *n_at;
  uint16_t n;
} KhPeersPage;

bool kh_messages_begin_peers (KhPeersPage *page, KhWriter *writer,
                              const uint8_t room_id[KH_ROOM_ID_LEN]);
/* False and nothing written when the entry does not fit any more. */
bool kh_messages_add_peer (KhPeersPage *page, const KhMsgPeer *peer);
void kh_messages_end_peers (KhPeersPage *page, uint8_t flags);

/* Introduction: what the two sides of a call tell each other. */
#define KH_INTRODUCTION_VERSION 2 /* 1 had transfers of one file */

typedef enum
{
  KH_CIPHER_CHACHAPOLY = 1 << 0,
  KH_CIPHER_AESGCM = 1 << 1,
} KhCiphers;

typedef enum
{
  KH_INTRODUCTION_NO_RELAY = 1 << 0,
} KhIntroductionFlags;

typedef struct
{
  uint8_t version;
  uint8_t ciphers; /* KhCiphers; in an answer exactly one */
  uint8_t nat_class;
  uint8_t flags;          /* KhIntroductionFlags */
  KhMsgOpaque candidates; /* sealed; none for now */
} KhIntroduction;

/* False when it is not an introduction, is one of an older version, or names no cipher
 * that is known here. Whoever is newer judges: a later version is not refused here. */
bool kh_messages_read_introduction (KhIntroduction *introduction, KhMsgOpaque opaque);
bool kh_messages_write_introduction (KhWriter *writer,
                                     const KhIntroduction *introduction);
