/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * address.h - a server's address or an invite, as a person pastes it.
 *
 * parse() takes knothole://HOST[:PORT][/SERVERID][#room=WORD&peer=ID], with or
 * without the scheme; explain() says in a sentence what was wrong with it;
 * to_text() writes one that parse() reads as the same.
 *
 * Nothing here looks names up, and the room's word is not normalised: a word
 * means what kh_room_id() says it means.
 *
 * Lengths are bytes, the port is in host order. Source: src/PROTOCOL.md, section
 * 1; RFC 3986 for escapes, RFC 1123 for names of hosts.
 */
#pragma once

#include "proto/identity.h"
#include "proto/room.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KH_ADDRESS_DEFAULT_PORT 7470
/* Longest name of the DNS. */
#define KH_ADDRESS_HOST_MAX 253

/* Scheme, host in brackets, port, server id, room with each byte escaped, peer id,
 * NUL. */
#define KH_ADDRESS_TEXT_MAX                                                              \
  (11 + KH_ADDRESS_HOST_MAX + 2 + 6 + 1 + KH_IDENTITY_TEXT_LEN + 6                       \
   + 3 * KH_ROOM_WORD_MAX + 6 + KH_IDENTITY_TEXT_LEN + 1)

/* The longest sentence of explain(), with room to grow, and NUL. */
#define KH_ADDRESS_PROBLEM_MAX 200

typedef struct
{
  char host[KH_ADDRESS_HOST_MAX + 1]; /* lower case; IPv6 without brackets */
  uint16_t port;                      /* never 0 */
  bool has_key;
  uint8_t key[32];                 /* the server's; zero without */
  char room[KH_ROOM_WORD_MAX + 1]; /* UTF-8; empty for none */
  bool has_peer;
  uint8_t peer[32]; /* zero without */
} KhAddress;

typedef enum
{
  KH_ADDRESS_OK,
  KH_ADDRESS_EMPTY,
  KH_ADDRESS_WRONG_SCHEME,
  KH_ADDRESS_NO_HOST,
  KH_ADDRESS_WRONG_HOST,
  KH_ADDRESS_WRONG_IPV4,
  KH_ADDRESS_WRONG_IPV6,
  KH_ADDRESS_IPV6_WITHOUT_BRACKETS,
  KH_ADDRESS_WRONG_PORT,
  /* In the order of KhIdentityError. */
  KH_ADDRESS_SERVER_ID_WRONG_LENGTH,
  KH_ADDRESS_SERVER_ID_WRONG_CHARACTER,
  KH_ADDRESS_SERVER_ID_WRONG_CHECKSUM,
  KH_ADDRESS_SERVER_ID_OF_PERSON,
  KH_ADDRESS_SERVER_ID_LOW_ORDER,
  KH_ADDRESS_PEER_ID_WRONG_LENGTH,
  KH_ADDRESS_PEER_ID_WRONG_CHARACTER,
  KH_ADDRESS_PEER_ID_WRONG_CHECKSUM,
  KH_ADDRESS_PEER_ID_OF_SERVER,
  KH_ADDRESS_PEER_ID_LOW_ORDER,
  KH_ADDRESS_ROOM_WRONG_ESCAPE,
  KH_ADDRESS_ROOM_NOT_TEXT, /* not UTF-8, or with a control character */
  KH_ADDRESS_ROOM_TOO_LONG,
} KhAddressError;

/* White space around it is ignored, and so are fields after the # that have
 * another name. Unless all is well @out is all zero. */
KhAddressError kh_address_parse (const char *text, KhAddress *out);

/* Writes what is wrong and what to do about it, one English sentence or two
 * without a final dot, cut at @capacity. True, and empty, when nothing is wrong. */
bool kh_address_explain (KhAddressError error, char *out, size_t capacity);

/* False, and empty, when @capacity is too small; KH_ADDRESS_TEXT_MAX never is. */
bool kh_address_to_text (const KhAddress *self, char *out, size_t capacity);
