/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * transfer.h - how far one file is on its way, at either end.
 *
 * Call init() with the size, and accept() once it is known where the file begins. Both
 * again where it begins anew, with another size.
 *
 * The sender then asks next_piece() how much to read at offset @bytes and reports
 * it with sent(), until next_piece() is 0.
 *
 * The receiver gives every PIECE to take_piece() and writes it only if that says
 * so, and an end without a fault to take_end(), which says whether the file is whole.
 *
 * Every function returns whether it changed anything as it should: what comes at the
 * wrong time is ignored, and once it is WHOLE or has FAILED nothing changes any more.
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
  KH_TRANSFER_WAITING, /* it is not known where it begins */
  KH_TRANSFER_RUNNING, /* pieces flow */
  KH_TRANSFER_WHOLE,   /* at the receiver: all bytes are over */
  KH_TRANSFER_FAILED,  /* what came does not fit */
} KhTransferState;

/* Read any field; change them only through the functions below. */
typedef struct
{
  KhTransferState state;
  bool sending;
  uint32_t file;  /* its number in the tree */
  uint64_t bytes; /* sent or taken so far: the next piece begins here */
  uint64_t total;
} KhTransfer;

/* @total is the size in the offer, at most KH_FRAME_SIZE_MAX. */
void kh_transfer_init (KhTransfer *self, bool sending, uint32_t file, uint64_t total);

/* @offset: where the receiver wants the file to begin; beyond @total fails it. */
bool kh_transfer_accept (KhTransfer *self, uint64_t offset);

/* How long the next piece is, at most @max; 0 when there is none. */
size_t kh_transfer_next_piece (const KhTransfer *self, size_t max);
bool kh_transfer_sent (KhTransfer *self, size_t len);

/* Whether these bytes are to be written. One that does not fit fails the transfer. */
bool kh_transfer_take_piece (KhTransfer *self, uint32_t file, uint64_t offset,
                             size_t len);

/* True when the file is whole and may get its name. An end that does not fit fails the
 * transfer. */
bool kh_transfer_take_end (KhTransfer *self, uint32_t file, uint64_t size);
