/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * record-stream.h - records with a two-byte length on a non-blocking socket.
 *
 * init() with a connected socket; put() queues a record, flush() writes what the
 * socket takes. On input fill(), then take() until it has no whole record left.
 * The caller watches the socket: for input always, for output while flush()
 * says KH_STREAM_BLOCKED.
 *
 * It knows nothing of what is in a record. Main loop only.
 *
 * Source: src/PROTOCOL.md section 2.1.
 */
#pragma once

#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>

/* What may wait for a peer that does not read. */
#define KH_RECORD_STREAM_MAX_QUEUE (256 * 1024)

typedef enum
{
  KH_STREAM_OK,      /* all written, or all there was is read */
  KH_STREAM_BLOCKED, /* more when the socket is ready */
  KH_STREAM_ENDED,   /* the other side closed, or the connection broke */
  KH_STREAM_BAD,     /* a record longer than allowed */
} KhStreamResult;

typedef struct
{
  /* Owned */
  GSocket *socket;
  GByteArray *out;
  uint8_t *in;

  /* State */
  size_t max_record;
  size_t in_at; /* first byte not taken yet */
  size_t in_len;
} KhRecordStream;

/* Holds a reference to @socket. @max_record is in bytes, without the length. */
void kh_record_stream_init (KhRecordStream *self, GSocket *socket, size_t max_record);
void kh_record_stream_clear (KhRecordStream *self);

/* False, and nothing queued, when too much is waiting already. */
bool kh_record_stream_put (KhRecordStream *self, const uint8_t *record, size_t len);

KhStreamResult kh_record_stream_flush (KhRecordStream *self);
KhStreamResult kh_record_stream_fill (KhRecordStream *self);

/* The next whole record, writable in place, valid until the next fill(). */
bool kh_record_stream_take (KhRecordStream *self, uint8_t **record, size_t *len);

/* The bytes that came after the records taken: for whoever takes the socket over. */
const uint8_t *kh_record_stream_rest (const KhRecordStream *self, size_t *len);
