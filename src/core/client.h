/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * client.h - the client: all that cli and app see of Knothole.
 *
 * new() opens the data folder, go_online() dials the server and stays there; what
 * happens comes as the signal "event" (a const KhEvent *) on the main loop. Close
 * with close_async() so that peers hear a goodbye and nothing is lost.
 *
 * A message may be sent at any time: it is kept until the peer has it. So are files: a
 * transfer lives on until it ends, over channels and restarts. Where a channel to its
 * peer is lost, or the peer comes online and one is unfinished, the client calls by
 * itself if the options say so.
 *
 * Main loop only. Sizes are bytes.
 */
#pragma once

#include "core/types.h"

#include <gio/gio.h>

#define KH_CLIENT_ERROR (kh_client_error_quark ())
GQuark kh_client_error_quark (void);

typedef enum
{
  KH_CLIENT_ERROR_ADDRESS,   /* the server's address or the invite has a mistake */
  KH_CLIENT_ERROR_NO_SERVER, /* none was given and none is remembered */
  KH_CLIENT_ERROR_NAME,      /* the name is empty or not text */
  KH_CLIENT_ERROR_NAME_LONG,
  KH_CLIENT_ERROR_ROOM,
  KH_CLIENT_ERROR_TEXT, /* the message is empty, too long or not text */
  KH_CLIENT_ERROR_FILE, /* the file can't be sent */
  KH_CLIENT_ERROR_NOT_CONNECTED,
  KH_CLIENT_ERROR_TRANSFER, /* there is none such, or it has ended */
  KH_CLIENT_ERROR_PETNAME,  /* the name is another contact's */
  KH_CLIENT_ERROR_BACKUP,   /* the file or the passphrase is wrong */
} KhClientError;

/* Which peers the client calls by itself. */
typedef enum
{
  KH_RESUME_CALLED,    /* with whom a transfer is unfinished, if connected in this run */
  KH_RESUME_TRANSFERS, /* all with whom a transfer is unfinished */
  KH_RESUME_ALL,       /* also contacts for whom messages wait */
} KhResume;

/* What somebody who was never verified may fill of a disk without a question. */
#define KH_CLIENT_QUOTA (G_GUINT64_CONSTANT (64) << 30)

typedef struct
{
  const char *data_dir;
  const char
      *holder; /* who holds the data folder, for others who want it: "knothole-cli" */
  const char *server; /* address or invite; NULL: the one used last */
  const char *name;   /* NULL: the one used last, at first the user's name */
  const char
      *room; /* the word; NULL: the invite's, else the one used last, else the lobby */
  KhConsent consent;
  const char *save_to; /* folder for received files; with may_wait where none is kept */
  const char *const
      *only;     /* patterns: of what is taken unasked only what matches; NULL: all */
  guint64 quota; /* bytes a day that an unverified peer may send unasked; 0:
                    KH_CLIENT_QUOTA */
  KhResume resume;
  KhReach reach;
  gboolean has_window;  /* what channels do must not make it wait */
  gboolean may_wait;    /* no server is fine: kh_client_set_server() names it later */
  gboolean asks_folder; /* no folder is made: where none is kept, or it is gone, offers
                           wait for an answer with one */
} KhClientOptions;

#define KH_TYPE_CLIENT (kh_client_get_type ())
G_DECLARE_FINAL_TYPE (KhClient, kh_client, KH, CLIENT, GObject)

/* Server, name and room are remembered once the server has answered. KH_STORE_ERROR where
 * the data folder can't be used. */
KhClient *kh_client_new (const KhClientOptions *options, GError **error);

/* The same without waiting for the disk; @options is copied. */
void kh_client_open_async (const KhClientOptions *options, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer data);
KhClient *kh_client_open_finish (GAsyncResult *result, GError **error);

void kh_client_go_online (KhClient *self);

/* Leaves the server: others see this client go. Channels that stand go on, calls end. */
void kh_client_go_offline (KhClient *self);

typedef enum
{
  KH_SERVER_NONE,       /* no server is known yet */
  KH_SERVER_LEFT,       /* go_offline(), or go_online() was not called yet */
  KH_SERVER_CONNECTING, /* at first or again */
  KH_SERVER_ONLINE,
  KH_SERVER_REFUSED, /* it stays off until go_online(): see the last KH_EVENT_OFFLINE */
} KhServerState;

KhServerState kh_client_get_server_state (KhClient *self);

/* Another server, room and name, each NULL where it stays; an invite's room counts where
 * @room is NULL. Calls end, channels go on; it goes online there if it was to be online.
 * What was wrong is an error, and all stays as it was. It is remembered once the server
 * has answered. */
gboolean kh_client_set_server (KhClient *self, const char *server, const char *room,
                               const char *name, GError **error);

/* The address in use, without a key that was not typed; NULL: none. Free it. */
char *kh_client_get_server (KhClient *self);

/* Whom the invite names that set_server() or the options had; FALSE: nobody. */
gboolean kh_client_get_invited_by (KhClient *self, KhPeerId *id);

/* An invite to this server, room and identity. @host NULL, @port 0: as in the address.
 * NULL where there is no server. */
char *kh_client_make_invite (KhClient *self, const char *host, guint16 port);

/* Counts from the next call on. */
void kh_client_set_reach (KhClient *self, const KhReach *reach);

/* Where received files go that are taken from now on. Kept in the store. NULL: with
 * @asks_folder, before one was set. */
void kh_client_set_save_to (KhClient *self, const char *folder);
const char *kh_client_get_save_to (KhClient *self);

/* --- Settings of whoever shows this: kept in the store, read without waiting ---------
 */

/* @key is a word of the caller's, "app-..."; NULL where it was never set. */
const char *kh_client_get_setting (KhClient *self, const char *key);
void kh_client_set_setting (KhClient *self, const char *key, const char *value);

/* Says goodbye to peers and server and waits, two seconds at most, until they and the
 * disk have everything. No event comes after it has finished. */
void kh_client_close_async (KhClient *self, GAsyncReadyCallback callback, gpointer data);
void kh_client_close_finish (KhClient *self, GAsyncResult *result);

const KhPeerId *kh_client_get_id (KhClient *self);
const char *kh_client_get_name (KhClient *self);

/* The word of the room in use, "" for the lobby. */
const char *kh_client_get_room (KhClient *self);

/* The word was typed and is short: an operator can try weak words. */
gboolean kh_client_room_is_weak (KhClient *self);

/* --- People ---------------------------------------------------------------- */

typedef struct
{
  KhPeerId id;
  char *name;    /* what the peer calls itself; "" for a contact never seen */
  char *petname; /* NULL unless a contact */
  gboolean online;
  gboolean verified;
  KhNatClass nat_class; /* as it claims; 0: not known */
  KhOutlook outlook;    /* for a direct connection with it */
} KhPeerInfo;

void kh_peer_info_free (KhPeerInfo *info);

/* Everyone online, and all contacts. Array of KhPeerInfo that frees them. */
GPtrArray *kh_client_list_peers (KhClient *self);

typedef enum
{
  KH_FIND_CONTACT, /* it means this contact, online */
  KH_FIND_ID,      /* a stranger, by id */
  KH_FIND_NAME,    /* a stranger, by the name announced: ask first */
  KH_FIND_OFFLINE, /* a contact, or a whole id, not online */
  KH_FIND_NOBODY,
  KH_FIND_SEVERAL,   /* the name or beginning fits more than one */
  KH_FIND_OTHER_KEY, /* a contact that is away; somebody else is online by that name */
  KH_FIND_UNINVITED, /* another one than the invite names */
  KH_FIND_BAD_ID,    /* a whole id with a mistake in it: kh_profile_explain_id() */
} KhFindResult;

/* Whom @text means: a petname, a name or the beginning of an id; contacts first. @id is
 * set for the first four and, to the key that is online, for _OTHER_KEY and _UNINVITED.
 * Strangers need at least 16 characters of their id. Call it after KH_EVENT_PEERS_READY.
 */
KhFindResult kh_client_find (KhClient *self, const char *text, KhPeerId *id);

/* Keeps a peer; does nothing where it is kept. */
void kh_client_add_contact (KhClient *self, const KhPeerId *id);

/* One fact of a contact each, at once and in the store; keeps the peer where it is not
 * kept. KH_EVENT_CONTACT tells. Blocking ends calls and channel; who is blocked can't
 * call, and is not told so. */
typedef enum
{
  KH_CONTACT_VERIFIED,
  KH_CONTACT_BLOCKED,
  KH_CONTACT_MUTED, /* no notification */
  KH_CONTACT_ACCEPTS_CALLS,
  KH_CONTACT_ACCEPTS_OFFERS,
} KhContactFlag;

void kh_client_set_contact (KhClient *self, const KhPeerId *id, KhContactFlag flag,
                            gboolean value);

/* KH_CLIENT_ERROR_NAME, _NAME_LONG or _PETNAME where it can't be. */
gboolean kh_client_rename_contact (KhClient *self, const KhPeerId *id,
                                   const char *petname, GError **error);

/* No contact any more; what was said stays unless @history. The channel ends, and
 * transfers that are not finished are paused on this side. */
void kh_client_forget_contact (KhClient *self, const KhPeerId *id, gboolean history);

/* The 60 digits in groups of five, and the same number as KH_SAFETY_PICTURES pictures,
 * each 0 to 63, unless NULL: both sides get the same. */
#define KH_SAFETY_PICTURES 8
char *kh_client_safety_number (KhClient *self, const KhPeerId *id,
                               guint8 pictures[KH_SAFETY_PICTURES]);

/* The newest @limit reports of @peer, newest first: an array of KhAttempt. */
void kh_client_list_attempts_async (KhClient *self, const KhPeerId *peer, guint limit,
                                    GAsyncReadyCallback callback, gpointer data);
GPtrArray *kh_client_list_attempts_finish (KhClient *self, GAsyncResult *result,
                                           GError **error);

/* --- This computer's network ------------------------------------------------------- */

/* What is known; valid until KH_EVENT_NETWORK. */
const KhNetworkInfo *kh_client_get_network (KhClient *self);

/* Looks again; KH_EVENT_NETWORK tells when it has. */
void kh_client_test_network (KhClient *self);

/* Asks the router to let these ports of this computer in, the same outside where it can,
 * and keeps them open; 0 and 0: none any more. For the server of a meeting point, so it
 * does not matter which server this client is at. KH_EVENT_NETWORK tells what came of
 * it, also later. */
void kh_client_map_meeting_point (KhClient *self, guint16 main_port, guint16 assist_port);

/* Valid until KH_EVENT_NETWORK. */
const KhMeetingPorts *kh_client_get_meeting_ports (KhClient *self);

/* --- Calls ----------------------------------------------------------------- */

/* Ends in KH_EVENT_CONNECTED or KH_EVENT_CALL_ENDED. */
void kh_client_call (KhClient *self, const KhPeerId *id);
void kh_client_answer_call (KhClient *self, const KhPeerId *id, gboolean accept);

/* Ends the call or the channel. Transfers wait from then on, and neither side calls for
 * them by itself, until somebody calls, or sends, continues or accepts something. */
void kh_client_hang_up (KhClient *self, const KhPeerId *id);

gboolean kh_client_is_connected (KhClient *self, const KhPeerId *id);

/* --- Over the channel ------------------------------------------------------- */

/* Kept until it is delivered, which KH_EVENT_DELIVERED tells. */
gboolean kh_client_send_message (KhClient *self, const KhPeerId *id, const char *text,
                                 KhItemId *message, GError **error);

/* KH_EVENT_PONG answers. False when there is no channel. */
gboolean kh_client_ping (KhClient *self, const KhPeerId *id);

/* --- Files and folders ------------------------------------------------------- */

/* All of @paths in one transfer. It is listed, offered as soon as there is a channel, and
 * ends in KH_EVENT_DONE or KH_EVENT_TRANSFER_ENDED. What can't be sent at all is an
 * error at once; what shows while listing, such as too many files, ends it. */
gboolean kh_client_send (KhClient *self, const KhPeerId *id, const char *const *paths,
                         KhItemId *transfer, GError **error);

/* The same without waiting for the disk that @paths are on. */
void kh_client_send_async (KhClient *self, const KhPeerId *id, const char *const *paths,
                           GCancellable *cancellable, GAsyncReadyCallback callback,
                           gpointer data);
gboolean kh_client_send_finish (KhClient *self, GAsyncResult *result, KhItemId *transfer,
                                GError **error);

/* @folder NULL: the one in the options. @only: patterns (g_pattern_match) of which a path
 * of the tree, the name of an entry or that of a folder around it must match one; NULL:
 * those of the options. */
void kh_client_answer_offer (KhClient *self, const KhPeerId *id, const KhItemId *transfer,
                             gboolean accept, const char *folder,
                             const char *const *only);

/* These return FALSE and KH_CLIENT_ERROR_TRANSFER where nothing can be changed. */

/* This side's switch; the other has its own. */
gboolean kh_client_pause_transfer (KhClient *self, const KhPeerId *id,
                                   const KhItemId *transfer, gboolean paused,
                                   GError **error);

/* @discard: deletes the files that this transfer has put in place here, where they have
 * not been changed since. Partial files go in any case. */
gboolean kh_client_cancel_transfer (KhClient *self, const KhPeerId *id,
                                    const KhItemId *transfer, gboolean discard,
                                    GError **error);

/* What failed is tried again. */
gboolean kh_client_retry_transfer (KhClient *self, const KhPeerId *id,
                                   const KhItemId *transfer, GError **error);

/* To the head of what is sent to this peer. An incoming one while it is connected: the
 * sender is asked to. */
gboolean kh_client_put_first (KhClient *self, const KhPeerId *id,
                              const KhItemId *transfer, GError **error);

/* Those that have not ended, in the order of the queue. Array of KhTransferInfo that
 * frees them. */
GPtrArray *kh_client_list_transfers (KhClient *self);

/* At most @limit entries of a transfer's tree from number @first on: an array of
 * KhEntryInfo that frees them. */
void kh_client_list_entries_async (KhClient *self, const KhPeerId *id,
                                   const KhItemId *transfer, guint first, guint limit,
                                   GAsyncReadyCallback callback, gpointer data);
GPtrArray *kh_client_list_entries_finish (KhClient *self, GAsyncResult *result,
                                          GError **error);

/* One as the store has it, also one that has ended. */
void kh_client_get_transfer_async (KhClient *self, const KhPeerId *id,
                                   const KhItemId *transfer, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer data);
KhTransferInfo *kh_client_get_transfer_finish (KhClient *self, GAsyncResult *result,
                                               GError **error);

/* Only those of the top, as a card shows them; of an ended transfer the first 256. */
void kh_client_list_roots_async (KhClient *self, const KhPeerId *id,
                                 const KhItemId *transfer, guint limit,
                                 GCancellable *cancellable, GAsyncReadyCallback callback,
                                 gpointer data);
GPtrArray *kh_client_list_roots_finish (KhClient *self, GAsyncResult *result,
                                        GError **error);

/* Bytes a second of file data in each direction, all peers together; 0: no limit. Kept in
 * the store. */
void kh_client_set_limits (KhClient *self, guint64 up, guint64 down);
void kh_client_get_limits (KhClient *self, guint64 *up, guint64 *down);
