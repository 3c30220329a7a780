/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/transfer-disk.h"

#include "net/incoming-file.h"
#include "proto/safe-name.h"
#include "scratch-tree.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define EVERYTHING NULL

typedef struct
{
  Scratch scratch;
  char *folder; /* where all of it goes */
  guint n_offers;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  scratch_set_up (&fixture->scratch, data);
  fixture->folder = g_dir_make_tmp ("knothole-disk-XXXXXX", &error);
  g_assert_no_error (error);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = NULL;
  const char *name;

  if (!g_file_test (path, G_FILE_TEST_IS_DIR)
      || g_file_test (path, G_FILE_TEST_IS_SYMLINK))
    {
      g_unlink (path);
      return;
    }
  dir = g_dir_open (path, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *inside = g_build_filename (path, name, NULL);

      remove_tree (inside);
    }
  g_rmdir (path);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  scratch_tear_down (&fixture->scratch, data);
  remove_tree (fixture->folder);
  g_free (fixture->folder);
}

/* --- The disk --------------------------------------------------------------------- */

static char *
path_of (const Fixture *fixture, const char *path)
{
  return g_build_filename (fixture->folder, path, NULL);
}

static void
make (const Fixture *fixture, const char *path)
{
  g_autofree char *whole = path_of (fixture, path);

  g_assert_cmpint (g_mkdir_with_parents (whole, 0700), ==, 0);
}

/* A file of @size bytes. */
static void
write_file (const Fixture *fixture, const char *path, gsize size, guint64 modified_ms)
{
  g_autofree char *whole = path_of (fixture, path);
  g_autofree char *parent = g_path_get_dirname (whole);
  g_autofree char *content = g_strnfill (size, 'x');
  const struct timespec time = { .tv_sec = (time_t)(modified_ms / 1000),
                                 .tv_nsec = (long)(modified_ms % 1000) * 1000000 };
  const struct timespec times[2] = { time, time };
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  g_file_set_contents (whole, content, (gssize)size, &error);
  g_assert_no_error (error);
  g_assert_cmpint (utimensat (AT_FDCWD, whole, times, 0), ==, 0);
}

static void
list (const char *path, const char *shown, GPtrArray *names)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *inside = g_build_filename (path, name, NULL);
      bool is_folder = g_file_test (inside, G_FILE_TEST_IS_DIR);
      char *below = g_strconcat (shown, name, is_folder ? "/" : "", NULL);

      g_ptr_array_add (names, below);
      if (is_folder)
        list (inside, below, names);
    }
}

static gint
compare (gconstpointer one, gconstpointer other)
{
  return strcmp (*(const char *const *)one, *(const char *const *)other);
}

/* All that is in the folder, sorted, with spaces between. */
static void
assert_holds (const Fixture *fixture, const char *expected)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *text = NULL;

  list (fixture->folder, "", names);
  g_ptr_array_sort (names, compare);
  g_ptr_array_add (names, NULL);
  text = g_strjoinv (" ", (char **)names->pdata);
  g_assert_cmpstr (text, ==, expected);
}

/* --- The store -------------------------------------------------------------------- */

/* An incoming transfer of scratch_peer (1); @lines as in scratch_tree(). Entry N was
 * changed at 1000 + N. */
static gint64
offer (Fixture *fixture, const char *const *lines, guint n)
{
  KhStore *store = fixture->scratch.store;
  gint64 seq
      = scratch_transfer (&fixture->scratch, ++fixture->n_offers, KH_STORE_INCOMING);
  g_autoptr (GPtrArray) roots = NULL;

  scratch_tree (&fixture->scratch, seq, lines, n);
  roots = kh_entries_roots (store, seq, 0, n, NULL);
  for (guint i = 0; i < roots->len; i++)
    g_assert_true (kh_entries_set_place (
        store, seq, ((KhStoredEntry *)g_ptr_array_index (roots, i))->entry, NULL, NULL));
  return seq;
}

#define OFFER(fixture, lines) offer (fixture, lines, G_N_ELEMENTS (lines))

static void
accept (Fixture *fixture, gint64 seq, const char *const *only, KhFrameStatus expected)
{
  g_autoptr (GError) error = NULL;
  KhFrameStatus status = KH_FRAME_STATUS_CANCELLED;

  g_assert_true (kh_transfer_disk_accept (fixture->scratch.store, seq, fixture->folder,
                                          only, &status, &error));
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, expected);
}

static KhStoredEntry *
get_entry (Fixture *fixture, gint64 seq, guint32 number)
{
  g_autoptr (GPtrArray) page
      = kh_entries_range (fixture->scratch.store, seq, number, 1, 4096, NULL);

  g_assert_cmpuint (page->len, ==, 1);
  return g_ptr_array_steal_index (page, 0);
}

/* What the worker said of an entry. */
static void
note (Fixture *fixture, gint64 seq, guint32 number, KhEntryState state, const char *place)
{
  KhStore *store = fixture->scratch.store;
  KhStoredEntry *entry = get_entry (fixture, seq, number);
  g_autoptr (KhStoredTransfer) transfer = scratch_get_transfer (&fixture->scratch, seq);
  g_autoptr (GError) error = NULL;

  g_assert_true (kh_entries_set_done (store, seq, number, 1, state, &error));
  g_assert_no_error (error);
  g_assert_true (kh_transfer_disk_note (store, transfer, entry, place, &error));
  g_assert_no_error (error);
  kh_stored_entry_free (entry);
}

/* A file of the transfer is put at @place, or where it was to be. */
static void
put (Fixture *fixture, gint64 seq, guint32 number, const char *place)
{
  KhStoredEntry *entry = get_entry (fixture, seq, number);
  g_autofree char *path = kh_transfer_disk_safe_path (entry);

  write_file (fixture, place != NULL ? place : path, entry->size, entry->modified_ms);
  note (fixture, seq, number, KH_ENTRY_DONE, place);
  kh_stored_entry_free (entry);
}

static void
assert_state (Fixture *fixture, gint64 seq, guint32 number, KhEntryState state,
              const char *place)
{
  KhStoredEntry *entry = get_entry (fixture, seq, number);

  g_assert_cmpint (entry->state, ==, state);
  g_assert_cmpstr (entry->place, ==, place);
  kh_stored_entry_free (entry);
}

/* --- What it is called here --------------------------------------------------------- */

static void
assert_safe (const char *path, const char *root_place, const char *expected)
{
  const KhStoredEntry entry = { .path = (char *)path, .root_place = (char *)root_place };
  g_autofree char *safe = kh_transfer_disk_safe_path (&entry);

  g_assert_cmpstr (safe, ==, expected);
}

static void
test_each_name_of_a_path_is_made_safe (void)
{
  assert_safe ("a", NULL, "a");
  assert_safe ("a/b c/d.txt", NULL, "a/b c/d.txt");
  assert_safe ("a/b", "a (2)", "a (2)/b");
  assert_safe ("a/a", "x", "x/a");
  assert_safe ("a", "a (3)", "a (3)");
  for (guint i = 0; i < 3; i++)
    {
      static const char *const bad[] = { "..", ".hidden", "con:" };
      g_autofree char *path = g_strdup_printf ("%s/%s/%s", bad[i], bad[i], bad[i]);
      char safe[KH_SAFE_NAME_LEN];
      g_autofree char *expected = NULL;

      g_assert_true (kh_safe_name (bad[i], strlen (bad[i]), safe));
      expected = g_strdup_printf ("%s/%s/%s", safe, safe, safe);
      assert_safe (path, NULL, expected);
      g_assert_null (strstr (expected, ".."));
    }
}

/* --- Accepting ---------------------------------------------------------------------- */

/* Of the entries that are not left out: their numbers. */
static void
assert_wanted (Fixture *fixture, gint64 seq, const char *expected)
{
  g_autoptr (GPtrArray) page
      = kh_entries_range (fixture->scratch.store, seq, 0, 99, 9999, NULL);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < page->len; i++)
    {
      const KhStoredEntry *entry = g_ptr_array_index (page, i);

      if (entry->state != KH_ENTRY_LEFT_OUT)
        g_string_append_printf (text, "%s%u", text->len > 0 ? " " : "", entry->entry);
    }
  g_assert_cmpstr (text->str, ==, expected);
}

/* A pattern is for a path or for a name in it; links are never wanted. */
static void
test_patterns_choose_what_is_wanted (Fixture *fixture, gconstpointer data)
{
  static const char *const lines[] = { "t/",        " a.jpg 1", " b.txt 2", " in/",
                                       "  c.jpg 3", "  d 4",    " link@",   "e.jpg 5" };
  static const struct
  {
    const char *only[3];
    const char *wanted;
    const char *holds;
    guint64 n_bytes;
  } cases[] = {
    { { NULL }, "0 1 2 3 4 5 7", "t/", 15 },
    { { "*.jpg" }, "1 4 7", "t/", 9 },
    { { "t/in/*" }, "4 5", "t/", 7 },
    { { "in" }, "3 4 5", "t/", 7 },
    { { "b.txt", "e*" }, "2 7", "t/", 7 },
    { { "e.jpg" }, "7", "", 5 },
    { { "link" }, "", "", 0 },
    { { "none" }, "", "", 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gint64 seq = OFFER (fixture, lines);
      g_autoptr (KhStoredTransfer) stored = NULL;
      g_autofree char *root = path_of (fixture, "t");

      accept (fixture, seq, i == 0 ? EVERYTHING : cases[i].only,
              KH_FRAME_STATUS_COMPLETE);
      assert_wanted (fixture, seq, cases[i].wanted);
      assert_holds (fixture, cases[i].holds);
      stored = scratch_get_transfer (&fixture->scratch, seq);
      g_assert_cmpint (stored->state, ==, KH_STORED_TRANSFER_RUNNING);
      g_assert_cmpstr (stored->path, ==, fixture->folder);
      g_assert_cmpuint (stored->wanted_bytes, ==, cases[i].n_bytes);
      scratch_assert_counts (&fixture->scratch, seq);
      remove_tree (root);
    }
}

/* Only one that came from the contact is gone on with. */
static void
test_a_folder_whose_name_is_taken_gets_a_number (Fixture *fixture, gconstpointer data)
{
  static const char *const lines[] = { "t/", " a 1", "u/", "v/", "w/" };
  g_autofree char *link = path_of (fixture, "v");
  gint64 seq;

  make (fixture, "t/mine");
  make (fixture, "t (2)");
  write_file (fixture, "u", 1, 1);
  g_assert_cmpint (symlink ("t", link), ==, 0);
  for (guint i = 0; i < 2; i++)
    {
      KhEntryState state = i == 0 ? KH_ENTRY_DONE : KH_ENTRY_THERE;

      seq = OFFER (fixture, lines);
      accept (fixture, seq, EVERYTHING, KH_FRAME_STATUS_COMPLETE);
      assert_state (fixture, seq, 0, state, "t (3)");
      assert_state (fixture, seq, 1, KH_ENTRY_PENDING, NULL);
      assert_state (fixture, seq, 2, state, "u (2)");
      assert_state (fixture, seq, 3, state, "v (2)");
      assert_state (fixture, seq, 4, state, "w");
    }
  /* A second time: the places stay. */
  accept (fixture, seq, EVERYTHING, KH_FRAME_STATUS_COMPLETE);
  assert_state (fixture, seq, 0, KH_ENTRY_THERE, "t (3)");
}

/* It is accepted all the same, to be tried again. */
static void
test_a_folder_that_is_none_takes_nothing (Fixture *fixture, gconstpointer data)
{
  static const char *const lines[] = { "t/", " a 1" };
  gint64 seq = OFFER (fixture, lines);
  g_autofree char *whole = g_steal_pointer (&fixture->folder);
  g_autoptr (KhStoredTransfer) stored = NULL;

  fixture->folder = g_build_filename (whole, "none", NULL);
  accept (fixture, seq, EVERYTHING, KH_FRAME_STATUS_NOT_WRITABLE);
  stored = scratch_get_transfer (&fixture->scratch, seq);
  g_assert_cmpint (stored->state, ==, KH_STORED_TRANSFER_RUNNING);
  assert_state (fixture, seq, 0, KH_ENTRY_PENDING, NULL);
  g_free (fixture->folder);
  fixture->folder = g_steal_pointer (&whole);
  accept (fixture, seq, EVERYTHING, KH_FRAME_STATUS_COMPLETE);
  assert_holds (fixture, "t/");
}

/* A partial file of the transfer as it is found again. */
static char *
partial_of (Fixture *fixture, gint64 seq, guint32 number)
{
  g_autoptr (KhStoredTransfer) transfer = scratch_get_transfer (&fixture->scratch, seq);
  KhStoredEntry *entry = get_entry (fixture, seq, number);
  g_autofree char *path = kh_transfer_disk_safe_path (entry);
  g_autofree char *parent = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  char partial[KH_INCOMING_FILE_NAME_MAX + 1];

  kh_stored_entry_free (entry);
  kh_incoming_file_partial_name (name, number, transfer->id, partial);
  return g_build_filename (parent, partial, NULL);
}

/* What has come of it takes its room already, be it whole or not. */
static void
test_there_is_to_be_room_for_what_is_missing (Fixture *fixture, gconstpointer data)
{
  struct statvfs info;
  guint64 size;
  g_autofree char *large = NULL;
  const char *lines[] = { "t/", NULL, " b 1" };
  g_autofree char *partial = NULL;
  g_autofree char *path = NULL;
  gint64 seq;

  g_assert_cmpint (statvfs (fixture->folder, &info), ==, 0);
  size = (guint64)info.f_bavail * info.f_frsize + (UINT64_C (4) << 30);
  large = g_strdup_printf (" large %" G_GUINT64_FORMAT, size);
  lines[1] = large;
  seq = OFFER (fixture, lines);
  accept (fixture, seq, EVERYTHING, KH_FRAME_STATUS_DISK_FULL);
  assert_holds (fixture, "");
  accept (fixture, seq, EVERYTHING, KH_FRAME_STATUS_DISK_FULL);
  partial = partial_of (fixture, seq, 1);
  write_file (fixture, partial, 0, 1);
  path = path_of (fixture, partial);
  if (truncate (path, (off_t)size) < 0)
    {
      g_test_skip ("no file may be so large here");
      return;
    }
  accept (fixture, seq, EVERYTHING, KH_FRAME_STATUS_COMPLETE);
}

/* --- What is there already --------------------------------------------------------- */

/* "NUMBER:PLACE" of the files that may be there, with spaces between. */
static void
assert_known (Fixture *fixture, gint64 seq, const char *expected)
{
  g_autoptr (KhStoredTransfer) transfer = scratch_get_transfer (&fixture->scratch, seq);
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) items = kh_transfer_disk_next_items (
      fixture->scratch.store, transfer, 0, false, &entries, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < items->len; i++)
    {
      KhChannelItem *item = &g_array_index (items, KhChannelItem, i);

      if (item->known_place != NULL)
        g_string_append_printf (text, "%s%u:%s", text->len > 0 ? " " : "", item->entry,
                                item->known_place);
      kh_channel_item_clear (item);
    }
  g_assert_cmpstr (text->str, ==, expected);
}

/* A person's own file of the same size and time is not what came: an offer is not to
 * find out what there is. */
static void
test_only_what_came_from_the_contact_is_known (Fixture *fixture, gconstpointer data)
{
  static const char *const lines[] = { "a.txt 3", "b 4" };
  gint64 first = OFFER (fixture, lines);
  gint64 second = OFFER (fixture, lines);

  write_file (fixture, "a.txt", 3, 1000);
  write_file (fixture, "a (2).txt", 3, 1000);
  write_file (fixture, "b", 4, 1001);
  accept (fixture, first, EVERYTHING, KH_FRAME_STATUS_COMPLETE);
  assert_known (fixture, first, "");
  put (fixture, first, 0, "a (3).txt");
  accept (fixture, second, EVERYTHING, KH_FRAME_STATUS_COMPLETE);
  assert_known (fixture, second, "0:a (3).txt");
  write_file (fixture, "a (3).txt", 3, 5000);
  assert_known (fixture, second, "");
}

/* However often, and also below a folder that got one. */
static void
test_what_got_a_number_is_known_by_it (Fixture *fixture, gconstpointer data)
{
  static const char *const old[] = { "t/", " f 2" };
  static const char *const lines[] = { "t/", " f 3", " in/", "  g 4", "f 5" };
  gint64 seq = OFFER (fixture, old);

  accept (fixture, seq, EVERYTHING, KH_FRAME_STATUS_COMPLETE);
  put (fixture, seq, 1, NULL);
  write_file (fixture, "t/in", 1, 1);
  write_file (fixture, "f", 1, 1);
  for (guint i = 0; i < 3; i++)
    {
      seq = OFFER (fixture, lines);
      accept (fixture, seq, EVERYTHING, KH_FRAME_STATUS_COMPLETE);
      assert_known (fixture, seq, i == 0 ? "" : "1:t/f (2) 3:t/in (2)/g 4:f (2)");
      put (fixture, seq, 1, "t/f (2)");
      put (fixture, seq, 3, "t/in (2)/g");
      put (fixture, seq, 4, "f (2)");
    }
  /* And what has the name itself. */
  seq = OFFER (fixture, old);
  accept (fixture, seq, EVERYTHING, KH_FRAME_STATUS_COMPLETE);
  assert_known (fixture, seq, "1:t/f");
}

/* Files and folders of one name, and two files that even have one size and time. */
static void
test_those_of_one_name_have_a_place_each (Fixture *fixture, gconstpointer data)
{
  static const char *const lines[] = { "t/", " f 3", "t/", " f 4", "g 5", "g 6", "h 7" };
  static const KhNewEntry twins[] = {
    { .entry = 0,
      .parent = KH_TREE_NONE,
      .kind = KH_TREE_FILE,
      .size = 8,
      .modified_ms = 9,
      .name = "twin",
      .name_len = 4 },
    { .entry = 1,
      .parent = KH_TREE_NONE,
      .kind = KH_TREE_FILE,
      .size = 8,
      .modified_ms = 9,
      .name = "twin",
      .name_len = 4 },
  };
  gint64 seq;

  for (guint i = 0; i < 2; i++)
    {
      seq = OFFER (fixture, lines);
      accept (fixture, seq, EVERYTHING, KH_FRAME_STATUS_COMPLETE);
      assert_known (fixture, seq, i == 0 ? "" : "1:t/f 3:t/f (2) 4:g 5:g (2)");
      put (fixture, seq, 1, NULL);
      put (fixture, seq, 3, "t/f (2)");
      put (fixture, seq, 4, NULL);
      put (fixture, seq, 5, "g (2)");
    }
  for (guint i = 0; i < 2; i++)
    {
      seq = scratch_transfer (&fixture->scratch, 100 + i, KH_STORE_INCOMING);
      g_assert_true (kh_entries_add (fixture->scratch.store, seq, twins, 2, NULL));
      g_assert_true (
          kh_transfers_set_listed (fixture->scratch.store, seq, 2, 2, 16, NULL));
      accept (fixture, seq, EVERYTHING, KH_FRAME_STATUS_COMPLETE);
      assert_known (fixture, seq, i == 0 ? "" : "0:twin 1:twin (2)");
      put (fixture, seq, 0, NULL);
      put (fixture, seq, 1, "twin (2)");
    }
}

/* --- An early end ------------------------------------------------------------------ */

static void
test_what_came_is_discarded_with_its_folders (Fixture *fixture, gconstpointer data)
{
  static const char *const lines[]
      = { "t/", " a 3", " in/", "  b 4", "  deep/", "   c 5", "d 6" };
  gint64 seq = OFFER (fixture, lines);

  accept (fixture, seq, EVERYTHING, KH_FRAME_STATUS_COMPLETE);
  put (fixture, seq, 1, NULL);
  make (fixture, "t/in/deep");
  note (fixture, seq, 2, KH_ENTRY_DONE, NULL);
  put (fixture, seq, 3, "t/in/b (2)");
  note (fixture, seq, 4, KH_ENTRY_DONE, NULL);
  put (fixture, seq, 5, NULL);
  put (fixture, seq, 6, NULL);
  kh_transfer_disk_discard (fixture->scratch.store, seq);
  assert_holds (fixture, "");
}

static void
test_what_was_changed_or_was_there_is_kept (Fixture *fixture, gconstpointer data)
{
  static const char *const lines[] = { "t/", " a 3", " b 3", " c 3", " d 3", " e 3" };
  gint64 seq = OFFER (fixture, lines);

  accept (fixture, seq, EVERYTHING, KH_FRAME_STATUS_COMPLETE);
  put (fixture, seq, 1, NULL);
  put (fixture, seq, 2, NULL);
  put (fixture, seq, 3, NULL);
  write_file (fixture, "t/a", 3, 5000);
  write_file (fixture, "t/b", 4, 1002);
  write_file (fixture, "t/d", 3, 1004);
  note (fixture, seq, 4, KH_ENTRY_THERE, NULL);
  write_file (fixture, "t/e", 3, 1005);
  kh_transfer_disk_discard (fixture->scratch.store, seq);
  assert_holds (fixture, "t/ t/a t/b t/d t/e");
}

/* And removes it. */
static void
assert_there (const Fixture *fixture, const char *path)
{
  g_autofree char *whole = path_of (fixture, path);

  g_assert_cmpint (g_unlink (whole), ==, 0);
}

/* Of what this transfer waits for, and of nothing else. */
static void
test_partial_files_are_removed (Fixture *fixture, gconstpointer data)
{
  static const char *const lines[] = { "t/", " a 3", " in/", "  b 4", "c 5", "d 6" };
  static const char *const only[] = { "t", "a", "b", "c", NULL };
  gint64 other = OFFER (fixture, lines);
  gint64 seq = OFFER (fixture, lines);
  g_autofree char *a = NULL;
  g_autofree char *b = NULL;
  g_autofree char *c = NULL;
  g_autofree char *numbered = NULL;
  g_autofree char *left_out = NULL;
  g_autofree char *others = NULL;

  accept (fixture, other, EVERYTHING, KH_FRAME_STATUS_COMPLETE);
  accept (fixture, seq, only, KH_FRAME_STATUS_COMPLETE);
  write_file (fixture, "t/in", 1, 1);
  a = partial_of (fixture, seq, 1);
  b = partial_of (fixture, seq, 3);
  c = partial_of (fixture, seq, 4);
  numbered = g_strdup_printf ("t/in (2)/%s", b + strlen ("t/in/"));
  left_out = partial_of (fixture, seq, 5);
  others = partial_of (fixture, other, 4);
  write_file (fixture, a, 2, 1);
  write_file (fixture, numbered, 2, 1);
  write_file (fixture, c, 2, 1);
  write_file (fixture, left_out, 2, 1);
  write_file (fixture, others, 2, 1);
  write_file (fixture, "t/.a.part", 2, 1);
  kh_transfer_disk_remove_partials (fixture->scratch.store, seq);
  assert_there (fixture, left_out);
  assert_there (fixture, others);
  assert_holds (fixture, "t/ t/.a.part t/in t/in (2)/");
}

/* Empty or not, and whatever became of the entry: a person's own folder is not ours. */
static void
test_folders_it_did_not_make_are_kept (Fixture *fixture, gconstpointer data)
{
  static const char *const lines[]
      = { "t/", " here/", " left.out/", " made/", " pending/", "u/", "v/", " w 1" };
  static const char *const only[] = { "t", "*here", "*made", "*pending", "w", NULL };
  static const char *const first[] = { "t/" };
  gint64 seq = OFFER (fixture, first);

  accept (fixture, seq, EVERYTHING, KH_FRAME_STATUS_COMPLETE);
  make (fixture, "t/here");
  make (fixture, "t/left.out");
  make (fixture, "t/pending");
  make (fixture, "u");
  seq = OFFER (fixture, lines);
  accept (fixture, seq, only, KH_FRAME_STATUS_COMPLETE);
  make (fixture, "t/made");
  note (fixture, seq, 1, KH_ENTRY_THERE, NULL);
  note (fixture, seq, 3, KH_ENTRY_DONE, NULL);
  put (fixture, seq, 7, NULL);
  kh_transfer_disk_discard (fixture->scratch.store, seq);
  assert_holds (fixture, "t/ t/here/ t/left.out/ t/pending/ u/ v/");
}

/* The folder that an earlier transfer of the same contact made is none of this one's. */
static void
test_a_folder_is_made_or_there (Fixture *fixture, gconstpointer data)
{
  static const char *const lines[] = { "t/", " a 1" };
  gint64 first = OFFER (fixture, lines);
  gint64 second = OFFER (fixture, lines);

  accept (fixture, first, EVERYTHING, KH_FRAME_STATUS_COMPLETE);
  assert_state (fixture, first, 0, KH_ENTRY_DONE, "t");
  accept (fixture, second, EVERYTHING, KH_FRAME_STATUS_COMPLETE);
  assert_state (fixture, second, 0, KH_ENTRY_THERE, "t");
  kh_transfer_disk_discard (fixture->scratch.store, second);
  assert_holds (fixture, "t/");
  kh_transfer_disk_discard (fixture->scratch.store, first);
  assert_holds (fixture, "");
}

#define ADD(name, function)                                                              \
  g_test_add ("/transfer-disk/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/transfer-disk/each-name-of-a-path-is-made-safe",
                   test_each_name_of_a_path_is_made_safe);
  ADD ("patterns-choose-what-is-wanted", test_patterns_choose_what_is_wanted);
  ADD ("a-folder-whose-name-is-taken-gets-a-number",
       test_a_folder_whose_name_is_taken_gets_a_number);
  ADD ("a-folder-that-is-none-takes-nothing", test_a_folder_that_is_none_takes_nothing);
  ADD ("there-is-to-be-room-for-what-is-missing",
       test_there_is_to_be_room_for_what_is_missing);
  ADD ("only-what-came-from-the-contact-is-known",
       test_only_what_came_from_the_contact_is_known);
  ADD ("what-got-a-number-is-known-by-it", test_what_got_a_number_is_known_by_it);
  ADD ("those-of-one-name-have-a-place-each", test_those_of_one_name_have_a_place_each);
  ADD ("what-came-is-discarded-with-its-folders",
       test_what_came_is_discarded_with_its_folders);
  ADD ("what-was-changed-or-was-there-is-kept",
       test_what_was_changed_or_was_there_is_kept);
  ADD ("partial-files-are-removed", test_partial_files_are_removed);
  ADD ("folders-it-did-not-make-are-kept", test_folders_it_did_not_make_are_kept);
  ADD ("a-folder-is-made-or-there", test_a_folder_is_made_or_there);
  return g_test_run ();
}
