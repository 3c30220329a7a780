/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "channel-ends.h"
#include "socket-pair.h"

/* Who has taken nothing for so long takes no more. */
#define SILENCE_MS 500

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

/* Sends frames, so many bytes of them at least, until the worker takes no more for a
 * while. Returns how many bytes it took. */
static gsize
flood (Peer *peer, const KhFrame *frame, gsize least, gsize limit)
{
  guint8 bytes[KH_FRAME_MAX];
  gsize frame_len = kh_frame_write (frame, bytes, sizeof bytes);
  gsize total = 0;

  while (total < limit)
    {
      gsize n = 0;

      if (peer->flood_at == peer->flood_len)
        {
          peer->flood_len = peer_seal (peer, bytes, frame_len, peer->flood);
          peer->flood_at = 0;
        }
      if (!socket_is_ready (peer->fd, G_IO_OUT, total < least ? DEADLINE_MS : SILENCE_MS))
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
  g_assert_cmpuint (flood (fixture->peer, &frame, 33 * KH_FRAME_TEXT_MAX, limit), <,
                    limit / 2);
  /* When it runs again, so does reading, at once. */
  RUN_UNTIL (fixture->a.frames->len >= 32);
  g_assert_cmpuint (flood (fixture->peer, &frame, (256 << 10) + 1, limit), >, 256 << 10);
  RUN_UNTIL (fixture->a.frames->len >= 64);
  g_assert_false (fixture->a.closed);
}

/* While it does not listen, it is not the peer who is silent. */
static void
test_a_peer_that_is_held_back_is_not_silent (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = g_strnfill (KH_FRAME_TEXT_MAX, 'x');
  KhFrame frame = { .type = KH_FRAME_MESSAGE };
  gsize sent;

  frame.message.text = (KhText){ text, KH_FRAME_TEXT_MAX };
  begin_against_peer (
      fixture, (KhChannelSetup){ .ping_after_us = 400000, .lost_after_us = 1000000 });
  sent = flood (fixture->peer, &frame, 33 * KH_FRAME_TEXT_MAX, 64 << 20);
  g_usleep (2000000);
  g_assert_cmpuint (sent / fixture->peer->flood_len, >, 32);
  RUN_UNTIL (fixture->a.frames->len == sent / fixture->peer->flood_len);
}

static void
test_a_flood_of_pings_is_held_back (Fixture *fixture, gconstpointer data)
{
  const gsize limit = 64 << 20;

  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  g_assert_cmpuint (flood (fixture->peer,
                           &(KhFrame){ .type = KH_FRAME_PING, .cookie = 9 }, 64 << 10,
                           limit),
                    <, limit / 2);
  for (guint i = 0; i < 1000; i++)
    g_assert_cmpuint (peer_read (fixture->peer), ==, KH_FRAME_PONG);
}

static void
test_a_pong_that_nobody_waits_for_is_nothing (Fixture *fixture, gconstpointer data)
{
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  for (guint64 i = 0; i < 64; i++)
    peer_send (fixture->peer,
               &(KhFrame){ .type = KH_FRAME_PONG, .cookie = (guint64)1 << i });
  peer_send (fixture->peer, &(KhFrame){ .type = KH_FRAME_NOMINATE });
  RUN_UNTIL (fixture->a.frames->len == 1);
  g_assert_cmpuint (count (&fixture->a, KH_CHANNEL_ROUND_TRIP), ==, 0);
}

static void
test_control_frames_are_handed_on_as_they_came (Fixture *fixture, gconstpointer data)
{
  KhFrame frames[] = { { .type = KH_FRAME_RATE, .rate = 5 },
                       { .type = KH_FRAME_RETRY, .retry = { 1 } },
                       { .type = KH_FRAME_PAUSE },
                       { .type = KH_FRAME_FILE_DONE, .run = { 1, 2, 3, 0 } },
                       { .type = KH_FRAME_FINISHED } };
  const guint n = G_N_ELEMENTS (frames);

  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  for (guint i = 0; i < n; i++)
    peer_send (fixture->peer, &frames[i]);
  RUN_UNTIL (fixture->a.frames->len == n);
  for (guint i = 0; i < n; i++)
    {
      guint8 bytes[KH_FRAME_MAX];
      gsize len, expected = kh_frame_write (&frames[i], bytes, sizeof bytes);
      const guint8 *came = g_bytes_get_data (fixture->a.frames->pdata[i], &len);

      g_assert_cmpmem (came, len, bytes, expected);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  ADD ("/channel-receive/bytes-read-too-early-count", test_bytes_read_too_early_count);
  ADD ("/channel-receive/a-pong-that-nobody-waits-for-is-nothing",
       test_a_pong_that_nobody_waits_for_is_nothing);
  ADD ("/channel-receive/control-frames-are-handed-on-as-they-came",
       test_control_frames_are_handed_on_as_they_came);
  ADD ("/channel-receive/a-flood-of-messages-is-held-back",
       test_a_flood_of_messages_is_held_back);
  ADD ("/channel-receive/a-peer-that-is-held-back-is-not-silent",
       test_a_peer_that_is_held_back_is_not_silent);
  ADD ("/channel-receive/a-flood-of-pings-is-held-back",
       test_a_flood_of_pings_is_held_back);
  return g_test_run ();
}
