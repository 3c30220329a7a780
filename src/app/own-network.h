/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * own-network.h - where on its network this computer is.
 */
#pragma once

#include <gio/gio.h>

/* The address that this computer goes out with, without brackets: NULL where it has no
 * way out. Asks the kernel's routes only: nothing is sent, nothing waits. Free it. */
char *kh_own_network_address (void);
