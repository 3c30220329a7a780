/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What becomes of entries; test-entries-pages.c is about reading them.
 */
#include "store/entries.h"
#include "scratch-tree.h"

#include <string.h>

static const char *const tree[]
    = { "a/", " b/", "  c 10", "  d 20", " e 30", " f@", "g 40" };

static gint64
add_tree (Scratch *self)
{
  gint64 seq = scratch_transfer (self, 1, KH_STORE_INCOMING);

  scratch_tree (self, seq, tree, G_N_ELEMENTS (tree));
  scratch_assert_counts (self, seq);
  return seq;
}

/* The states of all entries, a digit each. */
static void
assert_states (Scratch *self, gint64 seq, const char *expected)
{
  g_autoptr (GPtrArray) page
      = kh_entries_range (self->store, seq, 0, 99, G_MAXSIZE, NULL);
  g_autoptr (GString) states = g_string_new (NULL);

  for (guint i = 0; i < page->len; i++)
    g_string_append_printf (states, "%d", ((KhStoredEntry *)page->pdata[i])->state);
  g_assert_cmpstr (states->str, ==, expected);
}

static void
test_added_only_while_listing (Scratch *self, gconstpointer unused)
{
  gint64 seq = add_tree (self);
  KhNewEntry entry = { .entry = 7, .parent = KH_TREE_NONE, .name = "x", .name_len = 1 };
  g_autoptr (GError) error = NULL;

  (void)unused;
  g_assert_false (kh_entries_add (self->store, seq, &entry, 1, &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (kh_entries_clear (self->store, seq, &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (kh_entries_add (self->store, seq + 1, &entry, 1, &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_NOT_FOUND);
  assert_states (self, seq, "0000000");
}

static void
test_list_can_begin_again (Scratch *self, gconstpointer unused)
{
  gint64 other = add_tree (self);
  gint64 seq = scratch_transfer (self, 2, KH_STORE_OUTGOING);
  KhNewEntry entry = { .parent = KH_TREE_NONE, .name = "x", .name_len = 1 };
  g_autoptr (GError) error = NULL;

  (void)unused;
  g_assert_true (kh_entries_add (self->store, seq, &entry, 1, &error));
  g_assert_false (kh_entries_add (self->store, seq, &entry, 1, &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_EXISTS);
  g_clear_error (&error);
  g_assert_true (kh_entries_clear (self->store, seq, &error));
  assert_states (self, seq, "");
  g_assert_true (kh_entries_add (self->store, seq, &entry, 1, &error));
  assert_states (self, seq, "0");
  assert_states (self, other, "0000000");
}

static void
test_impossible_entries_are_refused_all_together (Scratch *self, gconstpointer unused)
{
  static const KhNewEntry impossible[] = {
    { .entry = 1, .parent = KH_TREE_NONE, .name = "", .name_len = 0 },
    { .entry = 1, .parent = KH_TREE_NONE, .name = "a/b", .name_len = 3 },
    { .entry = 1, .parent = KH_TREE_NONE, .name = "a\0b", .name_len = 3 },
    { .entry = 1,
      .parent = KH_TREE_NONE,
      .name = "x",
      .name_len = 1,
      .size = G_MAXUINT64 },
    { .entry = 1, .parent = KH_TREE_NONE, .name = "x", .name_len = 1, .depth = 1 },
    { .entry = 1, .parent = 1, .name = "x", .name_len = 1, .depth = 1 },
    { .entry = 1, .parent = 0, .name = "x", .name_len = 1 },
    { .entry = 1, .name = "x", .name_len = 1, .depth = KH_TREE_DEPTH_MAX + 1 },
  };
  gint64 seq = scratch_transfer (self, 1, KH_STORE_OUTGOING);

  (void)unused;
  for (gsize i = 0; i < G_N_ELEMENTS (impossible); i++)
    {
      KhNewEntry entries[]
          = { { .parent = KH_TREE_NONE, .name = "x", .name_len = 1 }, impossible[i] };
      g_autoptr (GError) error = NULL;

      g_assert_false (kh_entries_add (self->store, seq, entries, 2, &error));
      g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_INVALID);
      assert_states (self, seq, "");
    }
}

static void
test_run_makes_only_pending_ones_done (Scratch *self, gconstpointer unused)
{
  gint64 seq = add_tree (self);
  KhStore *store = self->store;
  g_autoptr (KhStoredTransfer) transfer = NULL;

  (void)unused;
  g_assert_true (kh_entries_set_done (store, seq, 3, 1, KH_ENTRY_THERE, NULL));
  g_assert_true (kh_entries_set_done (store, seq, 1, 4, KH_ENTRY_DONE, NULL));
  assert_states (self, seq, "0112100");
  g_assert_true (kh_entries_set_done (store, seq, 1, 4, KH_ENTRY_DONE, NULL));
  g_assert_true (kh_entries_set_done (store, seq, 6, G_MAXUINT32, KH_ENTRY_THERE, NULL));
  assert_states (self, seq, "0112102");
  transfer = scratch_get_transfer (self, seq);
  g_assert_cmpuint (transfer->done_files, ==, 2);
  g_assert_cmpuint (transfer->there_files, ==, 2);
  g_assert_cmpuint (transfer->done_bytes, ==, 100);
  scratch_assert_counts (self, seq);
}

static void
test_failed_ones_keep_their_status (Scratch *self, gconstpointer unused)
{
  gint64 seq = add_tree (self);
  g_autoptr (KhStoredTransfer) transfer = NULL;
  g_autoptr (GPtrArray) failed = NULL;
  g_autoptr (GError) error = NULL;

  (void)unused;
  g_assert_true (kh_entries_set_failed (self->store, seq, 1, 12, &error));
  g_assert_true (kh_entries_set_failed (self->store, seq, 4, 3, &error));
  g_assert_false (kh_entries_set_failed (self->store, seq, 4, 4, &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (kh_entries_set_failed (self->store, seq, 7, 4, &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_NOT_FOUND);
  failed = scratch_failed (self, seq);
  g_assert_cmpuint (failed->len, ==, 2);
  g_assert_cmpuint (((KhStoredEntry *)failed->pdata[0])->status, ==, 12);
  g_assert_cmpuint (((KhStoredEntry *)failed->pdata[1])->status, ==, 3);
  transfer = scratch_get_transfer (self, seq);
  g_assert_cmpuint (transfer->failed_files, ==, 1);
  scratch_assert_counts (self, seq);
}

static void
test_size_of_a_pending_file_follows_its_source (Scratch *self, gconstpointer unused)
{
  gint64 seq = add_tree (self);
  KhStore *store = self->store;
  g_autoptr (KhStoredTransfer) transfer = NULL;
  g_autoptr (GError) error = NULL;

  (void)unused;
  g_assert_true (kh_entries_set_done (store, seq, 2, 1, KH_ENTRY_DONE, &error));
  g_assert_true (kh_entries_set_size (store, seq, 3, 5, 77, &error));
  g_assert_no_error (error);
  g_assert_false (kh_entries_set_size (store, seq, 2, 5, 77, &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (kh_entries_set_size (store, seq, 1, 5, 77, &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (kh_entries_set_size (store, seq, 3, G_MAXUINT64, 77, &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_INVALID);
  g_clear_error (&error);
  /* More than can be counted, together with the others. */
  g_assert_false (kh_entries_set_size (store, seq, 3, G_MAXINT64, 77, &error));
  g_assert_nonnull (error);
  transfer = scratch_get_transfer (self, seq);
  g_assert_cmpuint (transfer->n_bytes, ==, 100); /* as it was offered */
  g_assert_cmpuint (transfer->wanted_bytes, ==, 85);
  scratch_assert_counts (self, seq);
}

/* Notes what it is asked, and refuses what ends in a letter of @data. */
typedef struct
{
  GString *asked; /* Owned */
  const char *refused;
} Filter;

static gboolean
filter (const char *path, guint8 kind, gpointer data)
{
  Filter *self = data;

  g_string_append_printf (self->asked, "%u%s ", kind, path);
  return strchr (self->refused, path[strlen (path) - 1]) == NULL;
}

static void
test_selection_leaves_out_what_is_refused (Scratch *self, gconstpointer unused)
{
  gint64 seq = add_tree (self);
  Filter all = { .asked = g_string_new (NULL), .refused = "bcefg" };
  Filter rest = { .asked = g_string_new (NULL), .refused = "a" };
  g_autoptr (KhStoredTransfer) transfer = NULL;

  (void)unused;
  g_assert_true (kh_entries_select (self->store, seq, filter, &all, NULL));
  g_assert_cmpstr (all.asked->str, ==, "2a 2a/b 1a/b/c 1a/b/d 1a/e 3a/f 1g ");
  assert_states (self, seq, "0440444");
  transfer = scratch_get_transfer (self, seq);
  g_assert_cmpuint (transfer->wanted_files, ==, 1);
  g_assert_cmpuint (transfer->wanted_bytes, ==, 20);
  g_assert_cmpuint (transfer->n_files, ==, 4);
  scratch_assert_counts (self, seq);

  g_assert_true (kh_entries_select (self->store, seq, filter, &rest, NULL));
  g_assert_cmpstr (rest.asked->str, ==, "2a 1a/b/d ");
  assert_states (self, seq, "4440444");
  scratch_assert_counts (self, seq);
  g_string_free (all.asked, TRUE);
  g_string_free (rest.asked, TRUE);
}

static void
test_nothing_changes_what_has_ended (Scratch *self, gconstpointer unused)
{
  gint64 seq = add_tree (self);
  KhStore *store = self->store;
  Filter none = { .asked = g_string_new (NULL), .refused = "abcdefg" };
  g_autoptr (KhStoredTransfer) transfer = NULL;

  (void)unused;
  g_assert_true (
      kh_transfers_finish (store, seq, KH_STORED_TRANSFER_FAILED, 10, 200, NULL));
  g_assert_false (kh_entries_set_done (store, seq, 0, 9, KH_ENTRY_DONE, NULL));
  g_assert_false (kh_entries_set_failed (store, seq, 2, 3, NULL));
  g_assert_false (kh_entries_set_size (store, seq, 2, 3, 4, NULL));
  g_assert_false (kh_entries_select (store, seq, filter, &none, NULL));
  assert_states (self, seq, "0000000");
  transfer = scratch_get_transfer (self, seq);
  g_assert_cmpuint (transfer->done_files + transfer->failed_files, ==, 0);
  g_assert_cmpuint (transfer->wanted_bytes, ==, 100);
  g_string_free (none.asked, TRUE);
}

static void
test_lost_batch_takes_entries_and_counts_back (Scratch *self, gconstpointer unused)
{
  gint64 seq = add_tree (self);

  (void)unused;
  g_assert_true (kh_store_batch_begin (self->store, NULL));
  g_assert_true (kh_entries_set_done (self->store, seq, 0, 4, KH_ENTRY_DONE, NULL));
  g_assert_true (kh_entries_set_failed (self->store, seq, 4, 3, NULL));
  assert_states (self, seq, "1111300");
  scratch_assert_counts (self, seq);
  kh_store_batch_rollback (self->store);
  assert_states (self, seq, "0000000");
  scratch_assert_counts (self, seq);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  SCRATCH_ADD ("/entries/added-only-while-listing", test_added_only_while_listing);
  SCRATCH_ADD ("/entries/list-can-begin-again", test_list_can_begin_again);
  SCRATCH_ADD ("/entries/impossible-ones-are-refused-all-together",
               test_impossible_entries_are_refused_all_together);
  SCRATCH_ADD ("/entries/run-makes-only-pending-ones-done",
               test_run_makes_only_pending_ones_done);
  SCRATCH_ADD ("/entries/failed-ones-keep-their-status",
               test_failed_ones_keep_their_status);
  SCRATCH_ADD ("/entries/size-of-a-pending-file-follows-its-source",
               test_size_of_a_pending_file_follows_its_source);
  SCRATCH_ADD ("/entries/selection-leaves-out-what-is-refused",
               test_selection_leaves_out_what_is_refused);
  SCRATCH_ADD ("/entries/nothing-changes-what-has-ended",
               test_nothing_changes_what_has_ended);
  SCRATCH_ADD ("/entries/lost-batch-takes-entries-and-counts-back",
               test_lost_batch_takes_entries_and_counts_back);
  return g_test_run ();
}
