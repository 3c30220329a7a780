/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "channel-ends.h"

static guint64
message_number (const End *end, guint at)
{
  gsize len;
  const guint8 *bytes = g_bytes_get_data (end->frames->pdata[at], &len);
  KhFrame frame;

  g_assert_cmpint (kh_frame_read (&frame, bytes, len), ==, KH_FRAME_GOOD);
  g_assert_cmpuint (frame.type, ==, KH_FRAME_MESSAGE);
  return frame.message.sent_at_ms;
}

static void
test_many_files_run_at_once (Fixture *fixture, gconstpointer data)
{
  KhOutgoingFile file;

  g_free (make_source (fixture, 300000));
  begin_both (fixture, (KhChannelSetup){ 0 });
  for (guint i = 0; i < KH_CHANNEL_STREAMS; i++)
    {
      g_assert_true (receive_file (&fixture->b, fixture, i, 300000));
      /* The same number again is refused. */
      g_assert_false (receive_file (&fixture->b, fixture, i, 300000));
    }
  RUN_UNTIL (fixture->a.frames->len == KH_CHANNEL_STREAMS);
  for (guint i = 0; i < KH_CHANNEL_STREAMS; i++)
    send_file (fixture, i);
  g_assert_true (kh_outgoing_file_open (&file, fixture->source, NULL));
  g_assert_false (kh_channel_worker_send_file (fixture->a.worker, 99, &file, 0));
  g_assert_cmpint (file.fd, >=, 0);
  kh_outgoing_file_close (&file);

  RUN_UNTIL (count (&fixture->a, KH_CHANNEL_FILE_DONE) == KH_CHANNEL_STREAMS);
  g_assert_cmpuint (count (&fixture->b, KH_CHANNEL_FILE_FAILED), ==, 0);
}

static void
test_frames_keep_their_order (Fixture *fixture, gconstpointer data)
{
  const guint n = 2000;
  guint sent = 0, heard = 0;

  begin_both (fixture, (KhChannelSetup){ 0 });
  while (sent < n)
    {
      if (send_message (&fixture->a, sent, 1 + sent % 3000))
        sent++;
      else
        g_main_context_iteration (NULL, TRUE);
    }
  RUN_UNTIL (fixture->b.frames->len == n);
  for (; heard < n; heard++)
    g_assert_cmpuint (message_number (&fixture->b, heard), ==, heard);
}

/* A message that is sent while a file fills the channel is behind no more of it
 * than the buffers on the way can hold. */
static void
test_a_message_overtakes_a_file (Fixture *fixture, gconstpointer data)
{
  const gsize size = 32 << 20;
  gsize before = 0;

  g_free (make_source (fixture, size));
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  send_file (fixture, 1);
  g_assert_cmpuint (peer_read (fixture->peer), ==, KH_FRAME_PING);
  for (guint i = 0; i < 40; i++)
    g_assert_cmpuint (peer_read (fixture->peer), ==, KH_FRAME_PIECE);
  g_assert_true (send_message (&fixture->a, 7, 10));
  while (peer_read (fixture->peer) == KH_FRAME_PIECE)
    before += fixture->peer->len;
  g_assert_cmpuint (fixture->peer->frame[0], ==, KH_FRAME_MESSAGE);
  g_assert_cmpuint (before, <, 1 << 20);
  kh_channel_worker_stop (fixture->a.worker, 1, true);
  RUN_UNTIL (count (&fixture->a, KH_CHANNEL_FILE_FAILED) == 1);
  g_assert_cmpuint (last (&fixture->a, KH_CHANNEL_FILE_FAILED)->status, ==,
                    KH_FRAME_STATUS_CANCELLED);
}

/* Reads pieces until FILE_END and returns its status. */
static guint8
read_to_file_end (Peer *peer)
{
  KhFrame frame;

  while (peer_read (peer) == KH_FRAME_PIECE)
    ;
  g_assert_cmpint (kh_frame_read (&frame, peer->frame, peer->len), ==, KH_FRAME_GOOD);
  g_assert_cmpuint (frame.type, ==, KH_FRAME_FILE_END);
  return frame.file.status;
}

static void
test_a_source_that_shrinks (Fixture *fixture, gconstpointer data)
{
  g_free (make_source (fixture, 32 << 20));
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  send_file (fixture, 1);
  g_assert_cmpuint (peer_read (fixture->peer), ==, KH_FRAME_PING);
  g_assert_cmpuint (peer_read (fixture->peer), ==, KH_FRAME_PIECE);
  g_assert_cmpint (truncate (fixture->source, 31 << 20), ==, 0);
  g_assert_cmpuint (read_to_file_end (fixture->peer), ==, KH_FRAME_STATUS_SHRANK);
  RUN_UNTIL (count (&fixture->a, KH_CHANNEL_FILE_FAILED) == 1);
  g_assert_cmpuint (last (&fixture->a, KH_CHANNEL_FILE_FAILED)->status, ==,
                    KH_FRAME_STATUS_SHRANK);
}

static void
test_a_source_that_grows (Fixture *fixture, gconstpointer data)
{
  g_free (make_source (fixture, 16 << 20));
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  send_file (fixture, 1);
  g_assert_cmpuint (peer_read (fixture->peer), ==, KH_FRAME_PING);
  g_assert_cmpuint (peer_read (fixture->peer), ==, KH_FRAME_PIECE);
  g_assert_cmpint (truncate (fixture->source, 17 << 20), ==, 0);
  g_assert_cmpuint (read_to_file_end (fixture->peer), ==, KH_FRAME_STATUS_CHANGED);
  RUN_UNTIL (count (&fixture->a, KH_CHANNEL_FILE_FAILED) == 1);
}

/* What the receiver says of a file ends it at the sender at once. */
static void
test_a_receiver_that_gives_up (Fixture *fixture, gconstpointer data)
{
  KhFrame failed = { .type = KH_FRAME_FILE_FAILED };

  g_free (make_source (fixture, 32 << 20));
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  send_file (fixture, 3);
  g_assert_cmpuint (peer_read (fixture->peer), ==, KH_FRAME_PING);
  g_assert_cmpuint (peer_read (fixture->peer), ==, KH_FRAME_PIECE);
  failed.file.stream = 3;
  failed.file.status = KH_FRAME_STATUS_WRITE_ERROR;
  peer_send (fixture->peer, &failed);
  RUN_UNTIL (count (&fixture->a, KH_CHANNEL_FILE_FAILED) == 1);
  g_assert_cmpuint (last (&fixture->a, KH_CHANNEL_FILE_FAILED)->status, ==,
                    KH_FRAME_STATUS_WRITE_ERROR);
}

/* How many messages of that length fit when nobody reads them. */
static guint
fill (Fixture *fixture, gsize text_len)
{
  guint n = 0;

  while (n < 10000 && send_message (&fixture->a, n, text_len))
    n++;
  return n;
}

/* What is queued, and what else fits into the buffers on the way. */
static void
test_a_peer_that_does_not_read_makes_it_busy (Fixture *fixture, gconstpointer data)
{
  const gsize long_len = KH_FRAME_TEXT_MAX;
  const gsize on_the_way = 1 << 20;
  guint n;

  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  n = fill (fixture, long_len);
  g_assert_cmpuint (n, >=, KH_CHANNEL_FRAME_BYTES_MAX / (long_len + 100));
  g_assert_cmpuint (n, <=, (KH_CHANNEL_FRAME_BYTES_MAX + on_the_way) / long_len);
  g_assert_cmpuint (peer_read (fixture->peer), ==, KH_FRAME_MESSAGE);
}

static void
test_many_short_frames_make_it_busy_too (Fixture *fixture, gconstpointer data)
{
  guint n;

  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  n = fill (fixture, 4096);
  g_assert_cmpuint (n, >=, KH_CHANNEL_FRAMES_MAX);
  g_assert_cmpuint (n, <=, KH_CHANNEL_FRAMES_MAX + (1 << 20) / 4096);
}

static void
test_files_take_turns (Fixture *fixture, gconstpointer data)
{
  guint n[2] = { 0, 0 };

  g_free (make_source (fixture, 32 << 20));
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  send_file (fixture, 0);
  send_file (fixture, 1);
  while (n[0] + n[1] < 100)
    {
      KhFrame frame;
      guint8 type = peer_read (fixture->peer);

      if (type == KH_FRAME_PING)
        continue;
      g_assert_cmpuint (type, ==, KH_FRAME_PIECE);
      g_assert_cmpint (kh_frame_read (&frame, fixture->peer->frame, fixture->peer->len),
                       ==, KH_FRAME_GOOD);
      g_assert_cmpuint (frame.piece.stream, <, 2);
      n[frame.piece.stream]++;
    }
  g_assert_cmpuint (MIN (n[0], n[1]), >=, 25);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  ADD ("/channel-send/many-files-run-at-once", test_many_files_run_at_once);
  ADD ("/channel-send/frames-keep-their-order", test_frames_keep_their_order);
  ADD ("/channel-send/a-message-overtakes-a-file", test_a_message_overtakes_a_file);
  ADD ("/channel-send/a-source-that-shrinks", test_a_source_that_shrinks);
  ADD ("/channel-send/a-source-that-grows", test_a_source_that_grows);
  ADD ("/channel-send/a-receiver-that-gives-up", test_a_receiver_that_gives_up);
  ADD ("/channel-send/a-peer-that-does-not-read-makes-it-busy",
       test_a_peer_that_does_not_read_makes_it_busy);
  ADD ("/channel-send/many-short-frames-make-it-busy-too",
       test_many_short_frames_make_it_busy_too);
  ADD ("/channel-send/files-take-turns", test_files_take_turns);
  return g_test_run ();
}
