/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tree-lister.h"

#include "net/outgoing-file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One more than a tree may be deep: what is in there is listed, and refused. */
#define DEEPEST (KH_TREE_DEPTH_MAX + 1)

struct _KhTreeLister
{
  char **paths;
  unsigned next_path;
  unsigned n_skipped;
  bool missing;
  DIR *folders[DEEPEST];
  unsigned depth; /* folders that are open */
  char *place;
  char *name;
};

KhTreeLister *
kh_tree_lister_new (const char *const *paths)
{
  KhTreeLister *self = g_new0 (KhTreeLister, 1);

  self->paths = g_strdupv ((char **)paths);
  return self;
}

void
kh_tree_lister_free (KhTreeLister *self)
{
  if (self == NULL)
    return;
  while (self->depth > 0)
    closedir (self->folders[--self->depth]);
  g_strfreev (self->paths);
  free (self->place);
  g_free (self->name);
  g_free (self);
}

static void
enter (KhTreeLister *self, int folder, const char *name, KhListedEntry *entry)
{
  int fd = -1;
  DIR *opened = NULL;

  if (self->depth < DEEPEST)
    fd = openat (folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd >= 0)
    opened = fdopendir (fd);
  if (opened != NULL)
    {
      self->folders[self->depth++] = opened;
      return;
    }
  if (fd >= 0)
    close (fd);
  entry->kind = KH_TREE_FILE;
}

/* False for what is no file, folder or link. */
static bool
describe (KhTreeLister *self, const struct stat *info, KhListedEntry *entry)
{
  *entry = (KhListedEntry){ .depth = self->depth };
  switch (info->st_mode & S_IFMT)
    {
    case S_IFREG:
      entry->kind = KH_TREE_FILE;
      entry->size = (uint64_t)info->st_size;
      entry->mode = (info->st_mode & S_IXUSR) != 0 ? KH_TREE_EXECUTABLE : 0;
      break;
    case S_IFDIR:
      entry->kind = KH_TREE_FOLDER;
      break;
    case S_IFLNK:
      entry->kind = KH_TREE_LINK;
      break;
    default:
      self->n_skipped++;
      return false;
    }
  entry->modified_ms = kh_outgoing_file_ms (info->st_mtim.tv_sec, info->st_mtim.tv_nsec);
  return true;
}

/* As it was typed, if that is a name. */
static char *
name_of (const char *path, const char *place)
{
  g_autofree char *typed = g_path_get_basename (path);

  return kh_tree_name_fits (typed, strlen (typed)) ? g_steal_pointer (&typed)
                                                   : g_path_get_basename (place);
}

static bool
next_chosen (KhTreeLister *self, KhListedEntry *entry)
{
  const char *path;

  while ((path = self->paths[self->next_path]) != NULL)
    {
      struct stat info;

      self->next_path++;
      free (self->place);
      self->place = realpath (path, NULL);
      if (self->place == NULL || stat (self->place, &info) < 0
          || !describe (self, &info, entry))
        {
          self->missing = true;
          continue;
        }
      g_free (self->name);
      self->name = name_of (path, self->place);
      entry->name = self->name;
      entry->place = self->place;
      if (entry->kind == KH_TREE_FOLDER)
        enter (self, AT_FDCWD, self->place, entry);
      return true;
    }
  return false;
}

static bool
next_inside (KhTreeLister *self, KhListedEntry *entry)
{
  DIR *folder = self->folders[self->depth - 1];
  struct dirent *found;

  while ((errno = 0, found = readdir (folder)) != NULL)
    {
      struct stat info;

      if (g_str_equal (found->d_name, ".") || g_str_equal (found->d_name, "..")
          || fstatat (dirfd (folder), found->d_name, &info, AT_SYMLINK_NOFOLLOW) < 0
          || !describe (self, &info, entry))
        continue;
      g_free (self->name);
      self->name = g_strdup (found->d_name);
      entry->name = self->name;
      if (entry->kind == KH_TREE_FOLDER)
        enter (self, dirfd (folder), self->name, entry);
      return true;
    }
  /* The rest of a folder that can't be read to its end counts as one that is left out. */
  self->n_skipped += errno != 0;
  closedir (self->folders[--self->depth]);
  return false;
}

bool
kh_tree_lister_next (KhTreeLister *self, KhListedEntry *entry)
{
  while (self->depth > 0)
    if (next_inside (self, entry))
      return true;
  return next_chosen (self, entry);
}

unsigned
kh_tree_lister_skipped (const KhTreeLister *self)
{
  return self->n_skipped;
}

bool
kh_tree_lister_is_missing (const KhTreeLister *self)
{
  return self->missing;
}
