/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * resume.h - calls the peers of unfinished transfers, contacts for whom messages wait,
 * and whoever was connected until the channel broke.
 *
 * check() whenever a peer has come online, a message was written, a call or a channel has
 * ended, or a transfer is no longer paused. The sender calls at once, the receiver a
 * little later if it was not called; of a channel that broke the one that had called.
 * After a failure each waits longer.
 *
 * A channel through the relay is tried to be replaced by a direct one: by calls that
 * nobody hears of unless they succeed.
 *
 * Where a person has hung up, here or there, nobody is called for what there was: not
 * before somebody wants something again, or the peer has been away, or a channel has
 * stood.
 *
 * For messages alone nobody is called twice who did not want to be: not before the peer
 * has been away, or a channel has stood.
 *
 * Source: src/PROTOCOL.md sections 6 and 6.1.
 */
#pragma once

#include "core/types.h"

struct _KhClient;

/* The receiver gives the sender so much time. */
#define KH_RESUME_RECEIVER_US G_GINT64_CONSTANT (5000000)

/* After the first failure, doubling up to the longest. */
#define KH_RESUME_FIRST_US G_GINT64_CONSTANT (2000000)
#define KH_RESUME_LONGEST_US G_GINT64_CONSTANT (60000000)

/* A channel that broke sooner than that counts as a failure, but the first one: a path
 * that comes up and dies is not called for again and again. */
#define KH_RESUME_STOOD_US (G_GINT64_CONSTANT (30) * G_USEC_PER_SEC)

/* A channel that broke is not made anew later than that. */
#define KH_RESUME_SESSION_US (G_GINT64_CONSTANT (600) * G_USEC_PER_SEC)

/* From a relay to a direct path: first, doubling up to the longest; and where both
 * routers make that impossible. */
#define KH_RESUME_DIRECT_US G_GINT64_CONSTANT (1000000)
#define KH_RESUME_DIRECT_LONGEST_US (G_GINT64_CONSTANT (600) * G_USEC_PER_SEC)

void kh_resume_check (struct _KhClient *client);

/* A call by us failed, or a channel stands: when the next is due. */
void kh_resume_failed (struct _KhClient *client, const KhPeerId *peer, KhCallEnd end);
void kh_resume_connected (struct _KhClient *client, const KhPeerId *peer);

/* The channel broke. @caller: it was this side that had called. */
void kh_resume_lost (struct _KhClient *client, const KhPeerId *peer, bool caller);

/* A channel through the relay stands, that this side had called for; a call to replace it
 * has failed. @hopeless: as the routers are now. */
void kh_resume_relayed (struct _KhClient *client, const KhPeerId *peer, bool hopeless);
void kh_resume_not_direct (struct _KhClient *client, const KhPeerId *peer, bool hopeless);

/* What was impossible in the old network may work in this one. */
void kh_resume_network_changed (struct _KhClient *client);

/* This computer has a port that is open from outside: who could be reached over the relay
 * only may reach it now, whoever has called. */
void kh_resume_mapped (struct _KhClient *client);

/* The peer has ended a call that was to make a broken channel anew. */
void kh_resume_given_up (struct _KhClient *client, const KhPeerId *peer);

/* A person has ended the channel or the call, here or there. */
void kh_resume_hung_up (struct _KhClient *client, const KhPeerId *peer);

/* Somebody here wants something of this peer. With check(). */
void kh_resume_wanted (struct _KhClient *client, const KhPeerId *peer);

/* Whether the peer may call without a question: a channel to it stands or has just
 * broken, or a transfer that both have agreed to goes on, or has failed and may be tried
 * again. */
gboolean kh_resume_expects (struct _KhClient *client, const KhPeerId *peer);

/* The peer has gone: when it is back it is called at once. */
void kh_resume_gone (struct _KhClient *client, const KhPeerId *peer);

void kh_resume_stop (struct _KhClient *client);
