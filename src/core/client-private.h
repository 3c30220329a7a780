/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * client-private.h - the client from inside, for the files of core that are its
 * parts: client.c (opening, closing, options), client-server.c (what the server
 * says), client-people.c (who is who), call.c (one call) and link.c (one peer's
 * channel and session).
 */
#pragma once

#include "core/call.h"
#include "core/client.h"
#include "core/link.h"
#include "core/store-thread.h"
#include "core/wish-box.h"
#include "net/main-connection.h"
#include "proto/address.h"
#include "store/contacts.h"

/* A peer that the server says is online. */
typedef struct
{
  KhPeerId id;
  char *name;
  bool listed; /* in the full list that is just coming in */
} KhOnlinePeer;

/* Failed calls in a row with one peer. */
typedef struct
{
  KhPeerId id;
  guint n_failed;
  gint64 wait_until_us;
} KhCallFailures;

struct _KhClient
{
  GObject parent_instance;

  /* Owned */
  KhFolderLock *lock;
  KhStoreThread *store;
  KhMainConnection *main;
  GHashTable *contacts; /* KhPeerId in KhStoredContact */
  GHashTable *peers;    /* KhOnlinePeer */
  GHashTable *calls;    /* KhCall: one a peer */
  GHashTable *links;    /* KhLink: one a peer */
  GPtrArray *old_links; /* KhLink: replaced by newer ones, saying goodbye */
  GHashTable *failures; /* KhCallFailures */
  char *name;
  char *room;
  char *save_to;
  char **only;          /* patterns; NULL: all */
  GPtrArray *transfers; /* KhLiveTransfer: that have not ended */
  GHashTable *failed;   /* KhPeerId: a transfer with them may be tried again */
  GHashTable *resumes;  /* resume.c's, by KhPeerId */
  KhWishBox *wish_box;

  /* State */
  KhAddress server;
  KhKeyPair identity;
  KhPeerId id;
  KhConsent consent;
  KhResume resume;
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
  bool closing;
  GTask *close_task; /* Owned: while close_async() waits */
};

/* A pair may fail six times in a row; then it waits, longer and longer. */
#define KH_CLIENT_FREE_FAILURES 6
#define KH_CLIENT_FIRST_WAIT_US INT64_C (30000000)
#define KH_CLIENT_LONGEST_WAIT_US INT64_C (600000000)

void kh_client_emit (KhClient *self, const KhEvent *event);

/* Nothing is open any more: close_async() need not wait longer. */
void kh_client_check_closed (KhClient *self);

/* client-server.c */
extern const KhMainListener kh_client_main_listener;

/* client-people.c */
void kh_client_set_peer (KhClient *self, const KhMsgPeer *peer);
void kh_client_begin_list (KhClient *self);
void kh_client_end_list (KhClient *self);
void kh_client_forget_peers (KhClient *self);
const KhStoredContact *kh_client_get_contact (KhClient *self, const KhPeerId *id);
bool kh_client_is_online (KhClient *self, const KhPeerId *id);

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

/* client-transfers.c */
void kh_client_update_rates (KhClient *self);

/* link.c has no channel any more. */
void kh_client_link_ended (KhClient *self, KhLink *link);
