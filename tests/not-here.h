/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * not-here.h - tests of what this system does not have: they are told as skipped, and
 * why, so that nobody takes them for passed.
 */
#pragma once

#include <glib.h>

static inline void
skip_because (gconstpointer reason)
{
  g_test_skip (reason);
}

/* Takes the place of the test @path. */
static inline void
add_not_here (const char *path, const char *reason)
{
  g_test_add_data_func (path, reason, skip_because);
}
