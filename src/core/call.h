/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * call.h - one call, from the wish to connect to the connection that won.
 *
 * place() for a call of ours, receive() for one of theirs and then accept(); pass
 * on what the server says about it. The call tells the article's eight steps as
 * events, in the numbering of the caller, writes its report, and ends in
 * kh_client_call_won() or kh_client_call_failed(), which free it.
 *
 * Consent is not judged here.
 *
 * Source: src/PROTOCOL.md section 2.3.
 */
#pragma once

#include "core/attempt.h"
#include "net/puncher.h"
#include "proto/messages.h"

struct _KhClient;

typedef struct _KhCall KhCall;

/* NULL when the server can't be told, or has no assist port. @quiet: see set_quiet(). */
KhCall *kh_call_place (struct _KhClient *client, const KhPeerId *peer, bool quiet);

/* NULL when the peer speaks no version that we do. */
KhCall *kh_call_receive (struct _KhClient *client, const KhMsgCall *called);
void kh_call_free (KhCall *self);

/* A person is being asked. */
void kh_call_say_asking (KhCall *self);
/* May end and free the call. */
void kh_call_accept (KhCall *self);

/* Somebody came to the port that is open from outside: true if this call is meant. */
bool kh_call_take_visitor (KhCall *self, const guint8 tag[KH_TOKEN_LEN], GSocket *socket);

/* In every round, and when there is one that there was not. */
void kh_call_tell_mapped_port (KhCall *self);

/* Tells the server that it is over. Does not free. */
void kh_call_say_end (KhCall *self, KhHangUpReason reason);

/* ANSWERED, OBSERVED, ENDPOINT, PEER_GO, PEER_ROUND, PEER_CANDIDATES, RELAY_REFUSED,
 * HUNG_UP. May end and free the call.
 */
void kh_call_message (KhCall *self, const KhMessage *message);

const KhPeerId *kh_call_peer (const KhCall *self);

/* A channel stands: the call is to replace it by a direct one, without the relay, and
 * tells of itself only if it does. */
void kh_call_set_quiet (KhCall *self, bool quiet);
bool kh_call_is_quiet (const KhCall *self);

/* Why the relay did not help. */
KhRelayState kh_call_relay (const KhCall *self);

/* Neither router's ports can be known before, and none is mapped. */
bool kh_call_is_hopeless (const KhCall *self);

/* Its report, borrowed. */
KhAttempt *kh_call_attempt (const KhCall *self);
const guint8 *kh_call_id (const KhCall *self);
bool kh_call_is_ours (const KhCall *self);
bool kh_call_is_accepted (const KhCall *self);
bool kh_call_saw_stranger (const KhCall *self);
gint64 kh_call_age_ms (const KhCall *self);
KhNoiseCipher kh_call_cipher (const KhCall *self);
