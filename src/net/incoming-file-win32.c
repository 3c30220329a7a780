/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/file-status.h"
#include "net/handle-win32.h"
#include "net/incoming-file-private.h"

#include <errno.h>
#include <glib.h>
#include <string.h>

/* "Mark of the Web": from the zone of the internet. */
#define MARK_NAME "Zone.Identifier"
#define MARK "[ZoneTransfer]\r\nZoneId=3\r\n"

#define ACCESS (FILE_WRITE_DATA | FILE_WRITE_ATTRIBUTES)

/* A plain file with one name: it may be written to. */
static bool
is_usable (const KhHandleInfo *info)
{
  return info->plain && info->n_names == 1;
}

uint64_t
kh_incoming_file_there (int folder, const char *partial)
{
  KhHandleInfo info;

  return kh_handle_info_at (folder, partial, &info) && is_usable (&info) ? info.size : 0;
}

static bool
set_basic (int fd, const FILE_BASIC_INFO *basic)
{
  return SetFileInformationByHandle (kh_handle_of (fd), FileBasicInfo, (void *)basic,
                                     sizeof *basic)
         || kh_handle_fail (GetLastError ());
}

/* Zeros are left as they are. */
static bool
set_attributes (int fd, DWORD attributes)
{
  return set_basic (fd, &(FILE_BASIC_INFO){ .FileAttributes = attributes });
}

/* A file made here may be read by whom the folder lets read: who may read the whole file
 * may read its beginning. */
static int
open_partial (int folder, const char *partial, KhHandleInfo *info)
{
  int fd = kh_handle_open_at (folder, partial, ACCESS, FILE_OPEN_IF,
                              FILE_NON_DIRECTORY_FILE, FILE_ATTRIBUTE_HIDDEN);

  if (fd == -1)
    return -1;
  if (kh_handle_info (fd, info) && is_usable (info))
    {
      set_attributes (fd, FILE_ATTRIBUTE_HIDDEN); /* one that failed to get its name */
      return fd;
    }
  kh_handle_close (fd);
  errno = EPERM;
  return -1;
}

static bool
truncate_to (int fd, uint64_t size)
{
  FILE_END_OF_FILE_INFO end = { .EndOfFile.QuadPart = (LONGLONG)size };

  return SetFileInformationByHandle (kh_handle_of (fd), FileEndOfFileInfo, &end,
                                     sizeof end)
         || kh_handle_fail (GetLastError ());
}

KhFrameStatus
kh_incoming_file_begin (KhIncomingFile *self, int folder, const char *partial,
                        bool executable, uint64_t keep)
{
  KhHandleInfo info;

  (void)executable; /* what a file is, its name says */
  *self = KH_INCOMING_FILE_NONE;
  self->fd = open_partial (folder, partial, &info);
  if (self->fd == -1)
    return kh_file_status_of_writing (errno);
  if (info.size == keep || (info.size > keep && truncate_to (self->fd, keep)))
    {
      self->end = keep;
      self->started = keep / KH_INCOMING_FILE_WINDOW * KH_INCOMING_FILE_WINDOW;
      return KH_FRAME_STATUS_COMPLETE;
    }
  kh_incoming_file_close (self);
  return KH_FRAME_STATUS_WRITE_ERROR;
}

/* The disk can't be told to begin without waiting for it, so it is waited for when two
 * windows are full. Whether that failed the final sync says. */
static void
write_back (KhIncomingFile *self)
{
  if (self->end - self->started < 2 * (uint64_t)KH_INCOMING_FILE_WINDOW)
    return;
  kh_handle_sync (self->fd);
  self->started = self->end / KH_INCOMING_FILE_WINDOW * KH_INCOMING_FILE_WINDOW;
}

KhFrameStatus
kh_incoming_file_write (KhIncomingFile *self, uint64_t offset, const void *bytes,
                        size_t len)
{
  const uint8_t *from = bytes;

  while (len > 0)
    {
      OVERLAPPED at = { .Offset = (DWORD)offset, .OffsetHigh = (DWORD)(offset >> 32) };
      DWORD put = 0;

      if (!WriteFile (kh_handle_of (self->fd), from, (DWORD)MIN (len, G_MAXINT32), &put,
                      &at))
        {
          kh_handle_fail (GetLastError ());
          return kh_file_status_of_writing (errno);
        }
      if (put == 0)
        return KH_FRAME_STATUS_WRITE_ERROR;
      from += put;
      offset += put;
      len -= put;
    }
  if (offset > self->end)
    self->end = offset;
  write_back (self);
  return KH_FRAME_STATUS_COMPLETE;
}

KhFrameStatus
kh_incoming_file_restart (KhIncomingFile *self)
{
  if (!truncate_to (self->fd, 0))
    return kh_file_status_of_writing (errno);
  self->end = 0;
  self->started = 0;
  return KH_FRAME_STATUS_COMPLETE;
}

/* The mark that browsers leave, too: Windows, virus scanners and office programs are
 * careful with a file that has come from the internet. A mark or a time that can't be
 * kept is no reason to fail. Writing the mark modifies the file, so it is before the
 * time. */
void
kh_incoming_file_settle (KhIncomingFile *self, uint64_t modified_ms)
{
  FILE_BASIC_INFO basic = { .LastWriteTime.QuadPart = kh_handle_time (modified_ms) };

  kh_handle_write_stream (self->fd, MARK_NAME, MARK);
  set_basic (self->fd, &basic);
}

KhFrameStatus
kh_incoming_file_sync (KhIncomingFile *self)
{
  return kh_handle_sync (self->fd) ? KH_FRAME_STATUS_COMPLETE
                                   : kh_file_status_of_writing (errno);
}

/* FILE_RENAME_INFORMATION with the name behind it. */
static bool
rename_open (int fd, int folder, const char *name)
{
  g_autofree gunichar2 *wide = NULL;
  g_autofree FILE_RENAME_INFORMATION *rename = NULL;
  IO_STATUS_BLOCK block;
  glong units;
  ULONG len;
  NTSTATUS status;

  wide = g_utf8_to_utf16 (name, -1, NULL, &units, NULL);
  if (wide == NULL)
    return kh_handle_fail (ERROR_INVALID_NAME);
  len = (ULONG)units * 2;
  rename = g_malloc0 (sizeof *rename + len);
  rename->RootDirectory = kh_handle_of (folder);
  rename->FileNameLength = len;
  memcpy (rename->FileName, wide, len);
  status = NtSetInformationFile (kh_handle_of (fd), &block, rename,
                                 (ULONG)sizeof *rename + len, FileRenameInformation);
  return status >= 0 || kh_handle_fail (RtlNtStatusToDosError (status));
}

/* It is not hidden any more before it has its name: a file that somebody was told of
 * never stays hidden. */
bool
kh_incoming_file_rename (int folder, const char *partial, const char *name)
{
  int fd = kh_handle_open_at (folder, partial, DELETE | FILE_WRITE_ATTRIBUTES, FILE_OPEN,
                              FILE_NON_DIRECTORY_FILE, 0);
  bool renamed;

  if (fd == -1)
    return false;
  set_attributes (fd, FILE_ATTRIBUTE_NORMAL);
  renamed = rename_open (fd, folder, name);
  kh_handle_close (fd);
  return renamed;
}

void
kh_incoming_file_close (KhIncomingFile *self)
{
  kh_handle_close (self->fd);
  *self = KH_INCOMING_FILE_NONE;
}

void
kh_incoming_file_discard (KhIncomingFile *self, int folder, const char *partial)
{
  int fd;

  kh_incoming_file_close (self);
  fd = kh_handle_open_at (folder, partial, DELETE, FILE_OPEN,
                          FILE_NON_DIRECTORY_FILE | KH_HANDLE_LINK_TOO, 0);
  if (fd != -1)
    kh_handle_remove (fd);
  kh_handle_close (fd);
}

bool
kh_incoming_file_has_room (int folder, uint64_t size, uint64_t spare)
{
  g_autofree char *path = kh_handle_path (folder);
  g_autofree char *root = path != NULL ? g_strconcat (path, "\\", NULL) : NULL;
  g_autofree gunichar2 *wide
      = root != NULL ? g_utf8_to_utf16 (root, -1, NULL, NULL, NULL) : NULL;
  ULARGE_INTEGER left;

  if (wide == NULL || !GetDiskFreeSpaceExW ((const wchar_t *)wide, &left, NULL, NULL))
    return true;
  return left.QuadPart >= spare && left.QuadPart - spare >= size;
}
