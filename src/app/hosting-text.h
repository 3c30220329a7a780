/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * hosting-text.h - whether friends outside reach the meeting point of this computer, and
 * what to do where they don't: sentences for people, translated.
 *
 * Pure: values in, text out.
 */
#pragma once

#include "core/types.h"

/* A sentence or two; never "" unless the state is OFF. */
const char *kh_hosting_text_outside (const KhMeetingPorts *ports);
