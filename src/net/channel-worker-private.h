/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * channel-worker-private.h - what the parts of the channel worker share.
 *
 * channel-worker.c is what the main context calls, channel-thread.c the thread with its
 * commands and its heartbeat, channel-send.c what goes out with channel-outgoing.c for
 * the files in it, channel-receive.c what comes in with channel-incoming.c for the files
 * in it and channel-wanted.c for those that are asked for and compared. All functions
 * here belong to the worker's thread.
 */
#pragma once

#include "net/channel-events.h"
#include "net/channel-worker.h"
#include "net/outgoing-file.h"
#include "net/pacing.h"
#include "net/prefix-hash.h"
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

/* After so long what is left of a turn waits: disks may be slow, and commands and answers
 * are not to be. */
#define TURN_WORK_US INT64_C (10000)

/* A piece's record but for its bytes, and the longest frame between pieces. */
#define RECORD_OVERHEAD (RECORD_HEADER_LEN + KH_NOISE_TAG_LEN)
#define MARK_LEN 64

typedef enum
{
  ORIGIN_MAIN,   /* counted against the main context */
  ORIGIN_ANSWER, /* to what the peer has sent: counted against it */
  ORIGIN_OWN,    /* of what the main context has asked for: bounded by that */
} FrameOrigin;

typedef struct
{
  size_t len;
  FrameOrigin origin;
  uint8_t bytes[];
} Frame;

typedef struct
{
  bool paused;
  uint32_t id;
  uint8_t transfer_id[KH_FRAME_ID_LEN];
  GQueue items;        /* of KhChannelItem: the first is on its way */
  GHashTable *hashes;  /* of the peer, by entry, until their turn */
  uint32_t next_entry; /* those before it are over */
  KhFolderCursor cursor;
  char *top; /* that the cursor was opened at: a GRefString */

  /* Of the first item */
  bool begun;
  bool comparing;
  unsigned n_restarts;
  KhTransfer transfer;
  KhOutgoingFile file;
  KhPrefixHash hash;

  uint64_t past_bytes; /* of the files before */
  int64_t progress_at_us;
} OutStream;

typedef struct
{
  KhChannelItem item;
  uint64_t offset; /* it was asked for from here on */
  bool same;       /* what may be the same is in its final place */
  char *same_path; /* where, if not at the item's path */
  bool hash_sent;
} InItem;

typedef struct
{
  uint32_t id;
  uint8_t transfer_id[KH_FRAME_ID_LEN];
  bool resumed;
  int64_t since_ms;
  uint64_t growth_left;
  uint64_t room_left; /* bytes until free space is looked at */
  unsigned n_to_hash; /* items whose hash the peer waits for */
  KhFolderCursor cursor;
  GQueue items; /* of InItem: the first is on its way */
  KhIncomingBatch batch;
  uint8_t failed; /* KhFrameStatus: of the whole stream */

  /* Of the first item */
  bool begun;
  uint8_t drop; /* it has failed with this status, and the rest of it is dropped */
  KhTransfer transfer;
  KhIncomingFile file;

  InItem *hashing; /* NULL, or one of the items */
  int hash_fd;
  KhPrefixHash hash;

  uint64_t past_bytes;
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
  COMMAND_CHECK,
  COMMAND_LOSE,
  COMMAND_OPEN,
  COMMAND_ITEMS,
  COMMAND_PAUSE,
  COMMAND_STOP,
  COMMAND_RATE,
  COMMAND_CLOSE,
} CommandKind;

typedef struct
{
  CommandKind kind;
  uint32_t stream;
  bool outgoing;
  bool flag; /* paused, discard, resumed */
  uint8_t reason;
  uint8_t transfer[KH_FRAME_ID_LEN];
  uint64_t number; /* growth, rate */
  int64_t since_ms;
  char *folder;
  KhChannelItem *items;
  unsigned n_items;
  Frame *frame;
} Command;

/* The numbers of streams that are open. */
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
  bool background;
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
  bool is_checked;      /* that answer is due soon */
  uint64_t n_pieces;    /* bytes of pieces made into records */
  uint64_t n_asked;     /* of these, before the last question whether they are read */
  uint64_t n_peer_read; /* of these, read by the peer's program */
  uint64_t n_sent;      /* bytes given to the socket */
  uint64_t n_taken;     /* of these, acknowledged by the peer's system when last asked */

  KhNoiseCipherState seal;
  KhNoiseFastKey seal_key;
  GQueue control; /* of Frame */
  unsigned n_answers;
  OutStream *outgoing[KH_CHANNEL_STREAMS]; /* Owned: those that are open */
  unsigned n_outgoing;
  unsigned next_outgoing;
  uint64_t rate; /* bytes of pieces a second; 0: no limit */
  double credit; /* that may go out now */
  int64_t credit_at_us;
  size_t turn_len; /* what is sealed at once; small on a slow path */
  unsigned n_turns;
  int64_t turn_at_us;
  KhPacing pacing;
  size_t out_at;
  size_t out_len;
  bool write_lost;

  KhNoiseCipherState open;
  KhNoiseFastKey open_key;
  InStream *incoming[KH_CHANNEL_STREAMS]; /* Owned: those that are open */
  unsigned n_incoming;
  size_t in_at;
  size_t in_len;
  unsigned n_dropped; /* frames of unknown types and for files that are over */

  uint8_t out[BUFFER_LEN];
  uint8_t in[BUFFER_LEN];
};

/* channel-thread.c */

gpointer kh_channel_run (gpointer worker);
void kh_channel_end (KhChannelWorker *self, KhChannelEnd end, uint8_t reason);
void kh_channel_free_command (Command *command);

bool kh_channel_is_late (const KhChannelWorker *self);

/* The number of a stream is free again. */
void kh_channel_forget_stream (KhChannelWorker *self, bool outgoing, uint32_t stream);

/* channel-send.c */

/* Takes @frame over. */
void kh_channel_queue (KhChannelWorker *self, Frame *frame);

/* Queue a frame that the worker makes itself: in answer to the peer, or not. */
void kh_channel_answer (KhChannelWorker *self, const KhFrame *frame);
void kh_channel_say (KhChannelWorker *self, const KhFrame *frame);
void kh_channel_ping (KhChannelWorker *self);

/* Where the next frame is to be put, so that it is sealed where it lies, and how much
 * room there is for records. */
uint8_t *kh_channel_frame_at (KhChannelWorker *self);
size_t kh_channel_room (const KhChannelWorker *self);
void kh_channel_seal (KhChannelWorker *self, size_t frame_len);

bool kh_channel_has_output (KhChannelWorker *self);

/* When pieces may go out again that a rate holds back; KH_NEVER while none does. */
int64_t kh_channel_rate_deadline (KhChannelWorker *self);
void kh_channel_set_rate (KhChannelWorker *self, uint64_t rate);
void kh_channel_send_turn (KhChannelWorker *self);

/* channel-outgoing.c */

void kh_channel_open_outgoing (KhChannelWorker *self, const Command *command);
void kh_channel_add_outgoing (KhChannelWorker *self, Command *command);
void kh_channel_pause_outgoing (KhChannelWorker *self, uint32_t stream, bool paused);
void kh_channel_stop_outgoing (KhChannelWorker *self, uint32_t stream);
void kh_channel_take_hash (KhChannelWorker *self, const KhFrame *frame);

/* Whether some stream has something to send. */
bool kh_channel_has_pieces (KhChannelWorker *self);

/* Fills the output with what streams have to send, at most about @max bytes. Returns how
 * many bytes of files that were. */
size_t kh_channel_fill_with_pieces (KhChannelWorker *self, size_t max);

/* A step of what is to be compared. True: there is more. */
bool kh_channel_hash_outgoing (KhChannelWorker *self);
void kh_channel_drop_outgoing (KhChannelWorker *self);

/* channel-receive.c */

/* Whether something keeps it from taking more in. */
bool kh_channel_is_held_up (KhChannelWorker *self);
bool kh_channel_has_record (const KhChannelWorker *self);
void kh_channel_receive_turn (KhChannelWorker *self, bool readable);

/* channel-incoming.c */

void kh_channel_open_incoming (KhChannelWorker *self, const Command *command);
void kh_channel_stop_incoming (KhChannelWorker *self, uint32_t stream, bool discard);

/* PIECE, FILE_BEGIN, FILE_END. */
void kh_channel_take_file_frame (KhChannelWorker *self, const KhFrame *frame);

/* Syncs and names what is whole, where it is time; when it is next. */
void kh_channel_flush_incoming (KhChannelWorker *self);
int64_t kh_channel_flush_deadline (const KhChannelWorker *self);
void kh_channel_drop_incoming (KhChannelWorker *self);

/* channel-wanted.c */

InStream *kh_channel_find_incoming (KhChannelWorker *self, uint32_t id);
void kh_channel_free_in_item (gpointer data);

/* Goes to the folder of an item and names its partial file. False and errno. */
bool kh_channel_find_partial (InStream *stream, const InItem *in, KhFolderCursorWay way,
                              char partial[KH_INCOMING_FILE_NAME_MAX + 1]);

/* Where it is, of one that is there but not where it was to be; else NULL. */
const char *kh_channel_elsewhere (const InItem *in);

/* Asks for the files of which nothing is there in runs, for the others one by one. */
void kh_channel_add_incoming (KhChannelWorker *self, Command *command);

/* The hash of an item has gone out, or nobody waits for it any more. */
void kh_channel_end_hashing (InStream *stream, InItem *in);
void kh_channel_stop_hashing (InStream *stream);
bool kh_channel_hash_incoming (KhChannelWorker *self);
