/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * link.h - one open channel to a peer, and what goes over it.
 *
 * new() with the connection that won a call. Messages that wait in the store are
 * sent by themselves; a message that is added to the store later needs
 * new_message(). It ends with close(), or when the channel breaks: then it tells
 * kh_client_link_ended(), which frees it. What was not delivered is in the store
 * and goes over the next link.
 *
 * link.c has the channel and its frames, link-messages.c the conversation,
 * link-files.c hands what is about transfers to those (live-transfer.h).
 *
 * Source: src/PROTOCOL.md sections 5 and 6.
 */
#pragma once

#include "core/types.h"
#include "net/punch-connection.h"

#include <gio/gio.h>

struct _KhClient;

typedef struct _KhLink KhLink;

/* Takes what @win holds. @caller: of the call that it was won by. NULL when the system
 * has no thread left. */
KhLink *kh_link_new (struct _KhClient *client, const KhPeerId *peer, KhPunchWin *win,
                     bool caller);
void kh_link_free (KhLink *self);

/* Goodbye, after what waits. Tells ended() when the peer or three seconds have passed. */
void kh_link_close (KhLink *self, KhFrameBye reason);

const KhPeerId *kh_link_peer (const KhLink *self);
KhPathKind kh_link_path (const KhLink *self);

/* Whether this side had made the call. */
bool kh_link_was_called_here (const KhLink *self);

/* This computer's network has changed: where the channel's address is gone it has ended;
 * otherwise it is asked whether it still stands. */
void kh_link_network_changed (KhLink *self);
bool kh_link_ping (KhLink *self);

/* link-messages.c */
void kh_link_new_message (KhLink *self);

/* Adds a message to the store of @client, whether there is a link or not. */
void kh_link_store_message (struct _KhClient *client, const KhPeerId *peer,
                            const char *text, KhItemId *id);
