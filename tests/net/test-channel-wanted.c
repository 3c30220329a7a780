/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "channel-ends.h"

/* Of a file without anything in it: what is said meanwhile comes in time on a machine
 * that is busy, too. Nothing waits for the end of it. */
#define LONG_TO_HASH ((gsize)2 << 30)

static void
expect_want (Peer *peer, guint32 first, guint32 n, guint64 offset)
{
  const KhFrame *frame = peer_expect (peer, KH_FRAME_WANT);

  g_assert_cmpuint (frame->run.stream, ==, 5);
  g_assert_cmpuint (frame->run.first, ==, first);
  g_assert_cmpuint (frame->run.n, ==, n);
  g_assert_cmpuint (frame->run.offset, ==, offset);
}

static void
expect_hash (Peer *peer, guint32 entry, const void *bytes, gsize len)
{
  const guint8 transfer[KH_FRAME_ID_LEN] = { 5 };
  guint8 hash[KH_FRAME_HASH_LEN];
  const KhFrame *frame = peer_expect (peer, KH_FRAME_HASH);

  crypto_generichash (hash, sizeof hash, bytes, len, transfer, sizeof transfer);
  g_assert_cmpuint (frame->hash.stream, ==, 5);
  g_assert_cmpuint (frame->hash.file, ==, entry);
  g_assert_cmpmem (frame->hash.hash, sizeof hash, hash, sizeof hash);
}

/* What came of an entry in an earlier transfer with this number. */
static void
put_partial (Fixture *fixture, guint32 entry, const char *text)
{
  g_autofree char *path = NULL;

  partial_path (fixture, entry, 5, &path);
  scratch_write_text (fixture->target, path, text);
}

static void
put_there (Fixture *fixture, const char *path, const char *text)
{
  scratch_write_text (fixture->target, path, text);
  scratch_set_time (fixture->target, path, WHEN_MS);
}

static void
begin (Fixture *fixture, guint32 n)
{
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  open_resumed (&fixture->a, 5, 0);
  ask_for (&fixture->a, 5, 0, n);
}

static void
test_files_are_asked_for_in_runs (Fixture *fixture, gconstpointer data)
{
  const guint32 n = KH_FRAME_RUN_MAX + 10;
  Peer *peer;

  add_folder (fixture, "t");
  for (guint32 i = 0; i < n; i++)
    {
      g_autofree char *path = g_strdup_printf ("t/%u", i);

      add_text (fixture, path, "");
    }
  add_folder (fixture, "u");
  add_text (fixture, "u/a", "a");
  add_text (fixture, "u/b", "b");
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  peer = fixture->peer;
  open_incoming (&fixture->a, 5);
  ask_for (&fixture->a, 5, 0, fixture->tree->len);
  expect_want (peer, 1, KH_FRAME_RUN_MAX, 0);
  expect_want (peer, 1 + KH_FRAME_RUN_MAX, 10, 0);
  expect_want (peer, n + 2, 2, 0);
  peer_settle (peer);
  /* Folders are made here. */
  RUN_UNTIL (count_outcomes (&fixture->a) == 2);
  assert_outcome (&fixture->a, 0, KH_FRAME_STATUS_COMPLETE, false, NULL);
  assert_outcome (&fixture->a, n + 1, KH_FRAME_STATUS_COMPLETE, false, NULL);
  assert_arrived (fixture, n + 1);
}

static void
test_a_run_begins_and_ends_anywhere (Fixture *fixture, gconstpointer data)
{
  add_text (fixture, "a", "0123");
  add_text (fixture, "b", "0123");
  add_text (fixture, "c", "0123");
  add_text (fixture, "d", "0123");
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  open_incoming (&fixture->a, 5);
  ask_for (&fixture->a, 5, 0, 1);
  ask_for (&fixture->a, 5, 1, 1);
  ask_for (&fixture->a, 5, 3, 1);
  expect_want (fixture->peer, 0, 1, 0);
  expect_want (fixture->peer, 1, 1, 0);
  expect_want (fixture->peer, 3, 1, 0);
  peer_settle (fixture->peer);
}

/* Only folders have nothing to wait for, so nothing is waited for. */
static void
test_folders_alone_are_told_at_once (Fixture *fixture, gconstpointer data)
{
  gint64 begun_us;

  for (guint i = 0; i < 50; i++)
    {
      g_autofree char *path = g_strdup_printf ("%u", i);

      add_folder (fixture, path);
    }
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  open_incoming (&fixture->a, 5);
  begun_us = g_get_monotonic_time ();
  for (guint32 i = 0; i < 50; i++)
    {
      ask_for (&fixture->a, 5, i, 1);
      RUN_UNTIL (count_outcomes (&fixture->a) == i + 1);
    }
  g_assert_cmpint (g_get_monotonic_time () - begun_us, <, 50 * KH_CHANNEL_BATCH_US / 2);
}

/* So that nobody removes it later as if it had come. */
static void
test_a_folder_that_was_there_is_told_so (Fixture *fixture, gconstpointer data)
{
  add_folder (fixture, "t");
  add_folder (fixture, "t/u");
  add_folder (fixture, "t/v");
  add_folder (fixture, "w");
  scratch_make_folder (fixture->target, "t/v");
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  open_incoming (&fixture->a, 5);
  ask_for (&fixture->a, 5, 0, 4);
  RUN_UNTIL (count_outcomes (&fixture->a) == 4);
  assert_outcome (&fixture->a, 0, KH_FRAME_STATUS_COMPLETE, true, NULL);
  assert_outcome (&fixture->a, 1, KH_FRAME_STATUS_COMPLETE, false, NULL);
  assert_outcome (&fixture->a, 2, KH_FRAME_STATUS_COMPLETE, true, NULL);
  assert_outcome (&fixture->a, 3, KH_FRAME_STATUS_COMPLETE, false, NULL);
}

static void
test_a_folder_in_the_way_gives_a_number (Fixture *fixture, gconstpointer data)
{
  add_folder (fixture, "t");
  add_folder (fixture, "t/u");
  add_text (fixture, "t/u/a", "abc");
  put_there (fixture, "t", "in the way");
  begin (fixture, 3);
  expect_want (fixture->peer, 2, 1, 0);
  peer_piece (fixture->peer, 5, 2, 0, "abc", 3);
  peer_end (fixture->peer, 5, 2, 3, KH_FRAME_STATUS_COMPLETE);
  RUN_UNTIL (count_outcomes (&fixture->a) == 3);
  assert_outcome (&fixture->a, 0, KH_FRAME_STATUS_COMPLETE, false, "t (2)");
  assert_outcome (&fixture->a, 1, KH_FRAME_STATUS_COMPLETE, false, "t (2)/u");
  assert_outcome (&fixture->a, 2, KH_FRAME_STATUS_COMPLETE, false, "t (2)/u/a");
  scratch_assert_text (fixture->target, "t", "in the way");
}

/* --- A partial file ----------------------------------------------------------------- */

static void
test_a_part_is_asked_for_from_its_end (Fixture *fixture, gconstpointer data)
{
  add_text (fixture, "a", "xyz");
  add_text (fixture, "b", "0123456789");
  add_text (fixture, "c", "abc");
  put_partial (fixture, 1, "0123");
  begin (fixture, 3);
  expect_want (fixture->peer, 0, 1, 0);
  expect_want (fixture->peer, 1, 1, 4);
  expect_want (fixture->peer, 2, 1, 0);
  expect_hash (fixture->peer, 1, "0123", 4);
  peer_piece (fixture->peer, 5, 0, 0, "xyz", 3);
  peer_end (fixture->peer, 5, 0, 3, KH_FRAME_STATUS_COMPLETE);
  peer_piece (fixture->peer, 5, 1, 4, "456789", 6);
  peer_end (fixture->peer, 5, 1, 10, KH_FRAME_STATUS_COMPLETE);
  peer_piece (fixture->peer, 5, 2, 0, "abc", 3);
  peer_end (fixture->peer, 5, 2, 3, KH_FRAME_STATUS_COMPLETE);
  RUN_UNTIL (count_outcomes (&fixture->a) == 3);
  for (guint32 i = 0; i < 3; i++)
    assert_arrived (fixture, i);
  g_assert_cmpuint (count (&fixture->a, KH_CHANNEL_RESTARTED), ==, 0);
}

static void
test_a_part_in_a_numbered_folder_is_found (Fixture *fixture, gconstpointer data)
{
  const guint8 transfer[KH_FRAME_ID_LEN] = { 5 };
  char partial[KH_INCOMING_FILE_NAME_MAX + 1];
  g_autofree char *path = NULL;

  add_text (fixture, "t/a", "0123456789");
  put_there (fixture, "t", "in the way");
  kh_incoming_file_partial_name ("a", 0, transfer, partial);
  path = g_build_filename ("t (2)", partial, NULL);
  scratch_write_text (fixture->target, path, "0123");
  begin (fixture, 1);
  expect_want (fixture->peer, 0, 1, 4);
  expect_hash (fixture->peer, 0, "0123", 4);
  peer_piece (fixture->peer, 5, 0, 4, "456789", 6);
  peer_end (fixture->peer, 5, 0, 10, KH_FRAME_STATUS_COMPLETE);
  RUN_UNTIL (count_outcomes (&fixture->a) == 1);
  scratch_assert_text (fixture->target, "t (2)/a", "0123456789");
}

static void
test_a_part_that_differs_is_written_over (Fixture *fixture, gconstpointer data)
{
  add_text (fixture, "a", "0123456789");
  put_partial (fixture, 0, "XXXX");
  begin (fixture, 1);
  expect_want (fixture->peer, 0, 1, 4);
  expect_hash (fixture->peer, 0, "XXXX", 4);
  peer_begin (fixture->peer, 5, 0, 10);
  peer_piece (fixture->peer, 5, 0, 0, "0123456789", 10);
  peer_end (fixture->peer, 5, 0, 10, KH_FRAME_STATUS_COMPLETE);
  RUN_UNTIL (count_outcomes (&fixture->a) == 1);
  assert_arrived (fixture, 0);
  g_assert_cmpuint (count (&fixture->a, KH_CHANNEL_RESTARTED), ==, 1);
}

static void
test_all_of_it_may_be_there_but_for_its_name (Fixture *fixture, gconstpointer data)
{
  add_text (fixture, "a", "0123456789");
  put_partial (fixture, 0, "0123456789");
  begin (fixture, 1);
  expect_want (fixture->peer, 0, 1, 10);
  expect_hash (fixture->peer, 0, "0123456789", 10);
  peer_end (fixture->peer, 5, 0, 10, KH_FRAME_STATUS_COMPLETE);
  RUN_UNTIL (count_outcomes (&fixture->a) == 1);
  assert_outcome (&fixture->a, 0, KH_FRAME_STATUS_COMPLETE, false, NULL);
  assert_arrived (fixture, 0);
}

/* One that is longer than the file is of no use, nor is one of a new transfer looked
 * for. */
static void
test_parts_that_can_not_be_are_not_counted (Fixture *fixture, gconstpointer data)
{
  add_text (fixture, "a", "0123");
  add_text (fixture, "b", "0123");
  put_partial (fixture, 0, "01234");
  put_partial (fixture, 1, "01");
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  open_resumed (&fixture->a, 5, 0);
  ask_for (&fixture->a, 5, 0, 1);
  expect_want (fixture->peer, 0, 1, 0);
  kh_channel_worker_stop (fixture->a.worker, 5, false, false);
  peer_meet (fixture);
  open_incoming (&fixture->a, 5);
  ask_for (&fixture->a, 5, 1, 1);
  expect_want (fixture->peer, 1, 1, 0);
  peer_piece (fixture->peer, 5, 1, 0, "0123", 4);
  peer_end (fixture->peer, 5, 1, 4, KH_FRAME_STATUS_COMPLETE);
  RUN_UNTIL (count_outcomes (&fixture->a) == 1);
  assert_arrived (fixture, 1);
  fixture->keeps_partials = TRUE;
}

/* Not only that of the file on its way. */
static void
test_discarding_takes_all_parts_that_were_asked_for (Fixture *fixture, gconstpointer data)
{
  for (guint32 i = 0; i < 4; i++)
    {
      g_autofree char *path = g_strdup_printf ("t/%u", i);

      add_text (fixture, path, "0123");
      put_partial (fixture, i, "01");
    }
  begin (fixture, 4);
  for (guint32 i = 0; i < 4; i++)
    expect_want (fixture->peer, i, 1, 2);
  kh_channel_worker_stop (fixture->a.worker, 5, false, true);
  end_channel (fixture);
  g_assert_cmpuint (scratch_count (fixture->target, NULL), ==, 1);
}

/* Without the hash nobody can know that it is the same. */
static void
test_a_piece_before_the_hash_is_a_lie (Fixture *fixture, gconstpointer data)
{
  const gsize len = LONG_TO_HASH;
  g_autofree char *partial = NULL, *path = NULL;

  add_text (fixture, "a", "");
  entry_at (fixture, 0)->size = len + 10;
  partial_path (fixture, 0, 5, &partial);
  put_partial (fixture, 0, "");
  path = scratch_path (fixture->target, partial);
  scratch_truncate (path, (goffset)len);
  begin (fixture, 1);
  expect_want (fixture->peer, 0, 1, len);
  peer_piece (fixture->peer, 5, 0, len, "0123456789", 10);
  RUN_UNTIL (count (&fixture->a, KH_CHANNEL_STREAM_FAILED) == 1);
  g_assert_cmpuint (last (&fixture->a, KH_CHANNEL_STREAM_FAILED)->status, ==,
                    KH_FRAME_STATUS_SIZE_DIFFERS);
  g_assert_cmpuint (scratch_count (fixture->target, NULL), ==, 1);
  fixture->keeps_partials = TRUE;
}

/* And FILE_BEGIN while it is hashed spares the rest of it. */
static void
test_beginning_anew_while_it_is_hashed (Fixture *fixture, gconstpointer data)
{
  const gsize len = LONG_TO_HASH;
  g_autofree char *partial = NULL, *path = NULL;

  add_text (fixture, "a", "");
  add_text (fixture, "b", "0123");
  entry_at (fixture, 0)->size = len;
  partial_path (fixture, 0, 5, &partial);
  put_partial (fixture, 0, "");
  put_partial (fixture, 1, "01");
  path = scratch_path (fixture->target, partial);
  scratch_truncate (path, (goffset)len);
  begin (fixture, 2);
  expect_want (fixture->peer, 0, 1, len);
  peer_begin (fixture->peer, 5, 0, 3);
  expect_want (fixture->peer, 1, 1, 2);
  peer_piece (fixture->peer, 5, 0, 0, "abc", 3);
  peer_end (fixture->peer, 5, 0, 3, KH_FRAME_STATUS_COMPLETE);
  expect_hash (fixture->peer, 1, "01", 2);
  peer_end (fixture->peer, 5, 1, 0, KH_FRAME_STATUS_GONE);
  RUN_UNTIL (count_outcomes (&fixture->a) == 2);
  scratch_assert_text (fixture->target, "a", "abc");
  peer_settle (fixture->peer);
}

/* --- A file in its place ------------------------------------------------------------ */

/* Of the entries "a" and "b"; @b NULL: only of the first. */
static void
begin_there (Fixture *fixture, const char *b)
{
  guint32 n = b != NULL ? 2 : 1;

  entry_at (fixture, 0)->known_place = "a";
  if (b != NULL)
    entry_at (fixture, 1)->known_place = b;
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  open_incoming (&fixture->a, 5);
  ask_for (&fixture->a, 5, 0, n);
}

static void
test_what_is_there_and_the_same_is_not_sent (Fixture *fixture, gconstpointer data)
{
  add_text (fixture, "a", "0123");
  add_text (fixture, "b", "abcd");
  put_there (fixture, "a", "0123");
  put_there (fixture, "b", "other size");
  put_there (fixture, "b (2)", "abcd");
  begin_there (fixture, "b (2)");
  expect_want (fixture->peer, 0, 1, 4);
  expect_want (fixture->peer, 1, 1, 4);
  expect_hash (fixture->peer, 0, "0123", 4);
  expect_hash (fixture->peer, 1, "abcd", 4);
  peer_end (fixture->peer, 5, 0, 4, KH_FRAME_STATUS_COMPLETE);
  peer_end (fixture->peer, 5, 1, 4, KH_FRAME_STATUS_COMPLETE);
  RUN_UNTIL (count_outcomes (&fixture->a) == 2);
  assert_outcome (&fixture->a, 0, KH_FRAME_STATUS_COMPLETE, true, NULL);
  assert_outcome (&fixture->a, 1, KH_FRAME_STATUS_COMPLETE, true, "b (2)");
  g_assert_cmpuint (scratch_count (fixture->target, NULL), ==, 3);
}

/* Nothing else is looked at, whatever it looks like: it may be somebody else's. */
static void
test_only_the_known_place_is_looked_at (Fixture *fixture, gconstpointer data)
{
  add_text (fixture, "a", "0123");
  add_text (fixture, "b", "0123");
  add_text (fixture, "c/d", "0123");
  put_there (fixture, "a", "other size");
  put_there (fixture, "a (2)", "0123");
  put_there (fixture, "b", "0123");
  put_there (fixture, "b (2)", "other size");
  put_there (fixture, "c/d", "0123");
  if (!scratch_link (fixture->target, "c", "e"))
    return;
  entry_at (fixture, 0)->known_place = "a";
  entry_at (fixture, 1)->known_place = "b (2)";
  entry_at (fixture, 2)->known_place = "e/d";
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  open_incoming (&fixture->a, 5);
  ask_for (&fixture->a, 5, 0, 3);
  expect_want (fixture->peer, 0, 3, 0);
  peer_settle (fixture->peer);
}

/* Two of no bytes need no comparing; and where they are is where they should be. */
static void
test_empty_files_are_the_same_at_once (Fixture *fixture, gconstpointer data)
{
  add_text (fixture, "a", "");
  add_text (fixture, "b", "");
  put_there (fixture, "a", "");
  put_there (fixture, "b", "other");
  put_there (fixture, "b (2)", "");
  begin_there (fixture, "b (2)");
  RUN_UNTIL (count_outcomes (&fixture->a) == 2);
  assert_outcome (&fixture->a, 0, KH_FRAME_STATUS_COMPLETE, true, NULL);
  assert_outcome (&fixture->a, 1, KH_FRAME_STATUS_COMPLETE, true, "b (2)");
  peer_settle (fixture->peer);
}

static void
test_what_is_there_but_differs_is_kept (Fixture *fixture, gconstpointer data)
{
  add_text (fixture, "a", "0123");
  put_there (fixture, "a", "XXXX");
  begin_there (fixture, NULL);
  expect_want (fixture->peer, 0, 1, 4);
  expect_hash (fixture->peer, 0, "XXXX", 4);
  peer_begin (fixture->peer, 5, 0, 4);
  peer_piece (fixture->peer, 5, 0, 0, "0123", 4);
  peer_end (fixture->peer, 5, 0, 4, KH_FRAME_STATUS_COMPLETE);
  RUN_UNTIL (count_outcomes (&fixture->a) == 1);
  assert_outcome (&fixture->a, 0, KH_FRAME_STATUS_COMPLETE, false, "a (2)");
  g_assert_cmpuint (count (&fixture->a, KH_CHANNEL_RESTARTED), ==, 0);
  scratch_assert_text (fixture->target, "a", "XXXX");
  scratch_assert_text (fixture->target, "a (2)", "0123");
}

static void
test_pieces_of_what_is_there_are_a_lie (Fixture *fixture, gconstpointer data)
{
  add_text (fixture, "a", "0123");
  put_there (fixture, "a", "0123");
  begin_there (fixture, NULL);
  expect_want (fixture->peer, 0, 1, 4);
  expect_hash (fixture->peer, 0, "0123", 4);
  peer_piece (fixture->peer, 5, 0, 4, "4", 1);
  RUN_UNTIL (count (&fixture->a, KH_CHANNEL_STREAM_FAILED) == 1);
  g_assert_cmpuint (last (&fixture->a, KH_CHANNEL_STREAM_FAILED)->status, ==,
                    KH_FRAME_STATUS_SIZE_DIFFERS);
  g_assert_cmpuint (count_outcomes (&fixture->a), ==, 0);
  scratch_assert_text (fixture->target, "a", "0123");
  g_assert_cmpuint (scratch_count (fixture->target, NULL), ==, 1);
}

/* Stopping and failing must not remove what was there before. */
static void
test_discarding_leaves_what_was_there (Fixture *fixture, gconstpointer data)
{
  add_text (fixture, "a", "0123");
  add_text (fixture, "b", "0123");
  put_there (fixture, "a", "0123");
  put_there (fixture, "b", "0123");
  begin_there (fixture, "b");
  expect_want (fixture->peer, 0, 1, 4);
  peer_end (fixture->peer, 5, 0, 0, KH_FRAME_STATUS_GONE);
  RUN_UNTIL (count_outcomes (&fixture->a) == 1);
  kh_channel_worker_stop (fixture->a.worker, 5, false, true);
  expect_want (fixture->peer, 1, 1, 4);
  end_channel (fixture);
  scratch_assert_text (fixture->target, "a", "0123");
  scratch_assert_text (fixture->target, "b", "0123");
}

/* Taken away or made shorter after it was asked for: its hash fits nothing. */
static void
test_what_was_there_may_go (Fixture *fixture, gconstpointer data)
{
  const gsize len = 32 << 20;
  g_autofree char *a = scratch_path (fixture->target, "a");
  g_autofree char *b = scratch_path (fixture->target, "b");
  const guint8 nothing[KH_FRAME_HASH_LEN] = { 0 };

  add_text (fixture, "a", "");
  add_text (fixture, "b", "0123");
  entry_at (fixture, 0)->size = len;
  put_there (fixture, "a", "");
  scratch_truncate (a, (goffset)len);
  put_there (fixture, "b", "0123");
  scratch_set_time (fixture->target, "a", WHEN_MS);
  begin_there (fixture, "b");
  expect_want (fixture->peer, 0, 1, len);
  expect_want (fixture->peer, 1, 1, 4);
  g_assert_cmpint (g_unlink (b), ==, 0);
  scratch_truncate (a, 10);
  peer_expect (fixture->peer, KH_FRAME_HASH);
  if (memcmp (fixture->peer->got.hash.hash, nothing, sizeof nothing) != 0)
    {
      g_test_skip ("it was quicker");
      return;
    }
  g_assert_cmpuint (peer_expect (fixture->peer, KH_FRAME_HASH)->hash.file, ==, 1);
  g_assert_cmpmem (fixture->peer->got.hash.hash, sizeof nothing, nothing, sizeof nothing);
}

#define ADD_IT(name, function) ADD ("/channel-wanted/" name, function)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  ADD_IT ("files-are-asked-for-in-runs", test_files_are_asked_for_in_runs);
  ADD_IT ("a-run-begins-and-ends-anywhere", test_a_run_begins_and_ends_anywhere);
  ADD_IT ("folders-alone-are-told-at-once", test_folders_alone_are_told_at_once);
  ADD_IT ("a-folder-that-was-there-is-told-so", test_a_folder_that_was_there_is_told_so);
  ADD_IT ("a-folder-in-the-way-gives-a-number", test_a_folder_in_the_way_gives_a_number);
  ADD_IT ("a-part-is-asked-for-from-its-end", test_a_part_is_asked_for_from_its_end);
  ADD_IT ("a-part-in-a-numbered-folder-is-found",
          test_a_part_in_a_numbered_folder_is_found);
  ADD_IT ("a-part-that-differs-is-written-over",
          test_a_part_that_differs_is_written_over);
  ADD_IT ("all-of-it-may-be-there-but-for-its-name",
          test_all_of_it_may_be_there_but_for_its_name);
  ADD_IT ("parts-that-can-not-be-are-not-counted",
          test_parts_that_can_not_be_are_not_counted);
  ADD_IT ("discarding-takes-all-parts-that-were-asked-for",
          test_discarding_takes_all_parts_that_were_asked_for);
  ADD_IT ("a-piece-before-the-hash-is-a-lie", test_a_piece_before_the_hash_is_a_lie);
  ADD_IT ("beginning-anew-while-it-is-hashed", test_beginning_anew_while_it_is_hashed);
  ADD_IT ("what-is-there-and-the-same-is-not-sent",
          test_what_is_there_and_the_same_is_not_sent);
  ADD_IT ("empty-files-are-the-same-at-once", test_empty_files_are_the_same_at_once);
  ADD_IT ("only-the-known-place-is-looked-at", test_only_the_known_place_is_looked_at);
  ADD_IT ("what-is-there-but-differs-is-kept", test_what_is_there_but_differs_is_kept);
  ADD_IT ("pieces-of-what-is-there-are-a-lie", test_pieces_of_what_is_there_are_a_lie);
  ADD_IT ("discarding-leaves-what-was-there", test_discarding_leaves_what_was_there);
  ADD_IT ("what-was-there-may-go", test_what_was_there_may_go);
  return g_test_run ();
}
