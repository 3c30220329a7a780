/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/key-file-write.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static gboolean
write_whole (int fd, const char *bytes, gsize len)
{
  while (len > 0)
    {
      ssize_t n = write (fd, bytes, len);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return FALSE;
      bytes += n;
      len -= (gsize)n;
    }
  return fsync (fd) == 0;
}

static gboolean
sync_dir (const char *dir)
{
  int fd = open (dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean good = fd >= 0 && fsync (fd) == 0;
  int saved = errno;

  if (fd >= 0)
    close (fd);
  errno = saved;
  return good;
}

/* link() instead of rename(): it never replaces a key that came in between. */
gboolean
kh_key_file_write (const char *dir, const char *path, const char *text, gsize len)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *hidden = g_strconcat (".", name, ".XXXXXX", NULL);
  g_autofree char *temporary = g_build_filename (dir, hidden, NULL);
  int fd = g_mkstemp_full (temporary, O_WRONLY | O_CLOEXEC, 0600);
  gboolean good;
  int saved;

  if (fd < 0)
    return FALSE;
  good = write_whole (fd, text, len) && (link (temporary, path) == 0 || errno == EEXIST)
         && sync_dir (dir);
  saved = errno;
  close (fd);
  unlink (temporary);
  errno = saved;
  return good;
}
