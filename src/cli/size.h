/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * size.h - a number of bytes as a person types it: 500K, 1.5G.
 *
 * A decimal number and perhaps one of K, M, G, T behind it, in powers of 1000 as all
 * sizes of this program; small letters are as good. Pure functions. Sizes are bytes.
 */
#pragma once

#include <glib.h>

/* Slower than this nothing would seem to move: whoever types 500 means 500K. */
#define KH_SIZE_LEAST_RATE 1000

/* NULL, or what is wrong with @text as the end of a sentence: "is too large". */
const char *kh_size_parse (const char *text, guint64 *bytes);

/* A limit in bytes a second: 0 for "0" and "none", which lift it. */
const char *kh_size_parse_rate (const char *text, guint64 *rate);
