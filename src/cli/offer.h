/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * offer.h - what somebody wants to send, in words.
 *
 * Pure functions over KH_EVENT_OFFER; what comes back is clean and freed by the caller.
 */
#pragma once

#include "core/types.h"

/* So many entries are shown before the question. */
#define KH_OFFER_SHOWN 10

/* In JSON: what an offer exceeds that is not taken, or not without a question. */
#define KH_OFFER_QUOTA "quota"

/* "photo.jpg (3.2 MB)", "photos (1,234 files, 12 folders, 5.0 GB)" */
char *kh_offer_summary (const KhEvent *event);

/* The question whether to take it, with its first entries in lines above where there is
 * more than one file, and why it is asked where the quota is the reason. @entries: an
 * array of KhEntryInfo, at most KH_OFFER_SHOWN; NULL where they can't be known. @only:
 * the patterns of what would be taken, or NULL. */
char *kh_offer_question (const KhEvent *event, const GPtrArray *entries,
                         const char *const *only);

/* Where there is nobody to ask: a sentence for people, and the word of the contract. */
char *kh_offer_declined (const KhEvent *event);
const char *kh_offer_reason (const KhEvent *event);
