/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * channel-ends.h - what the tests of the channel worker share: a channel between two
 * workers, or between a worker and the test itself.
 *
 * set_up(), add_file() and add_folder() for the tree that is sent from a to b; then
 * begin_both() or begin_against_peer(), where the worker is a. open_outgoing(),
 * open_incoming() and ask_for() are what a client does; WANT frames that come to a worker
 * are answered with what they ask for.
 *
 * tear_down() also looks for partial files and descriptors that were left behind.
 */
#pragma once

#include "net/channel-worker.h"
#include "net/socket.h"

#include "scratch-folder.h"

#include <sodium.h>
#include <string.h>

#define DEADLINE_MS 60000
#define RECORD_MAX 65537

/* Of entries that have no other. */
#define WHEN_MS G_GUINT64_CONSTANT (1234567890123)

typedef struct
{
  guint8 status;
  bool there;
  char *place;
} Outcome;

typedef struct Fixture Fixture;

/* One end of a channel that is a worker. */
typedef struct
{
  Fixture *fixture;
  KhChannelWorker *worker;
  GPtrArray *frames;    /* of GBytes: the control frames that came */
  GArray *events;       /* of KhChannelEvent, its pointers not to be followed */
  GHashTable *outcomes; /* of entries: Outcome */
  guint n_wanted;       /* runs that were answered */
  gboolean closed;
  KhChannelEnd end;
  gboolean free_on_event;
} End;

/* In place of the type of such a PING. */
#define PEER_WAS_ASKED 0xff

/* The other end when the test plays it itself. */
typedef struct
{
  int fd;
  KhNoiseCipherState seal;
  KhNoiseCipherState open;
  guint8 record[RECORD_MAX];
  guint8 sealed[RECORD_MAX];
  gsize len; /* of the frame that was read last, at @frame */
  guint8 *frame;
  KhFrame got;        /* the same */
  gboolean tells_not; /* how much it has read */
  guint64 asked;      /* whether it has read so much */

  /* Of a flood: what the worker has not taken. */
  guint8 flood[RECORD_MAX];
  gsize flood_at;
  gsize flood_len;
} Peer;

typedef struct
{
  char *path;
  guint8 kind;
  bool executable;
  const char *known_place;
  guint64 size;
  guint64 modified_ms;
} Entry;

struct Fixture
{
  char *folder;
  char *source; /* in it */
  char *target;
  guint n_open;
  gboolean keeps_partials;
  GArray *tree; /* of Entry */
  End a;
  End b;
  Peer *peer;
  KhNoiseCipher cipher;
};

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

void set_up (Fixture *fixture, gconstpointer data);
void tear_down (Fixture *fixture, gconstpointer data);
gboolean on_deadline (gpointer data);

KhNoiseCipherState make_cipher (Fixture *fixture, guint8 key);
void begin_both (Fixture *fixture, KhChannelSetup setup);
void begin_against_peer (Fixture *fixture, KhChannelSetup setup);
void end_channel (Fixture *fixture);

/* Writes it, and puts it into the tree. Returns the entry. */
guint32 add_file (Fixture *fixture, const char *path, const void *bytes, gsize len);
guint32 add_text (Fixture *fixture, const char *path, const char *text);
guint32 add_folder (Fixture *fixture, const char *path);
Entry *entry_at (Fixture *fixture, guint32 entry);

/* @len bytes that are never the same for two seeds; free it. */
guint8 *make_bytes (gsize len, guint32 seed);

void open_outgoing (End *end, guint32 stream);
void open_incoming (End *end, guint32 stream);
void open_resumed (End *end, guint32 stream, guint64 growth);
void ask_for (End *end, guint32 stream, guint32 first, guint32 n);
void send_items (End *end, guint32 stream, guint32 first, guint32 n, guint64 offset);

guint count (const End *end, KhChannelEventKind kind);
const KhChannelEvent *last (const End *end, KhChannelEventKind kind);
const Outcome *outcome_of (const End *end, guint32 entry);
guint count_outcomes (const End *end);
void assert_outcome (const End *end, guint32 entry, KhFrameStatus status, bool there,
                     const char *place);

/* Each file of the tree is at the target as it is at the source. */
void assert_arrived (Fixture *fixture, guint32 entry);
void partial_path (Fixture *fixture, guint32 entry, guint32 stream, char **path);

void write_all (int fd, const guint8 *bytes, gsize len);

/* The type of the next frame, 0 at the end. What asks whether the pieces before it were
 * read is answered, unless the peer is one that tells not; read() goes on to the next. */
guint8 peer_read (Peer *peer);
guint8 peer_read_any (Peer *peer);
const KhFrame *peer_expect (Peer *peer, KhFrameType type);
gsize peer_seal (Peer *peer, const guint8 *frame, gsize len, guint8 *record);
void peer_send (Peer *peer, const KhFrame *frame);

gboolean send_message (End *end, guint64 number, gsize text_len);

/* All that was sent before has been taken. */
void peer_settle (Peer *peer);

/* All that was asked of a has been begun: what it is told after that has come. */
void peer_meet (Fixture *fixture);
void peer_piece (Peer *peer, guint32 stream, guint32 entry, guint64 offset,
                 const void *bytes, gsize len);
void peer_end (Peer *peer, guint32 stream, guint32 entry, guint64 size, guint8 status);
void peer_begin (Peer *peer, guint32 stream, guint32 entry, guint64 size);
void peer_hash (Peer *peer, guint32 stream, guint32 entry, const void *bytes, gsize len);
void peer_want (Fixture *fixture, guint32 stream, guint32 first, guint32 n,
                guint64 offset);

#define ADD_WITH(name, function, cipher)                                                 \
  g_test_add (name, Fixture, GINT_TO_POINTER (cipher), set_up, function, tear_down)
#define ADD(name, function) ADD_WITH (name, function, KH_NOISE_CHACHAPOLY)
