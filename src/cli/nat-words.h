/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * nat-words.h - what knothole-cli calls a kind of router, in scripts and in sentences.
 *
 * Pure functions. The words are the contract of `nat --json` and `peers --json`;
 * meaning() says what a network means for connecting.
 */
#pragma once

#include "core/types.h"

const char *kh_nat_words_type (KhNatType type);
const char *kh_nat_words_behaviour (KhNatBehaviour behaviour);
const char *kh_nat_words_allocation (KhPortAllocation allocation);

/* Of somebody else's network, as far as it is told; and the word for a direct connection
 * with it: "very-likely". */
const char *kh_nat_words_kind (KhNatKind kind);
const char *kh_nat_words_outlook (KhOutlook outlook);

/* The same for a person: "very likely"; NULL where nothing is known. */
const char *kh_nat_words_say_outlook (KhOutlook outlook);

/* "drop", "reset", "icmp" or "unknown". */
const char *kh_nat_words_unsolicited (KhNatDial dial);

/* What is open from outside, and by whom: "40123, by UPnP", "40123, by hand", "none".
 * Free it. */
char *kh_nat_words_open_port (const KhNetworkInfo *network);

/* One or two sentences. */
const char *kh_nat_words_meaning (const KhNetworkInfo *network);

/* What the servers there were could not tell; NULL: they could tell it. */
const char *kh_nat_words_limit (const KhNetworkInfo *network);
