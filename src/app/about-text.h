/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * about-text.h - facts for a report of a mistake: versions and the network, without a
 * single address, name or key. English, since developers read it.
 *
 * Pure.
 */
#pragma once

#include "core/client.h"

/* @network may be NULL. Free it. */
char *kh_about_text_debug_info (const char *version, KhServerState server,
                                const KhNetworkInfo *network);
