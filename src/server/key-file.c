/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/key-file.h"

#include <glib/gstdio.h>
#include <sodium.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define FIRST_LINE "knothole server key 1\n"
/* First line, 64 hexadecimal digits, a newline. */
#define TEXT_LEN (sizeof FIRST_LINE - 1 + 2 * KH_KEY_FILE_SECRET_LEN + 1)

static gboolean
fail (GError **error, const char *what, const char *path)
{
  int saved = errno;

  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (saved), "%s %s: %s.", what,
               path, g_strerror (saved));
  return FALSE;
}

static gboolean
write_whole (int fd, const char *bytes, size_t len)
{
  while (len > 0)
    {
      ssize_t n = write (fd, bytes, len);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return FALSE;
      bytes += n;
      len -= (size_t)n;
    }
  return fsync (fd) == 0;
}

static gboolean
sync_dir (const char *dir)
{
  int fd = open (dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean good = fd >= 0 && fsync (fd) == 0;

  if (fd >= 0)
    close (fd);
  return good;
}

/* link() instead of rename(): it never replaces a key that came in between. */
static gboolean
create (const char *dir, const char *path, GError **error)
{
  g_autofree char *temporary
      = g_build_filename (dir, "." KH_KEY_FILE_NAME ".XXXXXX", NULL);
  guint8 secret[KH_KEY_FILE_SECRET_LEN];
  char text[TEXT_LEN + 1];
  int fd = g_mkstemp_full (temporary, O_WRONLY | O_CLOEXEC, 0600);
  gboolean good;

  if (fd < 0)
    return fail (error, "The server's key can't be written in", dir);

  randombytes_buf (secret, sizeof secret);
  memcpy (text, FIRST_LINE, sizeof FIRST_LINE);
  sodium_bin2hex (text + sizeof FIRST_LINE - 1, 2 * sizeof secret + 1, secret,
                  sizeof secret);
  text[TEXT_LEN - 1] = '\n';
  good = write_whole (fd, text, TEXT_LEN)
         && (link (temporary, path) == 0 || errno == EEXIST) && sync_dir (dir);
  if (!good)
    fail (error, "The server's key can't be written to", path);
  close (fd);
  unlink (temporary);
  sodium_memzero (secret, sizeof secret);
  sodium_memzero (text, sizeof text);
  return good;
}

static gboolean
parse (const char *path, const char *text, size_t len,
       guint8 secret[KH_KEY_FILE_SECRET_LEN], GError **error)
{
  size_t n = 0;

  if (len == TEXT_LEN && memcmp (text, FIRST_LINE, sizeof FIRST_LINE - 1) == 0
      && text[TEXT_LEN - 1] == '\n'
      && sodium_hex2bin (secret, KH_KEY_FILE_SECRET_LEN, text + sizeof FIRST_LINE - 1,
                         2 * KH_KEY_FILE_SECRET_LEN, NULL, &n, NULL)
             == 0
      && n == KH_KEY_FILE_SECRET_LEN)
    return TRUE;
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
               "The key file %s is damaged. Put back a copy of it; or move it away, and "
               "the server will have a new key and a new address.",
               path);
  return FALSE;
}

gboolean
kh_key_file_open (const char *data_dir, guint8 secret[KH_KEY_FILE_SECRET_LEN],
                  GError **error)
{
  g_autofree char *path = g_build_filename (data_dir, KH_KEY_FILE_NAME, NULL);
  char text[TEXT_LEN + 1]; /* one more than there may be */
  ssize_t n;
  int fd;
  gboolean good;

  if (g_mkdir_with_parents (data_dir, 0700) != 0)
    return fail (error, "The data folder can't be made:", data_dir);
  fd = open (path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT)
    {
      if (!create (data_dir, path, error))
        return FALSE;
      fd = open (path, O_RDONLY | O_CLOEXEC);
    }
  if (fd < 0)
    return fail (error, "The key file can't be read:", path);
  n = read (fd, text, sizeof text);
  if (n < 0)
    good = fail (error, "The key file can't be read:", path);
  else
    good = parse (path, text, (size_t)n, secret, error);
  close (fd);
  sodium_memzero (text, sizeof text);
  return good;
}
