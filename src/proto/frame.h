/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * frame.h - the frames of a channel: what two clients say to each other.
 *
 * Fill in a KhFrame and write() it; read() what came and look at the verdict
 * before using it. A frame is the plaintext of one transport message, so its
 * length is known from outside. Texts of a frame that was read, and the bytes of
 * a piece, point into the bytes given to read().
 *
 * The entries of a tree are read and written by proto/tree.h; a page of a good frame has
 * been looked through, and each of its entries can be read.
 *
 * File pieces need no KhFrame to be sent: put a piece header in front of the
 * bytes where they lie.
 *
 * Nothing here encrypts or keeps state. Sizes and offsets are bytes of a file,
 * times are Unix milliseconds.
 *
 * Source: src/PROTOCOL.md, section 5.
 */
#pragma once

#include "proto/reader.h"
#include "proto/tree.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A Noise message is at most 65,535 bytes, 16 of them its tag. */
#define KH_FRAME_MAX 65519

#define KH_FRAME_VERSION 1
#define KH_FRAME_ID_LEN 16
#define KH_FRAME_HASH_LEN 32

/* What is shown beside a peer; the same at the server. */
#define KH_FRAME_NAME_MAX 64

/* A message fits into one frame with room to spare and is still a long read. */
#define KH_FRAME_TEXT_MAX 32768

/* Offsets are signed in every system call that takes them. */
#define KH_FRAME_SIZE_MAX INT64_MAX

/* Type, stream, file and offset stand before the bytes of a piece. */
#define KH_FRAME_PIECE_HEADER_LEN 17
#define KH_FRAME_PIECE_MAX (KH_FRAME_MAX - KH_FRAME_PIECE_HEADER_LEN)

/* Entries that one WANT or FILE_DONE names: two of them under way keep a fast channel
 * busy with the smallest files, and are little memory. */
#define KH_FRAME_RUN_MAX 1024

/* PING after so long without a byte from the peer: well under the shortest time
 * that a router was seen to forget a quiet connection. */
#define KH_FRAME_PING_AFTER_US INT64_C (5000000)

/* And without a byte for so long after the PING the channel is lost: two
 * retransmissions of a bad mobile link fit into it. */
#define KH_FRAME_LOST_AFTER_US INT64_C (15000000)

typedef enum
{
  KH_FRAME_NOMINATE = 0x01,
  KH_FRAME_HELLO = 0x02,
  KH_FRAME_PING = 0x03,
  KH_FRAME_PONG = 0x04,
  KH_FRAME_BYE = 0x05,
  KH_FRAME_MESSAGE = 0x10,
  KH_FRAME_DELIVERED = 0x11,
  KH_FRAME_OFFER = 0x20,
  KH_FRAME_REPLY = 0x21,
  KH_FRAME_PIECE = 0x22,
  KH_FRAME_FILE_END = 0x23,
  KH_FRAME_FILE_DONE = 0x24,
  KH_FRAME_FILE_FAILED = 0x25,
  KH_FRAME_CANCEL = 0x26,
  KH_FRAME_TREE_WANT = 0x27,
  KH_FRAME_TREE = 0x28,
  KH_FRAME_WANT = 0x29,
  KH_FRAME_HASH = 0x2a,
  KH_FRAME_FILE_BEGIN = 0x2b,
  KH_FRAME_PAUSE = 0x2c,
  KH_FRAME_FINISHED = 0x2d,
  KH_FRAME_RETRY = 0x2e,
  KH_FRAME_RATE = 0x2f,
  KH_FRAME_FIRST = 0x30,
} KhFrameType;

typedef enum
{
  KH_FRAME_GOOD,
  KH_FRAME_UNKNOWN, /* a later version's; drop and count it */
  KH_FRAME_BAD,     /* end the channel */
} KhFrameVerdict;

typedef enum
{
  KH_FRAME_BYE_CLOSING = 0,
  KH_FRAME_BYE_REPLACED = 1, /* by a newer channel with the same peer */
  KH_FRAME_BYE_HUNG_UP
  = 2, /* by a person, who does not want to be called back by itself */
} KhFrameBye;

/* How a file or a transfer ended. Later versions add more: treat a strange one as a
 * failure. */
typedef enum
{
  KH_FRAME_STATUS_COMPLETE = 0,
  /* at the sender */
  KH_FRAME_STATUS_SHRANK = 1,
  KH_FRAME_STATUS_CHANGED = 2,
  KH_FRAME_STATUS_UNREADABLE = 3,
  KH_FRAME_STATUS_GONE = 4,
  KH_FRAME_STATUS_NOT_LISTED = 5, /* too many files, too deep or too long paths */
  /* at the receiver */
  KH_FRAME_STATUS_DISK_FULL = 10,
  KH_FRAME_STATUS_NOT_WRITABLE = 11,
  KH_FRAME_STATUS_WRITE_ERROR = 12,
  KH_FRAME_STATUS_SIZE_DIFFERS = 13, /* sizes or numbers are not those of the offer */
  KH_FRAME_STATUS_GREW = 14,         /* more than the offer by too much */
  KH_FRAME_STATUS_OVER_QUOTA = 15,
  /* at either */
  KH_FRAME_STATUS_CANCELLED = 20,
} KhFrameStatus;

typedef enum
{
  KH_FRAME_ACCEPT = 1,
  KH_FRAME_DECLINE = 2,
} KhFrameReply;

/* Flags of OFFER and REPLY. */
#define KH_FRAME_OFFER_RETRY 1
#define KH_FRAME_OFFER_PAUSED 2

typedef struct
{
  uint8_t type; /* KhFrameType: which member counts */
  union
  {
    struct
    {
      uint16_t version;
      uint32_t capabilities;
      KhText name;
    } hello;

    uint64_t cookie; /* PING, PONG */

    uint8_t reason; /* BYE: KhFrameBye or a later version's */

    struct
    {
      uint8_t id[KH_FRAME_ID_LEN];
      uint64_t sent_at_ms;
      KhText text;
    } message;

    uint8_t delivered[KH_FRAME_ID_LEN]; /* the message's id */

    struct
    {
      uint8_t transfer[KH_FRAME_ID_LEN];
      uint32_t stream;
      uint8_t flags;
      uint32_t n_entries; /* 1 to KH_TREE_ENTRIES_MAX */
      uint32_t n_files;   /* at most n_entries */
      uint64_t total;     /* bytes of all files */
      KhTreePage page;    /* the first entries */
    } offer;

    struct
    {
      uint8_t transfer[KH_FRAME_ID_LEN];
      uint8_t verdict; /* KhFrameReply */
      uint8_t flags;
      uint32_t n_files;
      uint64_t total;
    } reply;

    /* TREE_WANT without the page, and TREE. */
    struct
    {
      uint8_t transfer[KH_FRAME_ID_LEN];
      uint32_t first;
      KhTreePage page;
    } tree;

    /* WANT, and FILE_DONE, which has no offset. */
    struct
    {
      uint32_t stream;
      uint32_t first;
      uint32_t n; /* 1 to KH_FRAME_RUN_MAX; 1 where the offset is above 0 */
      uint64_t offset;
    } run;

    struct
    {
      uint32_t stream;
      uint32_t file;
      uint8_t hash[KH_FRAME_HASH_LEN];
    } hash;

    struct
    {
      uint32_t stream;
      uint32_t file;
      uint64_t offset;
      const uint8_t *bytes;
      size_t len; /* at least 1 */
    } piece;

    /* FILE_END with @size and @status, FILE_FAILED with @status, FILE_BEGIN with
     * @size and @modified_ms. */
    struct
    {
      uint32_t stream;
      uint32_t file;
      uint64_t size; /* FILE_END: bytes that were sent */
      uint64_t modified_ms;
      uint8_t status; /* KhFrameStatus */
    } file;

    struct
    {
      uint8_t transfer[KH_FRAME_ID_LEN];
      uint8_t status; /* not COMPLETE */
    } cancel;

    struct
    {
      uint8_t transfer[KH_FRAME_ID_LEN];
      uint8_t paused; /* 0 or 1 */
    } pause;

    struct
    {
      uint8_t transfer[KH_FRAME_ID_LEN];
      uint32_t n_done;
      uint32_t n_there;
      uint32_t n_failed;
      uint32_t n_left_out;
    } finished;

    uint8_t retry[KH_FRAME_ID_LEN]; /* the transfer's id */

    uint8_t first[KH_FRAME_ID_LEN]; /* the same */

    uint64_t rate; /* bytes a second; 0: no limit */
  };
} KhFrame;

/* Writes @frame to @out, which holds @capacity bytes. Returns its length; 0 when
 * it does not fit, its type is unknown, or read() would call it bad. */
size_t kh_frame_write (const KhFrame *frame, uint8_t *out, size_t capacity);

/* Reads the frame of @len bytes. @frame is set only when the verdict is good. */
KhFrameVerdict kh_frame_read (KhFrame *frame, const uint8_t *bytes, size_t len);

/* Writes what stands before the bytes of a piece. */
void kh_frame_write_piece_header (uint8_t out[KH_FRAME_PIECE_HEADER_LEN], uint32_t stream,
                                  uint32_t file, uint64_t offset);
