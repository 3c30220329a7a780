/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whatever happens to a tree in whatever order, the counts of its transfer are what a
 * recount finds, and its pages are what a plain array says. Replay with --seed.
 */
#include "scratch-tree.h"

#include <string.h>

#define TREES 30
#define STEPS 60
#define ENTRIES_MAX 40

typedef struct
{
  guint32 parent;
  guint8 kind;
  guint8 depth;
  KhEntryState state;
  guint64 size;
  char *path; /* Owned */
} ModelEntry;

typedef struct
{
  ModelEntry entries[ENTRIES_MAX];
  guint32 n;
  guint32 salt; /* of the filter */
} Model;

static guint32
below (guint32 bound)
{
  return (guint32)g_test_rand_int_range (0, (gint32)bound);
}

/* In a folder that is open after @i - 1 entries, or at depth 0. */
static guint32
choose_parent (const Model *self, guint32 i)
{
  guint32 parent = i == 0 ? KH_TREE_NONE : i - 1;

  while (parent != KH_TREE_NONE
         && (self->entries[parent].kind != KH_TREE_FOLDER || below (4) == 0))
    parent = self->entries[parent].parent;
  return parent;
}

static void
add_tree (Scratch *scratch, gint64 seq, Model *self)
{
  guint32 n_files = 0;
  guint64 n_bytes = 0;

  self->n = 1 + below (ENTRIES_MAX);
  for (guint32 i = 0; i < self->n; i++)
    {
      ModelEntry *entry = &self->entries[i];
      g_autofree char *name = g_strdup_printf ("%c%u", 'a' + (int)below (26), i);
      KhNewEntry new = { .entry = i, .name = name, .name_len = strlen (name) };

      entry->parent = choose_parent (self, i);
      entry->kind = (guint8)(1 + below (KH_TREE_LINK));
      if (entry->parent != KH_TREE_NONE)
        entry->depth = (guint8)(self->entries[entry->parent].depth + 1);
      entry->size = entry->kind == KH_TREE_FILE ? below (1000) : 0;
      entry->path
          = entry->parent == KH_TREE_NONE
                ? g_strdup (name)
                : g_strdup_printf ("%s/%s", self->entries[entry->parent].path, name);
      n_files += entry->kind == KH_TREE_FILE;
      n_bytes += entry->size;
      new.parent = entry->parent;
      new.kind = entry->kind;
      new.depth = entry->depth;
      new.size = entry->size;
      g_assert_true (kh_entries_add (scratch->store, seq, &new, 1, NULL));
    }
  g_assert_true (
      kh_transfers_set_listed (scratch->store, seq, self->n, n_files, n_bytes, NULL));
}

static void
finish_run (Scratch *scratch, gint64 seq, Model *self)
{
  guint32 first = below (self->n);
  guint32 n = below (self->n);
  KhEntryState state = below (2) == 0 ? KH_ENTRY_DONE : KH_ENTRY_THERE;

  g_assert_true (kh_entries_set_done (scratch->store, seq, first, n, state, NULL));
  for (guint32 i = first; i < first + n && i < self->n; i++)
    if (self->entries[i].state == KH_ENTRY_PENDING)
      self->entries[i].state = state;
}

static void
fail_one (Scratch *scratch, gint64 seq, Model *self)
{
  guint32 i = below (self->n);
  gboolean pending = self->entries[i].state == KH_ENTRY_PENDING;

  g_assert_cmpint (kh_entries_set_failed (scratch->store, seq, i, 3, NULL), ==, pending);
  if (pending)
    self->entries[i].state = KH_ENTRY_FAILED;
}

static void
resize_one (Scratch *scratch, gint64 seq, Model *self)
{
  guint32 i = below (self->n);
  guint64 size = below (1000);
  gboolean pending = self->entries[i].state == KH_ENTRY_PENDING
                     && self->entries[i].kind == KH_TREE_FILE;

  g_assert_cmpint (kh_entries_set_size (scratch->store, seq, i, size, 5, NULL), ==,
                   pending);
  if (pending)
    self->entries[i].size = size;
}

static gboolean
is_wanted (const char *path, guint8 kind, gpointer data)
{
  const Model *self = data;

  return (g_str_hash (path) ^ self->salt ^ kind) % 8 != 0;
}

static void
select_some (Scratch *scratch, gint64 seq, Model *self)
{
  self->salt = (guint32)g_test_rand_int ();
  g_assert_true (kh_entries_select (scratch->store, seq, is_wanted, self, NULL));
  for (guint32 i = 0; i < self->n; i++)
    if (self->entries[i].state == KH_ENTRY_PENDING
        && !is_wanted (self->entries[i].path, self->entries[i].kind, self))
      self->entries[i].state = KH_ENTRY_LEFT_OUT;
}

static void
assert_entry (const Model *self, const KhStoredEntry *entry)
{
  const ModelEntry *expected = &self->entries[entry->entry];

  g_assert_cmpstr (entry->path, ==, expected->path);
  g_assert_cmpint (entry->state, ==, expected->state);
  g_assert_cmpuint (entry->size, ==, expected->size);
  g_assert_cmpuint (entry->kind, ==, expected->kind);
  g_assert_cmpuint (entry->parent, ==, expected->parent);
}

/* All of those that are pending, in pages of any size. */
static void
assert_pending (Scratch *scratch, gint64 seq, const Model *self)
{
  guint32 next = 0;

  for (guint round = 0; round <= self->n; round++)
    {
      g_autoptr (GPtrArray) page = kh_entries_pending (
          scratch->store, seq, next, 1 + below (self->n), below (100), NULL);

      for (guint i = 0; i < page->len; i++)
        {
          const KhStoredEntry *entry = page->pdata[i];

          while (self->entries[next].state != KH_ENTRY_PENDING)
            next++;
          g_assert_cmpuint (entry->entry, ==, next++);
          assert_entry (self, entry);
        }
      if (page->len == 0)
        break;
    }
  for (; next < self->n; next++)
    g_assert_cmpint (self->entries[next].state, !=, KH_ENTRY_PENDING);
}

static void
assert_all (Scratch *scratch, gint64 seq, const Model *self)
{
  g_autoptr (GPtrArray) page
      = kh_entries_range (scratch->store, seq, 0, G_MAXUINT, G_MAXSIZE, NULL);

  g_assert_cmpuint (page->len, ==, self->n);
  for (guint i = 0; i < page->len; i++)
    assert_entry (self, page->pdata[i]);
}

static void
test_counts_are_those_of_the_entries (Scratch *scratch, gconstpointer unused)
{
  static void (*const steps[]) (Scratch *, gint64, Model *)
      = { finish_run, fail_one, fail_one, resize_one, resize_one };

  (void)unused;
  for (guint tree = 0; tree < TREES; tree++)
    {
      gint64 seq = scratch_transfer (scratch, tree, KH_STORE_INCOMING);
      Model model = { 0 };

      add_tree (scratch, seq, &model);
      for (guint step = 0; step < STEPS; step++)
        {
          if (step % 20 == 7)
            select_some (scratch, seq, &model);
          else
            steps[below (G_N_ELEMENTS (steps))](scratch, seq, &model);
          scratch_assert_counts (scratch, seq);
          assert_all (scratch, seq, &model);
          assert_pending (scratch, seq, &model);
        }
      for (guint32 i = 0; i < model.n; i++)
        g_free (model.entries[i].path);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  SCRATCH_ADD ("/entries-any-order/counts-are-those-of-the-entries",
               test_counts_are_those_of_the_entries);
  return g_test_run ();
}
