/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/transfers.h"
#include "scratch.h"

static gint64
add (Scratch *self, guint peer, guint id, KhStoreDirection direction)
{
  KhNewTransfer transfer = { .peer = scratch_peer (peer),
                             .id = scratch_id (id),
                             .direction = direction,
                             .name = "it's \U0001F600.txt",
                             .n_bytes = 5000000000,
                             .started_at_ms = 100 + id };
  g_autoptr (GError) error = NULL;
  gint64 seq = 0;

  g_assert_true (kh_transfers_add (self->store, &transfer, &seq, &error));
  g_assert_no_error (error);
  g_assert_cmpint (seq, >, 0);
  return seq;
}

static KhStoredTransfer *
get (Scratch *self, gint64 seq)
{
  g_autoptr (GError) error = NULL;
  KhStoredTransfer *transfer = NULL;

  g_assert_true (kh_transfers_get (self->store, seq, &transfer, &error));
  g_assert_no_error (error);
  return transfer;
}

static void
test_from_offer_to_done (Scratch *self, gconstpointer unused)
{
  gint64 seq = add (self, 1, 1, KH_STORE_INCOMING);
  g_autoptr (GError) error = NULL;
  g_autoptr (KhStoredTransfer) offered = get (self, seq);
  g_autoptr (KhStoredTransfer) running = NULL;
  g_autoptr (KhStoredTransfer) done = NULL;

  (void)unused;
  g_assert_cmpint (offered->state, ==, KH_STORED_TRANSFER_OFFERED);
  g_assert_cmpstr (offered->name, ==, "it's \U0001F600.txt");
  g_assert_cmpuint (offered->n_bytes, ==, 5000000000);
  g_assert_null (offered->path);
  g_assert_cmpint (offered->started_at_ms, ==, 101);

  g_assert_true (kh_transfers_begin (self->store, seq, "/x/\xff.part", &error));
  g_assert_true (kh_transfers_set_done_bytes (self->store, seq, 4000000000, &error));
  scratch_reopen (self);
  running = get (self, seq);
  g_assert_cmpint (running->state, ==, KH_STORED_TRANSFER_RUNNING);
  g_assert_cmpstr (running->path, ==, "/x/\xff.part");
  g_assert_cmpuint (running->done_bytes, ==, 4000000000);
  g_assert_cmpint (running->ended_at_ms, ==, 0);

  g_assert_true (kh_transfers_finish (self->store, seq, KH_STORED_TRANSFER_DONE,
                                      "/x/it (2).txt", NULL, 200, &error));
  g_assert_no_error (error);
  scratch_reopen (self);
  done = get (self, seq);
  g_assert_cmpint (done->state, ==, KH_STORED_TRANSFER_DONE);
  g_assert_cmpstr (done->path, ==, "/x/it (2).txt");
  g_assert_cmpuint (done->done_bytes, ==, 5000000000);
  g_assert_cmpint (done->ended_at_ms, ==, 200);
  g_assert_null (done->failure);
}

static void
test_path_stays_unless_another_is_given (Scratch *self, gconstpointer unused)
{
  gint64 seq = add (self, 1, 1, KH_STORE_INCOMING);
  g_autoptr (KhStoredTransfer) running = NULL;
  g_autoptr (KhStoredTransfer) done = NULL;

  (void)unused;
  g_assert_true (kh_transfers_begin (self->store, seq, "/x/y", NULL));
  g_assert_true (kh_transfers_begin (self->store, seq, NULL, NULL));
  running = get (self, seq);
  g_assert_cmpstr (running->path, ==, "/x/y");
  g_assert_true (kh_transfers_finish (self->store, seq, KH_STORED_TRANSFER_DONE, NULL,
                                      NULL, 200, NULL));
  done = get (self, seq);
  g_assert_cmpstr (done->path, ==, "/x/y");
}

static void
test_final_states_are_final (Scratch *self, gconstpointer unused)
{
  KhStore *store = self->store;

  (void)unused;
  for (guint state = KH_STORED_TRANSFER_DONE; state <= KH_STORED_TRANSFER_FAILED; state++)
    {
      gint64 seq = add (self, 1, state, KH_STORE_OUTGOING);
      g_autoptr (KhStoredTransfer) after = NULL;
      guint n_interrupted = 1;

      g_assert_true (kh_transfers_finish (store, seq, (KhStoredTransferState)state, NULL,
                                          "why", 200, NULL));
      g_assert_false (kh_transfers_begin (store, seq, "/y", NULL));
      g_assert_false (kh_transfers_set_done_bytes (store, seq, 7, NULL));
      g_assert_false (
          kh_transfers_finish (store, seq, KH_STORED_TRANSFER_DONE, "/y", NULL, 9, NULL));
      g_assert_true (
          kh_transfers_interrupt_all (store, "again", 300, &n_interrupted, NULL));
      g_assert_cmpuint (n_interrupted, ==, 0);
      after = get (self, seq);
      g_assert_cmpint (after->state, ==, state);
      g_assert_cmpstr (after->failure, ==, "why");
      g_assert_cmpint (after->ended_at_ms, ==, 200);
      g_assert_null (after->path);
    }
}

static void
test_what_was_open_is_interrupted (Scratch *self, gconstpointer unused)
{
  gint64 offered = add (self, 1, 1, KH_STORE_OUTGOING);
  gint64 running = add (self, 1, 2, KH_STORE_OUTGOING);
  g_autoptr (KhStoredTransfer) first = NULL;
  g_autoptr (KhStoredTransfer) second = NULL;
  guint n_interrupted = 0;

  (void)unused;
  g_assert_true (kh_transfers_begin (self->store, running, NULL, NULL));
  g_assert_true (kh_transfers_set_done_bytes (self->store, running, 17, NULL));
  scratch_reopen (self);
  g_assert_true (
      kh_transfers_interrupt_all (self->store, "cut off", 300, &n_interrupted, NULL));
  g_assert_cmpuint (n_interrupted, ==, 2);
  first = get (self, offered);
  second = get (self, running);
  g_assert_cmpint (first->state, ==, KH_STORED_TRANSFER_FAILED);
  g_assert_cmpint (second->state, ==, KH_STORED_TRANSFER_FAILED);
  g_assert_cmpuint (second->done_bytes, ==, 17);
  g_assert_cmpstr (second->failure, ==, "cut off");
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
  g_assert_false (kh_transfers_begin (self->store, 1, "/x", &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_NOT_FOUND);
  g_assert_null (get (self, 1));
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

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  SCRATCH_ADD ("/transfers/from-offer-to-done", test_from_offer_to_done);
  SCRATCH_ADD ("/transfers/path-stays-unless-another-is-given",
               test_path_stays_unless_another_is_given);
  SCRATCH_ADD ("/transfers/final-states-are-final", test_final_states_are_final);
  SCRATCH_ADD ("/transfers/what-was-open-is-interrupted",
               test_what_was_open_is_interrupted);
  SCRATCH_ADD ("/transfers/id-counts-once-a-peer-and-direction",
               test_id_counts_once_a_peer_and_direction);
  SCRATCH_ADD ("/transfers/impossible-ones-are-refused",
               test_impossible_ones_are_refused);
  SCRATCH_ADD ("/transfers/list-is-newest-first-in-pages",
               test_list_is_newest_first_in_pages);
  return g_test_run ();
}
