/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * reach.h - finds whom the person means, and reaches them.
 *
 * begin() once the list of who is online is complete, then every event to event(). It
 * ends in the errand's connected(), or in the run's end with a sentence. After the
 * first connection it is the errand that decides what a lost one means.
 */
#pragma once

#include "cli/run.h"

void kh_reach_begin (KhRun *run);
void kh_reach_event (KhRun *run, const KhEvent *event);
