/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tree.h - the files and folders of a transfer, as a list of entries in pages.
 *
 * The sender puts entries into a page one by one with write() and has each counted by
 * a KhTree first: what add() refuses is not sent. The receiver reads the entries of
 * each page with read() and gives them to a KhTree of its own, in order; when all
 * have come, the counts are to be those of the offer.
 *
 * The list is depth first: an entry of depth 0 was chosen to be sent, one of depth d is
 * in the folder of depth d - 1 that came last. So no entry can name a place outside.
 *
 * Nothing here keeps a name or touches a disk. Sizes are bytes, times Unix
 * milliseconds.
 *
 * Source: src/PROTOCOL.md, section 5.
 */
#pragma once

#include "proto/reader.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Half of a frame: pages leave room for what stands before them, and are handled in no
 * time. */
#define KH_TREE_PAGE_MAX 32768

/* A large source tree has 100,000 files; beyond this an archive serves everybody
 * better. */
#define KH_TREE_ENTRIES_MAX 262144

/* Of all names together: what a hostile peer may put into the store. */
#define KH_TREE_NAMES_MAX (UINT64_C (64) << 20)

/* Deeper than any tree that people make; each is a folder to be opened. */
#define KH_TREE_DEPTH_MAX 63

/* PATH_MAX of Linux less its NUL: a longer one could not be opened at once. */
#define KH_TREE_PATH_MAX 4095

/* NAME_MAX of Linux. */
#define KH_TREE_NAME_MAX 255

/* Kind, depth, size, time, mode, length of the name, and the name. */
#define KH_TREE_ENTRY_MAX (21 + KH_TREE_NAME_MAX)

/* No entry. */
#define KH_TREE_NONE UINT32_MAX

typedef enum
{
  KH_TREE_FILE = 1,
  KH_TREE_FOLDER = 2,
  KH_TREE_LINK = 3, /* symbolic; shown, never followed nor made */
} KhTreeKind;

#define KH_TREE_EXECUTABLE 1 /* in @mode */

typedef struct
{
  uint8_t kind; /* KhTreeKind */
  uint8_t depth;
  uint16_t mode;
  uint64_t size; /* 0 unless a file */
  uint64_t modified_ms;
  KhText name;
} KhTreeEntry;

/* Entries one behind the other. */
typedef struct
{
  const uint8_t *bytes;
  size_t len;
} KhTreePage;

/* Why an entry can't be in a tree. */
typedef enum
{
  KH_TREE_GOOD,
  KH_TREE_BAD_NAME,  /* empty, too long, with a slash, "." or "..", no UTF-8 */
  KH_TREE_BAD_ENTRY, /* unknown kind, no folder to be in, a size that can't be */
  KH_TREE_TOO_MANY,  /* entries, or bytes of names */
  KH_TREE_TOO_DEEP,
  KH_TREE_TOO_LONG,  /* the path */
  KH_TREE_TOO_LARGE, /* more bytes than can be counted */
} KhTreeVerdict;

/* What has been listed so far. Read any field; change them only through add(). */
typedef struct
{
  uint32_t n_entries;
  uint32_t n_files;
  uint32_t n_folders;
  uint32_t n_links;
  uint64_t total; /* bytes of all files */
  uint64_t names; /* bytes of all names */
  uint8_t open;   /* folders around the next entry, at most: its depth */
  uint32_t folders[KH_TREE_DEPTH_MAX + 1];   /* the entry numbers of those */
  uint16_t path_lens[KH_TREE_DEPTH_MAX + 1]; /* and how long the path to each is */
} KhTree;

/* Zeroed is empty, too. */
void kh_tree_init (KhTree *self);

/* Takes the next entry, or says why not; then nothing has changed. */
KhTreeVerdict kh_tree_add (KhTree *self, const KhTreeEntry *entry);

/* The folder that an entry of @depth would be in: its number, KH_TREE_NONE at depth 0.
 * Before add(). */
uint32_t kh_tree_parent (const KhTree *self, uint8_t depth);

/* Writes @entry behind the @len bytes that are in @page. Returns the new length; 0 when
 * it does not fit any more, or its name does not fit into an entry. */
size_t kh_tree_write (const KhTreeEntry *entry, uint8_t page[KH_TREE_PAGE_MAX],
                      size_t len);

/* Takes the first entry off @page. False when none is left, or when it is cut off or its
 * name is no UTF-8: then @page->len is not 0. The name points into the page. */
bool kh_tree_read (KhTreePage *page, KhTreeEntry *entry);

/* Whether @name may be one in a tree. */
bool kh_tree_name_fits (const char *name, size_t len);
