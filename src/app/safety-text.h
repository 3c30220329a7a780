/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * safety-text.h - the 64 pictures that a safety number is shown as, and their names.
 *
 * Both sides show the same picture at the same place, so the table never changes; the
 * names are translated, since two people may speak to each other in any language.
 *
 * Source: the 64 emoji of the Matrix specification ("SAS method: emoji"), which were
 * chosen to be told apart by everybody.
 */
#pragma once

#include <glib.h>

#define KH_SAFETY_TEXT_PICTURES 64

/* An emoji; @picture from 0 on. */
const char *kh_safety_text_emoji (guint picture);

/* What it is called, translated. */
const char *kh_safety_text_name (guint picture);

/* The 60 digits in @number, groups of five with white space between, in four rows of
 * three groups. Free it. */
char *kh_safety_text_rows (const char *number);
