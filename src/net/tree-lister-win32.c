/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tree-lister.h"

#include "net/handle-win32.h"

#include <string.h>

/* One more than a tree may be deep: what is in there is listed, and refused. */
#define DEEPEST (KH_TREE_DEPTH_MAX + 1)

/* Of what a folder holds, read at a time; at least one entry of any name. */
#define PAGE_LEN 8192

typedef struct
{
  int fd;
  FILE_FULL_DIR_INFO *page;     /* Owned */
  const FILE_FULL_DIR_INFO *at; /* NULL: the next page is to be read */
} Folder;

struct _KhTreeLister
{
  char **paths;
  unsigned next_path;
  unsigned n_skipped;
  bool missing;
  Folder folders[DEEPEST];
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

static void
leave (KhTreeLister *self)
{
  Folder *folder = &self->folders[--self->depth];

  kh_handle_close (folder->fd);
  g_clear_pointer (&folder->page, g_free);
}

void
kh_tree_lister_free (KhTreeLister *self)
{
  if (self == NULL)
    return;
  while (self->depth > 0)
    leave (self);
  g_strfreev (self->paths);
  g_free (self->place);
  g_free (self->name);
  g_free (self);
}

/* Takes @fd, which may be -1. */
static void
enter (KhTreeLister *self, int fd, KhListedEntry *entry)
{
  if (fd == -1)
    {
      entry->kind = KH_TREE_FILE;
      return;
    }
  self->folders[self->depth++] = (Folder){ .fd = fd, .page = g_malloc (PAGE_LEN) };
}

static KhListedEntry
describe (const KhTreeLister *self, DWORD attributes, bool link, int64_t modified,
          uint64_t size)
{
  int64_t modified_ms = kh_handle_unix_ms (modified);
  KhListedEntry entry = {
    .depth = self->depth,
    .modified_ms = modified_ms > 0 ? (uint64_t)modified_ms : 0,
  };

  if (link)
    entry.kind = KH_TREE_LINK;
  else if ((attributes & FILE_ATTRIBUTE_DIRECTORY) != 0)
    entry.kind = KH_TREE_FOLDER;
  else
    {
      entry.kind = KH_TREE_FILE;
      entry.size = size;
    }
  return entry;
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
choose (KhTreeLister *self, const char *path, KhListedEntry *entry)
{
  int fd = kh_handle_open_path (path, 0);
  KhHandleInfo info;

  g_free (self->place);
  self->place = fd != -1 ? kh_handle_path (fd) : NULL;
  if (self->place == NULL || !kh_handle_info (fd, &info)
      || (info.attributes & FILE_ATTRIBUTE_DEVICE) != 0)
    {
      kh_handle_close (fd);
      return false;
    }
  kh_handle_close (fd);
  *entry = describe (self, info.attributes, false, info.modified, info.size);
  g_free (self->name);
  self->name = name_of (path, self->place);
  entry->name = self->name;
  entry->place = self->place;
  if (entry->kind == KH_TREE_FOLDER)
    enter (self, kh_handle_open_path (self->place, FILE_LIST_DIRECTORY | FILE_TRAVERSE),
           entry);
  return true;
}

static bool
next_chosen (KhTreeLister *self, KhListedEntry *entry)
{
  const char *path;

  while ((path = self->paths[self->next_path]) != NULL)
    {
      self->next_path++;
      if (choose (self, path, entry))
        return true;
      self->missing = true;
    }
  return false;
}

/* NULL at the end, and where the rest can't be read: then it is counted as one that is
 * left out. */
static const FILE_FULL_DIR_INFO *
next_in (KhTreeLister *self, Folder *folder)
{
  const FILE_FULL_DIR_INFO *found;

  if (folder->at == NULL)
    {
      if (!GetFileInformationByHandleEx (kh_handle_of (folder->fd), FileFullDirectoryInfo,
                                         folder->page, PAGE_LEN))
        {
          self->n_skipped += GetLastError () != ERROR_NO_MORE_FILES;
          return NULL;
        }
      folder->at = folder->page;
    }
  found = folder->at;
  folder->at = found->NextEntryOffset == 0
                   ? NULL
                   : (const void *)((const char *)found + found->NextEntryOffset);
  return found;
}

static bool
is_self_or_parent (const char *name)
{
  return g_str_equal (name, ".") || g_str_equal (name, "..");
}

/* A name with half a character of two in it can't be told to anybody; it is left out. */
static bool
describe_found (KhTreeLister *self, const FILE_FULL_DIR_INFO *found, KhListedEntry *entry)
{
  char *name = g_utf16_to_utf8 ((const gunichar2 *)found->FileName,
                                found->FileNameLength / 2, NULL, NULL, NULL);
  /* What kind of reparse point stands where extended attributes have their size. */
  bool link = (found->FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0
              && IsReparseTagNameSurrogate (found->EaSize);

  if (name == NULL || is_self_or_parent (name))
    {
      self->n_skipped += name == NULL;
      g_free (name);
      return false;
    }
  g_free (self->name);
  self->name = name;
  *entry = describe (self, found->FileAttributes, link, found->LastWriteTime.QuadPart,
                     (uint64_t)found->EndOfFile.QuadPart);
  entry->name = name;
  return true;
}

static bool
next_inside (KhTreeLister *self, KhListedEntry *entry)
{
  Folder *folder = &self->folders[self->depth - 1];
  const FILE_FULL_DIR_INFO *found;

  while ((found = next_in (self, folder)) != NULL)
    {
      if (!describe_found (self, found, entry))
        continue;
      if (entry->kind == KH_TREE_FOLDER)
        enter (self,
               self->depth < DEEPEST ? kh_handle_open_at (
                   folder->fd, self->name, FILE_LIST_DIRECTORY | FILE_TRAVERSE, FILE_OPEN,
                   FILE_DIRECTORY_FILE, 0)
                                     : -1,
               entry);
      return true;
    }
  leave (self);
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
