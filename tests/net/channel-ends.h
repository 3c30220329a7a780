/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * channel-ends.h - what the tests of the channel worker share: a channel between two
 * workers, or between a worker and the test itself.
 *
 * set_up(), then begin_both() or begin_against_peer(); tear_down() also looks for
 * partial files that were left behind.
 */
#pragma once

#include "net/channel-worker.h"
#include "net/socket.h"

#include <glib/gstdio.h>
#include <poll.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#define DEADLINE_MS 20000
#define RECORD_MAX 65537

/* One end of a channel that is a worker. */
typedef struct
{
  KhChannelWorker *worker;
  GPtrArray *frames; /* of GBytes: the control frames that came */
  GArray *events;    /* of KhChannelEvent, its pointers not to be followed */
  char *path;        /* of the last file in place */
  gboolean closed;
  KhChannelEnd end;
  gboolean free_on_event;
} End;

/* The other end when the test plays it itself. */
typedef struct
{
  int fd;
  KhNoiseCipherState seal;
  KhNoiseCipherState open;
  guint8 record[RECORD_MAX];
  gsize len; /* of the frame that was read last, at @frame */
  guint8 *frame;

  /* Of a flood: what the worker has not taken. */
  guint8 flood[RECORD_MAX];
  gsize flood_at;
  gsize flood_len;
} Peer;

typedef struct
{
  char *folder;
  char *source;
  End a;
  End b;
  Peer *peer;
  KhNoiseCipher cipher;
} Fixture;

/* Runs the main context until @condition holds. */
#define RUN_UNTIL(condition)                                                             \
  do                                                                                     \
    {                                                                                    \
      guint deadline_ = g_timeout_add (DEADLINE_MS, on_deadline, NULL);                  \
                                                                                         \
      while (!(condition))                                                               \
        g_main_context_iteration (NULL, TRUE);                                           \
      g_source_remove (deadline_);                                                       \
    }                                                                                    \
  while (0)

KhNoiseCipherState make_cipher (Fixture *fixture, guint8 key);
void begin_both (Fixture *fixture, KhChannelSetup setup);
void begin_against_peer (Fixture *fixture, KhChannelSetup setup);
void set_up (Fixture *fixture, gconstpointer data);
void tear_down (Fixture *fixture, gconstpointer data);
gboolean on_deadline (gpointer data);
guint count (const End *end, KhChannelEventKind kind);
const KhChannelEvent *last (const End *end, KhChannelEventKind kind);
void write_all (int fd, const guint8 *bytes, gsize len);
guint8 peer_read (Peer *peer);
gsize peer_seal (Peer *peer, const guint8 *frame, gsize len, guint8 *record);
void peer_send (Peer *peer, const KhFrame *frame);
gboolean send_message (End *end, guint64 number, gsize text_len);
char *make_source (Fixture *fixture, gsize len);
void send_file (Fixture *fixture, guint32 stream);
gboolean receive_file (End *end, Fixture *fixture, guint32 stream, guint64 size);
void assert_answer (const End *end, guint at, guint8 type, guint32 stream);
void begin_file (Fixture *fixture, guint32 stream, guint64 size);

#define ADD_WITH(name, function, cipher)                                                 \
  g_test_add (name, Fixture, GINT_TO_POINTER (cipher), set_up, function, tear_down)
#define ADD(name, function) ADD_WITH (name, function, KH_NOISE_CHACHAPOLY)
