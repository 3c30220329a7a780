/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Messages of the main connection, introductions and endpoints. What could be read is
 * written and read once more, and has to be written as the same bytes then.
 */
#include "proto/messages.h"

#include <glib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

static void
check_peers (KhMsgPeers peers)
{
  guint16 n = peers.n_left;
  KhMsgPeer peer;

  while (kh_messages_next_peer (&peers, &peer))
    {
      g_assert_cmpuint (peer.name.len, <=, KH_NAME_LEN_MAX);
      g_assert_true (!peer.online || peer.name.len > 0);
      n--;
    }
  g_assert_cmpuint (n, ==, 0);
}

static void
check_introduction (KhMsgOpaque opaque)
{
  guint8 bytes[2 * KH_INTRODUCTION_LEN_MAX];
  KhIntroduction introduction, again;
  KhWriter writer;

  if (!kh_messages_read_introduction (&introduction, opaque))
    return;
  kh_writer_init (&writer, bytes, sizeof bytes);
  g_assert_true (kh_messages_write_introduction (&writer, &introduction));
  g_assert_cmpuint (writer.len, <=, opaque.len);
  g_assert_true (
      kh_messages_read_introduction (&again, (KhMsgOpaque){ bytes, writer.len }));
  g_assert_cmpmem (introduction.candidates.bytes, introduction.candidates.len,
                   again.candidates.bytes, again.candidates.len);
}

static void
check_text (const KhEndpoint *endpoint)
{
  char text[KH_ENDPOINT_TEXT_MAX];
  KhEndpoint back;

  kh_endpoint_print (endpoint, text);
  g_assert_true (kh_endpoint_parse (&back, text));
  g_assert_true (kh_endpoint_equal (endpoint, &back));
}

static void
check_message (const KhMessage *message)
{
  guint8 first[KH_MESSAGE_LEN_MAX], second[KH_MESSAGE_LEN_MAX];
  KhMessage again;
  KhWriter writer, rewriter;

  kh_writer_init (&writer, first, sizeof first);
  g_assert_true (kh_messages_write (&writer, message));
  g_assert_cmpint (kh_messages_read (&again, first, writer.len), ==, KH_MESSAGE_READ);
  kh_writer_init (&rewriter, second, sizeof second);
  g_assert_true (kh_messages_write (&rewriter, &again));
  g_assert_cmpmem (first, writer.len, second, rewriter.len);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *)data, size);
  KhMessage message;
  KhEndpoint endpoint;

  if (kh_endpoint_parse (&endpoint, text))
    check_text (&endpoint);
  if (kh_messages_read (&message, data, size) != KH_MESSAGE_READ)
    return 0;
  if (message.type == KH_MESSAGE_PEERS)
    check_peers (message.peers);
  else
    check_message (&message);
  if (message.type == KH_MESSAGE_CALL || message.type == KH_MESSAGE_CALLED)
    check_introduction (message.call.introduction);
  if (message.type == KH_MESSAGE_OBSERVED || message.type == KH_MESSAGE_ENDPOINT)
    check_text (&message.endpoint.endpoint);
  return 0;
}
