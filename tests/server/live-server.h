/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * live-server.h - a knothole-server process for a test, and clients of it that wait.
 *
 * start() gives the server a folder of its own and waits for its address; stop() ends
 * it and frees all. A client is dialled and logged in by client_new(); whatever it
 * waits for, it waits for at most LIVE_PATIENCE_MS and then fails the test.
 */
#pragma once

#include "proto/messages.h"
#include "proto/noise.h"

#include <glib.h>

/* Less than the minute after which the server closes what is idle anyway. */
#define LIVE_PATIENCE_MS 30000

typedef struct
{
  char *dir;
  GPid pid;
  char *address; /* its first line */
  guint8 id[KH_ID_LEN];
  guint16 port;
  int out_fd;
} LiveServer;

typedef struct
{
  int fd;
  KhKeyPair key;
  KhNoiseCipherState send;
  KhNoiseCipherState receive;
  KhMsgWelcome welcome;
  guint8 last[KH_MESSAGE_LEN_MAX]; /* the last message that came */
} LiveClient;

/* @limits: lines for the group [limits] of its config file; @argument: one more
 * argument. Both may be NULL. */
LiveServer *live_server_start (const char *limits, const char *argument);
/* The same folder, so the same key. */
LiveServer *live_server_start_in (const char *dir, const char *limits,
                                  const char *argument);
/* Sends @number, waits for the end, returns the exit status; frees the folder unless
 * @keep_dir. */
int live_server_stop (LiveServer *server, int number, gboolean keep_dir);
/* What it has said to standard error so far. */
char *live_server_errors (const LiveServer *server);
/* User memory that is its own: RssAnon, kB. */
guint live_server_memory_kb (const LiveServer *server);
/* Runs a server that is expected to end by itself. */
int live_server_run (char **out, char **err, const char *const arguments[]);

/* A TCP connection to @port from @source, an address in 127/8, and its port or 0. */
int live_dial (const char *source, guint16 source_port, guint16 port);
void live_write (int fd, const void *bytes, gsize len);
/* Whether the other end closes; bytes before that are dropped. */
gboolean live_ends_within (int fd, gint timeout_ms);
/* Exactly @len bytes; FALSE at the end of the connection. */
gboolean live_read (int fd, void *bytes, gsize len);

/* Handshake only: nothing was sent on @fd so far. @xx: without knowing the server. */
LiveClient *live_client_handshake (const LiveServer *server, int fd, guint32 seed,
                                   gboolean xx);
/* Fills @record with the first record of the handshake, for tests that send it. */
gsize live_client_first_record (const LiveServer *server, guint32 seed,
                                guint8 record[100], KhNoiseHandshake *noise, gboolean xx);
LiveClient *live_client_new (const LiveServer *server, guint32 seed);
LiveClient *live_client_new_from (const LiveServer *server, guint32 seed,
                                  const char *source);
void live_client_free (LiveClient *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveClient, live_client_free)

void live_client_send (LiveClient *client, const KhMessage *message);
gsize live_client_seal (LiveClient *client, const KhMessage *message, guint8 *record);
void live_client_hello (LiveClient *client);
/* FALSE when the connection ended. What @message points to is good until the next. */
gboolean live_client_receive (LiveClient *client, KhMessage *message);
/* The next of @type; messages of other types before it are dropped. */
KhMessage live_client_expect (LiveClient *client, KhMessageType type);
/* Answers to a PING come: nothing of @type before it. */
void live_client_expect_none (LiveClient *client, KhMessageType type);
