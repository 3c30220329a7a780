/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * interfaces.h - which addresses this computer has.
 *
 * Asks the system, which answers at once. Nothing is sent.
 */
#pragma once

#include <stdbool.h>

/* @has: an interface that is up has an IPv6 address that the internet can reach. False
 * when the system does not say. */
bool kh_interfaces_have_global_v6 (bool *has);
