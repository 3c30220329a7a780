/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/outgoing-file.h"
#include "net/file-status.h"
#include "net/plain-open.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* From this size on it pays to have the system read ahead further than usual. */
#define AHEAD_LEN (1u << 20)

static void
note (KhOutgoingFile *self, const struct stat *now)
{
  self->size = (uint64_t)now->st_size;
  self->modified_s = now->st_mtim.tv_sec;
  self->modified_ns = now->st_mtim.tv_nsec;
  self->modified_ms = kh_outgoing_file_ms (self->modified_s, self->modified_ns);
}

KhFrameStatus
kh_outgoing_file_open (KhOutgoingFile *self, int folder, const char *name)
{
  struct stat now;

  *self = KH_OUTGOING_FILE_CLOSED;
  self->fd = kh_plain_open (folder, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (self->fd < 0)
    return kh_file_status_of_reading (errno);
  if (fstat (self->fd, &now) < 0 || !S_ISREG (now.st_mode))
    {
      kh_outgoing_file_close (self);
      return KH_FRAME_STATUS_UNREADABLE;
    }
  note (self, &now);
  if (self->size >= AHEAD_LEN)
    posix_fadvise (self->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  return KH_FRAME_STATUS_COMPLETE;
}

KhFrameStatus
kh_outgoing_file_check (const KhOutgoingFile *self)
{
  struct stat now;
  char more;

  if (fstat (self->fd, &now) < 0)
    return KH_FRAME_STATUS_UNREADABLE;
  if ((uint64_t)now.st_size < self->size)
    return KH_FRAME_STATUS_SHRANK;
  if ((uint64_t)now.st_size > self->size || now.st_mtim.tv_sec != self->modified_s
      || now.st_mtim.tv_nsec != self->modified_ns)
    return KH_FRAME_STATUS_CHANGED;
  /* Some files have more in them than their size says, as those of /proc. */
  if (pread (self->fd, &more, 1, (off_t)self->size) != 0)
    return KH_FRAME_STATUS_CHANGED;
  return KH_FRAME_STATUS_COMPLETE;
}

void
kh_outgoing_file_close (KhOutgoingFile *self)
{
  if (self->fd >= 0)
    close (self->fd);
  *self = KH_OUTGOING_FILE_CLOSED;
}
