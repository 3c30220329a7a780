/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * call-private.h - a call from inside: call.c (its life) and call-ways.c (what it tells
 * the peer of ways to this computer, and makes of the peer's).
 */
#pragma once

#include "core/call.h"
#include "core/client-private.h"

struct _KhCall
{
  /* Owned */
  KhPuncher *puncher;
  KhAttempt *attempt;

  /* Borrowed */
  KhClient *client;

  /* State */
  KhPeerId peer;
  guint8 id[KH_CALL_ID_LEN];
  bool caller;
  bool accepted;
  bool stranger;
  bool dials_only; /* see KhEvent */
  bool quiet;
  KhNoiseCipher cipher;
  guint8 peer_ciphers; /* KhCiphers */
  gint64 began_us;
  gint64 rtt_us; /* relayed; 0 before the first answer */
  guint round;
  guint sprayed_in; /* the last round in which random ports were sprayed */
  guint steps_told; /* bit N: step N of this round */
  guint16 port;     /* the first one of this round; 0: not open yet */
  guint mapped_in;  /* the last round in which a mapped port was told */
  bool may_relay;   /* as far as the peer is concerned */
  guint8 refusal;   /* of the server: KhRelayRefusal; 0: none */
};

/* What can't be sent is lost with the connection, and that ends the call. */
bool kh_call_say (KhCall *self, const KhMessage *message);

/* call-ways.c */

/* False when the server has no assist port. */
bool kh_call_start_puncher (KhCall *self, const KhPunchEnds *ends,
                            const KhPuncherListener *listener);

/* A round has begun, or both have agreed: where this computer can be reached otherwise.
 */
void kh_call_tell_ways (KhCall *self, guint round, guint16 port);
void kh_call_take_candidates (KhCall *self, KhMsgOpaque sealed);
