/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../not-here.h"
#include "channel-ends.h"

#ifdef G_OS_UNIX
#include <sys/resource.h>
#include <sys/syscall.h>
#endif

#ifdef G_OS_UNIX
/* The time that fsync(), which takes the place of the system's, is made to take. */
static gulong sync_takes_us;

int
fsync (int fd)
{
  if (sync_takes_us > 0)
    g_usleep (sync_takes_us);
  return (int)syscall (SYS_fsync, fd);
}

#endif

/* A stream on which "a", of ten bytes, and "b", of three, are asked for. */
static void
begin_two (Fixture *fixture)
{
  add_text (fixture, "a", "0123456789");
  add_text (fixture, "b", "abc");
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  open_incoming (&fixture->a, 5);
  ask_for (&fixture->a, 5, 0, 2);
  peer_expect (fixture->peer, KH_FRAME_WANT);
}

static void
send_text (Peer *peer, guint32 stream, guint32 entry, const char *text)
{
  peer_piece (peer, stream, entry, 0, text, strlen (text));
  peer_end (peer, stream, entry, strlen (text), KH_FRAME_STATUS_COMPLETE);
}

/* Nothing of the stream counts any more, and nothing has its name that was not whole. */
static void
assert_failed (Fixture *fixture, KhFrameStatus status, guint n_named)
{
  RUN_UNTIL (count (&fixture->a, KH_CHANNEL_STREAM_FAILED) == 1);
  g_assert_cmpuint (last (&fixture->a, KH_CHANNEL_STREAM_FAILED)->status, ==, status);
  g_assert_cmpuint (last (&fixture->a, KH_CHANNEL_STREAM_FAILED)->stream, ==, 5);
  g_assert_cmpuint (count_outcomes (&fixture->a), ==, n_named);
  g_assert_cmpuint (scratch_count (fixture->target, NULL), ==,
                    n_named + scratch_count (fixture->target, ".part"));
  fixture->keeps_partials = TRUE; /* for a retry */

  /* What is still on its way does no harm, and the channel lives. */
  send_text (fixture->peer, 5, 1, "abc");
  peer_begin (fixture->peer, 5, 0, 10);
  peer_settle (fixture->peer);
  g_assert_cmpuint (count (&fixture->a, KH_CHANNEL_STREAM_FAILED), ==, 1);
  g_assert_false (fixture->a.closed);
}

static void
test_what_comes_whole_gets_its_name (Fixture *fixture, gconstpointer data)
{
  begin_two (fixture);
  peer_piece (fixture->peer, 5, 0, 0, "01234", 5);
  peer_piece (fixture->peer, 5, 0, 5, "56789", 5);
  peer_settle (fixture->peer);
  g_assert_false (scratch_exists (fixture->target, "a"));
  g_assert_cmpuint (scratch_count (fixture->target, ".part"), ==, 1);
  peer_end (fixture->peer, 5, 0, 10, KH_FRAME_STATUS_COMPLETE);
  send_text (fixture->peer, 5, 1, "abc");
  RUN_UNTIL (count_outcomes (&fixture->a) == 2);
  for (guint32 i = 0; i < 2; i++)
    {
      assert_outcome (&fixture->a, i, KH_FRAME_STATUS_COMPLETE, false, NULL);
      assert_arrived (fixture, i);
    }
}

/* --- Liars ------------------------------------------------------------------------ */

static void
lie_other_entry (Peer *peer)
{
  peer_piece (peer, 5, 1, 0, "abc", 3);
}

static void
lie_strange_entry (Peer *peer)
{
  peer_end (peer, 5, 77, 0, KH_FRAME_STATUS_COMPLETE);
}

static void
lie_twice (Peer *peer)
{
  peer_piece (peer, 5, 0, 0, "012", 3);
  peer_piece (peer, 5, 0, 0, "012", 3);
}

static void
lie_gap (Peer *peer)
{
  peer_piece (peer, 5, 0, 0, "012", 3);
  peer_piece (peer, 5, 0, 4, "4", 1);
}

static void
lie_gap_at_once (Peer *peer)
{
  peer_piece (peer, 5, 0, 1, "1", 1);
}

static void
lie_too_much (Peer *peer)
{
  peer_piece (peer, 5, 0, 0, "0123456789A", 11);
}

static void
lie_one_more (Peer *peer)
{
  peer_piece (peer, 5, 0, 0, "0123456789", 10);
  peer_piece (peer, 5, 0, 10, "A", 1);
}

static void
lie_far_away (Peer *peer)
{
  peer_piece (peer, 5, 0, KH_FRAME_SIZE_MAX - 1, "A", 1);
}

static void
lie_short (Peer *peer)
{
  peer_piece (peer, 5, 0, 0, "012345678", 9);
  peer_end (peer, 5, 0, 10, KH_FRAME_STATUS_COMPLETE);
}

static void
lie_empty (Peer *peer)
{
  peer_end (peer, 5, 0, 0, KH_FRAME_STATUS_COMPLETE);
}

static void
lie_wrong_size (Peer *peer)
{
  peer_piece (peer, 5, 0, 0, "0123456789", 10);
  peer_end (peer, 5, 0, 9, KH_FRAME_STATUS_COMPLETE);
}

static void
lie_ended_again (Peer *peer)
{
  peer_end (peer, 5, 0, 0, KH_FRAME_STATUS_GONE);
  peer_end (peer, 5, 0, 0, KH_FRAME_STATUS_GONE);
}

static void
lie_begin_of_another (Peer *peer)
{
  peer_begin (peer, 5, 1, 3);
}

static void
lie_after_begin (Peer *peer)
{
  peer_piece (peer, 5, 0, 0, "0123", 4);
  peer_begin (peer, 5, 0, 5);
  peer_piece (peer, 5, 0, 4, "4", 1);
}

static void (*const lies[]) (Peer *peer) = {
  lie_other_entry, lie_strange_entry,    lie_twice,       lie_gap,   lie_gap_at_once,
  lie_too_much,    lie_one_more,         lie_far_away,    lie_short, lie_empty,
  lie_wrong_size,  lie_begin_of_another, lie_after_begin,
};

static void
test_a_liar_ends_its_stream (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      g_test_message ("lie %u", i);
      begin_two (fixture);
      lies[i](fixture->peer);
      assert_failed (fixture, KH_FRAME_STATUS_SIZE_DIFFERS, 0);
      end_channel (fixture);
      g_array_set_size (fixture->tree, 0);
      scratch_free (g_steal_pointer (&fixture->target));
      fixture->target = scratch_path (fixture->folder, "target");
      scratch_make_folder (fixture->folder, "target");
    }
}

/* What was whole before is told before, and stays. */
static void
test_what_was_whole_before_a_lie_stays (Fixture *fixture, gconstpointer data)
{
  begin_two (fixture);
  send_text (fixture->peer, 5, 0, "0123456789");
  peer_piece (fixture->peer, 5, 1, 0, "abcd", 4);
  assert_failed (fixture, KH_FRAME_STATUS_SIZE_DIFFERS, 1);
  assert_arrived (fixture, 0);
  g_assert_true (last (&fixture->a, KH_CHANNEL_RESULTS)
                 < last (&fixture->a, KH_CHANNEL_STREAM_FAILED));
}

static void
test_an_end_that_comes_twice_ends_the_stream (Fixture *fixture, gconstpointer data)
{
  begin_two (fixture);
  lie_ended_again (fixture->peer);
  RUN_UNTIL (count (&fixture->a, KH_CHANNEL_STREAM_FAILED) == 1);
  assert_outcome (&fixture->a, 0, KH_FRAME_STATUS_GONE, false, NULL);
}

static void
test_pieces_that_nobody_asked_for (Fixture *fixture, gconstpointer data)
{
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  open_incoming (&fixture->a, 5);
  peer_meet (fixture);
  peer_piece (fixture->peer, 5, 0, 0, "abc", 3);
  add_text (fixture, "a", "0123456789");
  assert_failed (fixture, KH_FRAME_STATUS_SIZE_DIFFERS, 0);
  /* Nor is there a stream for these. */
  peer_piece (fixture->peer, 6, 0, 0, "abc", 3);
  peer_settle (fixture->peer);
}

/* --- A source that changes --------------------------------------------------------- */

static void
begin_growing (Fixture *fixture, guint64 growth)
{
  add_text (fixture, "a", "0123456789");
  add_text (fixture, "b", "abc");
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  open_resumed (&fixture->a, 5, growth);
  ask_for (&fixture->a, 5, 0, 2);
  peer_expect (fixture->peer, KH_FRAME_WANT);
}

static void
test_a_source_that_changed_begins_again (Fixture *fixture, gconstpointer data)
{
  begin_growing (fixture, 5);
  peer_piece (fixture->peer, 5, 0, 0, "0123456", 7);
  peer_begin (fixture->peer, 5, 0, 15);
  peer_piece (fixture->peer, 5, 0, 0, "abc", 3);
  peer_begin (fixture->peer, 5, 0, 2);
  peer_piece (fixture->peer, 5, 0, 0, "xy", 2);
  peer_end (fixture->peer, 5, 0, 2, KH_FRAME_STATUS_COMPLETE);
  send_text (fixture->peer, 5, 1, "abc");
  RUN_UNTIL (count_outcomes (&fixture->a) == 2);
  scratch_assert_text (fixture->target, "a", "xy");
  scratch_assert_text (fixture->target, "b", "abc");
  g_assert_cmpuint (count (&fixture->a, KH_CHANNEL_RESTARTED), ==, 2);
  g_assert_cmpuint (last (&fixture->a, KH_CHANNEL_RESTARTED)->size, ==, 2);
}

/* And leaves nothing; the next file is taken. */
static void
test_a_source_that_grew_too_much_is_dropped (Fixture *fixture, gconstpointer data)
{
  begin_growing (fixture, 5);
  peer_piece (fixture->peer, 5, 0, 0, "0123456", 7);
  peer_begin (fixture->peer, 5, 0, 16);
  peer_piece (fixture->peer, 5, 0, 0, "0123456789ABCDEF", 16);
  peer_begin (fixture->peer, 5, 0, 3);
  peer_end (fixture->peer, 5, 0, 3, KH_FRAME_STATUS_COMPLETE);
  send_text (fixture->peer, 5, 1, "abc");
  RUN_UNTIL (count_outcomes (&fixture->a) == 2);
  assert_outcome (&fixture->a, 0, KH_FRAME_STATUS_GREW, false, NULL);
  assert_outcome (&fixture->a, 1, KH_FRAME_STATUS_COMPLETE, false, NULL);
  g_assert_cmpuint (scratch_count (fixture->target, NULL), ==, 1);
}

/* The growth of all files is one sum; the largest number there is does not wrap it. */
static void
test_growth_is_counted_together (Fixture *fixture, gconstpointer data)
{
  begin_growing (fixture, 5);
  peer_begin (fixture->peer, 5, 0, 13);
  peer_begin (fixture->peer, 5, 0, KH_FRAME_SIZE_MAX);
  peer_end (fixture->peer, 5, 0, 0, KH_FRAME_STATUS_CHANGED);
  peer_begin (fixture->peer, 5, 1, 6);
  peer_end (fixture->peer, 5, 1, 0, KH_FRAME_STATUS_COMPLETE);
  RUN_UNTIL (count_outcomes (&fixture->a) == 2);
  assert_outcome (&fixture->a, 1, KH_FRAME_STATUS_GREW, false, NULL);
}

static void
test_faults_of_the_sender_are_told_file_by_file (Fixture *fixture, gconstpointer data)
{
  static const guint8 statuses[]
      = { KH_FRAME_STATUS_SHRANK, KH_FRAME_STATUS_CHANGED, KH_FRAME_STATUS_UNREADABLE,
          KH_FRAME_STATUS_GONE, 200 };
  const guint32 n = G_N_ELEMENTS (statuses);

  for (guint32 i = 0; i < n; i++)
    {
      g_autofree char *path = g_strdup_printf ("%u", i);

      add_text (fixture, path, "abc");
    }
  add_text (fixture, "last", "abc");
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  open_incoming (&fixture->a, 5);
  ask_for (&fixture->a, 5, 0, n + 1);
  peer_expect (fixture->peer, KH_FRAME_WANT);
  for (guint32 i = 0; i < n; i++)
    {
      if (i % 2 == 0)
        peer_piece (fixture->peer, 5, i, 0, "ab", 2);
      peer_end (fixture->peer, 5, i, i % 2 == 0 ? 2 : 0, statuses[i]);
    }
  send_text (fixture->peer, 5, n, "abc");
  RUN_UNTIL (count_outcomes (&fixture->a) == n + 1);
  for (guint32 i = 0; i < n; i++)
    assert_outcome (&fixture->a, i, statuses[i], false, NULL);
  g_assert_cmpuint (scratch_count (fixture->target, NULL), ==, 1);
}

/* --- Stopping --------------------------------------------------------------------- */

/* One file whole, one in the middle, and then it is stopped. */
static void
stop_in_the_middle (Fixture *fixture, bool discard)
{
  begin_two (fixture);
  send_text (fixture->peer, 5, 0, "0123456789");
  peer_piece (fixture->peer, 5, 1, 0, "ab", 2);
  peer_settle (fixture->peer);
  kh_channel_worker_stop (fixture->a.worker, 5, false, discard);
  RUN_UNTIL (count_outcomes (&fixture->a) == 1);
  peer_meet (fixture);
  assert_arrived (fixture, 0);
  peer_piece (fixture->peer, 5, 1, 2, "c", 1);
  peer_settle (fixture->peer);
  g_assert_cmpuint (count (&fixture->a, KH_CHANNEL_STREAM_FAILED), ==, 0);
  open_incoming (&fixture->a, 5);
  peer_meet (fixture);
}

static void
test_stopping_keeps_what_has_come (Fixture *fixture, gconstpointer data)
{
  g_autofree char *partial = NULL;

  stop_in_the_middle (fixture, false);
  partial_path (fixture, 1, 5, &partial);
  scratch_assert_text (fixture->target, partial, "ab");
  fixture->keeps_partials = TRUE;
}

static void
test_stopping_may_discard_it (Fixture *fixture, gconstpointer data)
{
  stop_in_the_middle (fixture, true);
  g_assert_cmpuint (scratch_count (fixture->target, NULL), ==, 1);
}

/* Also that in a folder that had to get a number. */
static void
test_discarding_finds_numbered_folders (Fixture *fixture, gconstpointer data)
{
  add_text (fixture, "t/a", "abc");
  scratch_write_text (fixture->target, "t", "in the way");
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  open_incoming (&fixture->a, 5);
  ask_for (&fixture->a, 5, 0, 1);
  peer_expect (fixture->peer, KH_FRAME_WANT);
  peer_piece (fixture->peer, 5, 0, 0, "ab", 2);
  peer_settle (fixture->peer);
  g_assert_cmpuint (scratch_count (fixture->target, ".part"), ==, 1);
  kh_channel_worker_stop (fixture->a.worker, 5, false, true);
  peer_meet (fixture);
}

/* What waits for its sync when the channel breaks is not lost. */
static void
test_a_lost_channel_names_what_is_whole (Fixture *fixture, gconstpointer data)
{
  begin_two (fixture);
  send_text (fixture->peer, 5, 0, "0123456789");
  peer_piece (fixture->peer, 5, 1, 0, "ab", 2);
  peer_settle (fixture->peer);
  kh_socket_close (fixture->peer->fd);
  fixture->peer->fd = KH_SOCKET_NONE;
  RUN_UNTIL (fixture->a.closed);
  assert_outcome (&fixture->a, 0, KH_FRAME_STATUS_COMPLETE, false, NULL);
  assert_arrived (fixture, 0);
  fixture->keeps_partials = TRUE;
}

/* --- The disk --------------------------------------------------------------------- */

static void
test_a_folder_that_is_none_fails_the_stream (Fixture *fixture, gconstpointer data)
{
  scratch_free (g_steal_pointer (&fixture->target));
  fixture->target = scratch_path (fixture->folder, "target");
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  open_incoming (&fixture->a, 5);
  RUN_UNTIL (count (&fixture->a, KH_CHANNEL_STREAM_FAILED) == 1);
  g_assert_cmpuint (last (&fixture->a, KH_CHANNEL_STREAM_FAILED)->status, ==,
                    KH_FRAME_STATUS_NOT_WRITABLE);
  scratch_make_folder (fixture->folder, "target");
  open_incoming (&fixture->a, 5);
}

/* One file can't be written: the others can. */
static void
test_a_file_that_can_not_be_written_is_alone (Fixture *fixture, gconstpointer data)
{
  g_autofree char *partial = NULL;

  add_text (fixture, "a", "0123456789");
  add_text (fixture, "b", "abc");
  partial_path (fixture, 0, 5, &partial);
  scratch_make_folder (fixture->target, partial);
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  open_incoming (&fixture->a, 5);
  ask_for (&fixture->a, 5, 0, 2);
  peer_expect (fixture->peer, KH_FRAME_WANT);
  peer_piece (fixture->peer, 5, 0, 0, "0123456", 7);
  peer_piece (fixture->peer, 5, 0, 7, "789", 3);
  peer_end (fixture->peer, 5, 0, 10, KH_FRAME_STATUS_COMPLETE);
  send_text (fixture->peer, 5, 1, "abc");
  RUN_UNTIL (count_outcomes (&fixture->a) == 2);
  g_assert_cmpuint (outcome_of (&fixture->a, 0)->status, >=, KH_FRAME_STATUS_DISK_FULL);
  assert_arrived (fixture, 1);
  fixture->keeps_partials = TRUE; /* the folder */
}

#define ADD_IT(name, function) ADD ("/channel-incoming/" name, function)

#ifdef G_OS_UNIX

/* Sends 8 MiB to a disk of 20; returns what came of it. */
static int
fill_a_small_disk (gpointer data)
{
  Fixture *fixture = data;
  const gsize len = 8 << 20;
  g_autofree guint8 *bytes = make_bytes (len, 1);
  g_autofree char *partial = NULL;
  g_autofree char *path = NULL;
  GStatBuf info;

  add_file (fixture, "a", bytes, len);
  begin_both (fixture, (KhChannelSetup){ 0 });
  open_outgoing (&fixture->a, 5);
  open_incoming (&fixture->b, 5);
  ask_for (&fixture->b, 5, 0, 1);
  RUN_UNTIL (count (&fixture->b, KH_CHANNEL_STREAM_FAILED) == 1
             || count_outcomes (&fixture->b) == 1);
  if (count_outcomes (&fixture->b) == 1)
    return 1;
  /* What has come stays, and so do the last 16 MiB. */
  partial_path (fixture, 0, 5, &partial);
  path = scratch_path (fixture->target, partial);
  if (g_stat (path, &info) < 0 || info.st_size < (3 << 20) || info.st_size > (4 << 20))
    return 2;
  return last (&fixture->b, KH_CHANNEL_STREAM_FAILED)->status;
}

/* Many empty files come in one turn: each is open until it is synced. */
static void
test_a_thousand_empty_files_need_few_descriptors (Fixture *fixture, gconstpointer data)
{
  const guint32 n = KH_FRAME_RUN_MAX;
  struct rlimit before, low;

  for (guint32 i = 0; i < n; i++)
    {
      g_autofree char *path = g_strdup_printf ("%u", i);

      add_text (fixture, path, "");
    }
  begin_both (fixture, (KhChannelSetup){ 0 });
  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &before), ==, 0);
  low = before;
  low.rlim_cur = KH_INCOMING_BATCH_MAX + 100;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &low), ==, 0);
  open_outgoing (&fixture->a, 5);
  open_incoming (&fixture->b, 5);
  ask_for (&fixture->b, 5, 0, n);
  RUN_UNTIL (count_outcomes (&fixture->b) == n);
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &before), ==, 0);
  for (guint32 i = 0; i < n; i++)
    assert_outcome (&fixture->b, i, KH_FRAME_STATUS_COMPLETE, false, NULL);
}

/* What came at once need not be on the disk at once. */
static void
test_a_slow_disk_holds_up_no_message (Fixture *fixture, gconstpointer data)
{
  const guint32 n = KH_FRAME_RUN_MAX;

  for (guint32 i = 0; i < n; i++)
    {
      g_autofree char *path = g_strdup_printf ("%u", i);

      add_text (fixture, path, "");
    }
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  open_incoming (&fixture->a, 5);
  ask_for (&fixture->a, 5, 0, n);
  peer_expect (fixture->peer, KH_FRAME_WANT);
  sync_takes_us = 4000; /* all of them 4 s */
  for (guint32 i = 0; i < n; i++)
    peer_end (fixture->peer, 5, i, 0, KH_FRAME_STATUS_COMPLETE);
  RUN_UNTIL (count_outcomes (&fixture->a) > 0);
  peer_meet (fixture);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (count_outcomes (&fixture->a), <, n);
  sync_takes_us = 0;
  RUN_UNTIL (count_outcomes (&fixture->a) == n);
}

static void
test_a_full_disk_ends_the_stream_and_keeps_its_parts (Fixture *fixture,
                                                      gconstpointer data)
{
  scratch_assert_on_small_disk (fixture->target, "20m", fill_a_small_disk, fixture,
                                KH_FRAME_STATUS_DISK_FULL);
}

static void
add_tests_of_unix (void)
{
  ADD_IT ("a-thousand-empty-files-need-few-descriptors",
          test_a_thousand_empty_files_need_few_descriptors);
  ADD_IT ("a-slow-disk-holds-up-no-message", test_a_slow_disk_holds_up_no_message);
  ADD_IT ("a-full-disk-ends-the-stream-and-keeps-its-parts",
          test_a_full_disk_ends_the_stream_and_keeps_its_parts);
}

#else

static void
add_tests_of_unix (void)
{
  add_not_here ("/channel-incoming/a-thousand-empty-files-need-few-descriptors",
                "there is no limit of descriptors");
  add_not_here ("/channel-incoming/a-slow-disk-holds-up-no-message",
                "nothing takes the place of what syncs");
  add_not_here ("/channel-incoming/a-full-disk-ends-the-stream-and-keeps-its-parts",
                "a small disk can't be mounted here");
}

#endif

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  ADD_IT ("what-comes-whole-gets-its-name", test_what_comes_whole_gets_its_name);
  ADD_IT ("a-liar-ends-its-stream", test_a_liar_ends_its_stream);
  ADD_IT ("what-was-whole-before-a-lie-stays", test_what_was_whole_before_a_lie_stays);
  ADD_IT ("an-end-that-comes-twice-ends-the-stream",
          test_an_end_that_comes_twice_ends_the_stream);
  ADD_IT ("pieces-that-nobody-asked-for", test_pieces_that_nobody_asked_for);
  ADD_IT ("a-source-that-changed-begins-again", test_a_source_that_changed_begins_again);
  ADD_IT ("a-source-that-grew-too-much-is-dropped",
          test_a_source_that_grew_too_much_is_dropped);
  ADD_IT ("growth-is-counted-together", test_growth_is_counted_together);
  ADD_IT ("faults-of-the-sender-are-told-file-by-file",
          test_faults_of_the_sender_are_told_file_by_file);
  ADD_IT ("stopping-keeps-what-has-come", test_stopping_keeps_what_has_come);
  ADD_IT ("stopping-may-discard-it", test_stopping_may_discard_it);
  ADD_IT ("discarding-finds-numbered-folders", test_discarding_finds_numbered_folders);
  ADD_IT ("a-lost-channel-names-what-is-whole", test_a_lost_channel_names_what_is_whole);
  ADD_IT ("a-folder-that-is-none-fails-the-stream",
          test_a_folder_that_is_none_fails_the_stream);
  ADD_IT ("a-file-that-can-not-be-written-is-alone",
          test_a_file_that_can_not_be_written_is_alone);
  add_tests_of_unix ();
  return g_test_run ();
}
