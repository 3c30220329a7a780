/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/private-file.h"

#include "store/store-error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

/* An existing file is not opened here: closing it would drop SQLite's locks. */
gboolean
kh_private_file_make (const char *path, GError **error)
{
  int fd = g_open (path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

  if (fd < 0 && errno != EEXIST)
    return kh_store_error_set_errno (error, errno, "Cannot make %s", path);
  if (fd >= 0)
    close (fd);
  if (g_chmod (path, 0600) != 0 && errno != EROFS)
    return kh_store_error_set_errno (error, errno, "Cannot make %s private", path);
  return TRUE;
}
