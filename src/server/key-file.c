/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/key-file.h"
#include "server/key-file-write.h"

#include <glib/gstdio.h>
#include <sodium.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

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
create (const char *dir, const char *path, GError **error)
{
  guint8 secret[KH_KEY_FILE_SECRET_LEN];
  char text[TEXT_LEN + 1];
  gboolean good;

  randombytes_buf (secret, sizeof secret);
  memcpy (text, FIRST_LINE, sizeof FIRST_LINE);
  sodium_bin2hex (text + sizeof FIRST_LINE - 1, 2 * sizeof secret + 1, secret,
                  sizeof secret);
  text[TEXT_LEN - 1] = '\n';
  good = kh_key_file_write (dir, path, text, TEXT_LEN)
         || fail (error, "The server's key can't be written to", path);
  sodium_memzero (secret, sizeof secret);
  sodium_memzero (text, sizeof text);
  return good;
}

/* Not buffered: nothing but @text has the secret in it. */
static FILE *
open_unbuffered (const char *path)
{
  FILE *file = g_fopen (path, "rb");

  if (file != NULL)
    setvbuf (file, NULL, _IONBF, 0);
  return file;
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
  size_t n;
  FILE *file;
  gboolean good;

  if (g_mkdir_with_parents (data_dir, 0700) != 0)
    return fail (error, "The data folder can't be made:", data_dir);
  file = open_unbuffered (path);
  if (file == NULL && errno == ENOENT)
    {
      if (!create (data_dir, path, error))
        return FALSE;
      file = open_unbuffered (path);
    }
  if (file == NULL)
    return fail (error, "The key file can't be read:", path);
  n = fread (text, 1, sizeof text, file);
  if (ferror (file))
    good = fail (error, "The key file can't be read:", path);
  else
    good = parse (path, text, n, secret, error);
  fclose (file);
  sodium_memzero (text, sizeof text);
  return good;
}
