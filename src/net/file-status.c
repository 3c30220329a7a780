/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/file-status.h"

#include <errno.h>

#ifndef EDQUOT /* Windows: a full quota is a full disk there */
#define EDQUOT (-1)
#endif

KhFrameStatus
kh_file_status_of_writing (int error)
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
    case ENAMETOOLONG:
      return KH_FRAME_STATUS_NOT_WRITABLE;
    default:
      return KH_FRAME_STATUS_WRITE_ERROR;
    }
}

KhFrameStatus
kh_file_status_of_reading (int error)
{
  return error == ENOENT || error == ENOTDIR ? KH_FRAME_STATUS_GONE
                                             : KH_FRAME_STATUS_UNREADABLE;
}
