/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/outgoing-file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
fail (GError **error, int code, const char *path)
{
  g_autofree char *shown = g_filename_display_name (path);

  g_set_error (error, G_IO_ERROR, (gint)g_io_error_from_errno (code),
               "Can't open “%s” to send it: %s", shown, g_strerror (code));
  return false;
}

static bool
fail_not_regular (GError **error, const char *path)
{
  g_autofree char *shown = g_filename_display_name (path);

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE,
               "Can't send “%s”: it is not a file", shown);
  return false;
}

static void
note (KhOutgoingFile *self, const struct stat *now)
{
  int64_t modified_ms
      = (int64_t)now->st_mtim.tv_sec * 1000 + now->st_mtim.tv_nsec / 1000000;

  self->size = (uint64_t)now->st_size;
  self->modified_s = now->st_mtim.tv_sec;
  self->modified_ns = now->st_mtim.tv_nsec;
  self->modified_ms = modified_ms > 0 ? (uint64_t)modified_ms : 0;
  self->executable = (now->st_mode & S_IXUSR) != 0;
}

bool
kh_outgoing_file_open (KhOutgoingFile *self, const char *path, GError **error)
{
  KhOutgoingFile opened = KH_OUTGOING_FILE_CLOSED;
  struct stat now;

  /* Looked at before, since opening a device can already do something; and after,
   * since another may have come into its place. */
  if (stat (path, &now) < 0)
    return fail (error, errno, path);
  if (!S_ISREG (now.st_mode))
    return fail_not_regular (error, path);
  opened.fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (opened.fd < 0)
    return fail (error, errno, path);
  if (fstat (opened.fd, &now) < 0 || !S_ISREG (now.st_mode))
    {
      kh_outgoing_file_close (&opened);
      return fail_not_regular (error, path);
    }

  note (&opened, &now);
  posix_fadvise (opened.fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  *self = opened;
  return true;
}

KhFrameStatus
kh_outgoing_file_read (const KhOutgoingFile *self, uint64_t offset, void *to, size_t len)
{
  uint8_t *at = to;

  while (len > 0)
    {
      ssize_t got = pread (self->fd, at, len, (off_t)offset);

      if (got < 0 && errno == EINTR)
        continue;
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
