/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/store-error.h"

#include <errno.h>

#ifndef EDQUOT /* Windows: a full quota is a full disk there */
#define EDQUOT (-1)
#endif

G_DEFINE_QUARK (kh - store - error - quark, kh_store_error)

KhStoreError
kh_store_error_from_errno (int number)
{
  switch (number)
    {
    case ENOSPC:
    case EDQUOT:
      return KH_STORE_ERROR_DISK_FULL;
    case EROFS:
      return KH_STORE_ERROR_READ_ONLY;
    case ENOENT:
    case ENOTDIR:
    case EISDIR:
    case EACCES:
    case EPERM:
    case ELOOP:
    case ENAMETOOLONG:
      return KH_STORE_ERROR_CANNOT_OPEN;
    default:
      return KH_STORE_ERROR_FAILED;
    }
}

gboolean
kh_store_error_set_errno (GError **error, int number, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list arguments;

  va_start (arguments, format);
  what = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, KH_STORE_ERROR, (gint)kh_store_error_from_errno (number), "%s: %s",
               what, g_strerror (number));
  return FALSE;
}
