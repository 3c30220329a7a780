/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * nat-words.h - what knothole-cli calls a kind of router, in scripts and in sentences.
 *
 * Pure functions. The word() ones are the contract of `nat --json`; meaning() says what a
 * network means for connecting.
 */
#pragma once

#include "core/types.h"

const char *kh_nat_words_type (KhNatType type);
const char *kh_nat_words_behaviour (KhNatBehaviour behaviour);
const char *kh_nat_words_allocation (KhPortAllocation allocation);

/* "drop", "reset", "icmp" or "unknown". */
const char *kh_nat_words_unsolicited (KhNatDial dial);

/* One or two sentences. */
const char *kh_nat_words_meaning (const KhNetworkInfo *network);

/* What the servers there were could not tell; NULL: they could tell it. */
const char *kh_nat_words_limit (const KhNetworkInfo *network);
