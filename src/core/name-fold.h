/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * name-fold.h - when two names count as the same.
 *
 * The same letters, however they were typed and of whatever case: as the store has it
 * for petnames (store/contacts.h).
 */
#pragma once

#include <glib.h>

char *kh_name_fold (const char *name);
