/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/lan-candidates.h"

#include <sodium.h>
#include <string.h>

#define SEALED_MAX (KH_CANDIDATES_LEN_MAX - KH_LAN_NONCE_LEN)
#define PLAIN_MAX (SEALED_MAX - crypto_box_MACBYTES)

enum
{
  FROM_CALLER = 1,
  FROM_CALLEE = 2,
};

static uint8_t
role_of (const KhLanEnds *ends)
{
  return ends->from_caller ? FROM_CALLER : FROM_CALLEE;
}

size_t
kh_lan_candidates_seal (const KhLanCandidates *self, const KhLanEnds *ends,
                        const uint8_t nonce[KH_LAN_NONCE_LEN],
                        uint8_t out[KH_CANDIDATES_LEN_MAX])
{
  uint8_t plain[PLAIN_MAX];
  KhWriter writer;

  kh_writer_init (&writer, plain, sizeof plain);
  kh_writer_bytes (&writer, ends->call_id, KH_CALL_ID_LEN);
  kh_writer_u8 (&writer, role_of (ends));
  kh_writer_u8 (&writer, self->round);
  kh_writer_u8 (&writer, self->n);
  for (uint8_t i = 0; i < self->n; i++)
    kh_endpoint_write (&self->endpoints[i], &writer);
  memcpy (out, nonce, KH_LAN_NONCE_LEN);
  if (!kh_writer_done (&writer)
      || crypto_box_easy (out + KH_LAN_NONCE_LEN, plain, writer.len, nonce, ends->peer,
                          ends->own->secret_key)
             != 0)
    return 0;
  return KH_LAN_NONCE_LEN + crypto_box_MACBYTES + writer.len;
}

bool
kh_lan_candidates_open (KhLanCandidates *self, const KhLanEnds *ends,
                        const uint8_t *bytes, size_t len)
{
  uint8_t plain[PLAIN_MAX];
  const uint8_t *call_id;
  KhReader reader;

  *self = (KhLanCandidates){ 0 };
  if (len < KH_LAN_NONCE_LEN + crypto_box_MACBYTES || len > KH_CANDIDATES_LEN_MAX
      || crypto_box_open_easy (plain, bytes + KH_LAN_NONCE_LEN, len - KH_LAN_NONCE_LEN,
                               bytes, ends->peer, ends->own->secret_key)
             != 0)
    return false;
  kh_reader_init (&reader, plain, len - KH_LAN_NONCE_LEN - crypto_box_MACBYTES);
  call_id = kh_reader_bytes (&reader, KH_CALL_ID_LEN);
  if (call_id == NULL || memcmp (call_id, ends->call_id, KH_CALL_ID_LEN) != 0
      || kh_reader_u8 (&reader) != role_of (ends))
    return false;
  self->round = kh_reader_u8 (&reader);
  self->n = kh_reader_u8 (&reader);
  if (self->n > KH_LAN_CANDIDATES_MAX)
    self->n = KH_LAN_CANDIDATES_MAX;
  for (uint8_t i = 0; i < self->n; i++)
    self->endpoints[i] = kh_endpoint_read (&reader);
  return kh_reader_done (&reader);
}

static uint32_t
number_of (const KhEndpoint *endpoint)
{
  const uint8_t *bytes = endpoint->address;

  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8
         | bytes[3];
}

static uint32_t
host_bits (const KhLanNetwork *network)
{
  return network->prefix_len >= 32 ? 0 : UINT32_MAX >> network->prefix_len;
}

static bool
is_in (const KhEndpoint *candidate, const KhLanNetwork *network)
{
  uint32_t differs = number_of (candidate) ^ number_of (&network->address);

  return network->address.family == 4 && (differs & ~host_bits (network)) == 0;
}

/* The network's own number and its broadcast address are no hosts. */
static bool
is_host (const KhEndpoint *candidate, const KhLanNetwork *network)
{
  uint32_t hosts = host_bits (network);
  uint32_t host = number_of (candidate) & hosts;

  return hosts <= 1 || (host != 0 && host != hosts);
}

KhLanVerdict
kh_lan_judge (const KhEndpoint *candidate, const KhLanNetwork *networks,
              size_t n_networks, const KhEndpoint *gateway)
{
  if (candidate->family != 4 || candidate->port < KH_CALL_PORT_MIN
      || kh_endpoint_kind (candidate) != KH_ENDPOINT_PRIVATE
      || kh_endpoint_same_address (candidate, gateway))
    return KH_LAN_NEVER;
  /* Both computers may have a bridge of the same address, each for itself. */
  for (size_t i = 0; i < n_networks; i++)
    if (kh_endpoint_same_address (candidate, &networks[i].address))
      return KH_LAN_SAME_PUBLIC;
  for (size_t i = 0; i < n_networks; i++)
    if (is_in (candidate, &networks[i]))
      return is_host (candidate, &networks[i])
                     && kh_endpoint_kind (&networks[i].address) == KH_ENDPOINT_PRIVATE
                 ? KH_LAN_ON_LINK
                 : KH_LAN_NEVER;
  return KH_LAN_SAME_PUBLIC;
}
