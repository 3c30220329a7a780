/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * puncher.h - carries out the plan of proto/punch with real sockets.
 *
 * One call of one side. new() opens the first ports and dials the assist server
 * from them; accepted() once both people have agreed; then pass on what the server
 * says. It ends in won() or failed(), once, and is freed by its owner. free() at
 * any time closes everything.
 *
 * It sends nothing to the server's main connection itself: send_go() and
 * send_round() ask the owner to. Main loop only; the listener is never called
 * from inside new().
 *
 * Source: src/PROTOCOL.md sections 2.3, 3 and 4.
 */
#pragma once

#include "net/punch-connection.h"
#include "proto/endpoint.h"
#include "proto/punch.h"
#include "proto/token.h"

/* Connections from outside in one round. The peer has at most a few; each costs a key
 * exchange. */
#define KH_PUNCHER_MAX_INBOUND 16

/* The assist server does not know a token whose call it has not heard of yet. */
#define KH_PUNCHER_ASSIST_TRIES 4
#define KH_PUNCHER_ASSIST_PAUSE_MS 150

/* Of each dial one of DIALLED and NO_ROUTE, and later perhaps REFUSED or UP. */
typedef enum
{
  KH_PUNCH_EVENT_OPENED,   /* a port is bound, listening, and dials assist */
  KH_PUNCH_EVENT_OBSERVED, /* how this port is seen from outside */
  KH_PUNCH_EVENT_FOUND,    /* where the peer can be dialled from this port */
  KH_PUNCH_EVENT_DIALLED,  /* a SYN left for the peer */
  KH_PUNCH_EVENT_REFUSED,  /* RST or ICMP came back */
  KH_PUNCH_EVENT_NO_ROUTE, /* this computer has no way there */
  KH_PUNCH_EVENT_UP,       /* TCP stands, whoever dialled */
  KH_PUNCH_EVENT_STRANGER, /* and whoever is there is not the peer */
} KhPunchEventKind;

typedef struct
{
  KhPunchEventKind kind;
  unsigned round;
  unsigned pair;
  uint16_t port;       /* the local one; 0 where it could not be opened */
  KhEndpoint endpoint; /* OPENED: of assist; OBSERVED: the own; else: the peer's */
} KhPunchEvent;

typedef struct
{
  void (*send_go) (gpointer data, unsigned round);
  void (*send_round) (gpointer data, unsigned round);
  void (*event) (gpointer data, const KhPunchEvent *event);
  /* Takes what @win holds. */
  void (*won) (gpointer data, KhPunchWin *win);
  void (*failed) (gpointer data, KhPunchFailure failure);
} KhPuncherListener;

typedef struct _KhPuncher KhPuncher;

/* Copies everything but @listener and @data. @ends->cipher counts from accepted() on. */
KhPuncher *kh_puncher_new (const KhPunchEnds *ends, const KhEndpoint *assist,
                           const uint8_t assist_secret[KH_TOKEN_SECRET_LEN],
                           const KhPuncherListener *listener, gpointer data);
void kh_puncher_free (KhPuncher *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KhPuncher, kh_puncher_free)

void kh_puncher_accepted (KhPuncher *self, gint64 rtt_us, KhNoiseCipher cipher);
void kh_puncher_observed (KhPuncher *self, unsigned round, unsigned pair,
                          const KhEndpoint *own);
void kh_puncher_endpoint (KhPuncher *self, unsigned round, unsigned pair,
                          const KhEndpoint *peer);
void kh_puncher_go (KhPuncher *self, unsigned round);
void kh_puncher_peer_round (KhPuncher *self, unsigned round);

/* How far it got: for the report. */
const KhPunch *kh_puncher_plan (const KhPuncher *self);
