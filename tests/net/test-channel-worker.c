/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../not-here.h"
#include "channel-ends.h"

#ifdef __linux__
#include <sys/resource.h>
#endif

static void
test_round_trips_are_measured (Fixture *fixture, gconstpointer data)
{
  begin_both (fixture, (KhChannelSetup){ 0 });
  kh_channel_worker_ping (fixture->a.worker);
  RUN_UNTIL (count (&fixture->a, KH_CHANNEL_ROUND_TRIP) == 1);
  g_assert_cmpint (last (&fixture->a, KH_CHANNEL_ROUND_TRIP)->rtt_us, >=, 0);
  g_assert_cmpint (last (&fixture->a, KH_CHANNEL_ROUND_TRIP)->rtt_us, <, 20000000);
  g_assert_cmpuint (fixture->b.events->len, ==, 0);
}

#ifdef __linux__
/* Threads of this process that go after this one. */
static guint
count_in_background (void)
{
  int own = getpriority (PRIO_PROCESS, 0);
  GDir *tasks = g_dir_open ("/proc/self/task", 0, NULL);
  const char *id;
  guint n = 0;

  g_assert_nonnull (tasks);
  while ((id = g_dir_read_name (tasks)) != NULL)
    n += getpriority (PRIO_PROCESS, (id_t)atoi (id)) > own ? 1 : 0;
  g_dir_close (tasks);
  return n;
}

static void
run_both (Fixture *fixture, bool background)
{
  begin_both (fixture, (KhChannelSetup){ .background = background });
  kh_channel_worker_ping (fixture->a.worker);
  RUN_UNTIL (count (&fixture->a, KH_CHANNEL_ROUND_TRIP) == 1);
}

static void
test_its_thread_goes_after_a_windows (Fixture *fixture, gconstpointer data)
{
  run_both (fixture, true);
  g_assert_cmpuint (count_in_background (), ==, 2);
}

static void
test_without_a_window_it_does_not (Fixture *fixture, gconstpointer data)
{
  run_both (fixture, false);
  g_assert_cmpuint (count_in_background (), ==, 0);
}

static void
add_tests_of_priority (void)
{
  ADD ("/channel-worker/its-thread-goes-after-a-windows",
       test_its_thread_goes_after_a_windows);
  ADD ("/channel-worker/without-a-window-it-does-not", test_without_a_window_it_does_not);
}

#else

static void
add_tests_of_priority (void)
{
  const char *reason = "what it counts is in /proc";

  add_not_here ("/channel-worker/its-thread-goes-after-a-windows", reason);
  add_not_here ("/channel-worker/without-a-window-it-does-not", reason);
}

#endif

static void
test_a_quiet_channel_stays_alive (Fixture *fixture, gconstpointer data)
{
  begin_both (fixture,
              (KhChannelSetup){ .ping_after_us = 10000, .lost_after_us = 20000000 });
  RUN_UNTIL (count (&fixture->a, KH_CHANNEL_ROUND_TRIP) >= 3
             || count (&fixture->b, KH_CHANNEL_ROUND_TRIP) >= 3);
  g_assert_false (fixture->a.closed || fixture->b.closed);
}

static void
test_a_silent_peer_is_noticed (Fixture *fixture, gconstpointer data)
{
  begin_against_peer (
      fixture, (KhChannelSetup){ .ping_after_us = 20000, .lost_after_us = 1000000 });
  RUN_UNTIL (fixture->a.closed);
  g_assert_cmpint (fixture->a.end, ==, KH_CHANNEL_END_SILENT);
  g_assert_cmpuint (peer_read (fixture->peer), ==, KH_FRAME_PING);
}

/* A file of that length that has nothing in it, of which the peer wants all. */
static void
begin_sending (Fixture *fixture, goffset size)
{
  g_autofree char *path = scratch_path (fixture->source, "file");

  add_text (fixture, "file", "");
  entry_at (fixture, 0)->size = (guint64)size;
  scratch_truncate (path, (goffset)size);
  scratch_set_time (fixture->source, "file", WHEN_MS);
  open_outgoing (&fixture->a, 1);
  peer_want (fixture, 1, 0, 1, 0);
}

/* On a slow path full of pieces an answer is long in coming; as long as the pieces
 * are taken, nobody is silent. And then this peer is. */
static void
test_a_peer_that_takes_pieces_is_not_silent (Fixture *fixture, gconstpointer data)
{
  const gint64 lost_after_us = 1000000;
  gint64 until_us = g_get_monotonic_time () + 3 * lost_after_us;

  begin_against_peer (fixture, (KhChannelSetup){ .ping_after_us = 10000,
                                                 .lost_after_us = lost_after_us });
  fixture->peer->tells_not = TRUE;
  /* So slow that it is not held back meanwhile. */
  kh_channel_worker_set_rate (fixture->a.worker, 400000);
  begin_sending (fixture, (goffset)1 << 40);
  while (g_get_monotonic_time () < until_us)
    g_assert_cmpuint (peer_read (fixture->peer), !=, 0);
  RUN_UNTIL (fixture->a.closed);
  /* Or the kernel's own patience ended first. */
  g_assert_true (fixture->a.end == KH_CHANNEL_END_SILENT
                 || fixture->a.end == KH_CHANNEL_END_LOST);
}

static void
test_a_peer_that_dies_is_lost (Fixture *fixture, gconstpointer data)
{
  add_text (fixture, "a", "abc");
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  open_incoming (&fixture->a, 1);
  ask_for (&fixture->a, 1, 0, 1);
  kh_socket_close (fixture->peer->fd);
  fixture->peer->fd = KH_SOCKET_NONE;
  RUN_UNTIL (fixture->a.closed);
  g_assert_cmpint (fixture->a.end, ==, KH_CHANNEL_END_LOST);
  /* What is asked for now is nothing. */
  ask_for (&fixture->a, 1, 0, 1);
  kh_channel_worker_stop (fixture->a.worker, 1, false, true);
  kh_channel_worker_close (fixture->a.worker, KH_FRAME_BYE_CLOSING);
}

static void
test_bye_says_why (Fixture *fixture, gconstpointer data)
{
  begin_both (fixture, (KhChannelSetup){ 0 });
  g_assert_true (send_message (&fixture->a, 1, 5));
  kh_channel_worker_close (fixture->a.worker, KH_FRAME_BYE_REPLACED);
  g_assert_true (send_message (&fixture->a, 2, 5)); /* too late */
  RUN_UNTIL (fixture->a.closed && fixture->b.closed);
  g_assert_cmpint (fixture->a.end, ==, KH_CHANNEL_END_OURS);
  g_assert_cmpint (fixture->b.end, ==, KH_CHANNEL_END_BYE);
  g_assert_cmpuint (last (&fixture->b, KH_CHANNEL_CLOSED)->reason, ==,
                    KH_FRAME_BYE_REPLACED);
  g_assert_cmpuint (fixture->b.frames->len, ==, 1);
}

/* The whole of what was begun goes out, then BYE, then the end. */
static void
test_closing_while_a_file_runs (Fixture *fixture, gconstpointer data)
{
  guint8 type;

  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  begin_sending (fixture, 32 << 20);
  peer_expect (fixture->peer, KH_FRAME_PIECE);
  kh_channel_worker_close (fixture->a.worker, KH_FRAME_BYE_CLOSING);
  while ((type = peer_read (fixture->peer)) == KH_FRAME_PIECE)
    ;
  g_assert_cmpuint (type, ==, KH_FRAME_BYE);
  g_assert_cmpuint (peer_read (fixture->peer), ==, 0);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_false (fixture->a.closed);
  kh_socket_shut_down (fixture->peer->fd);
  RUN_UNTIL (fixture->a.closed);
  g_assert_cmpint (fixture->a.end, ==, KH_CHANNEL_END_OURS);
}

/* What is whole has its name, and is told before the end. */
static void
test_closing_while_files_come (Fixture *fixture, gconstpointer data)
{
  add_text (fixture, "a", "abc");
  add_text (fixture, "b", "abc");
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  open_incoming (&fixture->a, 1);
  ask_for (&fixture->a, 1, 0, 2);
  peer_expect (fixture->peer, KH_FRAME_WANT);
  peer_piece (fixture->peer, 1, 0, 0, "abc", 3);
  peer_end (fixture->peer, 1, 0, 3, KH_FRAME_STATUS_COMPLETE);
  peer_piece (fixture->peer, 1, 1, 0, "ab", 2);
  peer_settle (fixture->peer);
  kh_channel_worker_close (fixture->a.worker, KH_FRAME_BYE_CLOSING);
  peer_expect (fixture->peer, KH_FRAME_BYE);
  peer_piece (fixture->peer, 1, 1, 2, "c", 1);
  peer_end (fixture->peer, 1, 1, 3, KH_FRAME_STATUS_COMPLETE);
  kh_socket_shut_down (fixture->peer->fd);
  RUN_UNTIL (fixture->a.closed);
  g_assert_cmpuint (count_outcomes (&fixture->a), ==, 1);
  assert_arrived (fixture, 0);
  g_assert_cmpuint (scratch_count (fixture->target, ".part"), ==, 1);
  fixture->keeps_partials = TRUE;
}

/* A peer that neither reads nor ends is left after a while. */
static void
test_a_farewell_ends (Fixture *fixture, gconstpointer data)
{
  gint64 begun_us;

  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  begin_sending (fixture, 32 << 20);
  begun_us = g_get_monotonic_time ();
  kh_channel_worker_close (fixture->a.worker, KH_FRAME_BYE_CLOSING);
  RUN_UNTIL (fixture->a.closed);
  g_assert_cmpint (fixture->a.end, ==, KH_CHANNEL_END_OURS);
  g_assert_cmpint (g_get_monotonic_time () - begun_us, >=, KH_CHANNEL_FAREWELL_US / 2);
}

static void
test_freeing_while_a_file_comes (Fixture *fixture, gconstpointer data)
{
  const gsize len = 8 << 20;
  g_autofree guint8 *bytes = make_bytes (len, 1);

  add_file (fixture, "a", bytes, len);
  begin_both (fixture, (KhChannelSetup){ 0 });
  open_outgoing (&fixture->a, 1);
  open_incoming (&fixture->b, 1);
  ask_for (&fixture->b, 1, 0, 1);
  fixture->b.free_on_event = TRUE;
  RUN_UNTIL (fixture->b.worker == NULL);
  RUN_UNTIL (fixture->a.closed);
  fixture->keeps_partials = TRUE;
}

/* With commands that were never begun. */
static void
test_freeing_at_once (Fixture *fixture, gconstpointer data)
{
  add_text (fixture, "a", "abc");
  for (guint i = 0; i < 100; i++)
    {
      begin_both (fixture, (KhChannelSetup){ 0 });
      open_outgoing (&fixture->a, 1);
      open_incoming (&fixture->b, 1);
      ask_for (&fixture->b, 1, 0, 1);
      send_items (&fixture->a, 1, 0, 1, 0);
      send_message (&fixture->a, 1, 100);
      kh_channel_worker_ping (fixture->a.worker);
      if (i % 3 == 1)
        kh_channel_worker_stop (fixture->b.worker, 1, false, true);
      if (i % 3 == 2)
        kh_channel_worker_close (fixture->b.worker, KH_FRAME_BYE_CLOSING);
      if (i % 2 == 1)
        g_main_context_iteration (NULL, FALSE);
      end_channel (fixture);
    }
  fixture->keeps_partials = TRUE;
}

static void
test_a_changed_record_ends_it (Fixture *fixture, gconstpointer data)
{
  guint8 bye[] = { KH_FRAME_BYE, 0 };
  gsize len;

  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  len = peer_seal (fixture->peer, bye, sizeof bye, fixture->peer->record);
  fixture->peer->record[2] ^= 1;
  write_all (fixture->peer->fd, fixture->peer->record, len);
  RUN_UNTIL (fixture->a.closed);
  g_assert_cmpint (fixture->a.end, ==, KH_CHANNEL_END_BAD);
}

static void
test_a_bad_frame_ends_it_and_a_strange_one_does_not (Fixture *fixture, gconstpointer data)
{
  guint8 strange[] = { 0x7f, 1, 2, 3 };
  guint8 bad[] = { KH_FRAME_PING, 1 };

  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  write_all (fixture->peer->fd, fixture->peer->record,
             peer_seal (fixture->peer, strange, sizeof strange, fixture->peer->record));
  peer_send (fixture->peer, &(KhFrame){ .type = KH_FRAME_PING, .cookie = 5 });
  g_assert_cmpuint (peer_read (fixture->peer), ==, KH_FRAME_PONG);
  write_all (fixture->peer->fd, fixture->peer->record,
             peer_seal (fixture->peer, bad, sizeof bad, fixture->peer->record));
  RUN_UNTIL (fixture->a.closed);
  g_assert_cmpint (fixture->a.end, ==, KH_CHANNEL_END_BAD);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  ADD ("/channel-worker/round-trips-are-measured", test_round_trips_are_measured);
  add_tests_of_priority ();
  ADD ("/channel-worker/a-quiet-channel-stays-alive", test_a_quiet_channel_stays_alive);
  ADD ("/channel-worker/a-silent-peer-is-noticed", test_a_silent_peer_is_noticed);
  ADD ("/channel-worker/a-peer-that-takes-pieces-is-not-silent",
       test_a_peer_that_takes_pieces_is_not_silent);
  ADD ("/channel-worker/a-peer-that-dies-is-lost", test_a_peer_that_dies_is_lost);
  ADD ("/channel-worker/bye-says-why", test_bye_says_why);
  ADD ("/channel-worker/closing-while-a-file-runs", test_closing_while_a_file_runs);
  ADD ("/channel-worker/closing-while-files-come", test_closing_while_files_come);
  ADD ("/channel-worker/a-farewell-ends", test_a_farewell_ends);
  ADD ("/channel-worker/freeing-while-a-file-comes", test_freeing_while_a_file_comes);
  ADD ("/channel-worker/freeing-at-once", test_freeing_at_once);
  ADD ("/channel-worker/a-changed-record-ends-it", test_a_changed_record_ends_it);
  ADD ("/channel-worker/a-bad-frame-ends-it-and-a-strange-one-does-not",
       test_a_bad_frame_ends_it_and_a_strange_one_does_not);
  return g_test_run ();
}
