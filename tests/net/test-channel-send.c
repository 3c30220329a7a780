/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "channel-ends.h"
#include "socket-pair.h"

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

/* A file of that length that has nothing in it, of which the peer wants all. */
static void
begin_sending (Fixture *fixture, gsize size)
{
  g_autofree char *path = scratch_path (fixture->source, "file");

  add_text (fixture, "file", "");
  entry_at (fixture, 0)->size = size;
  scratch_truncate (path, (goffset)size);
  scratch_set_time (fixture->source, "file", WHEN_MS);
  open_outgoing (&fixture->a, 1);
  peer_want (fixture, 1, 0, 1, 0);
}

/* A message that is sent while a file fills the channel is behind no more of it
 * than the buffers on the way can hold. */
static void
test_a_message_overtakes_a_file (Fixture *fixture, gconstpointer data)
{
  gsize before = 0;

  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  begin_sending (fixture, 32 << 20);
  for (guint i = 0; i < 40; i++)
    peer_expect (fixture->peer, KH_FRAME_PIECE);
  g_assert_true (send_message (&fixture->a, 7, 10));
  while (peer_read (fixture->peer) == KH_FRAME_PIECE)
    before += fixture->peer->len;
  g_assert_cmpuint (fixture->peer->frame[0], ==, KH_FRAME_MESSAGE);
  g_assert_cmpuint (before, <, 1 << 20);
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
  n = fill (fixture, 400);
  g_assert_cmpuint (n, >=, KH_CHANNEL_FRAMES_MAX);
  g_assert_cmpuint (n, <=, KH_CHANNEL_FRAMES_MAX + (1 << 20) / 400);
}

/* What has come at the peer @us after the rate was set. */
static guint64
receive_for (Fixture *fixture, gint64 us)
{
  gint64 until_us = g_get_monotonic_time () + us;
  guint64 bytes = 0;

  while (g_get_monotonic_time () < until_us)
    {
      if (socket_is_ready (fixture->peer->fd, G_IO_IN, 10)
          && peer_read_any (fixture->peer) == KH_FRAME_PIECE)
        bytes += fixture->peer->got.piece.len;
    }
  return bytes;
}

/* It is never above the rate but for what may be saved up, nor far below. */
static void
test_pieces_keep_to_a_rate (Fixture *fixture, gconstpointer data)
{
  const guint64 rate = 1000000, burst = 300000;
  gint64 begun_us;
  guint64 bytes = 0, most = 0;

  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  kh_channel_worker_set_rate (fixture->a.worker, rate);
  begun_us = g_get_monotonic_time ();
  begin_sending (fixture, 64 << 20);
  /* A machine that is busy may be slow in one second, but not in each. */
  for (guint second = 0; second < 10 && most <= rate / 4; second++)
    {
      guint64 came = receive_for (fixture, 1000000);

      bytes += came;
      most = MAX (most, came);
      g_assert_cmpuint (bytes, <=,
                        rate * (guint64)(g_get_monotonic_time () - begun_us) / 1000000
                            + burst);
    }
  g_assert_cmpuint (most, >, rate / 4);

  /* A message does not wait for it, and without it all comes at once. */
  g_assert_true (send_message (&fixture->a, 7, 10));
  while (peer_read (fixture->peer) == KH_FRAME_PIECE)
    ;
  g_assert_cmpuint (fixture->peer->frame[0], ==, KH_FRAME_MESSAGE);
  kh_channel_worker_set_rate (fixture->a.worker, 0);
  while (peer_read (fixture->peer) == KH_FRAME_PIECE)
    ;
  g_assert_cmpuint (fixture->peer->frame[0], ==, KH_FRAME_FILE_END);
}

/* At a few bytes a second it may be woken when there is less than one to be sent. */
static void
test_less_than_a_byte_is_waited_for (Fixture *fixture, gconstpointer data)
{
  gint64 begun_us = g_get_monotonic_time ();

  begin_against_peer (fixture, (KhChannelSetup){ .ping_after_us = 15000000 });
  kh_channel_worker_set_rate (fixture->a.worker, 10);
  begin_sending (fixture, 1);
  peer_settle (fixture->peer);
  peer_expect (fixture->peer, KH_FRAME_PIECE);
  g_assert_cmpint (g_get_monotonic_time () - begun_us, <, 10000000);
}

/* What the peer's system has taken is not what its program has read. */
static void
test_no_more_is_sent_than_may_be_lost (Fixture *fixture, gconstpointer data)
{
  Peer *peer;
  guint64 bytes = 0, came;

  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  peer = fixture->peer;
  peer->tells_not = TRUE;
  begin_sending (fixture, 32 << 20);
  while (bytes < KH_CHANNEL_UNREAD_MAX / 100 * 99)
    bytes += receive_for (fixture, 50000);
  do
    bytes += came = receive_for (fixture, 500000);
  while (came > 0);
  g_assert_cmpuint (bytes, <, 3 << 20);

  /* A message goes ahead of it all the same, and an answer to what was not asked is none.
   */
  g_assert_true (send_message (&fixture->a, 7, 10));
  peer_expect (peer, KH_FRAME_MESSAGE);
  peer_send (peer, &(KhFrame){ .type = KH_FRAME_PONG, .cookie = peer->asked + 1 });
  g_assert_cmpuint (receive_for (fixture, 100000), ==, 0);

  peer->tells_not = FALSE;
  peer_send (peer, &(KhFrame){ .type = KH_FRAME_PONG, .cookie = peer->asked });
  while (peer_read (peer) == KH_FRAME_PIECE)
    ;
  g_assert_cmpuint (peer->frame[0], ==, KH_FRAME_FILE_END);
}

static void
test_any_rate_is_one (Fixture *fixture, gconstpointer data)
{
  static const guint64 rates[] = { UINT64_MAX, (guint64)1 << 63, 1 };

  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  for (guint i = 0; i < G_N_ELEMENTS (rates); i++)
    kh_channel_worker_set_rate (fixture->a.worker, rates[i]);
  for (guint i = 0; i < 2; i++)
    {
      kh_channel_worker_set_rate (fixture->a.worker, rates[i]);
      peer_settle (fixture->peer);
    }
  begin_sending (fixture, 1 << 20);
  while (peer_read (fixture->peer) == KH_FRAME_PIECE)
    ;
  g_assert_cmpuint (fixture->peer->frame[0], ==, KH_FRAME_FILE_END);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  ADD ("/channel-send/frames-keep-their-order", test_frames_keep_their_order);
  ADD ("/channel-send/a-message-overtakes-a-file", test_a_message_overtakes_a_file);
  ADD ("/channel-send/a-peer-that-does-not-read-makes-it-busy",
       test_a_peer_that_does_not_read_makes_it_busy);
  ADD ("/channel-send/many-short-frames-make-it-busy-too",
       test_many_short_frames_make_it_busy_too);
  ADD ("/channel-send/pieces-keep-to-a-rate", test_pieces_keep_to_a_rate);
  ADD ("/channel-send/less-than-a-byte-is-waited-for",
       test_less_than_a_byte_is_waited_for);
  ADD ("/channel-send/no-more-is-sent-than-may-be-lost",
       test_no_more_is_sent_than_may_be_lost);
  ADD ("/channel-send/any-rate-is-one", test_any_rate_is_one);
  return g_test_run ();
}
