/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * client.h - the client: all that cli and app see of Knothole.
 *
 * new() opens the data folder, go_online() dials the server and stays there; what
 * happens comes as the signal "event" (a const KhEvent *) on the main loop. Close
 * with close_async() so that peers hear a goodbye and nothing is lost.
 *
 * A message may be sent at any time: it is kept until the peer has it. A file needs
 * a channel: call() first and wait for KH_EVENT_CONNECTED.
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
  KH_CLIENT_ERROR_NAME,      /* the name is empty, too long or not text */
  KH_CLIENT_ERROR_ROOM,
  KH_CLIENT_ERROR_FOLDER, /* the data folder is in use or can't be used */
  KH_CLIENT_ERROR_TEXT,   /* the message is empty, too long or not text */
  KH_CLIENT_ERROR_FILE,   /* the file can't be sent */
  KH_CLIENT_ERROR_NOT_CONNECTED,
} KhClientError;

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
  const char *save_to; /* folder for received files */
} KhClientOptions;

#define KH_TYPE_CLIENT (kh_client_get_type ())
G_DECLARE_FINAL_TYPE (KhClient, kh_client, KH, CLIENT, GObject)

/* Server, name and room are remembered once the server has answered. */
KhClient *kh_client_new (const KhClientOptions *options, GError **error);

void kh_client_go_online (KhClient *self);

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

/* --- Calls ----------------------------------------------------------------- */

/* Ends in KH_EVENT_CONNECTED or KH_EVENT_CALL_ENDED. */
void kh_client_call (KhClient *self, const KhPeerId *id);
void kh_client_answer_call (KhClient *self, const KhPeerId *id, gboolean accept);

/* Ends the call or the channel. */
void kh_client_hang_up (KhClient *self, const KhPeerId *id);

gboolean kh_client_is_connected (KhClient *self, const KhPeerId *id);

/* --- Over the channel ------------------------------------------------------- */

/* Kept until it is delivered, which KH_EVENT_DELIVERED tells. */
gboolean kh_client_send_message (KhClient *self, const KhPeerId *id, const char *text,
                                 KhItemId *message, GError **error);

/* One file, offered at once. Ends in KH_EVENT_DONE or KH_EVENT_TRANSFER_ENDED. */
gboolean kh_client_send_file (KhClient *self, const KhPeerId *id, const char *path,
                              KhItemId *transfer, GError **error);

/* @folder NULL: the one in the options. */
void kh_client_answer_offer (KhClient *self, const KhPeerId *id, const KhItemId *transfer,
                             gboolean accept, const char *folder);
void kh_client_cancel_transfer (KhClient *self, const KhPeerId *id,
                                const KhItemId *transfer);

/* KH_EVENT_PONG answers. False when there is no channel. */
gboolean kh_client_ping (KhClient *self, const KhPeerId *id);
