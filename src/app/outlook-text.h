/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * outlook-text.h - what to expect of a direct connection with somebody, before one
 * clicks.
 *
 * No widgets. All texts are translated; they forecast and promise nothing.
 */
#pragma once

#include "core/types.h"

/* "Direct connection: very likely"; NULL where nothing is known. */
const char *kh_outlook_text (KhOutlook outlook);

/* The same in a list, of somebody who is online: "Online · Direct: very likely". */
const char *kh_outlook_text_online (KhOutlook outlook);

/* That @name is online, what to expect, and the next step where there is one. Free it. */
char *kh_outlook_text_sentence (KhOutlook outlook, const char *name);

/* What kind of network somebody says to be in; NULL: nothing is known. */
const char *kh_outlook_text_network (KhNatClass nat_class);

/* The forecast and why, for a tooltip; NULL: nothing is known. Free it. */
char *kh_outlook_text_tooltip (KhOutlook outlook, KhNatClass nat_class);
