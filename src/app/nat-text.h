/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * nat-text.h - this computer's network in plain words, and what it means for connecting.
 *
 * No widgets. All texts are translated; what was not measured says so.
 */
#pragma once

#include "core/types.h"

/* A few words, for the badge. @network may be NULL: not known. */
const char *kh_nat_text_type (const KhNetworkInfo *network);

/* The same in the terms of the field: "Port-restricted cone". */
const char *kh_nat_text_term (KhNatType type);

/* A sentence: what it means for connecting. */
const char *kh_nat_text_meaning (const KhNetworkInfo *network);

/* "success", "warning", "error", or "neutral" while it is not known. */
const char *kh_nat_text_class (const KhNetworkInfo *network);

/* A word or two, to stand under the picture of the router; "" while it is not known. */
const char *kh_nat_text_router (const KhNetworkInfo *network);

typedef struct
{
  const char *title;
  char *value;         /* as measured, or that it was not */
  const char *meaning; /* a sentence or two */
  gboolean known;
} KhNatFact;

void kh_nat_fact_free (KhNatFact *fact);

/* Every fact, in the order to be shown: an array of KhNatFact that frees them. */
GPtrArray *kh_nat_text_facts (const KhNetworkInfo *network);
