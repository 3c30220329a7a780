/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * handle-win32.h - files and folders of Windows as the descriptors that net speaks of.
 *
 * A descriptor is the handle itself: of a handle only 32 bits count, Windows says, so
 * that programs of 32 and of 64 bits can hand them to each other, and
 * INVALID_HANDLE_VALUE is -1. (Those of the C library can't be folders, and there are
 * few.)
 *
 * open_at() opens a name in a folder that is open, as openat() does: a symbolic link, a
 * junction or a mount point of that name is opened itself and never followed. What only
 * looks like one, as a file that OneDrive keeps elsewhere, is opened as the file it is.
 * Nothing is locked: everybody may read, write, rename and remove what is open here.
 *
 * What fails sets errno. Names are UTF-8; paths may be longer than 260 characters.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <windows.h>
#include <winternl.h>

HANDLE kh_handle_of (int fd);

/* Ignores -1, keeps errno. */
void kh_handle_close (int fd);

/* False, and the errno of a number of GetLastError(). */
bool kh_handle_fail (DWORD error);

/* @access, @disposition and @options as NtCreateFile() takes them; FILE_ATTRIBUTE_HIDDEN
 * or FILE_ATTRIBUTE_NORMAL of a file that is made. -1 and ELOOP where it is a link and
 * @options do not have KH_HANDLE_LINK_TOO. */
int kh_handle_open_at (int folder, const char *name, ACCESS_MASK access,
                       ULONG disposition, ULONG options, ULONG attributes);

/* A link itself is wanted, too. No option of the system has this bit. */
#define KH_HANDLE_LINK_TOO 0x80000000u

/* What @path leads to, through links; a file or a folder. */
int kh_handle_open_path (const char *path, DWORD access);

/* The absolute path without links, UTF-8, to be freed. NULL where it is not to be had. */
char *kh_handle_path (int fd);

/* Times are 100 ns since 1601. */
typedef struct
{
  DWORD attributes; /* FILE_ATTRIBUTE_ */
  bool link;        /* a symbolic link, a junction or a mount point */
  bool plain;       /* a file, and no link */
  DWORD n_names;
  uint64_t size;
  int64_t modified;
  int64_t changed; /* modified, renamed, or its attributes were */
} KhHandleInfo;

bool kh_handle_info (int fd, KhHandleInfo *info);

/* The same of @name in @folder, itself. */
bool kh_handle_info_at (int folder, const char *name, KhHandleInfo *info);

/* Removes the file, link or empty folder. */
bool kh_handle_remove (int fd);

/* Writes @text as the beginning of the stream @name of the file, which it has beside its
 * contents; the file counts as modified then. False, and nothing is made, where the file
 * system has no such streams. */
bool kh_handle_write_stream (int fd, const char *name, const char *text);

/* Waits until it is on the disk. True too where a file system can't. */
bool kh_handle_sync (int fd);

/* Between such times and Unix milliseconds. */
int64_t kh_handle_unix_ms (int64_t time);
int64_t kh_handle_time (uint64_t unix_ms);
