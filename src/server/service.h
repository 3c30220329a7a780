/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * service.h - the running server: one loop, its ports and connections around one
 * directory.
 *
 * start() opens the ports; run() returns after end(), which a signal calls, and with
 * --until-eof the end of standard input. The other functions are for listener,
 * connection, assist, dial-back and relay: after every input to the directory they call
 * pump(), which carries out what the directory wants.
 *
 * Everything runs on the thread of the loop. Times are microseconds of now().
 */
#pragma once

#include "proto/chain.h"
#include "proto/directory.h"
#include "proto/noise.h"
#include "proto/rate-limit.h"
#include "server/admission.h"
#include "server/options.h"

#include <glib.h>
#include <uv.h>

/* What one read may bring; shared by all connections, nothing stays in it. */
#define KH_SERVICE_READ_LEN 65536
#define KH_SERVICE_HANDLE_BUCKETS 1024

/* A line of standard input: the longest command with an address, and room to grow. */
#define KH_STANDARD_INPUT_LINE_MAX 128

typedef struct _KhListener KhListener;
typedef struct _KhConnection KhConnection;

/* Bytes as TCP carried them, without headers. */
typedef struct
{
  guint64 bytes_in;
  guint64 bytes_out;
} KhTraffic;

typedef struct
{
  /* Borrowed */
  const KhOptions *options;

  /* Owned */
  KhDirectory *directory;
  KhListener *listeners;
  KhConnection *connections_memory;
  void *assists_memory;
  void *dials_memory;
  gpointer *relays;         /* by the directory's number; they are not owned */
  KhConnection **by_client; /* by the directory's number; the connections are not owned */
  KhRateSlot *handshake_slots;
  uv_loop_t loop;
  uv_timer_t timer;
  uv_signal_t signals[4];
  uv_pipe_t standard_input; /* with --until-eof */

  /* State */
  KhKeyPair key;
  guint n_listeners;
  gint64 timer_at_us; /* when the timer will fire */
  gboolean ending;
  guint n_open; /* accepted connections, and dials */
  guint open_max;
  KhAdmission half_open;
  KhAdmission assist_half_open;
  KhRateTable handshakes;
  KhSlots connections;
  KhSlots assists;
  KhSlots dials;
  KhChain failed;   /* connections that can't be written to any more */
  KhChain leaving;  /* connections that were told why, by deadline */
  KhChain observed; /* assist connections whose token was good, by deadline */
  KhChain dialling; /* dials, by deadline */
  KhChain by_handle[KH_SERVICE_HANDLE_BUCKETS]; /* the same */
  KhTraffic traffic_main;
  KhTraffic traffic_assist;
  gint64 relays_paid_at_us; /* when the rate of all relays has carried what came */
  KhEndpoint public_v4;     /* what --public resolves to */
  KhEndpoint public_v6;
  KhEndpoint outside; /* IPv4, with the assist port there, as standard input says; family
                         0: it does not */
  char line[KH_STANDARD_INPUT_LINE_MAX + 1]; /* of it, as far as it has come */
  gsize line_len;
  char read_buffer[KH_SERVICE_READ_LEN];
} KhService;

/* @key is copied. */
gboolean kh_service_start (KhService *self, const KhOptions *options,
                           const KhKeyPair *key, GError **error);
void kh_service_run (KhService *self);

/* Says goodbye to all clients; run() returns soon. */
void kh_service_end (KhService *self);
void kh_service_clear (KhService *self);

gint64 kh_service_now (void);
void kh_service_pump (KhService *self);

/* Whether one more descriptor may be opened. */
gboolean kh_service_has_room (const KhService *self);

/* On standard error. */
void kh_service_say_statistics (const KhService *self);

/* Something that strangers can cause: shown with --verbose only. */
void kh_service_debug (const KhService *self, const char *format, ...)
    G_GNUC_PRINTF (2, 3);

/* For uv_read_start(). */
void kh_service_allocate (uv_handle_t *handle, size_t suggested, uv_buf_t *buffer);

KhEndpoint kh_service_endpoint_of (const struct sockaddr *address);
KhEndpoint kh_service_remote_of (const uv_tcp_t *tcp);
KhEndpoint kh_service_local_of (const uv_tcp_t *tcp);
