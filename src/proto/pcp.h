/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * pcp.h - what is said to a router that maps ports by the Port Control Protocol.
 *
 * write_announce() asks whether there is such a router; write_map() asks it to map a
 * TCP port, to keep a mapping (the same nonce again) or to remove it (no lifetime).
 * read() takes an answer apart; whether it belongs to a question, its nonce and port
 * say, and whoever asked compares them.
 *
 * IPv4 only. No option is sent; those in an answer are stepped over. Nothing here sends,
 * waits or draws a nonce.
 *
 * Lifetimes and epochs are seconds, ports are in host order, lengths are bytes.
 * Source: RFC 6887 sections 7 (header), 8.3 (answers), 11.1 (MAP), 14.1 (ANNOUNCE).
 */
#pragma once

#include "proto/endpoint.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Also of NAT-PMP. */
#define KH_PCP_PORT 5351
#define KH_PCP_NONCE_LEN 12
/* A longer message is no PCP (section 7). */
#define KH_PCP_LEN_MAX 1100
#define KH_PCP_ANNOUNCE_LEN 24
#define KH_PCP_MAP_LEN 60

typedef enum
{
  KH_PCP_OPCODE_ANNOUNCE = 0,
  KH_PCP_OPCODE_MAP = 1,
} KhPcpOpcode;

/* Section 7.4. Others than these come, too, and are failures like them. */
typedef enum
{
  KH_PCP_RESULT_SUCCESS = 0,
  KH_PCP_RESULT_UNSUPPORTED_VERSION = 1,
  KH_PCP_RESULT_NOT_AUTHORIZED = 2,
  KH_PCP_RESULT_NO_RESOURCES = 8,
} KhPcpResult;

typedef struct
{
  uint8_t nonce[KH_PCP_NONCE_LEN];
  KhEndpoint own;         /* as this computer sees itself; the port is the internal one */
  uint16_t external_port; /* wished for; 0: any */
  uint32_t lifetime_s;    /* 0: remove */
} KhPcpMap;

typedef struct
{
  KhPcpOpcode opcode;
  uint8_t result; /* KhPcpResult, or another one */
  uint32_t lifetime_s;
  uint32_t epoch_s; /* since the router forgot its mappings */
  /* Of MAP, and all zero where an error came without them. */
  bool has_map;
  uint8_t nonce[KH_PCP_NONCE_LEN];
  uint16_t internal_port;
  KhEndpoint external; /* no endpoint where the answer names no address or no port */
} KhPcpAnswer;

typedef enum
{
  KH_PCP_READ,
  KH_PCP_OTHER_VERSION, /* such a router speaks NAT-PMP, or another PCP */
  KH_PCP_MALFORMED,
} KhPcpReading;

/* @own is IPv4. False when @writer is too small. */
bool kh_pcp_write_announce (KhWriter *writer, const KhEndpoint *own);
bool kh_pcp_write_map (KhWriter *writer, const KhPcpMap *map);

/* @out is whole after READ and all zero otherwise. A MAP that succeeded has has_map,
 * names TCP and an endpoint (or is a removal, whose endpoint may be missing). */
KhPcpReading kh_pcp_read (KhPcpAnswer *out, const void *bytes, size_t len);
