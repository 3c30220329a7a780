/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "channel-ends.h"

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
  begin_against_peer (fixture,
                      (KhChannelSetup){ .ping_after_us = 20000, .lost_after_us = 50000 });
  RUN_UNTIL (fixture->a.closed);
  g_assert_cmpint (fixture->a.end, ==, KH_CHANNEL_END_SILENT);
  g_assert_cmpuint (peer_read (fixture->peer), ==, KH_FRAME_PING);
}

/* On a slow path full of pieces an answer is long in coming; as long as the pieces
 * are taken, nobody is silent. And then this peer is. */
static void
test_a_peer_that_takes_pieces_is_not_silent (Fixture *fixture, gconstpointer data)
{
  const gint64 lost_after_us = 400000;
  gint64 until_us = g_get_monotonic_time () + 3 * lost_after_us;

  g_assert_true (g_file_set_contents (fixture->source, "", 0, NULL));
  g_assert_cmpint (truncate (fixture->source, (off_t)1 << 40), ==, 0);
  begin_against_peer (fixture, (KhChannelSetup){ .ping_after_us = 10000,
                                                 .lost_after_us = lost_after_us });
  send_file (fixture, 1);
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
  g_free (make_source (fixture, 100));
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  g_assert_true (receive_file (&fixture->a, fixture, 1, 100));
  kh_socket_close (fixture->peer->fd);
  fixture->peer->fd = KH_SOCKET_NONE;
  RUN_UNTIL (fixture->a.closed);
  g_assert_cmpint (fixture->a.end, ==, KH_CHANNEL_END_LOST);
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

  g_free (make_source (fixture, 32 << 20));
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  send_file (fixture, 1);
  g_assert_cmpuint (peer_read (fixture->peer), ==, KH_FRAME_PING);
  g_assert_cmpuint (peer_read (fixture->peer), ==, KH_FRAME_PIECE);
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

static void
test_freeing_while_a_file_comes (Fixture *fixture, gconstpointer data)
{
  g_free (make_source (fixture, 8 << 20));
  begin_both (fixture, (KhChannelSetup){ 0 });
  begin_file (fixture, 1, 8 << 20);
  fixture->b.free_on_event = TRUE;
  RUN_UNTIL (fixture->b.worker == NULL);
  /* Either it was whole, or the other end sees it go; tear_down() looks for
   * partial files. */
  RUN_UNTIL (fixture->a.closed);
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
  ADD ("/channel-worker/a-quiet-channel-stays-alive", test_a_quiet_channel_stays_alive);
  ADD ("/channel-worker/a-silent-peer-is-noticed", test_a_silent_peer_is_noticed);
  ADD ("/channel-worker/a-peer-that-takes-pieces-is-not-silent",
       test_a_peer_that_takes_pieces_is_not_silent);
  ADD ("/channel-worker/a-peer-that-dies-is-lost", test_a_peer_that_dies_is_lost);
  ADD ("/channel-worker/bye-says-why", test_bye_says_why);
  ADD ("/channel-worker/closing-while-a-file-runs", test_closing_while_a_file_runs);
  ADD ("/channel-worker/freeing-while-a-file-comes", test_freeing_while_a_file_comes);
  ADD ("/channel-worker/a-changed-record-ends-it", test_a_changed_record_ends_it);
  ADD ("/channel-worker/a-bad-frame-ends-it-and-a-strange-one-does-not",
       test_a_bad_frame_ends_it_and_a_strange_one_does_not);
  return g_test_run ();
}
