/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * descriptor-limit.h - how many sockets and files this program may have open.
 *
 * Systems begin with few, 1,024 on most, as old programs can't count further; a spray
 * alone needs as many.
 */
#pragma once

/* With a spray (KH_SPRAY_TARGETS) for two calls at a time, and all else. */
#define KH_DESCRIPTORS 4096

/* Allows so many, or as many as the system permits. Once, at the start. */
void kh_descriptor_limit_raise (void);
