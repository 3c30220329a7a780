/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * safety-number.h - what two people compare to know that nobody sits between them.
 *
 * Both get the same text from the two public keys, whichever is given first.
 * Nothing here remembers whether they have compared it.
 *
 * Source: src/PROTOCOL.md, section 1.
 */
#pragma once

#include <stdint.h>

/* Twelve groups of five digits, spaces between them, NUL. */
#define KH_SAFETY_NUMBER_LEN 72

void kh_safety_number (const uint8_t a[32], const uint8_t b[32],
                       char text[KH_SAFETY_NUMBER_LEN]);

/* The same number as pictures, each of 64: for a look, where the digits are for
 * certainty.
 */
#define KH_SAFETY_NUMBER_PICTURES 8

void kh_safety_pictures (const uint8_t a[32], const uint8_t b[32],
                         uint8_t pictures[KH_SAFETY_NUMBER_PICTURES]);
