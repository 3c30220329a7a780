/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/outgoing-file.h"

#include "net/file-status.h"
#include "net/handle-win32.h"

#include <errno.h>

#define PER_S 10000000

/* In modified_s and modified_ns the time is as Windows counts it: it is only compared. */
static void
note (KhOutgoingFile *self, const KhHandleInfo *now)
{
  int64_t modified_ms = kh_handle_unix_ms (now->modified);

  self->size = now->size;
  self->modified_s = now->modified / PER_S;
  self->modified_ns = now->modified % PER_S * 100;
  self->modified_ms = modified_ms < 0 ? 0 : (uint64_t)modified_ms;
}

KhFrameStatus
kh_outgoing_file_open (KhOutgoingFile *self, int folder, const char *name)
{
  KhHandleInfo now;

  *self = KH_OUTGOING_FILE_CLOSED;
  self->fd = kh_handle_open_at (folder, name, FILE_READ_DATA, FILE_OPEN,
                                FILE_NON_DIRECTORY_FILE, 0);
  if (self->fd == -1)
    return kh_file_status_of_reading (errno);
  if (!kh_handle_info (self->fd, &now) || !now.plain)
    {
      kh_outgoing_file_close (self);
      return KH_FRAME_STATUS_UNREADABLE;
    }
  note (self, &now);
  return KH_FRAME_STATUS_COMPLETE;
}

KhFrameStatus
kh_outgoing_file_check (const KhOutgoingFile *self)
{
  KhOutgoingFile found = *self;
  KhHandleInfo now;

  if (!kh_handle_info (self->fd, &now))
    return KH_FRAME_STATUS_UNREADABLE;
  note (&found, &now);
  if (found.size < self->size)
    return KH_FRAME_STATUS_SHRANK;
  return found.size > self->size || found.modified_s != self->modified_s
                 || found.modified_ns != self->modified_ns
             ? KH_FRAME_STATUS_CHANGED
             : KH_FRAME_STATUS_COMPLETE;
}

void
kh_outgoing_file_close (KhOutgoingFile *self)
{
  kh_handle_close (self->fd);
  *self = KH_OUTGOING_FILE_CLOSED;
}
