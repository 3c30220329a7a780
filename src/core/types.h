/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * types.h - the values that core shows to cli and app.
 *
 * A KhEvent says what happened; which of its fields count is noted beside each
 * kind. Everything in it is borrowed for the time of the signal. Sentences for
 * people are composed by whoever shows them, from the kinds and reasons here.
 *
 * Sizes are bytes. Durations are milliseconds, points in time Unix milliseconds.
 */
#pragma once

#include "net/main-error.h"
#include "proto/address.h"
#include "proto/endpoint.h"
#include "proto/frame.h"
#include "proto/nat-class.h"
#include "proto/nat.h"
#include "proto/punch.h"
#include "proto/tree.h"
#include "store/store-error.h"

#include <glib.h>

#define KH_ID_TEXT_LEN 56 /* characters of an identity's text */
#define KH_MESSAGE_TEXT_MAX KH_FRAME_TEXT_MAX
#define KH_FORWARDED_PORT_MIN KH_CALL_PORT_MIN

typedef struct
{
  guint8 bytes[32];
} KhPeerId;

/* A message or a transfer. */
typedef struct
{
  guint8 bytes[16];
} KhItemId;

/* Whose calls and offers are taken. */
typedef enum
{
  KH_CONSENT_NONE,
  KH_CONSENT_ASK,      /* KH_EVENT_CALL_REQUEST and KH_EVENT_OFFER wait for an answer */
  KH_CONSENT_CONTACTS, /* contacts without a question, others never */
  KH_CONSENT_ALL,
} KhConsent;

/* Ways to a peer that a person may forbid. All zero: none is. */
typedef struct
{
  gboolean no_relay;
  gboolean no_port_mapping;
  gboolean no_spray;      /* of random ports, hundreds at a time */
  guint16 forwarded_port; /* open from outside by the router's own settings; 0: none */
} KhReach;

/* Why there is no channel. */
typedef enum
{
  KH_CALL_END_NOT_ONLINE, /* or in no room that we are in */
  KH_CALL_END_DECLINED,
  KH_CALL_END_BUSY,
  KH_CALL_END_NO_ANSWER,    /* nobody answered within a minute */
  KH_CALL_END_CANCELLED,    /* the other side gave up, or we did */
  KH_CALL_END_NO_PATH,      /* see KhPunchFailure */
  KH_CALL_END_OFFLINE,      /* this client lost its server meanwhile */
  KH_CALL_END_TOO_MANY,     /* too many calls at a time */
  KH_CALL_END_WAIT,         /* too many failures in a row: wait_ms */
  KH_CALL_END_INCOMPATIBLE, /* the peer's version has no cipher or protocol in common */
} KhCallEnd;

/* Why nothing went through the server's relay. */
typedef enum
{
  KH_RELAY_UNKNOWN, /* or it was tried in vain */
  KH_RELAY_REFUSED_HERE,
  KH_RELAY_REFUSED_THERE,
  KH_RELAY_SWITCHED_OFF, /* the server has none */
  KH_RELAY_USED_UP,      /* what the server relays for one of the two in a day */
  KH_RELAY_BUSY,
} KhRelayState;

/* Why a channel ended. */
typedef enum
{
  KH_LINK_END_PEER_LEFT, /* it said goodbye */
  KH_LINK_END_LOST,      /* the connection broke */
  KH_LINK_END_SILENT,    /* nothing came any more */
  KH_LINK_END_BAD,       /* it sent what can't be read */
  KH_LINK_END_LEFT,      /* this side closed it */
  KH_LINK_END_REPLACED,  /* by a newer channel to the same peer */
} KhLinkEnd;

/* How a transfer ended that did not wholly arrive. */
typedef enum
{
  KH_TRANSFER_END_FAILED,    /* some files, or all of it: see status and n_failed */
  KH_TRANSFER_END_DECLINED,  /* by the other side */
  KH_TRANSFER_END_CANCELLED, /* by a person at either end */
} KhTransferEnd;

typedef enum
{
  KH_PHASE_LISTING, /* its files are being listed */
  KH_PHASE_OFFERED, /* waits for the person at the other side, or here */
  KH_PHASE_RUNNING, /* accepted; it goes on whenever there is a channel */
  KH_PHASE_DONE,    /* this and the following are final */
  KH_PHASE_DECLINED,
  KH_PHASE_CANCELLED,
  KH_PHASE_FAILED, /* can be tried again */
} KhTransferPhase;

typedef enum
{
  KH_EVENT_ONLINE,  /* text: the server's address with its key */
  KH_EVENT_OFFLINE, /* text: why, or NULL: this side left; code: KhMainError, final */
  KH_EVENT_ROOM_REFUSED, /* text: why the room was not joined */
  KH_EVENT_PEER,         /* peer, name, online, nat_class, outlook: someone came, went or
                            changed the name */
  KH_EVENT_PEER_NETWORK, /* peer, name, online, nat_class, outlook: its network is another
                            one, or has only now been tested */
  KH_EVENT_PEERS_READY,  /* the list of who is online is complete */
  KH_EVENT_CALL_REQUEST, /* peer, name, known: answer with kh_client_answer_call() */
  KH_EVENT_CALL_WAITING, /* peer, name: the person there is being asked */
  KH_EVENT_PUNCH,        /* peer, name, step, round, caller, port, own, remote, ms */
  KH_EVENT_STRANGER,     /* peer, name: someone else answered at the punched address */
  KH_EVENT_CONNECTED,    /* peer, name, path, own, remote, ms, text: the cipher */
  KH_EVENT_CALL_ENDED,   /* peer, name, call_end, failure, wait_ms, stranger */
  KH_EVENT_DISCONNECTED, /* peer, name, link_end */
  KH_EVENT_MESSAGE,      /* peer, name, item, text, at_ms */
  KH_EVENT_DELIVERED,    /* peer, item */
  KH_EVENT_OFFER,        /* peer, name, item, text: what it is called, n_files, n_folders,
                            total; waiting: answer with kh_client_answer_offer();
                            status: OVER_QUOTA where it would not have to but for that;
                            repeated: the channel is another, the offer was told before */
  KH_EVENT_PROGRESS,     /* peer, item, outgoing, text: path of the file, file_bytes,
                            file_total; of the transfer: bytes, total, n_files,
                            n_done */
  KH_EVENT_FILE, /* peer, item, outgoing, text: path, bytes, there: a received file
                    is in place, or the peer has one that was sent */
  KH_EVENT_FILE_RESTARTED, /* peer, item, outgoing, text: path: its source has changed, so
                              it begins again */
  KH_EVENT_FILE_FAILED,    /* peer, item, outgoing, text: path, status */
  KH_EVENT_TRANSFER,       /* peer, item, outgoing, text: name, phase, paused_here,
                              paused_there: one of these has changed; when it was just
                              listed n_left_out: what is neither file nor folder */
  KH_EVENT_INTERRUPTED,    /* peer, item, outgoing, text: name, bytes, total: the channel
                              has ended; it goes on by itself over the next one */
  KH_EVENT_DONE,           /* peer, item, outgoing, text: name, n_files: with those
                              that were there, bytes, ms, n_there, n_left_out */
  KH_EVENT_TRANSFER_ENDED, /* peer, item, outgoing, text: name, transfer_end, status,
                              code: KhTreeVerdict where the files can not be listed,
                              n_files: that arrived, n_failed, bytes; here: it was
                              cancelled at this side */
  KH_EVENT_SENT,    /* peer, item: a message went out over the channel that stands; where
                       that ends first it waits again */
  KH_EVENT_CONTACT, /* peer: added, changed or forgotten */
  KH_EVENT_NETWORK, /* kh_client_get_network() has something new */
  KH_EVENT_PONG,    /* peer, round_trip_us */
  KH_EVENT_TROUBLE, /* text: why the data folder can't be written; code: KhStoreError */
} KhEventKind;

/* What the router opens a port by. */
typedef enum
{
  KH_MAPPED_UNKNOWN,
  KH_MAPPED_NOT,
  KH_MAPPED_BY_UPNP,
  KH_MAPPED_BY_NAT_PMP,
  KH_MAPPED_BY_PCP,
} KhMappedBy;

/* What has come of opening a meeting point on this computer to friends outside. */
typedef enum
{
  KH_MEETING_PORTS_OFF,        /* it was not asked for */
  KH_MEETING_PORTS_ASKING,     /* the router has not answered yet */
  KH_MEETING_PORTS_OPEN,       /* main and assist lead in */
  KH_MEETING_PORTS_NOT_NEEDED, /* this computer has a public address itself */
  KH_MEETING_PORTS_FORBIDDEN,  /* no_port_mapping of KhReach */
  KH_MEETING_PORTS_CLOSED,     /* the router opens none, or not both */
  KH_MEETING_PORTS_SECOND_NAT, /* it has, but another router is before it */
} KhMeetingPortsState;

typedef struct
{
  KhMeetingPortsState state;
  KhEndpoint main; /* outside; family 0 unless OPEN */
  KhEndpoint assist;
} KhMeetingPorts;

/* What is known of this computer's network; what was not measured is unknown. */
typedef struct
{
  KhNatType type;
  KhNatBehaviour mapping;
  KhNatBehaviour filtering;
  KhPortAllocation port_allocation;
  int step;              /* of sequential ports; 0: not known */
  KhNatDial unsolicited; /* what becomes of a connection that nobody waits for */
  KhTristate behind_nat; /* the server sees another address than this computer has */
  KhTristate hairpin;
  KhTristate second_nat;
  KhTristate ipv6;
  KhMappedBy port_mapping;
  guint16 mapped_port;         /* open from outside, by that or by hand; 0: none */
  KhTristate reachable;        /* the server has got through to that port */
  KhEndpoint local;            /* of the main connection; family 0: not online yet */
  KhEndpoint public_seen;      /* the same as the server sees it */
  KhEndpoint server;           /* its main port */
  gint64 server_round_trip_us; /* 0: not measured */
  gint64 measured_at_ms;       /* Unix milliseconds; 0: never */
  gboolean other_address;      /* there was a second address of a server to test with */
  gint64 tested_at_ms;         /* when the type was; 0: not in this network */
  gboolean measuring;
} KhNetworkInfo;

typedef struct
{
  KhEventKind kind;
  KhPeerId peer;
  const char *name; /* the petname of a contact, else what the peer calls itself */
  const char *text;
  KhItemId item;
  gboolean online;
  KhNatClass nat_class; /* as the peer claims; 0: not known */
  KhOutlook outlook;    /* for a direct connection with it */
  gboolean final;
  gboolean known;  /* a contact */
  gboolean caller; /* this side made the call */
  gboolean outgoing;
  gboolean waiting;
  gboolean repeated;
  gboolean stranger; /* someone else answered at the peer's address */
  int code;
  guint step; /* 1 to 8, in the numbering of the caller (design: the eight steps) */
  gboolean dials_only; /* the system lets nothing listen on the port that dials */
  guint round;
  guint16 port; /* the local one */
  KhEndpoint own;
  KhEndpoint remote;
  KhPathKind path;
  KhCallEnd call_end;
  KhPunchFailure failure;
  KhRelayState relay; /* of a call that found no path */
  KhLinkEnd link_end;
  KhTransferEnd transfer_end;
  KhTransferPhase phase;
  KhFrameStatus status;
  gboolean paused_here;
  gboolean paused_there;
  gboolean here;  /* by a person at this side */
  gboolean there; /* it was there before and is the same */
  guint n_files;
  guint n_folders;
  guint n_done; /* of n_files: in place, or there before */
  guint n_there;
  guint n_failed;
  guint n_left_out;
  guint64 bytes;
  guint64 total;
  guint64 file_bytes;
  guint64 file_total;
  gint64 at_ms;
  gint64 ms; /* since the call, or its arrival; of a transfer since its acceptance */
  gint64 wait_ms;
  gint64 round_trip_us;
} KhEvent;

/* What is known of a transfer; a copy. Files are counted, not folders. */
typedef struct
{
  gint64 seq; /* grows; newer ones have higher ones */
  KhPeerId peer;
  KhItemId item;
  gboolean outgoing;
  KhTransferPhase phase;
  char *peer_name; /* the petname of a contact, else what is known; may be "" */
  char *name;
  char *folder; /* incoming: where it is saved to; NULL until it is accepted */
  guint n_files;
  guint wanted_files; /* less than n_files where parts are left out */
  guint done_files;
  guint there_files;
  guint failed_files;
  guint64 wanted_bytes;
  guint64 done_bytes;
  KhFrameStatus status;
  gboolean can_retry;
  gboolean paused_here;
  gboolean paused_there;
  gint64 started_at_ms;
  gint64 ended_at_ms; /* 0 until it ends */
} KhTransferInfo;

void kh_transfer_info_free (KhTransferInfo *info);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KhTransferInfo, kh_transfer_info_free)

typedef enum
{
  KH_ENTRY_IS_PENDING,
  KH_ENTRY_IS_DONE,
  KH_ENTRY_WAS_THERE,
  KH_ENTRY_HAS_FAILED,
  KH_ENTRY_WAS_LEFT_OUT,
} KhEntryStatus;

/* A file, folder or link of an offer. */
typedef struct
{
  guint8 kind;     /* KhTreeKind */
  char *path;      /* as the sender wrote it */
  char *safe_path; /* as it will be called here */
  guint64 size;
  char *place; /* where it is on this computer: of an outgoing one what is sent, of an
                  incoming one what has arrived; NULL: not (yet) */
  guint depth; /* 0: of the top */
  KhEntryStatus state;
  KhFrameStatus status; /* why it failed */
  guint number;         /* in the tree; of an ended transfer some are not kept */
} KhEntryInfo;

void kh_entry_info_free (KhEntryInfo *info);

gboolean kh_peer_id_equal (const KhPeerId *one, const KhPeerId *other);
guint kh_peer_id_hash (gconstpointer id);
gboolean kh_peer_id_equal_func (gconstpointer one, gconstpointer other);
guint kh_item_id_hash (gconstpointer id);
gboolean kh_item_id_equal_func (gconstpointer one, gconstpointer other);

/* The identity's text, KH_ID_TEXT_LEN characters. */
char *kh_peer_id_to_text (const KhPeerId *id);

/* 32 hexadecimal digits. */
char *kh_item_id_to_text (const KhItemId *id);
