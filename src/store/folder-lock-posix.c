/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/folder-lock.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* Enough for any holder's name; what is longer is cut when it is shown. */
#define HOLDER_MAX 200

struct _KhFolderLock
{
  char *folder;
  int fd;
};

static gboolean
make_folder (const char *folder, GError **error)
{
  if (g_file_test (folder, G_FILE_TEST_IS_DIR))
    return TRUE;
  /* chmod: the umask may have taken permissions from the user too. */
  if (g_mkdir_with_parents (folder, 0700) != 0 || g_chmod (folder, 0700) != 0)
    return kh_store_error_set_errno (error, errno, "Cannot make the data folder %s",
                                     folder);
  return TRUE;
}

/* Empty when the holder has not written its name yet. */
static char *
read_holder (int fd)
{
  char bytes[HOLDER_MAX + 1] = { 0 };
  ssize_t len = pread (fd, bytes, HOLDER_MAX, 0);
  char *holder = g_utf8_make_valid (bytes, len > 0 ? len : 0);

  holder[strcspn (holder, "\n")] = '\0';
  return holder;
}

static gboolean
write_holder (int fd, const char *holder)
{
  g_autofree char *line = g_strdup_printf ("%s, process %d\n", holder, (int)getpid ());
  ssize_t len = (ssize_t)strlen (line);
  ssize_t written;

  if (ftruncate (fd, 0) != 0)
    return FALSE;
  written = pwrite (fd, line, (size_t)len, 0);
  if (written >= 0 && written < len)
    errno = ENOSPC;
  return written == len;
}

static gboolean
lock_file (int fd, const KhFolderLock *self, const char *holder, GError **error)
{
  if (flock (fd, LOCK_EX | LOCK_NB) != 0)
    {
      g_autofree char *other = NULL;

      if (errno != EWOULDBLOCK)
        return kh_store_error_set_errno (error, errno, "Cannot lock the data folder %s",
                                         self->folder);
      other = read_holder (fd);
      g_set_error (error, KH_STORE_ERROR, KH_STORE_ERROR_FOLDER_IN_USE,
                   "The data folder %s is in use by %s", self->folder,
                   *other != '\0' ? other : "another program");
      return FALSE;
    }
  if (fchmod (fd, 0600) != 0 || !write_holder (fd, holder))
    return kh_store_error_set_errno (error, errno, "Cannot write the lock of %s",
                                     self->folder);
  return TRUE;
}

KhFolderLock *
kh_folder_lock_take (const char *folder, const char *holder, GError **error)
{
  g_autoptr (KhFolderLock) self = g_new0 (KhFolderLock, 1);
  g_autofree char *path = g_build_filename (folder, "lock", NULL);

  self->fd = -1;
  self->folder = g_strdup (folder);
  if (!make_folder (folder, error))
    return NULL;
  self->fd = g_open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (self->fd < 0)
    {
      kh_store_error_set_errno (error, errno, "Cannot open the lock %s", path);
      return NULL;
    }
  if (!lock_file (self->fd, self, holder, error))
    {
      /* Closed here, so that release() does not empty the file of the holder. */
      close (self->fd);
      self->fd = -1;
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
  if (self->fd >= 0)
    {
      /* A name left behind misleads nobody who gets the lock. */
      if (ftruncate (self->fd, 0) != 0)
        g_debug ("the lock keeps its holder's name: %s", g_strerror (errno));
      close (self->fd);
    }
  g_free (self->folder);
  g_free (self);
}
