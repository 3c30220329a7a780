/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/folder-lock.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <windows.h>

/* Enough for any holder's name; what is longer is cut when it is shown. */
#define HOLDER_MAX 200

/* A lock keeps others from reading what it is on. It is on a byte that the file does not
 * have, so that they can read who holds it. */
#define LOCKED_BYTE                                                                      \
  {                                                                                      \
    .Offset = 0, .OffsetHigh = 0x7fffffff                                                \
  }

struct _KhFolderLock
{
  char *folder;
  HANDLE file;
};

/* Only the user may look into it where it is in the user's profile: folders inherit that.
 */
static gboolean
make_folder (const char *folder, GError **error)
{
  if (g_file_test (folder, G_FILE_TEST_IS_DIR))
    return TRUE;
  if (g_mkdir_with_parents (folder, 0700) != 0)
    return kh_store_error_set_errno (error, errno, "Cannot make the data folder %s",
                                     folder);
  return TRUE;
}

static gboolean
set_error (GError **error, DWORD number, const char *what, const char *path)
{
  g_autofree char *reason = g_win32_error_message ((int)number);

  g_set_error (error, KH_STORE_ERROR, (gint)kh_store_error_from_system ((int)number),
               "%s %s: %s", what, path, reason);
  return FALSE;
}

/* Empty when the holder has not written its name yet. */
static char *
read_holder (HANDLE file)
{
  char bytes[HOLDER_MAX + 1] = { 0 };
  OVERLAPPED beginning = { 0 };
  DWORD len = 0;
  char *holder;

  ReadFile (file, bytes, HOLDER_MAX, &len, &beginning);
  holder = g_utf8_make_valid (bytes, (gssize)len);
  holder[strcspn (holder, "\n")] = '\0';
  return holder;
}

static gboolean
empty (HANDLE file)
{
  LARGE_INTEGER beginning = { 0 };

  return SetFilePointerEx (file, beginning, NULL, FILE_BEGIN) && SetEndOfFile (file);
}

static gboolean
write_holder (HANDLE file, const char *holder)
{
  g_autofree char *line
      = g_strdup_printf ("%s, process %lu\n", holder, GetCurrentProcessId ());
  DWORD len = (DWORD)strlen (line);
  DWORD written;

  return empty (file) && WriteFile (file, line, len, &written, NULL) && written == len;
}

static gboolean
lock_file (const KhFolderLock *self, const char *holder, GError **error)
{
  OVERLAPPED byte = LOCKED_BYTE;

  if (!LockFileEx (self->file, LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY, 0, 1,
                   0, &byte))
    {
      DWORD number = GetLastError ();
      g_autofree char *other = NULL;

      if (number != ERROR_LOCK_VIOLATION && number != ERROR_IO_PENDING)
        return set_error (error, number, "Cannot lock the data folder", self->folder);
      other = read_holder (self->file);
      g_set_error (error, KH_STORE_ERROR, KH_STORE_ERROR_FOLDER_IN_USE,
                   "The data folder %s is in use by %s", self->folder,
                   *other != '\0' ? other : "another program");
      return FALSE;
    }
  return write_holder (self->file, holder)
         || set_error (error, GetLastError (), "Cannot write the lock of", self->folder);
}

/* A link of that name is opened itself, and is no file to be written to. */
static gboolean
open_file (KhFolderLock *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->folder, "lock", NULL);
  g_autofree gunichar2 *wide = g_utf8_to_utf16 (path, -1, NULL, NULL, NULL);

  if (wide == NULL)
    return set_error (error, ERROR_INVALID_NAME, "Cannot open the lock", path);
  self->file = CreateFileW ((const wchar_t *)wide, GENERIC_READ | GENERIC_WRITE,
                            FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                            OPEN_ALWAYS,
                            FILE_ATTRIBUTE_NORMAL | FILE_FLAG_OPEN_REPARSE_POINT, NULL);
  return self->file != INVALID_HANDLE_VALUE
         || set_error (error, GetLastError (), "Cannot open the lock", path);
}

KhFolderLock *
kh_folder_lock_take (const char *folder, const char *holder, GError **error)
{
  g_autoptr (KhFolderLock) self = g_new0 (KhFolderLock, 1);

  self->file = INVALID_HANDLE_VALUE;
  self->folder = g_strdup (folder);
  if (!make_folder (folder, error) || !open_file (self, error))
    return NULL;
  if (!lock_file (self, holder, error))
    {
      /* Closed here, so that release() does not empty the file of the holder. */
      CloseHandle (self->file);
      self->file = INVALID_HANDLE_VALUE;
      return NULL;
    }
  return g_steal_pointer (&self);
}

const char *
kh_folder_lock_folder (const KhFolderLock *self)
{
  return self->folder;
}

void
kh_folder_lock_release (KhFolderLock *self)
{
  if (self == NULL)
    return;
  if (self->file != INVALID_HANDLE_VALUE)
    {
      /* A name left behind misleads nobody who gets the lock. */
      if (!empty (self->file))
        g_debug ("the lock keeps its holder's name: error %lu", GetLastError ());
      CloseHandle (self->file);
    }
  g_free (self->folder);
  g_free (self);
}
