/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/messages.h"

#include <glib.h>
#include <string.h>

static const KhMessageType TYPES[] = { KH_MESSAGE_HELLO,
                                       KH_MESSAGE_JOIN,
                                       KH_MESSAGE_LEAVE,
                                       KH_MESSAGE_PING,
                                       KH_MESSAGE_CALL,
                                       KH_MESSAGE_ANSWER,
                                       KH_MESSAGE_ROUND,
                                       KH_MESSAGE_GO,
                                       KH_MESSAGE_HANG_UP,
                                       KH_MESSAGE_WELCOME,
                                       KH_MESSAGE_JOINED,
                                       KH_MESSAGE_PONG,
                                       KH_MESSAGE_REPLACED,
                                       KH_MESSAGE_REFUSED,
                                       KH_MESSAGE_CALLED,
                                       KH_MESSAGE_ANSWERED,
                                       KH_MESSAGE_OBSERVED,
                                       KH_MESSAGE_ENDPOINT,
                                       KH_MESSAGE_PEER_GO,
                                       KH_MESSAGE_HUNG_UP,
                                       KH_MESSAGE_PEER_ROUND,
                                       KH_MESSAGE_PROBE,
                                       KH_MESSAGE_DIAL,
                                       KH_MESSAGE_PROBED,
                                       KH_MESSAGE_DIALLED,
                                       KH_MESSAGE_CLASS,
                                       KH_MESSAGE_MAPPED,
                                       KH_MESSAGE_CANDIDATES,
                                       KH_MESSAGE_PEER_CANDIDATES,
                                       KH_MESSAGE_RELAY_REFUSED };

static const guint8 SOME_BYTES[KH_INTRODUCTION_LEN_MAX + 1] = { 1, 2, 3 };

static KhEndpoint
some_endpoint (void)
{
  guint8 address[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 7 };

  return g_test_rand_bit () ? kh_endpoint_v4 (address, 9) : kh_endpoint_v6 (address, 9);
}

/* A message of @type with every field set to something the layout allows. */
static KhMessage
some_message (KhMessageType type)
{
  KhMessage m = { .type = type };
  KhText name = { .bytes = "Zo\xc3\xab", .len = 4 };
  KhMsgOpaque introduction = { SOME_BYTES, (gsize)g_test_rand_int_range (0, 1025) };

  switch (type)
    {
    case KH_MESSAGE_HELLO:
      m.hello = (KhMsgHello){ .version = 1, .capabilities = 2, .flags = 3, .name = name };
      break;
    case KH_MESSAGE_JOIN:
    case KH_MESSAGE_LEAVE:
    case KH_MESSAGE_JOINED:
      memset (m.room.id, 5, sizeof m.room.id);
      m.room.result = type == KH_MESSAGE_JOINED ? KH_JOINED_TOO_MANY : 0;
      break;
    case KH_MESSAGE_PING:
    case KH_MESSAGE_PONG:
      m.ping.cookie = 0xdeadbeef;
      break;
    case KH_MESSAGE_WELCOME:
      m.welcome.version = 1;
      m.welcome.flags = KH_WELCOME_LOBBY;
      m.welcome.endpoint = some_endpoint ();
      memset (m.welcome.secret, 6, sizeof m.welcome.secret);
      m.welcome.n_assist = (guint8)g_test_rand_int_range (0, 9);
      for (guint i = 0; i < m.welcome.n_assist; i++)
        m.welcome.assist[i] = some_endpoint ();
      m.welcome.helper = name;
      break;
    case KH_MESSAGE_REFUSED:
      m.refused.code = KH_REFUSED_FULL;
      break;
    case KH_MESSAGE_CALL:
    case KH_MESSAGE_CALLED:
      memset (m.call.call_id, 7, sizeof m.call.call_id);
      memset (m.call.peer_id, 8, sizeof m.call.peer_id);
      m.call.name = type == KH_MESSAGE_CALLED ? name : (KhText){ .bytes = "" };
      m.call.introduction = introduction;
      break;
    case KH_MESSAGE_ANSWER:
    case KH_MESSAGE_ANSWERED:
      memset (m.answer.call_id, 9, sizeof m.answer.call_id);
      m.answer.verdict = KH_VERDICT_ACCEPT;
      m.answer.introduction = introduction;
      break;
    case KH_MESSAGE_ROUND:
    case KH_MESSAGE_GO:
    case KH_MESSAGE_PEER_ROUND:
    case KH_MESSAGE_PEER_GO:
      memset (m.round.call_id, 10, sizeof m.round.call_id);
      m.round.round = 3;
      break;
    case KH_MESSAGE_HANG_UP:
    case KH_MESSAGE_HUNG_UP:
      memset (m.hang_up.call_id, 11, sizeof m.hang_up.call_id);
      m.hang_up.reason = KH_HANG_UP_NO_PATH;
      break;
    case KH_MESSAGE_OBSERVED:
    case KH_MESSAGE_ENDPOINT:
      memset (m.endpoint.call_id, 12, sizeof m.endpoint.call_id);
      m.endpoint.round = 2;
      m.endpoint.index = 5;
      m.endpoint.endpoint = some_endpoint ();
      break;
    case KH_MESSAGE_PROBE:
      memset (m.probe.probe_id, 13, sizeof m.probe.probe_id);
      break;
    case KH_MESSAGE_DIAL:
    case KH_MESSAGE_DIALLED:
      memset (m.dial.probe_id, 14, sizeof m.dial.probe_id);
      m.dial.index = KH_PROBE_INDICES - 1;
      m.dial.from = KH_DIAL_TO_NAMED_PORT;
      m.dial.port = type == KH_MESSAGE_DIAL ? 7472 : 0;
      m.dial.result = type == KH_MESSAGE_DIALLED ? KH_DIALLED_LATER : 0;
      m.dial.wait_s = type == KH_MESSAGE_DIALLED ? 30 : 0;
      break;
    case KH_MESSAGE_PROBED:
      memset (m.probed.probe_id, 15, sizeof m.probed.probe_id);
      m.probed.index = 3;
      m.probed.endpoint = some_endpoint ();
      break;
    case KH_MESSAGE_CLASS:
      m.klass.nat_class = 99;
      break;
    case KH_MESSAGE_MAPPED:
      memset (m.mapped.call_id, 16, sizeof m.mapped.call_id);
      m.mapped.round = 3;
      m.mapped.port = 50000;
      break;
    case KH_MESSAGE_CANDIDATES:
    case KH_MESSAGE_PEER_CANDIDATES:
      memset (m.candidates.call_id, 17, sizeof m.candidates.call_id);
      m.candidates.sealed
          = (KhMsgOpaque){ SOME_BYTES,
                           (gsize)g_test_rand_int_range (0, KH_CANDIDATES_LEN_MAX + 1) };
      break;
    case KH_MESSAGE_RELAY_REFUSED:
      memset (m.relay_refused.call_id, 18, sizeof m.relay_refused.call_id);
      m.relay_refused.reason = KH_RELAY_REFUSED_VOLUME;
      break;
    case KH_MESSAGE_REPLACED:
      break;
    case KH_MESSAGE_PEERS:
      g_assert_not_reached ();
    }
  return m;
}

static gsize
write_message (guint8 bytes[KH_MESSAGE_LEN_MAX], const KhMessage *message)
{
  KhWriter writer;

  kh_writer_init (&writer, bytes, KH_MESSAGE_LEN_MAX);
  g_assert_true (kh_messages_write (&writer, message));
  return writer.len;
}

/* What was read writes the same bytes again: with every field in use that shows
 * that none is lost. */
static void
test_every_message_comes_back (void)
{
  guint8 bytes[KH_MESSAGE_LEN_MAX], again[KH_MESSAGE_LEN_MAX];

  for (guint i = 0; i < 2000; i++)
    {
      KhMessage message = some_message (TYPES[i % G_N_ELEMENTS (TYPES)]), back;
      gsize len = write_message (bytes, &message);

      g_assert_cmpint (kh_messages_read (&back, bytes, len), ==, KH_MESSAGE_READ);
      g_assert_cmpint (back.type, ==, message.type);
      g_assert_cmpmem (bytes, len, again, write_message (again, &back));
    }
}

static void
test_a_message_cut_short_is_bad (void)
{
  guint8 bytes[KH_MESSAGE_LEN_MAX];

  for (gsize t = 0; t < G_N_ELEMENTS (TYPES); t++)
    {
      KhMessage message = some_message (TYPES[t]), back = { .type = 77 };
      gsize len = write_message (bytes, &message);

      /* The helper of a WELCOME may be missing as a whole. */
      if (message.type == KH_MESSAGE_WELCOME)
        {
          len -= 2 + message.welcome.helper.len;
          g_assert_cmpint (kh_messages_read (&back, bytes, len), ==, KH_MESSAGE_READ);
          g_assert_cmpuint (back.welcome.helper.len, ==, 0);
          g_assert_nonnull (back.welcome.helper.bytes);
          g_assert_cmpint (kh_messages_read (&back, bytes, len + 3), ==, KH_MESSAGE_BAD);
          back.type = 77;
        }
      for (gsize cut = 0; cut < len; cut++)
        g_assert_cmpint (kh_messages_read (&back, bytes, cut), ==, KH_MESSAGE_BAD);
      g_assert_cmpint (back.type, ==, 77);
    }
}

static void
test_later_versions_may_append (void)
{
  guint8 bytes[KH_MESSAGE_LEN_MAX] = { 0 };

  for (gsize t = 0; t < G_N_ELEMENTS (TYPES); t++)
    {
      KhMessage message = some_message (TYPES[t]), back;
      gsize len = write_message (bytes, &message);

      g_assert_cmpint (kh_messages_read (&back, bytes, len + 7), ==, KH_MESSAGE_READ);
    }
  bytes[0] = 0x7f;
  g_assert_cmpint (kh_messages_read (&(KhMessage){ 0 }, bytes, 9), ==,
                   KH_MESSAGE_UNKNOWN);
}

/* Offsets count from the type byte. */
static void
expect_bad_byte (KhMessageType type, gsize offset, guint8 value)
{
  guint8 bytes[KH_MESSAGE_LEN_MAX];
  KhMessage message = some_message (type), back;
  gsize len = write_message (bytes, &message);

  bytes[offset] = value;
  g_assert_cmpint (kh_messages_read (&back, bytes, len), ==, KH_MESSAGE_BAD);
}

static void
test_ranges_are_kept (void)
{
  KhMessage message = some_message (KH_MESSAGE_CALL);
  guint8 bytes[2 * KH_MESSAGE_LEN_MAX] = { 0 };
  KhWriter writer;

  expect_bad_byte (KH_MESSAGE_HELLO, 8, 0);    /* an empty name */
  expect_bad_byte (KH_MESSAGE_HELLO, 9, 0);    /* NUL in a name */
  expect_bad_byte (KH_MESSAGE_HELLO, 9, 0xff); /* not UTF-8 */
  expect_bad_byte (KH_MESSAGE_GO, 17, 0);      /* rounds are 1 to 3 */
  expect_bad_byte (KH_MESSAGE_ROUND, 17, 4);
  expect_bad_byte (KH_MESSAGE_ENDPOINT, 18, 8); /* indices are 0 to 7 */
  expect_bad_byte (KH_MESSAGE_ENDPOINT, 19, 5); /* families are 4 and 6 */
  expect_bad_byte (KH_MESSAGE_MAPPED, 17, 0);
  expect_bad_byte (KH_MESSAGE_MAPPED, 17, 4);
  expect_bad_byte (KH_MESSAGE_DIAL, 17, KH_PROBE_INDICES);
  expect_bad_byte (KH_MESSAGE_PROBED, 17, KH_PROBE_INDICES);

  bytes[0] = KH_MESSAGE_CALL;
  bytes[49] = 0x04;
  bytes[50] = 0x01; /* an introduction of 1,025 bytes */
  g_assert_cmpint (kh_messages_read (&message, bytes, sizeof bytes), ==, KH_MESSAGE_BAD);

  memset (bytes, 0, sizeof bytes);
  bytes[0] = KH_MESSAGE_CANDIDATES;
  bytes[17] = 0x02; /* 512 bytes, then 513 */
  g_assert_cmpint (kh_messages_read (&message, bytes, sizeof bytes), ==, KH_MESSAGE_READ);
  bytes[18] = 0x01;
  g_assert_cmpint (kh_messages_read (&message, bytes, sizeof bytes), ==, KH_MESSAGE_BAD);
  message = some_message (KH_MESSAGE_CANDIDATES);
  message.candidates.sealed.len = KH_CANDIDATES_LEN_MAX + 1;
  kh_writer_init (&writer, bytes, sizeof bytes);
  g_assert_false (kh_messages_write (&writer, &message));

  message = some_message (KH_MESSAGE_CALL);
  message.call.introduction.len = KH_INTRODUCTION_LEN_MAX + 1;
  kh_writer_init (&writer, bytes, sizeof bytes);
  g_assert_false (kh_messages_write (&writer, &message));
}

static void
test_longest_message_from_a_client_fits (void)
{
  guint8 bytes[KH_MESSAGE_LEN_MAX];
  KhMessage message = some_message (KH_MESSAGE_CALL);

  message.call.introduction.len = KH_INTRODUCTION_LEN_MAX;
  g_assert_cmpuint (write_message (bytes, &message), ==, 1075);
  g_assert_cmpuint (1075, <=, KH_MESSAGE_FROM_CLIENT_LEN_MAX);
}

static void
test_peers_fill_a_page (void)
{
  static const guint8 room_id[KH_ROOM_ID_LEN] = { 4 };
  guint8 bytes[KH_MESSAGE_LEN_MAX];
  KhMsgPeer peer
      = { .online = true, .nat_class = 127, .name = { .bytes = "name", .len = 4 } };
  KhPeersPage page;
  KhWriter writer;
  KhMessage message;
  guint n = 0;

  kh_writer_init (&writer, bytes, sizeof bytes);
  g_assert_true (kh_messages_begin_peers (&page, &writer, room_id));
  for (; kh_messages_add_peer (&page, &peer); n++)
    {
      memset (peer.id, (int)(n + 1), sizeof peer.id);
      peer.online = n % 3 != 0;
      peer.nat_class = (guint8)(n % 128);
    }
  kh_messages_end_peers (&page, KH_PEERS_LAST);
  g_assert_true (kh_writer_done (&writer));
  g_assert_cmpuint (writer.len, >, KH_MESSAGE_LEN_MAX - 98);

  g_assert_cmpint (kh_messages_read (&message, bytes, writer.len), ==, KH_MESSAGE_READ);
  g_assert_cmpuint (message.peers.flags, ==, KH_PEERS_LAST);
  g_assert_cmpmem (message.peers.room_id, KH_ROOM_ID_LEN, room_id, KH_ROOM_ID_LEN);
  for (guint i = 0; i < n; i++)
    {
      g_assert_true (kh_messages_next_peer (&message.peers, &peer));
      g_assert_cmpuint (peer.id[31], ==, (guint8)i);
      g_assert_cmpuint (peer.name.len, ==, peer.online ? 4 : 0);
      g_assert_cmpuint (peer.nat_class, ==, peer.online ? (i + 127) % 128 : 0);
    }
  g_assert_false (kh_messages_next_peer (&message.peers, &peer));
  g_assert_cmpint (kh_messages_read (&message, bytes, writer.len - 1), ==,
                   KH_MESSAGE_BAD);
}

static void
test_introductions (void)
{
  guint8 bytes[KH_INTRODUCTION_LEN_MAX];
  KhIntroduction introduction = { .version = KH_INTRODUCTION_VERSION,
                                  .ciphers = KH_CIPHER_AESGCM,
                                  .nat_class = 3,
                                  .flags = KH_INTRODUCTION_NO_RELAY,
                                  .candidates = { SOME_BYTES, 9 } };
  KhIntroduction back;
  KhWriter writer;

  kh_writer_init (&writer, bytes, sizeof bytes);
  g_assert_true (kh_messages_write_introduction (&writer, &introduction));
  g_assert_true (
      kh_messages_read_introduction (&back, (KhMsgOpaque){ bytes, writer.len }));
  g_assert_cmpuint (back.ciphers, ==, KH_CIPHER_AESGCM);
  g_assert_cmpuint (back.nat_class, ==, 3);
  g_assert_cmpuint (back.flags, ==, KH_INTRODUCTION_NO_RELAY);
  g_assert_cmpmem (back.candidates.bytes, back.candidates.len, SOME_BYTES, 9);
  for (gsize cut = 0; cut < writer.len; cut++)
    g_assert_false (kh_messages_read_introduction (&back, (KhMsgOpaque){ bytes, cut }));

  bytes[1] = 4; /* only a cipher that is not known here */
  g_assert_false (
      kh_messages_read_introduction (&back, (KhMsgOpaque){ bytes, writer.len }));
}

/* The older side can't know: the newer one refuses, whoever calls. */
static void
test_an_older_introduction_is_refused (void)
{
  for (guint version = 0; version <= G_MAXUINT8; version++)
    {
      guint8 bytes[KH_INTRODUCTION_LEN_MAX];
      KhIntroduction introduction
          = { .version = (guint8)version, .ciphers = KH_CIPHER_CHACHAPOLY };
      KhIntroduction back = { .ciphers = 0xee };
      KhWriter writer;

      kh_writer_init (&writer, bytes, sizeof bytes);
      g_assert_true (kh_messages_write_introduction (&writer, &introduction));
      g_assert_cmpint (
          kh_messages_read_introduction (&back, (KhMsgOpaque){ bytes, writer.len }), ==,
          version >= KH_INTRODUCTION_VERSION);
      g_assert_cmpuint (back.ciphers, ==,
                        version >= KH_INTRODUCTION_VERSION ? KH_CIPHER_CHACHAPOLY : 0xee);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/messages/every-message-comes-back", test_every_message_comes_back);
  g_test_add_func ("/messages/cut-short-is-bad", test_a_message_cut_short_is_bad);
  g_test_add_func ("/messages/later-versions-may-append", test_later_versions_may_append);
  g_test_add_func ("/messages/ranges-are-kept", test_ranges_are_kept);
  g_test_add_func ("/messages/longest-from-a-client-fits",
                   test_longest_message_from_a_client_fits);
  g_test_add_func ("/messages/peers-fill-a-page", test_peers_fill_a_page);
  g_test_add_func ("/messages/introductions", test_introductions);
  g_test_add_func ("/messages/an-older-introduction-is-refused",
                   test_an_older_introduction_is_refused);
  return g_test_run ();
}
