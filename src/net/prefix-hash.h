/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * prefix-hash.h - the hash of the first bytes of a file, in steps.
 *
 * begin(), step() until the result is no longer RUNNING, then read @hash. Each step
 * reads a little, so that whoever has other work can do it in between.
 *
 * It borrows the descriptor. Lengths are bytes.
 *
 * Source: src/PROTOCOL.md section 6.1: BLAKE2b-256 keyed by the transfer's id.
 */
#pragma once

#include "proto/frame.h"

#include <sodium.h>
#include <stdbool.h>
#include <stdint.h>

/* Read and hashed by one step: about a millisecond. */
#define KH_PREFIX_HASH_STEP (1u << 20)

typedef enum
{
  KH_PREFIX_HASH_RUNNING,
  KH_PREFIX_HASH_DONE,
  KH_PREFIX_HASH_FAILED, /* shorter, or can't be read */
} KhPrefixHashResult;

/* Read @hash and @result. */
typedef struct
{
  KhPrefixHashResult result;
  uint8_t hash[KH_FRAME_HASH_LEN];
  crypto_generichash_state state;
  int fd;
  uint64_t at;
  uint64_t end;
} KhPrefixHash;

void kh_prefix_hash_begin (KhPrefixHash *self, int fd, uint64_t len,
                           const uint8_t transfer[KH_FRAME_ID_LEN]);
KhPrefixHashResult kh_prefix_hash_step (KhPrefixHash *self);
