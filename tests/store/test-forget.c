/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/forget.h"
#include "scratch-tree.h"
#include "store/attempts.h"
#include "store/contacts.h"
#include "store/conversations.h"
#include "store/search.h"
#include "store/store-private.h"

#include <string.h>

/* In everything that peer 1 says; its three letters are in nothing else. */
#define MARK "Qzxj"
#define DAY_MS (G_GINT64_CONSTANT (24) * 60 * 60 * 1000)

/* How often a file of the folder holds @text, in either case. */
static guint
count_in_files (Scratch *self, const char *text)
{
  GDir *dir = g_dir_open (self->folder, 0, NULL);
  g_autofree char *lower = g_ascii_strdown (text, -1);
  const char *name;
  guint n = 0;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (self->folder, name, NULL);
      g_autofree char *bytes = NULL;
      gsize len = 0;

      g_assert_true (g_file_get_contents (path, &bytes, &len, NULL));
      for (gsize at = 0; at + strlen (text) <= len; at++)
        n += g_ascii_strncasecmp (bytes + at, lower, strlen (text)) == 0 ? 1 : 0;
    }
  g_dir_close (dir);
  return n;
}

static char *
random_text (const char *mark)
{
  GString *text = g_string_new (mark);

  for (gint left = g_test_rand_int_range (0, 60); left > 0; left--)
    g_string_append_printf (text, " %x%s", (guint)g_test_rand_int () % 4096, mark);
  return g_string_free (text, FALSE);
}

/* @n messages of each of two peers, mixed, of many sizes; every third is outgoing and
 * every sixth waits. */
static void
fill (Scratch *self, guint n)
{
  g_assert_true (kh_store_batch_begin (self->store, NULL));
  for (guint i = 1; i <= n; i++)
    for (guint peer = 1; peer <= 2; peer++)
      {
        g_autofree char *text = random_text (peer == 1 ? MARK : "stays");

        if (i % 3 != 0)
          {
            scratch_receive (self, peer, i, text);
            continue;
          }
        scratch_send (self, peer, i, text);
        if (i % 6 != 0)
          g_assert_true (kh_messages_mark_delivered (self->store, scratch_peer (peer),
                                                     scratch_id (i), NULL, NULL));
      }
  g_assert_true (kh_store_batch_commit (self->store, NULL));
}

/* The other things that are to go. */
static gint64
fill_others (Scratch *self, guint peer, const char *mark)
{
  KhNewTransfer transfer = { .peer = scratch_peer (peer),
                             .id = scratch_id (7),
                             .direction = KH_STORE_INCOMING,
                             .name = mark };
  KhNewEntry entry = { .kind = KH_TREE_FILE,
                       .parent = KH_TREE_NONE,
                       .name = mark,
                       .name_len = strlen (mark),
                       .place = mark };
  g_autoptr (GBytes) report = g_bytes_new (mark, strlen (mark));
  gint64 seq = 0;

  g_assert_true (kh_transfers_add (self->store, &transfer, &seq, NULL));
  g_assert_true (kh_entries_add (self->store, seq, &entry, 1, NULL));
  g_assert_true (kh_transfers_set_listed (self->store, seq, 1, 1, 10, NULL));
  g_assert_true (kh_transfers_accept (self->store, seq, mark, NULL));
  g_assert_true (
      kh_transfers_finish (self->store, seq, KH_STORED_TRANSFER_FAILED, 3, 5, NULL));
  g_assert_true (kh_notes_add (self->store, scratch_peer (peer), KH_STORED_NOTE_RENAMED,
                               mark, 5, NULL, NULL));
  g_assert_true (kh_attempts_add (self->store, scratch_peer (peer), 5, report, 9, NULL));
  g_assert_true (
      kh_conversations_set_draft (self->store, scratch_peer (peer), mark, NULL));
  return seq;
}

static guint
count_things (Scratch *self, guint peer)
{
  g_autoptr (GPtrArray) things
      = kh_things_page (self->store, scratch_peer (peer), 0, 9999, NULL);

  g_assert_nonnull (things);
  return things->len;
}

static guint
search (Scratch *self, const char *text)
{
  g_autoptr (GPtrArray) hits
      = kh_search_find (self->store, NULL, text, 0, 99999, NULL, NULL, NULL);

  g_assert_nonnull (hits);
  return hits->len;
}

/* Three letters of MARK are in the index. */
static gboolean
index_knows_mark (Scratch *self)
{
  sqlite3_stmt *stmt;
  gboolean known;

  g_assert_cmpint (sqlite3_exec (self->store->db,
                                 "CREATE VIRTUAL TABLE IF NOT EXISTS temp.words"
                                 " USING fts5vocab (main, search, row)",
                                 NULL, NULL, NULL),
                   ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_prepare_v2 (self->store->db,
                                       "SELECT 1 FROM words WHERE term = 'zxj'", -1,
                                       &stmt, NULL),
                   ==, SQLITE_OK);
  known = sqlite3_step (stmt) == SQLITE_ROW;
  g_assert_cmpint (sqlite3_finalize (stmt), ==, SQLITE_OK);
  return known;
}

static void
test_nothing_of_a_peer_is_left_in_the_files (Scratch *self, gconstpointer unused)
{
  gint64 transfer;

  (void)unused;
  fill (self, 1500);
  fill_others (self, 2, "stays");
  transfer = fill_others (self, 1, MARK);
  g_assert_cmpuint (search (self, MARK), ==, 1501);
  g_assert_cmpuint (count_in_files (self, MARK), >, 1500);
  g_assert_true (index_knows_mark (self));
  g_assert_true (kh_forget_history (self->store, scratch_peer (1), 2000, NULL));
  g_assert_false (index_knows_mark (self));
  g_assert_cmpuint (count_in_files (self, MARK), ==, 0);
  g_assert_cmpuint (count_things (self, 1), ==, 0);
  g_assert_cmpuint (count_things (self, 2), ==, 1502);
  g_assert_cmpuint (search (self, MARK), ==, 0);
  g_assert_cmpuint (search (self, "stays"), ==, 1501);
  /* The transfer is known by its id, should it be offered again. */
  {
    g_autoptr (KhStoredTransfer) stored = scratch_get_transfer (self, transfer);
    g_autoptr (GPtrArray) list
        = kh_transfers_list (self->store, scratch_peer (1), 0, 9, NULL);

    g_assert_true (stored->forgotten);
    g_assert_cmpint (stored->state, ==, KH_STORED_TRANSFER_FAILED);
    g_assert_cmpuint (stored->status, ==, 3);
    g_assert_cmpuint (list->len, ==, 0);
    g_assert_false (kh_transfers_reopen (self->store, transfer, NULL));
  }
  scratch_reopen (self);
  g_assert_cmpuint (count_in_files (self, MARK), ==, 0);
}

static int
count_free_pages (Scratch *self)
{
  sqlite3_stmt *stmt;
  int n;

  g_assert_cmpint (
      sqlite3_prepare_v2 (self->store->db, "PRAGMA freelist_count", -1, &stmt, NULL), ==,
      SQLITE_OK);
  g_assert_cmpint (sqlite3_step (stmt), ==, SQLITE_ROW);
  n = sqlite3_column_int (stmt, 0);
  g_assert_cmpint (sqlite3_finalize (stmt), ==, SQLITE_OK);
  return n;
}

/* Rows that SQLite moves leave copies in the free part of pages, now and then. */
static void
test_moved_rows_leave_no_copies (Scratch *self, gconstpointer unused)
{
  (void)unused;
  for (guint round = 0; round < 40; round++)
    {
      fill (self, 100);
      g_assert_true (kh_forget_history (self->store, scratch_peer (1), 2000, NULL));
      g_assert_cmpuint (count_in_files (self, MARK), ==, 0);
      g_assert_cmpint (count_free_pages (self), ==, 0);
      g_assert_true (kh_forget_history (self->store, NULL, 40 * DAY_MS, NULL));
      g_assert_cmpuint (count_in_files (self, "stays"), ==, 0);
    }
}

/* As when there is no room: who reads in the same process is in the way. */
static void
test_what_cannot_be_wiped_now_is_wiped_at_the_end (Scratch *self, gconstpointer unused)
{
  sqlite3_stmt *reading;

  (void)unused;
  fill (self, 200);
  g_assert_cmpint (sqlite3_prepare_v2 (self->store->db, "SELECT seq FROM messages", -1,
                                       &reading, NULL),
                   ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_step (reading), ==, SQLITE_ROW);
  g_assert_true (kh_forget_history (self->store, scratch_peer (1), 2000, NULL));
  g_assert_cmpuint (search (self, MARK), ==, 0);
  g_assert_cmpint (sqlite3_finalize (reading), ==, SQLITE_OK);
  g_assert_cmpint (count_free_pages (self), >, 0);
  scratch_reopen (self);
  g_assert_cmpint (count_free_pages (self), ==, 0);
  g_assert_cmpuint (count_in_files (self, MARK), ==, 0);
}

static void
test_nothing_of_anybody_is_left_in_the_files (Scratch *self, gconstpointer unused)
{
  g_autoptr (GPtrArray) conversations = NULL;

  (void)unused;
  fill (self, 600);
  fill_others (self, 1, MARK);
  fill_others (self, 2, "stays");
  g_assert_cmpuint (search (self, MARK), ==, 601);
  g_assert_true (kh_forget_history (self->store, NULL, 2000, NULL));
  g_assert_cmpuint (count_in_files (self, MARK), ==, 0);
  g_assert_cmpuint (count_in_files (self, "stays"), ==, 0);
  conversations = kh_conversations_list (self->store, NULL);
  g_assert_cmpuint (conversations->len, ==, 0);
}

/* The history goes in the middle of a batch: with its end. */
static void
test_log_is_empty_after_the_batch (Scratch *self, gconstpointer unused)
{
  (void)unused;
  fill (self, 50);
  g_assert_true (kh_store_batch_begin (self->store, NULL));
  g_assert_true (kh_forget_history (self->store, scratch_peer (1), 2000, NULL));
  scratch_receive (self, 2, 900, "stays");
  g_assert_cmpuint (count_in_files (self, MARK), >, 0);
  g_assert_true (kh_store_batch_commit (self->store, NULL));
  g_assert_cmpuint (count_in_files (self, MARK), ==, 0);
}

/* Who reads just now keeps the log; it goes with the first commit after that. */
static void
test_log_waits_for_a_reader (Scratch *self, gconstpointer unused)
{
  KhStore *reader;

  (void)unused;
  fill (self, 50);
  reader = kh_store_open_for_reading (self->folder, NULL);
  g_assert_true (kh_store_batch_begin (reader, NULL));
  g_assert_true (kh_forget_history (self->store, scratch_peer (1), 2000, NULL));
  g_assert_cmpuint (count_in_files (self, MARK), >, 0);
  kh_store_batch_rollback (reader);
  kh_store_close (reader);
  scratch_receive (self, 2, 900, "stays");
  g_assert_true (kh_store_batch_begin (self->store, NULL));
  g_assert_true (kh_store_batch_commit (self->store, NULL));
  g_assert_cmpuint (count_in_files (self, MARK), ==, 0);
}

static gboolean
comes_again (Scratch *self, guint peer, guint id)
{
  KhNewMessage copy = {
    .peer = scratch_peer (peer), .id = scratch_id (id), .text = "again", .keep = TRUE
  };
  gboolean is_new = FALSE;

  g_assert_true (kh_messages_add_incoming (self->store, &copy, &is_new, NULL));
  return is_new;
}

static void
test_copies_are_known_for_thirty_days (Scratch *self, gconstpointer unused)
{
  gint64 transfer;

  (void)unused;
  scratch_receive (self, 1, 1, "a");
  scratch_receive (self, 1, 2, "b");
  transfer = fill_others (self, 1, "x");
  /* Message 1 was stored at 1001. */
  g_assert_true (
      kh_forget_history (self->store, scratch_peer (1), 1002 + 30 * DAY_MS, NULL));
  g_assert_true (comes_again (self, 1, 1));
  g_assert_false (comes_again (self, 1, 2));
  g_assert_true (kh_forget_older_ids (self->store, 1002 + 30 * DAY_MS, NULL));
  g_assert_false (comes_again (self, 1, 2));
  g_assert_true (kh_forget_older_ids (self->store, 1003 + 30 * DAY_MS, NULL));
  g_assert_true (comes_again (self, 1, 2));
  {
    g_autoptr (KhStoredTransfer) stored = NULL;

    g_assert_true (kh_transfers_get (self->store, transfer, &stored, NULL));
    g_assert_null (stored);
  }
}

static void
test_what_has_not_ended_stays (Scratch *self, gconstpointer unused)
{
  g_autoptr (KhStoredConversation) conversation = NULL;
  gint64 open = scratch_transfer (self, 1, KH_STORE_INCOMING);
  gint64 ended = scratch_transfer (self, 2, KH_STORE_INCOMING);

  (void)unused;
  g_assert_true (
      kh_transfers_finish (self->store, ended, KH_STORED_TRANSFER_DONE, 0, 9, NULL));
  scratch_receive (self, 1, 3, "a");
  g_assert_true (kh_forget_history (self->store, scratch_peer (1), 2000, NULL));
  g_assert_cmpuint (count_things (self, 1), ==, 1);
  {
    g_autoptr (KhStoredTransfer) stored = scratch_get_transfer (self, open);

    g_assert_false (stored->forgotten);
  }
  conversation = scratch_conversation (self->store, 1);
  g_assert_cmpuint (conversation->n_unread, ==, 0);
}

static void
test_ended_transfers_alone_can_go (Scratch *self, gconstpointer unused)
{
  gint64 transfer = fill_others (self, 1, MARK);

  (void)unused;
  scratch_receive (self, 1, 1, "a");
  g_assert_true (kh_forget_ended_transfers (self->store, NULL, 2000, NULL));
  g_assert_cmpuint (count_things (self, 1), ==, 2);
  {
    g_autoptr (KhStoredTransfer) stored = scratch_get_transfer (self, transfer);
    guint64 bytes = 0;

    g_assert_true (stored->forgotten);
    g_assert_cmpstr (stored->name, ==, "");
    /* What a peer has sent today still counts. */
    g_assert_true (
        kh_transfers_sum_incoming (self->store, scratch_peer (1), 0, &bytes, NULL));
    g_assert_cmpuint (bytes, ==, 10 + KH_TRANSFERS_ENTRY_BYTES);
  }
}

static void
test_only_what_waits_is_taken_back (Scratch *self, gconstpointer unused)
{
  gboolean was_queued = FALSE;

  (void)unused;
  scratch_send (self, 1, 1, MARK);
  scratch_receive (self, 1, 2, "a");
  g_assert_true (kh_forget_queued_message (self->store, scratch_peer (1), scratch_id (2),
                                           &was_queued, NULL));
  g_assert_false (was_queued);
  g_assert_true (kh_forget_queued_message (self->store, scratch_peer (2), scratch_id (1),
                                           &was_queued, NULL));
  g_assert_false (was_queued);
  g_assert_true (kh_forget_queued_message (self->store, scratch_peer (1), scratch_id (1),
                                           &was_queued, NULL));
  g_assert_true (was_queued);
  g_assert_cmpuint (count_in_files (self, MARK), ==, 0);
  g_assert_cmpuint (count_things (self, 1), ==, 1);
  scratch_send (self, 1, 3, "b");
  g_assert_true (kh_messages_mark_delivered (self->store, scratch_peer (1),
                                             scratch_id (3), NULL, NULL));
  g_assert_true (kh_forget_queued_message (self->store, scratch_peer (1), scratch_id (3),
                                           &was_queued, NULL));
  g_assert_false (was_queued);
  g_assert_cmpuint (count_things (self, 1), ==, 2);
}

/* Who sends asks for what came after the last one that it knows. */
static void
test_a_place_is_not_given_again (Scratch *self, gconstpointer unused)
{
  gint64 last = 0;

  (void)unused;
  for (guint i = 1; i <= 4; i++)
    {
      g_autoptr (GPtrArray) waiting = NULL;

      scratch_send (self, 1, i, "a");
      waiting = kh_messages_pending (self->store, scratch_peer (1), last, 9, NULL);
      g_assert_cmpuint (waiting->len, ==, 1);
      last = ((KhStoredMessage *)waiting->pdata[0])->seq;
      if (i % 2 == 0)
        g_assert_true (kh_forget_history (self->store, NULL, 2000, NULL));
      else
        g_assert_true (kh_forget_queued_message (self->store, scratch_peer (1),
                                                 scratch_id (i), NULL, NULL));
    }
}

static void
test_contacts_stay (Scratch *self, gconstpointer unused)
{
  g_autoptr (KhStoredContact) added
      = kh_contacts_add (self->store, scratch_peer (1), "al", "al", 5, NULL);
  g_autoptr (KhStoredContact) contact = NULL;

  (void)unused;
  g_assert_true (kh_forget_history (self->store, NULL, 2000, NULL));
  g_assert_true (kh_contacts_get (self->store, scratch_peer (1), &contact, NULL));
  g_assert_nonnull (contact);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  SCRATCH_ADD ("/forget/nothing-of-a-peer-is-left-in-the-files",
               test_nothing_of_a_peer_is_left_in_the_files);
  SCRATCH_ADD ("/forget/nothing-of-anybody-is-left-in-the-files",
               test_nothing_of_anybody_is_left_in_the_files);
  SCRATCH_ADD ("/forget/moved-rows-leave-no-copies", test_moved_rows_leave_no_copies);
  SCRATCH_ADD ("/forget/what-cannot-be-wiped-now-is-wiped-at-the-end",
               test_what_cannot_be_wiped_now_is_wiped_at_the_end);
  SCRATCH_ADD ("/forget/log-is-empty-after-the-batch", test_log_is_empty_after_the_batch);
  SCRATCH_ADD ("/forget/log-waits-for-a-reader", test_log_waits_for_a_reader);
  SCRATCH_ADD ("/forget/copies-are-known-for-thirty-days",
               test_copies_are_known_for_thirty_days);
  SCRATCH_ADD ("/forget/what-has-not-ended-stays", test_what_has_not_ended_stays);
  SCRATCH_ADD ("/forget/ended-transfers-alone-can-go", test_ended_transfers_alone_can_go);
  SCRATCH_ADD ("/forget/only-what-waits-is-taken-back",
               test_only_what_waits_is_taken_back);
  SCRATCH_ADD ("/forget/a-place-is-not-given-again", test_a_place_is_not_given_again);
  SCRATCH_ADD ("/forget/contacts-stay", test_contacts_stay);
  return g_test_run ();
}
