/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "channel-ends.h"

static void
test_files_of_any_size_arrive (Fixture *fixture, gconstpointer data)
{
  static const gsize sizes[] = { 0,     1,     61439, 61440, 61441,  65501,   65502,
                                 65503, 65519, 65520, 65536, 245760, 5000000, 9437184 };

  if (!kh_noise_cipher_available (fixture->cipher))
    {
      g_test_skip ("this processor has no AES");
      return;
    }
  begin_both (fixture, (KhChannelSetup){ 0 });
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *contents = make_source (fixture, sizes[i]);
      g_autofree char *received = NULL;
      gsize len;

      /* Always the same number: that of a file that is over is free. */
      begin_file (fixture, 1, sizes[i]);
      RUN_UNTIL (count (&fixture->a, KH_CHANNEL_FILE_DONE) == i + 1);
      RUN_UNTIL (count (&fixture->b, KH_CHANNEL_FILE_DONE) == i + 1);
      g_assert_cmpuint (count (&fixture->a, KH_CHANNEL_FILE_SENT), ==, i + 1);
      g_assert_true (g_file_get_contents (fixture->b.path, &received, &len, NULL));
      g_assert_cmpmem (received, len, contents, sizes[i]);
      g_assert_cmpuint (last (&fixture->a, KH_CHANNEL_FILE_DONE)->bytes, ==, sizes[i]);
    }
}

static void
test_bytes_read_too_early_count (Fixture *fixture, gconstpointer data)
{
  guint8 frame[] = { KH_FRAME_NOMINATE };
  guint8 record[64];
  gsize len;
  Peer peer = { .fd = KH_SOCKET_NONE };
  KhChannelSetup setup = { .early = record };

  peer.seal = make_cipher (fixture, 2);
  len = peer_seal (&peer, frame, 1, record);
  len += peer_seal (&peer, frame, 1, record + len);
  setup.early_len = len - 1;
  begin_against_peer (fixture, setup);
  RUN_UNTIL (fixture->a.frames->len == 1);
  write_all (fixture->peer->fd, record + len - 1, 1);
  RUN_UNTIL (fixture->a.frames->len == 2);
}

static void
test_a_full_disk_is_told_before_it_begins (Fixture *fixture, gconstpointer data)
{
  begin_both (fixture, (KhChannelSetup){ 0 });
  g_assert_true (receive_file (&fixture->b, fixture, 1, KH_FRAME_SIZE_MAX));
  RUN_UNTIL (fixture->a.frames->len == 1
             && count (&fixture->b, KH_CHANNEL_FILE_FAILED) == 1);
  assert_answer (&fixture->a, 0, KH_FRAME_CANCEL, 1);
  g_assert_cmpuint (last (&fixture->b, KH_CHANNEL_FILE_FAILED)->status, ==,
                    KH_FRAME_STATUS_DISK_FULL);
}

static void
test_a_piece_that_does_not_fit_fails_the_file (Fixture *fixture, gconstpointer data)
{
  KhFrame piece = { .type = KH_FRAME_PIECE };
  KhFrame frame;

  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  g_assert_true (receive_file (&fixture->a, fixture, 5, 10));
  piece.piece.stream = 5;
  piece.piece.offset = 3;
  piece.piece.bytes = (const guint8 *)"abc";
  piece.piece.len = 3;
  g_assert_cmpuint (peer_read (fixture->peer), ==, KH_FRAME_REPLY);
  peer_send (fixture->peer, &piece);
  g_assert_cmpuint (peer_read (fixture->peer), ==, KH_FRAME_FILE_FAILED);
  g_assert_cmpint (kh_frame_read (&frame, fixture->peer->frame, fixture->peer->len), ==,
                   KH_FRAME_GOOD);
  g_assert_cmpuint (frame.file.stream, ==, 5);
  g_assert_cmpuint (frame.file.status, ==, KH_FRAME_STATUS_SIZE_DIFFERS);
  RUN_UNTIL (count (&fixture->a, KH_CHANNEL_FILE_FAILED) == 1);
  /* What is still on its way does no harm. */
  peer_send (fixture->peer, &piece);
  peer_send (fixture->peer, &(KhFrame){ .type = KH_FRAME_PING });
  g_assert_cmpuint (peer_read (fixture->peer), ==, KH_FRAME_PONG);
}

static void
test_a_person_stops_a_file_that_comes (Fixture *fixture, gconstpointer data)
{
  KhFrame piece = { .type = KH_FRAME_PIECE };

  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  g_assert_true (receive_file (&fixture->a, fixture, 5, 10));
  g_assert_cmpuint (peer_read (fixture->peer), ==, KH_FRAME_REPLY);
  piece.piece.stream = 5;
  piece.piece.bytes = (const guint8 *)"abc";
  piece.piece.len = 3;
  peer_send (fixture->peer, &piece);
  peer_send (fixture->peer, &(KhFrame){ .type = KH_FRAME_PING });
  g_assert_cmpuint (peer_read (fixture->peer), ==, KH_FRAME_PONG);
  kh_channel_worker_stop (fixture->a.worker, 5, false);
  g_assert_cmpuint (peer_read (fixture->peer), ==, KH_FRAME_FILE_FAILED);
  RUN_UNTIL (count (&fixture->a, KH_CHANNEL_FILE_FAILED) == 1);
  g_assert_cmpuint (last (&fixture->a, KH_CHANNEL_FILE_FAILED)->status, ==,
                    KH_FRAME_STATUS_CANCELLED);
  g_assert_cmpuint (last (&fixture->a, KH_CHANNEL_FILE_FAILED)->bytes, ==, 3);
}

/* Sends frames until the worker takes no more. Returns how many bytes it took. */
static gsize
flood (Peer *peer, const KhFrame *frame, gsize limit)
{
  guint8 bytes[KH_FRAME_MAX];
  gsize frame_len = kh_frame_write (frame, bytes, sizeof bytes);
  gsize total = 0;

  while (total < limit)
    {
      struct pollfd polled = { .fd = peer->fd, .events = POLLOUT };
      gsize n = 0;

      if (peer->flood_at == peer->flood_len)
        {
          peer->flood_len = peer_seal (peer, bytes, frame_len, peer->flood);
          peer->flood_at = 0;
        }
      if (poll (&polled, 1, 300) == 0)
        break;
      g_assert_cmpint (kh_socket_write (peer->fd, peer->flood + peer->flood_at,
                                        peer->flood_len - peer->flood_at, &n),
                       <=, KH_SOCKET_PENDING);
      peer->flood_at += n;
      total += n;
    }
  return total;
}

/* The main context does not run here: what the peer sends has to wait with it. */
static void
test_a_flood_of_messages_is_held_back (Fixture *fixture, gconstpointer data)
{
  const gsize limit = 64 << 20;
  g_autofree char *text = g_strnfill (KH_FRAME_TEXT_MAX, 'x');
  KhFrame frame = { .type = KH_FRAME_MESSAGE };

  frame.message.text = (KhText){ text, KH_FRAME_TEXT_MAX };
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  g_assert_cmpuint (flood (fixture->peer, &frame, limit), <, limit / 2);
  /* When it runs again, so does reading, at once. */
  RUN_UNTIL (fixture->a.frames->len >= 32);
  g_assert_cmpuint (flood (fixture->peer, &frame, limit), >, 256 << 10);
  RUN_UNTIL (fixture->a.frames->len >= 64);
  g_assert_false (fixture->a.closed);
}

static void
test_a_flood_of_pings_is_held_back (Fixture *fixture, gconstpointer data)
{
  const gsize limit = 64 << 20;

  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  g_assert_cmpuint (
      flood (fixture->peer, &(KhFrame){ .type = KH_FRAME_PING, .cookie = 9 }, limit), <,
      limit / 2);
  for (guint i = 0; i < 1000; i++)
    g_assert_cmpuint (peer_read (fixture->peer), ==, KH_FRAME_PONG);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  ADD ("/channel-receive/files-of-any-size-arrive", test_files_of_any_size_arrive);
  ADD_WITH ("/channel-receive/files-of-any-size-arrive-with-aes",
            test_files_of_any_size_arrive, KH_NOISE_AESGCM);
  ADD ("/channel-receive/bytes-read-too-early-count", test_bytes_read_too_early_count);
  ADD ("/channel-receive/a-full-disk-is-told-before-it-begins",
       test_a_full_disk_is_told_before_it_begins);
  ADD ("/channel-receive/a-piece-that-does-not-fit-fails-the-file",
       test_a_piece_that_does_not_fit_fails_the_file);
  ADD ("/channel-receive/a-person-stops-a-file-that-comes",
       test_a_person_stops_a_file_that_comes);
  ADD ("/channel-receive/a-flood-of-messages-is-held-back",
       test_a_flood_of_messages_is_held_back);
  ADD ("/channel-receive/a-flood-of-pings-is-held-back",
       test_a_flood_of_pings_is_held_back);
  return g_test_run ();
}
