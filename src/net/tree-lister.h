/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tree-lister.h - the files and folders that are to be sent, one after the other.
 *
 * new() with the paths that a person chose, next() until it is false, free(). The order
 * is that of proto/tree: depth first, each folder before what is in it.
 *
 * What a chosen path names is followed through symbolic links; below it links are listed
 * as such and never followed. Sockets, pipes and devices are no files and are left out,
 * but counted.
 * A folder that can't be looked into is listed as a file of no bytes: sending that fails,
 * so both sides hear of it.
 *
 * Looks at the disk. One thread at a time.
 */
#pragma once

#include "proto/tree.h"

#include <glib.h>
#include <stdbool.h>

typedef struct
{
  uint8_t kind; /* KhTreeKind */
  unsigned depth;
  uint16_t mode;
  uint64_t size;
  uint64_t modified_ms;
  const char *name;  /* as on the disk: any bytes */
  const char *place; /* at depth 0: the real, absolute path; else NULL */
} KhListedEntry;

typedef struct _KhTreeLister KhTreeLister;

/* Copies @paths. */
KhTreeLister *kh_tree_lister_new (const char *const *paths);
void kh_tree_lister_free (KhTreeLister *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KhTreeLister, kh_tree_lister_free)

/* Pointers in @entry are valid until the next call. */
bool kh_tree_lister_next (KhTreeLister *self, KhListedEntry *entry);

/* At the end: what was no file, folder or link. */
unsigned kh_tree_lister_skipped (const KhTreeLister *self);

/* At the end: a chosen path is gone, or can't be sent. */
bool kh_tree_lister_is_missing (const KhTreeLister *self);

/* Writes the name that goes over the wire: UTF-8 that proto/tree takes. */
void kh_tree_lister_wire_name (const char *name, char wire[KH_TREE_NAME_MAX + 1]);
