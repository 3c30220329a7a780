/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * requests.h - answers calls and offers that wait for a person.
 *
 * Give it every event. Where no person can be asked it declines, and says so of offers.
 */
#pragma once

#include "cli/run.h"

void kh_requests_event (KhRun *run, const KhEvent *event);
