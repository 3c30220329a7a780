/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The pages in which entries.h reads a tree; test-entries.c is about what changes it.
 */
#include "scratch-tree.h"
#include "store/store-private.h"

#include <string.h>

#define MANY 100000

static const char *const tree[] = { "a/",      " b/",   "  c 10", "  d 20", "  e/",
                                    "   f 30", " g 40", "h@",     "i/",     " j 50" };

static gint64
add_tree (Scratch *self)
{
  gint64 seq = scratch_transfer (self, 1, KH_STORE_INCOMING);

  scratch_tree (self, seq, tree, G_N_ELEMENTS (tree));
  return seq;
}

static void
test_entries_come_back (Scratch *self, gconstpointer unused)
{
  KhNewEntry file = { .entry = 1,
                      .parent = 0,
                      .kind = KH_TREE_FILE,
                      .depth = 1,
                      .mode = 0x8001,
                      .size = G_MAXINT64,
                      .modified_ms = G_MAXUINT64,
                      .name = "\xff\n'cut",
                      .name_len = 3,
                      .place = "x (2)" };
  KhNewEntry folder = { .parent = KH_TREE_NONE,
                        .kind = KH_TREE_FOLDER,
                        .name = "f",
                        .name_len = 1,
                        .place = "/\xfe" };
  gint64 seq = scratch_transfer (self, 1, KH_STORE_OUTGOING);
  g_autoptr (GPtrArray) page = NULL;
  const KhStoredEntry *stored;

  (void)unused;
  g_assert_true (kh_entries_add (self->store, seq, &folder, 1, NULL));
  g_assert_true (kh_entries_add (self->store, seq, &file, 1, NULL));
  scratch_reopen (self);
  page = kh_entries_range (self->store, seq, 0, 9, 999, NULL);
  g_assert_cmpuint (page->len, ==, 2);
  stored = page->pdata[0];
  g_assert_cmpuint (stored->parent, ==, KH_TREE_NONE);
  g_assert_cmpuint (stored->kind, ==, KH_TREE_FOLDER);
  g_assert_cmpstr (stored->place, ==, "/\xfe");
  g_assert_cmpstr (stored->root_place, ==, "/\xfe");
  stored = page->pdata[1];
  g_assert_cmpuint (stored->entry, ==, 1);
  g_assert_cmpuint (stored->parent, ==, 0);
  g_assert_cmpuint (stored->depth, ==, 1);
  g_assert_cmpuint (stored->mode, ==, 0x8001);
  g_assert_cmpuint (stored->size, ==, G_MAXINT64);
  g_assert_cmpuint (stored->modified_ms, ==, G_MAXUINT64);
  g_assert_cmpint (stored->state, ==, KH_ENTRY_PENDING);
  g_assert_cmpstr (stored->name, ==, "\xff\n'");
  g_assert_cmpstr (stored->path, ==, "f/\xff\n'");
  g_assert_cmpstr (stored->place, ==, "x (2)");
  g_assert_cmpstr (stored->root_place, ==, "/\xfe");
}

static void
test_path_is_the_same_wherever_a_page_begins (Scratch *self, gconstpointer unused)
{
  static const char *const paths[]
      = { "0:a",       "1:a/b", "2:a/b/c", "3:a/b/d", "4:a/b/e",
          "5:a/b/e/f", "6:a/g", "7:h",     "8:i",     "9:i/j" };
  gint64 seq = add_tree (self);

  (void)unused;
  for (guint32 first = 0; first < G_N_ELEMENTS (paths); first++)
    for (guint n = 1; first + n <= G_N_ELEMENTS (paths); n++)
      {
        g_autoptr (GString) expected = g_string_new (paths[first]);

        for (guint i = 1; i < n; i++)
          g_string_append_printf (expected, " %s", paths[first + i]);
        scratch_assert_page (
            kh_entries_range (self->store, seq, first, n, G_MAXSIZE, NULL),
            expected->str);
      }
  scratch_assert_page (kh_entries_range (self->store, seq, 10, 9, 99, NULL), "");
  scratch_assert_page (kh_entries_range (self->store, seq + 1, 0, 9, 99, NULL), "");
}

/* The folders of a pending entry are mostly not pending. */
static void
test_pending_skips_and_keeps_the_paths (Scratch *self, gconstpointer unused)
{
  gint64 seq = add_tree (self);
  KhStore *store = self->store;

  (void)unused;
  g_assert_true (kh_entries_set_done (store, seq, 0, 5, KH_ENTRY_DONE, NULL));
  g_assert_true (kh_entries_set_done (store, seq, 7, 2, KH_ENTRY_DONE, NULL));
  scratch_assert_page (kh_entries_pending (store, seq, 0, 9, 999, NULL),
                       "5:a/b/e/f 6:a/g 9:i/j");
  scratch_assert_page (kh_entries_pending (store, seq, 6, 9, 999, NULL), "6:a/g 9:i/j");
  scratch_assert_page (kh_entries_pending (store, seq, 0, 2, 999, NULL),
                       "5:a/b/e/f 6:a/g");
  g_assert_true (kh_entries_set_failed (store, seq, 5, 3, NULL));
  g_assert_true (kh_entries_set_failed (store, seq, 9, 3, NULL));
  scratch_assert_page (kh_entries_pending (store, seq, 0, 9, 999, NULL), "6:a/g");
  scratch_assert_page (scratch_failed (self, seq), "5:a/b/e/f 9:i/j");
}

static void
test_roots_are_those_of_depth_0 (Scratch *self, gconstpointer unused)
{
  gint64 seq = add_tree (self);

  (void)unused;
  scratch_assert_page (kh_entries_roots (self->store, seq, 0, 9, NULL), "0:a 7:h 8:i");
  scratch_assert_page (kh_entries_roots (self->store, seq, 1, 1, NULL), "7:h");
}

static void
test_root_place_is_of_the_root_it_is_in (Scratch *self, gconstpointer unused)
{
  static const char *const places[]
      = { "/from/a", "/from/a", "/from/a", "/from/a", "/from/a",
          "/from/a", "/from/a", "/from/h", "/from/i", "/from/i" };
  gint64 seq = add_tree (self);

  (void)unused;
  for (guint32 first = 0; first < G_N_ELEMENTS (places); first++)
    {
      g_autoptr (GPtrArray) page
          = kh_entries_range (self->store, seq, first, 99, 999, NULL);

      for (guint i = 0; i < page->len; i++)
        g_assert_cmpstr (((KhStoredEntry *)page->pdata[i])->root_place, ==,
                         places[first + i]);
    }
  g_assert_true (kh_entries_set_place (self->store, seq, 8, NULL, NULL));
  {
    g_autoptr (GPtrArray) page = kh_entries_range (self->store, seq, 7, 99, 999, NULL);

    g_assert_cmpstr (((KhStoredEntry *)page->pdata[0])->root_place, ==, "/from/h");
    g_assert_null (((KhStoredEntry *)page->pdata[2])->root_place);
  }
}

static void
test_page_ends_at_the_bytes_of_its_paths (Scratch *self, gconstpointer unused)
{
  gint64 seq = add_tree (self);

  (void)unused;
  scratch_assert_page (kh_entries_range (self->store, seq, 5, 9, 0, NULL), "5:a/b/e/f");
  scratch_assert_page (kh_entries_range (self->store, seq, 5, 9, 7, NULL), "5:a/b/e/f");
  scratch_assert_page (kh_entries_range (self->store, seq, 5, 9, 8, NULL),
                       "5:a/b/e/f 6:a/g");
}

static void
change (Scratch *self, const char *sql)
{
  g_assert_cmpint (sqlite3_exec (self->store->db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
}

/* The deepest and longest that the store takes, more than a tree does; what is deeper got
 * there by damage. */
static void
test_longest_path_comes_back (Scratch *self, gconstpointer unused)
{
  gint64 seq = scratch_transfer (self, 1, KH_STORE_OUTGOING);
  g_autofree char *name = g_strnfill (KH_TREE_NAME_MAX, 'x');
  gsize expected = KH_TREE_DEPTH_MAX;
  g_autoptr (GPtrArray) page = NULL;
  g_autoptr (GError) error = NULL;
  const KhStoredEntry *last;

  (void)unused;
  for (guint32 i = 0; i <= KH_TREE_DEPTH_MAX; i++)
    {
      KhNewEntry entry = { .entry = i,
                           .parent = i - 1,
                           .kind = KH_TREE_FOLDER,
                           .depth = (guint8)i,
                           .name = name,
                           .name_len = KH_TREE_NAME_MAX };

      g_assert_true (kh_entries_add (self->store, seq, &entry, 1, NULL));
      expected += KH_TREE_NAME_MAX;
    }
  page = kh_entries_range (self->store, seq, KH_TREE_DEPTH_MAX, 9, 99, NULL);
  g_assert_cmpuint (page->len, ==, 1);
  last = page->pdata[0];
  g_assert_cmpuint (strlen (last->path), ==, expected);

  change (self, "INSERT INTO entries (transfer, entry, parent, kind, depth, mode, size,"
                " modified_ms, name) SELECT transfer, 64, 63, kind, 64, mode, size,"
                " modified_ms, name FROM entries WHERE entry = 63");
  g_assert_null (
      kh_entries_range (self->store, seq, KH_TREE_DEPTH_MAX, 9, G_MAXSIZE, &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_DAMAGED);
}

/* No peer can send such a tree, but the store does not count on it. */
static void
test_path_is_right_when_a_folder_was_left_before (Scratch *self, gconstpointer unused)
{
  static const KhNewEntry entries[] = {
    { .entry = 0, .parent = KH_TREE_NONE, .name = "a", .name_len = 1 },
    { .entry = 1, .parent = 0, .depth = 1, .name = "b", .name_len = 1 },
    { .entry = 2, .parent = KH_TREE_NONE, .name = "c", .name_len = 1 },
    { .entry = 3, .parent = 1, .depth = 2, .name = "d", .name_len = 1 },
  };
  gint64 seq = scratch_transfer (self, 1, KH_STORE_OUTGOING);

  (void)unused;
  g_assert_true (
      kh_entries_add (self->store, seq, entries, G_N_ELEMENTS (entries), NULL));
  scratch_assert_page (kh_entries_range (self->store, seq, 0, 9, 999, NULL),
                       "0:a 1:a/b 2:c 3:a/b/d");
}

static void
test_folder_that_is_not_there_is_damage (Scratch *self, gconstpointer unused)
{
  static const char *const damages[]
      = { "DELETE FROM entries WHERE entry = 4",
          "UPDATE entries SET depth = 9 WHERE entry = 4",
          "UPDATE entries SET depth = 77 WHERE entry = 5" };

  (void)unused;
  for (guint i = 0; i < G_N_ELEMENTS (damages); i++)
    {
      gint64 seq = scratch_transfer (self, i, KH_STORE_INCOMING);
      g_autoptr (GError) error = NULL;

      scratch_tree (self, seq, tree, G_N_ELEMENTS (tree));
      change (self, damages[i]);
      g_assert_null (kh_entries_range (self->store, seq, 5, 9, 99, &error));
      g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_DAMAGED);
      scratch_assert_page (kh_entries_range (self->store, seq, 7, 1, 99, NULL), "7:h");
    }
}

/* Ten folders: in each first 99 files, then 99 folders of 99 files. */
static KhNewEntry
make_many (guint32 i)
{
  KhNewEntry entry = { .entry = i, .parent = KH_TREE_NONE, .kind = KH_TREE_FOLDER };

  if (i % 10000 == 0)
    return entry;
  entry.depth = i % 100 == 0 || i % 10000 < 100 ? 1 : 2;
  entry.parent = i - i % (entry.depth == 1 ? 10000 : 100);
  if (i % 100 != 0)
    entry.kind = KH_TREE_FILE;
  return entry;
}

static void
add_many (Scratch *self, gint64 seq)
{
  g_assert_true (kh_store_batch_begin (self->store, NULL));
  for (guint32 i = 0; i < MANY; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u", i);
      KhNewEntry entry = make_many (i);

      entry.name = name;
      entry.name_len = strlen (name);
      g_assert_true (kh_entries_add (self->store, seq, &entry, 1, NULL));
    }
  g_assert_true (kh_store_batch_commit (self->store, NULL));
}

static void
assert_path_of_many (const KhStoredEntry *entry)
{
  g_autofree char *root = g_strdup_printf ("%u", entry->entry - entry->entry % 10000);
  g_autofree char *folder = g_strdup_printf ("/%u", entry->entry - entry->entry % 100);
  g_autofree char *own = g_strdup_printf ("/%u", entry->entry);
  g_autofree char *expected = g_strconcat (root, entry->depth == 2 ? folder : "",
                                           entry->depth > 0 ? own : "", NULL);

  g_assert_cmpstr (entry->path, ==, expected);
}

static void
assert_cache_is_small (Scratch *self)
{
  int current = 0;
  int highest = 0;

  g_assert_cmpint (sqlite3_db_status (self->store->db, SQLITE_DBSTATUS_CACHE_USED,
                                      &current, &highest, 0),
                   ==, SQLITE_OK);
  g_assert_cmpint (current, >, 0);
  g_assert_cmpint (current, <, 512 * 1024);
}

static void
test_many_entries_are_paged_through (Scratch *self, gconstpointer unused)
{
  gint64 seq = scratch_transfer (self, 1, KH_STORE_INCOMING);
  guint32 next = 0;
  guint n_pages = 0;

  (void)unused;
  add_many (self, seq);
  while (next < MANY)
    {
      g_autoptr (GPtrArray) page
          = kh_entries_pending (self->store, seq, next, 1024, 65536, NULL);

      g_assert_cmpuint (page->len, >, 0);
      g_assert_cmpuint (page->len, <=, 1024);
      for (guint i = 0; i < page->len; i++)
        {
          const KhStoredEntry *entry = page->pdata[i];

          g_assert_cmpuint (entry->entry, ==, next++);
          assert_path_of_many (entry);
        }
      assert_cache_is_small (self);
      n_pages++;
    }
  g_assert_cmpuint (n_pages, <=, MANY / 1024 + 1);
  scratch_assert_page (kh_entries_pending (self->store, seq, next, 9, 99, NULL), "");
  g_assert_true (
      kh_transfers_finish (self->store, seq, KH_STORED_TRANSFER_FAILED, 10, 1, NULL));
  assert_cache_is_small (self);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  SCRATCH_ADD ("/entries-pages/entries-come-back", test_entries_come_back);
  SCRATCH_ADD ("/entries-pages/path-is-the-same-wherever-a-page-begins",
               test_path_is_the_same_wherever_a_page_begins);
  SCRATCH_ADD ("/entries-pages/pending-skips-and-keeps-the-paths",
               test_pending_skips_and_keeps_the_paths);
  SCRATCH_ADD ("/entries-pages/roots-are-those-of-depth-0",
               test_roots_are_those_of_depth_0);
  SCRATCH_ADD ("/entries-pages/root-place-is-of-the-root-it-is-in",
               test_root_place_is_of_the_root_it_is_in);
  SCRATCH_ADD ("/entries-pages/page-ends-at-the-bytes-of-its-paths",
               test_page_ends_at_the_bytes_of_its_paths);
  SCRATCH_ADD ("/entries-pages/longest-path-comes-back", test_longest_path_comes_back);
  SCRATCH_ADD ("/entries-pages/path-is-right-when-a-folder-was-left-before",
               test_path_is_right_when_a_folder_was_left_before);
  SCRATCH_ADD ("/entries-pages/folder-that-is-not-there-is-damage",
               test_folder_that_is_not_there_is_damage);
  SCRATCH_ADD ("/entries-pages/many-entries-are-paged-through",
               test_many_entries_are_paged_through);
  return g_test_run ();
}
