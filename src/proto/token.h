/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * token.h - what a client sends on a new connection to the assist port.
 *
 * Client and server both call compute(); the secret came in WELCOME. A token is
 * bound to client (by its secret), call, round, port index and kind. Whether it
 * may be used now is the business of the directory.
 *
 * Source: src/PROTOCOL.md, section 3.
 */
#pragma once

#include <stdint.h>

#define KH_TOKEN_LEN 16
#define KH_TOKEN_SECRET_LEN 32

typedef enum
{
  KH_TOKEN_OBSERVE = 1,
  KH_TOKEN_RELAY = 2, /* round 0, index 0 */
  KH_TOKEN_PROBE = 3,
  KH_TOKEN_DIAL_BACK = 4, /* what the server writes; the round is a KhProbeDial */
} KhTokenKind;

void kh_token_compute (uint8_t token[KH_TOKEN_LEN],
                       const uint8_t secret[KH_TOKEN_SECRET_LEN],
                       const uint8_t call_id[16], uint8_t round, uint8_t index,
                       KhTokenKind kind);

/* What the peer @dialler says first at a mapped port of this call's other side. */
void kh_token_mapped (uint8_t tag[KH_TOKEN_LEN], const uint8_t call_id[16],
                      const uint8_t dialler[32]);
