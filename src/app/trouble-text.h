/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * trouble-text.h - what is wrong with the data folder, in sentences. Pure functions.
 */
#pragma once

#include "core/types.h"

/* Why @folder can't be opened, what to do, and below it what the store itself says, which
 * is not translated, or which folder it is. Free it. */
char *kh_trouble_text_opening (const GError *error, const char *folder);

/* Something could not be kept there, or read from there: the code of KH_EVENT_TROUBLE. */
const char *kh_trouble_text_keeping (KhStoreError code);
