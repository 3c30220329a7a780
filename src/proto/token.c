/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/token.h"

#include <sodium.h>

void
kh_token_compute (uint8_t token[KH_TOKEN_LEN], const uint8_t secret[KH_TOKEN_SECRET_LEN],
                  const uint8_t call_id[16], uint8_t round, uint8_t index,
                  KhTokenKind kind)
{
  static const uint8_t label[] = "knothole assist 1";
  const uint8_t place[3] = { round, index, (uint8_t)kind };
  uint8_t hash[32];
  crypto_generichash_state state;

  crypto_generichash_init (&state, secret, KH_TOKEN_SECRET_LEN, sizeof hash);
  crypto_generichash_update (&state, label, sizeof label - 1);
  crypto_generichash_update (&state, call_id, 16);
  crypto_generichash_update (&state, place, sizeof place);
  crypto_generichash_final (&state, hash, sizeof hash);

  for (unsigned i = 0; i < KH_TOKEN_LEN; i++)
    token[i] = hash[i];
  sodium_memzero (hash, sizeof hash);
  sodium_memzero (&state, sizeof state);
}

void
kh_token_mapped (uint8_t tag[KH_TOKEN_LEN], const uint8_t call_id[16],
                 const uint8_t dialler[32])
{
  static const uint8_t label[] = "knothole mapped 1";
  uint8_t hash[32];
  crypto_generichash_state state;

  crypto_generichash_init (&state, NULL, 0, sizeof hash);
  crypto_generichash_update (&state, label, sizeof label - 1);
  crypto_generichash_update (&state, call_id, 16);
  crypto_generichash_update (&state, dialler, 32);
  crypto_generichash_final (&state, hash, sizeof hash);
  for (unsigned i = 0; i < KH_TOKEN_LEN; i++)
    tag[i] = hash[i];
}
