/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/incoming-file.h"
#include "proto/safe-name.h"
#include "proto/utf8.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define PARTIAL_END ".part"
#define RANDOM_LEN 6
#define PARTIAL_TRIES 16

static_assert (KH_SAFE_NAME_LEN == KH_INCOMING_FILE_NAME_MAX + 1,
               "a numbered name fits where the final name goes");

static KhFrameStatus
status_from_errno (int error)
{
  switch (error)
    {
    case ENOSPC:
    case EDQUOT:
      return KH_FRAME_STATUS_DISK_FULL;
    case EROFS:
    case EACCES:
    case EPERM:
    case ENOENT:
    case ENOTDIR:
      return KH_FRAME_STATUS_NOT_WRITABLE;
    default:
      return KH_FRAME_STATUS_WRITE_ERROR;
    }
}

/* .NAME.xxxxxx.part, the name cut to what still fits. */
static void
choose_partial (KhIncomingFile *self, const char *name)
{
  static const char letters[] = "abcdefghijklmnopqrstuvwxyz012345";
  const size_t others = 2 + RANDOM_LEN + strlen (PARTIAL_END);
  size_t len = kh_utf8_truncate (name, strlen (name), KH_INCOMING_FILE_NAME_MAX - others);
  uint8_t random[RANDOM_LEN];
  char suffix[RANDOM_LEN + 1] = "";

  randombytes_buf (random, sizeof random);
  for (size_t i = 0; i < RANDOM_LEN; i++)
    suffix[i] = letters[random[i] % 32];
  snprintf (self->partial, sizeof self->partial, ".%.*s.%s" PARTIAL_END, (int)len, name,
            suffix);
}

/* The mode a new file has here is learned from the system, which knows the umask
 * and the folder's defaults; until it is whole the file is its owner's alone. */
static bool
create_partial (KhIncomingFile *self, const char *name)
{
  struct stat now;

  for (unsigned i = 0; i < PARTIAL_TRIES && self->fd < 0; i++)
    {
      choose_partial (self, name);
      self->fd = openat (self->folder, self->partial,
                         O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
      if (self->fd < 0 && errno != EEXIST)
        return false;
    }
  if (self->fd < 0 || fstat (self->fd, &now) < 0)
    return false;
  self->final_mode = now.st_mode & 0777;
  fchmod (self->fd, 0600); /* some file systems have no modes */
  return true;
}

static bool
has_room (int folder, uint64_t size)
{
  struct statvfs room;

  if (fstatvfs (folder, &room) < 0 || room.f_blocks == 0)
    return true; /* it can't be known */
  return size / room.f_frsize < room.f_bavail
         || (size / room.f_frsize == room.f_bavail && size % room.f_frsize == 0);
}

static void
release (KhIncomingFile *self)
{
  if (self->fd >= 0)
    close (self->fd);
  if (self->folder >= 0)
    close (self->folder);
  *self = KH_INCOMING_FILE_NONE;
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

/* Never replaces: the second way is for file systems that don't know the flag. */
static bool
rename_to (const KhIncomingFile *self, const char *name)
{
  if (renameat2 (self->folder, self->partial, self->folder, name, RENAME_NOREPLACE) == 0)
    return true;
  if (errno != EINVAL && errno != ENOSYS)
    return false;
  if (linkat (self->folder, self->partial, self->folder, name, 0) < 0)
    return false;
  unlinkat (self->folder, self->partial, 0);
  return true;
}

static KhFrameStatus
give_name (const KhIncomingFile *self, const char *name,
           char final_name[KH_INCOMING_FILE_NAME_MAX + 1])
{
  for (unsigned number = 1; number <= KH_INCOMING_FILE_NAMES; number++)
    {
      kh_safe_name_numbered (name, number, final_name);
      if (rename_to (self, final_name))
        return KH_FRAME_STATUS_COMPLETE;
      if (errno != EEXIST)
        return status_from_errno (errno);
    }
  return KH_FRAME_STATUS_NOT_WRITABLE;
}

static KhFrameStatus
settle (const KhIncomingFile *self, uint64_t modified_ms)
{
  struct timespec times[2] = {
    { .tv_nsec = UTIME_OMIT },
    { .tv_sec = (time_t)(modified_ms / 1000),
      .tv_nsec = (long)(modified_ms % 1000) * 1000000 },
  };

  fchmod (self->fd, self->final_mode);
  futimens (self->fd, times); /* a time that can't be kept is no reason to fail */
  if (fsync (self->fd) < 0)
    return status_from_errno (errno);
  return KH_FRAME_STATUS_COMPLETE;
}

KhFrameStatus
kh_incoming_file_begin (KhIncomingFile *self, const char *folder, const char *name,
                        uint64_t size)
{
  KhFrameStatus status = KH_FRAME_STATUS_COMPLETE;
  KhIncomingFile begun = KH_INCOMING_FILE_NONE;

  *self = KH_INCOMING_FILE_NONE;
  begun.folder = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (begun.folder < 0)
    return status_from_errno (errno);
  if (!has_room (begun.folder, size))
    status = KH_FRAME_STATUS_DISK_FULL;
  else if (!create_partial (&begun, name))
    status = status_from_errno (errno);

  if (status != KH_FRAME_STATUS_COMPLETE)
    kh_incoming_file_discard (&begun);
  *self = begun;
  return status;
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
        return put == 0 ? KH_FRAME_STATUS_WRITE_ERROR : status_from_errno (errno);
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
kh_incoming_file_finish (KhIncomingFile *self, const char *name, uint64_t modified_ms,
                         char final_name[KH_INCOMING_FILE_NAME_MAX + 1])
{
  KhFrameStatus status = settle (self, modified_ms);

  if (status == KH_FRAME_STATUS_COMPLETE)
    status = give_name (self, name, final_name);
  if (status != KH_FRAME_STATUS_COMPLETE)
    {
      kh_incoming_file_discard (self);
      return status;
    }
  if (fsync (self->folder) < 0 && errno != EINVAL)
    status = status_from_errno (errno);
  release (self);
  return status;
}

void
kh_incoming_file_discard (KhIncomingFile *self)
{
  if (self->fd >= 0)
    unlinkat (self->folder, self->partial, 0);
  release (self);
}
