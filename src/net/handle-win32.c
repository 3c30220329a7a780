/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/handle-win32.h"

#include <errno.h>
#include <glib.h>
#include <string.h>

#ifndef ERROR_DISK_QUOTA_EXCEEDED /* these headers do not have it */
#define ERROR_DISK_QUOTA_EXCEEDED 1295
#endif

/* 1601 to 1970, in units of 100 ns. */
#define UNIX_EPOCH INT64_C (116444736000000000)
#define PER_MS 10000

#define SHARE_ALL (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)

/* What lifts the limit of 260 characters, and before the name of another computer. */
#define LONG_PATH "\\\\?\\"
#define LONG_NETWORK_PATH "\\\\?\\UNC\\"

/* Longest that Windows has, in units of UTF-16. */
#define PATH_LEN 32768
#define NAME_LEN 255

static int
fd_of (HANDLE handle)
{
  return (int)(intptr_t)handle;
}

HANDLE
kh_handle_of (int fd) { return (HANDLE)(intptr_t)fd; }

void
kh_handle_close (int fd)
{
  int error = errno;

  if (fd != -1)
    CloseHandle (kh_handle_of (fd));
  errno = error;
}

static int
errno_of (DWORD error)
{
  switch (error)
    {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_INVALID_DRIVE:
    case ERROR_BAD_NETPATH:
    case ERROR_BAD_NET_NAME:
    case ERROR_BAD_PATHNAME:
    case ERROR_INVALID_NAME:
    case ERROR_NO_UNICODE_TRANSLATION:
      return ENOENT;
    case ERROR_ACCESS_DENIED:
    case ERROR_SHARING_VIOLATION:
    case ERROR_LOCK_VIOLATION:
    case ERROR_CANT_ACCESS_FILE:
    case ERROR_DELETE_PENDING:
      return EACCES;
    case ERROR_ALREADY_EXISTS:
    case ERROR_FILE_EXISTS:
      return EEXIST;
    case ERROR_DISK_FULL:
    case ERROR_HANDLE_DISK_FULL:
    case ERROR_DISK_QUOTA_EXCEEDED:
      return ENOSPC;
    case ERROR_WRITE_PROTECT:
      return EROFS;
    case ERROR_DIRECTORY:
      return ENOTDIR;
    case ERROR_DIR_NOT_EMPTY:
      return ENOTEMPTY;
    case ERROR_FILENAME_EXCED_RANGE:
      return ENAMETOOLONG;
    case ERROR_TOO_MANY_OPEN_FILES:
    case ERROR_NO_SYSTEM_RESOURCES:
      return EMFILE;
    case ERROR_INVALID_FUNCTION:
    case ERROR_INVALID_PARAMETER:
    case ERROR_NOT_SUPPORTED:
      return EINVAL;
    default:
      return EIO;
    }
}

bool
kh_handle_fail (DWORD error)
{
  errno = errno_of (error);
  return false;
}

/* NULL, and errno, where it is not UTF-8. @len is in bytes. */
static wchar_t *
wide (const char *text, glong max, USHORT *len)
{
  glong units;
  gunichar2 *name = g_utf8_to_utf16 (text, -1, NULL, &units, NULL);

  if (name == NULL || units > max)
    {
      kh_handle_fail (name != NULL ? ERROR_FILENAME_EXCED_RANGE : ERROR_INVALID_NAME);
      g_free (name);
      return NULL;
    }
  if (len != NULL)
    *len = (USHORT)(units * sizeof (wchar_t));
  return (wchar_t *)name;
}

static bool
get_info (HANDLE handle, FILE_ATTRIBUTE_TAG_INFO *tag, KhHandleInfo *info)
{
  FILE_BASIC_INFO basic;
  FILE_STANDARD_INFO standard;

  if (!GetFileInformationByHandleEx (handle, FileBasicInfo, &basic, sizeof basic)
      || !GetFileInformationByHandleEx (handle, FileStandardInfo, &standard,
                                        sizeof standard)
      || !GetFileInformationByHandleEx (handle, FileAttributeTagInfo, tag, sizeof *tag))
    return kh_handle_fail (GetLastError ());
  *info = (KhHandleInfo){
    .attributes = tag->FileAttributes,
    .link = (tag->FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0
            && IsReparseTagNameSurrogate (tag->ReparseTag),
    .n_names = standard.NumberOfLinks,
    .size = (uint64_t)standard.EndOfFile.QuadPart,
    .modified = basic.LastWriteTime.QuadPart,
    .changed = basic.ChangeTime.QuadPart,
  };
  info->plain
      = !info->link
        && (info->attributes & (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_DEVICE)) == 0;
  return true;
}

/* Takes @handle, which may be such a thing as a file that is kept elsewhere: opened anew
 * it is the file. That goes by the handle, so nobody can put a link in between. */
static HANDLE
open_behind (HANDLE handle, ACCESS_MASK access)
{
  FILE_ATTRIBUTE_TAG_INFO tag;
  KhHandleInfo info;
  HANDLE behind;

  if (!get_info (handle, &tag, &info)
      || (tag.FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) == 0 || info.link)
    return handle;
  behind = ReOpenFile (handle, access, SHARE_ALL, FILE_FLAG_BACKUP_SEMANTICS);
  if (behind == INVALID_HANDLE_VALUE)
    kh_handle_fail (GetLastError ());
  CloseHandle (handle);
  return behind;
}

static int
refuse_link (HANDLE handle)
{
  FILE_ATTRIBUTE_TAG_INFO tag;
  KhHandleInfo info;

  if (!get_info (handle, &tag, &info))
    {
      kh_handle_close (fd_of (handle));
      return -1;
    }
  if (!info.link)
    return fd_of (handle);
  CloseHandle (handle);
  errno = ELOOP;
  return -1;
}

int
kh_handle_open_at (int folder, const char *name, ACCESS_MASK access, ULONG disposition,
                   ULONG options, ULONG attributes)
{
  UNICODE_STRING unicode = { 0 };
  OBJECT_ATTRIBUTES object;
  IO_STATUS_BLOCK status_block;
  HANDLE handle = INVALID_HANDLE_VALUE;
  NTSTATUS status;

  /* One name, and not that of a second stream of a file. */
  if (strpbrk (name, "\\/:") != NULL)
    {
      errno = ENOENT;
      return -1;
    }
  unicode.Buffer = wide (name, NAME_LEN, &unicode.Length);
  if (unicode.Buffer == NULL)
    return -1;
  unicode.MaximumLength = unicode.Length;
  InitializeObjectAttributes (&object, &unicode, OBJ_CASE_INSENSITIVE,
                              kh_handle_of (folder), NULL);
  status = NtCreateFile (&handle, access | FILE_READ_ATTRIBUTES | SYNCHRONIZE, &object,
                         &status_block, NULL, attributes, SHARE_ALL, disposition,
                         (options & ~KH_HANDLE_LINK_TOO) | FILE_OPEN_REPARSE_POINT
                             | FILE_SYNCHRONOUS_IO_NONALERT,
                         NULL, 0);
  g_free (unicode.Buffer);
  if (status < 0)
    {
      kh_handle_fail (RtlNtStatusToDosError (status));
      return -1;
    }
  if ((options & KH_HANDLE_LINK_TOO) != 0)
    return fd_of (handle);
  handle = open_behind (handle, access | FILE_READ_ATTRIBUTES | SYNCHRONIZE);
  return handle != INVALID_HANDLE_VALUE ? refuse_link (handle) : -1;
}

/* As Windows has it, with what lifts the limit of its length before it. */
static wchar_t *
long_path (const char *path)
{
  g_autofree char *whole = g_canonicalize_filename (path, NULL);
  g_autofree char *prefixed = NULL;

  g_strdelimit (whole, "/", '\\');
  if (g_str_has_prefix (whole, LONG_PATH))
    prefixed = g_strdup (whole);
  else if (g_str_has_prefix (whole, "\\\\"))
    prefixed = g_strconcat (LONG_NETWORK_PATH, whole + 2, NULL);
  else
    prefixed = g_strconcat (LONG_PATH, whole, NULL);
  return wide (prefixed, PATH_LEN - 1, NULL);
}

int
kh_handle_open_path (const char *path, DWORD access)
{
  g_autofree wchar_t *name = long_path (path);
  HANDLE handle;

  if (name == NULL)
    return -1;
  handle = CreateFileW (name, access | FILE_READ_ATTRIBUTES | SYNCHRONIZE, SHARE_ALL,
                        NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
  if (handle == INVALID_HANDLE_VALUE)
    kh_handle_fail (GetLastError ());
  return fd_of (handle);
}

char *
kh_handle_path (int fd)
{
  g_autofree wchar_t *name = g_new (wchar_t, PATH_LEN);
  DWORD len = GetFinalPathNameByHandleW (kh_handle_of (fd), name, PATH_LEN,
                                         FILE_NAME_NORMALIZED | VOLUME_NAME_DOS);
  g_autofree char *path
      = len > 0 && len < PATH_LEN
            ? g_utf16_to_utf8 ((const gunichar2 *)name, len, NULL, NULL, NULL)
            : NULL;

  if (path == NULL)
    return NULL;
  if (g_str_has_prefix (path, LONG_NETWORK_PATH))
    return g_strconcat ("\\\\", path + strlen (LONG_NETWORK_PATH), NULL);
  return g_strdup (g_str_has_prefix (path, LONG_PATH) ? path + strlen (LONG_PATH) : path);
}

bool
kh_handle_info (int fd, KhHandleInfo *info)
{
  FILE_ATTRIBUTE_TAG_INFO tag;

  return get_info (kh_handle_of (fd), &tag, info);
}

bool
kh_handle_info_at (int folder, const char *name, KhHandleInfo *info)
{
  int fd = kh_handle_open_at (folder, name, 0, FILE_OPEN, KH_HANDLE_LINK_TOO, 0);
  bool got = fd != -1 && kh_handle_info (fd, info);

  kh_handle_close (fd);
  return got;
}

bool
kh_handle_remove (int fd)
{
  FILE_DISPOSITION_INFO disposition = { .DeleteFile = TRUE };

  return SetFileInformationByHandle (kh_handle_of (fd), FileDispositionInfo, &disposition,
                                     sizeof disposition)
         || kh_handle_fail (GetLastError ());
}

static bool
has_streams (int fd)
{
  DWORD flags = 0;

  return GetVolumeInformationByHandleW (kh_handle_of (fd), NULL, 0, NULL, NULL, &flags,
                                        NULL, 0)
         && (flags & FILE_NAMED_STREAMS) != 0;
}

/* Asked for what it does not know, a file system may make a file of the whole name. */
static HANDLE
open_stream (int fd, const char *name)
{
  g_autofree char *file = has_streams (fd) ? kh_handle_path (fd) : NULL;
  g_autofree char *path = file != NULL ? g_strconcat (file, ":", name, NULL) : NULL;
  g_autofree wchar_t *wide_path = path != NULL ? long_path (path) : NULL;

  if (wide_path == NULL)
    return INVALID_HANDLE_VALUE;
  return CreateFileW (wide_path, FILE_WRITE_DATA, SHARE_ALL, NULL, OPEN_ALWAYS,
                      FILE_FLAG_OPEN_REPARSE_POINT, NULL);
}

bool
kh_handle_write_stream (int fd, const char *name, const char *text)
{
  DWORD len = (DWORD)strlen (text), put = 0;
  HANDLE stream = open_stream (fd, name);
  bool written;

  if (stream == INVALID_HANDLE_VALUE)
    return false;
  written = WriteFile (stream, text, len, &put, NULL) && put == len;
  CloseHandle (stream);
  return written;
}

bool
kh_handle_sync (int fd)
{
  DWORD error;

  if (FlushFileBuffers (kh_handle_of (fd)))
    return true;
  error = GetLastError ();
  return error == ERROR_INVALID_FUNCTION || error == ERROR_NOT_SUPPORTED
         || kh_handle_fail (error);
}

int64_t
kh_handle_unix_ms (int64_t time)
{
  return (time - UNIX_EPOCH) / PER_MS;
}

/* The latest that fits is in the year 30828. */
int64_t
kh_handle_time (uint64_t unix_ms)
{
  const uint64_t most = (uint64_t)(INT64_MAX - UNIX_EPOCH) / PER_MS;

  return (int64_t)(unix_ms < most ? unix_ms : most) * PER_MS + UNIX_EPOCH;
}
