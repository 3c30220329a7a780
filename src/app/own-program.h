/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * own-program.h - where this program's file is, for what lies beside it.
 */
#pragma once

#include <glib.h>

/* The absolute path, or NULL. Free it. */
char *kh_own_program_path (void);
