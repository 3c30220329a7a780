/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * session.h - which messages of a conversation are still to be delivered.
 *
 * It lives between two peers across channels and knows ids only; the texts are
 * in the store. channel_up() on every new channel; add() each message that
 * waits, in order; then send what next_send() names and what next_ack() names.
 * When add() says that the window is full, try again after a delivery.
 *
 * Nothing here knows of time, texts or sockets.
 *
 * Source: src/PROTOCOL.md section 6.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KH_MESSAGE_ID_LEN 16

/* Enough to keep a fast channel busy; few enough to send again after a loss. */
#define KH_SESSION_WINDOW 64

/* Acknowledgements to be sent: an honest peer has at most a window of messages on
 * their way on this channel, and of the one before a window may still be being
 * written to disk. */
#define KH_SESSION_ACKS (2 * KH_SESSION_WINDOW)

typedef struct
{
  uint8_t bytes[KH_MESSAGE_ID_LEN];
} KhMessageId;

/* Read any field; change them only through the functions below. */
typedef struct
{
  KhMessageId waiting[KH_SESSION_WINDOW]; /* unacknowledged, oldest first */
  size_t n_waiting;
  size_t n_sent; /* of these, on the channel that stands */
  KhMessageId acks[KH_SESSION_ACKS];
  size_t n_acks;
  bool has_channel;
} KhSession;

void kh_session_init (KhSession *self);

/* Everything unacknowledged is to be sent again. */
void kh_session_channel_up (KhSession *self);
void kh_session_channel_down (KhSession *self);

/* False when the window is full or the id is in it already. */
bool kh_session_add (KhSession *self, const KhMessageId *id);

/* The peer has the message on disk; it may have come on the channel before. False when
 * no such message waits. */
bool kh_session_delivered (KhSession *self, const KhMessageId *id);

/* A message of the peer is on disk here (again, or for the first time): acknowledge
 * it. False when more wait than an honest peer can have sent. */
bool kh_session_stored (KhSession *self, const KhMessageId *id);

/* The next message to send on the channel that stands, each once a channel. */
bool kh_session_next_send (KhSession *self, KhMessageId *id);

bool kh_session_next_ack (KhSession *self, KhMessageId *id);
