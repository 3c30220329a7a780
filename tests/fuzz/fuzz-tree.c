/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A tree of files. The input is its entries, as in one page of any length. What can be
 * read is written as the same bytes; what is taken keeps to the limits, and what is
 * refused leaves no trace.
 */
#include "proto/frame.h"
#include "proto/tree.h"

#include <glib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

static void
check_tree (const KhTree *tree)
{
  g_assert_cmpuint (tree->n_files + tree->n_folders + tree->n_links, ==, tree->n_entries);
  g_assert_cmpuint (tree->n_entries, <=, KH_TREE_ENTRIES_MAX);
  g_assert_cmpuint (tree->total, <=, KH_FRAME_SIZE_MAX);
  g_assert_cmpuint (tree->names, <=, KH_TREE_NAMES_MAX);
  g_assert_cmpuint (tree->names, >=, tree->n_entries);
  g_assert_cmpuint (tree->open, <=, KH_TREE_DEPTH_MAX + 1);
  g_assert_cmpuint (tree->open, <=, tree->n_folders);
  for (guint i = 0; i < tree->open; i++)
    {
      g_assert_cmpuint (tree->folders[i], <, tree->n_entries);
      g_assert_cmpuint (tree->path_lens[i], <=, KH_TREE_PATH_MAX);
      g_assert_true (i == 0 || tree->folders[i] > tree->folders[i - 1]);
      g_assert_true (i == 0 || tree->path_lens[i] > tree->path_lens[i - 1] + 1);
    }
}

/* @entry is the one that was taken last. */
static void
check_entry (const KhTree *tree, const KhTreeEntry *entry, guint32 parent)
{
  gsize path_len = entry->name.len;

  g_assert_true (kh_tree_name_fits (entry->name.bytes, entry->name.len));
  g_assert_cmpuint (entry->depth, <=, KH_TREE_DEPTH_MAX);
  g_assert_cmpuint (tree->open, ==, entry->depth + (entry->kind == KH_TREE_FOLDER));
  if (entry->depth > 0)
    {
      g_assert_cmpuint (parent, <, tree->n_entries - 1);
      path_len += tree->path_lens[entry->depth - 1] + 1u;
    }
  else
    g_assert_cmpuint (parent, ==, KH_TREE_NONE);
  g_assert_cmpuint (path_len, <=, KH_TREE_PATH_MAX);
}

static void
check_add (KhTree *tree, const KhTreeEntry *entry)
{
  guint32 parent = kh_tree_parent (tree, entry->depth);
  guint8 before[sizeof *tree];
  KhTreeVerdict verdict;

  memcpy (before, tree, sizeof before);
  verdict = kh_tree_add (tree, entry);
  if (verdict != KH_TREE_GOOD)
    {
      g_assert_cmpmem (before, sizeof before, tree, sizeof *tree);
      return;
    }
  check_entry (tree, entry, parent);
  check_tree (tree);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  static guint8 copy[KH_TREE_PAGE_MAX];
  KhTreePage page = { data, size };
  KhTreeEntry entry;
  KhTree tree;

  kh_tree_init (&tree);
  for (const guint8 *at = data; kh_tree_read (&page, &entry); at = page.bytes)
    {
      g_assert_cmpuint (entry.name.len, <=, KH_TREE_NAME_MAX);
      g_assert_true (page.bytes + page.len == data + size);
      g_assert_cmpmem (copy, kh_tree_write (&entry, copy, 0), at,
                       (size_t)(page.bytes - at));
      check_add (&tree, &entry);
    }
  g_assert_true (page.bytes + page.len == data + size);
  return 0;
}
