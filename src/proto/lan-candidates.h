/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * lan-candidates.h - addresses inside a private network, told to one peer alone.
 *
 * seal() what is ours for the peer of a call and open() what came from there; nobody else
 * can read it, and it is good for that call, side and round only. judge() says of an
 * address that a peer named whether it may be dialled at all: nobody is to make this
 * computer dial hosts that can't be theirs.
 *
 * No sockets and no randomness: give a random @nonce. Source: src/PROTOCOL.md
 * section 4.2; RFC 1918; RFC 8445 section 5.1.1.1 (host candidates).
 */
#pragma once

#include "proto/endpoint.h"
#include "proto/messages.h"
#include "proto/noise.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KH_LAN_CANDIDATES_MAX 4
#define KH_LAN_NONCE_LEN 24

/* A network that this computer is in. */
typedef struct
{
  KhEndpoint address; /* this computer's; port 0 */
  uint8_t prefix_len; /* bits */
} KhLanNetwork;

typedef struct
{
  uint8_t round;
  uint8_t n;
  KhEndpoint endpoints[KH_LAN_CANDIDATES_MAX];
} KhLanCandidates;

/* Whose words they are. */
typedef struct
{
  const uint8_t *call_id;
  bool from_caller;
  const KhKeyPair *own;
  const uint8_t *peer; /* public key */
} KhLanEnds;

/* The length of what is in @out. */
size_t kh_lan_candidates_seal (const KhLanCandidates *self, const KhLanEnds *ends,
                               const uint8_t nonce[KH_LAN_NONCE_LEN],
                               uint8_t out[KH_CANDIDATES_LEN_MAX]);

/* False for anything that is not from this peer and for this call. */
bool kh_lan_candidates_open (KhLanCandidates *self, const KhLanEnds *ends,
                             const uint8_t *bytes, size_t len);

typedef enum
{
  KH_LAN_NEVER,
  KH_LAN_SAME_PUBLIC, /* only where both sides are seen at one public address */
  KH_LAN_ON_LINK,     /* in a network of this computer */
} KhLanVerdict;

/* @gateway: the router's address, of family 0 where it is not known. */
KhLanVerdict kh_lan_judge (const KhEndpoint *candidate, const KhLanNetwork *networks,
                           size_t n_networks, const KhEndpoint *gateway);
