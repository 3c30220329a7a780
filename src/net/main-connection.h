/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * main-connection.h - keeps this client at its rendezvous server.
 *
 * new(), start(); it dials, proves the server's key, logs in, and then passes on
 * every message. It comes back by itself after a loss, later and later, until
 * the server is another one than expected or has this identity elsewhere: then it
 * stays off until start() is called again.
 *
 * It keeps nothing between connections and knows neither rooms nor calls. Main
 * loop only; the listener is called from it, never from inside a function here
 * other than start() and free().
 *
 * Errors: KH_MAIN_ERROR, each code one sentence for a person.
 *
 * Source: src/PROTOCOL.md sections 2.1, 2.2 and 2.4.
 */
#pragma once

#include "net/main-error.h"
#include "proto/address.h"
#include "proto/messages.h"
#include "proto/noise.h"

#include <gio/gio.h>

/* A person waits no longer for a first answer. */
#define KH_MAIN_CONNECT_S 10
#define KH_MAIN_HANDSHAKE_MS 10000

/* How long the server has to answer check(). */
#define KH_MAIN_CHECK_US INT64_C (4000000)

/* How often it looks whether a PING or its answer is due. */
#define KH_MAIN_HEARTBEAT_MS 2500

typedef struct _KhMainConnection KhMainConnection;

typedef struct
{
  /* The server's key when its address has none: false refuses it. */
  bool (*key_seen) (gpointer data, const uint8_t key[32]);
  void (*online) (gpointer data, const KhMsgWelcome *welcome);
  /* @final: it does not dial again by itself. */
  void (*offline) (gpointer data, const GError *error, bool final);
  void (*message) (gpointer data, const KhMessage *message);
  /* The answer to a PING, of ping() or of its own; may be NULL. */
  void (*round_trip) (gpointer data, gint64 round_trip_us);
} KhMainListener;

/* Copies everything; @listener and @data are borrowed and must outlive it. */
KhMainConnection *kh_main_connection_new (const KhAddress *server,
                                          const KhKeyPair *identity, const char *name,
                                          const KhMainListener *listener, gpointer data);
void kh_main_connection_free (KhMainConnection *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KhMainConnection, kh_main_connection_free)

/* Dials now, also where it would have waited or has been final. */
void kh_main_connection_start (KhMainConnection *self);

/* Leaves the server and tells nobody; it does not dial again until start(). It may be
 * called from a callback, and freed when that has returned. */
void kh_main_connection_stop (KhMainConnection *self);

bool kh_main_connection_is_online (const KhMainConnection *self);

/* This computer's end and the server's, once TCP stands; false before. */
bool kh_main_connection_endpoints (const KhMainConnection *self, KhEndpoint *local,
                                   KhEndpoint *server);

/* round_trip() answers. False when not online. */
bool kh_main_connection_ping (KhMainConnection *self);

/* The network has changed, or the other end of it has gone silent: where the connection
 * stands, that shows within KH_MAIN_CHECK_US; where it waits to dial, it dials now. It
 * ends at once if its address is not this computer's any more: @gone. */
void kh_main_connection_check (KhMainConnection *self, bool gone);

/* The key that the server has proved, once online. */
const uint8_t *kh_main_connection_server_key (const KhMainConnection *self);

/* False when not online, or when the server reads nothing any more. */
bool kh_main_connection_send (KhMainConnection *self, const KhMessage *message);
