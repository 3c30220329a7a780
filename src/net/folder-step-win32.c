/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/folder-step.h"

#include "net/handle-win32.h"

#include <errno.h>

#define ACCESS (FILE_LIST_DIRECTORY | FILE_TRAVERSE)

int
kh_folder_step_top (const char *path)
{
  int fd = kh_handle_open_path (path, ACCESS);
  KhHandleInfo info;

  if (fd == -1
      || (kh_handle_info (fd, &info)
          && (info.attributes & FILE_ATTRIBUTE_DIRECTORY) != 0))
    return fd;
  kh_handle_close (fd);
  errno = ENOTDIR;
  return -1;
}

/* A new folder is on the disk when the one that it is in is. */
int
kh_folder_step_into (int folder, const char *name, bool make, bool *made)
{
  int fd = kh_handle_open_at (folder, name, ACCESS, FILE_OPEN, FILE_DIRECTORY_FILE,
                              FILE_ATTRIBUTE_NORMAL);

  *made = false;
  if (fd != -1 || errno != ENOENT || !make)
    return fd;
  fd = kh_handle_open_at (folder, name, ACCESS, FILE_CREATE, FILE_DIRECTORY_FILE,
                          FILE_ATTRIBUTE_NORMAL);
  *made = fd != -1;
  if (*made)
    kh_folder_step_sync (folder);
  else if (errno == EEXIST)
    fd = kh_handle_open_at (folder, name, ACCESS, FILE_OPEN, FILE_DIRECTORY_FILE,
                            FILE_ATTRIBUTE_NORMAL);
  return fd;
}

void
kh_folder_step_remove (int folder, const char *name)
{
  int fd = kh_handle_open_at (folder, name, DELETE, FILE_OPEN, FILE_DIRECTORY_FILE, 0);

  if (fd != -1)
    kh_handle_remove (fd);
  kh_handle_close (fd);
}

/* Takes a handle that may write. NTFS keeps its own journal of names, and this writes it
 * out; other file systems and those who may only read refuse, which is no failure. */
bool
kh_folder_step_sync (int folder)
{
  HANDLE writable = ReOpenFile (kh_handle_of (folder), FILE_ADD_FILE | SYNCHRONIZE,
                                FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                                FILE_FLAG_BACKUP_SEMANTICS);
  DWORD error = ERROR_SUCCESS;

  if (writable == INVALID_HANDLE_VALUE)
    return true;
  if (!FlushFileBuffers (writable))
    error = GetLastError ();
  CloseHandle (writable);
  return error == ERROR_SUCCESS || error == ERROR_ACCESS_DENIED
         || error == ERROR_INVALID_FUNCTION || error == ERROR_NOT_SUPPORTED
         || error == ERROR_INVALID_HANDLE || kh_handle_fail (error);
}

void
kh_folder_step_close (int folder)
{
  kh_handle_close (folder);
}
