/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * path-kind.h - what kind of candidate a connection was made by.
 *
 * Source: src/PROTOCOL.md section 4; RFC 8445 section 5.1.2 (preferring kinds).
 */
#pragma once

#include <stdbool.h>

/* Kept in stores: only add at the end. */
typedef enum
{
  KH_PATH_LAN,
  KH_PATH_IPV6,
  KH_PATH_PUNCHED,
  KH_PATH_PREDICTED, /* one of many dials found the port that a router gave */
  KH_PATH_MAPPED,    /* a port that is open from outside */
  KH_PATH_RELAY,     /* through the server */
} KhPathKind;

/* Nearer, or more lasting. Whether one is punched or predicted makes no difference. */
bool kh_path_kind_is_better (KhPathKind one, KhPathKind other);
