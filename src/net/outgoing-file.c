/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/outgoing-file.h"

#include "net/read-at.h"

KhFrameStatus
kh_outgoing_file_read (const KhOutgoingFile *self, uint64_t offset, void *to, size_t len)
{
  uint8_t *at = to;

  while (len > 0)
    {
      ptrdiff_t got = kh_read_at (self->fd, offset, at, len);

      if (got < 0)
        return KH_FRAME_STATUS_UNREADABLE;
      if (got == 0)
        return KH_FRAME_STATUS_SHRANK;
      at += got;
      offset += (uint64_t)got;
      len -= (size_t)got;
    }
  return KH_FRAME_STATUS_COMPLETE;
}

uint64_t
kh_outgoing_file_ms (int64_t s, int64_t ns)
{
  return s < 0 ? 0 : (uint64_t)s * 1000 + (uint64_t)ns / 1000000;
}
