/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/transfer.h"

#include <assert.h>

void
kh_transfer_init (KhTransfer *self, bool sending, uint32_t file, uint64_t total)
{
  assert (total <= KH_FRAME_SIZE_MAX);
  *self = (KhTransfer){
    .state = KH_TRANSFER_WAITING,
    .sending = sending,
    .file = file,
    .total = total,
  };
}

bool
kh_transfer_accept (KhTransfer *self, uint64_t offset)
{
  if (self->state != KH_TRANSFER_WAITING)
    return false;
  if (offset > self->total)
    {
      self->state = KH_TRANSFER_FAILED;
      return false;
    }
  self->state = KH_TRANSFER_RUNNING;
  self->bytes = offset;
  return true;
}

size_t
kh_transfer_next_piece (const KhTransfer *self, size_t max)
{
  uint64_t left = self->total - self->bytes;

  if (!self->sending || self->state != KH_TRANSFER_RUNNING)
    return 0;
  return left < max ? (size_t)left : max;
}

bool
kh_transfer_sent (KhTransfer *self, size_t len)
{
  if (len == 0 || kh_transfer_next_piece (self, len) != len)
    return false;
  self->bytes += len;
  return true;
}

bool
kh_transfer_take_piece (KhTransfer *self, uint32_t file, uint64_t offset, size_t len)
{
  if (self->sending || self->state != KH_TRANSFER_RUNNING)
    return false;
  if (file != self->file || offset != self->bytes || len == 0
      || len > self->total - self->bytes)
    {
      self->state = KH_TRANSFER_FAILED;
      return false;
    }
  self->bytes += len;
  return true;
}

bool
kh_transfer_take_end (KhTransfer *self, uint32_t file, uint64_t size)
{
  bool fits = file == self->file && size == self->total && self->bytes == self->total;

  if (self->sending || self->state != KH_TRANSFER_RUNNING)
    return false;
  self->state = fits ? KH_TRANSFER_WHOLE : KH_TRANSFER_FAILED;
  return fits;
}
