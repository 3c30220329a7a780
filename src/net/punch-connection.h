/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * punch-connection.h - one TCP connection of a punch, until it is proved.
 *
 * A connection that came up may be the peer, a stranger at a guessed port, or a
 * box that answers for others. new() runs the channel handshake on it: the
 * caller of the call writes first. It ends by itself after two seconds, at the relay,
 * where the other side may come later, after ten. The one
 * that is confirmed is stolen with its ciphers; all others are freed.
 *
 * The listener is called from the main loop, never inside new(); it may free the
 * connection.
 *
 * Source: src/PROTOCOL.md sections 4 and 5; Noise revision 34, pattern KK.
 */
#pragma once

#include "proto/endpoint.h"
#include "proto/noise.h"
#include "proto/path-kind.h"

#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>

/* Who the two ends of a call are: what the handshake binds. */
typedef struct
{
  bool caller;
  uint8_t call_id[16];
  KhKeyPair identity;
  uint8_t peer[32];
  KhNoiseCipher cipher;
  /* Borrowed: the encoded HELLO frame of this side. */
  const uint8_t *hello;
  size_t hello_len;
} KhPunchEnds;

/* The connection that won, ready for a channel. */
typedef struct
{
  int fd; /* non-blocking */
  KhNoiseCipherState sending;
  KhNoiseCipherState receiving;
  GBytes *rest;  /* what came behind the last record read, still sealed */
  GBytes *first; /* the peer's first frame, opened; NULL at the callee */
  KhEndpoint local;
  KhEndpoint remote;
  unsigned round;
  KhPathKind path;
  unsigned port; /* KhPunchRoute */
} KhPunchWin;

/* How a connection came about. */
typedef struct
{
  KhPathKind path;
  unsigned port; /* number of the local one */
  unsigned pair; /* of the plan, or KH_PUNCH_NO_PAIR */
} KhPunchRoute;

void kh_punch_win_clear (KhPunchWin *self);

typedef struct _KhPunchConnection KhPunchConnection;

typedef struct
{
  /* The caller's side: the peer has proved itself. */
  void (*authenticated) (gpointer data, KhPunchConnection *connection);
  /* Both sides know that this is the one. */
  void (*confirmed) (gpointer data, KhPunchConnection *connection);
  /* @stranger: whoever answered is not the peer. */
  void (*ended) (gpointer data, KhPunchConnection *connection, bool stranger);
} KhPunchConnectionListener;

/* Holds a reference to @socket; @ends, @listener and @data are borrowed. */
KhPunchConnection *kh_punch_connection_new (GSocket *socket, const KhPunchRoute *route,
                                            const KhPunchEnds *ends,
                                            const KhPunchConnectionListener *listener,
                                            gpointer data);
void kh_punch_connection_free (KhPunchConnection *self);

unsigned kh_punch_connection_pair (const KhPunchConnection *self);
unsigned kh_punch_connection_port (const KhPunchConnection *self);
KhPathKind kh_punch_connection_path (const KhPunchConnection *self);

/* Whoever is at the other end. */
const KhEndpoint *kh_punch_connection_remote (const KhPunchConnection *self);
bool kh_punch_connection_is_nominated (const KhPunchConnection *self);
bool kh_punch_connection_is_authenticated (const KhPunchConnection *self);

/* The caller, at any time after authenticated(). */
void kh_punch_connection_nominate (KhPunchConnection *self);

/* After confirmed(). False when the system has no descriptor left. */
bool kh_punch_connection_steal (KhPunchConnection *self, KhPunchWin *win);
