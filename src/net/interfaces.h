/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * interfaces.h - which addresses this computer has.
 *
 * Asks the system, which answers at once. Nothing is sent.
 */
#pragma once

#include "proto/lan-candidates.h"

#include <stdbool.h>
#include <stddef.h>

/* @has: an interface that is up has an IPv6 address that the internet can reach. False
 * when the system does not say. */
bool kh_interfaces_have_global_v6 (bool *has);

/* Whether one that is up has the address of @endpoint. */
bool kh_interfaces_have (const KhEndpoint *endpoint);

/* The private IPv4 networks that this computer is in; at most @max, and how many in @n.
 * False when the system does not say. */
bool kh_interfaces_list_lans (KhLanNetwork *networks, size_t max, size_t *n);
