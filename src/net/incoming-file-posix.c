/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/file-status.h"
#include "net/incoming-file-private.h"
#include "net/plain-open.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* A file of at least this size is begun on the disk before its sync. */
#define EARLY_LEN 1

/* A plain file of ours, with one name: it may be written to. */
static bool
is_usable (const struct stat *info)
{
  return S_ISREG (info->st_mode) && info->st_nlink == 1 && info->st_uid == geteuid ();
}

uint64_t
kh_incoming_file_there (int folder, const char *partial)
{
  struct stat info;

  if (fstatat (folder, partial, &info, AT_SYMLINK_NOFOLLOW) < 0 || !is_usable (&info))
    return 0;
  return (uint64_t)info.st_size;
}

/* A file made here has the mode that the system gives it: who may read the whole file
 * may read its beginning. */
static int
open_partial (int folder, const char *partial, mode_t mode)
{
  const int flags = O_WRONLY | O_CLOEXEC | O_NONBLOCK;
  struct stat info;
  int fd = openat (folder, partial, flags | O_CREAT | O_EXCL | O_NOFOLLOW, mode);

  if (fd >= 0 || errno != EEXIST)
    return fd;
  fd = kh_plain_open (folder, partial, flags);
  if (fd < 0)
    return -1;
  if (fstat (fd, &info) == 0 && is_usable (&info))
    return fd;
  close (fd);
  errno = EPERM;
  return -1;
}

KhFrameStatus
kh_incoming_file_begin (KhIncomingFile *self, int folder, const char *partial,
                        bool executable, uint64_t keep)
{
  struct stat info;

  *self = KH_INCOMING_FILE_NONE;
  self->fd = open_partial (folder, partial, executable ? 0777 : 0666);
  if (self->fd < 0)
    return kh_file_status_of_writing (errno);
  if (fstat (self->fd, &info) == 0
      && ((uint64_t)info.st_size == keep
          || ((uint64_t)info.st_size > keep && ftruncate (self->fd, (off_t)keep) == 0)))
    {
      self->end = keep;
      self->started = keep / KH_INCOMING_FILE_WINDOW * KH_INCOMING_FILE_WINDOW;
      return KH_FRAME_STATUS_COMPLETE;
    }
  kh_incoming_file_close (self);
  return KH_FRAME_STATUS_WRITE_ERROR;
}

/* Has the disk begin with each window as it is full, and waits until the one
 * before is written. Where a file system can't, the final sync does all of it. */
static void
write_back (KhIncomingFile *self)
{
  const off_t window = KH_INCOMING_FILE_WINDOW;

  while (self->end - self->started >= KH_INCOMING_FILE_WINDOW)
    {
      off_t from = (off_t)self->started;

      sync_file_range (self->fd, from, window, SYNC_FILE_RANGE_WRITE);
      if (from >= window)
        sync_file_range (self->fd, from - window, window,
                         SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE
                             | SYNC_FILE_RANGE_WAIT_AFTER);
      self->started += KH_INCOMING_FILE_WINDOW;
    }
}

KhFrameStatus
kh_incoming_file_write (KhIncomingFile *self, uint64_t offset, const void *bytes,
                        size_t len)
{
  const uint8_t *at = bytes;

  while (len > 0)
    {
      ssize_t put = pwrite (self->fd, at, len, (off_t)offset);

      if (put < 0 && errno == EINTR)
        continue;
      if (put <= 0)
        return put == 0 ? KH_FRAME_STATUS_WRITE_ERROR : kh_file_status_of_writing (errno);
      at += put;
      offset += (uint64_t)put;
      len -= (size_t)put;
    }
  if (offset > self->end)
    self->end = offset;
  write_back (self);
  return KH_FRAME_STATUS_COMPLETE;
}

KhFrameStatus
kh_incoming_file_restart (KhIncomingFile *self)
{
  if (ftruncate (self->fd, 0) < 0)
    return kh_file_status_of_writing (errno);
  self->end = 0;
  self->started = 0;
  return KH_FRAME_STATUS_COMPLETE;
}

void
kh_incoming_file_settle (KhIncomingFile *self, uint64_t modified_ms)
{
  struct timespec times[2] = {
    { .tv_nsec = UTIME_OMIT },
    { .tv_sec = (time_t)(modified_ms / 1000),
      .tv_nsec = (long)(modified_ms % 1000) * 1000000 },
  };

  futimens (self->fd, times); /* a time that can't be kept is no reason to fail */
  if (self->end - self->started >= EARLY_LEN)
    sync_file_range (self->fd, (off_t)self->started, 0, SYNC_FILE_RANGE_WRITE);
}

KhFrameStatus
kh_incoming_file_sync (KhIncomingFile *self)
{
  return fsync (self->fd) < 0 ? kh_file_status_of_writing (errno)
                              : KH_FRAME_STATUS_COMPLETE;
}

/* The second way is for file systems that don't know the flag. */
bool
kh_incoming_file_rename (int folder, const char *partial, const char *name)
{
  if (renameat2 (folder, partial, folder, name, RENAME_NOREPLACE) == 0)
    return true;
  if (errno != EINVAL && errno != ENOSYS)
    return false;
  if (linkat (folder, partial, folder, name, 0) < 0)
    return false;
  unlinkat (folder, partial, 0);
  return true;
}

void
kh_incoming_file_close (KhIncomingFile *self)
{
  if (self->fd >= 0)
    close (self->fd);
  *self = KH_INCOMING_FILE_NONE;
}

void
kh_incoming_file_discard (KhIncomingFile *self, int folder, const char *partial)
{
  kh_incoming_file_close (self);
  unlinkat (folder, partial, 0);
}

bool
kh_incoming_file_has_room (int folder, uint64_t size, uint64_t spare)
{
  struct statvfs room;
  uint64_t left;

  if (fstatvfs (folder, &room) < 0 || room.f_blocks == 0 || room.f_frsize == 0)
    return true;
  left = (uint64_t)room.f_bavail * room.f_frsize;
  return left >= spare && left - spare >= size;
}
