/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/transfer.h"

#include <assert.h>

static bool
go_on (KhTransfer *self, KhTransferState from, KhTransferState to)
{
  if (self->state != from)
    return false;
  self->state = to;
  return true;
}

void
kh_transfer_init (KhTransfer *self, bool sending, uint32_t file, uint64_t total)
{
  assert (total <= KH_FRAME_SIZE_MAX);
  *self = (KhTransfer){
    .state = KH_TRANSFER_OFFERED,
    .sending = sending,
    .file = file,
    .total = total,
  };
}

bool
kh_transfer_is_final (const KhTransfer *self)
{
  return self->state >= KH_TRANSFER_DONE;
}

bool
kh_transfer_accept (KhTransfer *self, uint64_t offset)
{
  if (offset > self->total)
    {
      kh_transfer_fail (self, KH_FRAME_STATUS_SIZE_DIFFERS);
      return false;
    }
  if (!go_on (self, KH_TRANSFER_OFFERED, KH_TRANSFER_RUNNING))
    return false;
  self->bytes = offset;
  return true;
}

bool
kh_transfer_decline (KhTransfer *self)
{
  return go_on (self, KH_TRANSFER_OFFERED, KH_TRANSFER_DECLINED);
}

bool
kh_transfer_restart (KhTransfer *self, uint64_t total)
{
  assert (total <= KH_FRAME_SIZE_MAX);
  if (self->state != KH_TRANSFER_RUNNING)
    return false;
  self->bytes = 0;
  self->total = total;
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
kh_transfer_end (KhTransfer *self, uint8_t status)
{
  if (!self->sending || self->state != KH_TRANSFER_RUNNING)
    return false;
  if (status != KH_FRAME_STATUS_COMPLETE)
    return kh_transfer_fail (self, status);
  if (self->bytes != self->total)
    return false;
  return go_on (self, KH_TRANSFER_RUNNING, KH_TRANSFER_FINISHING);
}

bool
kh_transfer_take_piece (KhTransfer *self, uint32_t file, uint64_t offset, size_t len)
{
  if (self->sending || self->state != KH_TRANSFER_RUNNING)
    return false;
  if (file != self->file || offset != self->bytes || len == 0
      || len > self->total - self->bytes)
    {
      kh_transfer_fail (self, KH_FRAME_STATUS_SIZE_DIFFERS);
      return false;
    }
  self->bytes += len;
  return true;
}

bool
kh_transfer_take_end (KhTransfer *self, uint32_t file, uint64_t size, uint8_t status)
{
  if (self->sending || self->state != KH_TRANSFER_RUNNING)
    return false;
  if (status == KH_FRAME_STATUS_COMPLETE
      && (file != self->file || size != self->total || self->bytes != self->total))
    status = KH_FRAME_STATUS_SIZE_DIFFERS;
  if (status != KH_FRAME_STATUS_COMPLETE)
    {
      kh_transfer_fail (self, status);
      return false;
    }
  return go_on (self, KH_TRANSFER_RUNNING, KH_TRANSFER_FINISHING);
}

bool
kh_transfer_placed (KhTransfer *self)
{
  return go_on (self, KH_TRANSFER_FINISHING, KH_TRANSFER_DONE);
}

bool
kh_transfer_fail (KhTransfer *self, uint8_t status)
{
  assert (status != KH_FRAME_STATUS_COMPLETE);
  if (kh_transfer_is_final (self))
    return false;
  self->status = status;
  self->state
      = status == KH_FRAME_STATUS_CANCELLED ? KH_TRANSFER_CANCELLED : KH_TRANSFER_FAILED;
  return true;
}

bool
kh_transfer_cancel (KhTransfer *self)
{
  return kh_transfer_fail (self, KH_FRAME_STATUS_CANCELLED);
}
