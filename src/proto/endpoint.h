/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * endpoint.h - an IP address and a TCP port, as values.
 *
 * Make one with v4(), v6(), read() or parse(); then compare, write or print it.
 * An IPv4 address inside IPv6 (::ffff:1.2.3.4) becomes family 4 in all of them,
 * so that two endpoints are the same exactly when equal() says so.
 *
 * Nothing here resolves names, knows scopes (%eth0) or opens sockets.
 *
 * Ports are in host order. Source: src/PROTOCOL.md, introduction; RFC 5952 for
 * the text; the IANA special-purpose address registries for the kinds.
 */
#pragma once

#include "proto/reader.h"
#include "proto/writer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "[" and the longest IPv6 address and "]:65535" and NUL. */
#define KH_ENDPOINT_TEXT_MAX (1 + 39 + 7 + 1)
/* Longest wire form: family, IPv6 address, port. */
#define KH_ENDPOINT_LEN_MAX (1 + 16 + 2)

/* All zero is no endpoint. Bytes of @address that the family does not use are 0. */
typedef struct
{
  uint8_t family; /* 0 none, 4, 6 */
  uint8_t address[16];
  uint16_t port;
} KhEndpoint;

typedef enum
{
  KH_ENDPOINT_NONE, /* no endpoint, 0.0.0.0/8, :: */
  KH_ENDPOINT_GLOBAL,
  KH_ENDPOINT_PRIVATE,    /* RFC 1918, carrier NAT 100.64/10, unique local fc00::/7 */
  KH_ENDPOINT_LINK_LOCAL, /* 169.254/16, fe80::/10 */
  KH_ENDPOINT_LOOPBACK,   /* 127/8, ::1 */
  KH_ENDPOINT_MULTICAST,  /* 224/4 and above (broadcast too), ff00::/8 */
} KhEndpointKind;

KhEndpoint kh_endpoint_v4 (const uint8_t address[4], uint16_t port);
KhEndpoint kh_endpoint_v6 (const uint8_t address[16], uint16_t port);

bool kh_endpoint_equal (const KhEndpoint *one, const KhEndpoint *other);
bool kh_endpoint_same_address (const KhEndpoint *one, const KhEndpoint *other);

KhEndpointKind kh_endpoint_kind (const KhEndpoint *self);

/* The wire form. Reading anything but family 4 or 6 fails the reader; writing no
 * endpoint fails the writer. */
KhEndpoint kh_endpoint_read (KhReader *reader);
void kh_endpoint_write (const KhEndpoint *self, KhWriter *writer);

/* "1.2.3.4:5" or "[2001:db8::1]:5"; "none" for no endpoint. */
void kh_endpoint_print (const KhEndpoint *self, char out[KH_ENDPOINT_TEXT_MAX]);

/* The same back. The whole of @text must be an address and a port; on false
 * @self is untouched. */
bool kh_endpoint_parse (KhEndpoint *self, const char *text);

/* An address alone, "1.2.3.4" or "2001:db8::1" without brackets. */
bool kh_endpoint_parse_address (KhEndpoint *self, const char *text, size_t len,
                                uint16_t port);
