/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * memory.h - what was needed to build pages goes back to the system.
 */
#pragma once

/* Some seconds from now, however often it is asked for. */
void kh_memory_give_back_soon (void);
