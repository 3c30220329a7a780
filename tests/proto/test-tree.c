/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/tree.h"

#include <glib.h>
#include <string.h>

/* An entry, the name it borrows, and where the generator put it. */
typedef struct
{
  KhTreeEntry entry;
  char name[KH_TREE_NAME_MAX];
  guint32 parent;
  gsize path_len;
} Listed;

/* Entries, their bytes, and the numbers of the folders around the next one. */
typedef struct
{
  GPtrArray *entries;
  GArray *around;
  guint64 total;
} List;

static List *
list_new (void)
{
  List *list = g_new0 (List, 1);

  list->entries = g_ptr_array_new_with_free_func (g_free);
  list->around = g_array_new (FALSE, FALSE, sizeof (guint32));
  return list;
}

static void
list_free (List *list)
{
  g_ptr_array_unref (list->entries);
  g_array_unref (list->around);
  g_free (list);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (List, list_free)

static guint32
parent_at (const List *list, guint depth)
{
  return depth == 0 ? KH_TREE_NONE : g_array_index (list->around, guint32, depth - 1);
}

/* How long the path to the folder is that an entry of @depth is in, with the slash. */
static gsize
path_to (const List *list, guint depth)
{
  const Listed *parent;

  if (depth == 0)
    return 0;
  parent = g_ptr_array_index (list->entries, parent_at (list, depth));
  return parent->path_len + 1;
}

/* Any name of @len bytes; not one of dots alone. */
static void
make_name (char name[KH_TREE_NAME_MAX], gsize len)
{
  static const char *const letters[] = { "x", ".", " ", "ß", "語", "🌳", "\\", "\n" };
  gsize at = 0;

  while (at < len)
    {
      const char *letter = letters[g_test_rand_int_range (0, G_N_ELEMENTS (letters))];
      gsize step = strlen (letter);

      if (step > len - at)
        continue;
      memcpy (name + at, letter, step);
      at += step;
    }
  if (name[0] == '.')
    name[0] = '_';
}

/* Takes @listed, which may come next, and notes where it is. */
static void
append (List *list, Listed *listed)
{
  guint32 number = list->entries->len;

  listed->parent = parent_at (list, listed->entry.depth);
  listed->path_len = path_to (list, listed->entry.depth) + listed->entry.name.len;
  g_array_set_size (list->around, listed->entry.depth);
  if (listed->entry.kind == KH_TREE_FOLDER)
    g_array_append_val (list->around, number);
  list->total += listed->entry.size;
  g_ptr_array_add (list->entries, listed);
}

/* Any entry that may come next; often a folder, so that trees become deep. */
static Listed *
make_entry (const List *list)
{
  guint deepest = MIN (list->around->len, KH_TREE_DEPTH_MAX);
  guint depth = g_test_rand_int_range (0, 4) > 0
                    ? deepest
                    : (guint)g_test_rand_int_range (0, (gint)deepest + 1);
  Listed *listed = g_new0 (Listed, 1);
  gsize longest, len;

  if (path_to (list, depth) >= KH_TREE_PATH_MAX)
    depth = 0;
  longest = MIN (KH_TREE_NAME_MAX, KH_TREE_PATH_MAX - path_to (list, depth));
  len = (gsize)g_test_rand_int_range (1, (gint)longest + 1);
  if (g_test_rand_int_range (0, 8) > 0)
    len = MIN (len, 12);
  make_name (listed->name, len);

  listed->entry.kind = (guint8)g_test_rand_int_range (KH_TREE_FILE, KH_TREE_LINK + 1);
  listed->entry.depth = (guint8)depth;
  listed->entry.mode = (guint16)g_test_rand_int ();
  if (listed->entry.kind == KH_TREE_FILE)
    listed->entry.size = (guint64)(guint32)g_test_rand_int () << g_test_rand_bit ();
  listed->entry.modified_ms = (guint64)(guint32)g_test_rand_int () << 32 | 7;
  listed->entry.name = (KhText){ listed->name, len };
  return listed;
}

/* All of @list in pages: an array of GByteArray. */
static GPtrArray *
write_pages (const List *list)
{
  GPtrArray *pages = g_ptr_array_new_with_free_func ((GDestroyNotify)g_byte_array_unref);
  g_autofree guint8 *page = g_malloc0 (KH_TREE_PAGE_MAX);
  gsize len = 0;

  for (guint i = 0; i < list->entries->len; i++)
    {
      const Listed *listed = g_ptr_array_index (list->entries, i);
      gsize longer = kh_tree_write (&listed->entry, page, len);

      if (longer == 0)
        {
          g_ptr_array_add (pages,
                           g_byte_array_append (g_byte_array_new (), page, (guint)len));
          longer = kh_tree_write (&listed->entry, page, 0);
        }
      g_assert_cmpuint (longer, >, 0);
      len = longer;
    }
  g_ptr_array_add (pages, g_byte_array_append (g_byte_array_new (), page, (guint)len));
  return pages;
}

static void
assert_same_entry (const KhTreeEntry *one, const KhTreeEntry *other)
{
  g_assert_cmpuint (one->kind, ==, other->kind);
  g_assert_cmpuint (one->depth, ==, other->depth);
  g_assert_cmpuint (one->mode, ==, other->mode);
  g_assert_cmpuint (one->size, ==, other->size);
  g_assert_cmpuint (one->modified_ms, ==, other->modified_ms);
  g_assert_cmpmem (one->name.bytes, one->name.len, other->name.bytes, other->name.len);
}

/* The sums of @tree are those of all of @list. */
static void
assert_counts (const KhTree *tree, const List *list)
{
  guint n[KH_TREE_LINK + 1] = { 0 };
  guint64 names = 0;

  for (guint i = 0; i < list->entries->len; i++)
    {
      const Listed *listed = g_ptr_array_index (list->entries, i);

      n[listed->entry.kind]++;
      names += listed->entry.name.len;
    }
  g_assert_cmpuint (tree->n_entries, ==, list->entries->len);
  g_assert_cmpuint (tree->n_files, ==, n[KH_TREE_FILE]);
  g_assert_cmpuint (tree->n_folders, ==, n[KH_TREE_FOLDER]);
  g_assert_cmpuint (tree->n_links, ==, n[KH_TREE_LINK]);
  g_assert_cmpuint (tree->total, ==, list->total);
  g_assert_cmpuint (tree->names, ==, names);
  g_assert_cmpuint (tree->open, ==, list->around->len);
}

/* Whatever tree: all of it goes over in pages, and every entry is found in the folder
 * that it was put into. Replay with --seed. */
static void
test_any_tree_comes_back (void)
{
  for (guint round = 0; round < 20; round++)
    {
      g_autoptr (List) list = list_new ();
      g_autoptr (GPtrArray) pages = NULL;
      guint n = 1 + round * 200, number = 0;
      KhTree tree;

      while (list->entries->len < n)
        append (list, make_entry (list));
      pages = write_pages (list);
      kh_tree_init (&tree);
      for (guint i = 0; i < pages->len; i++)
        {
          const GByteArray *bytes = g_ptr_array_index (pages, i);
          KhTreePage page = { bytes->data, bytes->len };
          KhTreeEntry entry;

          while (kh_tree_read (&page, &entry))
            {
              const Listed *listed = g_ptr_array_index (list->entries, number++);

              assert_same_entry (&entry, &listed->entry);
              g_assert_cmpuint (kh_tree_parent (&tree, entry.depth), ==, listed->parent);
              g_assert_cmpint (kh_tree_add (&tree, &entry), ==, KH_TREE_GOOD);
            }
          g_assert_cmpuint (page.len, ==, 0);
        }
      g_assert_cmpuint (number, ==, n);
      assert_counts (&tree, list);
    }
}

/* --- What add() refuses ---------------------------------------------------------- */

static KhTreeEntry
entry_of (KhTreeKind kind, guint depth, const char *name)
{
  return (KhTreeEntry){ .kind = (guint8)kind,
                        .depth = (guint8)depth,
                        .name = { name, strlen (name) } };
}

static void
assert_added (KhTree *tree, const KhTreeEntry *entry)
{
  g_assert_cmpint (kh_tree_add (tree, entry), ==, KH_TREE_GOOD);
}

static void
assert_refused (KhTree *tree, const KhTreeEntry *entry, KhTreeVerdict expected)
{
  guint8 before[sizeof *tree];

  memcpy (before, tree, sizeof before);
  g_assert_cmpint (kh_tree_add (tree, entry), ==, expected);
  g_assert_cmpmem (before, sizeof before, tree, sizeof *tree);
}

/* Says independently whether @entry may come next. */
static gboolean
may_come (const List *list, const KhTreeEntry *entry)
{
  g_autofree char *name = g_strndup (entry->name.bytes, entry->name.len);

  return entry->kind >= 1 && entry->kind <= 3 && (entry->kind == 1 || entry->size == 0)
         && entry->size <= G_MAXINT64 - list->total && strlen (name) == entry->name.len
         && entry->name.len > 0 && entry->name.len <= 255
         && g_utf8_validate (name, -1, NULL) && strchr (name, '/') == NULL
         && strcmp (name, ".") != 0 && strcmp (name, "..") != 0 && entry->depth <= 63
         && entry->depth <= list->around->len
         && path_to (list, entry->depth) + entry->name.len <= 4095;
}

/* Makes some mistake in @listed, or one that is none. */
static void
spoil (Listed *listed)
{
  static const char strange[] = { '/', '\0', '.', '\xff', '\xc3' };
  KhTreeEntry *entry = &listed->entry;

  switch (g_test_rand_int_range (0, 7))
    {
    case 0:
      entry->kind = (guint8)g_test_rand_int_range (0, 6);
      break;
    case 1:
      entry->depth = (guint8)MIN (entry->depth + g_test_rand_int_range (0, 3), 255);
      break;
    case 2:
      entry->size = (guint64)g_test_rand_bit () << g_test_rand_int_range (0, 64);
      break;
    case 3:
      listed->name[g_test_rand_int_range (0, (gint)entry->name.len)]
          = strange[g_test_rand_int_range (0, sizeof strange)];
      break;
    case 4:
      memcpy (listed->name, "...", 3);
      entry->name.len = (gsize)g_test_rand_int_range (0, 4);
      break;
    case 5:
      memset (listed->name, 'n', sizeof listed->name);
      entry->name.len = KH_TREE_NAME_MAX;
      break;
    default:
      entry->depth = (guint8)g_test_rand_int_range (0, 256);
      break;
    }
}

/* Right and wrong entries mixed: just the right ones are taken, and the others leave no
 * trace. Replay with --seed. */
static void
test_only_what_may_come_is_taken (void)
{
  guint n_refused = 0;

  for (guint round = 0; round < 50; round++)
    {
      g_autoptr (List) list = list_new ();
      KhTree tree = { 0 };

      for (guint step = 0; step < 200; step++)
        {
          Listed *listed = make_entry (list);
          guint8 before[sizeof tree];

          if (g_test_rand_bit ())
            spoil (listed);
          memcpy (before, &tree, sizeof before);
          if (may_come (list, &listed->entry))
            {
              assert_added (&tree, &listed->entry);
              append (list, listed);
              continue;
            }
          g_assert_cmpint (kh_tree_add (&tree, &listed->entry), !=, KH_TREE_GOOD);
          g_assert_cmpmem (before, sizeof before, &tree, sizeof tree);
          n_refused++;
          g_free (listed);
        }
      assert_counts (&tree, list);
    }
  g_assert_cmpuint (n_refused, >, 1000);
}

static void
test_a_name_is_one_step_down (void)
{
  static const struct
  {
    const char *name;
    gsize len;
    gboolean fits;
  } names[] = {
    { "a", 1, TRUE },
    { "", 0, FALSE },
    { ".", 1, FALSE },
    { "..", 2, FALSE },
    { "...", 3, TRUE },
    { ".a", 2, TRUE },
    { "a.", 2, TRUE },
    { "/", 1, FALSE },
    { "a/b", 3, FALSE },
    { "/a", 2, FALSE },
    { "a/", 2, FALSE },
    { "a\0b", 3, FALSE },
    { "\0", 1, FALSE },
    { "a\\b", 3, TRUE },
    { " ", 1, TRUE },
    { "\xff", 1, FALSE },
    { "gr\xc3\xbc\xc3", 5, FALSE },
    { "gr\xc3\xbc", 4, TRUE },
  };
  g_autofree char *longest = g_strnfill (KH_TREE_NAME_MAX + 1, 'n');
  KhTree tree = { 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      KhTreeEntry entry = entry_of (KH_TREE_FILE, 0, "");

      entry.name = (KhText){ names[i].name, names[i].len };
      g_assert_cmpint (kh_tree_name_fits (names[i].name, names[i].len), ==,
                       names[i].fits);
      if (names[i].fits)
        assert_added (&tree, &entry);
      else
        assert_refused (&tree, &entry, KH_TREE_BAD_NAME);
    }
  g_assert_true (kh_tree_name_fits (longest, KH_TREE_NAME_MAX));
  g_assert_false (kh_tree_name_fits (longest, KH_TREE_NAME_MAX + 1));
}

static void
test_only_a_folder_has_something_in_it (void)
{
  KhTreeEntry inside = entry_of (KH_TREE_FILE, 1, "inside");
  KhTreeEntry deeper = entry_of (KH_TREE_FILE, 2, "deeper");
  KhTreeEntry outer = entry_of (KH_TREE_FOLDER, 0, "outer");
  KhTreeEntry inner = entry_of (KH_TREE_FOLDER, 1, "inner");
  KhTree tree;

  kh_tree_init (&tree);
  assert_refused (&tree, &inside, KH_TREE_BAD_ENTRY);
  for (guint kind = 0; kind <= 4; kind++)
    {
      KhTreeEntry entry = entry_of ((KhTreeKind)kind, 0, "entry");

      if (kind >= KH_TREE_FILE && kind <= KH_TREE_LINK)
        assert_added (&tree, &entry);
      else
        assert_refused (&tree, &entry, KH_TREE_BAD_ENTRY);
      if (kind == KH_TREE_FOLDER)
        assert_added (&tree, &inside);
      else
        assert_refused (&tree, &inside, KH_TREE_BAD_ENTRY);
    }

  /* What comes after a folder's end is not in it any more. */
  kh_tree_init (&tree);
  assert_added (&tree, &outer);
  assert_added (&tree, &inner);
  assert_added (&tree, &deeper);
  assert_added (&tree, &deeper);
  g_assert_cmpuint (kh_tree_parent (&tree, 2), ==, 1);
  assert_added (&tree, &inside);
  g_assert_cmpuint (kh_tree_parent (&tree, 1), ==, 0);
  g_assert_cmpuint (kh_tree_parent (&tree, 0), ==, KH_TREE_NONE);
  g_assert_cmpuint (kh_tree_parent (&tree, 2), ==, KH_TREE_NONE);
  assert_refused (&tree, &deeper, KH_TREE_BAD_ENTRY);
}

static void
test_only_a_file_has_a_size (void)
{
  KhTreeEntry file = entry_of (KH_TREE_FILE, 0, "file");
  KhTreeEntry folder = entry_of (KH_TREE_FOLDER, 0, "folder");
  KhTreeEntry link = entry_of (KH_TREE_LINK, 0, "link");
  KhTree tree = { 0 };

  folder.size = link.size = 1;
  assert_refused (&tree, &folder, KH_TREE_BAD_ENTRY);
  assert_refused (&tree, &link, KH_TREE_BAD_ENTRY);
  file.size = (guint64)G_MAXINT64 + 1;
  assert_refused (&tree, &file, KH_TREE_BAD_ENTRY);
  file.size = G_MAXINT64;
  assert_added (&tree, &file);
  file.size = 1;
  assert_refused (&tree, &file, KH_TREE_TOO_LARGE);
  file.size = 0;
  assert_added (&tree, &file);

  tree = (KhTree){ 0 };
  file.size = G_MAXINT64 - 5;
  assert_added (&tree, &file);
  file.size = 6;
  assert_refused (&tree, &file, KH_TREE_TOO_LARGE);
  file.size = 5;
  assert_added (&tree, &file);
  g_assert_cmpuint (tree.total, ==, G_MAXINT64);
}

static void
test_the_deepest_has_63_folders_around_it (void)
{
  KhTree tree = { 0 };

  for (guint depth = 0; depth <= KH_TREE_DEPTH_MAX; depth++)
    {
      KhTreeEntry folder = entry_of (KH_TREE_FOLDER, depth, "d");

      assert_added (&tree, &folder);
      g_assert_cmpuint (kh_tree_parent (&tree, (guint8)(depth + 1)), ==, depth);
    }
  for (guint depth = KH_TREE_DEPTH_MAX + 1; depth <= G_MAXUINT8; depth++)
    {
      KhTreeEntry file = entry_of (KH_TREE_FILE, depth, "f");

      assert_refused (&tree, &file, KH_TREE_TOO_DEEP);
    }
  assert_added (&tree, &(KhTreeEntry){ .kind = KH_TREE_FILE,
                                       .depth = KH_TREE_DEPTH_MAX,
                                       .name = { "f", 1 } });
}

static void
test_the_longest_path_has_4095_bytes (void)
{
  g_autofree char *name = g_strnfill (KH_TREE_NAME_MAX, 'n');
  KhTreeEntry folder = entry_of (KH_TREE_FOLDER, 0, name);
  KhTreeEntry file;
  KhTree tree = { 0 };

  /* 15 names of 255 bytes, each with a slash, and 255 are left: 16 * 256 - 1. */
  for (; folder.depth < 15; folder.depth++)
    assert_added (&tree, &folder);
  file = entry_of (KH_TREE_FILE, 15, name);
  assert_added (&tree, &file);

  /* 14 names and slashes, 200 and a slash: 3785 before the next one. */
  folder = entry_of (KH_TREE_FOLDER, 14, name);
  folder.name.len = 200;
  assert_added (&tree, &folder);
  folder = entry_of (KH_TREE_FOLDER, 15, name);
  folder.name.len = 54;
  assert_added (&tree, &folder);
  file.depth = 16;
  assert_added (&tree, &file);
  folder.name.len = 55;
  assert_added (&tree, &folder);
  assert_refused (&tree, &file, KH_TREE_TOO_LONG);
  file.name.len = 254;
  assert_added (&tree, &file);
}

static void
test_entries_and_names_are_counted (void)
{
  KhTreeEntry entry = entry_of (KH_TREE_LINK, 0, "n");
  KhTree tree = { 0 };

  for (guint i = 0; i < KH_TREE_ENTRIES_MAX; i++)
    assert_added (&tree, &entry);
  assert_refused (&tree, &entry, KH_TREE_TOO_MANY);
  g_assert_cmpuint (tree.n_links, ==, KH_TREE_ENTRIES_MAX);

  /* So many names of 255 bytes have a little less than this: no list gets here. */
  tree = (KhTree){ .n_entries = 1000, .names = KH_TREE_NAMES_MAX - 2 };
  entry = entry_of (KH_TREE_LINK, 0, "abc");
  assert_refused (&tree, &entry, KH_TREE_TOO_MANY);
  entry.name.len = 2;
  assert_added (&tree, &entry);
  entry.name.len = 1;
  assert_refused (&tree, &entry, KH_TREE_TOO_MANY);
}

/* --- Pages ------------------------------------------------------------------------ */

static void
test_layout_is_the_documented_one (void)
{
  static const guint8 golden[] = {
    2,    0,    0,    0,    0,    0,    0,    0,    0,    0, /* kind, depth, size */
    0,    0,    1,    0x8b, 0xcf, 0xe5, 0x68, 0,    0,    0, /* modified, mode */
    3,    's',  'r',  'c',                                   /* name */
    1,    1,    0,    0,    0,    0,    0,    0,    2,    1, /* 513 bytes in src */
    0,    0,    0,    0,    0,    0,    0,    9,    0,    1, /* executable */
    5,    'm',  0xc3, 0xbc, '.',  'c',                       /* */
    3,    1,    0,    0,    0,    0,    0,    0,    0,    0, /* a link beside it */
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x80, 0, /* */
    1,    'l',
  };
  const KhTreeEntry entries[] = {
    { .kind = 2, .modified_ms = 0x18bcfe56800, .name = { "src", 3 } },
    { .kind = 1,
      .depth = 1,
      .mode = KH_TREE_EXECUTABLE,
      .size = 513,
      .modified_ms = 9,
      .name = { "m\xc3\xbc.c", 5 } },
    { .kind = 3,
      .depth = 1,
      .mode = 0x8000,
      .modified_ms = G_MAXUINT64,
      .name = { "l", 1 } },
  };
  g_autofree guint8 *bytes = g_malloc0 (KH_TREE_PAGE_MAX);
  KhTreePage page = { golden, sizeof golden };
  KhTreeEntry entry;
  gsize len = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (entries); i++)
    {
      len = kh_tree_write (&entries[i], bytes, len);
      g_assert_true (kh_tree_read (&page, &entry));
      assert_same_entry (&entry, &entries[i]);
    }
  g_assert_cmpmem (bytes, len, golden, sizeof golden);
  g_assert_false (kh_tree_read (&page, &entry));
  g_assert_cmpuint (page.len, ==, 0);
}

static void
test_a_page_is_filled_to_its_last_byte (void)
{
  g_autofree char *name = g_strnfill (KH_TREE_NAME_MAX + 1, 'n');
  g_autofree guint8 *page = g_malloc (KH_TREE_PAGE_MAX);
  KhTreeEntry entry = entry_of (KH_TREE_LINK, 0, "nnn");
  gsize len = 0;

  /* 1364 entries of 24 bytes: 32 are left. */
  for (guint i = 0; i < 1364; i++)
    g_assert_cmpuint ((len = kh_tree_write (&entry, page, len)), ==, 24 * (i + 1));
  entry.name = (KhText){ name, 12 };
  g_assert_cmpuint (kh_tree_write (&entry, page, len), ==, 0);
  entry.name.len = 11;
  g_assert_cmpuint (kh_tree_write (&entry, page, len), ==, KH_TREE_PAGE_MAX);
  g_assert_cmpuint (kh_tree_write (&entry, page, KH_TREE_PAGE_MAX), ==, 0);

  entry.name.len = KH_TREE_NAME_MAX;
  g_assert_cmpuint (kh_tree_write (&entry, page, 0), ==, KH_TREE_ENTRY_MAX);
  entry.name.len = KH_TREE_NAME_MAX + 1;
  g_assert_cmpuint (kh_tree_write (&entry, page, 0), ==, 0);
}

static void
test_what_is_cut_off_stays_in_the_page (void)
{
  g_autofree guint8 *bytes = g_malloc (KH_TREE_PAGE_MAX);
  KhTreeEntry entry = entry_of (KH_TREE_FOLDER, 0, "entry");
  KhTreeEntry back = { .kind = 0xee };
  gsize first = kh_tree_write (&entry, bytes, 0);
  gsize both = kh_tree_write (&entry, bytes, first);

  for (gsize len = 1; len < first; len++)
    {
      KhTreePage page = { bytes, len };

      g_assert_false (kh_tree_read (&page, &back));
      g_assert_cmpuint (page.len, ==, len);
      g_assert_true (page.bytes == bytes);
      g_assert_cmpuint (back.kind, ==, 0xee);
    }
  for (gsize len = first + 1; len < both; len++)
    {
      KhTreePage page = { bytes, len };

      g_assert_true (kh_tree_read (&page, &back));
      g_assert_false (kh_tree_read (&page, &back));
      g_assert_cmpuint (page.len, ==, len - first);
    }

  bytes[both - 1] = 0xff; /* no UTF-8 */
  g_assert_false (kh_tree_read (&(KhTreePage){ bytes + first, both - first }, &back));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tree/any-tree-comes-back", test_any_tree_comes_back);
  g_test_add_func ("/tree/only-what-may-come-is-taken", test_only_what_may_come_is_taken);
  g_test_add_func ("/tree/a-name-is-one-step-down", test_a_name_is_one_step_down);
  g_test_add_func ("/tree/only-a-folder-has-something-in-it",
                   test_only_a_folder_has_something_in_it);
  g_test_add_func ("/tree/only-a-file-has-a-size", test_only_a_file_has_a_size);
  g_test_add_func ("/tree/the-deepest-has-63-folders-around-it",
                   test_the_deepest_has_63_folders_around_it);
  g_test_add_func ("/tree/the-longest-path-has-4095-bytes",
                   test_the_longest_path_has_4095_bytes);
  g_test_add_func ("/tree/entries-and-names-are-counted",
                   test_entries_and_names_are_counted);
  g_test_add_func ("/tree/layout-is-the-documented-one",
                   test_layout_is_the_documented_one);
  g_test_add_func ("/tree/a-page-is-filled-to-its-last-byte",
                   test_a_page_is_filled_to_its_last_byte);
  g_test_add_func ("/tree/what-is-cut-off-stays-in-the-page",
                   test_what_is_cut_off_stays_in_the_page);
  return g_test_run ();
}
