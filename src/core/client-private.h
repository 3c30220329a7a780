/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * client-private.h - the client from inside, for the files of core that are its
 * parts: client.c (what it holds, loading, closing), client-open.c (opening),
 * client-address.c (which server, and whether it is there), client-server.c (what the
 * server says), client-people.c (who is who), client-contacts.c (who is kept),
 * client-conversations.c (what is unread and what waits), client-attempts.c (reports),
 * client-network.c (this computer's network), client-reach.c (ports of it that are open
 * from outside), client-meeting.c (those of a meeting point), client-settings.c, call.c
 * (one call) and link.c (one peer's channel and session).
 */
#pragma once

#include "core/call.h"
#include "core/client.h"
#include "core/link.h"
#include "core/network-test.h"
#include "core/network-watch.h"
#include "core/reach-test.h"
#include "core/store-thread.h"
#include "core/wish-box.h"
#include "net/main-connection.h"
#include "net/mapped-port.h"
#include "net/port-mapper.h"
#include "proto/address.h"
#include "store/contacts.h"

/* A peer that the server says is online. */
typedef struct
{
  KhPeerId id;
  char *name;
  bool listed; /* in the full list that is just coming in */
  KhNatClass nat_class;
} KhOnlinePeer;

/* Failed calls in a row with one peer. */
typedef struct
{
  KhPeerId id;
  guint n_failed;
  gint64 wait_until_us;
} KhCallFailures;

/* What is kept in memory of what was said with a peer. */
typedef struct
{
  guint n_unread;
  guint n_queued; /* messages that wait for the peer */
  gint64 active_at_ms;
} KhConversation;

struct _KhNews;

struct _KhClient
{
  GObject parent_instance;

  /* Owned */
  KhFolderLock *lock;
  KhStoreThread *store;
  KhMainConnection *main; /* NULL: no server is known, or it was left */
  GPtrArray *old_mains;   /* stopped, until none of their callbacks can run */
  GHashTable *contacts;   /* KhPeerId in KhStoredContact */
  GHashTable *peers;      /* KhOnlinePeer */
  GHashTable *calls;      /* KhCall: one a peer */
  GHashTable *links;      /* KhLink: one a peer */
  GPtrArray *old_links;   /* KhLink: replaced by newer ones, saying goodbye */
  GHashTable *failures;   /* KhCallFailures */
  char *name;
  char *room;
  char *save_to;             /* NULL: with @asks_folder, before one was set */
  char **only;               /* patterns; NULL: all */
  GPtrArray *transfers;      /* KhLiveTransfer: that have not ended */
  GHashTable *failed;        /* KhPeerId: a transfer with them may be tried again */
  GHashTable *resumes;       /* resume.c's, by KhPeerId */
  GHashTable *settings;      /* of whoever shows this: char * in char * */
  GHashTable *conversations; /* KhPeerId in KhConversation */
  GHashTable *attempts;      /* KhPeerId in KhAttempt: the last one of this run */
  GHashTable *gone_out;   /* KhItemId: messages sent in this run and not delivered yet */
  GHashTable *taken_back; /* KhItemId: messages that are just being deleted */
  GPtrArray *unsaved;     /* unsaved.h's */
  KhWishBox *wish_box;
  struct _KhHistory *history;  /* history.c's */
  KhNetworkTest *network_test; /* NULL: none runs */
  KhNetworkWatch *network_watch;
  KhMappedPort *mapped_port; /* NULL: no port is, or is to be, open from outside */
  KhPortMapper *mapper;
  KhReachTest *reach_test; /* of the mapped port; NULL: it can't or need not be tested */
  char *helper;            /* of the server, "" where it has none */

  /* State */
  KhAddress server; /* the host is "" where none is known */
  KhKeyPair identity;
  KhPeerId id;
  KhConsent consent;
  KhReach reach;
  KhPortMapping mapping;    /* of that port, by the router */
  guint16 mapped_by_router; /* the mapper was asked for this one; 0: for none */
  guint16 tested_port;      /* that network.reachable is about */
  guint16 meeting_ports[2]; /* of a meeting point here, main and assist; 0: none */
  KhMeetingPorts meeting;
  KhEndpoint way_out[2]; /* the gateway and the own address on that way */
  guint n_sprays;        /* of random ports in the hour that began then */
  gint64 sprays_since_us;
  KhResume resume;
  gboolean has_window;
  gboolean asks_folder;
  guint64 quota;
  guint64 limit_up; /* bytes a second; 0: no limit */
  guint64 limit_down;
  guint resume_source;
  guint n_links; /* that there have been */
  KhMsgWelcome welcome;
  guint8 room_id[KH_ROOM_ID_LEN];
  guint8 remembered_key[KH_KEY_LEN]; /* of a server whose address has none */
  gboolean has_remembered_key;
  bool room_is_weak;
  bool peers_ready;
  bool wants_online;   /* go_online() came after the last go_offline() */
  bool refused;        /* the server is not dialled again by itself */
  guint n_key_lookups; /* set_server() waits for the last one; its number */
  bool looks_up_key;
  guint old_mains_source;
  guint most_attempts; /* in memory before some are dropped */
  KhNetworkInfo network;
  bool needs_network_test; /* the last one could not tell */
  KhNatClass told_class;   /* what the server was told of this network in this login */
  bool closing;
  GTask *close_task; /* Owned: while close_async() waits */
};

/* A pair may fail six times in a row; then it waits, longer and longer. */
#define KH_CLIENT_FREE_FAILURES 6
#define KH_CLIENT_FIRST_WAIT_US INT64_C (30000000)
#define KH_CLIENT_LONGEST_WAIT_US INT64_C (600000000)

/* Calls of people who are no contacts that wait for an answer at the same time. */
#define KH_CLIENT_MOST_REQUESTS 64

void kh_client_emit (KhClient *self, const KhEvent *event);

/* KH_EVENT_TROUBLE: what the store says when something could not be kept. */
void kh_client_emit_trouble (KhClient *self, const GError *error);

/* Nothing is open any more: close_async() need not wait longer. */
void kh_client_check_closed (KhClient *self);

/* client.c: what waits for the disk; on any thread, before the client is used. The
 * caller starts the store's thread. */
bool kh_client_load (KhClient *self, const KhClientOptions *options, KhStore **opened,
                     GError **error);

/* client-address.c */

/* The main connection is there, or is to be: false where no server is known. */
bool kh_client_has_server (KhClient *self);

/* Online at it now. */
bool kh_client_at_server (KhClient *self);

/* False: not online, or the server reads nothing. */
bool kh_client_say (KhClient *self, const KhMessage *message);

/* Also from inside one of its callbacks. */
void kh_client_stop_main (KhClient *self);
void kh_client_drop_main (KhClient *self);

bool kh_client_parse_server (const char *text, KhAddress *address, GError **error);
char *kh_client_check_name (const char *name, GError **error);
bool kh_client_is_weak (const char *room);

/* client-server.c */
extern const KhMainListener kh_client_main_listener;

/* client-people.c */
void kh_client_set_peer (KhClient *self, const KhMsgPeer *peer);
void kh_client_begin_list (KhClient *self);
void kh_client_end_list (KhClient *self);
void kh_client_forget_peers (KhClient *self);

/* The same, and tells that each has gone. */
void kh_client_lose_peers (KhClient *self);

const KhStoredContact *kh_client_get_contact (KhClient *self, const KhPeerId *id);
bool kh_client_is_online (KhClient *self, const KhPeerId *id);

/* What it claims of its network; 0 where it is not online or nothing is known. */
KhNatClass kh_client_class_of (KhClient *self, const KhPeerId *id);

/* For a direct connection with it; KH_OUTLOOK_UNKNOWN where it is not online. */
KhOutlook kh_client_outlook_of (KhClient *self, const KhPeerId *id);

/* What it calls itself, else called itself when last seen; "". Valid likewise. */
const char *kh_client_announced_name (KhClient *self, const KhPeerId *id);

/* The petname, else the announced name, else "". Valid until something changes. */
const char *kh_client_name_of (KhClient *self, const KhPeerId *id);

/* client-calls.c */
void kh_client_receive_call (KhClient *self, const KhMsgCall *called);
KhCall *kh_client_find_call (KhClient *self, const guint8 call_id[KH_CALL_ID_LEN]);
void kh_client_end_calls (KhClient *self, KhCallEnd end);

/* The call is over, with or without a channel; frees it. */
void kh_client_call_failed (KhClient *self, KhCall *call, KhCallEnd end,
                            KhPunchFailure failure);
void kh_client_call_won (KhClient *self, KhCall *call, KhPunchWin *win);

/* A call of theirs that nobody has answered is over; they are not told. */
void kh_client_drop_request (KhClient *self, const KhPeerId *id);

/* client-contacts.c: NULL only for an id that is no contact and can't be kept. */
KhStoredContact *kh_client_require_contact (KhClient *self, const KhPeerId *id);

/* client-conversations.c */
bool kh_client_load_conversations (KhClient *self, KhStore *store, GError **error);
const KhConversation *kh_client_get_conversation (KhClient *self, const KhPeerId *id);
void kh_client_count_event (KhClient *self, const KhEvent *event);
void kh_client_count_news (KhClient *self, const struct _KhNews *news);
void kh_client_mark_read (KhClient *self, const KhPeerId *id);

/* client-attempts.c: the last one of this run; NULL: none. */
KhAttempt *kh_client_get_attempt (KhClient *self, const KhPeerId *id);
void kh_client_set_attempt (KhClient *self, KhAttempt *attempt);

/* With @peer, or NULL: with anybody, in memory; not what is under way. */
void kh_client_forget_attempts (KhClient *self, const KhPeerId *peer);

/* One that has ended goes into the store. */
void kh_client_keep_attempt (KhClient *self, KhAttempt *attempt);

/* client-network.c */
void kh_client_network_online (KhClient *self);
void kh_client_network_offline (KhClient *self);
void kh_client_network_message (KhClient *self, const KhMessage *message);
void kh_client_network_changed (gpointer client);

/* What is known of this network, or allowed in it, is something else: others learn the
 * class, and KH_EVENT_NETWORK comes. */
void kh_client_tell_network (KhClient *self);
void kh_client_reach_tested (KhClient *self, KhTristate reachable);

/* Whether the main connection still stands is to show soon. */
void kh_client_check_main (KhClient *self);
void kh_client_network_round_trip (KhClient *self, gint64 round_trip_us);

/* Its ports and the secret for tokens: wipe it. */
void kh_client_describe_server (KhClient *self, KhProbeServer *server);

/* client-reach.c: whether random ports may be sprayed in the next call; that they are. */
bool kh_client_may_spray (KhClient *self);
void kh_client_count_spray (KhClient *self);

/* The port that is open from outside, where this computer is seen at @seen; 0: none. */
guint16 kh_client_mapped_port (KhClient *self, const KhEndpoint *seen);

/* Whenever the server has told where this computer is seen. */
void kh_client_reach_online (KhClient *self);
void kh_client_reach_network_changed (KhClient *self);

/* The mapped port is tested while the server is there and no other probe runs. */
void kh_client_reach_test (KhClient *self);
void kh_client_reach_offline (KhClient *self);
void kh_client_reach_message (KhClient *self, const KhMessage *message);

/* The one mapper of this client. */
KhPortMapper *kh_client_require_mapper (KhClient *self);

/* client-meeting.c: after a change of what is allowed, or of the network. */
void kh_client_meeting_update (KhClient *self);

/* Whether it is about a port of the meeting point. */
bool kh_client_meeting_mapped (KhClient *self, const KhPortMapping *mapping);

/* Takes back what the router was asked for: kh_client_check_closed() waits for it. */
void kh_client_reach_close (KhClient *self);
void kh_client_reach_free (KhClient *self);
/* For a direct connection with somebody of that class, as things are here. */
KhOutlook kh_client_judge (KhClient *self, KhNatClass other);

/* client-settings.c */
bool kh_client_load_settings (KhClient *self, KhStore *store, GError **error);

/* client-transfers.c */
void kh_client_update_rates (KhClient *self);

/* The channel broke; and link.c has none any more. */
void kh_client_link_lost (KhClient *self, KhLink *link);
void kh_client_link_ended (KhClient *self, KhLink *link);

/* A call that nobody hears of unless it brings a direct path. */
void kh_client_call_for_direct (KhClient *self, const KhPeerId *id);
