/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/folder-cursor.h"
#include "proto/safe-name.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPEN_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

/* A new folder is on the disk when the one that it is in is. */
static int
open_or_make (int folder, const char *name, KhFolderCursorWay way, bool *made)
{
  int fd = openat (folder, name, OPEN_FLAGS);

  *made = false;
  if (fd >= 0 || errno != ENOENT || way != KH_FOLDER_CURSOR_MAKE)
    return fd;
  *made = mkdirat (folder, name, 0777) == 0;
  if (*made)
    fsync (folder);
  else if (errno != EEXIST)
    return -1;
  return openat (folder, name, OPEN_FLAGS);
}

/* The folder @name in @folder, or with a number where a file or a link has the name;
 * puts what it is called behind @place. */
static int
step_into (int folder, const char *name, KhFolderCursorWay way, GString *place,
           bool *made)
{
  char used[KH_SAFE_NAME_LEN];
  int fd = open_or_make (folder, name, way, made);

  g_strlcpy (used, name, sizeof used);
  for (unsigned n = 2;
       way != KH_FOLDER_CURSOR_EXACT && fd < 0 && n <= KH_FOLDER_CURSOR_NAMES; n++)
    {
      if (errno != ENOTDIR && errno != ELOOP)
        return -1;
      kh_safe_name_numbered (name, n, used);
      fd = open_or_make (folder, used, way, made);
    }
  if (fd >= 0)
    g_string_append_printf (place, "%s%s", place->len > 0 ? "/" : "", used);
  return fd;
}

/* Keeps errno. */
static void
leave (KhFolderCursor *self)
{
  int error = errno;

  kh_folder_cursor_sync (self);
  if (self->folder >= 0 && self->folder != self->top)
    close (self->folder);
  self->folder = self->top;
  g_clear_pointer (&self->path, g_free);
  g_clear_pointer (&self->place, g_free);
  errno = error;
}

/* From @folder, which stays open, down @path, of which it cuts out each name. @made is
 * about the last. */
static int
walk (int folder, char *path, KhFolderCursorWay way, GString *place, bool *made)
{
  int at = folder;

  for (char *name = path; name != NULL && *name != '\0';)
    {
      char *slash = strchr (name, '/');
      int next;
      int error;

      if (slash != NULL)
        *slash = '\0';
      next = step_into (at, name, way, place, made);
      error = errno;
      if (at != folder)
        close (at);
      errno = error;
      if (next < 0)
        return -1;
      at = next;
      name = slash != NULL ? slash + 1 : NULL;
    }
  return at;
}

/* Whether @path of @len bytes is below the folder that the cursor is in. */
static bool
is_below (const KhFolderCursor *self, const char *path, size_t len)
{
  size_t here = strlen (self->path);

  return here > 0 && len > here && strncmp (path, self->path, here) == 0
         && path[here] == '/';
}

static void
be_at_top (KhFolderCursor *self)
{
  self->folder = self->top;
  self->path = g_strdup ("");
  self->place = g_strdup ("");
}

bool
kh_folder_cursor_open (KhFolderCursor *self, const char *top)
{
  *self = KH_FOLDER_CURSOR_CLOSED;
  self->top = open (top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (self->top < 0)
    return false;
  be_at_top (self);
  return true;
}

const char *
kh_folder_cursor_enter (KhFolderCursor *self, const char *path, KhFolderCursorWay way)
{
  const char *slash = strrchr (path, '/');
  size_t len = slash != NULL ? (size_t)(slash - path) : 0;
  g_autofree char *wanted = g_strndup (path, len);
  g_autofree char *rest = NULL;
  g_autoptr (GString) place = g_string_new (NULL);
  int from = self->top;
  int folder;

  self->made = false;
  if (strcmp (self->path, wanted) == 0)
    return slash != NULL ? slash + 1 : path;
  if (is_below (self, wanted, len))
    {
      from = self->folder;
      g_string_assign (place, self->place);
      rest = g_strdup (wanted + strlen (self->path) + 1);
    }
  else
    rest = g_strdup (wanted);
  folder = walk (from, rest, way, place, &self->made);
  leave (self);
  if (folder < 0)
    {
      self->made = false;
      be_at_top (self);
      return NULL;
    }
  self->folder = folder;
  self->path = g_steal_pointer (&wanted);
  self->place = g_strdup (place->str);
  return slash != NULL ? slash + 1 : path;
}

void
kh_folder_cursor_remove (KhFolderCursor *self, const char *path)
{
  const char *name = kh_folder_cursor_enter (self, path, KH_FOLDER_CURSOR_EXACT);

  if (name != NULL)
    unlinkat (self->folder, name, AT_REMOVEDIR);
}

bool
kh_folder_cursor_sync (KhFolderCursor *self)
{
  if (!self->dirty)
    return true;
  self->dirty = false;
  return fsync (self->folder) == 0 || errno == EINVAL;
}

void
kh_folder_cursor_close (KhFolderCursor *self)
{
  if (self->top < 0)
    return;
  leave (self);
  close (self->top);
  *self = KH_FOLDER_CURSOR_CLOSED;
}
