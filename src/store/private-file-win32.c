/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/private-file.h"

#include "store/store-error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <io.h>

/* What makes it private is the folder: files in the user's profile, where the data folder
 * is, inherit that only the user, the administrators and the system may read them. With
 * --data-dir elsewhere, whoever may read that folder may read this. */
gboolean
kh_private_file_make (const char *path, GError **error)
{
  int fd = g_open (path, O_RDWR | O_CREAT | O_EXCL | O_BINARY | O_NOINHERIT, 0600);

  if (fd < 0 && errno != EEXIST)
    return kh_store_error_set_errno (error, errno, "Cannot make %s", path);
  if (fd >= 0)
    close (fd);
  return TRUE;
}
