/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * people.h - prints who is online.
 */
#pragma once

#include "cli/run.h"

/* One line, or JSON event, for everybody online. Returns how many there are. */
guint kh_people_print (KhRun *run);
