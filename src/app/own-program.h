/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * own-program.h - where this program's file is, for what lies beside it.
 */
#pragma once

#include <glib.h>

/* The absolute path, or NULL. Free it. */
char *kh_own_program_path (void);

/* The program @name, which lies beside this one or is in the search path; NULL: there is
 * none. @name has no ending such as ".exe". Free it. */
char *kh_own_program_find (const char *name);

/* Where the texts of this program's translations are. @built: the folder they were to be
 * installed in when it was built; a program that can be installed anywhere, as on
 * Windows, looks beside itself instead. Free it. */
char *kh_own_program_texts (const char *built);
