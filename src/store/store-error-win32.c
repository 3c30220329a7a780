/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/store-error.h"

#include <windows.h>

#ifndef ERROR_DISK_QUOTA_EXCEEDED /* these headers do not have it */
#define ERROR_DISK_QUOTA_EXCEEDED 1295
#endif

KhStoreError
kh_store_error_from_system (int number)
{
  switch (number)
    {
    case ERROR_DISK_FULL:
    case ERROR_HANDLE_DISK_FULL:
    case ERROR_DISK_QUOTA_EXCEEDED:
      return KH_STORE_ERROR_DISK_FULL;
    case ERROR_WRITE_PROTECT:
      return KH_STORE_ERROR_READ_ONLY;
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_ACCESS_DENIED:
    case ERROR_SHARING_VIOLATION:
    case ERROR_INVALID_NAME:
    case ERROR_FILENAME_EXCED_RANGE:
      return KH_STORE_ERROR_CANNOT_OPEN;
    default:
      return KH_STORE_ERROR_FAILED;
    }
}
