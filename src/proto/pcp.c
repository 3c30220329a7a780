/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/pcp.h"

#include <string.h>

#define VERSION 2
#define ANSWER_BIT 0x80
#define HEADER_LEN 24
#define TCP 6

/* ::ffff:a.b.c.d, as section 5 wants an IPv4 address. */
static void
write_address (KhWriter *writer, const KhEndpoint *endpoint)
{
  static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };

  kh_writer_bytes (writer, prefix, sizeof prefix);
  kh_writer_bytes (writer, endpoint->address, 4);
}

static void
write_header (KhWriter *writer, KhPcpOpcode opcode, uint32_t lifetime_s,
              const KhEndpoint *own)
{
  kh_writer_u8 (writer, VERSION);
  kh_writer_u8 (writer, (uint8_t)opcode);
  kh_writer_u16 (writer, 0);
  kh_writer_u32 (writer, lifetime_s);
  write_address (writer, own);
}

bool
kh_pcp_write_announce (KhWriter *writer, const KhEndpoint *own)
{
  write_header (writer, KH_PCP_OPCODE_ANNOUNCE, 0, own);
  return kh_writer_done (writer);
}

bool
kh_pcp_write_map (KhWriter *writer, const KhPcpMap *map)
{
  static const KhEndpoint any = { .family = 4 };

  write_header (writer, KH_PCP_OPCODE_MAP, map->lifetime_s, &map->own);
  kh_writer_bytes (writer, map->nonce, sizeof map->nonce);
  kh_writer_u8 (writer, TCP);
  kh_writer_u8 (writer, 0);
  kh_writer_u16 (writer, 0);
  kh_writer_u16 (writer, map->own.port);
  kh_writer_u16 (writer, map->external_port);
  write_address (writer, &any);
  return kh_writer_done (writer);
}

/* Options, each with its padding, up to the end (section 7.3). */
static bool
skip_options (KhReader *reader)
{
  while (!reader->failed && reader->left > 0)
    {
      uint16_t len;

      kh_reader_u16 (reader); /* code and a reserved byte */
      len = kh_reader_u16 (reader);
      kh_reader_bytes (reader, (len + 3u) & ~3u);
    }
  return kh_reader_done (reader);
}

static bool
read_map (KhReader *reader, KhPcpAnswer *answer)
{
  uint8_t address[16];
  uint16_t port;
  uint8_t protocol;

  kh_reader_copy (reader, answer->nonce, sizeof answer->nonce);
  protocol = kh_reader_u8 (reader);
  kh_reader_bytes (reader, 3);
  answer->internal_port = kh_reader_u16 (reader);
  port = kh_reader_u16 (reader);
  kh_reader_copy (reader, address, sizeof address);
  if (!skip_options (reader) || protocol != TCP)
    return false;
  answer->has_map = true;
  answer->external = kh_endpoint_v6 (address, port);
  if (port == 0 || kh_endpoint_kind (&answer->external) == KH_ENDPOINT_NONE)
    answer->external = (KhEndpoint){ 0 };
  return true;
}

static bool
read_answer (KhReader *reader, KhPcpAnswer *answer)
{
  uint8_t opcode;

  kh_reader_u8 (reader); /* the version */
  opcode = kh_reader_u8 (reader);
  kh_reader_u8 (reader);
  answer->result = kh_reader_u8 (reader);
  answer->lifetime_s = kh_reader_u32 (reader);
  answer->epoch_s = kh_reader_u32 (reader);
  kh_reader_bytes (reader, 12);
  if (!kh_reader_done (reader) || (opcode & ANSWER_BIT) == 0)
    return false;
  answer->opcode = opcode & ~ANSWER_BIT;
  if (answer->opcode == KH_PCP_OPCODE_ANNOUNCE)
    return skip_options (reader);
  if (answer->opcode != KH_PCP_OPCODE_MAP)
    return false;
  /* Errors may come without what was asked. */
  if (answer->result != KH_PCP_RESULT_SUCCESS && reader->left == 0)
    return true;
  return read_map (reader, answer)
         && (answer->result != KH_PCP_RESULT_SUCCESS || answer->lifetime_s == 0
             || answer->external.family != 0);
}

KhPcpReading
kh_pcp_read (KhPcpAnswer *out, const void *bytes, size_t len)
{
  KhPcpAnswer answer = { 0 };
  KhReader reader;

  memset (out, 0, sizeof *out);
  if (len >= 2 && ((const uint8_t *)bytes)[0] != VERSION
      && (((const uint8_t *)bytes)[1] & ANSWER_BIT) != 0)
    return KH_PCP_OTHER_VERSION;
  if (len < HEADER_LEN || len > KH_PCP_LEN_MAX || len % 4 != 0)
    return KH_PCP_MALFORMED;
  kh_reader_init (&reader, bytes, len);
  if (!read_answer (&reader, &answer))
    return KH_PCP_MALFORMED;
  *out = answer;
  return KH_PCP_READ;
}
