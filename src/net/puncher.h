/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * puncher.h - carries out the plan of proto/punch with real sockets.
 *
 * One call of one side. new() opens the first ports and dials the server from them;
 * accepted() once both people have agreed; then pass on what the server and the peer
 * say. take() is for a connection that came to a port that is open from outside. It ends
 * in won() or failed(), once, and is freed by its owner. free() at any time closes
 * everything.
 *
 * It sends nothing to the server's main connection itself: send_go() and
 * send_round() ask the owner to. Main loop only; the listener is never called
 * from inside new().
 *
 * Source: src/PROTOCOL.md sections 2.3, 3 and 4.
 */
#pragma once

#include "net/probe-server.h"
#include "net/punch-connection.h"
#include "proto/endpoint.h"
#include "proto/lan-candidates.h"
#include "proto/punch.h"
#include "proto/token.h"

/* Connections from outside in one round. The peer has at most a few; each costs a key
 * exchange. */
#define KH_PUNCHER_MAX_INBOUND 16

/* The relay may not know yet that the call was accepted. */
#define KH_PUNCHER_RELAY_TRIES 4
#define KH_PUNCHER_RELAY_PAUSE_MS 500

/* The assist server does not know a token whose call it has not heard of yet. */
#define KH_PUNCHER_ASSIST_TRIES 4
#define KH_PUNCHER_ASSIST_PAUSE_MS 150

/* Of each dial one of DIALLED and NO_ROUTE, and later perhaps REFUSED or UP. */
typedef enum
{
  KH_PUNCH_EVENT_OPENED,   /* a port is bound, listens if it can, and dials assist */
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
  unsigned number;     /* of the port, below KH_PUNCH_PORTS */
  KhPathKind path;     /* what a connection would be, or is */
  uint16_t port;       /* the local one; 0 where it could not be opened */
  unsigned n;          /* DIALLED: so many, 1 but for a spray; OPENED: 1 where it listens,
                          0 where the system does not let it beside what dials */
  KhEndpoint endpoint; /* OPENED: of assist; OBSERVED: the own; else: the peer's, of a
                          spray without a port, or the relay's */
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

/* Copies everything but @listener and @data. @ends->cipher counts from accepted() on.
 * @ipv6: this computer has an address of that kind. @many: random ports may be sprayed.
 */
KhPuncher *kh_puncher_new (const KhPunchEnds *ends, const KhProbeServer *server,
                           bool ipv6, bool many, const KhPuncherListener *listener,
                           gpointer data);
void kh_puncher_free (KhPuncher *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KhPuncher, kh_puncher_free)

/* @may_relay: both people and the server allow it. */
void kh_puncher_accepted (KhPuncher *self, gint64 rtt_us, KhNoiseCipher cipher,
                          bool may_relay);
/* @index is one of the server's: see kh_punch_observed(). */
void kh_puncher_observed (KhPuncher *self, unsigned round, unsigned index,
                          const KhEndpoint *own);
void kh_puncher_endpoint (KhPuncher *self, unsigned round, unsigned index,
                          const KhEndpoint *peer);
/* What the peer says of its own network, as judged: NEVER is left out. */
void kh_puncher_lan (KhPuncher *self, const KhLanCandidates *candidates,
                     const KhLanVerdict verdicts[KH_LAN_CANDIDATES_MAX]);
void kh_puncher_go (KhPuncher *self, unsigned round);
void kh_puncher_peer_round (KhPuncher *self, unsigned round);

/* Somebody came to a mapped port and said that this call is meant. */
void kh_puncher_take (KhPuncher *self, GSocket *socket);

/* How far it got: for the report. */
const KhPunch *kh_puncher_plan (const KhPuncher *self);
