/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/read-at.h"

#include "net/handle-win32.h"

ptrdiff_t
kh_read_at (int fd, uint64_t offset, void *to, size_t len)
{
  OVERLAPPED at = { .Offset = (DWORD)offset, .OffsetHigh = (DWORD)(offset >> 32) };
  DWORD got = 0;

  if (ReadFile (kh_handle_of (fd), to, (DWORD)len, &got, &at))
    return (ptrdiff_t)got;
  if (GetLastError () == ERROR_HANDLE_EOF)
    return 0;
  kh_handle_fail (GetLastError ());
  return -1;
}
