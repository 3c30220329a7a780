/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * transfer.h - how far one file is on its way, at either end.
 *
 * Call init() with the size in the offer. Both ends call accept() or decline() when the
 * REPLY goes out or comes in.
 *
 * The sender then asks next_piece() how much to read at offset @bytes and reports
 * it with sent(), until next_piece() is 0; end() when FILE_END goes out, with the
 * source's fault if it had one; placed() when FILE_DONE comes, fail() when
 * FILE_FAILED does.
 *
 * The receiver gives every PIECE to take_piece() and writes it only if that says
 * so, FILE_END to take_end(), and calls placed() once the file has its name.
 *
 * Either end may fail() and cancel() at any time. Every function returns whether
 * it changed anything: what comes at the wrong time is ignored, and once
 * is_final() nothing changes any more.
 *
 * Nothing here reads a file or knows a frame. Sizes and offsets are bytes.
 *
 * Source: src/PROTOCOL.md, sections 5 and 6.
 */
#pragma once

#include "proto/frame.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum
{
  KH_TRANSFER_OFFERED,   /* the receiver has not answered */
  KH_TRANSFER_RUNNING,   /* pieces flow */
  KH_TRANSFER_FINISHING, /* all bytes are over; the receiver syncs and names it */
  KH_TRANSFER_DONE,      /* in place at the receiver */
  KH_TRANSFER_DECLINED,
  KH_TRANSFER_FAILED,    /* @status says why */
  KH_TRANSFER_CANCELLED, /* by a person at either end */
} KhTransferState;

/* Read any field; change them only through the functions below. */
typedef struct
{
  KhTransferState state;
  bool sending;
  uint32_t file;  /* its number in the tree */
  uint8_t status; /* KhFrameStatus; COMPLETE unless it failed or was cancelled */
  uint64_t bytes; /* sent or taken so far: the next piece begins here */
  uint64_t total;
} KhTransfer;

/* @total is the size in the offer, at most KH_FRAME_SIZE_MAX. */
void kh_transfer_init (KhTransfer *self, bool sending, uint32_t file, uint64_t total);

bool kh_transfer_is_final (const KhTransfer *self);

/* @offset: where the receiver wants the file to begin, at most @total. */
bool kh_transfer_accept (KhTransfer *self, uint64_t offset);
bool kh_transfer_decline (KhTransfer *self);

/* Begins again at 0, with another size: FILE_BEGIN goes out or comes in. Only while it
 * is running. */
bool kh_transfer_restart (KhTransfer *self, uint64_t total);

/* How long the next piece is, at most @max; 0 when there is none. */
size_t kh_transfer_next_piece (const KhTransfer *self, size_t max);
bool kh_transfer_sent (KhTransfer *self, size_t len);

/* The sender has no more. @status is COMPLETE only once all bytes were sent. */
bool kh_transfer_end (KhTransfer *self, uint8_t status);

/* Whether these bytes are to be written. One that does not fit fails the
 * transfer with status SIZE_DIFFERS. */
bool kh_transfer_take_piece (KhTransfer *self, uint32_t file, uint64_t offset,
                             size_t len);

/* True when the file is whole and may get its name; otherwise look at @state: an
 * end that does not fit, or one with a fault, failed it. */
bool kh_transfer_take_end (KhTransfer *self, uint32_t file, uint64_t size,
                           uint8_t status);

bool kh_transfer_placed (KhTransfer *self);

/* @status is any but COMPLETE; CANCELLED means cancel(). */
bool kh_transfer_fail (KhTransfer *self, uint8_t status);
bool kh_transfer_cancel (KhTransfer *self);
