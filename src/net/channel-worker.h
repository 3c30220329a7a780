/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * channel-worker.h - a thread that owns one open channel to a peer.
 *
 * new() with the socket and the ciphers as the handshake left them; then ask for
 * things, and be told in events on the main context. Every file that was begun
 * ends in one FILE_DONE or FILE_FAILED, unless CLOSED comes first: that is the
 * last event and ends whatever still ran. free() at any time, also in an event.
 *
 * PING and PONG, BYE, pieces, and the frames about files end here; all others are
 * handed on as they came and are not judged, beyond being well-formed. Consent is
 * the caller's affair: a file is written once receive_file() was called, whoever
 * asked for it.
 *
 * All functions belong to the thread of the main context, and none waits; but
 * free() before CLOSED may wait for a disk. Times are microseconds.
 *
 * Source: src/PROTOCOL.md sections 5 and 6.
 */
#pragma once

#include "net/outgoing-file.h"
#include "proto/frame.h"
#include "proto/noise.h"

#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>

/* Files on their way at a time, in each direction. */
#define KH_CHANNEL_STREAMS 16

/* What send() keeps for a peer that reads slowly. */
#define KH_CHANNEL_FRAMES_MAX 256
#define KH_CHANNEL_FRAME_BYTES_MAX (4u << 20)

/* What waits for the main context before the worker stops reading. */
#define KH_CHANNEL_EVENTS_MAX 256
#define KH_CHANNEL_EVENT_BYTES_MAX (1u << 20)

/* Progress of one file is told no more often: a person sees no more. */
#define KH_CHANNEL_PROGRESS_US INT64_C (100000)

/* How long the last frames and BYE may take to go out. */
#define KH_CHANNEL_FAREWELL_US INT64_C (3000000)

typedef enum
{
  KH_CHANNEL_FRAME,       /* @frame, @frame_len: a good frame that is not the worker's */
  KH_CHANNEL_FILE_BEGUN,  /* @stream, @path: the partial file of an incoming one */
  KH_CHANNEL_PROGRESS,    /* @stream, @outgoing, @bytes */
  KH_CHANNEL_FILE_SENT,   /* @stream: all of it is on its way */
  KH_CHANNEL_FILE_DONE,   /* @stream, @outgoing, @bytes; incoming: @path, synced */
  KH_CHANNEL_FILE_FAILED, /* @stream, @outgoing, @bytes, @status; nothing is left of it */
  KH_CHANNEL_ROUND_TRIP,  /* @rtt_us */
  KH_CHANNEL_CLOSED,      /* @end, @reason */
} KhChannelEventKind;

typedef enum
{
  KH_CHANNEL_END_BYE,    /* the peer closed it; @reason is a KhFrameBye */
  KH_CHANNEL_END_LOST,   /* reset, or ended without BYE */
  KH_CHANNEL_END_SILENT, /* nothing came for too long */
  KH_CHANNEL_END_BAD,    /* a record that does not decrypt, or a bad frame */
  KH_CHANNEL_END_OURS,   /* close() was called */
} KhChannelEnd;

typedef struct
{
  KhChannelEventKind kind;
  uint32_t stream;
  bool outgoing;
  uint8_t status; /* KhFrameStatus */
  uint8_t reason;
  KhChannelEnd end;
  uint64_t bytes;
  int64_t rtt_us;
  const char *path;
  const uint8_t *frame;
  size_t frame_len;
} KhChannelEvent;

/* @event and what it points to are valid during the call. */
typedef void (*KhChannelCallback) (const KhChannelEvent *event, gpointer data);

typedef struct
{
  int fd;                            /* connected; taken over, also on failure */
  const KhNoiseCipherState *send;    /* copied; wipe yours */
  const KhNoiseCipherState *receive; /* the same */
  const uint8_t *early;              /* read from the socket after the handshake */
  size_t early_len;                  /* at most KH_CHANNEL_EARLY_MAX */
  int64_t ping_after_us;             /* 0: as the protocol says */
  int64_t lost_after_us;             /* the same */
} KhChannelSetup;

#define KH_CHANNEL_EARLY_MAX 65537

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

/* Sends @file, whose offer was accepted, from @offset on. The worker owns it from
 * here, unless the result is false: too many run, or one with this number. */
bool kh_channel_worker_send_file (KhChannelWorker *self, uint32_t stream,
                                  KhOutgoingFile *file, uint64_t offset);

/* Accepts an offer: receives its file into @folder. @name comes out of
 * proto/safe-name. The worker sends the REPLY once it has a place to write to, and
 * otherwise CANCEL with the status. False as above. */
bool kh_channel_worker_receive_file (KhChannelWorker *self,
                                     const uint8_t transfer[KH_FRAME_ID_LEN],
                                     uint32_t stream, const char *folder,
                                     const char *name, uint64_t size,
                                     uint64_t modified_ms);

/* Ends a file, which fails with status CANCELLED unless it ended before. */
void kh_channel_worker_stop (KhChannelWorker *self, uint32_t stream, bool outgoing);

/* Sends what waits, then BYE. */
void kh_channel_worker_close (KhChannelWorker *self, KhFrameBye reason);
