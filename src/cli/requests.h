/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * requests.h - answers calls and offers that wait for a person.
 *
 * Give it every event. Where no person can be asked it declines.
 */
#pragma once

#include "cli/run.h"

void kh_requests_event (KhRun *run, const KhEvent *event);

/* What to ask of the client: with KH_CONSENT_ASK and nobody to ask it is none. */
KhConsent kh_requests_consent (KhConsent wanted, gboolean has_person);
