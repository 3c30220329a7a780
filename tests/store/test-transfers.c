/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/transfers.h"
#include "scratch-tree.h"

#include <string.h>

static const char *const tree[]
    = { "a/", " b/", "  c 10", "  d 20", " e/", "  f 30", "g 40" };

static gint64
add (Scratch *self, guint peer, guint id, KhStoreDirection direction)
{
  KhNewTransfer transfer = { .peer = scratch_peer (peer),
                             .id = scratch_id (id),
                             .direction = direction,
                             .name = "it's \U0001F600.txt",
                             .n_entries = 9,
                             .n_files = 7,
                             .n_bytes = 5000000000,
                             .started_at_ms = 100 + id };
  g_autoptr (GError) error = NULL;
  gint64 seq = 0;

  g_assert_true (kh_transfers_add (self->store, &transfer, &seq, &error));
  g_assert_no_error (error);
  g_assert_cmpint (seq, >, 0);
  return seq;
}

static void
test_from_list_to_done (Scratch *self, gconstpointer unused)
{
  gint64 seq = add (self, 1, 1, KH_STORE_INCOMING);
  g_autoptr (GError) error = NULL;
  g_autoptr (KhStoredTransfer) listing = scratch_get_transfer (self, seq);
  g_autoptr (KhStoredTransfer) offered = NULL;
  g_autoptr (KhStoredTransfer) running = NULL;
  g_autoptr (KhStoredTransfer) done = NULL;

  (void)unused;
  g_assert_cmpint (listing->state, ==, KH_STORED_TRANSFER_LISTING);
  g_assert_cmpstr (listing->name, ==, "it's \U0001F600.txt");
  g_assert_cmpuint (listing->n_entries, ==, 9);
  g_assert_cmpuint (listing->n_files, ==, 7);
  g_assert_cmpuint (listing->wanted_files, ==, 7);
  g_assert_cmpuint (listing->n_bytes, ==, 5000000000);
  g_assert_cmpuint (listing->wanted_bytes, ==, 5000000000);
  g_assert_null (listing->path);
  g_assert_cmpint (listing->started_at_ms, ==, 101);

  scratch_tree (self, seq, tree, G_N_ELEMENTS (tree));
  offered = scratch_get_transfer (self, seq);
  g_assert_cmpint (offered->state, ==, KH_STORED_TRANSFER_OFFERED);
  g_assert_cmpuint (offered->n_entries, ==, 7);
  g_assert_cmpuint (offered->wanted_bytes, ==, 100);

  g_assert_true (kh_transfers_accept (self->store, seq, "/x/\xff", &error));
  scratch_reopen (self);
  running = scratch_get_transfer (self, seq);
  g_assert_cmpint (running->state, ==, KH_STORED_TRANSFER_RUNNING);
  g_assert_cmpstr (running->path, ==, "/x/\xff");
  g_assert_cmpint (running->ended_at_ms, ==, 0);

  g_assert_true (
      kh_transfers_finish (self->store, seq, KH_STORED_TRANSFER_DONE, 0, 200, &error));
  g_assert_no_error (error);
  scratch_reopen (self);
  done = scratch_get_transfer (self, seq);
  g_assert_cmpint (done->state, ==, KH_STORED_TRANSFER_DONE);
  g_assert_cmpint (done->ended_at_ms, ==, 200);
  g_assert_cmpstr (done->path, ==, "/x/\xff");
}

static void
test_each_change_is_remembered (Scratch *self, gconstpointer unused)
{
  gint64 other = add (self, 1, 1, KH_STORE_OUTGOING);
  gint64 seq = add (self, 1, 2, KH_STORE_OUTGOING);
  KhStore *store = self->store;
  g_autoptr (KhStoredTransfer) changed = NULL;
  g_autoptr (KhStoredTransfer) unchanged = NULL;

  (void)unused;
  g_assert_true (kh_transfers_set_wanted (store, seq, 3, G_MAXINT64, NULL));
  g_assert_true (kh_transfers_set_paused (store, seq, 2, FALSE, NULL));
  g_assert_true (kh_transfers_set_position (store, seq, -5, NULL));
  changed = scratch_get_transfer (self, seq);
  g_assert_cmpuint (changed->n_files, ==, 7);
  g_assert_cmpuint (changed->wanted_files, ==, 3);
  g_assert_cmpuint (changed->wanted_bytes, ==, G_MAXINT64);
  g_assert_true (changed->paused_here && !changed->paused_there);
  g_assert_cmpint (changed->position, ==, -5);
  unchanged = scratch_get_transfer (self, other);
  g_assert_cmpuint (unchanged->wanted_files, ==, 7);
  g_assert_false (unchanged->paused_here || unchanged->paused_there);
  g_assert_true (kh_transfers_set_paused (store, other, FALSE, TRUE, NULL));
  g_clear_pointer (&unchanged, kh_stored_transfer_free);
  unchanged = scratch_get_transfer (self, other);
  g_assert_true (unchanged->paused_there && !unchanged->paused_here);
}

/* Which functions change something now: a bit each. */
static guint
try_all (KhStore *store, gint64 seq)
{
  return (guint)kh_transfers_set_listed (store, seq, 1, 1, 1, NULL)
         | (guint)kh_transfers_set_wanted (store, seq, 1, 1, NULL) << 1
         | (guint)kh_transfers_set_paused (store, seq, TRUE, TRUE, NULL) << 2
         | (guint)kh_transfers_set_position (store, seq, 1, NULL) << 3
         | (guint)kh_transfers_accept (store, seq, "/y", NULL) << 4
         | (guint)kh_transfers_set_part (store, seq, 1, NULL) << 5
         | (guint)kh_transfers_finish (store, seq, KH_STORED_TRANSFER_DONE, 9, 9, NULL)
               << 6;
}

static void
test_the_receivers_last_word_counts (Scratch *self, gconstpointer unused)
{
  gint64 seq = add (self, 1, 1, KH_STORE_OUTGOING);
  g_autoptr (GError) error = NULL;
  g_autoptr (KhStoredTransfer) failed = NULL;
  g_autoptr (KhStoredTransfer) arrived = NULL;

  (void)unused;
  scratch_tree (self, seq, tree, G_N_ELEMENTS (tree));
  g_assert_true (kh_transfers_set_outcome (self->store, seq, 2, 1, 1, &error));
  failed = scratch_get_transfer (self, seq);
  g_assert_cmpuint (failed->done_files, ==, 2);
  g_assert_cmpuint (failed->there_files, ==, 1);
  g_assert_cmpuint (failed->failed_files, ==, 1);
  g_assert_cmpuint (failed->done_bytes, ==, 0);

  g_assert_true (kh_transfers_set_outcome (self->store, seq, 3, 1, 0, &error));
  arrived = scratch_get_transfer (self, seq);
  g_assert_cmpuint (arrived->done_files, ==, 3);
  g_assert_cmpuint (arrived->failed_files, ==, 0);
  g_assert_cmpuint (arrived->done_bytes, ==, arrived->wanted_bytes);
}

static void
assert_part (Scratch *self, gint64 seq, guint64 expected)
{
  g_autoptr (KhStoredTransfer) stored = scratch_get_transfer (self, seq);

  g_assert_cmpuint (stored->part_bytes, ==, expected);
}

/* Whatever ends a file ends the part of it; only a retry goes on with one. */
static void
test_part_is_of_the_file_under_way (Scratch *self, gconstpointer unused)
{
  static const char *const lines[] = { "a/", " b 5", " c 6", " d/", "e 7" };
  gint64 seqs[3];
  KhStore *store = self->store;

  (void)unused;
  for (guint i = 0; i < G_N_ELEMENTS (seqs); i++)
    {
      seqs[i] = add (self, 1, 1 + i, KH_STORE_INCOMING);
      scratch_tree (self, seqs[i], lines, G_N_ELEMENTS (lines));
      assert_part (self, seqs[i], 0);
      g_assert_true (kh_transfers_set_part (store, seqs[i], 4, NULL));
    }
  g_assert_true (kh_entries_set_done (store, seqs[0], 0, 1, KH_ENTRY_DONE, NULL));
  g_assert_true (kh_entries_set_failed (store, seqs[0], 3, 11, NULL));
  assert_part (self, seqs[0], 4);
  g_assert_true (kh_entries_set_done (store, seqs[0], 1, 1, KH_ENTRY_THERE, NULL));
  assert_part (self, seqs[0], 0);
  g_assert_true (kh_transfers_set_part (store, seqs[0], 3, NULL));
  g_assert_true (kh_entries_set_failed (store, seqs[0], 2, 11, NULL));
  assert_part (self, seqs[0], 0);
  scratch_assert_counts (self, seqs[0]);
  assert_part (self, seqs[1], 4);

  g_assert_true (
      kh_transfers_finish (store, seqs[1], KH_STORED_TRANSFER_FAILED, 10, 9, NULL));
  assert_part (self, seqs[1], 4);
  g_assert_true (
      kh_transfers_finish (store, seqs[2], KH_STORED_TRANSFER_CANCELLED, 20, 9, NULL));
  assert_part (self, seqs[2], 0);
  g_assert_true (kh_transfers_set_part (store, seqs[0], 3, NULL));
  g_assert_true (kh_transfers_set_outcome (store, seqs[0], 2, 0, 1, NULL));
  assert_part (self, seqs[0], 0);
  g_assert_false (kh_transfers_set_part (store, seqs[0], (guint64)G_MAXINT64 + 1, NULL));
}

static void
test_final_states_are_final (Scratch *self, gconstpointer unused)
{
  (void)unused;
  for (guint state = KH_STORED_TRANSFER_DONE; state <= KH_STORED_TRANSFER_FAILED; state++)
    {
      gint64 seq = add (self, 1, state, KH_STORE_OUTGOING);
      g_autoptr (KhStoredTransfer) after = NULL;

      g_assert_true (kh_transfers_finish (self->store, seq, (KhStoredTransferState)state,
                                          (guint8)(10 + state), 200, NULL));
      g_assert_cmpuint (try_all (self->store, seq), ==, 0);
      after = scratch_get_transfer (self, seq);
      g_assert_cmpint (after->state, ==, state);
      g_assert_cmpuint (after->status, ==, 10 + state);
      g_assert_cmpint (after->ended_at_ms, ==, 200);
      g_assert_cmpuint (after->wanted_files, ==, 7);
      g_assert_false (after->paused_here);
      g_assert_null (after->path);
    }
  g_assert_cmpuint (try_all (self->store, 99), ==, 0);
  g_assert_cmpuint (try_all (self->store, add (self, 1, 99, KH_STORE_OUTGOING)), ==, 127);
}

/* set_listed() again would overwrite what is wanted. */
static void
test_listed_only_once (Scratch *self, gconstpointer unused)
{
  gint64 seq = add (self, 1, 1, KH_STORE_OUTGOING);
  g_autoptr (GError) error = NULL;

  (void)unused;
  g_assert_true (kh_transfers_set_listed (self->store, seq, 1, 1, 1, &error));
  g_assert_false (kh_transfers_set_listed (self->store, seq, 1, 1, 1, &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_NOT_FOUND);
}

/* c is done, d has failed, f and g are pending; of the folders all are done. */
static gint64
add_half_done (Scratch *self, guint id)
{
  gint64 seq = scratch_transfer (self, id, KH_STORE_INCOMING);
  KhStore *store = self->store;

  scratch_tree (self, seq, tree, G_N_ELEMENTS (tree));
  g_assert_true (kh_transfers_accept (store, seq, "/x", NULL));
  g_assert_true (kh_entries_set_done (store, seq, 0, 3, KH_ENTRY_DONE, NULL));
  g_assert_true (kh_entries_set_done (store, seq, 4, 1, KH_ENTRY_DONE, NULL));
  g_assert_true (kh_entries_set_failed (store, seq, 3, 3, NULL));
  return seq;
}

static void
test_end_keeps_only_the_roots (Scratch *self, gconstpointer unused)
{
  (void)unused;
  for (guint state = KH_STORED_TRANSFER_DONE; state < KH_STORED_TRANSFER_FAILED; state++)
    {
      gint64 other = add_half_done (self, 2 * state);
      gint64 seq = add_half_done (self, 2 * state + 1);
      g_autoptr (KhStoredTransfer) after = NULL;

      g_assert_true (kh_transfers_finish (self->store, seq, (KhStoredTransferState)state,
                                          0, 200, NULL));
      scratch_assert_page (kh_entries_range (self->store, seq, 0, 9, 999, NULL),
                           "0:a 6:g");
      after = scratch_get_transfer (self, seq);
      g_assert_cmpuint (after->done_files, ==, 1);
      g_assert_cmpuint (after->done_bytes, ==, 10);
      g_assert_cmpuint (after->failed_files, ==, 1);
      scratch_assert_counts (self, other);
    }
}

/* Files beside each other; all is offered then. */
static void
add_roots (Scratch *self, gint64 seq, guint n)
{
  g_autofree KhNewEntry *entries = g_new0 (KhNewEntry, n);

  for (guint i = 0; i < n; i++)
    entries[i] = (KhNewEntry){
      .entry = i, .parent = KH_TREE_NONE, .kind = KH_TREE_FILE, .name = "n", .name_len = 1
    };
  g_assert_true (kh_entries_add (self->store, seq, entries, n, NULL));
  g_assert_true (kh_transfers_set_listed (self->store, seq, n, n, 0, NULL));
}

/* Nobody scrolls through thousands. */
static void
test_end_keeps_only_the_first_roots (Scratch *self, gconstpointer unused)
{
  gint64 seq = scratch_transfer (self, 1, KH_STORE_INCOMING);
  g_autoptr (GPtrArray) kept = NULL;

  (void)unused;
  add_roots (self, seq, 3 * KH_TRANSFERS_ROOTS_KEPT);
  g_assert_true (
      kh_transfers_finish (self->store, seq, KH_STORED_TRANSFER_DONE, 0, 200, NULL));
  kept = kh_entries_range (self->store, seq, 0, G_MAXINT, G_MAXSIZE, NULL);
  g_assert_cmpuint (kept->len, ==, KH_TRANSFERS_ROOTS_KEPT);
  g_assert_cmpuint (((KhStoredEntry *)kept->pdata[kept->len - 1])->entry, ==,
                    KH_TRANSFERS_ROOTS_KEPT - 1);
}

/* However many there are, and in whatever order they end, all that failed of one peer has
 * no more entries than one may have. */
static void
test_failed_ones_of_a_peer_are_bounded (Scratch *self, gconstpointer unused)
{
  const guint n_each = KH_TRANSFERS_FAILED_KEPT / 2 - KH_TRANSFERS_ROOTS_KEPT;
  gint64 other = add_half_done (self, 99);
  gint64 seqs[4];

  (void)unused;
  for (guint i = 0; i < G_N_ELEMENTS (seqs); i++)
    {
      seqs[i] = scratch_transfer (self, i, KH_STORE_INCOMING);
      add_roots (self, seqs[i], n_each);
    }
  for (guint i = G_N_ELEMENTS (seqs); i > 0; i--)
    g_assert_true (kh_transfers_finish (self->store, seqs[i - 1],
                                        KH_STORED_TRANSFER_FAILED, 10, 200, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (seqs); i++)
    g_assert_cmpint (kh_transfers_reopen (self->store, seqs[i], NULL), ==, i >= 2);
  scratch_assert_counts (self, other);
}

static void
test_forgotten_one_leaves_nothing (Scratch *self, gconstpointer unused)
{
  gint64 other = add_half_done (self, 1);
  gint64 seq = add_half_done (self, 2);
  g_autoptr (KhStoredTransfer) after = NULL;

  (void)unused;
  g_assert_true (kh_transfers_forget (self->store, seq, NULL));
  g_assert_true (kh_transfers_get (self->store, seq, &after, NULL));
  g_assert_null (after);
  scratch_assert_page (kh_entries_range (self->store, seq, 0, 9, 999, NULL), "");
  scratch_assert_counts (self, other);
}

/* Pending ones are there when a transfer failed as a whole; c is all that is forgotten,
 * and when all are done but d, e is forgotten too. */
static void
test_failure_keeps_what_a_retry_needs (Scratch *self, gconstpointer unused)
{
  gint64 whole = add_half_done (self, 1);
  gint64 one = add_half_done (self, 2);
  gint64 other = add_half_done (self, 3);
  KhStore *store = self->store;

  (void)unused;
  g_assert_true (
      kh_transfers_finish (store, whole, KH_STORED_TRANSFER_FAILED, 10, 200, NULL));
  scratch_assert_page (kh_entries_range (store, whole, 0, 9, 999, NULL),
                       "0:a 1:a/b 3:a/b/d 4:a/e 5:a/e/f 6:g");
  g_assert_true (kh_entries_set_done (store, one, 0, 9, KH_ENTRY_DONE, NULL));
  g_assert_true (
      kh_transfers_finish (store, one, KH_STORED_TRANSFER_FAILED, 0, 200, NULL));
  scratch_assert_page (kh_entries_range (store, one, 0, 9, 999, NULL),
                       "0:a 1:a/b 3:a/b/d 6:g");
  scratch_assert_page (scratch_failed (self, one), "3:a/b/d");
  scratch_assert_counts (self, other);
}

static void
test_failed_one_is_tried_again (Scratch *self, gconstpointer unused)
{
  gint64 seq = add_half_done (self, 1);
  KhStore *store = self->store;
  g_autoptr (KhStoredTransfer) again = NULL;
  g_autoptr (KhStoredTransfer) done = NULL;

  (void)unused;
  g_assert_true (
      kh_transfers_finish (store, seq, KH_STORED_TRANSFER_FAILED, 10, 200, NULL));
  g_assert_true (kh_transfers_reopen (store, seq, NULL));
  again = scratch_get_transfer (self, seq);
  g_assert_cmpint (again->state, ==, KH_STORED_TRANSFER_RUNNING);
  g_assert_cmpuint (again->status, ==, 0);
  g_assert_cmpint (again->ended_at_ms, ==, 0);
  g_assert_cmpstr (again->path, ==, "/x");
  g_assert_cmpuint (again->failed_files, ==, 0);
  g_assert_cmpuint (again->done_files, ==, 1);
  scratch_assert_page (scratch_failed (self, seq), "");
  scratch_assert_page (kh_entries_pending (store, seq, 0, 9, 999, NULL),
                       "3:a/b/d 5:a/e/f 6:g");
  g_assert_true (kh_entries_set_done (store, seq, 0, 9, KH_ENTRY_DONE, NULL));
  done = scratch_get_transfer (self, seq);
  g_assert_cmpuint (done->done_files, ==, done->wanted_files);
  g_assert_cmpuint (done->done_bytes, ==, done->wanted_bytes);
}

static void
test_only_a_failed_one_is_tried_again (Scratch *self, gconstpointer unused)
{
  gint64 running = add_half_done (self, 1);
  gint64 done = add_half_done (self, 2);
  g_autoptr (GError) error = NULL;

  (void)unused;
  g_assert_false (kh_transfers_reopen (self->store, running, &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_NOT_FOUND);
  scratch_assert_page (scratch_failed (self, running), "3:a/b/d");
  g_assert_true (kh_transfers_finish (self->store, done, KH_STORED_TRANSFER_CANCELLED, 20,
                                      200, NULL));
  g_assert_false (kh_transfers_reopen (self->store, done, NULL));
}

static void
test_id_counts_once_a_peer_and_direction (Scratch *self, gconstpointer unused)
{
  gint64 in = add (self, 1, 1, KH_STORE_INCOMING);
  gint64 out = add (self, 1, 1, KH_STORE_OUTGOING);
  gint64 other = add (self, 2, 1, KH_STORE_INCOMING);
  KhNewTransfer again = { .peer = scratch_peer (1), .id = scratch_id (1), .name = "x" };
  g_autoptr (KhStoredTransfer) found = NULL;
  g_autoptr (KhStoredTransfer) none = NULL;
  g_autoptr (GError) error = NULL;
  gint64 seq = 0;

  (void)unused;
  g_assert_cmpint (in, !=, out);
  g_assert_cmpint (in, !=, other);
  g_assert_false (kh_transfers_add (self->store, &again, &seq, &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_EXISTS);
  g_assert_true (kh_transfers_find (self->store, scratch_peer (1), KH_STORE_OUTGOING,
                                    scratch_id (1), &found, NULL));
  g_assert_cmpint (found->seq, ==, out);
  g_assert_true (kh_transfers_find (self->store, scratch_peer (3), KH_STORE_OUTGOING,
                                    scratch_id (1), &none, NULL));
  g_assert_null (none);
}

static void
assert_prefix (Scratch *self, const guint8 *bytes, guint len, guint n_expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) found
      = kh_transfers_find_prefix (self->store, bytes, len, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (found->len, ==, n_expected);
  for (guint i = 0; i < found->len; i++)
    g_assert_cmpmem (((KhStoredTransfer *)found->pdata[i])->id, len, bytes, len);
}

static void
test_found_by_how_the_id_begins (Scratch *self, gconstpointer unused)
{
  guint8 longer[KH_FRAME_ID_LEN + 1] = { 0 };

  (void)unused;
  add (self, 1, 1, KH_STORE_INCOMING);
  add (self, 2, 1, KH_STORE_OUTGOING);
  add (self, 1, 2, KH_STORE_INCOMING);
  add (self, 1, 0x102, KH_STORE_INCOMING);
  assert_prefix (self, scratch_id (1), KH_FRAME_ID_LEN, 2);
  assert_prefix (self, scratch_id (2), KH_FRAME_ID_LEN, 1);
  assert_prefix (self, scratch_id (3), KH_FRAME_ID_LEN, 0);
  assert_prefix (self, scratch_id (1), 2, 3);
  assert_prefix (self, scratch_id (0x102), 2, 1);
  assert_prefix (self, scratch_id (1), 1, 4);
  assert_prefix (self, NULL, 0, 4);
  memcpy (longer, scratch_id (1), KH_FRAME_ID_LEN);
  assert_prefix (self, longer, sizeof longer, 0);
}

static void
test_impossible_ones_are_refused (Scratch *self, gconstpointer unused)
{
  KhNewTransfer huge = {
    .peer = scratch_peer (1), .id = scratch_id (1), .name = "x", .n_bytes = G_MAXUINT64
  };
  KhNewTransfer garbled = huge;
  g_autoptr (GError) error = NULL;
  gint64 seq = 0;

  (void)unused;
  g_assert_false (kh_transfers_add (self->store, &huge, &seq, &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_INVALID);
  g_clear_error (&error);
  garbled.n_bytes = G_MAXINT64;
  garbled.name = "\xff";
  g_assert_false (kh_transfers_add (self->store, &garbled, &seq, &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_false (kh_transfers_accept (self->store, 1, "/x", &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (scratch_get_transfer (self, 1));
  seq = add (self, 1, 1, KH_STORE_INCOMING);
  g_assert_false (kh_transfers_set_wanted (self->store, seq, 1, G_MAXUINT64, &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_false (kh_transfers_set_listed (self->store, seq, 1, 1, G_MAXUINT64, &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_INVALID);
}

static void
test_list_is_newest_first_in_pages (Scratch *self, gconstpointer unused)
{
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (GPtrArray) of_one = NULL;
  g_autoptr (GPtrArray) rest = NULL;
  const KhStoredTransfer *last;

  (void)unused;
  for (guint i = 0; i < 10; i++)
    add (self, i % 2, i, KH_STORE_OUTGOING);
  all = kh_transfers_list (self->store, NULL, 0, 100, NULL);
  g_assert_cmpuint (all->len, ==, 10);
  for (guint i = 0; i < 10; i++)
    g_assert_cmpint (((KhStoredTransfer *)all->pdata[i])->started_at_ms, ==, 109 - i);

  of_one = kh_transfers_list (self->store, scratch_peer (1), 0, 3, NULL);
  g_assert_cmpuint (of_one->len, ==, 3);
  last = of_one->pdata[2];
  g_assert_cmpint (last->started_at_ms, ==, 105);
  rest = kh_transfers_list (self->store, scratch_peer (1), last->seq, 3, NULL);
  g_assert_cmpuint (rest->len, ==, 2);
  g_assert_cmpint (((KhStoredTransfer *)rest->pdata[0])->started_at_ms, ==, 103);
}

/* The ids of all that are open, in their order. */
static void
assert_open (Scratch *self, const char *expected)
{
  g_autoptr (GPtrArray) open = kh_transfers_list_open (self->store, NULL);
  g_autoptr (GString) ids = g_string_new (NULL);

  for (guint i = 0; i < open->len; i++)
    g_string_append_printf (
        ids, "%u", ((KhStoredTransfer *)open->pdata[i])->id[KH_FRAME_ID_LEN - 1]);
  g_assert_cmpstr (ids->str, ==, expected);
}

static void
test_queue_is_in_order_and_new_ones_are_last (Scratch *self, gconstpointer unused)
{
  KhStore *store = self->store;
  gint64 seqs[5];

  (void)unused;
  for (guint i = 0; i < 4; i++)
    seqs[i] = add (self, 1, i, KH_STORE_OUTGOING);
  assert_open (self, "0123");
  g_assert_true (kh_transfers_set_position (store, seqs[2], -1, NULL));
  g_assert_true (kh_transfers_set_position (store, seqs[0], 1000, NULL));
  assert_open (self, "2130");
  seqs[4] = add (self, 2, 4, KH_STORE_OUTGOING);
  assert_open (self, "21304");
  g_assert_true (kh_transfers_set_listed (store, seqs[1], 1, 1, 1, NULL));
  g_assert_true (kh_transfers_accept (store, seqs[3], NULL, NULL));
  assert_open (self, "21304");
  g_assert_true (
      kh_transfers_finish (store, seqs[1], KH_STORED_TRANSFER_FAILED, 1, 1, NULL));
  for (guint i = 2; i < 5; i++)
    g_assert_true (
        kh_transfers_finish (store, seqs[i], KH_STORED_TRANSFER_DONE, 0, 1, NULL));
  assert_open (self, "0");
  g_assert_true (
      kh_transfers_finish (store, seqs[0], KH_STORED_TRANSFER_DONE, 0, 1, NULL));
  add (self, 1, 5, KH_STORE_OUTGOING);
  g_assert_true (kh_transfers_reopen (store, seqs[1], NULL));
  assert_open (self, "15");
}

static void
test_sum_is_what_is_wanted_of_one_peer (Scratch *self, gconstpointer unused)
{
  gint64 declined = add (self, 1, 1, KH_STORE_INCOMING);
  gint64 part = add (self, 1, 2, KH_STORE_INCOMING);
  KhStore *store = self->store;
  guint64 bytes = 0;

  (void)unused;
  add (self, 1, 3, KH_STORE_INCOMING);
  add (self, 1, 4, KH_STORE_OUTGOING);
  add (self, 2, 5, KH_STORE_INCOMING);
  g_assert_true (
      kh_transfers_finish (store, declined, KH_STORED_TRANSFER_DECLINED, 0, 1, NULL));
  g_assert_true (kh_transfers_set_wanted (store, part, 1, 7, NULL));
  g_assert_true (kh_transfers_sum_incoming (store, scratch_peer (1), 0, &bytes, NULL));
  g_assert_cmpuint (bytes, ==, 5000000007 + 18 * KH_TRANSFERS_ENTRY_BYTES);
  g_assert_true (kh_transfers_sum_incoming (store, scratch_peer (1), 103, &bytes, NULL));
  g_assert_cmpuint (bytes, ==, 5000000000 + 9 * KH_TRANSFERS_ENTRY_BYTES);
  g_assert_true (kh_transfers_sum_incoming (store, scratch_peer (1), 104, &bytes, NULL));
  g_assert_cmpuint (bytes, ==, 0);
}

static void
test_sum_of_absurd_offers_is_the_largest_number (Scratch *self, gconstpointer unused)
{
  guint64 bytes = 0;

  (void)unused;
  for (guint i = 0; i < 3; i++)
    g_assert_true (kh_transfers_set_wanted (
        self->store, add (self, 1, i, KH_STORE_INCOMING), 1, G_MAXINT64, NULL));
  g_assert_true (
      kh_transfers_sum_incoming (self->store, scratch_peer (1), 0, &bytes, NULL));
  g_assert_cmpuint (bytes, ==, G_MAXUINT64);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  SCRATCH_ADD ("/transfers/from-list-to-done", test_from_list_to_done);
  SCRATCH_ADD ("/transfers/each-change-is-remembered", test_each_change_is_remembered);
  SCRATCH_ADD ("/transfers/the-receivers-last-word-counts",
               test_the_receivers_last_word_counts);
  SCRATCH_ADD ("/transfers/part-is-of-the-file-under-way",
               test_part_is_of_the_file_under_way);
  SCRATCH_ADD ("/transfers/final-states-are-final", test_final_states_are_final);
  SCRATCH_ADD ("/transfers/listed-only-once", test_listed_only_once);
  SCRATCH_ADD ("/transfers/end-keeps-only-the-roots", test_end_keeps_only_the_roots);
  SCRATCH_ADD ("/transfers/end-keeps-only-the-first-roots",
               test_end_keeps_only_the_first_roots);
  SCRATCH_ADD ("/transfers/failed-ones-of-a-peer-are-bounded",
               test_failed_ones_of_a_peer_are_bounded);
  SCRATCH_ADD ("/transfers/forgotten-one-leaves-nothing",
               test_forgotten_one_leaves_nothing);
  SCRATCH_ADD ("/transfers/failure-keeps-what-a-retry-needs",
               test_failure_keeps_what_a_retry_needs);
  SCRATCH_ADD ("/transfers/failed-one-is-tried-again", test_failed_one_is_tried_again);
  SCRATCH_ADD ("/transfers/only-a-failed-one-is-tried-again",
               test_only_a_failed_one_is_tried_again);
  SCRATCH_ADD ("/transfers/id-counts-once-a-peer-and-direction",
               test_id_counts_once_a_peer_and_direction);
  SCRATCH_ADD ("/transfers/found-by-how-the-id-begins", test_found_by_how_the_id_begins);
  SCRATCH_ADD ("/transfers/impossible-ones-are-refused",
               test_impossible_ones_are_refused);
  SCRATCH_ADD ("/transfers/list-is-newest-first-in-pages",
               test_list_is_newest_first_in_pages);
  SCRATCH_ADD ("/transfers/queue-is-in-order-and-new-ones-are-last",
               test_queue_is_in_order_and_new_ones_are_last);
  SCRATCH_ADD ("/transfers/sum-is-what-is-wanted-of-one-peer",
               test_sum_is_what_is_wanted_of_one_peer);
  SCRATCH_ADD ("/transfers/sum-of-absurd-offers-is-the-largest-number",
               test_sum_of_absurd_offers_is_the_largest_number);
  return g_test_run ();
}
