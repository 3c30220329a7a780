/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/messages.h"

#include <string.h>

static KhText
read_name (KhReader *reader)
{
  KhText name = kh_reader_text8 (reader, KH_NAME_LEN_MAX);

  if (name.len == 0)
    reader->failed = true;
  return name;
}

static void
write_name (KhWriter *writer, KhText name)
{
  if (name.len == 0 || name.len > KH_NAME_LEN_MAX)
    writer->failed = true;
  kh_writer_text8 (writer, name.bytes, name.len);
}

static KhMsgOpaque
read_opaque (KhReader *reader, size_t max)
{
  KhMsgOpaque opaque = { .len = kh_reader_u16 (reader) };

  if (opaque.len > max)
    reader->failed = true;
  opaque.bytes = kh_reader_bytes (reader, opaque.len);
  return opaque;
}

static void
write_opaque (KhWriter *writer, KhMsgOpaque opaque, size_t max)
{
  if (opaque.len > max)
    writer->failed = true;
  kh_writer_u16 (writer, (uint16_t)opaque.len);
  kh_writer_bytes (writer, opaque.bytes, opaque.len);
}

static uint8_t
read_round (KhReader *reader)
{
  uint8_t round = kh_reader_u8 (reader);

  if (round < 1 || round > KH_CALL_ROUNDS)
    reader->failed = true;
  return round;
}

static void
write_round (KhWriter *writer, uint8_t round)
{
  if (round < 1 || round > KH_CALL_ROUNDS)
    writer->failed = true;
  kh_writer_u8 (writer, round);
}

static void
read_hello (KhReader *reader, KhMsgHello *hello)
{
  hello->version = kh_reader_u16 (reader);
  hello->capabilities = kh_reader_u32 (reader);
  hello->flags = kh_reader_u8 (reader);
  hello->name = read_name (reader);
}

static void
write_hello (KhWriter *writer, const KhMsgHello *hello)
{
  kh_writer_u16 (writer, hello->version);
  kh_writer_u32 (writer, hello->capabilities);
  kh_writer_u8 (writer, hello->flags);
  write_name (writer, hello->name);
}

static void
read_welcome (KhReader *reader, KhMsgWelcome *welcome)
{
  uint8_t n;

  welcome->version = kh_reader_u16 (reader);
  welcome->capabilities = kh_reader_u32 (reader);
  welcome->flags = kh_reader_u8 (reader);
  welcome->endpoint = kh_endpoint_read (reader);
  kh_reader_copy (reader, welcome->secret, sizeof welcome->secret);
  n = kh_reader_u8 (reader);
  welcome->n_assist = n < KH_WELCOME_ASSIST_MAX ? n : KH_WELCOME_ASSIST_MAX;
  for (uint8_t i = 0; i < n; i++)
    {
      KhEndpoint endpoint = kh_endpoint_read (reader);

      if (i < KH_WELCOME_ASSIST_MAX)
        welcome->assist[i] = endpoint;
    }
  /* Servers of before have none. */
  welcome->helper = (KhText){ .bytes = "" };
  if (!reader->failed && reader->left > 0)
    welcome->helper = kh_reader_text16 (reader, KH_WELCOME_HELPER_LEN_MAX);
}

static void
write_welcome (KhWriter *writer, const KhMsgWelcome *welcome)
{
  if (welcome->n_assist > KH_WELCOME_ASSIST_MAX
      || welcome->helper.len > KH_WELCOME_HELPER_LEN_MAX)
    {
      writer->failed = true;
      return;
    }
  kh_writer_u16 (writer, welcome->version);
  kh_writer_u32 (writer, welcome->capabilities);
  kh_writer_u8 (writer, welcome->flags);
  kh_endpoint_write (&welcome->endpoint, writer);
  kh_writer_bytes (writer, welcome->secret, sizeof welcome->secret);
  kh_writer_u8 (writer, welcome->n_assist);
  for (uint8_t i = 0; i < welcome->n_assist; i++)
    kh_endpoint_write (&welcome->assist[i], writer);
  kh_writer_text16 (writer, welcome->helper.bytes, welcome->helper.len);
}

static KhMsgPeer
read_peer (KhReader *reader)
{
  uint8_t state = kh_reader_u8 (reader);
  KhMsgPeer peer;

  peer.online = (state & 1) != 0;
  peer.nat_class = peer.online ? state >> 1 : 0;
  kh_reader_copy (reader, peer.id, sizeof peer.id);
  peer.name = kh_reader_text8 (reader, KH_NAME_LEN_MAX);
  if (peer.online && peer.name.len == 0)
    reader->failed = true;
  return peer;
}

/* Walks over the entries once, so that taking them later can't fail. */
static void
read_peers (KhReader *reader, KhMsgPeers *peers)
{
  kh_reader_copy (reader, peers->room_id, sizeof peers->room_id);
  peers->flags = kh_reader_u8 (reader);
  peers->n_left = kh_reader_u16 (reader);
  peers->entries = *reader;
  for (uint16_t i = 0; i < peers->n_left && kh_reader_done (reader); i++)
    read_peer (reader);
}

static void
read_call (KhReader *reader, KhMsgCall *call, bool with_name)
{
  kh_reader_copy (reader, call->call_id, sizeof call->call_id);
  kh_reader_copy (reader, call->peer_id, sizeof call->peer_id);
  call->name = with_name ? read_name (reader) : (KhText){ .bytes = "" };
  call->introduction = read_opaque (reader, KH_INTRODUCTION_LEN_MAX);
}

static void
write_call (KhWriter *writer, const KhMsgCall *call, bool with_name)
{
  kh_writer_bytes (writer, call->call_id, sizeof call->call_id);
  kh_writer_bytes (writer, call->peer_id, sizeof call->peer_id);
  if (with_name)
    write_name (writer, call->name);
  write_opaque (writer, call->introduction, KH_INTRODUCTION_LEN_MAX);
}

static void
read_endpoint (KhReader *reader, KhMsgEndpoint *endpoint)
{
  kh_reader_copy (reader, endpoint->call_id, sizeof endpoint->call_id);
  endpoint->round = read_round (reader);
  endpoint->index = kh_reader_u8 (reader);
  if (endpoint->index >= KH_CALL_INDICES)
    reader->failed = true;
  endpoint->endpoint = kh_endpoint_read (reader);
}

static void
write_endpoint (KhWriter *writer, const KhMsgEndpoint *endpoint)
{
  if (endpoint->index >= KH_CALL_INDICES)
    writer->failed = true;
  kh_writer_bytes (writer, endpoint->call_id, sizeof endpoint->call_id);
  write_round (writer, endpoint->round);
  kh_writer_u8 (writer, endpoint->index);
  kh_endpoint_write (&endpoint->endpoint, writer);
}

/* Call id and one byte: ANSWER's beginning, ROUND, GO and HANG_UP. */
static uint8_t
read_call_step (KhReader *reader, uint8_t call_id[KH_CALL_ID_LEN])
{
  kh_reader_copy (reader, call_id, KH_CALL_ID_LEN);
  return kh_reader_u8 (reader);
}

static void
write_call_step (KhWriter *writer, const uint8_t call_id[KH_CALL_ID_LEN], uint8_t step)
{
  kh_writer_bytes (writer, call_id, KH_CALL_ID_LEN);
  kh_writer_u8 (writer, step);
}

/* What goes with a call beside its steps: MAPPED, CANDIDATES, PEER_CANDIDATES and
 * RELAY_REFUSED. False for another type. */
static bool
read_path_body (KhReader *reader, KhMessage *message)
{
  switch (message->type)
    {
    case KH_MESSAGE_MAPPED:
      kh_reader_copy (reader, message->mapped.call_id, KH_CALL_ID_LEN);
      message->mapped.round = read_round (reader);
      message->mapped.port = kh_reader_u16 (reader);
      return true;
    case KH_MESSAGE_CANDIDATES:
    case KH_MESSAGE_PEER_CANDIDATES:
      kh_reader_copy (reader, message->candidates.call_id, KH_CALL_ID_LEN);
      message->candidates.sealed = read_opaque (reader, KH_CANDIDATES_LEN_MAX);
      return true;
    case KH_MESSAGE_RELAY_REFUSED:
      message->relay_refused.reason
          = read_call_step (reader, message->relay_refused.call_id);
      return true;
    default:
      return false;
    }
}

/* The same: false for another type. */
static bool
write_path_body (KhWriter *writer, const KhMessage *message)
{
  switch (message->type)
    {
    case KH_MESSAGE_MAPPED:
      kh_writer_bytes (writer, message->mapped.call_id, KH_CALL_ID_LEN);
      write_round (writer, message->mapped.round);
      kh_writer_u16 (writer, message->mapped.port);
      return true;
    case KH_MESSAGE_CANDIDATES:
    case KH_MESSAGE_PEER_CANDIDATES:
      kh_writer_bytes (writer, message->candidates.call_id, KH_CALL_ID_LEN);
      write_opaque (writer, message->candidates.sealed, KH_CANDIDATES_LEN_MAX);
      return true;
    case KH_MESSAGE_RELAY_REFUSED:
      write_call_step (writer, message->relay_refused.call_id,
                       message->relay_refused.reason);
      return true;
    default:
      return false;
    }
}

static void
read_room (KhReader *reader, KhMsgRoom *room, bool with_result)
{
  kh_reader_copy (reader, room->id, sizeof room->id);
  room->result = with_result ? kh_reader_u8 (reader) : 0;
}

static void
write_room (KhWriter *writer, const KhMsgRoom *room, bool with_result)
{
  kh_writer_bytes (writer, room->id, KH_ROOM_ID_LEN);
  if (with_result)
    kh_writer_u8 (writer, room->result);
}

static uint8_t
read_probe_index (KhReader *reader)
{
  uint8_t index = kh_reader_u8 (reader);

  if (index >= KH_PROBE_INDICES)
    reader->failed = true;
  return index;
}

static void
write_probe_index (KhWriter *writer, uint8_t index)
{
  if (index >= KH_PROBE_INDICES)
    writer->failed = true;
  kh_writer_u8 (writer, index);
}

/* PROBE, DIAL, DIALLED and PROBED. False for another type. */
static bool
read_probe_body (KhReader *reader, KhMessage *message)
{
  switch (message->type)
    {
    case KH_MESSAGE_PROBE:
      kh_reader_copy (reader, message->probe.probe_id, KH_CALL_ID_LEN);
      return true;
    case KH_MESSAGE_DIAL:
    case KH_MESSAGE_DIALLED:
      kh_reader_copy (reader, message->dial.probe_id, KH_CALL_ID_LEN);
      message->dial.index = read_probe_index (reader);
      message->dial.from = kh_reader_u8 (reader);
      if (message->type == KH_MESSAGE_DIALLED)
        {
          message->dial.result = kh_reader_u8 (reader);
          message->dial.wait_s = kh_reader_u16 (reader);
        }
      else
        message->dial.port = kh_reader_u16 (reader);
      return true;
    case KH_MESSAGE_PROBED:
      kh_reader_copy (reader, message->probed.probe_id, KH_CALL_ID_LEN);
      message->probed.index = read_probe_index (reader);
      message->probed.endpoint = kh_endpoint_read (reader);
      return true;
    default:
      return false;
    }
}

/* The same: false for another type. */
static bool
write_probe_body (KhWriter *writer, const KhMessage *message)
{
  switch (message->type)
    {
    case KH_MESSAGE_PROBE:
      kh_writer_bytes (writer, message->probe.probe_id, KH_CALL_ID_LEN);
      return true;
    case KH_MESSAGE_DIAL:
    case KH_MESSAGE_DIALLED:
      kh_writer_bytes (writer, message->dial.probe_id, KH_CALL_ID_LEN);
      write_probe_index (writer, message->dial.index);
      kh_writer_u8 (writer, message->dial.from);
      if (message->type == KH_MESSAGE_DIALLED)
        {
          kh_writer_u8 (writer, message->dial.result);
          kh_writer_u16 (writer, message->dial.wait_s);
        }
      else
        kh_writer_u16 (writer, message->dial.port);
      return true;
    case KH_MESSAGE_PROBED:
      kh_writer_bytes (writer, message->probed.probe_id, KH_CALL_ID_LEN);
      write_probe_index (writer, message->probed.index);
      kh_endpoint_write (&message->probed.endpoint, writer);
      return true;
    default:
      return false;
    }
}

/* False for a type that is not known. */
static bool
read_body (KhReader *reader, KhMessage *message)
{
  switch (message->type)
    {
    case KH_MESSAGE_HELLO:
      read_hello (reader, &message->hello);
      return true;
    case KH_MESSAGE_JOIN:
    case KH_MESSAGE_LEAVE:
    case KH_MESSAGE_JOINED:
      read_room (reader, &message->room, message->type == KH_MESSAGE_JOINED);
      return true;
    case KH_MESSAGE_PING:
    case KH_MESSAGE_PONG:
      message->ping.cookie = kh_reader_u32 (reader);
      return true;
    case KH_MESSAGE_CLASS:
      message->klass.nat_class = kh_reader_u8 (reader);
      return true;
    case KH_MESSAGE_WELCOME:
      read_welcome (reader, &message->welcome);
      return true;
    case KH_MESSAGE_PEERS:
      read_peers (reader, &message->peers);
      return true;
    case KH_MESSAGE_REPLACED:
      return true;
    case KH_MESSAGE_REFUSED:
      message->refused.code = kh_reader_u8 (reader);
      return true;
    case KH_MESSAGE_CALL:
    case KH_MESSAGE_CALLED:
      read_call (reader, &message->call, message->type == KH_MESSAGE_CALLED);
      return true;
    case KH_MESSAGE_ANSWER:
    case KH_MESSAGE_ANSWERED:
      message->answer.verdict = read_call_step (reader, message->answer.call_id);
      message->answer.introduction = read_opaque (reader, KH_INTRODUCTION_LEN_MAX);
      return true;
    case KH_MESSAGE_ROUND:
    case KH_MESSAGE_GO:
    case KH_MESSAGE_PEER_ROUND:
    case KH_MESSAGE_PEER_GO:
      kh_reader_copy (reader, message->round.call_id, KH_CALL_ID_LEN);
      message->round.round = read_round (reader);
      return true;
    case KH_MESSAGE_HANG_UP:
    case KH_MESSAGE_HUNG_UP:
      message->hang_up.reason = read_call_step (reader, message->hang_up.call_id);
      return true;
    case KH_MESSAGE_OBSERVED:
    case KH_MESSAGE_ENDPOINT:
      read_endpoint (reader, &message->endpoint);
      return true;
    default:
      return read_path_body (reader, message) || read_probe_body (reader, message);
    }
}

KhMessageResult
kh_messages_read (KhMessage *message, const uint8_t *bytes, size_t len)
{
  KhReader reader;
  KhMessage read = { 0 };

  kh_reader_init (&reader, bytes, len);
  read.type = (KhMessageType)kh_reader_u8 (&reader);
  if (!kh_reader_done (&reader))
    return KH_MESSAGE_BAD;
  if (!read_body (&reader, &read))
    return KH_MESSAGE_UNKNOWN;
  if (!kh_reader_done (&reader))
    return KH_MESSAGE_BAD;
  *message = read;
  return KH_MESSAGE_READ;
}

bool
kh_messages_write (KhWriter *writer, const KhMessage *message)
{
  kh_writer_u8 (writer, (uint8_t)message->type);
  switch (message->type)
    {
    case KH_MESSAGE_HELLO:
      write_hello (writer, &message->hello);
      break;
    case KH_MESSAGE_JOIN:
    case KH_MESSAGE_LEAVE:
    case KH_MESSAGE_JOINED:
      write_room (writer, &message->room, message->type == KH_MESSAGE_JOINED);
      break;
    case KH_MESSAGE_PING:
    case KH_MESSAGE_PONG:
      kh_writer_u32 (writer, message->ping.cookie);
      break;
    case KH_MESSAGE_CLASS:
      kh_writer_u8 (writer, message->klass.nat_class);
      break;
    case KH_MESSAGE_WELCOME:
      write_welcome (writer, &message->welcome);
      break;
    case KH_MESSAGE_PEERS:
      writer->failed = true; /* see begin_peers() */
      break;
    case KH_MESSAGE_REPLACED:
      break;
    case KH_MESSAGE_REFUSED:
      kh_writer_u8 (writer, message->refused.code);
      break;
    case KH_MESSAGE_CALL:
    case KH_MESSAGE_CALLED:
      write_call (writer, &message->call, message->type == KH_MESSAGE_CALLED);
      break;
    case KH_MESSAGE_ANSWER:
    case KH_MESSAGE_ANSWERED:
      write_call_step (writer, message->answer.call_id, message->answer.verdict);
      write_opaque (writer, message->answer.introduction, KH_INTRODUCTION_LEN_MAX);
      break;
    case KH_MESSAGE_ROUND:
    case KH_MESSAGE_GO:
    case KH_MESSAGE_PEER_ROUND:
    case KH_MESSAGE_PEER_GO:
      kh_writer_bytes (writer, message->round.call_id, KH_CALL_ID_LEN);
      write_round (writer, message->round.round);
      break;
    case KH_MESSAGE_HANG_UP:
    case KH_MESSAGE_HUNG_UP:
      write_call_step (writer, message->hang_up.call_id, message->hang_up.reason);
      break;
    case KH_MESSAGE_OBSERVED:
    case KH_MESSAGE_ENDPOINT:
      write_endpoint (writer, &message->endpoint);
      break;
    default:
      if (!write_path_body (writer, message) && !write_probe_body (writer, message))
        writer->failed = true;
    }
  return kh_writer_done (writer);
}

bool
kh_messages_next_peer (KhMsgPeers *peers, KhMsgPeer *peer)
{
  if (peers->n_left == 0)
    return false;
  peers->n_left--;
  *peer = read_peer (&peers->entries);
  return true;
}

bool
kh_messages_begin_peers (KhPeersPage *page, KhWriter *writer,
                         const uint8_t room_id[KH_ROOM_ID_LEN])
{
  kh_writer_u8 (writer, KH_MESSAGE_PEERS);
  kh_writer_bytes (writer, room_id, KH_ROOM_ID_LEN);
  *page = (KhPeersPage){ .writer = writer };
  page->flags_at = kh_writer_reserve (writer, 1);
  page->n_at = kh_writer_reserve (writer, 2);
  return kh_writer_done (writer);
}

bool
kh_messages_add_peer (KhPeersPage *page, const KhMsgPeer *peer)
{
  size_t name_len = peer->online ? peer->name.len : 0;

  if (page->writer->capacity - page->writer->len < 1 + KH_ID_LEN + 1 + name_len
      || page->n == UINT16_MAX)
    return false;
  kh_writer_u8 (page->writer, peer->online ? (uint8_t)(peer->nat_class << 1 | 1) : 0);
  kh_writer_bytes (page->writer, peer->id, KH_ID_LEN);
  kh_writer_text8 (page->writer, peer->name.bytes, name_len);
  page->n++;
  return true;
}

void
kh_messages_end_peers (KhPeersPage *page, uint8_t flags)
{
  if (page->flags_at != NULL)
    *page->flags_at = flags;
  kh_writer_patch_u16 (page->n_at, page->n);
}

bool
kh_messages_read_introduction (KhIntroduction *introduction, KhMsgOpaque opaque)
{
  KhReader reader;
  KhIntroduction read;

  kh_reader_init (&reader, opaque.bytes, opaque.len);
  read.version = kh_reader_u8 (&reader);
  read.ciphers = kh_reader_u8 (&reader);
  read.nat_class = kh_reader_u8 (&reader);
  read.flags = kh_reader_u8 (&reader);
  read.candidates = read_opaque (&reader, KH_INTRODUCTION_LEN_MAX);
  if (!kh_reader_done (&reader) || read.version < KH_INTRODUCTION_VERSION
      || (read.ciphers & (KH_CIPHER_CHACHAPOLY | KH_CIPHER_AESGCM)) == 0)
    return false;
  *introduction = read;
  return true;
}

bool
kh_messages_write_introduction (KhWriter *writer, const KhIntroduction *introduction)
{
  size_t before = writer->len;

  kh_writer_u8 (writer, introduction->version);
  kh_writer_u8 (writer, introduction->ciphers);
  kh_writer_u8 (writer, introduction->nat_class);
  kh_writer_u8 (writer, introduction->flags);
  write_opaque (writer, introduction->candidates, KH_INTRODUCTION_LEN_MAX);
  if (writer->len - before > KH_INTRODUCTION_LEN_MAX)
    writer->failed = true;
  return kh_writer_done (writer);
}
