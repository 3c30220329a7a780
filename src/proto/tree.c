/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/tree.h"
#include "proto/utf8.h"
#include "proto/writer.h"

#include <assert.h>
#include <string.h>

/* Offsets are signed in every system call that takes them. */
#define SIZE_LARGEST INT64_MAX

/* What the entry says by itself, whatever came before it. */
static KhTreeVerdict
judge_alone (const KhTreeEntry *entry)
{
  uint64_t largest = entry->kind == KH_TREE_FILE ? SIZE_LARGEST : 0;

  if (!kh_tree_name_fits (entry->name.bytes, entry->name.len))
    return KH_TREE_BAD_NAME;
  if (entry->kind < KH_TREE_FILE || entry->kind > KH_TREE_LINK || entry->size > largest)
    return KH_TREE_BAD_ENTRY;
  return entry->depth > KH_TREE_DEPTH_MAX ? KH_TREE_TOO_DEEP : KH_TREE_GOOD;
}

/* How long the path to the entry is. Its folder is open. */
static size_t
path_len (const KhTree *self, const KhTreeEntry *entry)
{
  if (entry->depth == 0)
    return entry->name.len;
  return self->path_lens[entry->depth - 1] + strlen ("/") + entry->name.len;
}

static KhTreeVerdict
judge (const KhTree *self, const KhTreeEntry *entry)
{
  KhTreeVerdict verdict = judge_alone (entry);

  if (verdict != KH_TREE_GOOD)
    return verdict;
  if (entry->depth > self->open)
    return KH_TREE_BAD_ENTRY;
  if (self->n_entries >= KH_TREE_ENTRIES_MAX
      || entry->name.len > KH_TREE_NAMES_MAX - self->names)
    return KH_TREE_TOO_MANY;
  if (path_len (self, entry) > KH_TREE_PATH_MAX)
    return KH_TREE_TOO_LONG;
  return entry->size > SIZE_LARGEST - self->total ? KH_TREE_TOO_LARGE : KH_TREE_GOOD;
}

static void
open_folder (KhTree *self, const KhTreeEntry *entry)
{
  self->folders[entry->depth] = self->n_entries;
  self->path_lens[entry->depth] = (uint16_t)path_len (self, entry);
  self->open = (uint8_t)(entry->depth + 1);
}

void
kh_tree_init (KhTree *self)
{
  *self = (KhTree){ 0 };
}

KhTreeVerdict
kh_tree_add (KhTree *self, const KhTreeEntry *entry)
{
  KhTreeVerdict verdict = judge (self, entry);

  if (verdict != KH_TREE_GOOD)
    return verdict;

  self->open = entry->depth;
  if (entry->kind == KH_TREE_FOLDER)
    open_folder (self, entry);
  self->n_files += entry->kind == KH_TREE_FILE;
  self->n_folders += entry->kind == KH_TREE_FOLDER;
  self->n_links += entry->kind == KH_TREE_LINK;
  self->total += entry->size;
  self->names += entry->name.len;
  self->n_entries++;
  return KH_TREE_GOOD;
}

uint32_t
kh_tree_parent (const KhTree *self, uint8_t depth)
{
  return depth == 0 || depth > self->open ? KH_TREE_NONE : self->folders[depth - 1];
}

size_t
kh_tree_write (const KhTreeEntry *entry, uint8_t page[KH_TREE_PAGE_MAX], size_t len)
{
  KhWriter writer;

  assert (len <= KH_TREE_PAGE_MAX);
  kh_writer_init (&writer, page + len, KH_TREE_PAGE_MAX - len);
  kh_writer_u8 (&writer, entry->kind);
  kh_writer_u8 (&writer, entry->depth);
  kh_writer_u64 (&writer, entry->size);
  kh_writer_u64 (&writer, entry->modified_ms);
  kh_writer_u16 (&writer, entry->mode);
  kh_writer_text8 (&writer, entry->name.bytes, entry->name.len);
  return kh_writer_done (&writer) ? len + writer.len : 0;
}

bool
kh_tree_read (KhTreePage *page, KhTreeEntry *entry)
{
  KhReader reader;
  KhTreeEntry read;

  kh_reader_init (&reader, page->bytes, page->len);
  read.kind = kh_reader_u8 (&reader);
  read.depth = kh_reader_u8 (&reader);
  read.size = kh_reader_u64 (&reader);
  read.modified_ms = kh_reader_u64 (&reader);
  read.mode = kh_reader_u16 (&reader);
  read.name = kh_reader_text8 (&reader, KH_TREE_NAME_MAX);
  if (!kh_reader_done (&reader))
    return false;
  *page = (KhTreePage){ .bytes = reader.at, .len = reader.left };
  *entry = read;
  return true;
}

bool
kh_tree_name_fits (const char *name, size_t len)
{
  if (len < 1 || len > KH_TREE_NAME_MAX)
    return false;
  if (memchr (name, '/', len) != NULL || memchr (name, '\0', len) != NULL)
    return false;
  if (name[0] == '.' && (len == 1 || (len == 2 && name[1] == '.')))
    return false;
  return kh_utf8_valid (name, len);
}
