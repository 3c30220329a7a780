/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * channel-worker-private.h - what the parts of the channel worker share.
 *
 * channel-worker.c has the thread, its commands and its heartbeat, channel-send.c
 * what goes out, channel-receive.c what comes in. All functions here belong to
 * the worker's thread.
 */
#pragma once

#include "net/channel-events.h"
#include "net/channel-worker.h"
#include "net/incoming-file.h"
#include "net/pacing.h"
#include "net/waker.h"
#include "proto/transfer.h"

/* Length field, then a whole Noise message. */
#define RECORD_HEADER_LEN 2
#define RECORD_MAX (RECORD_HEADER_LEN + KH_NOISE_MESSAGE_MAX)

/* So many full records are sealed for one write and opened after one read: fewer
 * cost more system calls, more don't stay in the processor's cache. */
#define RECORDS_AT_ONCE 4
#define BUFFER_LEN (RECORDS_AT_ONCE * RECORD_MAX)

/* File data that waits in the kernel is what a message waits behind (PROTOCOL.md
 * section 5). */
#define UNSENT_MAX (128u << 10)

/* Frames that the worker answers with by itself. A peer that causes more and does
 * not read them is not read any more. */
#define ANSWERS_MAX 64

typedef struct
{
  size_t len;
  bool is_answer; /* made here, so not counted against the main context */
  uint8_t bytes[];
} Frame;

typedef struct
{
  bool active;
  uint32_t id;
  KhTransfer transfer;
  KhOutgoingFile file;
  int64_t progress_at_us;
} OutStream;

typedef struct
{
  bool active;
  uint32_t id;
  KhTransfer transfer;
  KhIncomingFile file;
  char *folder;
  char *name;
  uint64_t modified_ms;
  int64_t progress_at_us;
} InStream;

typedef enum
{
  PHASE_OPEN,
  PHASE_FAREWELL, /* only what waits and BYE go out, nothing counts that comes in */
  PHASE_LINGER,   /* all is out; the peer ends the connection */
  PHASE_ENDED,
} Phase;

typedef enum
{
  COMMAND_FRAME,
  COMMAND_PING,
  COMMAND_SEND_FILE,
  COMMAND_RECEIVE_FILE,
  COMMAND_STOP,
  COMMAND_CLOSE,
} CommandKind;

typedef struct
{
  CommandKind kind;
  uint32_t stream;
  bool outgoing;
  uint8_t reason;
  uint8_t transfer[KH_FRAME_ID_LEN];
  uint64_t offset;
  uint64_t size;
  uint64_t modified_ms;
  KhOutgoingFile file;
  char *folder;
  char *name;
  Frame *frame;
} Command;

/* The numbers of files that were begun and have not ended. */
typedef struct
{
  uint32_t ids[KH_CHANNEL_STREAMS];
  unsigned n;
} StreamIds;

struct _KhChannelWorker
{
  /* Owned, the same from new() to free() */
  GThread *thread;
  KhChannelEvents *events;
  KhWaker waker;
  int64_t ping_after_us;
  int64_t lost_after_us;

  /* Shared, under @lock */
  GMutex lock;
  GQueue commands; /* of Command */
  unsigned n_frames;
  size_t frame_bytes;
  StreamIds outgoing_ids;
  StreamIds incoming_ids;
  bool abandoned;

  /* The thread's own */
  int fd;
  Phase phase;
  KhChannelEnd end;
  uint8_t end_reason;
  int64_t now_us; /* as of this turn */
  int64_t farewell_until_us;
  uint64_t cookie_salt; /* so that a cookie does not tell this computer's clock */
  int64_t heard_at_us;
  int64_t pinged_at_us; /* 0 while no answer is due */
  uint64_t n_sent;      /* bytes given to the socket */
  uint64_t n_taken;     /* of these, acknowledged by the peer's system when last asked */

  KhNoiseCipherState seal;
  KhNoiseFastKey seal_key;
  GQueue control; /* of Frame */
  unsigned n_answers;
  OutStream outgoing[KH_CHANNEL_STREAMS];
  unsigned next_outgoing;
  size_t turn_len; /* what is sealed at once; small on a slow path */
  int64_t turn_at_us;
  KhPacing pacing;
  size_t out_at;
  size_t out_len;
  bool write_lost;

  KhNoiseCipherState open;
  KhNoiseFastKey open_key;
  InStream incoming[KH_CHANNEL_STREAMS];
  size_t in_at;
  size_t in_len;
  unsigned n_dropped; /* frames of unknown types and for files that are over */

  uint8_t out[BUFFER_LEN];
  uint8_t in[BUFFER_LEN];
};

/* channel-worker.c */

void kh_channel_end (KhChannelWorker *self, KhChannelEnd end, uint8_t reason);

/* The last event of a file, and its number is free again. */
void kh_channel_tell_file_over (KhChannelWorker *self, bool outgoing, uint32_t stream,
                                const KhTransfer *transfer, const char *path);

void kh_channel_tell_progress (KhChannelWorker *self, bool outgoing, uint32_t stream,
                               const KhTransfer *transfer, int64_t *progress_at_us);

/* channel-send.c */

/* Takes @frame over. */
void kh_channel_queue (KhChannelWorker *self, Frame *frame);

/* Queues a frame that the worker makes itself. */
void kh_channel_answer (KhChannelWorker *self, const KhFrame *frame);
void kh_channel_ping (KhChannelWorker *self);

void kh_channel_begin_sending (KhChannelWorker *self, Command *command);
void kh_channel_stop_sending (KhChannelWorker *self, uint32_t stream);

/* FILE_DONE or FILE_FAILED came. */
void kh_channel_take_result (KhChannelWorker *self, const KhFrame *frame);

bool kh_channel_has_output (const KhChannelWorker *self);
void kh_channel_send_turn (KhChannelWorker *self);
void kh_channel_drop_output (KhChannelWorker *self);

/* channel-receive.c */

void kh_channel_begin_receiving (KhChannelWorker *self, Command *command);
void kh_channel_stop_receiving (KhChannelWorker *self, uint32_t stream);

/* Whether something keeps it from taking more in. */
bool kh_channel_is_held_up (KhChannelWorker *self);
bool kh_channel_has_record (const KhChannelWorker *self);
void kh_channel_receive_turn (KhChannelWorker *self, bool readable);
void kh_channel_drop_input (KhChannelWorker *self);
