/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * identity.h - the public key of a person or a server, as text.
 *
 * to_text() writes what people copy and read aloud; from_text() takes it back
 * and says what is wrong with it. A checksum catches typos, and its two kinds
 * catch a person's id where a server's should be and the other way round.
 *
 * Nothing here makes keys or keeps them, and nothing trims spaces.
 *
 * Lengths are bytes. Source: src/PROTOCOL.md, section 1; RFC 4648, section 6.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* 32 bytes of key and 3 of checksum are exactly 56 characters of 5 bits. */
#define KH_IDENTITY_TEXT_LEN 56

typedef enum
{
  KH_IDENTITY_PEER,
  KH_IDENTITY_SERVER,
} KhIdentityKind;

typedef enum
{
  KH_IDENTITY_OK,
  KH_IDENTITY_WRONG_LENGTH,
  KH_IDENTITY_WRONG_CHARACTER,
  KH_IDENTITY_WRONG_CHECKSUM,
  KH_IDENTITY_OTHER_KIND, /* right, but a server's where a person's should be */
  KH_IDENTITY_LOW_ORDER,  /* a key with which every shared secret is zero */
} KhIdentityError;

void kh_identity_to_text (KhIdentityKind kind, const uint8_t key[32],
                          char text[KH_IDENTITY_TEXT_LEN + 1]);

/* Upper case is fine. Unless all is well @key is untouched. @position, which may
 * be NULL, is where the first wrong character stands; only WRONG_CHARACTER sets
 * it. */
KhIdentityError kh_identity_from_text (KhIdentityKind kind, const char *text, size_t len,
                                       uint8_t key[32], size_t *position);
