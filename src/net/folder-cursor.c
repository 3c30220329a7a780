/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/folder-cursor.h"
#include "net/folder-step.h"
#include "proto/safe-name.h"

#include <errno.h>
#include <glib.h>
#include <string.h>

/* The folder @name in @folder, or with a number where a file or a link has the name;
 * puts what it is called behind @place. */
static int
step_into (int folder, const char *name, KhFolderCursorWay way, GString *place,
           bool *made)
{
  const bool make = way == KH_FOLDER_CURSOR_MAKE;
  char used[KH_SAFE_NAME_LEN];
  int fd = kh_folder_step_into (folder, name, make, made);

  g_strlcpy (used, name, sizeof used);
  for (unsigned n = 2;
       way != KH_FOLDER_CURSOR_EXACT && fd < 0 && n <= KH_FOLDER_CURSOR_NAMES; n++)
    {
      if (errno != ENOTDIR && errno != ELOOP)
        return -1;
      kh_safe_name_numbered (name, n, used);
      fd = kh_folder_step_into (folder, used, make, made);
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
  if (self->folder != self->top)
    kh_folder_step_close (self->folder);
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

      if (slash != NULL)
        *slash = '\0';
      next = step_into (at, name, way, place, made);
      if (at != folder)
        kh_folder_step_close (at);
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
  self->top = kh_folder_step_top (top);
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
    kh_folder_step_remove (self->folder, name);
}

bool
kh_folder_cursor_sync (KhFolderCursor *self)
{
  if (!self->dirty)
    return true;
  self->dirty = false;
  return kh_folder_step_sync (self->folder);
}

void
kh_folder_cursor_close (KhFolderCursor *self)
{
  if (self->top < 0)
    return;
  leave (self);
  kh_folder_step_close (self->top);
  *self = KH_FOLDER_CURSOR_CLOSED;
}
