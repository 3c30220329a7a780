/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * puncher-private.h - what the files of puncher share: puncher.c (the plan and the
 * connections that came up), puncher-ports.c (local ports, and asking the server how
 * they are seen) and puncher-dials.c (dials to the peer, and to the relay).
 */
#pragma once

#include "net/puncher.h"

typedef struct KhPuncherPort KhPuncherPort;

/* A port shows itself to one place of the server. */
typedef struct
{
  /* Borrowed */
  KhPuncherPort *port;

  /* Owned */
  GSocket *socket;
  GSource *source;
  GSource *timer;

  /* State */
  unsigned index;    /* as the server calls it */
  KhEndpoint server; /* family 0: there is no such place */
  bool is_main;      /* its main port, which has a word before the token */
  unsigned n_tries;
} KhPuncherAsking;

struct KhPuncherPort
{
  /* Borrowed */
  KhPuncher *puncher;

  /* Owned */
  GSocket *listener;
  GSource *listener_source;
  KhPuncherAsking first;
  KhPuncherAsking again;
  int spare; /* bound in advance: no moment without a connecting socket */

  /* State */
  unsigned number;
  uint8_t family;
  uint16_t port; /* 0 until it is open */
};

/* A SYN on its way: of a pair, of the spray, or to the relay. */
typedef struct
{
  /* Borrowed */
  KhPuncher *puncher;

  /* Owned */
  GSocket *socket;
  GSource *source;

  /* State */
  unsigned pair;
  unsigned number; /* of the spray */
  KhEndpoint peer;
} KhPuncherDial;

struct _KhPuncher
{
  /* Owned */
  KhPunchEnds ends;
  uint8_t *hello;
  KhProbeServer server;
  KhPuncherPort ports[KH_PUNCH_PORTS];
  KhPuncherDial dials[KH_PUNCH_PAIRS];
  GPtrArray *spray; /* KhPuncherDial */
  KhPuncherDial relay;
  GSource *relay_timer;
  GPtrArray *connections;
  GSource *timer;

  /* Borrowed */
  const KhPuncherListener *listener;
  gpointer data;

  /* State */
  KhPunch plan;
  unsigned n_inbound; /* accepted in this round */
  unsigned n_relay_tries;
  bool over; /* won or failed: the owner has been told */
};

/* puncher.c. Tells the owner; @n dials at once. */
void kh_puncher_report (KhPuncher *self, KhPunchEventKind kind, unsigned port,
                        KhPathKind path, const KhEndpoint *endpoint, unsigned n);
/* The last thing a callback does: the owner may free the puncher in failed(). */
void kh_puncher_carry_out (KhPuncher *self);
/* TCP stands. @pair may be KH_PUNCH_NO_PAIR. */
void kh_puncher_begin_connection (KhPuncher *self, GSocket *socket, unsigned port,
                                  unsigned pair, KhPathKind path);

/* puncher-ports.c */
void kh_puncher_init_port (KhPuncher *self, unsigned number);
void kh_puncher_open_port (KhPuncher *self, unsigned number);
void kh_puncher_close_port (KhPuncherPort *port);
int kh_puncher_bind_port (const KhPuncherPort *port);

/* puncher-dials.c */
void kh_puncher_dial_pair (KhPuncher *self, const KhPunchAction *action);
void kh_puncher_dial_spray (KhPuncher *self, const KhSprayDial *dial);
void kh_puncher_dial_relay (KhPuncher *self);
/* It ended before the peer proved itself. */
void kh_puncher_relay_ended (KhPuncher *self);
/* All that are on their way to the peer; the relay's only if @relay. */
void kh_puncher_stop_dials (KhPuncher *self, bool relay);
