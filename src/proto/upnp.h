/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * upnp.h - finding a router that speaks UPnP, and its addresses, as values.
 *
 * write_search() is the question that all devices of a network hear; read_found() takes
 * an answer apart; read_url() an address in it. What the device then says of itself is
 * not for here (net/igd.h).
 *
 * An address must be an IPv4 address in digits, and its path printable ASCII without
 * spaces, so that a request can be made of it as it is.
 *
 * Lengths are bytes. Source: UPnP Device Architecture 1.1 section 1.3.
 */
#pragma once

#include "proto/endpoint.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KH_UPNP_PORT 1900
/* As long as any in use; miniupnpc reads no longer ones either. */
#define KH_UPNP_URL_MAX 128

typedef struct
{
  KhEndpoint endpoint;
  char text[KH_UPNP_URL_MAX]; /* the whole of it, NUL-terminated */
  char path[KH_UPNP_URL_MAX]; /* begins with a slash */
} KhUpnpUrl;

/* What is asked for: what maps ports goes by one of so many names. */
#define KH_UPNP_N_TARGETS 4

/* The question for target @i; false when @writer is too small, which 256 bytes never
 * are. */
bool kh_upnp_write_search (KhWriter *writer, unsigned i);

/* False when this is no answer of something that maps ports. */
bool kh_upnp_read_found (KhUpnpUrl *location, const void *bytes, size_t len);

bool kh_upnp_read_url (KhUpnpUrl *self, const char *text, size_t len);
