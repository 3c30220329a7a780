/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * gateway.h - the router that this computer's way to the internet begins with.
 *
 * Asks the system, which answers at once. Nothing is sent. IPv4 only. Any thread.
 */
#pragma once

#include "proto/endpoint.h"

#include <stdbool.h>

/* @gateway: of the default route, the best where there are several. @own: this computer's
 * address on that way. Ports are 0. False, and no endpoints, where there is none, as
 * behind a line that ends at this computer. */
bool kh_gateway_find (KhEndpoint *gateway, KhEndpoint *own);
