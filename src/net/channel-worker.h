/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * channel-worker.h - a thread that owns one open channel to a peer.
 *
 * new() with the socket and the ciphers as the handshake left them; then ask for
 * things, and be told in events on the main context. CLOSED is the last event.
 * free() at any time, also in an event.
 *
 * A transfer is a stream: open_ it, add_items() for the files that the peer wants
 * (outgoing) or that it is to be asked for (incoming: the worker sends WANT), and stop()
 * it. Incoming items end in RESULTS, each of them once, in order; what was not ended
 * when the stream stops is simply still to be done. STREAM_FAILED ends a stream by
 * itself.
 *
 * PING and PONG, BYE, pieces, and the frames around pieces end here; all others are
 * handed on as they came and are not judged, beyond being well-formed. Consent is the
 * caller's affair: a stream is received once it was opened, whoever asked for it.
 *
 * All functions belong to the thread of the main context, and none waits; but
 * free() before CLOSED may wait for a disk. Times are microseconds.
 *
 * Source: src/PROTOCOL.md sections 5 and 6.
 */
#pragma once

#include "net/incoming-batch.h"
#include "proto/frame.h"
#include "proto/noise.h"

#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>

/* Transfers on their way at a time, in each direction. */
#define KH_CHANNEL_STREAMS 64

/* Items of a stream that wait: two runs, so that one is on its way while the other is
 * made ready. */
#define KH_CHANNEL_ITEMS_MAX (2 * KH_FRAME_RUN_MAX)

/* What send() keeps for a peer that reads slowly: two runs of files may all fail at once,
 * with a frame for each. */
#define KH_CHANNEL_FRAMES_MAX (4 * KH_FRAME_RUN_MAX)
#define KH_CHANNEL_FRAME_BYTES_MAX (4u << 20)

/* What waits for the main context before the worker stops reading. */
#define KH_CHANNEL_EVENTS_MAX 256
#define KH_CHANNEL_EVENT_BYTES_MAX (1u << 20)

/* Bytes of pieces that the peer's program may not have read yet: what its system holds
 * for it is lost with it, and is sent again, which 4 MiB at most may be. 256 MiB over
 * 100 ms take 12.7 s, and 10.8 s without it. The peer is asked after every step. */
#define KH_CHANNEL_UNREAD_MAX (UINT64_C (5) << 19)
#define KH_CHANNEL_UNREAD_STEP (UINT64_C (1) << 18)

/* Cookies of other PINGs have it; in those that ask for what was read it is not set. */
#define KH_CHANNEL_HEARTBEAT (UINT64_C (1) << 63)

/* How long the peer has to answer check(): a path that stands needs far less. */
#define KH_CHANNEL_CHECK_US INT64_C (4000000)

/* Progress of one stream is told no more often: a person sees no more. */
#define KH_CHANNEL_PROGRESS_US INT64_C (100000)

/* How long the last frames and BYE may take to go out. */
#define KH_CHANNEL_FAREWELL_US INT64_C (3000000)

/* Files that are whole wait no longer for others to be synced with. */
#define KH_CHANNEL_BATCH_US INT64_C (200000)

/* A source that changes under way is begun again so often. */
#define KH_CHANNEL_RESTARTS 3

/* Free space is looked at once in so many bytes, and so many are left to others. */
#define KH_CHANNEL_ROOM_STEP (UINT64_C (64) << 20)
#define KH_CHANNEL_ROOM_SPARE (UINT64_C (16) << 20)

typedef enum
{
  KH_CHANNEL_FRAME,     /* @frame, @frame_len: a good frame that is not the worker's */
  KH_CHANNEL_PROGRESS,  /* @stream, @outgoing, @entry, @file_bytes, @bytes */
  KH_CHANNEL_RESTARTED, /* @stream, @outgoing, @entry, @size, @modified_ms */
  KH_CHANNEL_RESULTS,   /* @stream, @results: of incoming items */
  KH_CHANNEL_STREAM_FAILED, /* @stream, @status: an incoming one */
  KH_CHANNEL_ROUND_TRIP,    /* @rtt_us */
  KH_CHANNEL_CLOSED,        /* @end, @reason */
} KhChannelEventKind;

typedef enum
{
  KH_CHANNEL_END_BYE,    /* the peer closed it; @reason is a KhFrameBye */
  KH_CHANNEL_END_LOST,   /* reset, or ended without BYE */
  KH_CHANNEL_END_SILENT, /* nothing came for too long */
  KH_CHANNEL_END_BAD,    /* a record that does not decrypt, or what breaks a rule */
  KH_CHANNEL_END_OURS,   /* close() was called */
} KhChannelEnd;

typedef struct
{
  KhChannelEventKind kind;
  uint32_t stream;
  uint32_t entry;
  bool outgoing;
  uint8_t status; /* KhFrameStatus */
  uint8_t reason;
  KhChannelEnd end;
  uint64_t file_bytes; /* of the file that is on its way */
  uint64_t bytes;      /* of the files that went over this stream, wholly or in part */
  uint64_t size;
  uint64_t modified_ms;
  int64_t rtt_us;
  GArray *results; /* of KhChannelResult */
  const uint8_t *frame;
  size_t frame_len;
} KhChannelEvent;

/* @event and what it points to are valid during the call. */
typedef void (*KhChannelCallback) (const KhChannelEvent *event, gpointer data);

/* A file, or an incoming folder, of a stream. */
typedef struct
{
  uint32_t entry;
  uint8_t kind;    /* KH_TREE_FILE or KH_TREE_FOLDER */
  bool executable; /* incoming: gets the bit */
  uint64_t size;   /* as offered */
  uint64_t modified_ms;
  uint64_t offset;   /* outgoing: as wanted */
  char *top;         /* outgoing: GRefString of the folder that @path is below */
  char *path;        /* incoming: below the stream's folder, of safe names */
  char *known_place; /* incoming: there, in the same folder, it may be already; or NULL */
} KhChannelItem;

/* Frees what it points to. */
void kh_channel_item_clear (KhChannelItem *item);

typedef struct
{
  int fd;                            /* connected; taken over, also on failure */
  const KhNoiseCipherState *send;    /* copied; wipe yours */
  const KhNoiseCipherState *receive; /* the same */
  const uint8_t *early;              /* read from the socket after the handshake */
  size_t early_len;                  /* at most KH_CHANNEL_EARLY_MAX */
  int64_t ping_after_us;             /* 0: as the protocol says */
  int64_t lost_after_us;             /* the same */
  bool background;                   /* its thread goes after those of a window */
} KhChannelSetup;

#define KH_CHANNEL_EARLY_MAX 65537

/* How an incoming stream is to be received. */
typedef struct
{
  const char *folder;
  uint64_t growth;  /* bytes that changed sources may add to what was offered */
  bool resumed;     /* parts may be there from before */
  int64_t since_ms; /* Unix time of its acceptance: a file of ours is not older */
} KhChannelIncoming;

typedef struct _KhChannelWorker KhChannelWorker;

/* NULL when the system has no thread or descriptor left. @context may be NULL for
 * the default one. */
KhChannelWorker *kh_channel_worker_new (const KhChannelSetup *setup,
                                        GMainContext *context, KhChannelCallback callback,
                                        gpointer data);
void kh_channel_worker_free (KhChannelWorker *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KhChannelWorker, kh_channel_worker_free)

/* Sends a frame ahead of all pieces. False when too much is waiting already; try
 * again later. @frame was written by kh_frame_write(). */
bool kh_channel_worker_send (KhChannelWorker *self, const uint8_t *frame, size_t len);

/* A ROUND_TRIP follows when the answer comes. */
void kh_channel_worker_ping (KhChannelWorker *self);

/* The network has changed: whether the channel still stands shows within
 * KH_CHANNEL_CHECK_US. Or it can't any more: it is lost. */
void kh_channel_worker_check (KhChannelWorker *self);
void kh_channel_worker_lose (KhChannelWorker *self);

/* False when KH_CHANNEL_STREAMS of the direction are open, or one with this number. An
 * outgoing one is opened before its offer goes out. */
bool kh_channel_worker_open_outgoing (KhChannelWorker *self, uint32_t stream,
                                      const uint8_t transfer[KH_FRAME_ID_LEN]);
bool kh_channel_worker_open_incoming (KhChannelWorker *self, uint32_t stream,
                                      const uint8_t transfer[KH_FRAME_ID_LEN],
                                      const KhChannelIncoming *incoming);

/* Takes the @n items and what they point to. */
void kh_channel_worker_add_items (KhChannelWorker *self, uint32_t stream, bool outgoing,
                                  const KhChannelItem *items, unsigned n);

/* Of an outgoing one: sends no more pieces, or goes on. */
void kh_channel_worker_pause (KhChannelWorker *self, uint32_t stream, bool paused);

/* Ends a stream. What is whole gets its name and its RESULTS first. With @discard the
 * partial files of items under way are removed. */
void kh_channel_worker_stop (KhChannelWorker *self, uint32_t stream, bool outgoing,
                             bool discard);

/* Bytes of pieces a second; 0: no limit. */
void kh_channel_worker_set_rate (KhChannelWorker *self, uint64_t rate);

/* Sends what waits, then BYE. */
void kh_channel_worker_close (KhChannelWorker *self, KhFrameBye reason);
